"""Many packs in one file: every row of each, as it was published, and nothing else."""

import csv
import io
import random
import shutil
import sqlite3
from contextlib import closing

import gevent
import pytest
from sqlalchemy import text

from evidence import collection_views
from evidence.collection import PACKS, Collected, of_many, zipped_collection
from evidence.exports import files_in, zip_bytes
from evidence.pack import Edition, compile_pack
from evidence.queries import zip_of
from evidence.schema import TABLE_OF, TABLES
from evidence.service import publish_pack
from evidence.withdrawal import withdraw_story
from scenario_app.kernel.database import Database
from tests.application import client_of, make_app
from tests.evidence.an_event import NOON, an_event
from tests.evidence.frictionless_says import verdict
from tests.evidence.test_catalogue import site_at

NEWEST_FIRST = ["third-v1", "second-v1", "first-v2"]


@pytest.fixture(scope="module")
def site(tmp_path_factory, migrated_sqlite):
    folder = tmp_path_factory.mktemp("collection")
    shutil.copy(migrated_sqlite, folder / "scenario.db")
    town = site_at(f"sqlite:///{folder}/scenario.db", folder)
    yield town
    town.database.close()


@pytest.fixture
def stranger(site, clock):
    return client_of(make_app(site.config, site.database, clock))


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def packed(reference: str, files: dict[str, bytes]) -> Collected:
    return Collected(reference, "an-event", "An event", "", NOON, 1, 2, 80, "0" * 64, zip_bytes(files))


@pytest.fixture(scope="module")
def files():
    return compile_pack(an_event(), Edition(version=1, generated_at=NOON, app_version="0.1.0"))


# --- what everybody downloads ---------------------------------------------------------------------------


def test_a_collection_holds_every_row_of_the_newest_version_of_each_event_as_it_was_published(stranger):
    answer = stranger.get("/evidence/collection.zip")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="evidence-collection.zip"'
    collected = files_in(answer.data)
    assert [row[0] for row in rows(collected[PACKS.path])] == ["pack", *NEWEST_FIRST]
    for table in TABLES:
        published = []
        for reference in NEWEST_FIRST:
            header, *lines = rows(stranger.get(f"/evidence/{reference}/tables/{table.name}.csv").data)
            published += [[reference, *line] for line in lines]

        assert rows(collected[table.path]) == [["pack", *header], *published], table.name
    assert rows(collected["tables/rounds.csv"])[1:], "an empty collection would pass"


def test_a_search_narrows_what_is_collected_and_the_readme_says_what_was_asked(stranger):
    collected = files_in(stranger.get("/evidence/collection.zip?place=Corn+Exchange").data)

    assert [row[0] for row in rows(collected[PACKS.path])][1:] == ["third-v1", "first-v2"]
    assert {row[0] for row in rows(collected["tables/results.csv"])[1:]} == {"third-v1", "first-v2"}
    readme = collected["README.md"].decode()
    assert "2 packs" in readme
    assert "place: Corn Exchange" in readme


def test_the_catalogue_links_what_its_search_found(stranger):
    page = stranger.get("/evidence?place=Corn+Exchange").text

    assert 'href="/evidence/collection.zip?place=Corn+Exchange"' in page
    assert "collection.zip" not in stranger.get("/evidence?words=second+evening").text  # one pack is a pack


def test_the_same_packs_give_the_same_bytes_and_are_not_sent_twice(stranger):
    first, second = (stranger.get("/evidence/collection.zip") for _ in range(2))

    assert first.data == second.data
    again = stranger.get("/evidence/collection.zip", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = stranger.get("/evidence/collection.zip?place=Corn+Exchange")
    assert other.headers["ETag"] != first.headers["ETag"]


def test_what_finds_nothing_or_too_much_or_is_no_day_is_said(stranger, monkeypatch):
    nothing = stranger.get("/evidence/collection.zip?place=Nowhere")
    assert (nothing.status_code, "No pack" in nothing.text) == (404, True)
    assert stranger.get("/evidence/collection.zip?since=yesterday").status_code == 400

    monkeypatch.setattr(collection_views, "MOST", 2)
    much = stranger.get("/evidence/collection.zip")

    assert (much.status_code, "Search for fewer" in much.text) == (422, True)
    assert stranger.get("/evidence/collection.zip?place=Corn+Exchange").status_code == 200
    monkeypatch.setattr(collection_views, "MOST_BYTES", 1000)
    assert stranger.get("/evidence/collection.zip?place=Corn+Exchange").status_code == 422


def test_a_damaged_pack_is_missing_by_name(tmp_path, site, clock):
    with closing(sqlite3.connect(site.config.data_dir / "scenario.db")) as whole:
        whole.execute("VACUUM INTO ?", (str(tmp_path / "scenario.db"),))
    database = Database(f"sqlite:///{tmp_path}/scenario.db")
    with database.transaction() as session:
        session.execute(text("DROP TRIGGER published_pack_is_frozen"))
        session.execute(text("UPDATE published_pack SET zip = X'78' WHERE reference = 'second-v1'"))

    stranger = client_of(make_app(site.config, database, clock))
    answer = stranger.get("/evidence/collection.zip")
    alone = stranger.get("/evidence/collection.zip?words=second+evening")
    database.close()

    assert "ETag" not in answer.headers  # it may be mended at any moment
    assert (alone.status_code, "damaged" in alone.text) == (500, True)
    collected = files_in(answer.data)
    assert [row[0] for row in rows(collected[PACKS.path])][1:] == ["third-v1", "first-v2"]
    assert "- `second-v1`" in collected["README.md"].decode()


def test_several_people_at_once_have_the_same_file(site, clock):
    app = make_app(site.config, site.database, clock)
    people = [gevent.spawn(lambda: client_of(app).get("/evidence/collection.zip").data) for _ in range(3)]
    gevent.joinall(people, timeout=60, raise_error=True)

    assert len({person.value for person in people} - {None}) == 1
    assert all(person.value for person in people)


def test_of_many_who_ask_at_once_few_wait_and_the_others_are_told_when_to_come_back(
    stranger, site, clock, monkeypatch
):
    app, made, waiting, refused = make_app(site.config, site.database, clock), [], [], []

    def ask(address):
        return client_of(app).get(address)

    def nobody_else(work):
        def made_while_others_ask(*args, **kwargs):
            made.append(work)
            for person in range(collection_views.MOST_WAITING):
                waiting.append(gevent.spawn(ask, f"/evidence/collection.zip?person={person}"))
            gevent.sleep(0)
            refused.append(ask("/evidence/collection.zip"))
            monkeypatch.setattr(collection_views, "aside", lambda work: work)
            return work(*args, **kwargs)

        return made_while_others_ask

    monkeypatch.setattr(collection_views, "aside", nobody_else)

    answer = stranger.get("/evidence/collection.zip")
    gevent.joinall(waiting, timeout=60, raise_error=True)

    assert [each.status_code for each in refused] == [503]
    assert refused[0].headers["Retry-After"] == "10"
    assert "Several people ask for this at once" in refused[0].text
    assert {each.value.status_code for each in waiting} == {200}
    assert {each.value.data for each in waiting} == {answer.data}
    assert stranger.get("/evidence/collection.zip").status_code == 200


def test_who_asks_only_for_the_head_or_has_the_file_costs_no_making(stranger, monkeypatch):
    tag = stranger.get("/evidence/collection.zip").headers["ETag"]
    monkeypatch.setattr(collection_views, "aside", None)

    head = stranger.head("/evidence/collection.zip")

    assert (head.status_code, head.headers["ETag"]) == (200, tag)
    assert stranger.get("/evidence/collection.zip", headers={"If-None-Match": tag}).status_code == 304


def test_a_story_that_is_taken_back_while_a_collection_is_made_is_not_in_it(evening, monkeypatch):
    town = evening.town
    with town.database.transaction() as session:
        account = town.account("stella").id
        publish_pack(session, event_slug=evening.slug, account_id=account, now=evening.clock(), threshold=8)
    asks = client_of(make_app(town.config, town.database, evening.clock))
    before = files_in(asks.get("/evidence/collection.zip").data)
    assert [row[0] for row in rows(before[PACKS.path])][1:] == [f"{evening.slug}-v1"]

    def made_while_somebody_takes_it_back(work):
        def make(*args, **kwargs):
            monkeypatch.setattr(collection_views, "aside", lambda work: work)
            withdraw_story(town.database, story_id=evening.story_id, now=evening.clock())
            return work(*args, **kwargs)

        return make

    monkeypatch.setattr(collection_views, "aside", made_while_somebody_takes_it_back)
    after = files_in(asks.get("/evidence/collection.zip").data)

    assert [row[0] for row in rows(after[PACKS.path])][1:] == [f"{evening.slug}-v2"]


def test_a_story_that_is_taken_back_between_two_packs_is_in_neither_the_file_nor_the_database(
    evening, caplog
):
    town = evening.town
    with town.database.transaction() as session:
        account = town.account("stella").id
        publish_pack(session, event_slug=evening.slug, account_id=account, now=evening.clock(), threshold=8)
        frozen = zip_of(session, f"{evening.slug}-v1")
    asks = client_of(make_app(town.config, town.database, evening.clock))

    person = gevent.spawn(asks.get, "/evidence/collection.zip")
    taken = gevent.spawn(withdraw_story, town.database, story_id=evening.story_id, now=evening.clock())
    gevent.joinall([person, taken], timeout=60, raise_error=True)

    collected = files_in(person.value.data)
    assert [row[0] for row in rows(collected[PACKS.path])][1:] == [f"{evening.slug}-v2"]
    assert "still in its log" not in caplog.text
    with town.database.reading() as session:
        anew = zip_of(session, f"{evening.slug}-v2")
    pieces = (frozen[at : at + 60] for at in range(0, len(frozen) - 60, 60))
    taken_back = [piece for piece in pieces if piece not in anew]
    held = b"".join(file.read_bytes() for file in town.config.data_dir.glob("scenario.db*"))
    assert taken_back
    assert [piece for piece in taken_back if piece in held] == []


# --- what is in it --------------------------------------------------------------------------------------


def test_a_collection_validates_with_frictionless(files, tmp_path):
    both = [packed("an-event-v1", files), packed("another-v3", files)]

    said = verdict(files_in(zipped_collection(both, asked={})), tmp_path)

    assert said["valid"], said
    assert said["stats"]["tasks"] == len(TABLES) + 1


def test_frictionless_would_notice_a_row_of_no_pack(files, tmp_path):
    collected = files_in(zipped_collection([packed("an-event-v1", files)], asked={}))
    strange = collected["tables/results.csv"].replace(b"an-event-v1,", b"no-event-v1,", 1)

    assert verdict({**collected, "tables/results.csv": strange}, tmp_path)["valid"] is False


def test_an_older_pack_without_some_tables_and_columns_stands_beside_a_newer_one(files, tmp_path):
    reasons = rows(files["tables/rounds.csv"])
    place = reasons[0].index("kind")
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(line[:place] + line[place + 1 :] for line in reasons)
    older = {path: data for path, data in files.items() if path != "tables/stories.csv"}
    older["tables/rounds.csv"] = out.getvalue().encode()

    collected = files_in(zipped_collection([packed("new-v1", files), packed("old-v1", older)], asked={}))

    header, *lines = rows(collected["tables/rounds.csv"])
    kinds = {(line[0], bool(line[header.index("kind")])) for line in lines}
    assert kinds == {("new-v1", True), ("old-v1", False)}
    assert {line[0] for line in rows(collected["tables/stories.csv"])[1:]} <= {"new-v1"}
    assert verdict(collected, tmp_path)["valid"]


def test_a_pack_whose_tables_are_none_of_ours_is_left_out_whole_and_named(files):
    for broken in (b"\xff\xfe", b"round,colour\r\n1,red\r\n", b"round\r\n1,2\r\n", b""):
        strange = {**files, "tables/results.csv": broken}

        collected = files_in(zipped_collection([packed("a-v1", files), packed("b-v1", strange)], asked={}))

        assert {line[0] for line in rows(collected["tables/rounds.csv"])[1:]} == {"a-v1"}
        assert "- `b-v1`" in collected["README.md"].decode()


def test_no_cell_of_a_collection_would_run_in_a_spreadsheet(files):
    for table in TABLES:
        for pack in (packed("a-v1", files),):
            for line in rows(files_in(zipped_collection([pack], asked={}))[table.path]):
                assert not any(
                    cell.lstrip("'")[:1] in tuple("=+-@\t\r\n") and cell[:1] != "'" for cell in line if cell
                )


def test_what_somebody_searched_for_cannot_write_markup_into_the_readme(files):
    asked = {"words": "`<script>`\n# Heading"}

    readme = files_in(zipped_collection([packed("a-v1", files)], asked=asked))["README.md"].decode()

    assert "<script>" not in readme
    assert "\n# Heading" not in readme


def test_one_pack_is_one_pack(files):
    readme = files_in(zipped_collection([packed("a-v1", files)], asked={}))["README.md"].decode()

    assert "1 pack, the newest event first." in readme


def test_every_key_of_a_table_in_a_collection_begins_with_its_pack():
    rng = random.Random(5)
    for name in rng.sample(sorted(TABLE_OF), k=len(TABLE_OF)):
        many = of_many(TABLE_OF[name])

        assert many.key == ("pack", *TABLE_OF[name].key)
        assert all(reference.columns[0] == reference.to[0] == "pack" for reference in many.references)
