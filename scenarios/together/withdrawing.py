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
    """The published versions that hold words of a story, as they will read without them, by version id."""

    story_id: int
    versions: Mapping[int, Script]


def plan_redaction(session: Session, story_id: int) -> PlannedRedaction:
    """Return how published versions read without a story. Changes nothing. Reads every version once.

    Scripts that are, or once were, woven from it lose every piece with words of it; all others the pieces that were
    plainly copied: a text can be taken along and brought in again as another script.
    """
    near, far, linked = _search(session, story_id)
    found = {}
    for row in session.scalars(select(ScenarioVersion)):
        is_linked = row.scenario_id in linked.scenarios or row.id in linked.versions
        text = without_words(row.text, near if is_linked else far)
        if text != row.text:
            found[row.id] = Script.parse(text)
    return PlannedRedaction(story_id, found)


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
    near, far, linked = _search(session, story_id)
    for version_id, without in versions.items():
        _redact_version(session.get_one(ScenarioVersion, version_id), without, now)
    for draft in session.scalars(select(Draft)):
        text = without_words(draft.text, near if draft.id in linked.drafts else far)
        if text != draft.text:
            draft.text, draft.revision, draft.updated_at = text, draft.revision + 1, now
    for words in session.scalars(select(EarlierWords)):
        words.text = without_words(words.text, near if words.draft_id in linked.drafts else far)
    for suggestion in session.scalars(select(Suggestion)):
        taken = near if suggestion.draft_id in linked.drafts else far
        if any(map(taken.are_in, (suggestion.passage, suggestion.instead, suggestion.why))):
            session.delete(suggestion)
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
class _Linked:
    """What is, or once was, woven from a story."""

    versions: frozenset[int]
    drafts: frozenset[int]
    scenarios: frozenset[int]


def _search(session: Session, story_id: int) -> tuple[StoryWords, StoryWords, _Linked]:
    texts = words_of_story(session, story_id)
    drafts = frozenset(session.scalars(select(DraftSource.draft_id).where(DraftSource.story_id == story_id)))
    versions = frozenset(
        session.scalars(select(VersionSource.version_id).where(VersionSource.story_id == story_id))
    )
    scenarios = session.scalars(
        select(Draft.scenario_id).where(Draft.id.in_(drafts), Draft.scenario_id.is_not(None))
    )
    linked = _Linked(versions, drafts, frozenset(found for found in scenarios if found is not None))
    return StoryWords.of(texts), StoryWords.copied(texts), linked


def _redact_version(row: ScenarioVersion, without: RenderedScript, now: datetime) -> None:
    text = without.script.text
    if text == row.text:
        return
    row.text, row.sha256 = text, sha256(text.encode()).hexdigest()
    row.title, row.html = without.script.title[:200], dict(without.html_by_scene)
    row.redacted_at = now
