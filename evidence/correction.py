"""What a version of a pack says otherwise than the one before it: table by table, rows told apart by their keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.columns import Row, Table, Tables, Value
from evidence.schema import TABLES


@dataclass(frozen=True, slots=True)
class TableChange:
    """How many rows of one table are new, are gone, and say something else under the same key."""

    table: str
    new: int
    gone: int
    other: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What changed since an earlier version. Tables that say the same are not in it."""

    since: str
    tables: Sequence[TableChange]


def changes_between(before: Tables, after: Tables) -> list[TableChange]:
    """Return what changed in each table that changed, in the order of the codebook.

    >>> rows = {name: [] for name in (table.name for table in TABLES)}
    >>> seats = lambda *numbers: [{"section": at, "seats": n} for at, n in enumerate(numbers, start=1)]
    >>> changes_between({**rows, "attendance": seats(80, 12)}, {**rows, "attendance": seats(81)})
    [TableChange(table='attendance', new=0, gone=1, other=1)]
    """
    found = []
    for table in TABLES:
        old, new = _by_key(table, before[table.name]), _by_key(table, after[table.name])
        change = TableChange(
            table=table.name,
            new=len(new.keys() - old.keys()),
            gone=len(old.keys() - new.keys()),
            other=sum(old[key] != new[key] for key in old.keys() & new.keys()),
        )
        if change.new or change.gone or change.other:
            found.append(change)
    return found


def _by_key(table: Table, rows: Sequence[Row]) -> dict[tuple[Value, ...], Row]:
    return {tuple(row[name] for name in table.key): row for row in rows}
