"""One tap takes back what a desk did last, unless phones were told or the hall has seen it."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text

from live import messages
from live.assembly.queries import commitments_of
from live.cues import cue_of
from live.models import Undoable
from live.rules import NotAllowed, Right
from live.undoing import NothingToUndo, last_undoable
from scenario_app.kernel import audit
from tests.makers import make_floor, make_town

ALL = frozenset(Right)
LEFT = {"audit_entry", "undoable", "alembic_version"}


@pytest.fixture
def floor(database, config, clock):
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    floor = make_floor(town, now=clock())
    floor.act(messages.SetDoor, open=True)
    return floor


def everything(floor):
    """Every row of every table, but the cue's number and what is meant to stay."""
    with floor.town.database.reading() as session:
        tables = sorted(set(inspect(session.connection()).get_table_names()) - LEFT)
        rows = {name: session.execute(text(f"SELECT * FROM {name}")).mappings().all() for name in tables}
    return {
        name: sorted(
            str(sorted((key, value) for key, value in row.items() if key not in ("cue_seq", "talk_seq")))
            for row in found
        )
        for name, found in rows.items()
    }


def quickly(floor, action, **fields):
    """Do an action without a minute going by."""
    floor.now -= timedelta(minutes=1)
    return floor.act(action, **fields)


def undo(floor):
    return quickly(floor, messages.Undo)


def offered(floor):
    with floor.town.database.reading() as session:
        section = floor.section
        return last_undoable(session, section_id=section.id, seq=section.cue_seq, held=ALL, now=floor.now)


def start(floor):
    quickly(floor, messages.StartPerformance, performance_id=floor.section.performances[0].id)


def vote_and_close(floor):
    floor.open_round()
    for seat in floor.sit(None, None):
        floor.cast(seat, "b")
    quickly(floor, messages.CloseRound, round_id=floor.round_id)


def test_each_action_that_was_seen_by_nobody_is_taken_back_to_the_last_row(floor):
    due = (floor.now + timedelta(days=9)).date()
    actions = [
        (messages.SetHeads, {"heads": 40}),
        (messages.SetDoor, {"open": False}),
        (messages.StartPerformance, {"performance_id": floor.section.performances[0].id}),
        (messages.OpenRound, {}),
    ]
    for action, fields in actions:
        before = everything(floor)
        quickly(floor, action, **fields)
        assert everything(floor) != before, action.name

        undo(floor)

        assert everything(floor) == before, action.name
        if action is not messages.SetDoor:
            quickly(floor, action, **fields)
    vote_close_and_reveal = floor.round_id
    for seat in floor.sit(*[None] * 6):
        floor.cast(seat, "b")
    quickly(floor, messages.CloseRound, round_id=vote_close_and_reveal)
    quickly(floor, messages.Reveal, round_id=vote_close_and_reveal)
    for action, fields in [
        (messages.ShowOnScreen, {"what": "roles"}),
        (messages.MakeProposal, {"wording": "A quiet room"}),
        (messages.RecordCommitment, {"promised": True, "what": "A room", "owner": "Cleo", "due": due}),
        (messages.Overrule, {"round_id": vote_close_and_reveal, "response": "a", "reason": "We know it"}),
        (messages.ReplayFrom, {"scene": floor.section.current.scene, "stops": True}),
        (messages.EndPerformance, {}),
    ]:
        before = everything(floor)
        quickly(floor, action, **fields)
        assert everything(floor) != before, action.name

        undo(floor)

        assert everything(floor) == before, action.name
        if action is not messages.Overrule:
            quickly(floor, action, **fields)


def test_several_actions_are_taken_back_one_after_the_other(floor):
    start(floor)
    before = everything(floor)
    quickly(floor, messages.SetHeads, heads=12)
    middle = everything(floor)
    quickly(floor, messages.OpenRound)

    undo(floor)
    assert everything(floor) == middle
    undo(floor)
    assert everything(floor) == before


@pytest.mark.parametrize("irrevocable", ["close", "reveal"])
def test_what_phones_were_told_and_the_hall_has_seen_cannot_be_taken_back(floor, irrevocable):
    start(floor)
    vote_and_close(floor)
    if irrevocable == "reveal":
        quickly(floor, messages.Reveal, round_id=floor.round_id)
    before = everything(floor)

    with pytest.raises(NothingToUndo):
        undo(floor)

    assert offered(floor) is None
    assert everything(floor) == before


def test_a_round_that_somebody_has_voted_in_stays_open(floor):
    start(floor)
    quickly(floor, messages.OpenRound)
    (seat,) = floor.sit(None)
    floor.cast(seat, "b")

    with pytest.raises(NothingToUndo):
        undo(floor)

    with floor.town.database.reading() as session:
        assert cue_of(session, floor.section_id).round.state == "open"


def test_after_a_minute_it_stays_done(floor):
    quickly(floor, messages.SetHeads, heads=12)
    assert offered(floor) == "set_heads"
    floor.now += timedelta(seconds=61)

    assert offered(floor) is None
    with pytest.raises(NothingToUndo):
        undo(floor)


def test_what_an_older_version_kept_is_taken_back_by_who_may_do_everything(floor):
    quickly(floor, messages.SetHeads, heads=12)
    with floor.town.database.transaction() as session:
        kept = session.scalars(select(Undoable).where(Undoable.section_id == floor.section_id)).all()
        for each in kept:
            each.before = {name: value for name, value in each.before.items() if name != "rights"}
        section = floor.section
        some = frozenset(Right) - {Right.MODERATE}
        seen = {"section_id": section.id, "seq": section.cue_seq, "now": floor.now}
        assert last_undoable(session, held=some, **seen) is None

    assert offered(floor) == "set_heads"
    undo(floor)


def test_a_desk_that_looked_before_another_one_acted_takes_nothing_back(floor):
    seen = floor.section.cue_seq
    quickly(floor, messages.SetHeads, heads=12)

    with pytest.raises(Exception, match="stale_cue"):
        quickly(floor, messages.Undo, expects=seen)

    assert offered(floor) == "set_heads"


def test_nothing_is_unsaid_in_the_audit(floor):
    quickly(floor, messages.SetHeads, heads=12)
    undo(floor)

    with floor.town.database.reading() as session:
        counted = audit.acts_of(session, "event:an-evening", action="heads_counted")
        taken_back = audit.acts_of(session, "event:an-evening", action="taken_back")
    assert (len(counted), len(taken_back)) == (1, 1)


def test_a_promise_that_was_put_right_is_as_it_was_before(floor):
    due = (floor.now + timedelta(days=9)).date()
    quickly(floor, messages.RecordCommitment, promised=True, what="A room", owner="Cleo", due=due)
    with floor.town.database.reading() as session:
        (promise,) = commitments_of(session, floor.section_id)
    quickly(
        floor,
        messages.RecordCommitment,
        commitment_id=promise.id,
        promised=False,
        what="A room",
        why="No money",
    )

    undo(floor)

    with floor.town.database.reading() as session:
        assert commitments_of(session, floor.section_id) == [promise]


def test_only_who_runs_the_event_takes_back():
    assert messages.Undo.right == "run"
    assert NothingToUndo.status == NotAllowed.status


def test_the_number_of_a_round_that_was_taken_back_is_never_given_to_another(floor):
    start(floor)
    first = floor.open_round()
    floor.now -= timedelta(minutes=1)
    floor.act(messages.Undo)
    (seat,) = floor.sit(None)

    second = floor.open_round()

    assert second != first
    late = floor.cast(seat, "b", round_id=first)
    assert late.code == "unknown_round"
