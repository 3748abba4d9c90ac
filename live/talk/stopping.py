"""Stop!: a hand goes up from a phone or the desk, is taken back, asked in, or let go."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import func, select

from live import messages
from live.models import Performance, SceneEntry, Seat
from live.moment import Moment, Speaker, is_improvised, note_of, running, script_of_performance
from live.rules import KeyReused, NotAllowed, role_from
from live.talk.models import Stop
from live.talk.queries import waiting_in
from live.talk.rules import MOST_HANDS, StopState, check_running, check_stop


def _raise(speaker: Speaker, message: messages.RaiseStop) -> Mapping[str, object]:
    # Locked, so that two tabs of one phone raise one hand.
    speaker.session.scalars(select(Seat.id).where(Seat.id == speaker.seat_id).with_for_update()).one()
    stop = _raised_before(speaker, message)
    if stop is None:
        performance = running(speaker)
        _check(speaker, performance, message.scene, message.line)
        stop = _waiting_there(speaker, performance, message) or _put_up(
            speaker,
            performance,
            scene=message.scene,
            line=message.line,
            role=speaker.role,
            seat_id=speaker.seat_id,
            key=message.key,
        )
    order = waiting_in(speaker.session, speaker.section.id).stops
    return {"stop": stop.id, "place": order.index(stop.id) + 1 if stop.id in order else None}


def _raised_before(speaker: Speaker, message: messages.RaiseStop) -> Stop | None:
    found = speaker.session.scalars(
        select(Stop).where(Stop.seat_id == speaker.seat_id, Stop.key == message.key)
    ).first()
    if found is not None and (found.scene, found.line) != (message.scene, message.line):
        raise KeyReused
    return found


def _waiting_there(speaker: Speaker, performance: Performance, message: messages.RaiseStop) -> Stop | None:
    waiting = speaker.session.scalars(
        select(Stop)
        .where(
            Stop.performance_id == performance.id,
            Stop.seat_id == speaker.seat_id,
            Stop.state == StopState.WAITING.value,
        )
        .order_by(Stop.id)
    ).all()
    there = next((stop for stop in waiting if (stop.scene, stop.line) == (message.scene, message.line)), None)
    if there is None and len(waiting) >= MOST_HANDS:
        raise NotAllowed(state="enough_hands")
    return there


def _check(at: Moment | Speaker, performance: Performance, scene: str, line: int | None) -> None:
    entered = at.session.scalar(
        select(func.count()).where(SceneEntry.performance_id == performance.id, SceneEntry.scene == scene)
    )
    played = bool(entered)
    line_is_there = line is None
    if played and line is not None and not is_improvised(scene):
        place = script_of_performance(at.session, performance).at(scene)
        line_is_there = line in {each.number for each in place.lines}
    check_stop(performance.state, scene_was_played=played, line_is_there=line_is_there)


def _put_up(
    at: Moment | Speaker,
    performance: Performance,
    *,
    scene: str,
    line: int | None,
    role: str | None,
    seat_id: int | None,
    key: str | None,
) -> Stop:
    stop = Stop(
        performance_id=performance.id,
        attempt=performance.attempt,
        scene=scene,
        line=line,
        seat_id=seat_id,
        key=key,
        role=role,
        state=StopState.WAITING.value,
        raised_at=at.now,
    )
    at.session.add(stop)
    at.session.flush()
    return stop


def _take_back(speaker: Speaker, message: messages.TakeBackStop) -> Mapping[str, object]:
    stop = speaker.session.scalars(
        select(Stop).where(Stop.id == message.stop_id, Stop.seat_id == speaker.seat_id).with_for_update()
    ).first()
    if stop is None or stop.state == StopState.IN:
        raise NotAllowed(state="no_such_stop" if stop is None else stop.state)
    if stop.state == StopState.WAITING:
        stop.state = StopState.TAKEN_BACK.value
    return {"stop": stop.id}


def _raise_for_somebody(at: Moment, action: messages.RaiseStopForSomebody) -> None:
    performance = running(at)
    scene = performance.scene or ""
    _check(at, performance, scene, action.line)
    role = role_from(action.role)
    _put_up(at, performance, scene=scene, line=action.line, role=role, seat_id=None, key=None)


def _pick(at: Moment, action: messages.PickStop) -> None:
    performance = running(at)
    check_running(performance.state)
    stop = _stop_of(at, performance, action.stop_id, StopState.WAITING)
    # One person is asked in at a time. Whoever was in before has been in, written down or not.
    for before in at.session.scalars(
        select(Stop).where(Stop.performance_id == performance.id, Stop.state == StopState.IN.value)
    ):
        before.state = StopState.DONE.value
    stop.state = StopState.IN.value
    note_of(at, "stop_picked", performance, stop=stop.id)


def _pass(at: Moment, action: messages.PassStop) -> None:
    performance = running(at)
    stop = _stop_of(at, performance, action.stop_id, StopState.WAITING, StopState.IN)
    stop.state = StopState.PASSED.value
    note_of(at, "stop_passed", performance, stop=stop.id)


def _stop_of(at: Moment, performance: Performance, stop_id: int, *states: StopState) -> Stop:
    stop = at.session.scalars(select(Stop).where(Stop.id == stop_id).with_for_update()).first()
    if stop is None or stop.performance_id != performance.id:
        raise NotAllowed(state="no_such_stop")
    if stop.state not in states:
        raise NotAllowed(state=stop.state)
    return stop


HEARD: Final[Mapping[type[messages.PhoneMessage], Callable[[Speaker, Any], Mapping[str, object]]]] = {
    messages.RaiseStop: _raise,
    messages.TakeBackStop: _take_back,
}
ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.RaiseStopForSomebody: _raise_for_somebody,
    messages.PickStop: _pick,
    messages.PassStop: _pass,
}
