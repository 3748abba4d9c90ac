"""Figures that know where they come from: read or worked out from the tables of a pack, and from nothing else."""

from dataclasses import dataclass

from evidence.columns import Row, Tables
from evidence.schema import TABLE_OF


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and where it comes from. A hidden one has no value.

    `source` is a cell (`results[12/a/room].votes`), the difference of two cells, `sum(table.column)` (where
    true counts 1), or `different(table.column+column)`, how many different rows these columns make.
    """

    value: int | None
    source: str


class FigureReader:
    """Finds rows by key, and remembers for each number where it stood."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.rows: dict[str, dict[tuple[object, ...], Row]] = {
            name: {tuple(row[column] for column in TABLE_OF[name].key): row for row in rows}
            for name, rows in tables.items()
        }

    def cell(self, table: str, column: str, *key: object) -> Figure | None:
        row = self.rows[table].get(key)
        if row is None:
            return None
        value = row[column]
        assert value is None or isinstance(value, int)
        return Figure(value, f"{table}[{'/'.join(map(str, key))}].{column}")

    def count(self, table: str, column: str, *key: object) -> Figure:
        found = self.cell(table, column, *key)
        assert found is not None
        return found

    def total(self, table: str, column: str) -> Figure:
        return Figure(sum(whole(row[column]) for row in self.tables[table]), f"sum({table}.{column})")

    def different(self, table: str, *columns: str) -> Figure:
        found = {tuple(row[column] for column in columns) for row in self.tables[table]}
        return Figure(len(found), f"different({table}.{'+'.join(columns)})")


def whole(value: object) -> int:
    """Return a cell that must hold a whole number."""
    assert isinstance(value, int)
    return value


def text(value: object) -> str:
    """Return a cell as text; an empty one as no words."""
    return "" if value is None else str(value)
