"""Nothing that is shown may narrow a hidden cell to fewer than 3 possible values."""

import random
import time
from itertools import pairwise

import pytest

from live.disclosure import NO_ROLE, OTHER_ROLES, Breakdown, RoleGroup, protect, room_votes, rounded
from live.disclosure_audit import CellKnowledge, gives_too_much_away
from live.disclosure_audit import possible_values as publishers_values
from tests.live import broken_publishers
from tests.live.exact_solver import possible_values, replayed
from tests.live.random_rooms import Found, read, rooms

THRESHOLD = 8


def cells(shown: Breakdown | None) -> dict[str, dict[str, int | None]]:
    assert shown is not None
    return {group.key: dict(group.votes) for group in shown.groups}


# --- the rules, one by one ------------------------------------------------------------------------------


def test_zero_stays_zero_small_numbers_are_hidden_and_the_rest_is_rounded():
    votes = {
        "carer": {"a": 21, "b": 0, "c": 13},
        "nurse": {"a": 4, "b": 12, "c": 11},
    }

    shown = protect(votes, threshold=THRESHOLD)

    assert cells(shown) == {
        "carer": {"a": 20, "b": 0, "c": 15},
        "nurse": {"a": None, "b": 10, "c": 10},
    }


def test_sums_are_rounded_on_their_own():
    votes = {"carer": {"a": 12, "b": 12}, "nurse": {"a": 22, "b": 22}}

    shown = protect(votes, threshold=THRESHOLD)

    assert shown is not None
    assert [(group.key, group.ballots, sum(group.votes.values())) for group in shown.groups] == [
        ("carer", 25, 20),
        ("nurse", 45, 40),
    ]


def test_small_roles_are_counted_together():
    votes = {
        "carer": {"a": 20, "b": 15},
        "officer": {"a": 3, "b": 4},
        "nurse": {"a": 5, "b": 2},
        None: {"a": 4, "b": 3},
    }

    shown = protect(votes, threshold=THRESHOLD)

    assert cells(shown) == {"carer": {"a": 20, "b": 15}, OTHER_ROLES: {"a": 10, "b": 10}}


def test_other_roles_that_are_still_too_small_take_in_the_smallest_role():
    votes = {
        "carer": {"a": 20, "b": 15},
        "nurse": {"a": 9, "b": 9},
        "officer": {"a": 1, "b": 1},
    }

    shown = protect(votes, threshold=THRESHOLD)

    assert cells(shown) == {"carer": {"a": 20, "b": 15}, OTHER_ROLES: {"a": 10, "b": 10}}


def test_a_role_that_all_chose_the_same_is_not_shown_alone():
    votes = {
        "carer": {"a": 20, "b": 15},
        "nurse": {"a": 18, "b": 16},
        "officer": {"a": 0, "b": 25},
        "student": {"a": 5, "b": 4},
    }

    shown = protect(votes, threshold=THRESHOLD)

    assert shown is not None
    assert "officer" not in shown.roles


def test_a_lone_figure_beside_a_withheld_response_is_not_shown_either():
    """It would tell that somebody of that role chose the rare response."""
    votes = {
        "carer": {"a": 20, "b": 15, "c": 0},
        "nurse": {"a": 18, "b": 16, "c": 0},
        "officer": {"a": 0, "b": 25, "c": 3},
    }

    shown = protect(votes, threshold=THRESHOLD)

    assert shown is None or "officer" not in shown.roles


def test_people_without_a_role_stand_as_a_group_of_their_own():
    votes = {"carer": {"a": 20, "b": 15}, None: {"a": 18, "b": 16}}

    shown = protect(votes, threshold=THRESHOLD)

    assert set(cells(shown)) == {"carer", NO_ROLE}


def test_a_response_too_rare_in_the_room_is_withheld_for_every_group():
    votes = {"carer": {"a": 20, "b": 15, "c": 1}, "nurse": {"a": 18, "b": 16, "c": 0}}

    shown = protect(votes, threshold=THRESHOLD)

    assert all("c" not in row for row in cells(shown).values())


def test_a_response_is_broken_down_from_the_threshold_on():
    seven = {"carer": {"a": 20, "b": 15, "c": 4}, "nurse": {"a": 18, "b": 16, "c": 3}}
    eight = {"carer": {"a": 20, "b": 15, "c": 4}, "nurse": {"a": 18, "b": 16, "c": 4}}

    assert all("c" not in row for row in cells(protect(seven, threshold=THRESHOLD)).values())
    assert all("c" in row for row in cells(protect(eight, threshold=THRESHOLD)).values())


def test_two_groups_at_least_or_no_breakdown():
    assert protect({"carer": {"a": 20, "b": 15}}, threshold=THRESHOLD) is None
    assert protect({"carer": {"a": 3, "b": 4}, "nurse": {"a": 2, "b": 1}}, threshold=THRESHOLD) is None
    assert protect({}, threshold=THRESHOLD) is None


def test_a_small_cell_that_sums_would_give_away_makes_its_role_join_the_others():
    """15 carers, 13 to 17 of them for b: one or two for a, whoever can add up."""
    votes = {
        "carer": {"a": 2, "b": 13},
        "nurse": {"a": 20, "b": 15},
        "officer": {"a": 14, "b": 17},
    }

    shown = protect(votes, threshold=THRESHOLD)

    assert shown is not None
    assert "carer" not in shown.roles


def test_rows_come_by_name_and_never_by_size():
    votes = {"nurse": {"a": 21, "b": 15}, None: {"a": 20, "b": 20}, "carer": {"a": 20, "b": 15}}

    shown = protect(votes, threshold=THRESHOLD)

    assert list(cells(shown)) == ["carer", "nurse", NO_ROLE]


def test_the_order_in_which_roles_come_changes_nothing():
    for room in rooms(60, seed=5):
        shuffled = dict(random.Random(1).sample(list(room.first.items()), len(room.first)))

        assert protect(room.first, threshold=THRESHOLD) == protect(shuffled, threshold=THRESHOLD)


def test_a_later_round_only_ever_joins_the_groups_of_the_earlier_one():
    joined = 0
    for room in rooms(300, seed=6):
        before = protect(room.first, threshold=THRESHOLD)
        after = protect(room.second, threshold=THRESHOLD, before=before)
        if before and after:
            assert after.roles <= before.roles
            joined += after.roles < before.roles

    assert joined > 5


def test_a_role_hidden_in_round_1_stays_with_the_others_in_round_2():
    first = {
        "carer": {"a": 20, "b": 15},
        "nurse": {"a": 18, "b": 16},
        "officer": {"a": 4, "b": 5},
        None: {"a": 1, "b": 1},
    }
    second = {**first, "officer": {"a": 30, "b": 30}}

    before = protect(first, threshold=THRESHOLD)
    after = protect(second, threshold=THRESHOLD, before=before)

    assert "officer" not in before.roles
    assert "officer" not in after.roles
    assert "officer" in protect(second, threshold=THRESHOLD).roles


def test_shares_come_from_rounded_figures():
    group = RoleGroup("carer", {"a": 10, "b": None}, ballots=25)

    assert group.share_of("a") == 0.4
    assert group.share_of("b") is None


def test_below_five_ballots_only_the_winner_is_shown():
    assert room_votes({"a": 4, "b": 0}) is None
    assert room_votes({"a": 4, "b": 1}) == {"a": 4, "b": 1}


def test_rounding_never_makes_a_cell_larger_than_its_sum():
    for small, large in pairwise(range(500)):
        assert rounded(small) <= rounded(large)
        assert abs(rounded(small) - small) <= 2


def test_a_higher_threshold_hides_more():
    votes = {"carer": {"a": 9, "b": 21}, "nurse": {"a": 20, "b": 15}}

    assert cells(protect(votes, threshold=8))["carer"]["a"] == 10
    assert cells(protect(votes, threshold=12))["carer"]["a"] is None


def test_a_threshold_that_protects_nobody_is_refused():
    with pytest.raises(ValueError, match="protects nobody"):
        protect({"carer": {"a": 1}}, threshold=2)


def test_roles_with_different_responses_are_refused():
    with pytest.raises(ValueError, match="same responses"):
        protect({"carer": {"a": 1}, "nurse": {"b": 1}}, threshold=THRESHOLD)


def test_what_was_shown_is_read_back_whole():
    for room in rooms(30, seed=8):
        shown = protect(room.first, threshold=THRESHOLD)
        if shown:
            assert Breakdown.from_rows(shown.rows()) == shown


def test_what_was_never_shown_is_not_read():
    for row in ("carer", {"group": "carer"}, {"group": "carer", "ballots": 10, "votes": [1]}):
        with pytest.raises(ValueError, match="not a row"):
            Breakdown.from_rows([row])


# --- the promise ----------------------------------------------------------------------------------------


def test_no_hidden_cell_of_two_thousand_random_rooms_can_be_narrowed():
    """Two rounds each: 4,000 tables here; 40,000 in `python -m bench.disclosure`."""
    found = Found()
    broken_down = 0
    for room in rooms(2000, seed=20):
        before = protect(room.first, threshold=THRESHOLD)
        after = protect(room.second, threshold=THRESHOLD, before=before)
        broken_down += bool(before)
        found += read(room.first, before, threshold=THRESHOLD)
        found += read(room.second, after, threshold=THRESHOLD)

    assert found.narrowed == 0
    assert found.protected > 10_000
    assert broken_down > 1_000


@pytest.mark.parametrize(
    ("first", "second", "roles", "threshold"),
    [
        ({"a": 9, "b": 8}, {"a": 8, "b": 9}, ("carer", "nurse"), 5),
        ({"a": 13, "b": 12}, {"a": 6, "b": 19}, ("carer", "nurse"), 5),
        ({"a": 7, "b": 5, "c": 6}, {"a": 3, "b": 6, "c": 9}, ("carer", "nurse"), 5),
        ({"a": 8, "b": 7}, {"a": 9, "b": 6}, ("carer", "nurse", "officer"), 5),
        ({"a": 16, "b": 15}, {"a": 14, "b": 18}, ("carer", "nurse"), 8),
    ],
)
def test_a_reader_who_can_replay_the_rules_over_both_rounds_learns_no_more(first, second, roles, threshold):
    def publish(table, before):
        return protect(table, threshold=threshold, before=before)

    hidden = list(replayed(first, second, roles=roles, publish=publish))

    assert len(hidden) > 10
    for number, response, values in hidden:
        in_room = (first, second)[number - 1][response]
        needed = 3 if in_room >= threshold else min(3, in_room + 1)
        assert len(values) >= needed


@pytest.mark.parametrize("publish", broken_publishers.ALL, ids=lambda publish: publish.__name__)
def test_a_broken_publisher_is_caught(publish):
    found = Found()
    for room in rooms(150, seed=21):
        found += publish(room.first)

    assert found.protected > 0
    assert found.narrowed > 0.01 * found.protected


# --- the publisher's own audit --------------------------------------------------------------------------


def test_the_audit_and_the_solver_agree_on_every_cell():
    dice = random.Random(3)
    for _ in range(200):
        height, width = dice.randint(2, 5), dice.randint(2, 5)
        counts = [[dice.choice((0, 0, 1, 3, 7, 9, 20)) for _ in range(width)] for _ in range(height)]
        between = [[(max(0, n - dice.randint(0, 4)), n + dice.randint(0, 4)) for n in row] for row in counts]
        known = [[CellKnowledge(low, high) for low, high in row] for row in between]

        exact = possible_values(counts, between)

        for (row, column), values in exact.items():
            assert publishers_values(counts, known, row=row, column=column, enough=99) == values


def test_the_audit_asks_only_for_cells_that_need_something():
    fixed = CellKnowledge(3, 3)

    assert not gives_too_much_away([[3, 3], [3, 3]], [[fixed, fixed], [fixed, fixed]])
    assert gives_too_much_away([[3, 3], [3, 3]], [[CellKnowledge(3, 3, needs=2), fixed], [fixed, fixed]])


def test_the_largest_room_is_protected_while_people_wait():
    """9 roles, 6 responses, two rounds: a twentieth of a second on a quiet machine, bounded whatever the votes."""
    dice = random.Random(9)
    slowest = 0.0
    for spread in ((6, 7), (1, 7), (0, 9), (1, 30), (7, 13)):
        for _ in range(4):
            votes = {f"role{i}": {key: dice.randint(*spread) for key in "abcdef"} for i in range(9)}
            started = time.process_time()
            before = protect(votes, threshold=THRESHOLD)
            protect(votes, threshold=THRESHOLD, before=before)
            slowest = max(slowest, time.process_time() - started)

    assert slowest < 0.5
