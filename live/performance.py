"""On the floor: what a desk can do. Each action takes one transaction and raises the cue by one.

Every action names the cue it expects; a stale one changes nothing, so two desks never step twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live import messages, rules
from live.models import Performance, Round, Section, Step
from live.programme import event_chain
from live.queries import by_role_as_shown, seats_in, votes_in
from live.rules import NotAllowed, PerformanceState, Shown, StaleCue, UnknownResponse, UnknownRound
from live.tally import TieRule, tally, winner
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Invalid
from scenarios.queries import script_of_version
from scenarios.script.parts import Decision, Ending, Scene
from scenarios.script.script import Script


@dataclass(frozen=True, slots=True)
class Moment:
    """Where, by whom and when a desk acts. `threshold` is a number of people, from Config.suppress_below."""

    session: Session
    section: Section
    account_id: int
    now: datetime
    threshold: int


def perform(
    session: Session,
    *,
    section_id: int,
    action: messages.DeskAction,
    account_id: int,
    now: datetime,
    threshold: int,
) -> int:
    """Do what a desk asks and return the number of the new cue.

    Locks the section's row, so that actions of one section happen one after the other.

    :raises StaleCue: the section has moved on since that desk last looked; nothing was changed
    :raises DomainError: the rules do not let this happen now; nothing was changed
    """
    section = session.scalars(select(Section).where(Section.id == section_id).with_for_update()).one()
    if section.cue_seq != action.expects:
        raise StaleCue
    if section.event.closed_at is not None:
        raise NotAllowed(state="event_closed")
    if type(action) is not messages.SetDoor:  # a door says nothing of what the hall looks at
        section.screen_shows = Shown.RESULT.value
    _ACTS[type(action)](Moment(session, section, account_id, now, threshold), action)
    section.cue_seq += 1
    return section.cue_seq


def _start(at: Moment, action: messages.StartPerformance) -> None:
    performance = next((p for p in at.section.performances if p.id == action.performance_id), None)
    if performance is None:
        raise NotAllowed(state="not_in_this_section")
    others = [p for p in at.section.performances if p is not performance]
    running = any(p.state not in (PerformanceState.WAITING, PerformanceState.ENDED) for p in others)
    rules.check_start(performance.state, another_running=running)
    performance.state = PerformanceState.PLAYING.value
    performance.scene = _script(at.session, performance).start
    performance.started_at = at.now
    at.section.performance_id = performance.id
    _note(at, "performance_started", performance)


def _go_on(at: Moment, _action: messages.GoOn) -> None:
    performance = _running(at)
    place = _place(at.session, performance)
    must_decide = isinstance(place, Scene) and place.decision is not None
    rules.check_go_on(performance.state, must_decide=must_decide, ending=isinstance(place, Ending))
    assert isinstance(place, Scene)
    if place.arrow is None:
        raise NotAllowed(state="dead_end")
    _enter(performance, place.arrow.target)


def _open_round(at: Moment, action: messages.OpenRound) -> None:
    performance = _running(at)
    rules.check_open_round(performance.state)
    if action.kind not in set(rules.RoundKind):
        raise Invalid(field="kind", found=action.kind, expected=", ".join(rules.RoundKind))
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
    _note(at, "round_opened", performance, round=round_.id, tie_rule=round_.tie_rule)


def _close_round(at: Moment, action: messages.CloseRound) -> None:
    performance, round_ = _round_here(at, action.round_id)
    rules.check_close_round(performance.state, open_round=performance.round_id, round_id=round_.id)
    decision = _script(at.session, performance).scene_of(round_.decision).decision
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
    _note(at, "round_closed", performance, round=round_.id, ballots=counted.ballots)


def _reveal(at: Moment, action: messages.Reveal) -> None:
    performance, round_ = _round_here(at, action.round_id)
    rules.check_reveal(performance.state, current_round=performance.round_id, round_id=round_.id)
    _show(at, performance, round_)


def _show(at: Moment, performance: Performance, round_: Round) -> None:
    round_.revealed_at = at.now
    # Kept as shown: what stood on the screen cannot be taken back, and later figures must heed it.
    shown = by_role_as_shown(at.session, round_, threshold=at.threshold)
    round_.by_role_shown = list(shown) if shown else None
    performance.state = PerformanceState.REVEALED.value
    _note(at, "round_revealed", performance, round=round_.id, winner=round_.winner)


def _take_branch(at: Moment, action: messages.TakeBranch) -> None:
    performance, round_ = _round_here(at, action.round_id)
    if round_.winner is None:
        raise NotAllowed(state="no_winner")
    _branch(at, performance, round_, round_.winner, None)


def _overrule(at: Moment, action: messages.Overrule) -> None:
    performance, round_ = _round_here(at, action.round_id)
    reason = rules.check_reason(action.reason)
    if action.response not in round_.responses:
        raise UnknownResponse
    _branch(at, performance, round_, action.response, reason)


def _branch(at: Moment, performance: Performance, round_: Round, response: str, reason: str | None) -> None:
    place = _place(at.session, performance)
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
        position=_steps_taken(at.session, performance) + 1,
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
    _enter(performance, chosen.target)
    action = "overruled" if taken.overruled else "branch_taken"
    _note(at, action, performance, round=round_.id, response=response)


def _replay_from(at: Moment, action: messages.ReplayFrom) -> None:
    performance = _running(at)
    script = _script(at.session, performance)
    before = at.session.scalars(
        select(Step)
        .where(Step.performance_id == performance.id, Step.attempt == performance.attempt)
        .order_by(Step.position)
    ).all()
    kept = steps_before(script, [(step.scene, step.leads_to) for step in before], action.scene)
    here = action.scene == performance.scene
    rules.check_replay(performance.state, scene_was_played=kept is not None or here)
    performance.attempt += 1
    for step in before[: len(before) if kept is None else kept]:
        at.session.add(
            Step(
                performance_id=performance.id,
                attempt=performance.attempt,
                position=step.position,
                scene=step.scene,
                decision=step.decision,
                response=step.response,
                leads_to=step.leads_to,
                round_id=step.round_id,
                overruled=step.overruled,
                reason=step.reason,
                taken_at=step.taken_at,
            )
        )
    performance.ended_at = None
    _enter(performance, action.scene)
    _note(at, "replayed", performance, scene=action.scene)


def steps_before(script: Script, taken: list[tuple[str, str]], scene: str) -> int | None:
    """Return how many decisions of a path came before a scene was entered; None where it was not played.

    `taken`: for each decision, the scene it stood in and the scene it led to.
    """
    entrances = [script.start, *(leads_to for _scene, leads_to in taken)]
    for count, entrance in enumerate(entrances):
        entered = entrance
        while entered is not None:
            if entered == scene:
                return count
            place = script.at(entered)
            straight_on = isinstance(place, Scene) and place.decision is None
            entered = script.next_scene(entered) if straight_on else None
    return None


def _end(at: Moment, _action: messages.EndPerformance) -> None:
    performance = _running(at)
    rules.check_end(performance.state)
    performance.state = PerformanceState.ENDED.value
    performance.round_id = None
    performance.ended_at = at.now
    _note(at, "performance_ended", performance)


def _show_on_screen(at: Moment, action: messages.ShowOnScreen) -> None:
    if action.what not in set(Shown):
        raise Invalid(field="what", found=action.what[:40], expected=", ".join(Shown))
    at.section.screen_shows = action.what


def _set_door(at: Moment, action: messages.SetDoor) -> None:
    at.section.door_open = action.open
    audit.record(
        at.session,
        chain=event_chain(at.section.event.slug),
        action="door_opened" if action.open else "door_closed",
        subject=f"section:{at.section.position}",
        account_id=at.account_id,
        now=at.now,
    )


_ACTS: Final[dict[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.StartPerformance: _start,
    messages.GoOn: _go_on,
    messages.OpenRound: _open_round,
    messages.CloseRound: _close_round,
    messages.Reveal: _reveal,
    messages.TakeBranch: _take_branch,
    messages.Overrule: _overrule,
    messages.ReplayFrom: _replay_from,
    messages.EndPerformance: _end,
    messages.SetDoor: _set_door,
    messages.ShowOnScreen: _show_on_screen,
}


# --- what the actions share -----------------------------------------------------------------------------


def _enter(performance: Performance, scene: str) -> None:
    performance.scene = scene
    performance.round_id = None
    performance.state = PerformanceState.PLAYING.value


def _running(at: Moment) -> Performance:
    if at.section.performance_id is None:
        raise NotAllowed(state=PerformanceState.WAITING.value)
    return at.session.get_one(Performance, at.section.performance_id)


def _round_here(at: Moment, round_id: int) -> tuple[Performance, Round]:
    performance = _running(at)
    # Locked against ballots being written: they hold it shared until they commit.
    round_ = at.session.scalars(select(Round).where(Round.id == round_id).with_for_update()).first()
    if round_ is None or round_.performance_id != performance.id:
        raise UnknownRound
    return performance, round_


def _script(session: Session, performance: Performance) -> Script:
    return script_of_version(session, performance.version_id)


def _place(session: Session, performance: Performance) -> Scene | Ending | None:
    return _script(session, performance).at(performance.scene) if performance.scene else None


def _decision_for(session: Session, performance: Performance, wanted: str | None) -> Decision:
    place = _place(session, performance)
    here = place.decision if isinstance(place, Scene) else None
    if wanted is None or (here is not None and here.key == wanted):
        if here is None:
            raise NotAllowed(state="no_decision_here")
        return here
    found = next((d for d in _script(session, performance).decisions if d.key == wanted), None)
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


def _steps_taken(session: Session, performance: Performance) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                Step.performance_id == performance.id, Step.attempt == performance.attempt
            )
        )
        or 0
    )


def _note(at: Moment, action: str, performance: Performance, **details: object) -> None:
    audit.record(
        at.session,
        chain=event_chain(at.section.event.slug),
        action=action,
        subject=f"performance:{performance.id}",
        account_id=at.account_id,
        now=at.now,
        details=details,
    )
