"""A teller takes a story back: its words leave the story, every script woven from it, and every published pack.

Here, because this is the layer that knows everything that quotes a story.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evidence.across.queries import forget_read
from evidence.catalogue.queries import enter, leave
from evidence.columns import Tables
from evidence.exports import files_in, tables_in, zip_bytes
from evidence.floor_material import FloorMaterial
from evidence.gathering import gather
from evidence.loop.letters import stop_following
from evidence.material import Material
from evidence.models import PublishedPack
from evidence.pack import MANIFEST, Edition, compile_pack
from evidence.queries import PackDamaged, zip_of
from evidence.rules import reference_of
from evidence.schema import TABLES
from evidence.signing import PackKey
from evidence.tables import tables_of
from evidence.telling import tell
from live.programme import event_chain, sections_playing, show_anew
from live.queries import event_by_slug, events_with_versions
from scenario_app import __version__
from scenario_app.kernel import audit
from scenario_app.kernel.config import BadSetting
from scenario_app.kernel.database import Database
from scenarios import queries as scenarios
from scenarios.queries import forget_parsed
from scenarios.queries import versions as version_views
from scenarios.rendering import RenderedScript, forget_rendered
from scenarios.stories.withdrawing import erase_story
from scenarios.together.queries import woven_into
from scenarios.together.withdrawing import WovenMeanwhile, plan_redaction, redact_scripts, rendered

log = logging.getLogger(__name__)

Played = tuple[str, int]  # a scenario and its version, as a pack's tables name them


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a withdrawal touched: sections whose pages must be drawn anew, packs that were issued anew."""

    section_ids: Sequence[int]
    reissued: Sequence[str]


def withdraw_story(
    database: Database, *, story_id: int, now: datetime, key: Callable[[], PackKey] | None = None
) -> Withdrawn:
    """Take a story's words out of everything, in one transaction; then out of the database's files.

    Opens its own transactions: scripts are rendered between them, which none may wait for. Once this returns, no
    page, no pack and no file of the database holds the words; backups lose them as they are replaced. `key` signs
    the packs that are issued anew, and is asked for only then. Where it cannot be read the story is taken back all the
    same: the packs lose their bytes, and a steward publishes anew once the key is mended.

    :raises scenarios.stories.queries.NoSuchStory: there is none of this number
    :raises scenarios.stories.rules.StoryClosed: it was taken back before
    """
    while True:
        with database.reading() as session:
            plan = plan_redaction(session, story_id)
        versions = rendered(plan)
        try:
            with database.transaction() as session:
                done = _withdraw(session, story_id, versions, now, key)
            break
        except WovenMeanwhile:  # a version more at each turn: it ends when publishing does
            continue
    forget_parsed()
    forget_rendered()
    forget_read()
    database.forget_deleted()
    return done


def _withdraw(
    session: Session,
    story_id: int,
    versions: Mapping[int, RenderedScript],
    now: datetime,
    key: Callable[[], PackKey] | None,
) -> Withdrawn:
    # A pack also counts the stories behind a version, so those where no line was like the story's are told anew too.
    told = {*versions, *(each.version_id for each in woven_into(session, story_id))}
    redact_scripts(session, story_id=story_id, versions=versions, now=now)
    erase_story(session, story_id=story_id, now=now)
    stop_following(session, story_id=story_id)
    session.flush()
    touched = sections_playing(session, versions)
    played = {(each.slug, each.number) for each in version_views(session, told).values()}
    for section_id in touched:
        show_anew(session, section_id)
    reissued = [
        reference
        for slug in events_with_versions(session, told)
        if (reference := _reissue(session, slug, played, now, key)) is not None
    ]
    return Withdrawn(touched, reissued)


def _reissue(
    session: Session,
    event_slug: str,
    played: set[Played],
    now: datetime,
    key: Callable[[], PackKey] | None,
) -> str | None:
    """Empty an event's packs up to the newest that tells of a version in `played`; issue the newest anew if it does.

    The same rounds are in it. A pack that tells of none of these versions, and those after it, stay as they are.
    """
    standing = session.scalars(
        select(PublishedPack)
        .where(PublishedPack.event_slug == event_slug, PublishedPack.withdrawn_at.is_(None))
        .order_by(PublishedPack.version.desc())
    ).all()
    touched = next((row for row in standing if _tells_of(session, row, played)), None)
    event = event_by_slug(session, event_slug)
    if touched is None or event is None:
        return None
    newest = standing[0]
    before = _files(session, newest)
    signer, is_usable = _signer(key) if touched is newest else (None, True)
    if touched is not newest or before is None or not is_usable:
        # A newer one stands without the story; or the newest cannot be read or signed, and a steward publishes anew.
        _empty(session, touched, now)
        return None
    said = json.loads(before[MANIFEST])
    threshold = said["rules"]["suppress_below"]
    material = _only_published(gather(session, event, threshold=threshold), tables_in(before))
    edition = Edition(
        newest.version + 1,
        generated_at=now,
        app_version=__version__,
        language=said.get("language", "en"),
        key=signer,
    )
    frozen = zip_bytes(compile_pack(material, edition))
    session.add(_row(newest, edition, material, frozen))
    session.flush()
    _empty(session, newest, now)
    reference = reference_of(event_slug, edition.version)
    enter(
        session,
        reference,
        tables_of(material),
        title=newest.title,
        place=event.place,
        statement=event.decision_statement,
        pathway=scenarios.pathway_slug(session, event.pathway_id),
    )
    audit.record(
        session,
        chain=event_chain(event_slug),
        action="pack_reissued",
        subject=f"pack:{reference}",
        account_id=None,
        now=now,
        details={"sha256": hashlib.sha256(frozen).hexdigest(), "because": "a story was taken back"},
    )
    return reference


def _files(session: Session, row: PublishedPack) -> Mapping[str, bytes] | None:
    """Return the files of a standing pack; None where it is damaged."""
    try:
        return files_in(zip_of(session, row.reference))
    except PackDamaged:
        return None


def _tells_of(session: Session, row: PublishedPack, played: set[Played]) -> bool:
    """Say whether a pack holds a row about one of these versions: a vote, or a hand that went up without one.

    Of a damaged pack nobody can say what it holds: it counts as telling.
    """
    files = _files(session, row)
    if files is None:
        return True
    tables = tables_in(files)
    return any(
        (line["scenario"], line["version"]) in played for name in _OF_A_VERSION for line in tables[name]
    )


_OF_A_VERSION = [
    table.name for table in TABLES if {"scenario", "version"} <= {column.name for column in table.columns}
]


def _signer(key: Callable[[], PackKey] | None) -> tuple[PackKey | None, bool]:
    """Return the key to sign with, if any, and whether a pack can be issued.

    A damaged key must not hold up a teller.
    """
    if key is None:
        return None, True
    try:
        return key(), True
    except (BadSetting, OSError) as problem:
        log.error(
            "the signing key cannot be used (%s): a pack was emptied and not issued anew",
            type(problem).__name__,
        )
        return None, False


def _empty(session: Session, newest: PublishedPack, now: datetime) -> None:
    """Take the bytes of a pack and of every version before it."""
    session.execute(
        update(PublishedPack)
        .where(
            PublishedPack.event_id == newest.event_id,
            PublishedPack.version <= newest.version,
            PublishedPack.withdrawn_at.is_(None),
        )
        .values(zip=b"", withdrawn_at=now)
    )
    leave(session, newest.event_id, up_to=newest.version)


def _only_published(material: Material, before: Tables) -> Material:
    """Leave out what came since: issued anew, a pack gives no figure that it did not give before."""
    published = {row["round"] for row in before["rounds"]}
    rounds = [round_ for round_ in material.rounds if round_.id in published]
    played = {(round_.scenario, round_.version) for round_ in rounds}
    return replace(
        material,
        rounds=rounds,
        steps=[step for step in material.steps if step.round in published],
        scenarios=[each for each in material.scenarios if (each.slug, each.version) in played],
        floor=_only_told(material.floor, before),
    )


def _only_told(floor: FloorMaterial, before: Tables) -> FloorMaterial:
    stops, tried, proposals, commitments = (
        {row[key] for row in before[table]}
        for table, key in (
            ("stops", "stop"),
            ("interventions", "intervention"),
            ("proposals", "proposal"),
            ("commitments", "commitment"),
        )
    )
    return replace(
        floor,
        stops=[each for each in floor.stops if each.id in stops],
        interventions=[each for each in floor.interventions if each.id in tried],
        proposals=[each for each in floor.proposals if each.id in proposals],
        commitments=[each for each in floor.commitments if each.id in commitments],
        equality=floor.equality if before["equality_summary"] else {},
    )


def _row(newest: PublishedPack, edition: Edition, material: Material, frozen: bytes) -> PublishedPack:
    tables = tables_of(material)
    telling = tell(tables)
    return PublishedPack(
        event_id=newest.event_id,
        version=edition.version,
        reference=reference_of(newest.event_slug, edition.version),
        event_slug=newest.event_slug,
        title=newest.title,
        held_at=newest.held_at,
        decisions=telling.decisions.value,
        ballots=telling.ballots.value,
        rows=sum(len(rows) for rows in tables.values()),
        sha256=hashlib.sha256(frozen).hexdigest(),
        size_bytes=len(frozen),
        app_version=edition.app_version,
        generated_at=edition.generated_at,
        published_by=newest.published_by,
        zip=frozen,
    )
