"""Who writes a script, from which stories it is woven, and how its writers are named, as frozen values."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scenario_app.accounts.queries import names_of
from scenario_app.kernel.tokens import hashed
from scenarios.models import Scenario, ScenarioVersion
from scenarios.stories import queries as stories
from scenarios.stories.models import Consent, Story
from scenarios.stories.rules import Use
from scenarios.together.models import (
    CoWriter,
    DraftSource,
    Invitation,
    VersionCredit,
    VersionSource,
)
from scenarios.together.rules import NoSuchInvitation, check_invitation


@dataclass(frozen=True, slots=True)
class CoWriterView:
    """Somebody who writes on a script. `credit` is empty for who does not want to be named."""

    account_id: int
    name: str
    credit: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationView:
    """A link that was given to one person. Its secret is not known any more."""

    id: int
    draft_id: int
    note: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    taken_back_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Say whether somebody can still use it."""
        return self.used_at is None and self.taken_back_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class SourceView:
    """A story that a script is woven from: its number and the approved revision that was read."""

    story_id: int
    story_revision: int


@dataclass(frozen=True, slots=True)
class WovenInto:
    """A published version that a story was woven into."""

    version_id: int
    slug: str
    title: str
    number: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class StoryBehind:
    """A story behind a published version, as evidence may tell of it; `edits` by what was taken out."""

    told_for: str
    edits: Mapping[str, int]


def co_writers_of(session: Session, draft_id: int) -> list[CoWriterView]:
    """Return who writes on a script, in the order in which they came."""
    rows = session.scalars(
        select(CoWriter)
        .where(CoWriter.draft_id == draft_id, CoWriter.left_at.is_(None))
        .order_by(CoWriter.joined_at, CoWriter.account_id)
    ).all()
    names = names_of(session, (row.account_id for row in rows))
    return [CoWriterView(r.account_id, names.get(r.account_id, ""), r.credit, r.joined_at) for r in rows]


def may_write(session: Session, *, draft_id: int, account_id: int) -> bool:
    """Say whether an account is a co-writer of a script."""
    row = session.get(CoWriter, (draft_id, account_id))
    return row is not None and row.left_at is None


def drafts_of_writer(session: Session, account_id: int) -> frozenset[int]:
    """Return the scripts that an account writes on."""
    return frozenset(
        session.scalars(
            select(CoWriter.draft_id).where(CoWriter.account_id == account_id, CoWriter.left_at.is_(None))
        )
    )


def invitations_to(session: Session, draft_id: int) -> list[InvitationView]:
    """Return the invitations to write on a script, the newest first."""
    rows = session.scalars(
        select(Invitation).where(Invitation.draft_id == draft_id).order_by(Invitation.id.desc())
    )
    return [_invitation_view(row) for row in rows]


def open_invitation(session: Session, *, token: str, key: str, now: datetime) -> InvitationView:
    """Return the invitation of a link.

    :raises NoSuchInvitation: there is none, or it has been used, taken back, or has run out
    """
    row = session.scalars(select(Invitation).where(Invitation.token_hash == hashed(token, key=key))).first()
    if row is None:
        raise NoSuchInvitation
    check_invitation(expires_at=row.expires_at, used_at=row.used_at, taken_back_at=row.taken_back_at, now=now)
    return _invitation_view(row)


def sources_of_draft(session: Session, draft_id: int) -> list[SourceView]:
    """Return the stories that a script being written is woven from."""
    rows = session.scalars(
        select(DraftSource)
        .where(DraftSource.draft_id == draft_id, DraftSource.taken_out_at.is_(None))
        .order_by(DraftSource.story_id)
    )
    return [SourceView(row.story_id, row.story_revision) for row in rows]


def sources_taken_out(session: Session, draft_id: int) -> list[SourceView]:
    """Return the stories of which somebody said that none of their words are in a script any more."""
    rows = session.scalars(
        select(DraftSource).where(DraftSource.draft_id == draft_id, DraftSource.taken_out_at.is_not(None))
    )
    return [SourceView(row.story_id, row.story_revision) for row in rows]


def sources_of_version(session: Session, version_id: int) -> list[SourceView]:
    """Return the stories that a published version was woven from."""
    rows = session.scalars(
        select(VersionSource).where(VersionSource.version_id == version_id).order_by(VersionSource.story_id)
    )
    return [SourceView(row.story_id, row.story_revision) for row in rows]


def woven_into(session: Session, story_id: int) -> list[WovenInto]:
    """Return the published versions that a story was woven into, the oldest first."""
    rows = session.execute(
        select(ScenarioVersion, Scenario.slug)
        .join(VersionSource, VersionSource.version_id == ScenarioVersion.id)
        .join(Scenario, Scenario.id == ScenarioVersion.scenario_id)
        .where(VersionSource.story_id == story_id)
        .order_by(ScenarioVersion.published_at, ScenarioVersion.id)
    )
    return [WovenInto(v.id, slug, v.title, v.number, v.published_at) for v, slug in rows]


def stories_behind(session: Session, version_id: int) -> list[StoryBehind]:
    """Return the stories that a published version was woven from and that may still be performed.

    Never their words, and no number that they have elsewhere. A few queries for each story.
    """
    found = []
    for source in sources_of_version(session, version_id):
        story = stories.story(session, source.story_id)
        consents = stories.consents_of(session, source.story_id)
        if story.withdrawn_at is not None or not consents.get(Use.PERFORM):
            continue
        edits = [
            each for each in stories.edits_of(session, story.id) if each.revision <= source.story_revision
        ]
        found.append(
            StoryBehind(
                told_for=story.told_for,
                edits=Counter(edit.kind for edit in edits),
            )
        )
    return found


def stories_in_versions(session: Session, version_ids: Collection[int] | None) -> list[tuple[int, int]]:
    """Return which stories stand behind which published versions, as (version, story); of all where none is named.

    Only stories that may still be performed. Two queries.
    """
    wanted = select(VersionSource.version_id, VersionSource.story_id).join(
        Story, Story.id == VersionSource.story_id
    )
    if version_ids is not None:
        wanted = wanted.where(VersionSource.version_id.in_(version_ids))
    pairs = session.execute(
        wanted.where(Story.withdrawn_at.is_(None)).order_by(VersionSource.version_id, VersionSource.story_id)
    ).all()
    ledger = session.execute(
        select(Consent.story_id, Consent.given)
        .where(Consent.use == Use.PERFORM.value, Consent.story_id.in_({story for _version, story in pairs}))
        .order_by(Consent.id)
    )
    allowed = {row.story_id: row.given for row in ledger}
    return [(version, story) for version, story in pairs if allowed.get(story)]


def credits_of_version(session: Session, version_id: int) -> Sequence[str]:
    """Return the names under a published version, as their bearers wanted them."""
    return session.scalars(
        select(VersionCredit.words)
        .where(VersionCredit.version_id == version_id)
        .order_by(VersionCredit.place)
    ).all()


def _invitation_view(row: Invitation) -> InvitationView:
    return InvitationView(
        id=row.id,
        draft_id=row.draft_id,
        note=row.note,
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        taken_back_at=row.taken_back_at,
    )
