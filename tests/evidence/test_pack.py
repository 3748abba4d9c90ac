"""A pack: the same data gives the same bytes, it validates, and nothing in it is missing or too much."""

import csv
import io
import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask_babel import Babel

from evidence.csv_files import NotATable, csv_bytes, rows_from
from evidence.data_package import codebook
from evidence.exports import files_in, tables_in, zip_bytes
from evidence.keys import ROLE_GROUPS, TIE_RULES
from evidence.pack import Edition, compile_pack
from evidence.schema import TABLE_OF, TABLES
from live.rules import Role
from live.words import group_labels, tie_rule_words
from tests.evidence.an_event import NOON, an_event
from tests.evidence.frictionless_says import verdict

EDITION = Edition(version=1, generated_at=NOON, app_version="0.1.0")
CONTRACT = {
    "decisions": "scenario version decision stage scene question asks",
    "responses": "scenario version decision response label helps costs leads_to as_it_happened floor",
    "rounds": "round section performance scenario version decision number kind channel opened_at closed_at seats "
    "ballots tie_rule winner taken overruled overrule_reason",
    "results": "round response channel votes",
    "results_by_role": "round role_group response votes",
    "path": "performance step scene decision response",
    "attendance": "section seats peak_connected hand_counted",
}

AWKWARD = ["=1+1", "+44", "-5", "@sum", "\tx", "\rx", "\nx", "'=1", "''+1", 'commas, "quotes"\r\nand lines']


@pytest.fixture(scope="module")
def files():
    return compile_pack(an_event(), EDITION)


def read(files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"tables/{name}.csv"].decode(), newline="")))


# --- what is in it --------------------------------------------------------------------------------------


def test_a_pack_holds_what_the_contract_names(files):
    assert list(files)[-1] == "manifest.json"
    assert set(files) == {
        "README.md",
        "codebook.md",
        "report.html",
        "report.pdf",
        "workbook.xlsx",
        "datapackage.json",
        "manifest.json",
        "audit.txt",
        "scripts/bus-shelter-v1.md",
        "scripts/farida-rings-999-v3.md",
        *(table.path for table in TABLES),
    }


@pytest.mark.parametrize("name", CONTRACT)
def test_a_table_begins_with_the_columns_of_the_contract(files, name):
    header = files[f"tables/{name}.csv"].decode().split("\r\n", 1)[0].split(",")

    assert header[: len(CONTRACT[name].split())] == CONTRACT[name].split()


def test_results_are_exact_and_hold_responses_that_nobody_chose(files):
    results = {(row["round"], row["response"]): row["votes"] for row in read(files, "results")}

    assert [results["3", key] for key in "abcd"] == ["32", "26", "9", "17"]
    assert all(row["channel"] == "room" for row in read(files, "results"))


def test_below_five_ballots_only_the_winner_is_in_the_pack(files):
    assert not [row for row in read(files, "results") if row["round"] == "9"]
    assert [row["winner"] for row in read(files, "rounds") if row["round"] == "9"] == ["a"]


def test_no_small_number_is_in_a_table_by_role(files):
    for row in read(files, "results_by_role"):
        assert row["votes"] == "*" or int(row["votes"]) % 5 == 0
    assert {row["votes"] for row in read(files, "results_by_role")} >= {"*", "0", "10", "15"}


def test_the_facilitators_part_of_a_script_is_not_in_the_pack(files):
    script = files["scripts/bus-shelter-v1.md"].decode()

    assert "## Ending" in script
    assert not any(b"## For the facilitator" in data for data in files.values())


def test_the_method_says_who_decides_what_was_left_out_and_what_was_overruled(files):
    method = files["README.md"].decode()

    assert "decides in January 2027" in method
    assert "left out of every table: 1." in method
    assert "the joker took C" in method
    assert "the actor who plays Jo had gone" in method
    assert "CC BY" in method or "Creative Commons Attribution 4.0" in method
    assert "not a sample" in method


def test_words_of_people_cannot_become_markup_in_method_or_report():
    files = compile_pack(an_event(reason="<script>alert(1)</script> [x](javascript:1) *"), EDITION)

    assert b"<script>" not in files["report.html"]
    assert b"\\<script\\>alert(1)" in files["README.md"]
    assert b"\\[x\\](javascript:1) \\*" in files["README.md"]


def test_the_report_needs_no_other_file_and_runs_nothing(files):
    report = files["report.html"].decode()

    assert "<script" not in report
    assert not [word for word in ("http:", "src=", "@import", "url(", "<link") if word in report]


# --- the same data, the same bytes ----------------------------------------------------------------------


def test_the_same_material_gives_the_same_bytes_in_whatever_order_it_comes():
    event = an_event()
    shuffled = replace(
        event,
        rounds=random.Random(1).sample(event.rounds, len(event.rounds)),
        scenarios=tuple(reversed(event.scenarios)),
        steps=tuple(reversed(event.steps)),
        sections=tuple(reversed(event.sections)),
    )

    assert zip_bytes(compile_pack(event, EDITION)) == zip_bytes(compile_pack(shuffled, EDITION))


def test_only_the_manifest_says_when_a_pack_was_made(files):
    later = compile_pack(an_event(), replace(EDITION, generated_at=NOON + timedelta(days=3)))

    assert [path for path in files if files[path] != later[path]] == ["manifest.json"]
    old, new = (json.loads(each["manifest.json"]) for each in (files, later))
    for volatile in ("generated_at", "sha256"):
        old.pop(volatile)
        new.pop(volatile)
    assert old == new


def test_another_ballot_gives_other_bytes(files):
    event = an_event()
    one_more = replace(event.rounds[0], votes={**event.rounds[0].votes, "a": 33})

    changed = compile_pack(replace(event, rounds=(one_more, *event.rounds[1:])), EDITION)

    assert {path for path in files if files[path] != changed[path]} >= {
        "tables/results.csv",
        "tables/rounds.csv",
    }


def test_a_zip_reads_back_as_what_was_put_in(files):
    assert files_in(zip_bytes(files)) == files


# --- what programs read ---------------------------------------------------------------------------------


def test_the_data_package_validates_with_frictionless(files, tmp_path):
    said = verdict(files, tmp_path)

    assert said["valid"], said
    assert said["stats"] == {**said["stats"], "tasks": len(TABLES), "errors": 0, "warnings": 0}
    assert {task["name"] for task in said["tasks"]} == {table.name for table in TABLES}


def test_frictionless_would_have_noticed(files, tmp_path):
    broken = {
        **files,
        "tables/results.csv": files["tables/results.csv"].replace(b"3,a,room,32", b"3,a,room,many"),
    }

    assert verdict(broken, tmp_path)["valid"] is False


def test_the_codebook_names_every_column_of_every_table_and_every_category():
    words = codebook().decode()

    for table in TABLES:
        assert f"## {table.name}\n" in words
        for column in table.columns:
            assert f"| `{column.name}` |" in words
            assert all(f"- `{value}`: {label}" in words for value, label in column.categories.items())


def test_the_words_for_roles_and_tie_rules_are_those_of_the_room():
    app = Flask(__name__)
    with app.test_request_context():
        Babel(app)
        assert group_labels() == ROLE_GROUPS
        assert tie_rule_words() == TIE_RULES
    assert set(ROLE_GROUPS) > {role.value for role in Role}


# --- the tables as files --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", AWKWARD)
def test_text_is_never_run_by_a_spreadsheet_and_comes_back_as_it_was(text):
    table = TABLE_OF["attendance"]
    row = {
        "section": 1,
        "seats": 5,
        "peak_connected": None,
        "hand_counted": 0,
        "title": text,
        "practice_rounds": 0,
    }

    data = csv_bytes(table, [row])

    cell = next(csv.DictReader(io.StringIO(data.decode(), newline="")))["title"]
    assert cell[0] not in "=+-@\t\r\n"
    assert rows_from(table, data) == [row]


def test_every_table_reads_back_as_it_was_written(files):
    read_back = tables_in(files)

    for table in TABLES:
        assert csv_bytes(table, read_back[table.name]) == files[table.path]


def test_what_is_not_a_table_is_refused():
    table = TABLE_OF["results"]

    for data in (
        b"",
        b"a,b\r\n1,2\r\n",
        b"round,response,channel,votes\r\nx,a,room,1\r\n",
        b"\xff",
        b"round,response,channel,votes\r\n1\r\n",
    ):
        with pytest.raises(NotATable):
            rows_from(table, data)


def test_a_row_with_other_columns_is_a_bug_that_shows():
    with pytest.raises(ValueError, match="other columns"):
        csv_bytes(TABLE_OF["results"], [{"round": 1}])
