"""Stories that wait for a moderator, and the public log of moderation, as frozen values. No words of a story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scenario_app.accounts.queries import names_of
from scenario_app.kernel import audit
from scenarios.stories.models import ModerationEntry, Review, Story, StoryRevision
from scenarios.stories.rules import Judged, StoryState, Verdict, state_of

PAGE_LENGTH = 25
WAITING = frozenset({StoryState.SENT, StoryState.BEING_READ})


@dataclass(frozen=True, slots=True)
class QueuedStory:
    """A row of the queue: which story, how old, what it is about, who has it. Nothing of its words."""

    id: int
    state: StoryState
    language: str
    stage: str | None
    sent_at: datetime
    urgent_since: datetime | None
    urgent_taken_at: datetime | None
    revision: int
    second_wanted: bool
    claimed_by: int | None
    claimed_by_name: str | None

    @property
    def needs_somebody(self) -> bool:
        """Whether it is in the urgent lane and nobody has it in hand."""
        return self.urgent_since is not None and self.urgent_taken_at is None


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which stories are looked for. None means any."""

    state: StoryState | None = None
    stage: str | None = None
    language: str | None = None
    urgent: bool = False
    claimed_by: int | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue. `stages` and `languages` are those that any sent story has."""

    rows: Sequence[QueuedStory]
    found: int
    page: int
    pages: int
    stages: Sequence[str]
    languages: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A judgement of one revision."""

    revision: int
    verdict: Verdict
    reason_code: str | None
    reason: str
    reviewed_at: datetime
    reviewed_by_name: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody opened the words of a story."""

    name: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LogLine:
    """How often in one month something was taken out, or a story declined, for one reason."""

    action: str
    kind: str
    reason: str
    times: int


def queue(session: Session, wanted: QueueFilter, *, page: int = 1) -> Queue:
    """Return stories, those that need somebody now first, then the oldest. Waiting ones unless a state is wanted.

    A state is worked out from all revisions and reviews: four queries, over every story that was sent.
    """
    stories = _sent(session)
    fitting = [row for row in stories if _fits(row, wanted)]
    fitting.sort(key=lambda row: (not row.needs_somebody, row.urgent_since or row.sent_at, row.id))
    pages = max(1, -(-len(fitting) // PAGE_LENGTH))
    page = min(max(1, page), pages)
    return Queue(
        rows=fitting[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH],
        found=len(fitting),
        page=page,
        pages=pages,
        stages=sorted({row.stage for row in stories if row.stage}),
        languages=sorted({row.language for row in stories}),
    )


def waiting(session: Session) -> int:
    """Return how many stories wait for somebody to read or judge them."""
    return sum(row.state in WAITING for row in _sent(session))


def reviews_of(session: Session, story_id: int) -> list[ReviewView]:
    """Return every judgement of a story, the newest first."""
    rows = session.scalars(select(Review).where(Review.story_id == story_id).order_by(Review.id.desc())).all()
    names = names_of(session, [row.reviewed_by for row in rows])
    return [
        ReviewView(
            revision=row.revision,
            verdict=Verdict(row.verdict),
            reason_code=row.reason_code,
            reason=row.reason,
            reviewed_at=row.reviewed_at,
            reviewed_by_name=names.get(row.reviewed_by, "?"),
        )
        for row in rows
    ]


def readings_of(session: Session, chain: str) -> list[Reading]:
    """Return who has opened the words of a story, the newest first. `chain` is the story's audit chain."""
    acts = audit.acts_of(session, chain, action="story_read")
    names = names_of(session, [act.account_id for act in acts if act.account_id is not None])
    return [
        Reading(names.get(act.account_id or 0, "?"), int(str(act.details["revision"])), act.at)
        for act in reversed(acts)
    ]


# --- the public log -------------------------------------------------------------------------------------------


def months_logged(session: Session) -> list[datetime]:
    """Return the first day of every month in which something was logged, the newest first."""
    days = session.scalars(select(ModerationEntry.logged_at).distinct())
    return sorted(
        {day.replace(day=1, hour=0, minute=0, second=0, microsecond=0) for day in days}, reverse=True
    )


def log_of(session: Session, month: datetime) -> list[LogLine]:
    """Return what was taken out and declined in a month, the most frequent first.

    Counted, so that no line stands for one story.
    """
    after = (month + timedelta(days=32)).replace(day=1)
    times = func.count().label("times")
    rows = session.execute(
        select(ModerationEntry.action, ModerationEntry.kind, ModerationEntry.reason, times)
        .where(ModerationEntry.logged_at >= month, ModerationEntry.logged_at < after)
        .group_by(ModerationEntry.action, ModerationEntry.kind, ModerationEntry.reason)
        .order_by(times.desc(), ModerationEntry.action, ModerationEntry.kind, ModerationEntry.reason)
    )
    return [LogLine(row.action, row.kind, row.reason, row.times) for row in rows]


# --- within ---------------------------------------------------------------------------------------------------


def _fits(row: QueuedStory, wanted: QueueFilter) -> bool:
    return (
        (row.state is wanted.state if wanted.state else row.state in WAITING or row.needs_somebody)
        and wanted.stage in (None, row.stage)
        and wanted.language in (None, row.language)
        and (not wanted.urgent or row.urgent_since is not None)
        and wanted.claimed_by in (None, row.claimed_by)
    )


def _sent(session: Session) -> list[QueuedStory]:
    rows = session.scalars(
        select(Story).where(Story.sent_at.is_not(None), Story.withdrawn_at.is_(None))
    ).all()
    newest = _newest_revisions(session)
    judged = _judged(session)
    names = names_of(session, [row.claimed_by for row in rows if row.claimed_by is not None])
    return [_row(row, newest[row.id], judged.get(row.id, []), names.get(row.claimed_by or 0)) for row in rows]


def _newest_revisions(session: Session) -> dict[int, tuple[int, str]]:
    found = session.execute(
        select(StoryRevision.story_id, StoryRevision.number, StoryRevision.sha256).order_by(
            StoryRevision.story_id, StoryRevision.number
        )
    )
    return {row.story_id: (row.number, row.sha256) for row in found}


def _judged(session: Session) -> dict[int, list[Judged]]:
    found: dict[int, list[Judged]] = {}
    for review in session.execute(
        select(Review.story_id, Review.revision, Review.sha256, Review.verdict).order_by(Review.id)
    ):
        judged = Judged(review.revision, review.sha256, Verdict(review.verdict))
        found.setdefault(review.story_id, []).append(judged)
    return found


def _row(row: Story, newest: tuple[int, str], reviews: Iterable[Judged], name: str | None) -> QueuedStory:
    assert row.sent_at is not None
    reviews = list(reviews)
    return QueuedStory(
        id=row.id,
        state=state_of(
            sent_at=row.sent_at,
            withdrawn_at=None,
            claimed=row.claimed_by is not None,
            newest=newest,
            reviews=reviews,
        ),
        language=row.language,
        stage=row.stage,
        sent_at=row.sent_at,
        urgent_since=row.urgent_since,
        urgent_taken_at=row.urgent_taken_at,
        revision=newest[0],
        second_wanted=any(review.verdict is Verdict.SECOND_WANTED for review in reviews),
        claimed_by=row.claimed_by,
        claimed_by_name=name,
    )
