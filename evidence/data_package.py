"""What the tables mean, for programs (datapackage.json) and for people (codebook.md); both from one schema."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from evidence.columns import Column, Table, Type
from evidence.schema import TABLES

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0 International",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


def data_package(
    *, reference: str, version: int, title: str, files: Mapping[str, bytes], tables: Sequence[Table] = TABLES
) -> bytes:
    """Return datapackage.json for the table files among `files`. Standard: Data Package 2.0."""
    return json_bytes(
        {
            "$schema": PROFILE,
            "name": reference,
            "title": title,
            "description": "README.md says how this was made and what it cannot show; codebook.md, what columns mean.",
            "version": f"{version}.0.0",
            "licenses": [LICENCE],
            "resources": [_resource(table, files[table.path]) for table in tables],
        }
    )


def codebook(tables: Sequence[Table] = TABLES) -> bytes:
    """Return codebook.md: every table and column in plain words."""
    parts = [_CODEBOOK_HEAD, *(_described(table) for table in tables)]
    return "\n".join(parts).encode()


def json_bytes(value: object) -> bytes:
    """Return JSON that people can read and that is always the same for the same value."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _resource(table: Table, data: bytes) -> dict[str, object]:
    return {
        "name": table.name,
        "path": table.path,
        "type": "table",
        "title": table.name.replace("_", " ").capitalize(),
        "description": f"A row is {table.a_row_is}.",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, object]:
    schema: dict[str, object] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": list(table.absent),
        "primaryKey": list(table.key),
    }
    if table.references:
        schema["foreignKeys"] = [
            {
                "fields": list(reference.columns),
                "reference": {"resource": reference.table, "fields": list(reference.to)},
            }
            for reference in table.references
        ]
    return schema


def _field(column: Column) -> dict[str, object]:
    described = f"{column.means} ({column.unit})" if column.unit else column.means
    constraints: dict[str, object] = {}
    if column.required:
        constraints["required"] = True
    if column.categories:
        constraints["enum"] = list(column.categories)
    found: dict[str, object] = {"name": column.name, "type": column.type.value, "description": described}
    if column.categories:
        found["categories"] = [{"value": value, "label": label} for value, label in column.categories.items()]
    if constraints:
        found["constraints"] = constraints
    return found


_CODEBOOK_HEAD = """\
# What every column means

Each table is a CSV file in `tables/`: UTF-8, a header row, commas, quotes where needed. Moments are ISO 8601 in UTC.
An empty cell means that there is no value. Yes and no are `true` and `false`.
"""


KINDS = {
    Type.TEXT: "text",
    Type.COUNT: "whole number",
    Type.FLAG: "true or false",
    Type.MOMENT: "moment",
    Type.DAY: "day",
}


def _described(table: Table) -> str:
    lines = [
        f"## {table.name}",
        "",
        f"`{table.path}`. A row is {table.a_row_is}. No two rows share {_listed(table.key)}.",
        "",
        "| column | holds | meaning |",
        "|---|---|---|",
    ]
    lines += [f"| `{column.name}` | {_holds(column)} | {column.means} |" for column in table.columns]
    for column in table.columns:
        if column.categories:
            lines += ["", f"`{column.name}` is one of:", ""]
            lines += [f"- `{value}`: {label}" for value, label in column.categories.items()]
    return "\n".join([*lines, ""])


def _holds(column: Column) -> str:
    kind = {
        "string": "text",
        "integer": "whole number",
        "boolean": "true or false",
        "datetime": "moment",
        "date": "day",
    }[column.type]
    unit = f", {column.unit}" if column.unit else ""
    absent = f" or `{column.absent}`" if column.absent else "" if column.required else " or empty"
    return f"{kind}{unit}{absent}"


def _listed(names: Sequence[str]) -> str:
    """Return names as they are read.

    >>> _listed(["round"]), _listed(["round", "response", "channel"])
    ('`round`', '`round`, `response` and `channel`')
    """
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
