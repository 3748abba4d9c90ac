"""Tables as CSV files: RFC 4180, UTF-8, a header row; text that a spreadsheet would run stays text.

The spreadsheet rule: a text cell whose first character, apostrophes apart, is one of `= + - @`, tab, carriage
return or line feed gets one more apostrophe in front. Reading takes one away again, so nothing is lost.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from evidence.columns import Column, Row, Table, Type, Value

_WOULD_RUN = re.compile(r"'*[=+\-@\t\r\n]")
_WAS_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")


class NotATable(ValueError):
    """The bytes are not what `csv_bytes` writes for this table."""


def csv_bytes(table: Table, rows: Sequence[Row]) -> bytes:
    """Return a table's rows as a CSV file. Every row has every column of the table, and no other."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [column.name for column in table.columns]
    writer.writerow(names)
    for row in rows:
        if row.keys() != set(names):
            raise ValueError(f"a row of {table.name} has other columns than its table: {sorted(row)}")
        writer.writerow([_written(column, row[column.name]) for column in table.columns])
    return out.getvalue().encode()


def rows_from(table: Table, data: bytes) -> list[Row]:
    """Return the rows that `csv_bytes` wrote; a hidden number comes back as None, like an empty one.

    A pack is read for years: a column that came after it was published is None in all its rows, and one
    that a table has no longer is not read.

    :raises NotATable: the header has other columns, or them in another order; a cell does not have its column's type
    """
    try:
        header, *lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
        there = [column for column in table.columns if column.name in header]
        if [name for name in header if name not in table.no_longer] != [column.name for column in there]:
            raise NotATable(table.name)
        nothing: Row = dict.fromkeys(column.name for column in table.columns)
        return [
            {
                **nothing,
                **{column.name: _read(column, cells[column.name]) for column in there},
            }
            for cells in (dict(zip(header, line, strict=True)) for line in lines)
        ]
    except (ValueError, csv.Error) as problem:
        raise NotATable(table.name) from problem


def columns_in(data: bytes) -> set[str]:
    """Return the names in the header row of a table.

    :raises NotATable: the bytes are no CSV file
    """
    try:
        return set(next(csv.reader(io.StringIO(data.decode(), newline=""), strict=True), ()))
    except (ValueError, csv.Error) as problem:
        raise NotATable from problem


def guarded(text: str) -> str:
    """Return text as it may stand in a spreadsheet cell without being run.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("a = b"), guarded("'tis")
    ("'=1+1", "''=1+1", 'a = b', "'tis")
    """
    return "'" + text if _WOULD_RUN.match(text) else text


def unguarded(text: str) -> str:
    """Return text as it was before `guarded`.

    >>> [unguarded(guarded(text)) for text in ("=1+1", "'=1+1", "''", "plain")]
    ['=1+1', "'=1+1", "''", 'plain']
    """
    return text[1:] if _WAS_GUARDED.match(text) else text


def moment(value: datetime) -> str:
    """Return a moment as ISO 8601 in UTC, to the second.

    >>> moment(datetime(2026, 10, 10, 14, 3, 22, 999, tzinfo=UTC))
    '2026-10-10T14:03:22Z'
    """
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(column: Column, value: Value) -> str:
    match value:
        case None:
            return column.absent
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
    return guarded(value)


def _read(column: Column, cell: str) -> Value:
    if cell in ("", column.absent):
        return None
    match column.type:
        case Type.COUNT:
            return int(cell)
        case Type.FLAG:
            return ("false", "true").index(cell) == 1
        case Type.MOMENT:
            return datetime.strptime(cell, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        case Type.DAY:
            return date.fromisoformat(cell)
    return unguarded(cell)
