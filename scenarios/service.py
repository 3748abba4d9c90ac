"""Found a pathway, write drafts, publish versions. Each needs the duty of a moderator, which the route checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict, Invalid
from scenarios import queries
from scenarios.models import Draft, EarlierWords, Pathway, Scenario, ScenarioVersion, Stage
from scenarios.queries import NoSuchDraft, NoSuchPathway, PathwayView, PublishedVersion
from scenarios.rendering import RenderedScript
from scenarios.rules import (
    DraftMoved,
    check_draft_text,
    check_not_taken_back,
    check_publishable,
    check_revision,
    in_style_of,
    slug_of,
)

# A writer who comes back after this long begins a new turn; the end of each turn stays in the history.
TURN = timedelta(minutes=10)
MERGEABLE_FOR = timedelta(hours=2)


class BadPathway(Invalid):
    """A pathway says who will decide what, and has stages, each once."""

    code = "bad_pathway"


class SlugTaken(Conflict):
    """Another scenario has this address. Give the script another `id`, or edit that scenario."""

    code = "slug_taken"


class AddressChanged(Conflict):
    """The draft of a published scenario has another `id` now. Links and votes refer to the old one."""

    code = "address_changed"


class NothingChanged(Conflict):
    """These are the words of the newest version already."""

    code = "nothing_changed"


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """Where a draft stands after a save."""

    id: int
    revision: int
    saved_at: datetime
    text: str


def found_pathway(
    session: Session,
    *,
    slug: str,
    title: str,
    question: str = "",
    decision_statement: str,
    stages: Sequence[tuple[str, str]],
    account_id: int | None = None,
    now: datetime,
) -> PathwayView:
    """Found a pathway, or a newer version of one. `stages` are keys and titles in the order of care.

    :raises BadPathway: nothing says who decides what, or there are no stages, or one comes twice
    """
    keys = [key for key, _ in stages]
    if not decision_statement.strip() or not keys or len(set(keys)) != len(keys):
        raise BadPathway(stages=keys)
    older = queries.pathway(session, slug)
    number = older.number + 1 if older else 1
    founded = Pathway(
        slug=slug,
        number=number,
        title=title,
        question=question,
        decision_statement=decision_statement,
        founded_at=now,
        stages=[
            Stage(key=key, title=words, position=place) for place, (key, words) in enumerate(stages, start=1)
        ],
    )
    session.add(founded)
    session.flush()
    _record(session, "pathway_founded", f"pathway:{slug}", account_id, now, {"number": number})
    view = queries.pathway(session, slug)
    assert view is not None
    return view


# --- drafts ---------------------------------------------------------------------------------------------------


def start_draft(session: Session, *, text: str, account_id: int, now: datetime) -> SavedDraft:
    """Begin the draft of a scenario still to come.

    :raises scenarios.rules.DraftTooLong: longer than is kept
    :raises scenarios.rules.NotText: it holds what no database keeps
    """
    check_draft_text(text)
    return _new_draft(session, text, None, account_id, now)


def start_draft_of(session: Session, *, slug: str, account_id: int, now: datetime) -> SavedDraft:
    """Return the working copy of a published scenario, beginning one from its newest version when there is none.

    :raises scenarios.queries.NoSuchScenario: nothing is published at this address
    """
    newest = queries.scenario_by_slug(session, slug)
    scenario = session.scalars(select(Scenario).where(Scenario.slug == slug)).one()
    row = session.scalars(select(Draft).where(Draft.scenario_id == scenario.id)).first()
    if row is not None:
        return SavedDraft(row.id, row.revision, row.updated_at, row.text)
    return _new_draft(session, newest.text, scenario.id, account_id, now)


def save_draft(
    session: Session, *, draft_id: int, text: str, revision: int, account_id: int, now: datetime
) -> SavedDraft:
    """Keep the words of a draft. `revision` is the one they were written upon.

    What a writer had at the end of a turn of writing stays readable as earlier words; what one autosave replaced
    is kept for two hours, so that words written upon it can be put together with newer ones. A save is not
    audited: a draft carries its writer and time, nobody but its writers and moderators sees it, and autosaves
    would bury the acts that matter.

    :raises scenarios.queries.NoSuchDraft: there is no such draft
    :raises scenarios.rules.DraftMoved: somebody saved in between; nothing is changed
    :raises scenarios.rules.WordsTakenBack: words of a story were taken back in between; nothing is changed
    :raises scenarios.rules.DraftTooLong: longer than is kept
    :raises scenarios.rules.NotText: it holds what no database keeps
    """
    check_draft_text(text)
    row = _locked_draft(session, draft_id)
    text = in_style_of(text, row.text)
    if row.text == text:
        return SavedDraft(row.id, row.revision, row.updated_at, text)
    check_not_taken_back(row.redacted_revision, read=revision)
    check_revision(row.revision, read=revision)
    _keep_earlier(session, row, ends_turn=row.updated_by != account_id or now - row.updated_at > TURN)
    _thin_out(session, row, now)
    row.text, row.revision, row.updated_at, row.updated_by = text, row.revision + 1, now, account_id
    return SavedDraft(row.id, row.revision, now, text)


# --- publishing -----------------------------------------------------------------------------------------------


def publish_scenario(
    session: Session, *, rendered: RenderedScript, pathway_slug: str, account_id: int, now: datetime
) -> PublishedVersion:
    """Publish a script that has no draft: the first version of a scenario, or the next one.

    :raises NoSuchPathway: no pathway has this name
    :raises scenarios.rules.NotPublishable: the script has problems that stop publication
    :raises NothingChanged: these are the words of the newest version
    :raises SlugTaken: somebody published at this address at the same moment
    """
    return _publish(session, rendered, pathway_slug, account_id, now)


def publish_draft(
    session: Session,
    *,
    draft_id: int,
    revision: int,
    rendered: RenderedScript,
    pathway_slug: str,
    account_id: int,
    now: datetime,
) -> PublishedVersion:
    """Publish the words of a draft, exactly those that were checked and rendered.

    :raises scenarios.queries.NoSuchDraft: there is no such draft
    :raises scenarios.rules.DraftMoved: its words are others now; look at them first
    :raises SlugTaken: another scenario has this address
    :raises AddressChanged: the scenario has been published under another address
    :raises NoSuchPathway: no pathway has this name
    :raises scenarios.rules.NotPublishable: the script has problems that stop publication
    :raises NothingChanged: these are the words of the newest version
    """
    row = _locked_draft(session, draft_id)
    check_revision(row.revision, read=revision)
    if row.text != rendered.script.text:
        raise DraftMoved(current=row.revision, read=revision)
    slug = slug_of(rendered.script)
    if row.scenario is None and _scenario(session, slug) is not None:
        raise SlugTaken(slug=slug)
    if row.scenario is not None and row.scenario.slug != slug:
        raise AddressChanged(slug=slug, published=row.scenario.slug)
    published = _publish(session, rendered, pathway_slug, account_id, now)
    row.scenario_id = session.get_one(ScenarioVersion, published.id).scenario_id
    row.published_revision = row.revision
    return published


def _publish(
    session: Session, rendered: RenderedScript, pathway_slug: str, account_id: int, now: datetime
) -> PublishedVersion:
    script = rendered.script
    tested = queries.pathway(session, pathway_slug)
    if tested is None:
        raise NoSuchPathway(found=pathway_slug)
    check_publishable(script, stages=tested.stage_keys)
    slug = slug_of(script)
    scenario = _scenario(session, slug) or Scenario(slug=slug)
    newest = _newest(session, scenario)
    if newest is not None and newest.text == script.text and newest.pathway_id == tested.id:
        raise NothingChanged(slug=slug, number=newest.number)
    row = ScenarioVersion(
        scenario=scenario,
        number=newest.number + 1 if newest else 1,
        pathway_id=tested.id,
        text=script.text,
        sha256=sha256(script.text.encode()).hexdigest(),
        html=dict(rendered.html_by_scene),
        title=script.title[:200],
        stage=script.front.said("stage"),
        language=script.language,
        published_at=now,
        published_by=account_id,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as clash:
        raise SlugTaken(slug=slug) from clash
    details = {"number": row.number, "sha256": row.sha256, "pathway": pathway_slug}
    _record(session, "scenario_published", f"scenario:{slug}", account_id, now, details)
    return queries.version(session, row.id)


# --- within ---------------------------------------------------------------------------------------------------


def _new_draft(
    session: Session, text: str, scenario_id: int | None, account_id: int, now: datetime
) -> SavedDraft:
    row = Draft(
        scenario_id=scenario_id,
        text=text,
        revision=1,
        # the working copy of a published scenario begins with its words
        published_revision=1 if scenario_id else None,
        created_at=now,
        updated_at=now,
        updated_by=account_id,
    )
    session.add(row)
    session.flush()
    _record(session, "draft_started", f"draft:{row.id}", account_id, now, {"scenario": scenario_id})
    return SavedDraft(row.id, row.revision, now, text)


def _keep_earlier(session: Session, row: Draft, *, ends_turn: bool) -> None:
    session.add(
        EarlierWords(
            draft_id=row.id,
            revision=row.revision,
            text=row.text,
            saved_at=row.updated_at,
            saved_by=row.updated_by,
            ends_turn=ends_turn,
        )
    )


def _thin_out(session: Session, row: Draft, now: datetime) -> None:
    session.execute(
        delete(EarlierWords).where(
            EarlierWords.draft_id == row.id,
            EarlierWords.ends_turn.is_(False),
            EarlierWords.saved_at < now - MERGEABLE_FOR,
        )
    )


def _locked_draft(session: Session, draft_id: int) -> Draft:
    row = session.scalars(select(Draft).where(Draft.id == draft_id).with_for_update(of=Draft)).first()
    if row is None:
        raise NoSuchDraft(draft=draft_id)
    return row


def _scenario(session: Session, slug: str) -> Scenario | None:
    return session.scalars(select(Scenario).where(Scenario.slug == slug)).first()


def _newest(session: Session, scenario: Scenario) -> ScenarioVersion | None:
    return session.scalars(
        select(ScenarioVersion)
        .where(ScenarioVersion.scenario_id == scenario.id)
        .order_by(ScenarioVersion.number.desc())
        .limit(1)
    ).first()


def _record(
    session: Session,
    action: str,
    subject: str,
    account_id: int | None,
    now: datetime,
    details: Mapping[str, object],
) -> None:
    audit.record(
        session,
        chain=audit.SITE,
        action=action,
        subject=subject,
        account_id=account_id,
        now=now,
        details=details,
    )
