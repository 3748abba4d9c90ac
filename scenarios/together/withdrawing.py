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
from scenarios.stories.withdrawing import words_of_story
from scenarios.together.models import DraftSource, Suggestion, VersionSource
from scenarios.together.redaction import StoryWords, without_words


class WovenMeanwhile(Conflict):
    """A script with this story was published while the withdrawal was prepared: prepare it again."""

    code = "woven_meanwhile"


@dataclass(frozen=True, slots=True)
class PlannedRedaction:
    """The published versions of a story as they will read without its words, by version id."""

    story_id: int
    versions: Mapping[int, Script]


def plan_redaction(session: Session, story_id: int) -> PlannedRedaction:
    """Return how the published versions that were woven from a story read without it. Changes nothing."""
    taken = StoryWords.of(words_of_story(session, story_id))
    rows = session.scalars(
        select(ScenarioVersion)
        .join(VersionSource, VersionSource.version_id == ScenarioVersion.id)
        .where(VersionSource.story_id == story_id)
    )
    return PlannedRedaction(story_id, {row.id: Script.parse(without_words(row.text, taken)) for row in rows})


def rendered(plan: PlannedRedaction) -> Mapping[int, RenderedScript]:
    """Return the planned versions with their HTML. Starts processes: outside of every transaction."""
    return {version_id: render_script(script) for version_id, script in plan.versions.items()}


def redact_scripts(
    session: Session, *, story_id: int, versions: Mapping[int, RenderedScript], now: datetime
) -> None:
    """Take a story's words out of what was woven from it; before the story itself is erased.

    A published version keeps its number and its keys, so that votes still refer to something; it says since when
    words are missing. The database lets nothing else about it change.

    :raises WovenMeanwhile: another version was published since the plan
    """
    taken = StoryWords.of(words_of_story(session, story_id))
    woven = set(session.scalars(select(VersionSource.version_id).where(VersionSource.story_id == story_id)))
    if woven != set(versions):
        raise WovenMeanwhile
    for version_id, without in versions.items():
        _redact_version(session.get_one(ScenarioVersion, version_id), without, now)
    drafts = session.scalars(select(DraftSource.draft_id).where(DraftSource.story_id == story_id)).all()
    for draft in session.scalars(select(Draft).where(Draft.id.in_(drafts))):
        if (text := without_words(draft.text, taken)) != draft.text:
            draft.text, draft.revision, draft.updated_at = text, draft.revision + 1, now
    for words in session.scalars(select(EarlierWords).where(EarlierWords.draft_id.in_(drafts))):
        words.text = without_words(words.text, taken)
    for suggestion in session.scalars(select(Suggestion).where(Suggestion.draft_id.in_(drafts))):
        if any(map(taken.are_in, (suggestion.passage, suggestion.instead, suggestion.why))):
            session.delete(suggestion)
    details = {"versions": sorted(woven), "drafts": sorted(drafts)}
    audit.record(
        session,
        chain=audit.SITE,
        action="words_taken_back",
        subject=f"story:{story_id}",
        account_id=None,
        now=now,
        details=details,
    )


def _redact_version(row: ScenarioVersion, without: RenderedScript, now: datetime) -> None:
    text = without.script.text
    if text == row.text:
        return
    row.text, row.sha256 = text, sha256(text.encode()).hexdigest()
    row.title, row.html = without.script.title[:200], dict(without.html_by_scene)
    row.redacted_at = now
