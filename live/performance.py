"""On the floor: what a desk can do. Each action takes one transaction and raises the cue by one.

Every action names the cue it expects; a stale one changes nothing, so two desks never step twice.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live import messages, rules
from live.models import Performance, Round, Seat, Section, Step
from live.programme import event_chain
from live.queries import shown_by_role, tally_of, tie_rule_for
from live.rules import NotAllowed, PerformanceState, StaleCue, UnknownResponse, UnknownRound
from live.tally import TieRule, winner
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Invalid
from scenarios.queries import script_of_version
from scenarios.script.parts import Decision, Ending, Scene
from scenarios.script.script import Script

Act = Callable[[Session, Section, messages.DeskAction, int, datetime], None]


def perform(
    session: Session, *, section_id: int, action: messages.DeskAction, account_id: int, now: datetime
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
    _ACTS[type(action)](session, section, action, account_id, now)
    section.cue_seq += 1
    return section.cue_seq


def _start(session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime) -> None:
    assert isinstance(action, messages.StartPerformance)
    performance = next((p for p in section.performances if p.id == action.performance_id), None)
    if performance is None:
        raise NotAllowed(state="not_in_this_section")
    others = [p for p in section.performances if p is not performance]
    running = any(p.state not in (PerformanceState.WAITING, PerformanceState.ENDED) for p in others)
    rules.check_start(performance.state, another_running=running)
    performance.state = PerformanceState.PLAYING.value
    performance.scene = _script(session, performance).start
    performance.started_at = now
    section.performance_id = performance.id
    _note(session, section, "performance_started", performance, account_id, now)


def _go_on(session: Session, section: Section, _action: messages.DeskAction, _account_id: int, _now: datetime) -> None:
    performance = _running(session, section)
    place = _place(session, performance)
    must_decide = isinstance(place, Scene) and place.decision is not None
    rules.check_go_on(performance.state, must_decide=must_decide, ending=isinstance(place, Ending))
    assert isinstance(place, Scene)
    if place.arrow is None:
        raise NotAllowed(state="dead_end")
    _enter(performance, place.arrow.target)


def _open_round(
    session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime
) -> None:
    assert isinstance(action, messages.OpenRound)
    performance = _running(session, section)
    rules.check_open_round(performance.state)
    if action.kind not in set(rules.RoundKind):
        raise Invalid(field="kind", found=action.kind, expected=", ".join(rules.RoundKind))
    decision = _decision_for(session, performance, action.decision)
    round_ = Round(
        performance_id=performance.id,
        decision=decision.key,
        number=_next_number(session, performance.id, decision.key, practice=action.practice),
        kind=action.kind,
        practice=action.practice,
        channel=rules.Channel.ROOM.value,
        tie_rule=_tie_rule(action.tie_rule, performance).value,
        responses=[response.key for response in decision.responses],
        opened_at=now,
    )
    session.add(round_)
    session.flush()
    performance.round_id = round_.id
    performance.state = PerformanceState.DECIDING.value
    _note(session, section, "round_opened", performance, account_id, now, round=round_.id, tie_rule=round_.tie_rule)


def _close_round(
    session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime
) -> None:
    assert isinstance(action, messages.CloseRound)
    performance, round_ = _round_here(session, section, action.round_id)
    rules.check_close_round(performance.state, open_round=performance.round_id, round_id=round_.id)
    tally = tally_of(session, round_.id)
    round_.closed_at = now
    round_.seats_at_close = session.scalar(select(func.count()).where(Seat.section_id == section.id)) or 0
    found = winner(tally.votes, tie_rule_for(session, round_, performance.version_id))
    round_.winner = found.response if found else None
    performance.state = PerformanceState.CLOSED.value
    _note(
        session, section, "round_closed", performance, account_id, now, round=round_.id, ballots=tally.ballots
    )


def _reveal(session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime) -> None:
    assert isinstance(action, messages.Reveal)
    performance, round_ = _round_here(session, section, action.round_id)
    rules.check_reveal(performance.state, current_round=performance.round_id, round_id=round_.id)
    _show(session, section, performance, round_, account_id, now)


def _show(
    session: Session, section: Section, performance: Performance, round_: Round, account_id: int, now: datetime
) -> None:
    round_.revealed_at = now
    # Kept as shown: what stood on the screen cannot be taken back, and later figures must heed it.
    round_.by_role_shown = shown_by_role(session, round_)
    performance.state = PerformanceState.REVEALED.value
    _note(
        session, section, "round_revealed", performance, account_id, now, round=round_.id, winner=round_.winner
    )


def _take_branch(
    session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime
) -> None:
    assert isinstance(action, messages.TakeBranch)
    performance, round_ = _round_here(session, section, action.round_id)
    if round_.winner is None:
        raise NotAllowed(state="no_winner")
    _branch(session, section, performance, round_, round_.winner, None, account_id, now)


def _overrule(session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime) -> None:
    assert isinstance(action, messages.Overrule)
    performance, round_ = _round_here(session, section, action.round_id)
    reason = rules.check_reason(action.reason)
    if action.response not in round_.responses:
        raise UnknownResponse
    _branch(session, section, performance, round_, action.response, reason, account_id, now)


def _branch(
    session: Session,
    section: Section,
    performance: Performance,
    round_: Round,
    response: str,
    reason: str | None,
    account_id: int,
    now: datetime,
) -> None:
    place = _place(session, performance)
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
        position=_steps_taken(session, performance) + 1,
        scene=place.key,
        decision=round_.decision,
        response=response,
        leads_to=chosen.target,
        round_id=round_.id,
        # Choosing what the room chose, with a reason, overrules nothing.
        overruled=response != round_.winner,
        reason=reason,
        taken_at=now,
    )
    session.add(taken)
    _enter(performance, chosen.target)
    action = "overruled" if taken.overruled else "branch_taken"
    _note(session, section, action, performance, account_id, now, round=round_.id, response=response)


def _replay_from(
    session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime
) -> None:
    assert isinstance(action, messages.ReplayFrom)
    performance = _running(session, section)
    script = _script(session, performance)
    before = session.scalars(
        select(Step)
        .where(Step.performance_id == performance.id, Step.attempt == performance.attempt)
        .order_by(Step.position)
    ).all()
    kept = steps_before(script, [(step.scene, step.leads_to) for step in before], action.scene)
    here = action.scene == performance.scene
    rules.check_replay(performance.state, scene_was_played=kept is not None or here)
    performance.attempt += 1
    for step in before[: len(before) if kept is None else kept]:
        session.add(
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
    _note(session, section, "replayed", performance, account_id, now, scene=action.scene)


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


def _end(session: Session, section: Section, _action: messages.DeskAction, account_id: int, now: datetime) -> None:
    performance = _running(session, section)
    rules.check_end(performance.state)
    performance.state = PerformanceState.ENDED.value
    performance.round_id = None
    performance.ended_at = now
    _note(session, section, "performance_ended", performance, account_id, now)


def _set_door(
    session: Session, section: Section, action: messages.DeskAction, account_id: int, now: datetime
) -> None:
    assert isinstance(action, messages.SetDoor)
    section.door_open = action.open
    audit.record(
        session,
        chain=event_chain(section.event.slug),
        action="door_opened" if action.open else "door_closed",
        subject=f"section:{section.position}",
        account_id=account_id,
        now=now,
    )


_ACTS: Final[dict[type[messages.DeskAction], Act]] = {
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
}


# --- what the actions share -----------------------------------------------------------------------------


def _enter(performance: Performance, scene: str) -> None:
    performance.scene = scene
    performance.round_id = None
    performance.state = PerformanceState.PLAYING.value


def _running(session: Session, section: Section) -> Performance:
    if section.performance_id is None:
        raise NotAllowed(state=PerformanceState.WAITING.value)
    return session.get_one(Performance, section.performance_id)


def _round_here(session: Session, section: Section, round_id: int) -> tuple[Performance, Round]:
    performance = _running(session, section)
    # Locked against ballots being written: they hold it shared until they commit.
    round_ = session.scalars(select(Round).where(Round.id == round_id).with_for_update()).first()
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


def _note(
    session: Session,
    section: Section,
    action: str,
    performance: Performance,
    account_id: int,
    now: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        chain=event_chain(section.event.slug),
        action=action,
        subject=f"performance:{performance.id}",
        account_id=account_id,
        now=now,
        details=details,
    )


