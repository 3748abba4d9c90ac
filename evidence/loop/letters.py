"""Who wants to be told what came of their story, by letter; and what is new for them.

An address is kept for this alone: it goes when its owner says stop, when the mail server does not know it, and when
the story is taken back. What somebody was told of is kept by name, never in words.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evidence.loop.chain import chain_of_story
from evidence.loop.graph import Kind
from evidence.loop.models import Follower

# A letter tells of these. Scenes, decisions and hands come with the vote that they belong to.
_NEWS: Final = (Kind.VERSION, Kind.ROUND, Kind.PROPOSAL, Kind.ANSWER, Kind.COMMITMENT, Kind.CHANGE)
# How long a look at one story is nobody else's; then somebody looks again.
LOOK_EVERY: Final = timedelta(hours=1)
# Nobody gets two letters on one day.
AFTER_A_LETTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class News:
    """A letter to be written: to whom, in which language, and what it tells of, by name."""

    follower_id: int
    address: str
    language: str
    names: Collection[str]


def follow(session: Session, *, story_id: int, address: str, language: str, key: str, now: datetime) -> None:
    """Keep where a teller wants to be told. What came of the story until now is not told again.

    `key` is the site's secret. Another address takes the place of the first.
    """
    stop_following(session, story_id=story_id)
    row = Follower(
        story_id=story_id,
        address=address,
        language=language,
        asked_at=now,
        told=sorted(_news(session, story_id, key, now)),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same wish, with another tap at the same moment: one is enough
        return


def follows(session: Session, story_id: int) -> bool:
    """Say whether somebody is told what comes of a story. One query."""
    return session.scalars(select(Follower.id).where(Follower.story_id == story_id)).first() is not None


def stop_following(session: Session, *, story_id: int) -> None:
    """Erase the address that belongs to a story. Nothing is done where there is none."""
    session.execute(delete(Follower).where(Follower.story_id == story_id))


def stop_letters(session: Session, *, follower_id: int) -> None:
    """Erase the address that a letter went to. Nothing is done where it is gone already."""
    session.execute(delete(Follower).where(Follower.id == follower_id))


# --- writing letters --------------------------------------------------------------------------------------


def somebody_follows(session: Session, *, now: datetime) -> bool:
    """Say whether there is a story to look at now. One query, no lock."""
    return session.scalars(select(Follower.id).where(_free(now)).limit(1)).first() is not None


def claim_followers(session: Session, *, now: datetime) -> list[int]:
    """Return whose story is to be looked at by this process; no other looks at it for the next hour."""
    claimed = session.scalars(
        update(Follower)
        .where(_free(now))
        .values(telling_until=now + LOOK_EVERY)
        .returning(Follower.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(claimed)


def news_for(session: Session, *, follower_id: int, key: str, now: datetime) -> News | None:
    """Return what is new for a teller; None where nothing is. About 20 queries. `key` is the site's secret."""
    row = session.get(Follower, follower_id)
    if row is None:
        return None
    fresh = _news(session, row.story_id, key, now) - set(row.told)
    return News(row.id, row.address, row.language, sorted(fresh)) if fresh else None


def mark_told(session: Session, *, news: News, now: datetime) -> None:
    """Keep that a letter has told of this; the next one waits for a day."""
    row = session.get(Follower, news.follower_id, with_for_update=True)
    if row is not None:
        row.told = sorted({*row.told, *news.names})
        row.telling_until = now + AFTER_A_LETTER


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(Follower.telling_until.is_(None), Follower.telling_until <= now)


def _news(session: Session, story_id: int, key: str, now: datetime) -> set[str]:
    found = chain_of_story(session, story_id, key=key, today=now.date())
    if found is None:
        return set()
    chain, story = found
    return {str(name) for name in chain.everything_after(story) if name.kind in _NEWS}
