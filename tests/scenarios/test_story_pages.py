"""The pages of a teller, by plain forms: a whole story on one phone and then on another, without scripts."""

import html
import logging
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from scenarios.stories import reviewing
from scenarios.stories.edits import DeclineReason, Edit, EditKind, EditReason
from scenarios.stories.queries import revisions_of
from scenarios.stories.queue import QueueFilter, queue
from scenarios.stories.rules import digest_of
from scenarios.stories.this_browser import COOKIE
from tests.application import client_of, make_app
from tests.makers import make_town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CANARY = "Theodora-Quillfeather"


@pytest.fixture
def app(database, config, clock):
    app = make_app(config, database, clock)
    app.extensions["town"] = make_town(database, config, now=clock())
    return app


def read_by_mo(app, do, **fields):
    """Mo claims the only story there is and does something with its newest words."""
    house, town = app.extensions["house"], app.extensions["town"]
    mo = town.account("mo").id
    with house.database.transaction() as session:
        [row] = queue(session, QueueFilter()).rows
        revision = revisions_of(session, row.id)[-1]
        reviewing.claim_story(session, story_id=row.id, account_id=mo, now=house.clock())
        do(session, story_id=row.id, revision=revision.number, account_id=mo, now=house.clock(), **fields)


def seen(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def words_on(answer) -> str:
    return re.search(r"data-code[^>]*>([a-z ]+)<", answer.text).group(1).strip()


def tell(client, **answers):
    for question, text in answers.items():
        answer = client.post(f"/stories/new/{question}", data={question: text})
        assert answer.status_code == 302, (question, answer.text)


def send(client, **uses):
    return client.post("/stories/new/check", data=uses)


def test_a_story_begun_on_one_phone_is_finished_and_sent_on_another(app):
    phone, laptop = client_of(app), client_of(app)
    assert phone.post("/stories/new").headers["Location"] == "/stories/new/who"
    first = phone.get("/stories/new/first")
    assert "What happened first?" in seen(first)
    assert "data-keep hidden" in first.text, "nothing is typed, so nothing is said to be saved"

    answer = phone.post("/stories/new/first", data={"first": "He had not slept."})
    code = words_on(phone.get(answer.headers["Location"]))
    back = laptop.post("/stories/return", data={"words": code.upper().replace(" ", " - ")})

    assert back.headers["Location"] == "/stories/new"
    assert "/stories/new/people" in laptop.get("/stories/new").text
    assert "He had not slept." in laptop.get("/stories/new/first").text
    tell(laptop, people="Me, a nurse", then="I rang.")
    laptop.post("/stories/new/who", data={"choice": "self"})
    laptop.post("/stories/new/stage", data={"choice": "leaving"})
    laptop.post(
        "/stories/new/one", data={"one": "She sits down", "one_helps": "He talks", "one_costs": "Time"}
    )
    check = laptop.get("/stories/new/check")
    for words in ("He had not slept.", "Me, a nurse", "It is mine", "Leaving", "She sits down", "Time", code):
        assert words in seen(check), words
    assert "checked" not in check.text, "nothing is allowed before it was said"
    assert send(laptop, use_keep="1").headers["Location"] == "/stories/new/sent"
    assert words_on(laptop.get("/stories/new/sent")) == code
    mine = laptop.get("/stories/mine")
    assert "He had not slept." in seen(mine)
    assert mine.text.count("checked") == 1


def test_every_question_may_be_left_empty_and_back_saves_too(app):
    client = client_of(app)
    target = "/stories/new/who"
    visited = []
    while target != "/stories/new/check":
        assert client.get(target).status_code == 200
        visited.append(target)
        target = client.post(target).headers["Location"]
    assert len(visited) == 13
    assert COOKIE not in {cookie.key for cookie in client._cookies.values()}, (
        "nothing was typed, nothing is kept"
    )

    answer = client.post("/stories/new/moment", data={"moment": "When he rang.", "back": "1"})

    assert answer.headers["Location"] == "/stories/new/then"
    assert "When he rang." in client.get("/stories/new/moment").text


def test_a_story_without_a_word_is_not_sent_and_the_page_says_what_to_do(app):
    client = client_of(app)

    refused = send(client, use_keep="1")

    assert refused.status_code == 422
    assert "Answer one question at least" in seen(refused)
    assert refused.text.count("checked") == 1, "what was ticked stays ticked"


def test_an_answer_too_long_is_refused_with_every_word_still_in_the_box(app):
    client = client_of(app)
    long = "word " * 1_700

    refused = client.post("/stories/new/first", data={"first": long})

    assert refused.status_code == 422
    assert long.strip() in refused.text
    assert "Make it shorter" in seen(refused)


def test_what_is_typed_is_shown_and_never_live(app):
    client = client_of(app)
    hostile = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7*7 }}'
    tell(client, first=hostile, when=hostile)

    for path in ("/stories/new/first", "/stories/new/when", "/stories/new/check"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{ 7*7 }}" in html.unescape(page)


def test_a_teller_sees_what_was_changed_and_why_and_answers(app):
    client = client_of(app)
    tell(client, first="I rang Dr Aziz twice.", then="He came.")
    send(client)
    change = Edit("first", 7, 14, EditKind.NAME, "the doctor", EditReason.NAMES_STAFF)
    read_by_mo(app, reviewing.edit_story, edits=[change])

    mine = client.get("/stories/mine")
    reply = client.post(
        "/stories/mine/reply", data={"revision": "2", "agrees": "no", "words": "Say “my doctor”."}
    )
    late = client.post("/stories/mine/reply", data={"revision": "1", "agrees": "yes"})

    assert re.search(r"<del>.*?Dr Aziz</del><ins>.*?the doctor</ins> twice\.", mine.text)
    assert mine.text.count('<span class="tag half">') == 1, "the other answer is as it was"
    for words in ("We took out a name:", "it could show who a member of staff is", "Is it still your story?"):
        assert words in seen(mine), words
    assert reply.status_code == 302
    assert "Say “my doctor”." in seen(client.get("/stories/mine"))
    assert late.status_code == 409
    assert "Somebody changed the words in the meantime" in seen(late)


def test_a_teller_is_told_why_a_story_is_not_used(app):
    client = client_of(app)
    tell(client, first="He rang.")
    send(client)
    read_by_mo(
        app,
        reviewing.decline_story,
        sha256=digest_of({"first": "He rang."}),
        reason=DeclineReason.NO_STORY,
        words="Thank you anyway.",
    )

    mine = seen(client.get("/stories/mine"))

    assert "We decided not to use it" in mine
    assert "it is not a story" in mine
    assert "Thank you anyway." in mine


def test_wrong_words_are_counted_and_right_ones_never_refused(app):
    client = client_of(app)
    tell(client, first="He rang.")
    code = words_on(client.get("/stories/new/check"))
    stranger = client_of(app)

    tries = [stranger.post("/stories/return", data={"words": f"acorn {n}"}).status_code for n in range(25)]

    assert tries[:20] == [404] * 20
    assert set(tries[20:]) == {429}
    assert client_of(app).post("/stories/return", data={"words": code}).status_code == 302


def test_a_story_that_was_sent_is_shown_and_not_changed(app):
    client = client_of(app)
    tell(client, first="He rang.")
    send(client)

    assert client.get("/stories/new/first").headers["Location"] == "/stories/mine"
    assert client.post("/stories/new/first", data={"first": "Never."}).status_code == 409
    assert client.get("/stories/new/check").headers["Location"] == "/stories/mine"
    assert "He rang." in seen(client.get("/stories/mine"))


def test_leaving_closes_the_story_on_this_browser(app):
    client = client_of(app)
    tell(client, first=CANARY)

    left = client.get("/stories/leave")

    assert left.headers["Location"].startswith("https://")
    assert CANARY not in client.get("/stories/new/first").text
    assert client.get("/stories/mine").status_code == 404


def test_pages_of_a_story_are_stored_by_no_browser(app):
    client = client_of(app)
    tell(client, first="He rang.")

    for path in ("/stories/new", "/stories/new/first", "/stories/new/check", "/stories/return"):
        assert client.get(path).headers["Cache-Control"] == "no-store", path


def test_the_cookie_is_kept_from_scripts_and_tells_nothing(app):
    client = client_of(app)
    answer = client.post("/stories/new/first", data={"first": "He rang."})
    code = words_on(client.get("/stories/new/check"))

    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{COOKIE}=")]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=43200" in cookie
    assert not any(word in cookie.split(";")[0] for word in code.split())


def test_a_script_may_save_while_somebody_types(app):
    client = client_of(app)

    empty = client.put("/api/v1/story/first", json={"answers": {"first": "  "}})
    kept = client.put("/api/v1/story/first", json={"answers": {"first": "He r"}})
    again = client.put("/api/v1/story/first", json={"answers": {"first": "He rang."}})

    assert empty.json["words"] is None
    assert kept.json["words"] == again.json["words"] == words_on(client.get("/stories/new/check"))
    assert "He rang." in client.get("/stories/new/first").text
    for wrong in (None, [], {"answers": 3}, {"answers": {"first": 4}}):
        assert client.put("/api/v1/story/first", json=wrong).status_code == 422
    assert client.put("/api/v1/story/nothing", json={"answers": {}}).status_code == 404


def test_words_of_danger_bring_help_at_once_and_stop_nothing(app):
    client = client_of(app)
    calm = client.put("/api/v1/story/first", json={"answers": {"first": "He rang."}})
    low = client.put("/api/v1/story/first", json={"answers": {"first": "I am going to kill myself tonight"}})

    assert (calm.json["help_at_once"], low.json["help_at_once"]) == (False, True)
    assert "data-help-at-once>" in client.get("/stories/new/then").text
    assert "data-help-at-once hidden>" in client_of(app).get("/stories/new/then").text
    assert send(client).status_code == 302


def test_consents_are_changed_at_any_time_and_each_change_stands_in_the_ledger(app):
    client = client_of(app)
    tell(client, first="He rang.")
    client.post("/stories/new/who", data={"choice": "somebody_unasked"})
    assert "leave all of it empty" in seen(client.get("/stories/new/check"))
    send(client, use_perform="1")

    client.post("/stories/mine/uses", data={"use_quote": "1"})

    mine = client.get("/stories/mine")
    assert re.findall(r'name="use_(\w+)" value="1" checked', mine.text) == ["quote"]
    assert seen(mine).count("said for somebody else, who has not been asked") == 3


def test_words_by_mail_go_out_once_and_the_address_is_kept_nowhere(app, database, config, clock, monkeypatch):
    letters = []
    monkeypatch.setattr(
        "scenarios.stories.return_views.send_letter", lambda url, **letter: letters.append(letter)
    )
    without = client_of(app)
    tell(without, first="He rang.")
    assert 'name="email"' not in without.get("/stories/new/check").text
    assert without.post("/stories/letter", data={"email": "ada@example.org"}).status_code == 404
    client = client_of(make_app(replace(config, mail_url="smtp://localhost"), database, clock))
    tell(client, first="He rang.")
    code = words_on(client.get("/stories/new/check"))

    for typed in ("ada@example.org", "ada", "a@b\r\nBcc: c@d"):
        assert client.post("/stories/letter", data={"email": typed}).status_code == 302

    [letter] = letters
    assert letter["to"] == "ada@example.org"
    assert code in letter["text"]
    assert "/stories/return" in letter["text"]
    with database.reading() as session:
        raw = "\n".join(session.connection().connection.driver_connection.iterdump())
    assert "ada@example.org" not in raw


def test_what_somebody_tells_and_their_words_are_in_no_log_no_address_and_no_metric(app, caplog):
    client = client_of(app)
    caplog.set_level(logging.DEBUG)
    addresses = []

    answer = client.post("/stories/new/first", data={"first": CANARY})
    code = words_on(client.get("/stories/new/check"))
    for response in (
        answer,
        client.put("/api/v1/story/then", json={"answers": {"then": CANARY}}),
        client.post("/stories/new/then", data={"then": CANARY * 900}),
        client.post("/stories/return", data={"words": code}),
        client.post("/stories/return", data={"words": f"{CANARY} acorn"}),
        send(client, use_keep="1"),
        client.post("/stories/mine/reply", data={"words": CANARY, "revision": "1"}),
    ):
        addresses.append(response.headers.get("Location", ""))
    pages = [client.get(path).text for path in ("/stories/new", "/stories/mine", "/stories/new/sent")]

    told = caplog.text + client.get("/metrics").text + "".join(addresses)
    told += " ".join(found for page in pages for found in re.findall(r'(?:href|action|src)="([^"]*)"', page))
    pairs = [rf"{one}\W+{other}" for one, other in pairwise(code.split())]  # alone, a word may stand anywhere
    assert not [words for words in (CANARY, *pairs) if re.search(words, told)]


def test_whom_to_ring_can_be_set_and_stands_in_each_page_of_a_story(database, config, clock):
    numbers = (("Eastmere crisis line", "0800 000 111"), ("Samaritans", "116 123"))
    client = client_of(make_app(replace(config, help_lines=numbers), database, clock))

    for path in ("/stories/new", "/stories/new/first", "/stories/return", "/help-now", "/"):
        page = client.get(path)
        assert 'href="tel:0800000111"' in page.text, path
        assert "Eastmere crisis line" in seen(page)
        assert "999" not in seen(page)


def test_without_a_pathway_nobody_is_asked_for_a_stage(database, config, clock):
    client = client_of(make_app(config, database, clock))

    assert client.post("/stories/new/who").headers["Location"] == "/stories/new/when"
    assert client.get("/stories/new/stage").status_code == 404
    assert client.post("/stories/new/who", data={"choice": "nobody"}).status_code == 422


def test_many_stories_from_one_place_are_told_to_the_log_and_never_refused(app, caplog):
    caplog.set_level(logging.WARNING)

    for _story in range(12):
        tell(client_of(app), first="He rang.")

    assert len([line for line in caplog.messages if "begun from one place" in line]) == 2
    assert "127.0.0.1" not in caplog.text
