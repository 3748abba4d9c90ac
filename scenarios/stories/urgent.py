"""The urgent lane: a story that speaks of present danger, who was told of it, who has it in hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict, Invalid
from scenarios.stories.danger import danger_in, plain
from scenarios.stories.models import DangerWord, Story
from scenarios.stories.queries import NoSuchStory

# Longer than a slow mail server takes, short enough that a dead process costs no more than a minute.
TELLING_LEASE = timedelta(seconds=40)
LONGEST_PHRASE = 120


class BadPhrase(Invalid):
    """A phrase to look for has letters, and at most 120 of them."""

    code = "bad_phrase"


class NotUrgent(Conflict):
    """The story is not in the urgent lane, or somebody has it in hand already."""

    code = "not_urgent"


@dataclass(frozen=True, slots=True)
class DangerPhrase:
    """One phrase that puts a story into the urgent lane."""

    language: str
    phrase: str


def is_urgent(session: Session, texts: Iterable[str]) -> bool:
    """Say whether one of these texts speaks of present danger. One query.

    The lists of all languages are looked at: people write in another language than the page's.
    """
    phrases = session.scalars(select(DangerWord.phrase)).all()
    return any(danger_in(text, phrases) for text in texts)


def danger_phrases(session: Session) -> list[DangerPhrase]:
    """Return every phrase, by language and alphabet."""
    rows = session.scalars(select(DangerWord).order_by(DangerWord.language, DangerWord.phrase))
    return [DangerPhrase(row.language, row.phrase) for row in rows]


def add_phrase(session: Session, *, language: str, phrase: str, account_id: int, now: datetime) -> None:
    """Look for a phrase from now on. One that is looked for already stays as it is.

    :raises BadPhrase: no letters in it, or longer than 120
    """
    kept = " ".join(phrase.split())
    if not plain(kept) or len(kept) > LONGEST_PHRASE:
        raise BadPhrase(most=LONGEST_PHRASE)
    if session.get(DangerWord, (language, kept)) is None:
        session.add(DangerWord(language=language, phrase=kept))
        session.flush()
        _record(session, "danger_word_added", f"danger-words:{language}", account_id, now)


def remove_phrase(session: Session, *, language: str, phrase: str, account_id: int, now: datetime) -> None:
    """Look for a phrase no more. One that is not there is gone already."""
    gone = session.execute(
        delete(DangerWord)
        .where(DangerWord.language == language, DangerWord.phrase == phrase)
        .returning(DangerWord.phrase)
    ).first()
    if gone is not None:
        _record(session, "danger_word_removed", f"danger-words:{language}", account_id, now)


# --- the lane -------------------------------------------------------------------------------------------------


def raise_urgent(session: Session, *, story_id: int, account_id: int, now: datetime) -> None:
    """Put a story into the urgent lane because somebody who read it says so; its clock starts anew.

    :raises NoSuchStory: there is none of this number
    """
    row = _locked(session, story_id)
    if row.urgent_since is not None and row.urgent_taken_at is None:
        return
    row.urgent_since, row.urgent_told_at, row.urgent_telling_until = now, None, None
    row.urgent_taken_at = row.urgent_taken_by = None
    _record(session, "story_urgent", f"story:{story_id}", account_id, now)


def take_urgent(session: Session, *, story_id: int, account_id: int, now: datetime) -> None:
    """Say that this account has an urgent story in hand: its clock stops, and nobody else is called.

    :raises NoSuchStory: there is none of this number
    :raises NotUrgent: it is not in the lane, or somebody has it
    """
    row = _locked(session, story_id)
    if row.urgent_since is None or row.urgent_taken_at is not None:
        raise NotUrgent(story=story_id)
    row.urgent_taken_at, row.urgent_taken_by = now, account_id
    if row.claimed_by is None:
        row.claimed_at, row.claimed_by = now, account_id
    _record(session, "story_urgent_taken", f"story:{story_id}", account_id, now)


def waiting_urgent(session: Session) -> int:
    """Return how many stories need somebody now. One query."""
    return (
        session.scalar(
            select(func.count()).where(
                Story.urgent_since.is_not(None),
                Story.urgent_taken_at.is_(None),
                Story.sent_at.is_not(None),
                Story.withdrawn_at.is_(None),
            )
        )
        or 0
    )


# --- telling the people on duty -------------------------------------------------------------------------------


def untold(session: Session) -> bool:
    """Say whether somebody still has to be told of an urgent story. One query, no lock."""
    return session.scalars(select(Story.id).where(*_untold()).limit(1)).first() is not None


def claim_untold(session: Session, *, now: datetime) -> list[int]:
    """Return the urgent stories that nobody was told of, for this process to tell; no other gets them meanwhile.

    The claim runs out by itself: a process that dies while it tells costs a minute, not the letter.
    """
    claimed = session.scalars(
        update(Story)
        .where(*_untold(), or_(Story.urgent_telling_until.is_(None), Story.urgent_telling_until <= now))
        .values(urgent_telling_until=now + TELLING_LEASE)
        .returning(Story.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(claimed)


def mark_told(session: Session, *, story_id: int, now: datetime) -> None:
    """Keep that everybody on duty has been told."""
    session.execute(update(Story).where(Story.id == story_id).values(urgent_told_at=now))


def mark_untold(session: Session, *, story_id: int) -> None:
    """Give a claimed story back: it could not be told, and the next look tries again."""
    session.execute(update(Story).where(Story.id == story_id).values(urgent_telling_until=None))


def _untold() -> tuple[ColumnElement[bool], ...]:
    return (
        Story.urgent_since.is_not(None),
        Story.urgent_told_at.is_(None),
        Story.urgent_taken_at.is_(None),
        Story.withdrawn_at.is_(None),
    )


def _locked(session: Session, story_id: int) -> Story:
    row = session.scalars(select(Story).where(Story.id == story_id).with_for_update()).first()
    if row is None or row.sent_at is None or row.withdrawn_at is not None:
        raise NoSuchStory(story=story_id)
    return row


def _record(session: Session, action: str, subject: str, account_id: int, now: datetime) -> None:
    audit.record(session, chain=audit.SITE, action=action, subject=subject, account_id=account_id, now=now)
