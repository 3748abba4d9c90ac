"""What a table of a pack is made of: columns with types, a key, references to other tables.

A column's type is one of Table Schema's (https://datapackage.org/standard/table-schema/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Value = str | int | bool | datetime | date | None
Row = Mapping[str, Value]
Tables = Mapping[str, Sequence[Row]]


class Type(StrEnum):
    """What the cells of a column hold. An empty cell means that there is no value."""

    TEXT = "string"
    COUNT = "integer"
    FLAG = "boolean"
    MOMENT = "datetime"
    DAY = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `means` is for the codebook; `categories` lists every value with what it means.

    `absent` is what stands in the file where there is no value.
    """

    name: str
    type: Type
    means: str
    unit: str = ""
    required: bool = True
    absent: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns whose values stand in another table's key."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a file, what a row of it is, its columns, its key; `no_longer` are columns that older packs have."""

    name: str
    a_row_is: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    no_longer: tuple[str, ...] = ()

    @property
    def absent(self) -> tuple[str, ...]:
        """Return everything that stands for no value somewhere in the table."""
        return tuple(dict.fromkeys(["", *(column.absent for column in self.columns)]))

    @property
    def path(self) -> str:
        """Return where the table lies in the pack."""
        return f"tables/{self.name}.csv"
