"""What a version of a pack says otherwise than the one before it: table by table, rows told apart by their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evidence.columns import Row, Table, Value
from evidence.csv_files import columns_in, rows_from
from evidence.schema import TABLES

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class TableChange:
    """How many rows of one table are new, are gone, and say something else under the same key."""

    table: str
    new: int
    gone: int
    other: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What changed since an earlier version. Tables that say the same are not in it; there is at least one."""

    since: str
    tables: Sequence[TableChange]


def correction_since(reference: str, before: Files, after: Files) -> Correction | None:
    """Return what changed since the version of this reference, from the files of both; None where no row did.

    :raises evidence.csv_files.NotATable: a table of either is none of ours
    """
    changes = changes_between(before, after)
    return Correction(reference, changes) if changes else None


def changes_between(before: Files, after: Files) -> list[TableChange]:
    """Return what changed in each table that changed, in the order of the codebook, from the files of two versions.

    Only columns that both versions have are compared: a column that came later says nothing about what was counted.
    Files that are the same byte for byte are not read.

    >>> seats = lambda *rows: {"tables/attendance.csv": "\\r\\n".join(["section,seats", *rows, ""]).encode()}
    >>> changes_between(seats("1,80", "2,12"), seats("1,81"))
    [TableChange(table='attendance', new=0, gone=1, other=1)]
    """
    found = []
    for table in TABLES:
        told, tells = before.get(table.path), after.get(table.path)
        if told == tells:
            continue
        both = set.intersection(*(columns_in(data) for data in (told, tells) if data is not None))
        old, new = _by_key(table, told, both), _by_key(table, tells, both)
        change = TableChange(
            table=table.name,
            new=len(new.keys() - old.keys()),
            gone=len(old.keys() - new.keys()),
            other=sum(old[key] != new[key] for key in old.keys() & new.keys()),
        )
        if change.new or change.gone or change.other:
            found.append(change)
    return found


def _by_key(table: Table, data: bytes | None, columns: set[str]) -> dict[tuple[Value, ...], Row]:
    rows = [] if data is None else rows_from(table, data)
    return {
        tuple(row[name] for name in table.key): {name: row[name] for name in row.keys() & columns}
        for row in rows
    }
