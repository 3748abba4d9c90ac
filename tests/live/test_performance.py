"""A performance on the floor: the room's vote opens the next scene, and nothing else does."""

import pytest

from live import messages
from live.cues import cue_of
from live.queries import votes_in
from live.record import closed_rounds, path_of
from live.rules import NotAllowed, RoundClosed, StaleCue
from live.tally import TieRule
from scenario_app.kernel.audit import first_broken_row, head_of
from scenario_app.kernel.errors import Invalid
from scenarios.queries import script_of_version
from scenarios.script.parts import Ending
from tests.makers import SHORT_SCRIPT, Floor, make_floor, make_sample_town, make_town


@pytest.fixture
def floor(database, config, clock) -> Floor:
    """A section with the short scenario, and another event beside it with ballots that must never be counted."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    noise.vote(c=9)
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


def scene_of(floor: Floor) -> str:
    return floor.section.current.scene


def cue(floor: Floor) -> dict:
    with floor.town.database.reading() as session:
        return cue_of(session, floor.section_id).as_json()


def test_the_winning_response_opens_the_next_scene(floor):
    round_id = floor.open_round()
    floor.vote(a=2, b=5, c=1)

    floor.act(messages.TakeBranch, round_id=round_id)

    assert scene_of(floor) == "garden"
    assert (
        cue(floor)["path"][0] | {"scene": "landing", "response": "b", "overruled": False}
        == cue(floor)["path"][0]
    )


def test_results_are_nowhere_in_the_cue_before_the_reveal(floor):
    round_id = floor.open_round()
    for seat in floor.sit(None, None, None, None, None, None):
        floor.cast(seat, "b")
    assert cue(floor)["result"] is None

    floor.act(messages.CloseRound, round_id=round_id)
    assert cue(floor)["result"] is None

    floor.act(messages.Reveal, round_id=round_id)
    assert cue(floor)["result"]["votes"] == {"a": 0, "b": 6, "c": 0}


def test_a_second_round_is_kept_beside_the_first_and_never_alters_it(floor):
    first = floor.open_round()
    floor.vote(a=6, b=1)

    second = floor.open_round()
    floor.vote(a=1, b=7)

    result = cue(floor)["result"]
    assert result["votes"] == {"a": 1, "b": 7, "c": 0}
    assert result["previous"]["votes"] == {"a": 6, "b": 1, "c": 0}
    with floor.town.database.reading() as session:
        assert votes_in(session, first, ["a", "b", "c"]) == {"a": 6, "b": 1, "c": 0}
        assert votes_in(session, second, ["a", "b", "c"]) == {"a": 1, "b": 7, "c": 0}


def test_going_on_is_refused_where_a_decision_must_be_made(floor):
    with pytest.raises(NotAllowed):
        floor.act(messages.GoOn)

    assert scene_of(floor) == "landing"


def test_a_scene_without_a_decision_goes_straight_on(floor):
    round_id = floor.open_round()
    floor.vote(a=6)
    floor.act(messages.TakeBranch, round_id=round_id)
    assert scene_of(floor) == "hall"

    floor.act(messages.GoOn)

    assert scene_of(floor) == "garden"


def test_two_desks_at_once_step_once(floor):
    seen = floor.section.cue_seq
    floor.open_round(expects=seen)

    with pytest.raises(StaleCue):
        floor.act(messages.CloseRound, expects=seen, round_id=floor.round_id)

    assert floor.section.current.state == "deciding"


def test_overruling_keeps_the_vote_and_the_reason(floor):
    round_id = floor.open_round()
    floor.vote(a=1, b=6)

    floor.act(messages.Overrule, round_id=round_id, response="c", reason="  The actor must\nsit down. ")

    assert scene_of(floor) == "ending-stairs"
    step = cue(floor)["path"][0]
    assert (step["response"], step["overruled"], step["reason"]) == ("c", True, "The actor must sit down.")
    with floor.town.database.reading() as session:
        event_id = floor.section.event_id
        kept = next(r for r in closed_rounds(session, event_id) if r.id == round_id)
    assert (kept.winner, kept.taken, kept.overruled) == ("b", "c", True)


def test_overruling_without_a_reason_is_refused(floor):
    round_id = floor.open_round()
    floor.vote(a=1, b=6)

    with pytest.raises(Invalid):
        floor.act(messages.Overrule, round_id=round_id, response="c", reason="   ")

    assert scene_of(floor) == "landing"


@pytest.mark.parametrize(
    ("rule", "votes", "winner"),
    [
        (TieRule.FIRST_LISTED, {"b": 3, "c": 3}, "b"),
        (TieRule.AS_IT_HAPPENED, {"a": 3, "b": 3}, "b"),
        (TieRule.JOKER_DECIDES, {"a": 3, "c": 3}, None),
    ],
)
def test_a_tie_falls_as_the_rule_said_before_the_vote(database, config, clock, rule, votes, winner):
    # What happened is not what is listed first, or two rules could not be told apart.
    script = SHORT_SCRIPT.replace("-> hall [as it happened]", "-> hall").replace(
        "- B) The right one -> garden", "- B) The right one -> garden [as it happened]"
    )
    town = make_town(database, config, now=clock(), texts=[script])
    floor = make_floor(town, now=clock(), tie_rule=rule)
    floor.start()
    floor.open_round()
    assert cue(floor)["round"]["tie_rule"] == rule

    floor.vote(**votes)

    assert cue(floor)["result"]["winner"] == winner
    assert cue(floor)["result"]["tied"] is True


def test_a_round_that_nobody_voted_in_opens_nothing_until_the_joker_chooses(floor):
    round_id = floor.open_round()
    floor.vote()

    with pytest.raises(NotAllowed):
        floor.act(messages.TakeBranch, round_id=round_id)
    floor.act(messages.Overrule, round_id=round_id, response="a", reason="Nobody wanted to choose.")

    assert scene_of(floor) == "hall"


def test_a_practice_round_opens_nothing_and_is_marked_in_what_evidence_is_given(floor):
    practice = floor.open_round(practice=True)
    floor.vote(b=6)

    with pytest.raises(NotAllowed):
        floor.act(messages.TakeBranch, round_id=practice)
    floor.open_round()

    assert cue(floor)["round"]["number"] == 1
    with floor.town.database.reading() as session:
        assert [r.practice for r in closed_rounds(session, floor.section.event_id)] == [True]


def test_replaying_from_a_scene_goes_back_on_the_path_and_keeps_every_vote(floor):
    first = floor.open_round()
    floor.vote(a=6)
    floor.act(messages.TakeBranch, round_id=first)
    floor.act(messages.GoOn)
    second = floor.open_round()
    floor.vote(b=6)
    floor.act(messages.TakeBranch, round_id=second)

    floor.act(messages.ReplayFrom, scene="hall")

    assert scene_of(floor) == "hall"
    assert [step["decision"] for step in cue(floor)["path"]] == ["d1"]
    floor.act(messages.GoOn)
    third = floor.open_round()
    assert cue(floor)["round"]["number"] == 2
    floor.vote(a=6)
    floor.act(messages.TakeBranch, round_id=third)
    assert [step["response"] for step in cue(floor)["path"]] == ["a", "a"]
    with floor.town.database.reading() as session:
        assert votes_in(session, second, ["a", "b"]) == {"a": 0, "b": 6}


def test_a_scene_that_was_not_played_cannot_be_replayed(floor):
    with pytest.raises(NotAllowed):
        floor.act(messages.ReplayFrom, scene="garden")


def test_closing_the_same_round_twice_is_told_so(floor):
    round_id = floor.open_round()
    floor.act(messages.CloseRound, round_id=round_id)

    with pytest.raises(RoundClosed):
        floor.act(messages.CloseRound, round_id=round_id)


def test_the_recorded_path_is_the_one_recomputed_from_the_ballots(floor):
    for votes in ({"a": 6, "b": 2}, {"a": 2, "b": 6}):
        while floor.section.current.scene == "hall":
            floor.act(messages.GoOn)
        round_id = floor.open_round()
        floor.vote(**votes)
        floor.act(messages.TakeBranch, round_id=round_id)

    with floor.town.database.reading() as session:
        path = path_of(session, floor.section.current.id)
        for step in path:
            votes = votes_in(session, step.round_id, ["a", "b", "c"])
            assert step.response == max(votes, key=votes.__getitem__)
    assert [step.leads_to for step in path] == ["hall", "ending-tea"]


def test_the_facilitators_notes_are_in_no_cue(floor):
    round_id = floor.open_round()
    floor.vote(c=6)
    floor.act(messages.TakeBranch, round_id=round_id)

    assert "PLANTED-FACILITATOR-NOTE" not in str(cue(floor))


def test_every_act_stands_in_the_events_chain(floor):
    round_id = floor.open_round()
    floor.act(messages.CloseRound, round_id=round_id)

    with floor.town.database.reading() as session:
        head = head_of(session, "event:an-evening")
        assert first_broken_row(session, "event:an-evening") is None
    assert head.rows == 5


def test_once_every_play_is_over_the_cue_holds_what_the_room_can_check_later(floor):
    before = cue(floor)
    round_id = floor.open_round()
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.Reveal, round_id=round_id)
    floor.act(messages.EndPerformance)

    with floor.town.database.reading() as session:
        head = head_of(session, "event:an-evening")
    assert before["record"] is None
    assert cue(floor)["record"] == {"rows": head.rows, "hash": head.hash}


# --- the first playing ----------------------------------------------------------------------------------


def test_the_first_time_a_play_is_played_as_it_happened_without_a_vote(database, config, clock):
    floor = make_floor(make_sample_town(database, config, now=clock()), now=clock())
    floor.start()
    script = script_here(floor)

    played = [floor.section.current.scene]
    while not isinstance(place := script.at(played[-1]), Ending):
        floor.act(messages.GoOn, as_it_happened=place.decision is not None)
        played.append(floor.section.current.scene)

    assert tuple(played) == script.anti_model()
    with database.reading() as session:
        assert path_of(session, floor.section.current.id) == []
    for scene in reversed(played[:-1]):
        floor.act(messages.ReplayFrom, scene=scene, stops=True)
        assert floor.section.current.state == "interventions"


def test_after_the_first_time_a_decision_is_voted_on_or_overruled_with_a_reason(floor):
    floor.act(messages.ReplayFrom, scene=floor.section.current.scene)

    with pytest.raises(NotAllowed):
        floor.act(messages.GoOn, as_it_happened=True)


def script_here(floor):
    with floor.town.database.reading() as session:
        return script_of_version(session, floor.section.current.version_id)
