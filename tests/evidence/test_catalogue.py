"""What is published can be found: by words, stage, place and day, page by page, by people and by programs."""

import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from evidence.catalogue.queries import all_packs, leave, newest_packs
from evidence.catalogue.rules import Search
from evidence.queries import pack
from live.queries import event_by_slug
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.kernel.errors import BadParameter
from scenario_app.migrations import migrate
from tests.application import client_of, make_app
from tests.conftest import SECRET, TestClock
from tests.evidence.a_room import hold
from tests.evidence.bare import publish_bare
from tests.makers import make_floor, make_town

DAYS = {"first": 0, "second": 30, "third": 60}
PLACES = {"first": "Corn Exchange", "second": "Llŷn Hall", "third": "Corn Exchange"}


def three_evenings(database, config, clock):
    """Three events in two places, a month apart; the first has a second version."""
    town = make_town(database, config, now=clock())
    for slug in DAYS:
        floor = make_floor(town, now=clock(), slug=slug)
        floor.start()
        seats = floor.sit(*["carer"] * 9)
        for pattern in ("ab", "bbc") if slug == "first" else ("ab",):
            floor.open_round()
            hold(floor, seats, pattern)
            publish_bare(town, slug, now=clock(), change=moved(slug))
    return town


def moved(slug):
    def change(draft):
        there = replace(
            draft.material,
            place=PLACES[slug],
            title=f"The {slug} evening",
            starts_at=draft.material.starts_at + timedelta(days=DAYS[slug]),
        )
        return replace(draft, material=there)

    return change


def site_at(url, folder):
    config = Config(data_dir=folder, database_url=url, secret_key=SECRET)
    return three_evenings(Database(url), config, TestClock())


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory, migrated_sqlite):
    folder = tmp_path_factory.mktemp("catalogue")
    shutil.copy(migrated_sqlite, folder / "scenario.db")
    town = site_at(f"sqlite:///{folder}/scenario.db", folder)
    yield town
    town.database.close()


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory, postgres, migrated_postgres):
    address = postgres.new_database(migrated_postgres)
    town = site_at(
        address.replace("postgresql:", "postgresql+psycopg:", 1), tmp_path_factory.mktemp("catalogue")
    )
    yield town
    town.database.close()
    postgres.drop(address)


@pytest.fixture(params=["on_sqlite", "on_postgres"])
def town(request):
    """Three evenings that tests only look at."""
    return request.getfixturevalue(request.param)


def found(town, *, after="", limit=10, **asked):
    with town.database.reading() as session:
        return newest_packs(session, Search.parse(asked), after=after, limit=limit)


def references(town, **asked):
    return [each.reference for each in found(town, **asked).packs]


def test_everything_is_found_the_newest_event_first_and_once_each(town):
    assert references(town) == ["third-v1", "second-v1", "first-v2"]
    assert found(town).total == 3


def test_words_are_found_without_accents_and_all_of_them_must_be_there(town):
    assert references(town, words="LLYN evening") == ["second-v1"]
    assert references(town, words="two doors left") == []
    assert references(town, words="ann try") == ["third-v1", "second-v1", "first-v2"]
    assert references(town, words="100% _") == []


def test_stage_pathway_place_and_day_narrow(town):
    held = pack_of(town, "second-v1").held_at.date()

    assert references(town, place="Corn Exchange") == ["third-v1", "first-v2"]
    assert references(town, stage="first-response", pathway="eastmere-urgent-care") == references(town)
    assert references(town, stage="leaving") == []
    assert references(town, pathway="elsewhere") == []
    assert references(town, since=str(held), until=str(held)) == ["second-v1"]
    assert references(town, since=str(held + timedelta(days=1))) == ["third-v1"]
    assert references(town, until=str(date.max)) == references(town)


def pack_of(town, reference):
    with town.database.reading() as session:
        return pack(session, reference)


def test_page_by_page_everything_comes_once(town):
    seen, after = [], ""
    while after is not None:
        page = found(town, after=after, limit=1)
        seen += [each.reference for each in page.packs]
        after = page.after

    assert seen == references(town)
    with pytest.raises(BadParameter):
        found(town, after="no-such-v1")


def test_programs_see_every_version_and_what_is_withdrawn_is_found_by_nothing(town):
    with town.database.reading() as session:  # what is changed in it is thrown away
        leave(session, event_by_slug(session, "first").id, up_to=1)
        everything = all_packs(session, Search(), after="", limit=10)
        narrowed = all_packs(session, Search(place="Corn Exchange"), after="", limit=10)

    assert [each.reference for each in everything.packs] == ["third-v1", "second-v1", "first-v2", "first-v1"]
    assert [each.reference for each in narrowed.packs] == ["third-v1", "first-v2"]


def test_what_was_published_before_there_was_a_catalogue_is_entered(database, config, clock):
    town = three_evenings(database, config, clock)
    before = found(town, stage="first-response", pathway="eastmere-urgent-care").packs
    with town.database.engine.connect() as connection:
        for table in ("pack_job", "pack_stage", "pack_entry"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0011'"))
        connection.commit()

    migrate(town.database, "0012")

    assert found(town, stage="first-response", pathway="eastmere-urgent-care").packs == before
    assert references(town, words="two DOORS") == references(town)


class TestPages:
    """What people and programs get."""

    @pytest.fixture
    def stranger(self, on_sqlite):
        return client_of(make_app(on_sqlite.config, on_sqlite.database, TestClock()))

    def test_a_search_says_how_many_and_keeps_what_was_asked(self, stranger):
        page = stranger.get("/evidence?words=llyn&place=").text

        assert "1 event found" in page
        assert 'value="llyn"' in page
        assert "second-v1" in page
        assert "third-v1" not in page

    def test_nothing_found_shows_the_way_out_and_a_day_that_is_none_is_said(self, stranger):
        assert "No pack has all of this" in stranger.get("/evidence?words=zebra").text
        page = stranger.get("/evidence?since=tomorrow").text
        assert 'href="#since"' in page
        assert page.count("<article") == 3

    def test_an_old_link_begins_at_the_beginning(self, stranger):
        assert stranger.get("/evidence?after=nowhere-v1").text.count("<article") == 3

    def test_programs_page_through_lists_and_ask_again_cheaply(self, stranger):
        first = stranger.get("/api/v1/evidence?limit=3")
        rest = stranger.get(f"/api/v1/evidence?limit=3&after={first.json['next']}")

        assert (first.json["total"], len(first.json["packs"]), rest.json["next"]) == (4, 3, None)
        assert [each["newer"] for each in rest.json["packs"]] == ["first-v2"]
        etag = first.headers["ETag"]
        assert not etag.startswith("W/")
        again = stranger.get("/api/v1/evidence?limit=3", headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")

    @pytest.mark.parametrize("name", ["events", "scenarios", "evidence"])
    def test_a_bad_parameter_is_said_in_the_one_shape(self, stranger, name):
        for asked in (
            "limit=0",
            "limit=201",
            "limit=ten",
            "limit=%C2%B2",
            "after=%00",
            "after=no-such-thing",
        ):
            answer = stranger.get(f"/api/v1/{name}?{asked}")
            assert (answer.status_code, answer.json["code"], answer.json["ok"]) == (
                400,
                "bad_parameter",
                False,
            )

    @pytest.mark.parametrize("name", ["events", "scenarios"])
    def test_other_lists_come_page_by_page_too(self, stranger, name):
        whole = stranger.get(f"/api/v1/{name}").json[name]
        seen, after = [], ""
        while after is not None:
            page = stranger.get(f"/api/v1/{name}?limit=1&after={after}").json
            seen += page[name]
            after = page["next"]

        assert seen == whole

    def test_pages_of_other_sites_may_read_and_never_with_a_cookie(self, stranger):
        asked = stranger.options("/api/v1/events", headers={"Origin": "https://elsewhere.example"})
        answer = stranger.get("/api/v1/events", headers={"Origin": "https://elsewhere.example"})
        refused = stranger.get("/api/v1/events/nowhere")

        for each in (asked, answer, refused):
            assert each.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in each.headers
        assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        assert "POST" not in asked.headers["Access-Control-Allow-Methods"]

    def test_what_is_not_for_reading_is_open_to_nobody_else(self, stranger):
        for path in ("/api/v1/desk-tokens", "/api/v1/drafts", "/evidence"):
            assert "Access-Control-Allow-Origin" not in stranger.options(path).headers
