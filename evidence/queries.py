"""Published packs as frozen values: the catalogue, one pack, its files, what it tells."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evidence.correction import Correction, correction_since
from evidence.csv_files import NotATable
from evidence.exports import files_in, tables_in
from evidence.models import PublishedPack
from evidence.pack import MANIFEST
from evidence.rules import NoSuchPack, NoSuchTable, is_reference, reference_of
from evidence.schema import TABLE_OF
from evidence.telling import Telling, tell
from scenario_app.kernel.errors import DomainError

# Counts of rows, no words: nothing of it is ever taken back.
MOST_COMPARED = 500
_compared: dict[tuple[str, str], Correction | None] = {}


class PackDamaged(DomainError):
    """The stored bytes are not those that were published: nothing is served rather than something wrong."""

    code = "pack_damaged"
    status = 500


class PackWithdrawn(DomainError):
    """Somebody took back a story that was quoted in this version. A newer version stands without the words."""

    code = "pack_withdrawn"
    status = 410


@dataclass(frozen=True, slots=True)
class Pack:
    """A published pack without its bytes. `withdrawn_at`: since when it has none, because a story was taken back."""

    reference: str
    version: int
    event_slug: str
    title: str
    held_at: datetime
    decisions: int
    ballots: int
    rows: int
    sha256: str
    size_bytes: int
    app_version: str
    generated_at: datetime
    withdrawn_at: datetime | None


def packs(session: Session) -> list[Pack]:
    """Return every pack: the newest event first, of one event the newest version first."""
    rows = session.scalars(
        select(PublishedPack).order_by(
            PublishedPack.held_at.desc(), PublishedPack.event_slug, PublishedPack.version.desc()
        )
    )
    return [pack_of(row) for row in rows]


def packs_of(session: Session, event_slug: str) -> list[Pack]:
    """Return every version of one event's pack, newest first."""
    rows = session.scalars(
        select(PublishedPack)
        .where(PublishedPack.event_slug == event_slug)
        .order_by(PublishedPack.version.desc())
    )
    return [pack_of(row) for row in rows]


def pack(session: Session, reference: str) -> Pack:
    """Return one pack.

    :raises NoSuchPack: none has this reference
    """
    return pack_of(_row(session, reference))


def standing_after(session: Session, found: Sequence[Pack]) -> dict[str, str]:
    """Return the newest standing version of those packs that are followed by one, by reference. One query."""
    rows = session.execute(
        select(PublishedPack.event_slug, func.max(PublishedPack.version).label("version"))
        .where(
            PublishedPack.event_slug.in_({each.event_slug for each in found}),
            PublishedPack.withdrawn_at.is_(None),
        )
        .group_by(PublishedPack.event_slug)
    )
    newest = {row.event_slug: row.version for row in rows}
    return {
        each.reference: reference_of(each.event_slug, newest[each.event_slug])
        for each in found
        if newest.get(each.event_slug, 0) > each.version
    }


def correction_of(session: Session, found: Pack) -> Correction | None:
    """Return what a pack changed since the version before it; None where none stands before it, or it is damaged.

    A pack never changes, so both are read and compared once in a process: tenths of a second for large ones.
    """
    earlier = (
        each
        for each in packs_of(session, found.event_slug)
        if each.version < found.version and each.withdrawn_at is None
    )
    before = next(earlier, None)
    if before is None or found.withdrawn_at is not None:
        return None
    pair = before.sha256, found.sha256
    if pair not in _compared:
        try:
            both = [files_of(session, each.reference) for each in (before, found)]
            _compared[pair] = correction_since(before.reference, *both)
        except (PackDamaged, NotATable):
            return None
        while len(_compared) > MOST_COMPARED:
            del _compared[next(iter(_compared))]
    return _compared[pair]


def zip_of(session: Session, reference: str) -> bytes:
    """Return the frozen bytes of a pack.

    :raises NoSuchPack: none has this reference
    :raises PackWithdrawn: a story in it was taken back; a newer version stands without its words
    :raises PackDamaged: the bytes do not have the fingerprint that they were published with
    """
    row = _row(session, reference)
    if row.withdrawn_at is not None:
        raise PackWithdrawn(reference=reference)
    if hashlib.sha256(row.zip).hexdigest() != row.sha256:
        raise PackDamaged(reference=reference)
    return row.zip


def files_of(session: Session, reference: str) -> Mapping[str, bytes]:
    """Return a pack's files by path. Reads and checks the whole pack: milliseconds for a hundred kilobytes.

    :raises NoSuchPack, PackWithdrawn, PackDamaged: as `zip_of`
    """
    return files_in(zip_of(session, reference))


def table_file(session: Session, reference: str, name: str) -> bytes:
    """Return one table of a pack as it was published.

    :raises NoSuchTable: the pack has none of this name
    """
    if name not in TABLE_OF:
        raise NoSuchTable(found=name[:40])
    return file_of(session, reference, TABLE_OF[name].path)


def file_of(session: Session, reference: str, path: str) -> bytes:
    """Return one file of a pack as it was published.

    :raises NoSuchTable: the pack has none of this name; an older one may have fewer files
    """
    files = files_of(session, reference)
    if path not in files:
        raise NoSuchTable(found=path[:40])
    return files[path]


def telling_of(session: Session, reference: str) -> Telling:
    """Return what a pack tells, read from its own tables."""
    return tell(tables_in(files_of(session, reference)))


def signed_by(session: Session, reference: str) -> str:
    """Return the fingerprint of the key that signed a pack; empty for one from before packs were signed."""
    manifest = json.loads(files_of(session, reference)[MANIFEST])
    return str(manifest.get("signed_by", {}).get("fingerprint", ""))


def _row(session: Session, reference: str) -> PublishedPack:
    # What no pack can be called is not asked for: an address may hold bytes that a database chokes on.
    where = PublishedPack.reference == reference
    row = session.scalars(select(PublishedPack).where(where)).first() if is_reference(reference) else None
    if row is None:
        raise NoSuchPack(found=reference[:100])
    return row


def pack_of(row: PublishedPack) -> Pack:
    """Return a row as what other modules may see of it."""
    return Pack(
        reference=row.reference,
        version=row.version,
        event_slug=row.event_slug,
        title=row.title,
        held_at=row.held_at,
        decisions=row.decisions,
        ballots=row.ballots,
        rows=row.rows,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        app_version=row.app_version,
        generated_at=row.generated_at,
        withdrawn_at=row.withdrawn_at,
    )
