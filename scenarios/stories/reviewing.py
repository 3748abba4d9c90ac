"""Make a story safe: claim it, read it, take out what shows who somebody is, approve exactly these words, decline.

Each act needs the duty of a moderator, which the route checks, and leaves one row in the story's own audit chain,
without a word of the story.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from scenario_app.accounts.queries import account_by_id
from scenario_app.accounts.rules import Duty
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict, Invalid
from scenarios.stories import queries
from scenarios.stories.edits import DeclineReason, Edit, check_edits, edited
from scenarios.stories.models import ModerationEntry, Review, Story, StoryEdit, StoryRevision
from scenarios.stories.queries import NoSuchStory, RevisionView
from scenarios.stories.rules import StoryState, Verdict, clean_answer, digest_of

# Reading is recorded once for so long: a page looked at ten times is one reading.
ONE_READING = timedelta(hours=1)


class RevisionMoved(Conflict):
    """These are not the newest words any more. Read the newest ones first."""

    code = "revision_moved"


class SecondWanted(Conflict):
    """Who asked for a second opinion cannot give it."""

    code = "second_wanted"


class StoryTaken(Conflict):
    """Somebody else is reading this story. They, or you, can hand it over."""

    code = "story_taken"


class NotAModerator(Invalid):
    """A story can only be handed to somebody with the duty of a moderator."""

    code = "not_a_moderator"


def chain_of(story_id: int) -> str:
    """Return the name of a story's own audit chain: who opened it, who did what with it."""
    return f"story:{story_id}"


def read_story(session: Session, *, story_id: int, account_id: int, now: datetime) -> RevisionView:
    """Return the newest words of a story, and record that this account has read them.

    One reading an hour is recorded for an account and a revision.

    :raises NoSuchStory: there is none of this number, or it was not sent, or it was withdrawn
    """
    row = _locked(session, story_id)
    newest = queries.revisions_of(session, row.id)[-1]
    if not _has_read(session, story_id, account_id, newest.number, since=now - ONE_READING):
        _record(session, "story_read", story_id, account_id, now, revision=newest.number)
    return newest


def claim_story(session: Session, *, story_id: int, account_id: int, now: datetime) -> None:
    """Say that this account is reading a story. A claim keeps nobody out; it says who is at it.

    :raises NoSuchStory: as for `read_story`
    :raises StoryTaken: somebody else is
    """
    row = _locked(session, story_id)
    if row.claimed_by == account_id:
        return
    if row.claimed_by is not None:
        raise StoryTaken(story=story_id)
    row.claimed_by, row.claimed_at = account_id, now
    _record(session, "story_claimed", story_id, account_id, now)


def hand_over(session: Session, *, story_id: int, to_id: int, account_id: int, now: datetime) -> None:
    """Give a story to another moderator, or take it over from one who is away.

    :raises NoSuchStory: as for `read_story`
    :raises NotAModerator: the other account has not the duty
    """
    row = _locked(session, story_id)
    taker = account_by_id(session, to_id)
    if taker is None or not taker.has(Duty.MODERATOR, Duty.OWNER):
        raise NotAModerator
    row.claimed_by, row.claimed_at = to_id, now
    _record(session, "story_handed_over", story_id, account_id, now, to=to_id)


def edit_story(
    session: Session,
    *,
    story_id: int,
    revision: int,
    edits: Sequence[Edit],
    account_id: int,
    now: datetime,
) -> RevisionView:
    """Take words out of a story: its next revision, which nobody has approved yet. The public log gets the kinds.

    :raises NoSuchStory: as for `read_story`
    :raises RevisionMoved: somebody edited in between; nothing is changed
    :raises scenarios.stories.edits.NothingToEdit: there are no edits
    :raises scenarios.stories.edits.BadEdit: one does not fit the words
    """
    row = _locked(session, story_id)
    newest = _newest(session, row, revision=revision)
    check_edits(newest.answers, edits)
    answers = edited(newest.answers, edits)
    number = newest.number + 1
    session.add(
        StoryRevision(
            story_id=row.id,
            number=number,
            answers=answers,
            sha256=digest_of(answers),
            made_at=now,
            made_by=account_id,
        )
    )
    session.flush()
    for edit in edits:
        session.add(
            StoryEdit(
                story_id=row.id,
                revision=number,
                question=edit.question,
                kind=edit.kind.value,
                reason=edit.reason.value,
                removed=newest.answers[edit.question][edit.start : edit.end],
                put_instead=edit.put_instead,
            )
        )
        _log(session, "removed", edit.kind.value, edit.reason.value, now)
    if row.claimed_by is None:
        row.claimed_by, row.claimed_at = account_id, now
    _record(session, "story_edited", story_id, account_id, now, revision=number, edits=len(edits))
    return queries.revisions_of(session, row.id)[-1]


def want_second(
    session: Session, *, story_id: int, revision: int, sha256: str, account_id: int, now: datetime
) -> None:
    """Ask for a second opinion: from here on somebody else has to approve, also after further edits.

    :raises NoSuchStory: as for `read_story`
    :raises RevisionMoved: these are not the newest words
    """
    row = _locked(session, story_id)
    newest = _newest(session, row, revision=revision, sha256=sha256)
    _judge(session, newest, Verdict.SECOND_WANTED, account_id, now)
    _record(session, "story_second_wanted", story_id, account_id, now, revision=revision)


def approve_story(
    session: Session, *, story_id: int, revision: int, sha256: str, account_id: int, now: datetime
) -> None:
    """Approve exactly these words of a story. An edit after it makes the story unapproved again.

    :raises NoSuchStory: as for `read_story`
    :raises RevisionMoved: these are not the newest words
    :raises SecondWanted: this account asked for a second opinion
    """
    row = _locked(session, story_id)
    newest = _newest(session, row, revision=revision, sha256=sha256)
    if _who_wants_second(session, story_id) == account_id:
        raise SecondWanted(story=story_id)
    if queries.story(session, story_id).state is StoryState.APPROVED:
        return
    _judge(session, newest, Verdict.APPROVED, account_id, now)
    _record(session, "story_approved", story_id, account_id, now, revision=revision)


def decline_story(
    session: Session,
    *,
    story_id: int,
    revision: int,
    sha256: str,
    reason: DeclineReason,
    words: str,
    account_id: int,
    now: datetime,
) -> None:
    """Say that a story is not used, and why. `reason` is public; `words` are for the teller alone.

    :raises NoSuchStory: as for `read_story`
    :raises RevisionMoved: these are not the newest words
    :raises scenarios.stories.rules.AnswerTooLong: the words to the teller are too long
    """
    row = _locked(session, story_id)
    newest = _newest(session, row, revision=revision, sha256=sha256)
    if queries.story(session, story_id).state is StoryState.DECLINED:
        return
    _judge(session, newest, Verdict.DECLINED, account_id, now, reason=reason, words=clean_answer(words))
    _log(session, "declined", "", reason.value, now)
    _record(session, "story_declined", story_id, account_id, now, revision=revision, reason=reason.value)


# --- within ---------------------------------------------------------------------------------------------------


def _locked(session: Session, story_id: int) -> Story:
    row = session.scalars(select(Story).where(Story.id == story_id).with_for_update()).first()
    # A draft is nobody's to read, nor is what was taken back.
    if row is None or row.sent_at is None or row.withdrawn_at is not None:
        raise NoSuchStory(story=story_id)
    return row


def _newest(session: Session, row: Story, *, revision: int, sha256: str | None = None) -> RevisionView:
    newest = queries.revisions_of(session, row.id)[-1]
    if newest.number != revision or (sha256 is not None and newest.sha256 != sha256):
        raise RevisionMoved(newest=newest.number, read=revision)
    return newest


def _has_read(session: Session, story_id: int, account_id: int, revision: int, *, since: datetime) -> bool:
    acts = audit.acts_of(session, chain_of(story_id), action="story_read")
    return any(
        act.account_id == account_id and act.at > since and act.details.get("revision") == revision
        for act in acts
    )


def _who_wants_second(session: Session, story_id: int) -> int | None:
    """Return the account that asked last; an earlier wish is answered by a later one."""
    return session.scalars(
        select(Review.reviewed_by)
        .where(Review.story_id == story_id, Review.verdict == Verdict.SECOND_WANTED.value)
        .order_by(Review.id.desc())
        .limit(1)
    ).first()


def _judge(
    session: Session,
    newest: RevisionView,
    verdict: Verdict,
    account_id: int,
    now: datetime,
    *,
    reason: DeclineReason | None = None,
    words: str = "",
) -> None:
    session.add(
        Review(
            story_id=newest.story_id,
            revision=newest.number,
            sha256=newest.sha256,
            verdict=verdict.value,
            reason_code=reason.value if reason else None,
            reason=words,
            reviewed_at=now,
            reviewed_by=account_id,
        )
    )
    session.flush()


def _log(session: Session, action: str, kind: str, reason: str, now: datetime) -> None:
    # The day alone: with the minute, somebody could tell which story a line belongs to.
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    session.add(ModerationEntry(subject="story", action=action, kind=kind, reason=reason, logged_at=day))


def _record(
    session: Session, action: str, story_id: int, account_id: int, now: datetime, **details: object
) -> None:
    audit.record(
        session,
        chain=chain_of(story_id),
        action=action,
        subject=f"story:{story_id}",
        account_id=account_id,
        now=now,
        details=details,
    )
