"""Packs that were asked for: who wants which, who makes it, how far it is. One is made at a time.

A pack takes seconds to make, and votes must not wait for it: the making is between two transactions, and the second
makes sure that nothing has changed since the first.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from sqlalchemy import CursorResult, Update, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evidence.gathering import gather
from evidence.models import PackJob
from evidence.queries import Pack
from evidence.rules import is_event_name
from evidence.service import MadePack, PackDraft, freeze_pack
from live.programme import NoSuchEvent
from live.queries import event_by_slug
from scenario_app.kernel.errors import Conflict, DomainError, NotFound

PACKS_AN_HOUR = 10
# Reading what was counted; writing tables and documents; freezing.
STEPS = 3


class JobState(StrEnum):
    """Where a pack that was asked for stands."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    REFUSED = "refused"


UNFINISHED = (JobState.WAITING.value, JobState.WORKING.value)


class AskedTooOften(DomainError):
    """An account asked for ten packs within an hour; `retry_after_ms` says when the first of them is an hour old."""

    code = "asked_too_often"
    status = 429


class NoSuchJob(NotFound):
    """No pack was asked for under this number."""

    code = "no_such_job"


class MovedMeanwhile(Conflict):
    """What a pack is made of changed while it was made; it is to be made anew."""

    code = "moved_meanwhile"


class NotMine(Conflict):
    """Another worker makes this pack now: this one fell silent for too long."""

    code = "not_mine"


@dataclass(frozen=True, slots=True)
class Job:
    """A pack that was asked for. `step`: 0 while it waits, then 1 to `STEPS`; `refusal`: the code of why not."""

    id: int
    event_slug: str
    language: str
    asked_by: int
    state: JobState
    step: int
    reference: str | None
    refusal: str | None

    @property
    def unfinished(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in UNFINISHED


def ask_for_pack(session: Session, *, event_slug: str, language: str, account_id: int, now: datetime) -> int:
    """Ask for an event's next pack and return the number to ask after it. Asked twice at once, it is one job.

    :raises NoSuchEvent: no event has this name
    :raises AskedTooOften: this account has had its ten within an hour
    """
    if not is_event_name(event_slug) or event_by_slug(session, event_slug) is None:
        raise NoSuchEvent(found=event_slug[:80])
    there = _unfinished(session, event_slug)
    if there is not None:
        return there
    hour = timedelta(hours=1)
    recent = select(func.count(), func.min(PackJob.asked_at)).where(
        PackJob.asked_by == account_id, PackJob.asked_at > now - hour
    )
    asked, first = session.execute(recent).one()
    if asked >= PACKS_AN_HOUR:
        raise AskedTooOften(retry_after_ms=int((first + hour - now) / timedelta(milliseconds=1)))
    job = PackJob(
        event_slug=event_slug,
        language=language,
        asked_by=account_id,
        asked_at=now,
        state=JobState.WAITING.value,
        step=0,
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:  # somebody else asked in this very moment
        there = _unfinished(session, event_slug)
        if there is None:
            raise
        return there
    return job.id


def job_asked(session: Session, job_id: int) -> Job:
    """Return where a pack that was asked for stands.

    :raises NoSuchJob: there is none of this number
    """
    row = session.get(PackJob, job_id)
    if row is None:
        raise NoSuchJob
    return _job(row)


def unfinished_jobs(session: Session) -> dict[str, int]:
    """Return the jobs that are not done, by the name of the event. One query."""
    rows = session.execute(select(PackJob.event_slug, PackJob.id).where(PackJob.state.in_(UNFINISHED)))
    return {row.event_slug: row.id for row in rows}


# --- who makes it ---------------------------------------------------------------------------------------


def claim_job(session: Session, *, worker: str, now: datetime, silent_since: datetime) -> Job | None:
    """Take the job that is next, or None when there is none or another one is being made.

    A job whose worker said nothing after `silent_since` is begun anew.
    """
    working = session.scalars(select(PackJob).where(PackJob.state == JobState.WORKING.value)).first()
    if working is None:
        waiting = select(PackJob).where(PackJob.state == JobState.WAITING.value)
        found = session.scalars(waiting.order_by(PackJob.asked_at, PackJob.id).limit(1)).first()
    else:
        assert working.beat_at is not None
        found = working if working.beat_at <= silent_since else None
    if found is None:
        return None
    # Of two that get here at once one changes a row that is still as it was seen; the index refuses a second job.
    seen = (
        PackJob.id == found.id,
        PackJob.state == found.state,
        PackJob.worker.is_not_distinct_from(found.worker),
    )
    try:
        with session.begin_nested():
            taken = _changed(
                session,
                update(PackJob)
                .where(*seen, PackJob.beat_at.is_not_distinct_from(found.beat_at))
                .values(state=JobState.WORKING.value, worker=worker, beat_at=now, step=1),
            )
    except IntegrityError:
        return None
    session.expire_all()
    return job_asked(session, found.id) if taken else None


def note_step(session: Session, *, job_id: int, worker: str, step: int, now: datetime) -> None:
    """Say how far a pack is, and that its worker is alive.

    :raises NotMine: another worker has taken it over
    """
    if not _changed(session, _mine(job_id, worker).values(step=step, beat_at=now)):
        raise NotMine


def publish_job(
    session: Session,
    *,
    job: Job,
    worker: str,
    draft: PackDraft,
    made: MadePack,
    now: datetime,
) -> Pack:
    """Publish what was made for a job, provided that it is what it would be made of now. One transaction.

    :raises MovedMeanwhile: something changed: a story was taken back, a round was closed
    :raises NotMine: another worker has taken it over
    :raises evidence.rules.JustPublished: another version was published meanwhile
    """
    done = _mine(job.id, worker).values(state=JobState.DONE.value, reference=draft.reference, beat_at=now)
    if not _changed(session, done):
        raise NotMine
    event = event_by_slug(session, job.event_slug)
    if event is None:
        raise MovedMeanwhile
    current = gather(session, event, threshold=draft.gathered.suppress_below)
    # The chain only grows: a pack may hold its head of a moment ago, and a busy desk must not put packs off for ever.
    if replace(current, audit=draft.gathered.audit) != draft.gathered:
        raise MovedMeanwhile
    return freeze_pack(session, draft, made, account_id=job.asked_by, now=now)


def refuse_job(session: Session, *, job_id: int, worker: str, code: str, now: datetime) -> None:
    """Say that there will be no pack, and why. Does nothing for a job that another worker has taken over."""
    _changed(
        session,
        _mine(job_id, worker).values(state=JobState.REFUSED.value, refusal=code[:40], beat_at=now),
    )


def _mine(job_id: int, worker: str) -> Update:
    return update(PackJob).where(
        PackJob.id == job_id, PackJob.worker == worker, PackJob.state == JobState.WORKING.value
    )


def _changed(session: Session, statement: Update) -> bool:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return cast(CursorResult[tuple[()]], done).rowcount == 1


def _unfinished(session: Session, event_slug: str) -> int | None:
    where = (PackJob.event_slug == event_slug, PackJob.state.in_(UNFINISHED))
    return session.scalars(select(PackJob.id).where(*where)).first()


def _job(row: PackJob) -> Job:
    return Job(
        id=row.id,
        event_slug=row.event_slug,
        language=row.language,
        asked_by=row.asked_by,
        state=JobState(row.state),
        step=row.step,
        reference=row.reference,
        refusal=row.refusal,
    )
