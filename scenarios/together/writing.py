"""Invite co-writers, save beside each other, weave stories in, publish what several people wrote."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scenario_app.accounts.queries import SignedIn
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_guest
from scenario_app.kernel import audit
from scenario_app.kernel.tokens import hashed, new_secret
from scenarios import queries as scripts
from scenarios.queries import PublishedVersion
from scenarios.rendering import RenderedScript
from scenarios.rules import DraftMoved, check_draft_text, check_not_taken_back, in_style_of
from scenarios.service import SavedDraft, publish_draft, save_draft, start_draft
from scenarios.stories.queries import approved_revision, consents_of
from scenarios.stories.rules import Use
from scenarios.stories.withdrawing import words_of_story
from scenarios.together import queries
from scenarios.together.merge import Merge, merged
from scenarios.together.models import CoWriter, DraftSource, Invitation, VersionCredit, VersionSource
from scenarios.together.queries import SourceView
from scenarios.together.redaction import StoryWords, without_words
from scenarios.together.rules import (
    INVITATION_LIFE,
    NoSuchInvitation,
    NotForThisUse,
    check_second_person,
)


@dataclass(frozen=True, slots=True)
class SavedTogether:
    """A save, and whose newer words it was put together with (empty: nobody's)."""

    saved: SavedDraft
    with_words_of: str


def save_together(
    session: Session, *, draft_id: int, text: str, revision: int, account_id: int, now: datetime
) -> SavedTogether:
    """Keep the words of a draft; where somebody else saved meanwhile in other places, keep both.

    :raises scenarios.rules.DraftMoved: both changed the same lines; nothing is changed, a person must choose
    :raises scenarios.queries.NoSuchDraft: there is no such draft
    :raises scenarios.rules.DraftTooLong: longer than is kept
    :raises scenarios.rules.NotText: it holds what no database keeps
    """
    try:
        saved = save_draft(
            session, draft_id=draft_id, text=text, revision=revision, account_id=account_id, now=now
        )
        return SavedTogether(saved, "")
    except DraftMoved:
        merge = merge_with_newest(session, draft_id=draft_id, text=text, revision=revision)
        if merge is None or merge.clashes:
            raise
    theirs = scripts.draft(session, draft_id)
    saved = save_draft(
        session,
        draft_id=draft_id,
        text=merge.text(),
        revision=theirs.revision,
        account_id=account_id,
        now=now,
    )
    return SavedTogether(saved, theirs.updated_by_name)


def merge_with_newest(session: Session, *, draft_id: int, text: str, revision: int) -> Merge | None:
    """Put words written upon an older revision together with the newest ones; None when the older are not kept.

    :raises scenarios.queries.NoSuchDraft: there is no such draft
    :raises scenarios.rules.WordsTakenBack: words of a story were taken back since
    :raises scenarios.rules.DraftTooLong: longer than is kept
    """
    check_draft_text(text)
    newest = scripts.draft(session, draft_id)
    check_not_taken_back(newest.redacted_revision, read=revision)
    before = scripts.words_at(session, draft_id, revision)
    return None if before is None else merged(before, in_style_of(text, before), newest.text)


# --- co-writers -----------------------------------------------------------------------------------------------


def invite_co_writer(
    session: Session, *, draft_id: int, note: str, account_id: int, now: datetime, key: str
) -> str:
    """Return the secret of a new link for one person, good for 14 days. It is known only now.

    :raises scenarios.queries.NoSuchDraft: there is no such draft
    """
    scripts.draft(session, draft_id)
    token = new_secret()
    session.add(
        Invitation(
            draft_id=draft_id,
            token_hash=hashed(token, key=key),
            note=note.strip()[:120],
            made_at=now,
            made_by=account_id,
            expires_at=now + INVITATION_LIFE,
        )
    )
    _record(session, "co_writer_invited", draft_id, account_id, now)
    return token


def take_invitation_back(
    session: Session, *, draft_id: int, invitation_id: int, account_id: int, now: datetime
) -> None:
    """Make a link worth nothing.

    :raises NoSuchInvitation: this script has no such invitation
    """
    row = session.get(Invitation, invitation_id)
    if row is None or row.draft_id != draft_id:
        raise NoSuchInvitation
    row.taken_back_at = row.taken_back_at or now
    _record(session, "invitation_taken_back", draft_id, account_id, now)


def accept_invitation(
    session: Session, *, token: str, name: str, credit: str, words: str, key: str, now: datetime
) -> tuple[SignedIn, int]:
    """Make somebody a co-writer by their link; return their account and the script. `words` sign them in again.

    `name` is what the others on the script see, `credit` how to be named when it is published (empty: not at all).

    :raises NoSuchInvitation: the link is not good, or somebody used it a moment ago
    :raises scenario_app.accounts.service.NoName: an empty name
    """
    row = _used(session, token=token, key=key, now=now)
    account = add_guest(session, name=name, duties=[Duty.CO_WRITER], words=words, now=now, key=key)
    _join(session, row.draft_id, account, credit, now)
    return account, row.draft_id


def join_by_invitation(session: Session, *, token: str, account: SignedIn, key: str, now: datetime) -> int:
    """Let somebody who is signed in write on one more script; return which.

    :raises NoSuchInvitation: the link is not good
    """
    row = _used(session, token=token, key=key, now=now)
    _join(session, row.draft_id, account, "", now)
    return row.draft_id


def remove_co_writer(
    session: Session, *, draft_id: int, co_writer_id: int, account_id: int, now: datetime
) -> None:
    """End somebody's writing on a script. What they wrote stays."""
    row = session.get(CoWriter, (draft_id, co_writer_id))
    if row is not None and row.left_at is None:
        row.left_at = now
        _record(session, "co_writer_removed", draft_id, account_id, now, {"co_writer": co_writer_id})


def say_credit(session: Session, *, draft_id: int, account_id: int, credit: str) -> None:
    """Keep how a co-writer wants to be named when the script is published; empty: not at all."""
    row = session.get(CoWriter, (draft_id, account_id))
    if row is not None:
        row.credit = credit.strip()[:120]


# --- stories --------------------------------------------------------------------------------------------------


def start_woven_draft(
    session: Session, *, story_id: int, text: str, account_id: int, now: datetime
) -> SavedDraft:
    """Begin a script from an approved story.

    :raises NotForThisUse: not approved as it stands, or not allowed to be performed
    """
    saved = start_draft(session, text=text, account_id=account_id, now=now)
    add_source(session, draft_id=saved.id, story_id=story_id, account_id=account_id, now=now)
    return saved


def add_source(session: Session, *, draft_id: int, story_id: int, account_id: int, now: datetime) -> None:
    """Say that a script is woven from a story, too. Its co-writers may read the approved words of it from now on.

    :raises scenarios.queries.NoSuchDraft: there is no such draft
    :raises NotForThisUse: not approved as it stands, or not allowed to be performed
    """
    scripts.draft(session, draft_id)
    approved = approved_revision(session, story_id)
    if approved is None or not consents_of(session, story_id)[Use.PERFORM]:
        raise NotForThisUse(story=story_id)
    row = session.get(DraftSource, (draft_id, story_id))
    if row is None:
        session.add(
            DraftSource(
                draft_id=draft_id,
                story_id=story_id,
                story_revision=approved.number,
                added_at=now,
                added_by=account_id,
            )
        )
        _record(session, "story_woven_in", draft_id, account_id, now, {"story": story_id})
    else:
        row.story_revision, row.taken_out_at = approved.number, None


def publish_together(
    session: Session,
    *,
    draft_id: int,
    revision: int,
    rendered: RenderedScript,
    pathway_slug: str,
    account_id: int,
    now: datetime,
) -> PublishedVersion:
    """Publish a draft with its lineage and the names of its writers.

    :raises scenarios.together.rules.SecondPersonWanted: woven from a story, and last saved by who publishes
    :raises NotForThisUse: a story in it is no longer approved, or no longer allowed to be performed

    Everything else as `scenarios.service.publish_draft`.
    """
    draft = scripts.draft(session, draft_id)
    sources = [*queries.sources_of_draft(session, draft_id), *_still_in_it(session, draft_id, draft.text)]
    check_second_person(woven=bool(sources), saved_by=draft.updated_by, published_by=account_id)
    for source in sources:
        approved = approved_revision(session, source.story_id)
        if (
            approved is None
            or approved.number != source.story_revision
            or not consents_of(session, source.story_id)[Use.PERFORM]
        ):
            raise NotForThisUse(story=source.story_id)
    published = publish_draft(
        session,
        draft_id=draft_id,
        revision=revision,
        rendered=rendered,
        pathway_slug=pathway_slug,
        account_id=account_id,
        now=now,
    )
    for source in sources:
        session.add(
            VersionSource(
                version_id=published.id, story_id=source.story_id, story_revision=source.story_revision
            )
        )
    named = [writer.credit for writer in queries.co_writers_of(session, draft_id) if writer.credit]
    for place, words in enumerate(named, start=1):
        session.add(VersionCredit(version_id=published.id, place=place, words=words))
    return published


def remove_source(session: Session, *, draft_id: int, story_id: int, account_id: int, now: datetime) -> None:
    """Say that a script is not woven from a story after all: none of its words are in it."""
    row = session.get(DraftSource, (draft_id, story_id))
    if row is not None:
        row.taken_out_at = now
    _record(session, "story_taken_out", draft_id, account_id, now, {"story": story_id})


# --- within ---------------------------------------------------------------------------------------------------


def _used(session: Session, *, token: str, key: str, now: datetime) -> Invitation:
    """Use an invitation up, locked: of two who take it at the same moment, one gets it."""
    invitation = queries.open_invitation(session, token=token, key=key, now=now)
    row = session.scalars(
        select(Invitation)
        .where(Invitation.id == invitation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.used_at is not None:
        raise NoSuchInvitation
    row.used_at = now
    return row


def _still_in_it(session: Session, draft_id: int, text: str) -> list[SourceView]:
    """Return stories that were taken out of a script's sources while their words are in it."""
    return [
        source
        for source in queries.sources_taken_out(session, draft_id)
        if without_words(text, StoryWords.of(words_of_story(session, source.story_id))) != text
    ]


def _join(session: Session, draft_id: int, account: SignedIn, credit: str, now: datetime) -> None:
    row = session.get(CoWriter, (draft_id, account.id))
    if row is not None:
        row.left_at = None
        return
    session.add(
        CoWriter(draft_id=draft_id, account_id=account.id, credit=credit.strip()[:120], joined_at=now)
    )
    try:
        session.flush()
    except IntegrityError as clash:  # the same link, twice at the same moment
        raise NoSuchInvitation from clash
    _record(session, "co_writer_joined", draft_id, account.id, now)


def _record(
    session: Session,
    action: str,
    draft_id: int,
    account_id: int,
    now: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    audit.record(
        session,
        chain=audit.SITE,
        action=action,
        subject=f"draft:{draft_id}",
        account_id=account_id,
        now=now,
        details=details,
    )
