"""What everybody can see and take, and what only a steward can do."""

import csv
import hashlib
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evidence.service import publish_pack
from evidence.verify import differences_in
from scenario_app.accounts.service import issue_code
from scenario_app.factory import create_app
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from tests.conftest import SECRET, TestClock
from tests.evidence.a_room import ROLES, close, hold, play
from tests.makers import Floor, make_floor, make_town

REFERENCE = "an-evening-v1"


@dataclass
class Evening:
    """An evening that has been played and closed, and the site that it is on."""

    app: Flask
    floor: Floor

    def publish(self, event: str = "an-evening") -> None:
        with self.floor.town.database.transaction() as session:
            publish_pack(
                session,
                event_slug=event,
                account_id=self.floor.town.account("stella").id,
                now=self.floor.now,
                threshold=8,
            )


def an_evening(folder: Path, migrated: Path) -> Evening:
    shutil.copy(migrated, folder / "scenario.db")
    config = Config(data_dir=folder, database_url=f"sqlite:///{folder}/scenario.db", secret_key=SECRET)
    database, clock = Database(config.database_url), TestClock()
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    play(floor)
    close(floor)
    return Evening(create_app(config, database=database, clock=clock), floor)


@pytest.fixture
def evening(tmp_path, migrated_sqlite) -> Iterator[Evening]:
    """An evening whose evidence is not published yet."""
    found = an_evening(tmp_path, migrated_sqlite)
    yield found
    found.floor.town.database.close()


@pytest.fixture(scope="module")
def published(tmp_path_factory, migrated_sqlite) -> Iterator[Evening]:
    """An evening whose evidence is published. Tests only look at it."""
    found = an_evening(tmp_path_factory.mktemp("published"), migrated_sqlite)
    found.publish()
    yield found
    found.floor.town.database.close()


@pytest.fixture
def stranger(published) -> FlaskClient:
    """Somebody with a browser."""
    return published.app.test_client()


def token_in(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def signed_in(evening: Evening, name: str) -> FlaskClient:
    client, town = evening.app.test_client(), evening.floor.town
    email, now = town.account(name).email, evening.app.extensions["house"].clock()
    with town.database.transaction() as session:
        code = issue_code(session, email=email, now=now, key=town.config.secret_key)
    token = token_in(client, "/sign-in/code")
    assert (
        client.post("/sign-in/code", data={"email": email, "code": code, "csrf_token": token}).status_code
        == 302
    )
    return client


# --- everybody ------------------------------------------------------------------------------------------


def test_an_empty_catalogue_says_what_will_stand_there(evening):
    stranger = evening.app.test_client()

    assert "Nothing is published yet" in stranger.get("/evidence").text
    assert stranger.get("/api/v1/evidence").json == {"ok": True, "packs": [], "total": 0, "next": None}


def test_the_catalogue_leads_to_the_pack_and_the_pack_to_its_downloads(stranger):
    assert f'href="/evidence/{REFERENCE}"' in stranger.get("/evidence").text

    page = stranger.get(f"/evidence/{REFERENCE}").text

    for address in ("pack.zip", "tables/results.csv", "documents/report.html", "documents/codebook.md"):
        assert f'href="/evidence/{REFERENCE}/{address}"' in page
        assert stranger.get(f"/evidence/{REFERENCE}/{address}").status_code == 200


def test_the_page_tells_both_rounds_and_the_shift_before_any_table(stranger):
    page = stranger.get(f"/evidence/{REFERENCE}").text
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))

    assert "In round 1, 24 of 35 chose A" in words
    assert "In round 2, 21 of 35 chose B" in words
    assert "The room’s choice opened the scene The garden." in words
    assert page.index("In round 1") < page.index("<table")
    assert "Practice rounds, left out of every table: 1." in words


def test_the_zip_is_the_published_one_and_verifies(stranger):
    answer = stranger.get(f"/evidence/{REFERENCE}/pack.zip")

    described = stranger.get(f"/api/v1/evidence/{REFERENCE}").json
    assert answer.content_type == "application/zip"
    assert f'filename="{REFERENCE}.zip"' in answer.headers["Content-Disposition"]
    assert hashlib.sha256(answer.data).hexdigest() == described["sha256"]
    assert differences_in(answer.data) == ()
    fingerprint = " ".join(re.findall("." * 8, described["sha256"]))
    assert fingerprint in stranger.get(f"/evidence/{REFERENCE}").text


def test_a_table_comes_as_csv(stranger):
    answer = stranger.get(f"/evidence/{REFERENCE}/tables/results.csv")

    assert answer.content_type.startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert sum(int(row["votes"]) for row in rows) == 2 * len(ROLES)


def test_programs_find_the_same_by_json(stranger):
    (listed,) = stranger.get("/api/v1/evidence").json["packs"]
    described = stranger.get(f"/api/v1/evidence/{REFERENCE}").json

    assert listed.items() <= described.items()
    assert described["reference"] == REFERENCE
    assert stranger.get(described["zip"]).status_code == 200
    assert stranger.get(described["tables"]["attendance"]).status_code == 200
    assert "manifest.json" in described["files"]


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/an-evening-v9",
        "/evidence/an-evening-v9/pack.zip",
        f"/evidence/{REFERENCE}/tables/seats.csv",
        f"/evidence/{REFERENCE}/documents/pack.zip",
        f"/evidence/{REFERENCE}/documents/..%2F..%2Fetc%2Fpasswd",
        "/evidence/%00",
        "/evidence/" + "x" * 3000,
    ],
)
def test_what_is_not_there_is_a_calm_404(stranger, path):
    assert stranger.get(path).status_code == 404


def test_json_says_what_is_not_there_too(stranger):
    answer = stranger.get("/api/v1/evidence/an-evening-v9")

    assert (answer.status_code, answer.json["ok"], answer.json["code"]) == (404, False, "no_such_pack")


def test_an_older_version_stays_and_points_to_the_newer(evening):
    other = make_floor(evening.floor.town, now=evening.floor.now, slug="another-evening")
    other.start()
    for pattern in ("aab", "abc"):
        other.open_round()
        hold(other, other.sit(*ROLES), pattern)
        evening.publish("another-evening")
    stranger = evening.app.test_client()

    old = stranger.get("/evidence/another-evening-v1").text
    new = stranger.get("/evidence/another-evening-v2").text

    assert 'href="/evidence/another-evening-v2"' in old
    assert "There is a newer version" not in new
    assert stranger.get("/evidence").text.count("<article") == 1


# --- the steward ----------------------------------------------------------------------------------------


def test_a_steward_sees_what_would_be_in_it_and_publishes(evening):
    stella = signed_in(evening, "stella")

    preview = stella.get("/evidence/publish?event=an-evening").text
    assert "Publish an-evening-v1" in preview
    assert "Which door does Ann try?" in preview

    token = token_in(stella, "/evidence/publish?event=an-evening")
    answer = stella.post("/evidence/publish", data={"event": "an-evening", "csrf_token": token})

    assert evening.app.extensions["packer"].work() == 1
    there = stella.get(answer.headers["Location"])
    assert there.headers["Location"] == f"/evidence/{REFERENCE}"
    assert "It will not change any more." in stella.get(there.headers["Location"]).text
    assert evening.app.test_client().get(f"/evidence/{REFERENCE}").status_code == 200


def test_the_link_to_something_that_is_not_public_opens_nothing_for_whoever_finds_it(evening):
    stella = signed_in(evening, "stella")
    token = token_in(stella, "/evidence/publish?event=an-evening")
    asked = stella.post("/evidence/publish", data={"event": "an-evening", "csrf_token": token})
    hers = [asked.headers["Location"], "/evidence/publish?event=an-evening"]
    fay = signed_in(evening, "fay")
    poster = "/desk/events/an-evening/print/poster/1"
    their_print = [poster, f"{poster}.pdf"]
    assert {stella.get(link).status_code for link in hers} == {200}
    assert {fay.get(link).status_code for link in their_print} == {200}

    somebody = evening.app.test_client()
    for link in [*hers, *their_print]:
        answer = somebody.get(link)

        assert answer.status_code == 302, link
        assert answer.headers["Location"].startswith("/sign-in"), link
        assert "Content-Disposition" not in answer.headers, link
    assert {signed_in(evening, "cleo").get(link).status_code for link in [*hers, *their_print]} == {403}
    assert {fay.get(link).status_code for link in hers} == {403}


def test_publishing_again_says_why_not(published):
    stella = signed_in(published, "stella")

    assert (
        "would be the same as in the newest version" in stella.get("/evidence/publish?event=an-evening").text
    )


@pytest.mark.parametrize("name", ["fay", "mo", "cleo", "stu"])
def test_nobody_else_publishes(evening, name):
    client = signed_in(evening, name)
    token = token_in(client, "/sign-in/code")

    assert client.get("/evidence/publish?event=an-evening").status_code == 403
    assert (
        client.post("/evidence/publish", data={"event": "an-evening", "csrf_token": token}).status_code == 403
    )
    assert client.get(f"/evidence/{REFERENCE}").status_code == 404


def test_a_stranger_is_asked_to_sign_in(stranger):
    answer = stranger.get("/evidence/publish")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_a_form_from_elsewhere_publishes_nothing(evening):
    stella = signed_in(evening, "stella")

    assert stella.post("/evidence/publish", data={"event": "an-evening"}).status_code == 400
    assert stella.get(f"/evidence/{REFERENCE}").status_code == 404


@pytest.mark.parametrize("name", ["nowhere", "%00", "x" * 500, "a'b"])
def test_an_event_that_is_not_there_cannot_be_chosen(published, name):
    stella = signed_in(published, "stella")

    assert stella.get(f"/evidence/publish?event={name}").status_code == 404
