"""The count of one round, and who has won it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.tally import Tally, TieRule, shift, tally, winner, with_hands

counts = st.lists(st.integers(0, 12), min_size=2, max_size=6).map(
    lambda votes: Tally(dict(zip("abcdef", votes, strict=False)), seats=sum(votes) + 3)
)


def test_what_nobody_chose_counts_zero_and_the_order_is_the_scripts():
    counted = tally({"c": 2}, responses=["b", "a", "c"], seats=5)

    assert list(counted.votes.items()) == [("b", 0), ("a", 0), ("c", 2)]


def test_a_ballot_for_what_was_not_offered_is_a_bug_that_shows():
    with pytest.raises(ValueError, match="did not offer"):
        tally({"z": 1}, responses=["a", "b"], seats=5)


def test_turnout_is_ballots_over_seats_and_unknown_without_seats():
    assert Tally({"a": 3, "b": 1}, seats=8).turnout == 0.5
    assert Tally({"a": 0, "b": 0}, seats=0).turnout is None


def test_without_a_ballot_nobody_wins():
    for rule in TieRule:
        assert winner(Tally({"a": 0, "b": 0}, seats=9), rule, as_it_happened="a") is None


@given(counts, st.sampled_from(TieRule), st.sampled_from("abcdef"))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_winner_always_has_the_most_votes_and_says_whether_a_rule_was_needed(counted, rule, happened):
    found = winner(counted, rule, as_it_happened=happened)

    if found is None:
        assert counted.ballots == 0 or (rule is TieRule.JOKER_DECIDES and len(counted.leaders) > 1)
    else:
        assert counted.votes[found.response] == found.votes == max(counted.votes.values())
        assert found.tie_rule is (rule if len(counted.leaders) > 1 else None)


def test_a_tie_goes_to_the_first_listed():
    assert winner(Tally({"b": 2, "a": 2}, seats=9), TieRule.FIRST_LISTED).response == "b"


def test_a_tie_goes_to_what_happened_when_that_is_among_the_tied():
    tied = Tally({"a": 2, "b": 2, "c": 1}, seats=9)

    assert winner(tied, TieRule.AS_IT_HAPPENED, as_it_happened="b").response == "b"
    assert winner(tied, TieRule.AS_IT_HAPPENED, as_it_happened="c").response == "a"
    assert winner(tied, TieRule.AS_IT_HAPPENED).response == "a"


def test_hands_decide_together_with_phones():
    phones = Tally({"a": 5, "b": 6}, seats=12)

    together = with_hands(phones, {"a": 3})

    assert winner(together, TieRule.FIRST_LISTED).response == "a"
    assert (together.ballots, together.seats) == (14, 15)
    assert phones.votes == {"a": 5, "b": 6}


@given(counts, counts)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_shift_leads_from_one_round_to_the_other(before, after):
    moved = shift(before, after)

    for response, change in moved.items():
        assert before.votes.get(response, 0) + change == after.votes.get(response, 0)
