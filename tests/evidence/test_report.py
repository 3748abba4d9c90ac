"""The report: every figure in it can be worked out again from the CSV files, and its words fit them."""

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from evidence.exports import tables_in
from evidence.pack import Edition, compile_pack
from evidence.schema import TABLE_OF
from evidence.tables import tables_of
from evidence.telling import tell
from live.disclosure import protect
from tests.evidence.an_event import NOON, an_event


@pytest.fixture(scope="module")
def files():
    return compile_pack(an_event(), Edition(version=1, generated_at=NOON, app_version="0.1.0"))


class Figures(HTMLParser):
    """Collects every number that names its source, and the text of table cells outside of them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None, str]] = []
        self.loose = ""
        self._inside: list[str] = []
        self._source: tuple[str, str | None] | None = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "data-from" in given:
            self._source = (given["data-from"], given.get("value"))
        if tag in ("td", "data", "time"):
            self._inside.append(tag)

    def handle_endtag(self, tag):
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data):
        if self._source and data.strip():
            self.found.append((*self._source, data.strip()))
            self._source = None
        elif "td" in self._inside and not {"data", "time"} & set(self._inside):
            self.loose += data


class Recomputed:
    """Works a figure out again from nothing but the CSV files, read as text."""

    def __init__(self, files) -> None:
        self.tables = {
            name: list(csv.DictReader(io.StringIO(files[table.path].decode(), newline="")))
            for name, table in TABLE_OF.items()
        }

    def value(self, source: str) -> str:
        if " - " in source:
            after, before = source.split(" - ")
            return str(int(self.value(after)) - int(self.value(before)))
        if found := re.fullmatch(r"sum\((\w+)\.(\w+)\)", source):
            return str(sum(self.number(row[found[2]]) for row in self.tables[found[1]]))
        if found := re.fullmatch(r"different\((\w+)\.([\w+]+)\)", source):
            return str(
                len({tuple(row[name] for name in found[2].split("+")) for row in self.tables[found[1]]})
            )
        found = re.fullmatch(r"(\w+)\[([^\]]+)\]\.(\w+)", source)
        assert found, source
        key = dict(zip(TABLE_OF[found[1]].key, found[2].split("/"), strict=True))
        (row,) = [row for row in self.tables[found[1]] if row | key == row]
        return row[found[3]]

    @staticmethod
    def number(cell: str) -> int:
        return {"true": 1, "false": 0}.get(cell) if cell in ("true", "false") else int(cell)


def test_every_figure_of_the_report_recomputes_from_the_tables(files):
    page = Figures()
    page.feed(files["report.html"].decode())
    again = Recomputed(files)

    assert len(page.found) > 70
    for source, value, shown in page.found:
        assert again.value(source) == (shown if value is None else value), source
        if value is not None:
            assert shown.lstrip("+−-") == value.lstrip("-"), source


def test_no_cell_of_a_table_holds_a_number_that_does_not_say_where_it_comes_from(files):
    page = Figures()
    page.feed(files["report.html"].decode())

    assert not re.search(r"\d", page.loose)


def test_the_recomputation_would_notice_a_wrong_figure(files):
    wrong = files | {
        "tables/results.csv": files["tables/results.csv"].replace(b"3,a,room,32", b"3,a,room,31")
    }
    page = Figures()
    page.feed(files["report.html"].decode())
    again = Recomputed(wrong)

    assert [source for source, value, shown in page.found if again.value(source) != (value or shown)]


def words(files) -> str:
    text = re.sub(r"<(style)>.*?</\1>|<[^>]+>", " ", files["report.html"].decode(), flags=re.DOTALL)
    return (
        re.sub(r"\s+", " ", text.replace("&#39;", "’"))
        .replace(" ,", ",")
        .replace(" )", ")")
        .replace("( ", "(")
    )


def test_a_sentence_comes_first_with_both_rounds_and_the_shift(files):
    said = words(files)

    assert "In round 1, 32 of 84 chose A" in said
    assert "In round 2, 43 of 86 chose D" in said
    assert "That is 26 more for D than in round 1." in said


def test_a_tie_an_overruling_and_a_small_room_are_told(files):
    said = words(files)

    assert "In round 1 there was a tie between A and B." in said
    assert "On a tie, the response listed first opens the next scene." in said
    assert "The joker overruled the room and took C" in said
    assert "The room wanted B, but the actor who plays Jo had gone." in said
    assert "In round 1 fewer than 5 people voted, so only the winner is shown: A" in said


def test_a_pack_tells_the_same_from_its_files_as_from_its_material(files):
    assert tell(tables_in(files)) == tell(tables_of(an_event()))


def test_what_was_taken_opens_the_scene_that_the_script_names(files):
    first = tell(tables_in(files)).performances[0].decisions[0]

    assert first.taken == "d"
    assert first.response("d").leads_to == "The light is on"
    assert [figure.value for figure in first.response("d").votes] == [17, 43]


def test_a_response_that_is_too_rare_to_break_down_is_named():
    event = an_event()
    rare = replace(
        event.rounds[0],
        by_role=protect(
            {"carer": {"a": 20, "b": 15, "c": 3}, "police": {"a": 12, "b": 14, "c": 0}}, threshold=8
        ),
        votes={"a": 32, "b": 29, "c": 3},
    )

    round_ = tell(tables_of(replace(event, rounds=(rare,), steps=()))).performances[0].decisions[0].rounds[0]

    assert (round_.shown, round_.withheld) == (("a", "b"), ("c",))


def test_what_was_tried_proposed_promised_and_who_came_is_told(files):
    said = words(files)

    assert "PC Adeyemi, tried by: Police" in said
    assert "It could happen here: 6 ; That is magic: 2 ; Not sure: 1" in said
    assert "Adopted by the room" in said
    assert "The answer: it influenced what is done. -The bench is in the plan. Cleo Marsh, board" in said
    assert "1 March 2027" in said
    assert "Not promised, because: =No driver" in said
    assert "Woman 20 Man 15 In another way" in said


def test_in_short_says_where_the_room_left_what_happened_and_where_it_stayed():
    telling = tell(tables_of(an_event()))

    breaks = [decision.key for _performance, decision in telling.in_short(as_it_happened=False)]
    holds = [decision.key for _performance, decision in telling.in_short(as_it_happened=True)]

    assert (breaks, holds) == (["d1", "d2"], ["d1"])


def test_a_report_in_another_language_says_the_same_figures_in_its_own_words_and_direction(files):
    in_arabic = compile_pack(
        an_event(), Edition(version=1, generated_at=NOON, app_version="0.1.0", language="ar")
    )
    there, here = Figures(), Figures()
    there.feed(in_arabic["report.html"].decode())
    here.feed(files["report.html"].decode())

    assert b'<html lang="ar" dir="rtl">' in in_arabic["report.html"]
    assert [figure[:2] for figure in there.found] == [figure[:2] for figure in here.found]
    assert in_arabic["tables/rounds.csv"] == files["tables/rounds.csv"]
    assert b'"language": "ar"' in in_arabic["manifest.json"]


def test_a_pack_from_before_a_column_was_thought_of_is_still_told(files):
    old = {
        path: data
        for path, data in files.items()
        if path not in ("tables/updates.csv", "tables/equality_summary.csv")
    }
    kept = list(csv.DictReader(io.StringIO(old["tables/interventions.csv"].decode(), newline="")))
    names = [name for name in kept[0] if name not in ("scene_title", "says")]
    shorter = io.StringIO()
    writer = csv.DictWriter(shorter, names, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(kept)
    old["tables/interventions.csv"] = shorter.getvalue().encode()

    told = tell(tables_in(old)).floor

    assert [each.tried for each in told.interventions] == ["=She waits, and says so.", ""]
    assert (told.interventions[0].scene, told.equality) == ("shelter", ())
