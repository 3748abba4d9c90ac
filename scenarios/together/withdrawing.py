"""Take a story's words out of every script that was woven from it: drafts, their history, published versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict
from scenarios.models import Draft, EarlierWords, ScenarioVersion
from scenarios.rendering import RenderedScript, render_script
from scenarios.script.script import Script
from scenarios.stories.queries import story
from scenarios.stories.withdrawing import words_of_story
from scenarios.together.models import DraftSource, SenseCheck, Suggestion, VersionSource
from scenarios.together.redaction import StoryWords, without_words


class WovenMeanwhile(Conflict):
    """A script with this story was published while the withdrawal was prepared: prepare it again."""

    code = "woven_meanwhile"


@dataclass(frozen=True, slots=True)
class PlannedRedaction:
    """The published versions that hold words of a story, as they will read without them, by version id."""

    story_id: int
    versions: Mapping[int, Script]


def plan_redaction(session: Session, story_id: int) -> PlannedRedaction:
    """Return how published versions read without a story. Changes nothing. Reads every version once.

    A story that nobody wove in changes nothing that is published: anybody may send public words as a story. What was
    there before the story was sent cannot be from it. Of what came later, scripts that are, or once were, woven from it
    lose every piece with words of it, all others the pieces that were plainly copied.
    """
    search = _search(session, story_id)
    found = {}
    for row in session.scalars(select(ScenarioVersion).where(ScenarioVersion.published_at >= search.since)):
        is_linked = row.scenario_id in search.scenarios or row.id in search.versions
        text = without_words(row.text, search.words(is_linked))
        if text != row.text:
            found[row.id] = Script.parse(text)
    return PlannedRedaction(story_id, found if search.drafts or search.versions else {})


def rendered(plan: PlannedRedaction) -> Mapping[int, RenderedScript]:
    """Return the planned versions with their HTML. Starts processes: outside of every transaction."""
    return {version_id: render_script(script) for version_id, script in plan.versions.items()}


def redact_scripts(
    session: Session, *, story_id: int, versions: Mapping[int, RenderedScript], now: datetime
) -> None:
    """Take a story's words out of every script; before the story itself is erased.

    A published version keeps its number and its keys, so that votes still refer to something; it says since when
    words are missing. The database lets nothing else about it change.

    :raises WovenMeanwhile: something was published since the plan
    """
    planned = plan_redaction(session, story_id)
    if planned.versions != {version_id: without.script for version_id, without in versions.items()}:
        raise WovenMeanwhile
    for version_id, without in versions.items():
        _redact_version(session.get_one(ScenarioVersion, version_id), without, now)
    search = _search(session, story_id)
    if search.drafts or search.versions:
        _redact_drafts(session, search, now)
    audit.record(
        session,
        chain=audit.SITE,
        action="words_taken_back",
        subject=f"story:{story_id}",
        account_id=None,
        now=now,
        details={"versions": sorted(versions)},
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for, since when, and what is, or once was, woven from the story."""

    near: StoryWords
    far: StoryWords
    since: datetime
    versions: frozenset[int]
    drafts: frozenset[int]
    scenarios: frozenset[int]

    def words(self, is_linked: bool) -> StoryWords:
        return self.near if is_linked else self.far


def _search(session: Session, story_id: int) -> _Search:
    told = story(session, story_id)
    since = told.sent_at or told.begun_at
    texts = words_of_story(session, story_id)
    public = session.scalars(select(ScenarioVersion.text).where(ScenarioVersion.published_at < since))
    drafts = frozenset(session.scalars(select(DraftSource.draft_id).where(DraftSource.story_id == story_id)))
    scenarios = session.scalars(
        select(Draft.scenario_id).where(Draft.id.in_(drafts), Draft.scenario_id.is_not(None))
    )
    return _Search(
        near=StoryWords.of(texts),
        far=StoryWords.copied(texts).without(StoryWords.copied(public)),
        since=since,
        versions=frozenset(
            session.scalars(select(VersionSource.version_id).where(VersionSource.story_id == story_id))
        ),
        drafts=drafts,
        scenarios=frozenset(found for found in scenarios if found is not None),
    )


def _redact_drafts(session: Session, search: _Search, now: datetime) -> None:
    for draft in session.scalars(select(Draft).where(Draft.updated_at >= search.since)):
        text = without_words(draft.text, search.words(draft.id in search.drafts))
        is_changed = text != draft.text
        if is_changed:
            draft.text, draft.revision, draft.updated_at = text, draft.revision + 1, now
        if is_changed or draft.id in search.drafts:
            # what was written upon older words may hold them still: it is not saved over these
            draft.redacted_revision = draft.revision
    for words in session.scalars(select(EarlierWords).where(EarlierWords.saved_at >= search.since)):
        words.text = without_words(words.text, search.words(words.draft_id in search.drafts))
    for suggestion in session.scalars(select(Suggestion).where(Suggestion.made_at >= search.since)):
        taken = search.words(suggestion.draft_id in search.drafts)
        if any(map(taken.are_in, (suggestion.passage, suggestion.instead, suggestion.why))):
            session.delete(suggestion)
    for line in session.scalars(select(SenseCheck).where(SenseCheck.said_at >= search.since)):
        if search.far.are_in(line.why):
            line.why, line.shown = "", None


def _redact_version(row: ScenarioVersion, without: RenderedScript, now: datetime) -> None:
    text = without.script.text
    if text == row.text:
        return
    row.text, row.sha256 = text, sha256(text.encode()).hexdigest()
    row.title, row.html = without.script.title[:200], dict(without.html_by_scene)
    row.redacted_at = now
