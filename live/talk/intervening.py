"""Interventions: what was tried on the floor, in three taps; and whether the room thinks it could happen here."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import select

from live import messages
from live.disclosure import NO_ROLE
from live.models import Performance, Seat
from live.moment import Moment, Speaker, note, running
from live.rules import NotAllowed, PerformanceState, Shown, role_from
from live.talk.models import Intervention, Stop, Verdict
from live.talk.rules import StopState, WeighingState, check_running
from scenario_app.kernel.errors import Invalid
from scenario_app.kernel.typed import one_line, plain

_WORDED: Final = ("tried", "others_did", "happened", "would_have_to_change")


def _record(at: Moment, action: messages.RecordIntervention) -> None:
    intervention = _there(at, action) or _begun(at, action)
    if intervention.weighing == WeighingState.OPEN:
        # The room says of these very words whether they could happen here.
        raise NotAllowed(state="being_weighed")
    if action.part is not None:
        intervention.part = one_line(action.part)
    if action.role is not None:
        intervention.role = _role(action.role)
    for name in _WORDED:
        words = getattr(action, name)
        if words is not None:
            setattr(intervention, name, plain(words).strip())
    if action.possible_here is not None:
        intervention.possible_here = action.possible_here
    at.session.flush()
    note(at, "intervention_recorded", f"intervention:{intervention.id}")


def _there(at: Moment, action: messages.RecordIntervention) -> Intervention | None:
    if action.intervention_id is not None:
        return _intervention(at, action.intervention_id)
    if action.stop_id is None:
        return None
    # Pressed twice: one hand is one intervention.
    return at.session.scalars(
        select(Intervention)
        .join(Performance, Performance.id == Intervention.performance_id)
        .where(Intervention.stop_id == action.stop_id, Performance.section_id == at.section.id)
    ).first()


def _begun(at: Moment, action: messages.RecordIntervention) -> Intervention:
    if not one_line(action.part or ""):
        raise Invalid(field="part", found="nothing", expected="which part was taken")
    performance = running(at)
    stop = _stop(at, action.stop_id) if action.stop_id is not None else None
    if stop is None:
        check_running(performance.state)
    else:
        performance = at.session.get_one(Performance, stop.performance_id)
        stop.state = StopState.DONE.value
    intervention = Intervention(
        performance_id=performance.id,
        attempt=performance.attempt,
        scene=stop.scene if stop else performance.scene or "",
        line=stop.line if stop else None,
        stop_id=stop.id if stop else None,
        part=one_line(action.part or ""),
        # The role chosen at the door is no public word: only what somebody says aloud is kept of them.
        role=None,
        tried="",
        others_did="",
        happened="",
        would_have_to_change="",
        weighing=WeighingState.NO.value,
        recorded_at=at.now,
        recorded_by=at.account_id,
    )
    at.session.add(intervention)
    return intervention


def _stop(at: Moment, stop_id: int) -> Stop:
    stop = at.session.scalars(
        select(Stop)
        .join(Performance, Performance.id == Stop.performance_id)
        .where(Stop.id == stop_id, Performance.section_id == at.section.id)
    ).first()
    if stop is None or stop.state in (StopState.PASSED, StopState.TAKEN_BACK):
        raise NotAllowed(state=stop.state if stop else "no_such_stop")
    return stop


def _role(asked: str) -> str | None:
    return None if asked == NO_ROLE else role_from(asked)


def _open_weighing(at: Moment, action: messages.OpenWeighing) -> None:
    performance = running(at)
    check_running(performance.state)
    intervention = _intervention(at, action.intervention_id)
    others = at.session.scalars(
        select(Intervention.id).where(
            Intervention.performance_id == performance.id, Intervention.weighing == WeighingState.OPEN.value
        )
    ).first()
    here = (intervention.performance_id, intervention.attempt) == (performance.id, performance.attempt)
    # Once the room has seen what it said, asking again would ask about that.
    if not here or others is not None or intervention.weighing != WeighingState.NO:
        raise NotAllowed(state=intervention.weighing if here else "not_in_this_attempt")
    if performance.state == PerformanceState.DECIDING:
        raise NotAllowed(state=performance.state)
    intervention.weighing = WeighingState.OPEN.value
    at.section.screen_shows = Shown.INTERVENTION.value
    note(at, "weighing_opened", f"intervention:{intervention.id}")


def _close_weighing(at: Moment, action: messages.CloseWeighing) -> None:
    intervention = _intervention(at, action.intervention_id)
    if intervention.weighing != WeighingState.OPEN:
        raise NotAllowed(state=intervention.weighing)
    intervention.weighing = WeighingState.CLOSED.value
    at.section.screen_shows = Shown.INTERVENTION.value
    note(at, "weighing_closed", f"intervention:{intervention.id}")


def _weigh(speaker: Speaker, message: messages.WeighIntervention) -> Mapping[str, object]:
    # Shared with other phones, held against the desk that closes: whoever is answered is counted.
    weighed = speaker.session.scalars(
        select(Intervention)
        .join(Performance, Performance.id == Intervention.performance_id)
        .where(Intervention.id == message.intervention_id, Performance.section_id == speaker.section.id)
        .with_for_update(read=True, of=Intervention)
    ).first()
    if weighed is None or weighed.weighing != WeighingState.OPEN:
        raise NotAllowed(state=weighed.weighing if weighed else "no_such_intervention")
    # Locked, so that two tabs of one phone answer one after the other.
    speaker.session.scalars(select(Seat.id).where(Seat.id == speaker.seat_id).with_for_update()).one()
    said = speaker.session.get(Verdict, (weighed.id, speaker.seat_id))
    if said is None:
        speaker.session.add(
            Verdict(intervention_id=weighed.id, seat_id=speaker.seat_id, verdict=message.verdict)
        )
    else:
        said.verdict = message.verdict
    return {"intervention": weighed.id, "verdict": message.verdict}


def _intervention(at: Moment, intervention_id: int) -> Intervention:
    found = at.session.scalars(
        select(Intervention)
        .join(Performance, Performance.id == Intervention.performance_id)
        .where(Intervention.id == intervention_id, Performance.section_id == at.section.id)
        .with_for_update(of=Intervention)
    ).first()
    if found is None:
        raise NotAllowed(state="no_such_intervention")
    return found


HEARD: Final[Mapping[type[messages.PhoneMessage], Callable[[Speaker, Any], Mapping[str, object]]]] = {
    messages.WeighIntervention: _weigh,
}
ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.RecordIntervention: _record,
    messages.OpenWeighing: _open_weighing,
    messages.CloseWeighing: _close_weighing,
}
