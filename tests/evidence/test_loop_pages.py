"""The pages of what came of it: for everybody, for those who answer, for those who check."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from sqlalchemy import event as listens
from sqlalchemy import text

from scenario_app.kernel.errors import Invalid
from tests.application import client_of, make_app

pytestmark = pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def app(evening):
    return make_app(evening.town.config, evening.town.database, evening.clock)


@pytest.fixture
def anybody(app):
    return client_of(app)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def a_year_passes(evening) -> None:
    evening.clock.go_on(days=365)


def test_everybody_sees_what_is_late_first_what_is_not_promised_and_what_has_no_answer(evening, anybody):
    a_year_passes(evening)

    page = words_of(anybody.get("/changes").text)

    assert page.index("Late by 274 days") < page.index("Light over it") < page.index("There is no driver.")
    assert page.count("No answer since 2 March 2026") == 2
    assert "Nobody has said why it is late." in page
    assert "Another promise" not in page
    assert "Withdrawn in the room" not in page


def test_the_tracker_is_narrowed_by_plain_links(evening, anybody):
    a_year_passes(evening)

    late = anybody.get("/changes?state=overdue").text
    unanswered = anybody.get("/changes?state=unanswered").text
    nonsense = anybody.get("/changes?state=%3Cb%3E&event=nowhere").text

    assert "Bench by the door" in late
    assert "Light over it" not in late
    assert "Bus at night" in unanswered
    assert "Bench by the door" not in unanswered
    assert "Light over it" in nonsense


def test_an_empty_tracker_says_what_will_stand_there(evening, app):
    with evening.town.database.transaction() as session:
        for table in ("amendment", "commitment", "proposal"):
            session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
            session.connection().exec_driver_sql(f"DELETE FROM {table}")

    assert "Nothing has been promised yet" in client_of(app).get("/changes").text


def test_whoever_decides_answers_and_a_moderator_checks_with_plain_forms(evening, app, anybody):
    cleo, mo = (client_of(app, evening.town.account(name)) for name in ("cleo", "mo"))
    bench = evening.promises["Bench"]
    work = cleo.get("/evidence/answers").text
    assert f"/evidence/answers/promises/{bench}" in work

    said = {
        "status": "done",
        "words": "It stands there.",
        "name": "Cleo Marsh",
        "evidence_url": "https://b.example/3",
    }
    sent = cleo.post(f"/evidence/answers/promises/{bench}", data=said, follow_redirects=True).text

    assert "A moderator checks it before everybody sees it." in sent
    assert "It stands there." not in anybody.get("/changes").text
    queue = mo.get("/reviews/claims").text
    digest = re.search(r'name="digest" value="(\w+)"', queue).group(1)
    address = re.search(r'action="(/reviews/claims/update/\d+)"', queue).group(1)
    shown = mo.post(address, data={"digest": digest, "show": "yes", "how": "I sat on it."})
    assert shown.status_code == 302
    page = anybody.get("/changes").text
    assert "Done, checked 2 March 2026" in words_of(page)
    assert "I sat on it." in page
    assert 'href="https://b.example/3" rel="noopener noreferrer nofollow ugc"' in page


WRONG = (
    (
        "promises",
        {"status": "done", "words": "KEEP ME", "evidence_url": "ftp:x", "name": "C"},
        "evidence_url",
    ),
    ("promises", {"status": "under_way", "words": "KEEP ME", "new_day": "soon", "name": "Cleo"}, "new_day"),
    ("promises", {"words": "KEEP ME", "name": "Cleo"}, "status-under_way"),
    ("proposals", {"verdict": "not_changed", "because": "KEEP ME", "name": " "}, "name"),
    ("proposals", {"because": "KEEP ME", "name": "Cleo"}, "verdict-influenced"),
)


def test_what_was_typed_is_never_lost(evening, app):
    cleo = client_of(app, evening.town.account("cleo"))
    numbers = {"promises": evening.promises["Bench"], "proposals": evening.proposals["Bus"]}

    for path, typed, wrong in WRONG:
        answer = cleo.post(f"/evidence/answers/{path}/{numbers[path]}", data=typed)

        assert answer.status_code == 422, wrong
        assert "KEEP ME</textarea>" in answer.text, wrong
        assert f'href="#{wrong}"' in answer.text
        assert f'id="{wrong}"' in answer.text


def test_a_moderator_who_says_nothing_of_how_keeps_the_page_and_the_claim_waits(evening, app):
    evening.update("Bench")
    mo = client_of(app, evening.town.account("mo"))
    queue = mo.get("/reviews/claims").text
    digest = re.search(r'name="digest" value="(\w+)"', queue).group(1)
    address = re.search(r'action="(/reviews/claims/update/\d+)"', queue).group(1)

    silent = mo.post(address, data={"digest": digest, "show": "yes", "how": " "})
    other = mo.post(address, data={"digest": "0" * 32, "show": "yes", "how": "KEEP ME"})

    assert (silent.status_code, other.status_code) == (422, 409)
    assert "KEEP ME</textarea>" in other.text
    assert address in mo.get("/reviews/claims").text


def test_the_calendar_holds_the_days_of_what_is_not_settled(evening, anybody):
    evening.update("Light", "not_done", "No money.")

    file = anybody.get("/changes.ics").text

    assert "DTSTART;VALUE=DATE:20260601" in file
    assert "DTEND;VALUE=DATE:20260602" in file
    assert "Bench by the door" in file
    assert "Light over it" not in file


def test_the_feeds_are_atom_with_ids_that_stay_and_nobodys_name(evening, anybody):
    evening.update("Bench", "under_way", "Ordered by Jo Bloggs.")
    first = ElementTree.fromstring(anybody.get("/changes.atom").data)
    a_year_passes(evening)

    feed = anybody.get("/changes.atom")

    told = ElementTree.fromstring(feed.data)
    ids = [entry.findtext(f"{ATOM}id") for entry in told.iter(f"{ATOM}entry")]
    assert feed.content_type.startswith("application/atom+xml")
    assert len(ids) == len(set(ids)) == 5
    assert {entry.findtext(f"{ATOM}id") for entry in first.iter(f"{ATOM}entry")} < set(ids)
    assert told.find(f"{ATOM}entry").findtext(f"{ATOM}title") == "Late: Bench by the door"
    assert all(entry.findtext(f"{ATOM}updated").endswith("Z") for entry in told.iter(f"{ATOM}entry"))
    assert "Jo Bloggs" not in feed.text
    assert "Cleo" not in feed.text
    assert ElementTree.fromstring(anybody.get("/evidence.atom").data).findtext(f"{ATOM}updated")


def test_programs_find_every_promise_and_where_it_stands(evening, anybody):
    evening.update("Light", "under_way", "Ordered.")
    a_year_passes(evening)

    listed = anybody.get("/api/v1/commitments").json["commitments"]

    assert [(each["what"], each["standing"]) for each in listed] == [
        ("Bench by the door", "overdue"),
        ("Light over it", "under_way"),
        ("Night bus", None),
    ]
    assert listed[1]["updates"][0]["words"] == "Ordered."
    assert anybody.get("/api/v1/commitments?event=still-running").json["commitments"] == []


def test_no_page_asks_the_database_too_often(evening, app, anybody):
    evening.update("Light", "under_way", "Ordered.")
    cleo = client_of(app, evening.town.account("cleo"))
    for who, path in (
        (anybody, "/changes"),
        (anybody, f"/chain/commitment/{evening.promises['Bench']}"),
        (anybody, "/chain/version/the-heron-v1"),
        (cleo, "/evidence/answers"),
        (cleo, f"/evidence/answers/promises/{evening.promises['Bench']}"),
    ):
        asked: list[str] = []
        listener = lambda *args, asked=asked: asked.append(args[2])  # noqa: E731
        listens.listen(evening.town.database.engine, "before_cursor_execute", listener)
        assert who.get(path).status_code == 200
        listens.remove(evening.town.database.engine, "before_cursor_execute", listener)
        assert len(asked) <= 40, (path, len(asked))


def test_a_promise_for_the_last_day_there_is_breaks_no_calendar_and_no_feed(evening, anybody):
    with evening.town.database.transaction() as session:
        last_day = text("UPDATE commitment SET due = '9999-12-31' WHERE id = :id")
        session.execute(last_day, {"id": evening.promises["Bench"]})

    pages = {path: anybody.get(path) for path in ("/changes", "/changes.ics", "/changes.atom")}

    assert {page.status_code for page in pages.values()} == {200}
    assert "Light over it" in pages["/changes.ics"].text


def test_another_day_for_a_promise_is_within_fifty_years(evening):
    with pytest.raises(Invalid) as refused:
        evening.update("Light", "under_way", "Ordered.", new_day=date.max)

    assert refused.value.details["field"] == "new_day"
