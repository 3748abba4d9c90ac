"""Reasons and suggestions: said by a phone, decided about at a desk, exactly those words and no others."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live import messages
from live.models import Ballot, Performance, Round, Seat
from live.moment import Moment, Speaker, note, note_of, place_of, running, script_of_performance
from live.rules import About, KeyReused, NotAllowed, UnknownResponse, UnknownRound, digest_of, role_from
from live.talk.models import FloorResponse, FloorText, MergedSuggestion
from live.talk.said import REASON, SUGGESTION
from scenario_app.kernel.errors import Invalid
from scenario_app.kernel.typed import one_line
from scenarios.script.parts import Decision, Scene

# Nobody fills the desk alone: this many suggestions of one phone wait at once.
MOST_WAITING: Final = 3
MOST_ADDED: Final = 6


# --- a phone --------------------------------------------------------------------------------------------


def _give_reason(by: Speaker, message: messages.GiveReason) -> Mapping[str, object]:
    round_ = by.session.get(Round, message.round_id)
    performance = by.session.get(Performance, round_.performance_id) if round_ else None
    if round_ is None or performance is None or performance.section_id != by.section.id:
        raise UnknownRound
    if round_.about != About.DECISION or round_.practice:
        raise NotAllowed(state="not_a_decision")
    if by.session.get(Ballot, (round_.id, by.seat_id)) is None:
        raise NotAllowed(state="no_ballot")
    words = _clean(message.text)
    if _was_said(by, message.key, REASON, round_id=round_.id, words=words):
        return {}
    there = by.session.scalars(
        select(FloorText)
        .where(FloorText.seat_id == by.seat_id, FloorText.round_id == round_.id, FloorText.kind == REASON)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if there is None:
        there = FloorText(
            section_id=by.section.id,
            performance_id=performance.id,
            seat_id=by.seat_id,
            kind=REASON,
            round_id=round_.id,
        )
        by.session.add(there)
    elif there.text == words:
        return {}
    # Other words are words that nobody has read yet.
    there.key, there.text, there.said_at = message.key, words, by.now
    there.state, there.decided_at, there.decided_by = "waiting", None, None
    return {}


def _suggest_response(by: Speaker, message: messages.SuggestResponse) -> Mapping[str, object]:
    performance = running(by)
    decision = _decision(by.session, performance, message.decision)
    words = _clean(message.text)
    if _was_said(by, message.key, SUGGESTION, decision=decision.key, words=words):
        return {}
    waiting = by.session.scalar(
        select(func.count()).where(
            FloorText.seat_id == by.seat_id, FloorText.kind == SUGGESTION, FloorText.state == "waiting"
        )
    )
    if (waiting or 0) >= MOST_WAITING:
        raise NotAllowed(state="enough_wait")
    by.session.add(
        FloorText(
            section_id=by.section.id,
            performance_id=performance.id,
            seat_id=by.seat_id,
            key=message.key,
            kind=SUGGESTION,
            decision=decision.key,
            text=words,
            said_at=by.now,
        )
    )
    return {}


HEARD: Final[Mapping[type[messages.PhoneMessage], Callable[[Speaker, Any], Mapping[str, object]]]] = {
    messages.GiveReason: _give_reason,
    messages.SuggestResponse: _suggest_response,
}


# --- the desk -------------------------------------------------------------------------------------------


def _decide_text(at: Moment, action: messages.DecideText) -> None:
    text = _text(at, action.text_id)
    if text.text is None or digest_of(text.text) != action.digest:
        # Somebody wrote other words while these were being read.
        raise NotAllowed(state="other_words")
    text.state = "approved" if action.verdict == "approve" else "declined"
    text.decided_at, text.decided_by = at.now, at.account_id
    note(at, f"text_{text.state}", f"text:{text.id}", kind=text.kind)


def _add_floor_response(at: Moment, action: messages.AddFloorResponse) -> None:
    performance = running(at)
    text = _suggestion(at, performance, action.text_id)
    decision = _decision(at.session, performance, action.decision or (text.decision if text else None))
    if action.merge_into is not None:
        _merge(at, performance, decision, text, action.merge_into)
        return
    label = _clean(action.label or (text.text if text else None) or "", longest=120)
    _check_scene(at, performance, action.leads_to)
    added = FloorResponse(
        performance_id=performance.id,
        decision=decision.key,
        response=_next_key(at.session, performance, decision),
        label=label,
        by_role=_role(at, text, action.role),
        leads_to=action.leads_to,
        text_id=text.id if text else None,
        added_at=at.now,
    )
    at.session.add(added)
    at.session.flush()
    note_of(at, "response_added", performance, decision=decision.key, response=added.response)


def _merge(
    at: Moment, performance: Performance, decision: Decision, text: FloorText | None, into: str
) -> None:
    if text is None:
        raise Invalid(field="text_id", found="nothing", expected="a suggestion to count towards another")
    if decision.response(into) is None and into not in _added_to(at.session, performance, decision):
        raise UnknownResponse
    at.session.add(
        MergedSuggestion(text_id=text.id, performance_id=performance.id, decision=decision.key, response=into)
    )
    note_of(at, "suggestion_merged", performance, decision=decision.key, response=into)


ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.DecideText: _decide_text,
    messages.AddFloorResponse: _add_floor_response,
}


def _text(at: Moment, text_id: int) -> FloorText:
    # As it stands now, and held until this is done: nobody changes words while they are approved.
    text = at.session.get(FloorText, text_id, with_for_update=True, populate_existing=True)
    if text is None or text.section_id != at.section.id:
        raise NotAllowed(state="unknown_text")
    return text


def _suggestion(at: Moment, performance: Performance, text_id: int | None) -> FloorText | None:
    """Return an approved suggestion that was not used yet."""
    if text_id is None:
        return None
    text = _text(at, text_id)
    if text.kind != SUGGESTION or text.state != "approved" or text.performance_id != performance.id:
        raise NotAllowed(state="not_approved")
    used = at.session.scalars(select(FloorResponse.id).where(FloorResponse.text_id == text.id)).first()
    if used is not None or at.session.get(MergedSuggestion, text.id) is not None:
        raise NotAllowed(state="used")
    return text


def _role(at: Moment, text: FloorText | None, typed: str | None) -> str | None:
    """Return the role of who suggested it: what their seat says, or what the desk was told."""
    if text is None:
        return role_from(typed)
    return at.session.scalar(select(Seat.role).where(Seat.id == text.seat_id))


def _decision(session: Session, performance: Performance, wanted: str | None) -> Decision:
    """Return a decision of the script; by default that of the scene being played."""
    place = place_of(session, performance)
    here = place.decision if isinstance(place, Scene) else None
    if wanted is None and here is not None:
        return here
    found = next((d for d in script_of_performance(session, performance).decisions if d.key == wanted), None)
    if found is None:
        raise NotAllowed(state="no_such_decision")
    return found


def _check_scene(at: Moment, performance: Performance, scene: str | None) -> None:
    script = script_of_performance(at.session, performance)
    known = {each.key for each in script.scenes} | {ending.key for ending in script.endings}
    if scene is not None and scene not in known:
        raise Invalid(field="leads_to", found=scene[:40], expected="a scene or an ending of the script")


def _added_to(session: Session, performance: Performance, decision: Decision) -> list[str]:
    return list(
        session.scalars(
            select(FloorResponse.response).where(
                FloorResponse.performance_id == performance.id, FloorResponse.decision == decision.key
            )
        )
    )


def _next_key(session: Session, performance: Performance, decision: Decision) -> str:
    """Return the next f1, f2 ...: unique in the performance, so that `~f2` names one improvised scene."""
    if len(_added_to(session, performance, decision)) >= MOST_ADDED:
        raise NotAllowed(state="enough_added")
    added = session.scalar(
        select(func.count()).select_from(FloorResponse).where(FloorResponse.performance_id == performance.id)
    )
    return f"f{(added or 0) + 1}"


def _was_said(
    by: Speaker, key: str, kind: str, *, words: str, round_id: int | None = None, decision: str | None = None
) -> bool:
    """Say whether this very thing was said with this key before.

    :raises KeyReused: something else was: it must not look as if this were taken
    """
    said = select(FloorText).where(FloorText.seat_id == by.seat_id, FloorText.key == key)
    there = by.session.scalars(said).first()
    if there is None:
        return False
    if (there.kind, there.text, there.round_id, there.decision) != (kind, words, round_id, decision):
        raise KeyReused
    return True


def _clean(words: str, *, longest: int = 280) -> str:
    clean = one_line(words)
    if not 1 <= len(clean) <= longest:
        raise Invalid(field="text", found=f"{len(clean)} characters", expected=f"1 to {longest} characters")
    return clean
