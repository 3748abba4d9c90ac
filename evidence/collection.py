"""Many packs in one zip, for whoever compares events: each table once, with the pack that a row stands in before it.

Nothing is counted anew and nothing is added up: every cell is one that was published, as it was published. So a
collection tells nobody more than its packs do, and the same packs give the same bytes.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from evidence.columns import Column, Reference, Row, Table, Type
from evidence.csv_files import NotATable, csv_bytes, guarded
from evidence.data_package import codebook, data_package
from evidence.exports import files_in, zip_bytes
from evidence.schema import TABLES

PACK = Column(
    "pack", Type.TEXT, "the reference of the pack that the row stands in; its page is /evidence/PACK"
)
PACKS = Table(
    name="packs",
    a_row_is="one published pack: the newest version of an event's evidence that stands",
    columns=(
        PACK,
        Column("event", Type.TEXT, "the event's short name"),
        Column("title", Type.TEXT, "the event's title"),
        Column("place", Type.TEXT, "where it was held", required=False),
        Column("held_at", Type.MOMENT, "when it began"),
        Column("version", Type.COUNT, "which version of the event's evidence this is"),
        Column("decisions", Type.COUNT, "how many decisions were asked"),
        Column("ballots", Type.COUNT, "how many ballots were counted, over all rounds"),
        Column("sha256", Type.TEXT, "the fingerprint of the pack's zip, as its page says it"),
    ),
    key=("pack",),
)


@dataclass(frozen=True, slots=True)
class Collected:
    """One pack that goes into a collection: what the catalogue says of it, and its zip."""

    reference: str
    event: str
    title: str
    place: str
    held_at: datetime
    version: int
    decisions: int
    ballots: int
    sha256: str
    zip: bytes

    def as_row(self) -> Row:
        """Return its row in the table of packs."""
        return {
            "pack": self.reference,
            "event": self.event,
            "title": self.title,
            "place": self.place or None,
            "held_at": self.held_at,
            "version": self.version,
            "decisions": self.decisions,
            "ballots": self.ballots,
            "sha256": self.sha256,
        }


def zipped_collection(
    packs: Sequence[Collected], *, asked: Mapping[str, str], unread: Sequence[str] = ()
) -> bytes:
    """Return a collection of packs as one zip. Some hundredths of a second for each of them.

    `asked` is the search that found them, as its parameters; `unread` are references of packs that could not be read.
    One whose tables are none of ours is left out, and named with those.
    """
    written = [_Together(table) for table in TABLES]
    whole, left_out = [], list(unread)
    for pack in packs:
        files = files_in(pack.zip)
        try:
            read = [
                (each, *_lines(each.table, files[each.table.path]))
                for each in written
                if each.table.path in files
            ]
        except NotATable:
            left_out.append(pack.reference)
            continue
        whole.append(pack)
        for table, header, lines in read:
            table.take(pack.reference, header, lines)
    tables = (PACKS, *(each.described for each in written))
    csvs = {
        PACKS.path: csv_bytes(PACKS, [pack.as_row() for pack in whole]),
        **{each.table.path: each.file for each in written},
    }
    described = data_package(
        reference="evidence-collection",
        version=1,
        title="Evidence of several events",
        files=csvs,
        tables=tables,
    )
    return zip_bytes(
        {
            "README.md": _readme(whole, asked, left_out),
            "codebook.md": codebook(tables),
            "datapackage.json": described,
            **csvs,
        }
    )


def of_many(table: Table) -> Table:
    """Return a table as it stands in a collection: the pack comes first, and belongs to every key.

    >>> from evidence.schema import TABLE_OF
    >>> many = of_many(TABLE_OF["results"])
    >>> many.columns[0].name, many.key[:2], many.references[0].columns
    ('pack', ('pack', 'round'), ('pack', 'round'))
    """
    of_its_pack = (
        Reference((PACK.name, *each.columns), each.table, (PACK.name, *each.to)) for each in table.references
    )
    return replace(
        table,
        columns=(PACK, *table.columns),
        key=(PACK.name, *table.key),
        references=(*of_its_pack, Reference((PACK.name,), PACKS.name, (PACK.name,))),
    )


class _Together:
    """One table of many packs, cell by cell as they were published. An older pack may lack columns: those are empty."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._lacking: set[str] = set()
        self._out = io.StringIO()
        self._writer = csv.writer(self._out, lineterminator="\r\n")
        self._writer.writerow([PACK.name, *(column.name for column in table.columns)])

    def take(self, reference: str, header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        self._lacking.update(column.name for column in self.table.columns if column.name not in header)
        place = {name: number for number, name in enumerate(header)}
        pick = [place.get(column.name) for column in self.table.columns]
        first = guarded(reference)
        self._writer.writerows(
            [first, *("" if number is None else line[number] for number in pick)] for line in lines
        )

    @property
    def described(self) -> Table:
        """The table as it is described: what some pack does not have cannot be asked of every row."""
        many = of_many(self.table)
        columns = (
            replace(column, required=False) if column.name in self._lacking else column
            for column in many.columns
        )
        references = (each for each in many.references if self._lacking.isdisjoint(each.columns))
        return replace(many, columns=tuple(columns), references=tuple(references))

    @property
    def file(self) -> bytes:
        return self._out.getvalue().encode()


def _lines(table: Table, data: bytes) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    try:
        header, *lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    except (ValueError, csv.Error) as problem:
        raise NotATable(table.name) from problem
    known = {column.name for column in table.columns} | set(table.no_longer)
    if not set(header) <= known or any(len(line) != len(header) for line in lines):
        raise NotATable(table.name)
    return header, lines


def _readme(packs: Sequence[Collected], asked: Mapping[str, str], unread: Sequence[str]) -> bytes:
    search = ", ".join(f"{name}: {value}" for name, value in asked.items()) or "everything that is published"
    lines = [
        "# Evidence of several events",
        "",
        f"{_counted(len(packs))}, the newest event first. Found by: {_one_line(search)}.",
        "",
        *(_UNREAD_HEAD + [f"- `{reference}`" for reference in unread] + [""] if unread else []),
        _README,
    ]
    return "\n".join(lines).encode()


def _counted(packs: int) -> str:
    return "1 pack" if packs == 1 else f"{packs} packs"


def _one_line(text: str) -> str:
    return " ".join("".join(character for character in text if character not in "`<>").split())


_UNREAD_HEAD = ["These are published as well, and could not be read. They are missing from every table:", ""]
_README = """\
Each table stands here once, with the rows of every pack one after the other; the first column, `pack`, says which
pack a row stands in. `tables/packs.csv` lists the packs. `codebook.md` says what each column means, and
`datapackage.json` says it to programs.

## Nothing is counted anew

Every cell is one that was published, as it was published. Text that a spreadsheet would run has one apostrophe before
it. A cell that an older pack does not have is empty.

## What can be compared, and what cannot

- The same decision of the same version of a scenario, under the same rule of counting, can be laid side by side.
  Everything else was another question.
- Who came was not a sample, in any of the places. Percentages of different rooms are not estimates of one thing.
- Rooms, hands, paper and online are counted apart. Do not add them up.
- Figures by role are protected: rounded, merged, or hidden as `*`. Rounded figures of several rooms do not add up
  to anything, and each pack has the threshold that its own README.md says.
- A pack's own README.md says who was asked, who decides, what was overruled and why. Read it before you quote a row.

## How to check it

A collection is made when it is asked for, and is not signed. Each pack is: its page is `/evidence/PACK` on the site
that this came from, its zip has the fingerprint in `tables/packs.csv`, and `/evidence/verify` checks it. The rows here
are the rows of its tables.

CC BY 4.0. Attribution: the title and reference of each pack that you use.
"""
