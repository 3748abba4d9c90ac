"""Where, by whom and when a desk acts; and what every action needs to find its way around."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live.models import Performance, Round, SceneEntry, Section, Step
from live.preparing.readiness import AMPLE, Surroundings
from live.programme import event_chain
from live.rules import NotAllowed, PerformanceState, UnknownRound
from scenario_app.kernel import audit
from scenarios.queries import script_of_version
from scenarios.script.parts import Ending, Scene
from scenarios.script.script import Script

# A scene that no script has: what the room added, and what is played of it, is made up on the spot.
IMPROVISED = "~"


@dataclass(frozen=True, slots=True)
class Moment:
    """One action of one desk. `threshold` is a number of people, from Config.suppress_below.

    `around` is what the house knows of itself when the action comes from one.
    """

    session: Session
    section: Section
    account_id: int
    now: datetime
    threshold: int
    around: Surroundings = AMPLE


@dataclass(frozen=True, slots=True)
class Speaker:
    """One phone that says something: its seat, and the role it chose."""

    session: Session
    section: Section
    seat_id: int
    role: str | None
    now: datetime


def running(at: Moment | Speaker) -> Performance:
    """Return the performance that the room is in, or was in last.

    :raises NotAllowed: none has begun
    """
    if at.section.performance_id is None:
        raise NotAllowed(state=PerformanceState.WAITING.value)
    return at.session.get_one(Performance, at.section.performance_id)


def round_here(at: Moment, round_id: int) -> tuple[Performance, Round]:
    """Return a round of the running performance, locked, with that performance.

    :raises UnknownRound: it has no such round
    """
    performance = running(at)
    # Locked against ballots being written: they hold it shared until they commit.
    round_ = at.session.scalars(select(Round).where(Round.id == round_id).with_for_update()).first()
    if round_ is None or round_.performance_id != performance.id:
        raise UnknownRound
    return performance, round_


def script_of_performance(session: Session, performance: Performance) -> Script:
    """Return the script that is played."""
    return script_of_version(session, performance.version_id)


def place_of(session: Session, performance: Performance) -> Scene | Ending | None:
    """Return the scene or ending being played; None before the first, and in an improvised one."""
    if performance.scene is None or is_improvised(performance.scene):
        return None
    return script_of_performance(session, performance).at(performance.scene)


def is_improvised(scene: str) -> bool:
    """Say whether a scene is made up on the spot."""
    return scene.startswith(IMPROVISED)


def enter(at: Moment, performance: Performance, scene: str, *, stops: bool = False) -> None:
    """Open a scene, and keep when that was."""
    performance.scene = scene
    performance.round_id = None
    state = PerformanceState.INTERVENTIONS if stops else PerformanceState.PLAYING
    performance.state = state.value
    entered = at.session.scalar(
        select(func.count()).select_from(SceneEntry).where(SceneEntry.performance_id == performance.id)
    )
    at.session.add(
        SceneEntry(
            performance_id=performance.id,
            position=(entered or 0) + 1,
            attempt=performance.attempt,
            scene=scene,
            entered_at=at.now,
        )
    )


def steps_taken(session: Session, performance: Performance) -> int:
    """Return how many decisions the current attempt has taken."""
    counted = select(func.count()).where(
        Step.performance_id == performance.id, Step.attempt == performance.attempt
    )
    return session.scalar(counted) or 0


def note(at: Moment, action: str, subject: str, **details: object) -> None:
    """Write one row of the event's audit chain."""
    audit.record(
        at.session,
        chain=event_chain(at.section.event.slug),
        action=action,
        subject=subject,
        account_id=at.account_id,
        now=at.now,
        details=details,
    )


def note_of(at: Moment, action: str, performance: Performance, **details: object) -> None:
    """Write one row of the event's audit chain, about a performance."""
    note(at, action, f"performance:{performance.id}", **details)
