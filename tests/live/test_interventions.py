"""What was tried on the floor: written down in three taps, added to later, and weighed by the room."""

import pytest

from live import messages
from live.cues import cue_of
from live.rules import NotAllowed
from live.talk.queries import desk_talk, interventions_of
from scenario_app.kernel.errors import Invalid
from tests.live.test_stop import cue, floor, say, states, stop, talk
from tests.makers import Floor

__all__ = ["floor"]


def written(floor: Floor):
    with floor.town.database.reading() as session:
        performances = [each.id for each in floor.section.performances]
        return interventions_of(session, performances)


def asked_in(floor: Floor, role: str | None = "carer", line: int = 2) -> tuple[object, int]:
    [seat] = floor.sit(role)
    raised = stop(floor, seat, line)["stop"]
    floor.act(messages.PickStop, stop_id=raised)
    return seat, raised


def recorded(floor: Floor, **fields) -> int:
    floor.act(messages.RecordIntervention, **{"part": "Ann", **fields})
    return written(floor)[-1].id


def weigh(floor: Floor, seat, intervention: int, verdict: str):
    return say(
        floor,
        seat,
        messages.WeighIntervention(intervention_id=intervention, verdict=verdict, key=f"weigh-{seat.id:04}"),
    )


# --- the record -----------------------------------------------------------------------------------------


def test_a_part_is_all_that_a_record_takes_and_the_hand_gives_its_place_and_never_its_role(floor):
    seat, raised = asked_in(floor)

    recorded(floor, stop_id=raised)

    [found] = written(floor)
    assert cue(floor).intervention.role == ""
    assert (found.part, found.role, found.scene, found.line, found.text) == (
        "Ann",
        None,
        "landing",
        2,
        "Hello?",
    )
    assert states(floor, seat) == []
    assert cue(floor).stop is None


def test_pressing_save_twice_writes_one_intervention(floor):
    _seat, raised = asked_in(floor)

    first = recorded(floor, stop_id=raised)
    second = recorded(floor, stop_id=raised, role="police")

    assert (first, len(written(floor))) == (second, 1)
    assert written(floor)[0].role == "police"


def test_more_of_it_is_added_later_and_what_is_left_out_stays(floor):
    _seat, raised = asked_in(floor)
    intervention = recorded(floor, stop_id=raised)
    floor.act(messages.EndPerformance)

    floor.act(messages.RecordIntervention, intervention_id=intervention, tried="She sat down first.")
    floor.act(
        messages.RecordIntervention,
        intervention_id=intervention,
        happened="He sat down too.",
        possible_here="unsure",
        would_have_to_change="A second chair",
        role="no_role",
    )
    floor.act(messages.RecordIntervention, intervention_id=intervention, happened=" ")

    [found] = written(floor)
    assert (found.part, found.tried, found.happened) == ("Ann", "She sat down first.", "")
    assert (found.possible_here, found.would_have_to_change, found.role) == ("unsure", "A second chair", None)


def test_an_intervention_without_a_hand_is_written_down_too_and_never_without_its_part(floor):
    recorded(floor, role="police")

    assert (written(floor)[0].stop_id, written(floor)[0].scene) == (None, "landing")
    with pytest.raises(Invalid):
        floor.act(messages.RecordIntervention, part=" ")
    with pytest.raises(Invalid):
        floor.act(messages.RecordIntervention, tried="something")
    assert len(written(floor)) == 1


def test_a_hand_that_was_taken_back_or_is_of_another_room_makes_no_record(floor):
    _seat, raised = asked_in(floor)
    floor.act(messages.PassStop, stop_id=raised)

    for stop_id in (raised, 1):
        with pytest.raises(NotAllowed):
            floor.act(messages.RecordIntervention, stop_id=stop_id, part="Ann")
    with pytest.raises(NotAllowed):
        floor.act(messages.RecordIntervention, intervention_id=999, tried="x")
    assert written(floor) == []


def test_the_cue_holds_the_latest_of_the_running_attempt(floor):
    recorded(floor)
    floor.act(messages.RecordIntervention, part="Ann", role="carer")
    latest = written(floor)[-1].id

    assert (cue(floor).intervention.id, cue(floor).intervention.role) == (latest, "carer")

    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    assert cue(floor).intervention is None


# --- here, or magic -------------------------------------------------------------------------------------


def test_each_seat_has_one_answer_that_it_can_change_while_the_room_is_asked(floor):
    intervention = recorded(floor)
    seats = floor.sit(*[None] * 6)
    with pytest.raises(NotAllowed):
        weigh(floor, seats[0], intervention, "here")
    floor.act(messages.OpenWeighing, intervention_id=intervention)
    assert (cue(floor).intervention.weighing, cue(floor).screen) == ("open", "intervention")

    for seat in seats:
        weigh(floor, seat, intervention, "magic")
    weigh(floor, seats[0], intervention, "here")

    assert talk(floor, seats[0]).verdicts == {intervention: "here"}
    assert cue(floor).intervention.verdicts is None  # nothing before the asking is over
    floor.act(messages.CloseWeighing, intervention_id=intervention)
    assert cue(floor).intervention.verdicts == {"here": 1, "magic": 5, "unsure": 0}
    with pytest.raises(NotAllowed):
        weigh(floor, seats[0], intervention, "unsure")
    with pytest.raises(NotAllowed):
        floor.act(messages.OpenWeighing, intervention_id=intervention)


def test_below_five_answers_no_count_is_shown(floor):
    intervention = recorded(floor)
    floor.act(messages.OpenWeighing, intervention_id=intervention)
    for seat in floor.sit(*[None] * 4):
        weigh(floor, seat, intervention, "magic")

    floor.act(messages.CloseWeighing, intervention_id=intervention)

    assert (cue(floor).intervention.weighing, cue(floor).intervention.verdicts) == ("closed", None)


def test_one_question_at_a_time_and_none_during_a_vote(floor):
    first, second = recorded(floor), recorded(floor, role="police")
    floor.act(messages.OpenWeighing, intervention_id=first)

    with pytest.raises(NotAllowed):
        floor.act(messages.OpenWeighing, intervention_id=second)
    assert cue(floor).intervention.id == first  # the room looks at what it is asked about
    floor.act(messages.CloseWeighing, intervention_id=first)
    floor.open_round()
    with pytest.raises(NotAllowed):
        floor.act(messages.OpenWeighing, intervention_id=second)


def test_a_phone_of_another_room_has_no_say(floor, clock):
    from tests.makers import make_floor

    noise = make_floor(floor.town, now=clock(), slug="a-third-evening")
    noise.start()
    [stranger] = noise.sit(None)
    intervention = recorded(floor)
    floor.act(messages.OpenWeighing, intervention_id=intervention)

    with pytest.raises(NotAllowed):
        weigh(noise, stranger, intervention, "here")

    assert sum(written(floor)[0].verdicts.values()) == 0


def test_a_desk_sees_who_was_in_and_is_not_written_down_yet(floor):
    _seat, first = asked_in(floor)
    _other, second = asked_in(floor, "police", 1)

    with floor.town.database.reading() as session:
        desk = desk_talk(session, floor.section_id)
        assert cue_of(session, floor.section_id).stop.id == second
    assert ([each.id for each in desk.unwritten], desk.asked_in.id) == ([first], second)
    recorded(floor, stop_id=first)
    with floor.town.database.reading() as session:
        assert desk_talk(session, floor.section_id).unwritten == []
