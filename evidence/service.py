"""Publish an event's evidence. Needs the duty of a steward, which the route checks."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evidence.catalogue.queries import enter
from evidence.columns import Tables
from evidence.correction import Correction, correction_since
from evidence.csv_files import csv_bytes
from evidence.exports import files_in, tables_in
from evidence.gathering import gather
from evidence.material import Material
from evidence.models import PublishedPack
from evidence.pack import Edition, zipped_pack
from evidence.queries import Pack, pack, packs_of, zip_of
from evidence.rules import JustPublished, NothingClosed, check_new_version, is_event_name, reference_of
from evidence.schema import TABLES
from evidence.signing import PackKey
from evidence.tables import tables_of
from evidence.telling import Telling, tell
from live import queries as live
from live.programme import NoSuchEvent, event_chain
from scenario_app import __version__
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict
from scenarios import queries as scenarios


@dataclass(frozen=True, slots=True)
class PackDraft:
    """What would be published now, and as what. `refusal` says why it would be refused, or is None.

    `correction` says what it changes; None for a first version, and where none before it stands.
    """

    reference: str
    version: int
    event_id: int
    pathway: str
    gathered: Material
    material: Material
    tables: Tables
    telling: Telling
    refusal: Conflict | None
    correction: Correction | None = None


def draft_pack(session: Session, *, event_slug: str, threshold: int) -> PackDraft:
    """Return what publishing an event's evidence would give now. Changes nothing.

    `threshold` is a number of people, from Config.suppress_below.

    :raises NoSuchEvent: no event has this name
    """
    event = live.event_by_slug(session, event_slug) if is_event_name(event_slug) else None
    if event is None:
        raise NoSuchEvent(found=event_slug[:80])
    before = packs_of(session, event_slug)
    # one whose bytes are gone has nothing to be compared with
    standing = [each for each in before if each.withdrawn_at is None]
    frozen = files_in(zip_of(session, standing[0].reference)) if standing else None
    published = tables_in(frozen) if frozen else None
    gathered = material = gather(session, event, threshold=threshold)
    if published and published["equality_summary"]:
        material = _as_told(gathered, published)
    tables = tables_of(material)
    # Compared as they are written: a file knows no microseconds and no difference between empty and nothing.
    files = {table.path: csv_bytes(table, tables[table.name]) for table in TABLES}
    version = before[0].version + 1 if before else 1
    return PackDraft(
        reference=reference_of(event_slug, version),
        version=version,
        event_id=event.id,
        pathway=scenarios.pathway_slug(session, event.pathway_id),
        gathered=gathered,
        material=material,
        tables=tables,
        telling=tell(tables),
        refusal=_refusal(tables_in(files), published, threshold),
        correction=correction_since(standing[0].reference, frozen, files) if frozen else None,
    )


@dataclass(frozen=True, slots=True)
class MadePack:
    """A pack that is compiled and not published: its bytes, and which edition they are."""

    edition: Edition
    frozen: bytes

    @property
    def sha256(self) -> str:
        """Return the fingerprint of the bytes."""
        return hashlib.sha256(self.frozen).hexdigest()


def publish_pack(
    session: Session,
    *,
    event_slug: str,
    account_id: int,
    now: datetime,
    threshold: int,
    key: PackKey | None = None,
) -> Pack:
    """Freeze an event's evidence as its next version, and say so in the event's audit chain.

    `key` signs it; without one it is not signed. Compiles inside the transaction: for programs.
    Pages ask for a pack with `evidence.packing`.

    :raises NoSuchEvent: no event has this name
    :raises NothingClosed, NothingNew, TooLittleChanged, JustPublished: see `evidence.rules`; nothing was published
    """
    draft = draft_pack(session, event_slug=event_slug, threshold=threshold)
    return freeze_pack(session, draft, make_pack(draft, now=now, key=key), account_id=account_id, now=now)


def make_pack(
    draft: PackDraft,
    *,
    now: datetime,
    key: PackKey | None = None,
    language: str = "en",
    making: Callable[[Material, Edition], bytes] = zipped_pack,
) -> MadePack:
    """Compile what would be published. Touches no database: it may take its time, here or where `making` does it.

    :raises NothingClosed, NothingNew, TooLittleChanged: what the draft would be refused with
    """
    if draft.refusal is not None:
        raise draft.refusal
    edition = Edition(
        draft.version,
        generated_at=now,
        app_version=__version__,
        language=language,
        key=key,
        correction=draft.correction,
    )
    return MadePack(edition, making(draft.material, edition))


def freeze_pack(
    session: Session, draft: PackDraft, made: MadePack, *, account_id: int, now: datetime
) -> Pack:
    """Publish a pack as it was made. That nothing has changed meanwhile is for whoever waited to make sure.

    :raises JustPublished: somebody else published this version at the same moment
    """
    session.add(_row(draft, made, account_id))
    try:
        session.flush()
    except IntegrityError:
        raise JustPublished from None
    material = draft.material
    enter(
        session,
        draft.reference,
        draft.tables,
        title=material.title,
        place=material.place,
        statement=material.decision_statement,
        pathway=draft.pathway,
    )
    audit.record(
        session,
        chain=event_chain(material.event),
        action="pack_published",
        subject=f"pack:{draft.reference}",
        account_id=account_id,
        now=now,
        details={"sha256": made.sha256},
    )
    return pack(session, draft.reference)


def _as_told(material: Material, published: Tables) -> Material:
    """Keep who was in the room as it was told first: two forms of one table, under two thresholds, tell more."""
    told: dict[str, dict[str, int | None]] = {}
    for row in published["equality_summary"]:
        people = row["people"]
        told.setdefault(str(row["question"]), {})[str(row["answer"])] = (
            people if isinstance(people, int) else None
        )
    return replace(material, floor=replace(material.floor, equality=told))


def _refusal(written: Tables, published: Tables | None, threshold: int) -> Conflict | None:
    if not written["rounds"]:
        return NothingClosed()
    if published is None:
        return None
    try:
        check_new_version(published, written, threshold=threshold)
    except Conflict as refusal:
        return refusal
    return None


def _row(draft: PackDraft, made: MadePack, account_id: int) -> PublishedPack:
    return PublishedPack(
        event_id=draft.event_id,
        version=draft.version,
        reference=draft.reference,
        event_slug=draft.material.event,
        title=draft.material.title,
        held_at=draft.material.starts_at,
        decisions=draft.telling.decisions.value,
        ballots=draft.telling.ballots.value,
        rows=sum(len(rows) for rows in draft.tables.values()),
        sha256=made.sha256,
        size_bytes=len(made.frozen),
        app_version=made.edition.app_version,
        generated_at=made.edition.generated_at,
        published_by=account_id,
        zip=made.frozen,
    )
