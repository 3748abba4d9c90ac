"""Who may say what on the floor: every message stands here with the right it takes; one without a row is red."""

from dataclasses import MISSING, fields

import pytest

from live import messages
from live.models import EventFacilitator
from live.rules import NotAllowed, Right, StaleCue
from live.sockets import AudienceNamespace, DeskNamespace, ScreenNamespace
from live.voting import SeatHolder
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_account
from scenario_app.kernel.errors import DomainError
from tests.application import make_app
from tests.makers import make_floor, make_town

DESK = {
    "start_performance": "run",
    "go_on": "run",
    "replay_from": "run",
    "end_performance": "run",
    "note_improvised": "note",
    "set_door": "run",
    "set_heads": "count",
    "show_on_screen": "run",
    "undo": "run",
    "open_round": "run",
    "close_round": "run",
    "enter_hand_count": "count",
    "reveal": "run",
    "take_branch": "run",
    "overrule": "run",
    "leave_question": "run",
    "decide_text": "moderate",
    "add_floor_response": "run",
    "raise_stop": "run",
    "pick_stop": "run",
    "pass_stop": "run",
    "record_intervention": "note",
    "open_weighing": "run",
    "close_weighing": "run",
    "answer_minute": "note",
    "make_proposal": "note",
    "note_answer": "note",
    "amend_proposal": "note",
    "withdraw_proposal": "run",
    "record_commitment": "note",
}
# What a seat may say of its own section; everybody else may say none of it.
PHONE = {
    "cast",
    "stop",
    "take_back_stop",
    "give_reason",
    "suggest_response",
    "weigh_intervention",
    "offer_words",
    "need_minute",
    "minute_over",
}
HELPERS = {f"only {right}": right.value for right in Right}
EVERY_RIGHT = {"owner", "leads"}
NOBODY = {"of another event", "moderator", "commissioner", "steward"}


FILLING = {
    "int": 999,
    "bool": False,
    "str": "something",
    "collections.abc.Mapping[str, int]": {"a": 1},
}


def said_on(namespace: type) -> set[str]:
    return {name for name in dir(namespace) if hasattr(getattr(namespace, name), "taker")}


def filled(kind: type[messages.DeskAction], **given: object) -> messages.DeskAction:
    """Return a message with something in every field that it must have."""
    values: dict[str, object] = {}
    for field in fields(kind):
        if field.name in given:
            values[field.name] = given[field.name]
        elif field.default is MISSING:
            values[field.name] = FILLING[str(field.type).removeprefix("<class '").removesuffix("'>")]
    return kind(**values)


@pytest.fixture
def floor(database, config, clock):
    town = make_town(database, config, now=clock())
    return make_floor(town, now=clock(), slug="an-evening")


@pytest.fixture
def callers(floor, clock):
    """Every kind of caller by name: accounts of the town, and a helper with each right alone."""
    found = {
        "owner": floor.town.account("olu"),
        "leads": floor.town.account("fay"),
        "moderator": floor.town.account("mo"),
        "commissioner": floor.town.account("cleo"),
        "steward": floor.town.account("stella"),
    }
    with floor.town.database.transaction() as session:
        for number, (name, right) in enumerate([*HELPERS.items(), ("of another event", None)]):
            account = add_account(
                session,
                email=f"helper{number}@eastmere.example",
                name=name,
                duties=[Duty.FACILITATOR],
                now=clock(),
            )
            found[name] = account
            if right is not None:
                session.add(
                    EventFacilitator(
                        event_id=floor.section.event_id, account_id=account.id, leads=False, rights=[right]
                    )
                )
    return found


def test_every_message_has_a_row_and_is_said_where_it_belongs():
    assert said_on(DeskNamespace) == set(DESK)
    assert said_on(AudienceNamespace) == PHONE
    assert said_on(ScreenNamespace) == set()
    assert {action.name: action.right.value for action in messages.DESK_ACTIONS} == DESK


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_desk_does_what_it_has_the_right_to_and_nothing_else(floor, callers, clock):
    room = make_app(floor.town.config, floor.town.database, clock).extensions["live"]
    seq = floor.section.cue_seq
    try:
        for action in messages.DESK_ACTIONS:
            for name, account in callers.items():
                may = name in EVERY_RIGHT or HELPERS.get(name) == DESK[action.name]
                # A cue that never was: whoever may say it is told so, whoever may not is told that.
                said = filled(action, expects=seq + 7)
                try:
                    room.act(section_id=floor.section_id, action=said, account_id=account.id)
                    refusal = None
                except DomainError as problem:
                    refusal = problem
                without_right = isinstance(refusal, NotAllowed) and not refusal.details
                assert without_right is not may, (action.name, name, refusal)
    finally:
        room.leave(0)
    assert floor.section.cue_seq == seq


def test_who_uses_a_phones_words_has_the_right_to_moderate_them_as_well(floor, callers, clock):
    room = make_app(floor.town.config, floor.town.database, clock).extensions["live"]
    with floor.town.database.transaction() as session:
        both = add_account(
            session,
            email="both@eastmere.example",
            name="notes and moderates",
            duties=[Duty.FACILITATOR],
            now=clock(),
        )
        session.add(
            EventFacilitator(
                event_id=floor.section.event_id,
                account_id=both.id,
                leads=False,
                rights=[Right.NOTE, Right.MODERATE],
            )
        )
    seq = floor.section.cue_seq
    may = set()
    try:
        for action in (messages.MakeProposal, messages.NoteAnswer, messages.AmendProposal):
            for name, account in {**callers, "both": both}.items():
                said = filled(action, expects=seq + 7, text_id=999)
                try:
                    room.act(section_id=floor.section_id, action=said, account_id=account.id)
                except StaleCue:
                    may.add((action.name, name))
                except NotAllowed:
                    pass
    finally:
        room.leave(0)

    assert may == {
        (action, name)
        for action in ("make_proposal", "note_answer", "amend_proposal")
        for name in (*EVERY_RIGHT, "both")
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_seat_says_nothing_about_what_another_section_plays(floor, clock):
    from live.hearing import HEARD, hear

    floor.start()
    floor.act(messages.MakeProposal, wording="A quiet room")
    other = make_floor(floor.town, now=clock(), slug="another-evening")
    other.start()
    other.open_round()
    (seat,) = other.sit(None)
    holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
    # The first rows of each table are those of the first section.
    about_the_other = {
        "take_back_stop": {"stop_id": 1},
        "weigh_intervention": {"intervention_id": 1, "verdict": "here"},
        "offer_words": {"kind": "amendment", "proposal_id": 1, "text": "Other words"},
        "give_reason": {"round_id": 1, "text": "Because"},
    }
    for kind in HEARD:
        if kind.name not in about_the_other:
            continue
        message = kind(key="key-00000001", **about_the_other[kind.name])
        with pytest.raises(DomainError), floor.town.database.transaction() as session:
            hear(session, seat=holder, message=message, now=clock())
