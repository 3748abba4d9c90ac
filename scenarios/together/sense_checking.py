"""What readers of a published scenario say of it: it happens here too, not here, differently. Apart from votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scenario_app.kernel import audit
from scenarios.models import Scenario
from scenarios.queries import NoSuchScenario
from scenarios.stories.models import ModerationEntry
from scenarios.stories.rules import clean_answer
from scenarios.together.models import SenseCheck
from scenarios.together.rules import NoSuchSenseCheck, Sense, TooManySenseChecks, check_sense_pace


@dataclass(frozen=True, slots=True)
class SenseCounts:
    """How many readers said what of one scenario, the lines that may be shown, and what this reader said."""

    counts: Mapping[Sense, int]
    lines: Sequence[tuple[Sense, str]]
    mine: Sense | None


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """A reader's line that nobody has read yet."""

    id: int
    slug: str
    verdict: Sense
    why: str
    said_at: datetime


def say_sense(
    session: Session, *, slug: str, browser_hash: bytes, verdict: Sense, why: str, now: datetime
) -> None:
    """Keep what a reader says of a scenario: one thing per browser, the newest. Its line waits to be read.

    :raises scenarios.queries.NoSuchScenario: nothing is published at this address
    :raises scenarios.together.rules.TooManySenseChecks: ten from this browser within an hour
    :raises scenarios.stories.rules.AnswerTooLong: a line longer than is kept
    """
    scenario_id = session.scalars(select(Scenario.id).where(Scenario.slug == slug)).first()
    if scenario_id is None:
        raise NoSuchScenario(slug=slug)
    said = session.scalars(select(SenseCheck.said_at).where(SenseCheck.browser_hash == browser_hash)).all()
    check_sense_pace(said, now=now)
    line = clean_answer(why)
    row = session.scalars(
        select(SenseCheck).where(
            SenseCheck.scenario_id == scenario_id, SenseCheck.browser_hash == browser_hash
        )
    ).first()
    if row is None:
        row = SenseCheck(scenario_id=scenario_id, browser_hash=browser_hash, why="")
        session.add(row)
    if line != row.why:
        row.shown = row.read_by = None
    row.verdict, row.why, row.said_at = verdict.value, line, now
    try:
        session.flush()
    except IntegrityError:  # the same browser, twice at the same moment
        raise TooManySenseChecks from None


def sense_of(session: Session, *, slug: str, browser_hash: bytes | None) -> SenseCounts:
    """Return what readers said of a scenario. Three queries."""
    of_it = SenseCheck.scenario_id == select(Scenario.id).where(Scenario.slug == slug).scalar_subquery()
    counted = session.execute(
        select(SenseCheck.verdict, func.count()).where(of_it).group_by(SenseCheck.verdict)
    )
    shown = session.execute(
        select(SenseCheck.verdict, SenseCheck.why)
        .where(of_it, SenseCheck.shown.is_(True), SenseCheck.why != "")
        .order_by(SenseCheck.said_at.desc())
        .limit(50)
    )
    mine = session.scalars(
        select(SenseCheck.verdict).where(of_it, SenseCheck.browser_hash == (browser_hash or b""))
    ).first()
    return SenseCounts(
        counts=dict.fromkeys(Sense, 0) | {Sense(verdict): count for verdict, count in counted},
        lines=[(Sense(verdict), why) for verdict, why in shown],
        mine=Sense(mine) if mine else None,
    )


def unread_lines(session: Session) -> list[UnreadLine]:
    """Return the lines that wait to be read, the oldest first."""
    rows = session.execute(
        select(SenseCheck, Scenario.slug)
        .join(Scenario, Scenario.id == SenseCheck.scenario_id)
        .where(SenseCheck.shown.is_(None), SenseCheck.why != "")
        .order_by(SenseCheck.said_at)
    )
    return [UnreadLine(row.id, slug, Sense(row.verdict), row.why, row.said_at) for row, slug in rows]


def judge_line(
    session: Session, *, sense_check_id: int, why: str, show: bool, account_id: int, now: datetime
) -> None:
    """Say whether a reader's line may be shown. `why` is the line that was read: exactly it is judged.

    :raises NoSuchSenseCheck: there is none, or its line is another one now
    """
    row = session.get(SenseCheck, sense_check_id)
    if row is None or row.why != why:
        raise NoSuchSenseCheck(sense_check=sense_check_id)
    row.shown, row.read_by = show, account_id
    if not show:
        row.why = ""
        session.add(
            ModerationEntry(
                subject="sense_check", action="declined", kind="", reason="not_for_this_page", logged_at=now
            )
        )
    audit.record(
        session,
        chain=audit.SITE,
        action="sense_check_shown" if show else "sense_check_declined",
        subject=f"sense_check:{sense_check_id}",
        account_id=account_id,
        now=now,
    )
