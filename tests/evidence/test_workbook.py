"""The workbook says what the CSV files say, and nothing that anybody typed runs or leads anywhere in either."""

import csv
import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from evidence.columns import Tables, Type
from evidence.csv_files import csv_bytes, rows_from
from evidence.exports import tables_in
from evidence.material import Material
from evidence.pack import Edition, compile_pack
from evidence.schema import TABLES
from evidence.tables import tables_of
from evidence.telling import tell
from evidence.workbook import MOST_IN_A_CELL, cell_text, introduction, workbook
from scenario_app.kernel.wording import wording_of
from tests.evidence.an_event import NOON, an_event

EDITION = Edition(version=1, generated_at=NOON, app_version="0.1.0")
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "'=1",
    "{=1}",
    "http://evil.example",
    "https://evil.example/?q=1",
    "mailto:a@evil.example",
    "internal:'rounds'!A1",
    "external:c:\\x.xlsx",
    '=HYPERLINK("http://evil.example","x")',
    'DDE ("cmd";"/C calc";"x")',
    "_x0041_",
    "\x07\x1b[2J\ufffe",
    "0001",
    "1e5",
    "TRUE",
    "<b>&amp;</b>",
    "x" * 40_000,
    "\N{OWL}" * 20_000,
    "",
]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(compile_pack(an_event(), EDITION))


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def hostile_tables(words: str) -> Tables:
    """The event's tables with the same words in every text cell that is free."""
    tables = tables_of(an_event().in_order())
    return {
        table.name: [
            {
                column.name: words
                if column.type is Type.TEXT and not column.categories and isinstance(row[column.name], str)
                else row[column.name]
                for column in table.columns
            }
            for row in tables[table.name]
        ]
        for table in TABLES
    }


def written(tables: Tables, event: Material) -> bytes:
    english = wording_of("en")
    said = introduction(event, reference="x-v1", telling=tell(tables), wording=english)
    return workbook(tables, tell(tables_of(event.in_order())), said, english)


def cells(book: Workbook) -> list[object]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_there_is_a_sheet_to_read_first_one_for_each_table_the_codebook_and_charts(files):
    book = opened(files["workbook.xlsx"])

    assert book.sheetnames == ["Read first", *(table.name for table in TABLES), "codebook", "charts"]
    first = "\n".join(str(row[0].value) for row in book["Read first"].iter_rows())
    assert "Spring rehearsal" in first
    assert "spring-rehearsal-v1" in first
    assert "one seat is not proof of one person" in first


def test_every_sheet_says_what_its_csv_file_says(files):
    book, tables = opened(files["workbook.xlsx"]), tables_in(files)

    for table in TABLES:
        header, *rows = book[table.name].iter_rows(values_only=True)
        assert list(header) == [column.name for column in table.columns]
        assert len(rows) == len(tables[table.name])
        for values, row in zip(rows, tables[table.name], strict=True):
            for column, value in zip(table.columns, values, strict=True):
                expected = row[column.name]
                if expected is None:
                    assert value == (column.absent or None) or value is None
                elif column.type in (Type.MOMENT, Type.DAY):
                    assert str(value)[:10] == expected.isoformat()[:10]
                    assert isinstance(value, str)
                elif column.type is Type.FLAG:
                    assert value == ("true" if expected else "false")
                elif column.type is Type.TEXT:
                    assert value == cell_text(expected, table.path)
                else:
                    assert (value, type(value)) == (expected, type(expected))


def test_headers_stay_in_sight_and_can_be_filtered(files):
    book = opened(files["workbook.xlsx"])

    for table in TABLES:
        sheet = book[table.name]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(sheet.column_dimensions[cell.column_letter].width >= 9 for cell in sheet[1])


def test_rows_are_as_high_as_what_is_written_in_them_and_every_sheet_prints_one_page_wide(files):
    book = opened(files["workbook.xlsx"])

    for sheet in book:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert (sheet.page_setup.fitToWidth or 1, int(sheet.page_setup.fitToHeight)) == (1, 0), sheet.title
        for row in sheet.iter_rows():
            lines = max(str(cell.value or "").count("\n") + 1 for cell in row)
            assert (sheet.row_dimensions[row[0].row].height or 15) >= 15 * min(27, lines), sheet.title
    decisions = book["charts"]
    long = next(row for row in decisions.iter_rows() if len(str(row[0].value or "")) > 70)[0]
    assert decisions.row_dimensions[long.row].height >= 30
    assert all(book[table.name].print_title_rows == "$1:$1" for table in TABLES)


def test_every_vote_has_a_chart_with_words_for_who_does_not_see_it(files):
    with zipfile.ZipFile(io.BytesIO(files["workbook.xlsx"])) as parts:
        charts = [name for name in parts.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)]
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
        first = parts.read("xl/charts/chart1.xml").decode()

    assert len(charts) == 2
    said = re.findall(r' descr="([^"]+)"', drawing)
    assert len(said) == len(charts)
    assert "Round 1. " in said[0]
    assert "Round 2. " in said[0]
    assert "32" in said[0]
    assert first.count("<c:ser>") == 2
    assert "<a:pattFill" in first


def test_the_same_event_gives_the_same_bytes(files):
    again = compile_pack(an_event(), replace(EDITION, app_version="9.9"))

    assert again["workbook.xlsx"] == files["workbook.xlsx"]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_anybody_typed_runs_or_leads_anywhere(words):
    event = replace(an_event(reason=words), title=words[:200], place=words, decision_statement=words)

    data = written(hostile_tables(words), event)

    book = opened(data)
    found = cells(book)
    assert {cell.data_type for cell in found} <= {"s", "n", "b"}
    assert [cell for cell in found if cell.hyperlink] == []
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        xml = b"".join(parts.read(name) for name in parts.namelist() if "/charts/" not in name)
    assert not re.search(rb"<f>|<f |<hyperlink|externalLink|ddeLink", xml)
    expected = cell_text(words, "tables/rounds.csv") or None
    column = [cell.value for cell in book["rounds"][1]].index("overrule_reason")
    reasons = [row[column].value for row in book["rounds"].iter_rows(min_row=2)]
    assert {reason for reason in reasons if reason} <= {expected}
    assert all(len(str(cell.value).encode("utf-16-le")) <= 2 * MOST_IN_A_CELL for cell in found)


@pytest.mark.parametrize("words", [words for words in HOSTILE if words], ids=range(len(HOSTILE) - 1))
def test_every_text_field_of_every_csv_stays_text_and_comes_back_whole(words):
    tables = hostile_tables(words)

    for table in TABLES:
        data = csv_bytes(table, tables[table.name])
        back = rows_from(table, data)
        assert [[row[column.name] or "" for column in table.columns] for row in back] == [
            [row[column.name] or "" for column in table.columns] for row in tables[table.name]
        ]
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
        assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r\n")]


def test_text_that_would_run_is_marked_as_text_for_who_edits_it():
    book = opened(written(hostile_tables("=1+1"), an_event()))

    marked = [cell for cell in cells(book) if cell.value == "=1+1"]
    assert marked
    assert all(cell.quotePrefix for cell in marked)


def test_a_workbook_in_arabic_begins_on_the_right():
    book = opened(compile_pack(an_event(), replace(EDITION, language="ar"))["workbook.xlsx"])

    assert book.worksheets[0].sheet_view.rightToLeft
    assert book["charts"].sheet_view.rightToLeft
    assert not book["rounds"].sheet_view.rightToLeft
