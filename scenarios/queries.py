"""Pathways, published versions and drafts, as frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from scenario_app.accounts.queries import names_of
from scenario_app.kernel.errors import BadParameter, NotFound
from scenarios.models import Draft, EarlierWords, Pathway, Scenario, ScenarioVersion
from scenarios.script.script import Script


class NoSuchScenario(NotFound):
    """No scenario is published at this address, or under this number."""

    code = "no_such_scenario"


class NoSuchPathway(NotFound):
    """No pathway has this name."""

    code = "no_such_pathway"


class NoSuchDraft(NotFound):
    """There is no such draft, or no such earlier words of it."""

    code = "no_such_draft"


@dataclass(frozen=True, slots=True)
class StageView:
    """A phase of care."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class PathwayView:
    """A model of care under test, in its newest version."""

    id: int
    slug: str
    title: str
    number: int
    question: str
    decision_statement: str
    stages: tuple[StageView, ...]

    @property
    def stage_keys(self) -> tuple[str, ...]:
        """The keys that a script's `stage` may name."""
        return tuple(stage.key for stage in self.stages)

    def stage_title(self, key: str) -> str:
        """Return a stage's title; the key itself when the pathway has no such stage."""
        return next((stage.title for stage in self.stages if stage.key == key), key)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version of a scenario, as approved. `text` is exactly what was approved, facilitator's part included.

    `redacted_at` is set when somebody took the words of their story out of it.
    """

    id: int
    slug: str
    title: str
    number: int
    text: str
    sha256: str
    html_by_scene: Mapping[str, str]
    stage: str
    language: str
    pathway_id: int
    pathway_slug: str
    decision_statement: str
    published_at: datetime
    published_by: int
    redacted_at: datetime | None

    @property
    def script(self) -> Script:
        """The text, parsed; a text is parsed once while it is among the 64 asked for last."""
        return _parsed(self.text)

    @property
    def text_for_everyone(self) -> str:
        """The text without what is written for the facilitator."""
        return self.script.text_for_everyone()

    @property
    def question(self) -> str:
        """The open question that the scenario asks."""
        return self.script.front.said("question")

    @property
    def content_notes(self) -> str:
        """What people should know before they read or watch."""
        return self.script.front.said("content_notes")


@dataclass(frozen=True, slots=True)
class DraftView:
    """The working copy of a script. `slug`, `published_number` and `pathway` are None until it is published once."""

    id: int
    slug: str | None
    published_number: int | None
    pathway: str | None
    text: str
    revision: int
    is_published: bool
    redacted_revision: int | None
    updated_at: datetime
    updated_by: int
    updated_by_name: str

    @property
    def title(self) -> str:
        """The title that its words give it; empty when they give none."""
        return Script.parse(self.text).title


@dataclass(frozen=True, slots=True)
class EarlierWordsView:
    """One writer's last words before another one saved over them."""

    draft_id: int
    revision: int
    text: str
    saved_at: datetime
    saved_by_name: str


@lru_cache(maxsize=64)
def _parsed(text: str) -> Script:
    return Script.parse(text)


# --- pathways -------------------------------------------------------------------------------------------------


def pathways(session: Session) -> list[PathwayView]:
    """Return each pathway in its newest version, by title."""
    newest = select(func.max(Pathway.id)).group_by(Pathway.slug)
    rows = session.scalars(select(Pathway).where(Pathway.id.in_(newest)).order_by(Pathway.title))
    return [_pathway_view(row) for row in rows]


def pathway(session: Session, slug: str) -> PathwayView | None:
    """Return the newest version of a pathway, or None."""
    rows = select(Pathway).where(Pathway.slug == slug).order_by(Pathway.number.desc()).limit(1)
    row = session.scalars(rows).first()
    return _pathway_view(row) if row else None


def pathway_slug(session: Session, pathway_id: int) -> str:
    """Return the name of a pathway by the id of one of its versions."""
    return session.get_one(Pathway, pathway_id).slug


def newest_pathway(session: Session) -> PathwayView | None:
    """Return the pathway founded last, or None when there is none yet."""
    row = session.scalars(
        select(Pathway).order_by(Pathway.founded_at.desc(), Pathway.id.desc()).limit(1)
    ).first()
    return _pathway_view(row) if row else None


# --- published versions ---------------------------------------------------------------------------------------


def published_versions(session: Session) -> list[PublishedVersion]:
    """Return the newest version of every scenario, by title. Reads every text; one query."""
    return [_version_view(row) for row in session.scalars(_newest_versions())]


def versions_after(session: Session, *, after: str, limit: int) -> tuple[list[PublishedVersion], str | None]:
    """Return newest versions from behind a cursor on, by title, and the cursor of the next page. At most two queries.

    `after` is the name of the last scenario of the page before, or empty.

    :raises BadParameter: no scenario has this name
    """
    found = _newest_versions()
    if after:
        last = session.scalars(found.where(Scenario.slug == after)).first()
        if last is None:
            raise BadParameter(parameter="after", expected="the name of a scenario")
        title, number = ScenarioVersion.title, ScenarioVersion.id
        found = found.where((title > last.title) | ((title == last.title) & (number > last.id)))
    rows = session.scalars(found.limit(limit + 1)).all()
    listed = [_version_view(row) for row in rows[:limit]]
    return listed, listed[-1].slug if len(rows) > limit else None


def _newest_versions() -> Select[ScenarioVersion]:
    newest = select(func.max(ScenarioVersion.number)).where(ScenarioVersion.scenario_id == Scenario.id)
    return (
        select(ScenarioVersion)
        .join(ScenarioVersion.scenario)
        .where(ScenarioVersion.number == newest.correlate(Scenario).scalar_subquery())
        .order_by(ScenarioVersion.title, ScenarioVersion.id)
    )


def scenario_by_slug(session: Session, slug: str) -> PublishedVersion:
    """Return the newest version of the scenario at an address.

    :raises NoSuchScenario: nothing is published there
    """
    row = session.scalars(
        select(ScenarioVersion)
        .join(ScenarioVersion.scenario)
        .where(Scenario.slug == slug)
        .order_by(ScenarioVersion.number.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NoSuchScenario(slug=slug)
    return _version_view(row)


def version_by_number(session: Session, slug: str, number: int) -> PublishedVersion:
    """Return one version of a scenario by its address and number. One query.

    :raises NoSuchScenario: there is no such version
    """
    row = session.scalars(
        select(ScenarioVersion)
        .join(Scenario, Scenario.id == ScenarioVersion.scenario_id)
        .where(Scenario.slug == slug, ScenarioVersion.number == number)
    ).first()
    if row is None:
        raise NoSuchScenario(slug=slug)
    return _version_view(row)


def version(session: Session, version_id: int) -> PublishedVersion:
    """Return one version, newest or not.

    :raises NoSuchScenario: there is no such version
    """
    row = session.get(ScenarioVersion, version_id)
    if row is None:
        raise NoSuchScenario(version=version_id)
    return _version_view(row)


def versions(session: Session, version_ids: Iterable[int]) -> dict[int, PublishedVersion]:
    """Return versions by their ids; one query. An id without a version is left out."""
    rows = session.scalars(select(ScenarioVersion).where(ScenarioVersion.id.in_(set(version_ids))))
    return {row.id: _version_view(row) for row in rows}


def script_of(played: PublishedVersion) -> Script:
    """Return the script of a version."""
    return played.script


def script_of_version(session: Session, version_id: int) -> Script:
    """Return the script of a version by its id.

    :raises NoSuchScenario: there is no such version
    """
    return version(session, version_id).script


# --- drafts ---------------------------------------------------------------------------------------------------


def drafts(session: Session) -> list[DraftView]:
    """Return every draft, the one saved last first. Three queries."""
    rows = session.scalars(select(Draft).order_by(Draft.updated_at.desc(), Draft.id.desc())).all()
    return _draft_views(session, rows)


def draft(session: Session, draft_id: int) -> DraftView:
    """Return one draft.

    :raises NoSuchDraft: there is none of this number
    """
    row = session.get(Draft, draft_id)
    if row is None:
        raise NoSuchDraft(draft=draft_id)
    return _draft_views(session, [row])[0]


def earlier_words(session: Session, draft_id: int) -> list[EarlierWordsView]:
    """Return what writers had at the end of each turn of writing, newest first."""
    rows = session.scalars(
        select(EarlierWords)
        .where(EarlierWords.draft_id == draft_id, EarlierWords.ends_turn)
        .order_by(EarlierWords.revision.desc())
    ).all()
    names = names_of(session, (row.saved_by for row in rows))
    return [
        EarlierWordsView(row.draft_id, row.revision, row.text, row.saved_at, names.get(row.saved_by, ""))
        for row in rows
    ]


def forget_parsed() -> None:
    """Let go of the scripts that this process keeps parsed: some of their words were taken back."""
    _parsed.cache_clear()


def words_at(session: Session, draft_id: int, revision: int) -> str | None:
    """Return the words of a draft as they were at a revision; None when they are not kept any more."""
    row = session.get(Draft, draft_id)
    if row is not None and row.revision == revision:
        return row.text
    kept = session.get(EarlierWords, (draft_id, revision))
    return kept.text if kept else None


# --- within ---------------------------------------------------------------------------------------------------


def _pathway_view(row: Pathway) -> PathwayView:
    return PathwayView(
        id=row.id,
        slug=row.slug,
        title=row.title,
        number=row.number,
        question=row.question,
        decision_statement=row.decision_statement,
        stages=tuple(StageView(stage.key, stage.title) for stage in row.stages),
    )


def _version_view(row: ScenarioVersion) -> PublishedVersion:
    return PublishedVersion(
        id=row.id,
        slug=row.scenario.slug,
        title=row.title,
        number=row.number,
        text=row.text,
        sha256=row.sha256,
        html_by_scene=row.html,
        stage=row.stage,
        language=row.language,
        pathway_id=row.pathway_id,
        pathway_slug=row.pathway.slug,
        decision_statement=row.pathway.decision_statement,
        published_at=row.published_at,
        published_by=row.published_by,
        redacted_at=row.redacted_at,
    )


def _draft_views(session: Session, rows: Iterable[Draft]) -> list[DraftView]:
    found = list(rows)
    names = names_of(session, (row.updated_by for row in found))
    numbered = session.execute(
        select(ScenarioVersion.scenario_id, ScenarioVersion.number, Pathway.slug)
        .join(Pathway, Pathway.id == ScenarioVersion.pathway_id)
        .where(ScenarioVersion.scenario_id.in_([row.scenario_id for row in found if row.scenario_id]))
        .order_by(ScenarioVersion.number)
    )
    newest = {scenario_id: (number, tested) for scenario_id, number, tested in numbered}
    return [
        DraftView(
            id=row.id,
            slug=row.scenario.slug if row.scenario else None,
            published_number=newest[row.scenario_id][0] if row.scenario_id else None,
            pathway=newest[row.scenario_id][1] if row.scenario_id else None,
            text=row.text,
            revision=row.revision,
            is_published=row.published_revision == row.revision,
            redacted_revision=row.redacted_revision,
            updated_at=row.updated_at,
            updated_by=row.updated_by,
            updated_by_name=names.get(row.updated_by, ""),
        )
        for row in found
    ]
