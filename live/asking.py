"""Votes on the floor: open, close, count, reveal, take the branch that won or another one with a reason."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live import messages, rules
from live.choices import RoundKind
from live.models import Performance, Round, Step
from live.moment import (
    Moment,
    enter,
    note_of,
    place_of,
    round_here,
    running,
    script_of_performance,
    steps_taken,
)
from live.queries import by_role_as_shown, seats_in, votes_in
from live.rules import NotAllowed, PerformanceState, UnknownResponse
from live.tally import TieRule, tally, winner
from scenario_app.kernel.errors import Invalid
from scenarios.script.parts import Decision, Scene


def _open_round(at: Moment, action: messages.OpenRound) -> None:
    performance = running(at)
    rules.check_open_round(performance.state)
    if action.kind not in set(RoundKind):
        raise Invalid(field="kind", found=action.kind, expected=", ".join(RoundKind))
    decision = _decision_for(at.session, performance, action.decision)
    round_ = Round(
        performance_id=performance.id,
        decision=decision.key,
        number=_next_number(at.session, performance.id, decision.key, practice=action.practice),
        kind=action.kind,
        practice=action.practice,
        channel=rules.Channel.ROOM.value,
        tie_rule=_tie_rule(action.tie_rule, performance).value,
        responses=[response.key for response in decision.responses],
        opened_at=at.now,
    )
    at.session.add(round_)
    at.session.flush()
    performance.round_id = round_.id
    performance.state = PerformanceState.DECIDING.value
    note_of(at, "round_opened", performance, round=round_.id, tie_rule=round_.tie_rule)


def _close_round(at: Moment, action: messages.CloseRound) -> None:
    performance, round_ = round_here(at, action.round_id)
    rules.check_close_round(performance.state, open_round=performance.round_id, round_id=round_.id)
    decision = script_of_performance(at.session, performance).scene_of(round_.decision).decision
    happened = next((r.key for r in decision.responses if r.as_it_happened), None) if decision else None
    counted = tally(
        votes_in(at.session, round_.id, round_.responses),
        responses=round_.responses,
        seats=seats_in(at.session, at.section.id),
    )
    found = winner(counted, TieRule(round_.tie_rule), as_it_happened=happened)
    round_.closed_at = at.now
    round_.seats_at_close = counted.seats
    round_.winner = found.response if found else None
    performance.state = PerformanceState.CLOSED.value
    note_of(at, "round_closed", performance, round=round_.id, ballots=counted.ballots)


def _reveal(at: Moment, action: messages.Reveal) -> None:
    performance, round_ = round_here(at, action.round_id)
    rules.check_reveal(performance.state, current_round=performance.round_id, round_id=round_.id)
    _show(at, performance, round_)


def _show(at: Moment, performance: Performance, round_: Round) -> None:
    round_.revealed_at = at.now
    # Kept as shown: what stood on the screen cannot be taken back, and later figures must heed it.
    shown = by_role_as_shown(at.session, round_, threshold=at.threshold)
    round_.by_role_shown = list(shown) if shown else None
    performance.state = PerformanceState.REVEALED.value
    note_of(at, "round_revealed", performance, round=round_.id, winner=round_.winner)


def _take_branch(at: Moment, action: messages.TakeBranch) -> None:
    performance, round_ = round_here(at, action.round_id)
    if round_.winner is None:
        raise NotAllowed(state="no_winner")
    _branch(at, performance, round_, round_.winner, None)


def _overrule(at: Moment, action: messages.Overrule) -> None:
    performance, round_ = round_here(at, action.round_id)
    reason = rules.check_reason(action.reason)
    if action.response not in round_.responses:
        raise UnknownResponse
    _branch(at, performance, round_, action.response, reason)


def _branch(at: Moment, performance: Performance, round_: Round, response: str, reason: str | None) -> None:
    place = place_of(at.session, performance)
    here = isinstance(place, Scene) and place.decision is not None and place.decision.key == round_.decision
    rules.check_branch(
        performance.state,
        current_round=performance.round_id,
        round_id=round_.id,
        practice=round_.practice,
        here=here,
    )
    assert isinstance(place, Scene)
    assert place.decision is not None
    chosen = place.decision.response(response)
    if chosen is None or chosen.target is None:
        raise NotAllowed(state="leads_nowhere")
    taken = Step(
        performance_id=performance.id,
        attempt=performance.attempt,
        position=steps_taken(at.session, performance) + 1,
        scene=place.key,
        decision=round_.decision,
        response=response,
        leads_to=chosen.target,
        round_id=round_.id,
        # Choosing what the room chose, with a reason, overrules nothing.
        overruled=response != round_.winner,
        reason=reason,
        taken_at=at.now,
    )
    at.session.add(taken)
    enter(at, performance, chosen.target)
    action = "overruled" if taken.overruled else "branch_taken"
    note_of(at, action, performance, round=round_.id, response=response)


ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.OpenRound: _open_round,
    messages.CloseRound: _close_round,
    messages.Reveal: _reveal,
    messages.TakeBranch: _take_branch,
    messages.Overrule: _overrule,
}


def _decision_for(session: Session, performance: Performance, wanted: str | None) -> Decision:
    place = place_of(session, performance)
    here = place.decision if isinstance(place, Scene) else None
    if wanted is None or (here is not None and here.key == wanted):
        if here is None:
            raise NotAllowed(state="no_decision_here")
        return here
    found = next((d for d in script_of_performance(session, performance).decisions if d.key == wanted), None)
    if found is None:
        raise NotAllowed(state="no_such_decision")
    return found


def _next_number(session: Session, performance_id: int, decision: str, *, practice: bool) -> int:
    highest = session.scalar(
        select(func.max(Round.number)).where(
            Round.performance_id == performance_id, Round.decision == decision, Round.practice == practice
        )
    )
    return (highest or 0) + 1


def _tie_rule(asked: str | None, performance: Performance) -> TieRule:
    try:
        return TieRule(asked or performance.tie_rule)
    except ValueError:
        raise Invalid(field="tie_rule", found=str(asked)[:40], expected=", ".join(TieRule)) from None
