"""workbook.xlsx: every table of a pack as a sheet, what columns mean, and charts of every vote.

Nothing in it runs and nothing leads anywhere: text is written as text, whatever it begins with. Moments and days are
ISO 8601 text, as in the CSV files: a spreadsheet's own dates know no time zone.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from textwrap import wrap
from typing import Any

import xlsxwriter

from evidence.columns import Column, Row, Table, Tables, Value
from evidence.csv_files import guarded, moment
from evidence.data_package import KINDS, LICENCE
from evidence.exports import files_in, zip_bytes
from evidence.material import Material
from evidence.schema import TABLES
from evidence.telling import DecisionTold, Telling
from live.disclosure import ROUNDED_TO
from scenario_app.kernel.wording import Wording

MOST_IN_A_CELL = 32_767
_MOST_WIDE = 60
# What A4 upright holds.
_PROSE_WIDE = 84
_TITLE_WIDE = 44
_CODEBOOK_WIDE = (20, 20, 16, _MOST_WIDE, _MOST_WIDE)
_LINE_HIGH = 15.0
# No row can be higher than 409 points.
_MOST_LINES = 27
_MOST_READ = _MOST_LINES * _PROSE_WIDE
_A4 = 9
_LEAST_WIDE = 9
# What XML cannot hold: controls, halves of characters, two that are none.
_NO_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Round by round a darker one, and hatched before it is plain: not by colour alone.
_FILLS = (("wide_upward_diagonal", "#594e63"), ("dotted_diamond", "#a04a74"), ("solid_fill", "#6b2145"))
# A file must not say when it was made: the manifest does.
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Introduction:
    """The first sheet: headings, each with sentences; already in the language of the pack."""

    title: str
    parts: Sequence[tuple[str, str]]


def introduction(material: Material, *, reference: str, telling: Telling, wording: Wording) -> Introduction:
    """Return what the first sheet says: what this is, how to read it, what it cannot show."""
    _ = wording.translations.gettext
    figures = {
        "seats": telling.seats.value,
        "decisions": telling.decisions.value,
        "rounds": telling.rounds.value,
        "ballots": telling.ballots.value,
    }
    protected = {
        "most": material.suppress_below - 1,
        "to": ROUNDED_TO,
        "below": material.suppress_below,
    }
    how_many = _(
        "Phones that took a seat: %(seats)s. Decisions that the room was asked: %(decisions)s. "
        "Rounds: %(rounds)s. Ballots cast: %(ballots)s."
    )
    small = _(
        "In tables by role, a number from 1 to %(most)s is a star, everything else is rounded "
        "to the nearest %(to)s, and roles with fewer than %(below)s ballots are counted together. "
        "README.md has the whole rule."
    )
    return Introduction(
        title=f"{material.title} ({reference})",
        parts=(
            (material.title, f"{material.place}, {wording.day(material.starts_at)}"),
            (_("How many"), how_many % figures),
            (
                _("How to read it"),
                _(
                    "Each sheet is a table of the pack; the sheet codebook says what every column means, "
                    "the sheet charts shows every vote. Moments and days are text (ISO 8601, UTC). "
                    "Where a cell says that it was cut, the table in the pack has the whole."
                ),
            ),
            (_("Who decides what with it"), material.decision_statement),
            (_("Small numbers"), small % protected),
            (
                _("What it cannot show"),
                _(
                    "How common anything is, what one person thinks, or what would work. "
                    "One seat has one vote; one seat is not proof of one person."
                ),
            ),
            (LICENCE["title"], _("Name it by its reference: %(reference)s.") % {"reference": reference}),
        ),
    )


def workbook(tables: Tables, telling: Telling, said: Introduction, wording: Wording) -> bytes:
    """Return the workbook. The same tables give the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": cell_text(said.title, ""), "created": _ALWAYS})
    writer = _Writer(book, wording)
    writer.introduction(said)
    for table in TABLES:
        writer.table(table, tables[table.name])
    writer.codebook()
    writer.charts(telling)
    book.close()
    # Stored like the pack itself: compressed bytes differ from one zlib to the next.
    return zip_bytes(files_in(out.getvalue()))


def cell_text(text: str, whole: str) -> str:
    """Return text as a cell can hold it. One that is too long is cut, with a word of where the whole is.

    >>> cell_text("a\\r\\nb\\x07", "x.csv")
    'a\\nb\ufffd'
    >>> len(cell_text("x" * 40_000, "x.csv")), cell_text("x" * 40_000, "x.csv")[-37:]
    (32767, 'x … (cut here: the whole is in x.csv)')
    """
    clean = _NO_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Counted as spreadsheets do, in halves of the rarer characters.
    if len(halves := clean.encode("utf-16-le")) <= 2 * MOST_IN_A_CELL:
        return clean
    mark = f" … (cut here: the whole is in {whole})"
    return halves[: 2 * (MOST_IN_A_CELL - len(mark))].decode("utf-16-le", "ignore") + mark


class _Writer:
    """Knows the formats and writes sheet after sheet."""

    # XlsxWriter has no types: what it gives is passed on, never looked into.
    def __init__(self, book: Any, wording: Wording) -> None:
        self.book = book
        self.wording = wording
        top = {"valign": "top", "text_wrap": True}
        self.head = book.add_format({"bold": True, "bg_color": "#6b2145", "font_color": "#ffffff", **top})
        self.text = book.add_format(top)
        # Stays text when somebody edits the cell, too.
        self.guarded = book.add_format({**top, "quote_prefix": True})
        self.number = book.add_format({"valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 18, "font_color": "#6b2145", **top})
        self.bold = book.add_format({"bold": True, **top})

    def introduction(self, said: Introduction) -> None:
        sheet = self._sheet(self.wording.translations.gettext("Read first"), rtl=True)
        sheet.set_column(0, 0, _PROSE_WIDE)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, cell_text(said.title, "README.md"), self.title)
        sheet.set_row(0, 1.6 * _LINE_HIGH * _lines(said.title, _TITLE_WIDE))
        row = 2
        for heading, sentence in said.parts:
            sheet.write_string(row, 0, heading, self.bold)
            self._write_text(sheet, row + 1, 0, sentence, "README.md")
            _grow(sheet, row + 1, [(sentence, _PROSE_WIDE)])
            row += 3

    def table(self, table: Table, rows: Sequence[Row]) -> None:
        sheet = self._sheet(table.name)
        self._headings(sheet, [column.name for column in table.columns], len(rows))
        widths = [
            _width([column.name, *(_shown(row[column.name]) for row in rows[:200])])
            for column in table.columns
        ]
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(table.columns):
                self._write(sheet, number, place, column, row[column.name], table.path)
            shown = (_shown(row[column.name]) for column in table.columns)
            _grow(sheet, number, zip(shown, widths, strict=True))

    def codebook(self) -> None:
        lines = [
            (table.name, column.name, _holds(column), column.means, _categories(column))
            for table in TABLES
            for column in table.columns
        ]
        sheet = self._sheet("codebook")
        self._headings(sheet, ["table", "column", "holds", "meaning", "values"], len(lines))
        for number, line in enumerate(lines, start=1):
            for place, words in enumerate(line):
                self._write_text(sheet, number, place, words, "codebook.md")
            _grow(sheet, number, zip(line, _CODEBOOK_WIDE, strict=True))
        for place, width in enumerate(_CODEBOOK_WIDE):
            sheet.set_column(place, place, width)

    def charts(self, telling: Telling) -> None:
        sheet = self._sheet("charts", rtl=True)
        sheet.set_column(0, 0, _MOST_WIDE)
        row = 0
        for performance in telling.performances:
            for decision in performance.decisions:
                if any(votes is not None for told in decision.responses for votes in told.votes):
                    row = self._decision(sheet, row, performance.title, decision)

    def _decision(self, sheet: Any, row: int, title: str, decision: DecisionTold) -> int:
        """Write one vote: its figures, and beside them a chart of every round. Return the next free row."""
        _ = self.wording.translations.gettext
        rounds = [_("Round %(number)s") % {"number": told.number} for told in decision.rounds]
        several = len(rounds) > 1
        heading = f"{title}: {decision.question}"
        self._write_text(sheet, row, 0, heading, "report.html", self.bold)
        _grow(sheet, row, [(heading, _MOST_WIDE)])
        headings = [_("Response"), *rounds, *([_("Change")] if several else [])]
        for place, words in enumerate(headings):
            sheet.write_string(row + 1, place, words, self.head)
        first, last = row + 2, row + 1 + len(decision.responses)
        for number, response in enumerate(decision.responses, start=first):
            name = f"{response.key.upper()}. {response.label}" if len(response.key) == 1 else response.label
            self._write_text(sheet, number, 0, name, "tables/responses.csv")
            _grow(sheet, number, [(name, _MOST_WIDE)])
            figures = [*response.votes, *([response.change] if several else [])]
            for place, figure in enumerate(figures, start=1):
                if figure is not None and figure.value is not None:
                    sheet.write_number(number, place, figure.value, self.number)
        chart = self.book.add_chart({"type": "bar"})
        for place, words in enumerate(rounds, start=1):
            pattern, colour = _FILLS[max(0, len(_FILLS) - 1 - len(rounds) + place)]
            chart.add_series(
                {
                    "name": words,
                    "categories": [sheet.name, first, 0, last, 0],
                    "values": [sheet.name, first, place, last, place],
                    "data_labels": {"value": True},
                    "border": {"color": colour},
                    **(
                        {"fill": {"color": colour}}
                        if pattern == "solid_fill"
                        else {"pattern": {"pattern": pattern, "fg_color": colour, "bg_color": "#ffffff"}}
                    ),
                }
            )
        chart.set_title({"name": cell_text(decision.question, "")[:200], "name_font": {"size": 11}})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"min": 0, "major_gridlines": {"visible": False}})
        chart.set_legend({"position": "bottom"})
        lines = max(14, 2 + 3 * len(decision.responses))
        chart.set_size({"width": 720, "height": 20 * lines})
        words = " ".join(_sentences(decision, rounds))
        sheet.insert_chart(row, len(headings) + 1, chart, {"description": cell_text(words, "")[:2000]})
        return row + lines + 3

    def _sheet(self, name: str, *, rtl: bool = False) -> Any:
        sheet = self.book.add_worksheet(name[:31])
        if rtl and self.wording.direction == "rtl":
            sheet.right_to_left()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _headings(self, sheet: Any, names: Sequence[str], rows: int) -> None:
        for place, name in enumerate(names):
            sheet.write_string(0, place, name, self.head)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, rows, len(names) - 1)

    def _write(self, sheet: Any, row: int, place: int, column: Column, value: Value, path: str) -> None:
        match value:
            case None:
                if column.absent:
                    sheet.write_string(row, place, column.absent, self.text)
            case bool():
                # As in the CSV file: programs word their own truth in their own languages, or show it as 1.
                sheet.write_string(row, place, "true" if value else "false", self.number)
            case int():
                sheet.write_number(row, place, value, self.number)
            case datetime() | date():
                sheet.write_string(row, place, _shown(value), self.number)
            case str():
                self._write_text(sheet, row, place, value, path)

    def _write_text(
        self, sheet: Any, row: int, place: int, words: str, path: str, form: object = None
    ) -> None:
        if not words:
            return
        format_ = form or (self.guarded if guarded(words) != words else self.text)
        written = sheet.write_string(row, place, cell_text(words, path), format_)
        assert written == 0, "a cell was not written"


def _sentences(decision: DecisionTold, rounds: Sequence[str]) -> Iterator[str]:
    """Say what a chart shows, for who does not see it."""
    yield f"{decision.question}"
    for place, name in enumerate(rounds):
        votes = [
            f"{response.label}: {figure.value}"
            for response in decision.responses
            if (figure := response.votes[place]) is not None
        ]
        yield f"{name}. {'; '.join(votes)}."


def _shown(value: Value) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
    return str(value)


def _width(shown: Sequence[str]) -> int:
    longest = max(len(line) for words in shown for line in (words[:200].splitlines() or [""]))
    return min(_MOST_WIDE, max(_LEAST_WIDE, longest + 2))


def _grow(sheet: Any, row: int, cells: Iterable[tuple[str, int]]) -> None:
    """Make a row as high as what is written in it needs: not every program does that when it opens a file."""
    lines = max(_lines(words, width) for words, width in cells)
    if lines > 1:
        sheet.set_row(row, _LINE_HIGH * min(lines, _MOST_LINES))


def _lines(words: str, width: int) -> int:
    """Return how many lines some words take in a column of so many letters, each broken between words.

    >>> _lines("one two three", 8), _lines("one\\ntwo", 60), _lines("", 9)
    (2, 2, 1)
    """
    # Letters are a little wider than the digits by which a column is measured, bold ones more.
    return sum(len(wrap(line, max(1, width - 1))) or 1 for line in words[:_MOST_READ].splitlines() or [""])


def _holds(column: Column) -> str:
    return KINDS[column.type] + (f", {column.unit}" if column.unit else "")


def _categories(column: Column) -> str:
    return "\n".join(f"{value}: {label}" for value, label in column.categories.items())
