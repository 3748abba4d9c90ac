"""Hands and interventions in the pack: what was tried in public, and nothing of who raised a hand."""

from live import messages
from tests.evidence.a_room import close, play
from tests.evidence.test_publishing import floor, publish, read
from tests.live.test_stop import say, stop, waiting

__all__ = ["floor"]


def test_what_was_tried_stands_in_the_pack_and_who_raised_a_hand_does_not(floor):
    play(floor)
    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    red, green, blue = floor.sit("police", "carer", "neighbour")
    raised = [stop(floor, seat, 2)["stop"] for seat in (red, green, blue)]
    say(floor, blue, messages.TakeBackStop(stop_id=raised[2], key="down-0001"))
    floor.act(messages.PickStop, stop_id=waiting(floor)[0])
    floor.act(messages.RecordIntervention, stop_id=raised[0], part="Ann")
    floor.act(messages.RecordIntervention, part="Ann", role="carer", tried="=She knocks twice.")
    for number, voices in ((1, 4), (2, 6)):
        floor.act(messages.OpenWeighing, intervention_id=number)
        for seat in floor.sit(*[None] * voices):
            weigh = messages.WeighIntervention(
                intervention_id=number, verdict="magic", key=f"weigh-{number}-{seat.id:04}"
            )
            say(floor, seat, weigh)
        floor.act(messages.CloseWeighing, intervention_id=number)
    close(floor)

    reference = publish(floor).reference

    hands = read(floor, reference, "stops")
    assert [(row["stop"], row["line"], row["state"]) for row in hands] == [
        (str(raised[0]), "2", "done"),
        (str(raised[1]), "2", "waiting"),
    ]
    assert set(hands[0]).isdisjoint({"role", "role_group", "seat", "raised_at"})
    first, second = read(floor, reference, "interventions")
    assert (first["part"], first["role_group"], first["stop"]) == ("Ann", "no_role", str(raised[0]))
    assert [first[said] for said in ("here", "magic", "unsure")] == ["", "", ""]
    assert [second[said] for said in ("here", "magic", "unsure")] == ["0", "6", "0"]
    assert (second["stop"], second["role_group"]) == ("", "carer")
    assert second["tried"].lstrip("'") == "=She knocks twice."
