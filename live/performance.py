"""The play on the floor: begin, go on, replay, end, the door, what the hall is shown."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from live import messages, rules
from live.alone import close_alone
from live.assembly.committing import read_back
from live.models import Performance, SceneEntry, Step
from live.moment import (
    Moment,
    enter,
    is_improvised,
    note,
    note_of,
    place_of,
    running,
    script_of_performance,
)
from live.preparing.queries import prepared
from live.preparing.readiness import NotReady, lacking
from live.rules import NotAllowed, PerformanceState, Shown
from scenario_app.kernel.errors import Invalid
from scenarios.script.parts import Ending, Scene
from scenarios.script.script import Script


def _start(at: Moment, action: messages.StartPerformance) -> None:
    performance = next((p for p in at.section.performances if p.id == action.performance_id), None)
    if performance is None:
        raise NotAllowed(state="not_in_this_section")
    others = [p for p in at.section.performances if p is not performance]
    # One that saw a practice vote and never began is put back to wait.
    for other in others:
        if other.started_at is None and other.state != PerformanceState.DECIDING:
            other.state, other.round_id = PerformanceState.WAITING.value, None
    busy = any(p.state not in (PerformanceState.WAITING, PerformanceState.ENDED) for p in others)
    rules.check_start(performance.state, begun=performance.started_at is not None, another_running=busy)
    close_alone(at.session, performance, now=at.now)
    performance.started_at = at.now
    at.section.performance_id = performance.id
    script = script_of_performance(at.session, performance)
    if script.start is None:
        raise NotAllowed(state="no_scene")
    enter(at, performance, script.start)
    note_of(at, "performance_started", performance)


def _go_on(at: Moment, action: messages.GoOn) -> None:
    performance = running(at)
    improvised = performance.scene is not None and is_improvised(performance.scene)
    place = place_of(at.session, performance)
    # Once, and without a vote: what a vote has begun is ended by the vote, or overruled with a reason.
    first_time = performance.attempt == 1 and performance.state == PerformanceState.PLAYING
    if action.as_it_happened and not first_time:
        raise NotAllowed(state="not_the_first_time")
    happened = as_it_happened(place) if action.as_it_happened else None
    must_decide = isinstance(place, Scene) and place.decision is not None and happened is None
    rules.check_go_on(performance.state, must_decide=must_decide, ending=isinstance(place, Ending))
    stops = performance.state == PerformanceState.INTERVENTIONS
    if improvised:
        script = script_of_performance(at.session, performance)
        known = {scene.key for scene in script.scenes} | {ending.key for ending in script.endings}
        if action.to is None or action.to not in known:
            raise NotAllowed(state="improvised")
        enter(at, performance, action.to, stops=stops)
        return
    if not isinstance(place, Scene):
        raise NotAllowed(state="no_scene")
    if happened is not None:
        enter(at, performance, happened, stops=stops)
        return
    if place.arrow is None:
        raise NotAllowed(state="dead_end")
    enter(at, performance, place.arrow.target, stops=stops)


def as_it_happened(place: Scene | Ending | None) -> str | None:
    """Return where a decision led when it happened; None where none must be made, or nobody wrote it down."""
    if not isinstance(place, Scene) or place.decision is None:
        return None
    return next((one.target for one in place.decision.responses if one.as_it_happened), None)


def _replay_from(at: Moment, action: messages.ReplayFrom) -> None:
    performance = running(at)
    script = script_of_performance(at.session, performance)
    before = at.session.scalars(
        select(Step)
        .where(Step.performance_id == performance.id, Step.attempt == performance.attempt)
        .order_by(Step.position)
    ).all()
    kept = steps_before(script, [(step.scene, step.leads_to) for step in before], action.scene)
    entered = at.session.scalars(
        select(SceneEntry.position).where(
            SceneEntry.performance_id == performance.id, SceneEntry.scene == action.scene
        )
    ).first()
    here = action.scene == performance.scene
    was_played = here or (kept is not None and entered is not None)
    rules.check_replay(performance.state, scene_was_played=was_played)
    close_alone(at.session, performance, now=at.now)
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
                played=step.played,
            )
        )
    performance.ended_at = None
    enter(at, performance, action.scene, stops=action.stops)
    note_of(at, "replayed", performance, scene=action.scene, stops=action.stops)


def replayable(session: Session, performance_id: int) -> list[tuple[str, str]]:
    """Return key and title of each scene that a play can be replayed from, in the order they were entered.

    Three queries.
    """
    performance = session.get_one(Performance, performance_id)
    script = script_of_performance(session, performance)
    entered = session.scalars(
        select(SceneEntry.scene)
        .where(SceneEntry.performance_id == performance_id)
        .order_by(SceneEntry.position)
    ).all()
    steps = session.execute(
        select(Step.scene, Step.leads_to)
        .where(Step.performance_id == performance_id, Step.attempt == performance.attempt)
        .order_by(Step.position)
    )
    taken = [(row.scene, row.leads_to) for row in steps]
    return [
        (scene, script.at(scene).title)
        for scene in dict.fromkeys(entered)
        if not is_improvised(scene)
        and (scene == performance.scene or steps_before(script, taken, scene) is not None)
    ]


def steps_before(script: Script, taken: list[tuple[str, str]], scene: str) -> int | None:
    """Return how many decisions of a path come before a scene; None where the path does not pass it.

    `taken`: for each decision, the scene it stood in and the scene it led to.
    """
    entrances = [script.start, *(leads_to for _scene, leads_to in taken)]
    for count, entrance in enumerate(entrances):
        entered = entrance
        while entered is not None:
            if entered == scene:
                return count
            if is_improvised(entered):
                # What is made up leads on by the joker's word: to where the next decision stood, at least.
                if [stood for stood, _leads_to in taken[count : count + 1]] == [scene]:
                    return count
                break
            entered = _onward(script, entered, voted={stood for stood, _leads_to in taken})
    return None


def _onward(script: Script, scene: str, *, voted: set[str]) -> str | None:
    """Return what was played after a scene without a vote: what comes next, or what happened there."""
    place = script.at(scene)
    if isinstance(place, Scene) and place.decision is not None:
        return None if scene in voted else as_it_happened(place)
    return script.next_scene(scene) if isinstance(place, Scene) else None


def _end(at: Moment, _action: messages.EndPerformance) -> None:
    performance = running(at)
    rules.check_end(performance.state)
    performance.state = PerformanceState.ENDED.value
    performance.round_id = None
    performance.ended_at = at.now
    note_of(at, "performance_ended", performance)


def _note_improvised(at: Moment, action: messages.NoteImprovised) -> None:
    performance = running(at)
    step = at.session.scalars(
        select(Step)
        .where(Step.performance_id == performance.id, Step.attempt == performance.attempt)
        .order_by(Step.position.desc())
        .limit(1)
    ).first()
    if step is None or not is_improvised(step.leads_to):
        raise NotAllowed(state="nothing_improvised")
    step.played = action.text.strip()
    note_of(at, "improvised_noted", performance, response=step.response)


def _show_on_screen(at: Moment, action: messages.ShowOnScreen) -> None:
    if action.what not in set(Shown):
        raise Invalid(field="what", found=action.what[:40], expected=", ".join(Shown))
    at.section.screen_shows = action.what
    if action.what == Shown.COMMITMENTS:
        read_back(at.session, section_id=at.section.id, now=at.now)


def _set_door(at: Moment, action: messages.SetDoor) -> None:
    if action.open and not at.section.door_open:
        missing = lacking(prepared(at.session, at.section.event_id), at.around, now=at.now)
        if missing:
            raise NotReady(missing)
    at.section.door_open = action.open
    at.section.door_frozen = action.open and action.frozen
    said = "door_frozen" if at.section.door_frozen else "door_opened" if action.open else "door_closed"
    note(at, said, f"section:{at.section.position}")


def _set_heads(at: Moment, action: messages.SetHeads) -> None:
    at.section.heads = action.heads
    note(at, "heads_counted", f"section:{at.section.position}", heads=action.heads)


ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.StartPerformance: _start,
    messages.GoOn: _go_on,
    messages.ReplayFrom: _replay_from,
    messages.EndPerformance: _end,
    messages.NoteImprovised: _note_improvised,
    messages.SetDoor: _set_door,
    messages.SetHeads: _set_heads,
    messages.ShowOnScreen: _show_on_screen,
}
