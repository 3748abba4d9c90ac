"""A correction is a new version, and says what it changed; the one before it stays as it is."""

import csv
import io
import random

import pytest

from evidence.columns import Type
from evidence.correction import TableChange, changes_between, correction_since
from evidence.csv_files import csv_bytes
from evidence.exports import files_in, tables_in
from evidence.pack import Edition, compile_pack
from evidence.schema import TABLE_OF, TABLES
from evidence.service import draft_pack, publish_pack
from tests.application import client_of, make_app
from tests.evidence.a_room import ROLES, hold
from tests.evidence.an_event import NOON, an_event
from tests.makers import make_floor, make_town


@pytest.fixture(scope="module")
def tables():
    files = compile_pack(an_event(), Edition(version=1, generated_at=NOON, app_version="0.1.0"))
    return {name: list(rows) for name, rows in tables_in(files).items()}


def written(tables):
    return {table.path: csv_bytes(table, tables[table.name]) for table in TABLES}


@pytest.fixture
def floor(database, config, clock):
    """An evening with two versions, and another evening whose pack must not be compared with it."""
    town = make_town(database, config, now=clock())
    for slug in ("somebody-elses-evening", "an-evening"):
        floor = make_floor(town, now=clock(), slug=slug)
        floor.start()
        floor.open_round()
        hold(floor, floor.sit(*ROLES), "aab")
        publish(floor)
    floor.open_round()
    hold(floor, floor.sit(*ROLES), "c")
    return floor


def publish(floor):
    with floor.town.database.transaction() as session:
        account = floor.town.account("stella").id
        return publish_pack(
            session, event_slug=floor.section.event_slug, account_id=account, now=floor.now, threshold=8
        )


def test_two_versions_that_say_the_same_changed_nothing(tables):
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in tables.items()}

    assert changes_between(written(tables), written(shuffled)) == []
    assert correction_since("an-event-v1", written(tables), written(shuffled)) is None


def test_rows_are_told_apart_by_their_keys(tables):
    changed = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    gone = changed["responses"].pop(3)
    changed["responses"].append({**gone, "response": "zz"})
    changed["results"][0]["votes"] += 1
    number = next(column.name for column in TABLE_OF["rounds"].columns if column.type is Type.COUNT)
    assert number == "round"
    changed["rounds"].append({**changed["rounds"][0], "round": 999})

    assert changes_between(written(tables), written(changed)) == [
        TableChange("responses", new=1, gone=1, other=0),
        TableChange("rounds", new=1, gone=0, other=0),
        TableChange("results", new=0, gone=0, other=1),
    ]


def test_a_column_or_table_that_came_later_is_no_correction_of_a_row(tables):
    now = written(tables)
    then = dict(now)
    header, *lines = csv.reader(io.StringIO(now["tables/rounds.csv"].decode(), newline=""))
    place = header.index("kind")
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        line[:place] + line[place + 1 :] for line in (header, *lines)
    )
    then["tables/rounds.csv"] = out.getvalue().encode()
    then.pop("tables/stories.csv")

    assert lines, "a table without rows would pass"
    assert changes_between(then, now) == [TableChange("stories", new=len(tables["stories"]), gone=0, other=0)]


def test_what_a_correction_changed_is_worked_out_once(floor, database, config, clock, monkeypatch):
    publish(floor)
    anybody = client_of(make_app(config, database, clock))
    first = anybody.get("/api/v1/evidence/an-evening-v2").json["correction"]
    monkeypatch.setattr("evidence.queries.correction_since", None)

    assert anybody.get("/api/v1/evidence/an-evening-v2").json["correction"] == first
    assert first["tables"]


def test_a_correction_says_on_its_page_in_its_readme_and_to_programs_what_it_changed(
    floor, database, config, clock
):
    with database.reading() as session:
        before = draft_pack(session, event_slug="an-evening", threshold=8).correction
    publish(floor)
    anybody = client_of(make_app(config, database, clock))

    said = {"table": "rounds", "new": 1, "gone": 0, "other": 0}
    told = anybody.get("/api/v1/evidence/an-evening-v2").json["correction"]
    assert told["since"] == "an-evening-v1"
    assert said in told["tables"]
    assert {"results", "rounds", "attendance"} <= {each["table"] for each in told["tables"]}
    assert before is not None
    assert [each.table for each in before.tables] == [each["table"] for each in told["tables"]]
    words = "rows that are new: 1; that are gone: 0; that say something else: 0."
    assert words in anybody.get("/evidence/an-evening-v2").text
    readme = files_in(anybody.get("/evidence/an-evening-v2/pack.zip").data)["README.md"].decode()
    assert "## What changed since an-evening-v1" in readme
    assert f"- `rounds`: {words}" in readme


def test_a_first_version_corrects_nothing(floor, database, config, clock):
    anybody = client_of(make_app(config, database, clock))

    for reference in ("an-evening-v1", "somebody-elses-evening-v1"):
        assert anybody.get(f"/api/v1/evidence/{reference}").json["correction"] is None
        assert "What changed since" not in anybody.get(f"/evidence/{reference}").text
        readme = files_in(anybody.get(f"/evidence/{reference}/pack.zip").data)["README.md"].decode()
        assert "What changed since" not in readme
