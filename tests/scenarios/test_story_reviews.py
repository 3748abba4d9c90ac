"""Pages of moderators for stories: what they show, what they refuse, and that nothing typed by anybody is live."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from sqlalchemy import event

from scenarios.stories import queries
from scenarios.stories.rules import StoryState
from tests.application import client_of, make_app
from tests.kernel.payloads import PAYLOADS
from tests.makers import make_town
from tests.scenarios.test_reviewing import tell

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORDS = {"first": "I rang Dr Aziz at four. PLANTED Idris came, Idris stayed.", "ended": "He came."}


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def app(town, database, config, clock):
    return make_app(config, database, clock)


@pytest.fixture
def mo(app, town):
    return client_of(app, town.account("mo"))


@pytest.fixture
def olu(app, town):
    return client_of(app, town.account("olu"))


@pytest.fixture
def story_id(database, town, clock) -> int:
    with database.transaction() as session:
        tell(session, "noise", clock())
        return tell(session, "the one", clock(), answers=WORDS)


def hidden(page: str) -> dict[str, str]:
    """The words that the page is about, as its forms name them."""
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', page).group(1) for name in ("revision", "sha256")
    }


def state(database, story_id):
    with database.reading() as session:
        return queries.story(session, story_id).state


def test_the_queue_shows_no_word_of_a_story(mo, story_id):
    page = mo.get("/reviews/stories").text

    assert f"/reviews/stories/{story_id}" in page
    assert "PLANTED" not in page
    assert "Aziz" not in page


def test_a_story_shows_its_hints_and_who_read_it(mo, olu, story_id):
    olu.get(f"/reviews/stories/{story_id}")

    page = mo.get(f"/reviews/stories/{story_id}").text

    assert re.search(r"<mark>Dr Aziz<sup>1<span class=\"vh\"> \(name\)", page)
    assert re.search(r"<li>Olu, .*\n?.*<li>Mo, |<li>Mo, .*</li><li>Olu, ", page)


def test_a_ticked_hint_and_typed_words_are_taken_out_everywhere(mo, story_id, database):
    page = mo.get(f"/reviews/stories/{story_id}").text
    fields = {
        name: re.search(rf'name="{name}-1" value="([^"]*)"', page).group(1)
        for name in ("question", "start", "end")
    }

    answer = mo.post(
        f"/reviews/stories/{story_id}/edit",
        data={
            **hidden(page),
            **{f"{name}-1": value for name, value in fields.items()},
            "take": "1",
            "instead-1": "the doctor",
            "kind-1": "name",
            "reason-1": "names_staff",
            "words-0": "Idris",
            "words-instead-0": "a child",
            "words-kind-0": "name",
            "words-reason-0": "shows_others",
        },
    )

    assert answer.status_code == 302
    with database.reading() as session:
        newest = queries.revisions_of(session, story_id)[-1]
    assert newest.answers["first"] == "I rang the doctor at four. PLANTED a child came, a child stayed."
    after = mo.get(f"/reviews/stories/{story_id}").text
    assert re.search(r"<del><span class=\"vh\">Taken out: </span>Idris</del>", after)
    assert re.search(r"<ins><span class=\"vh\">Put in: </span>a child</ins>", after)


def test_a_refused_edit_keeps_what_was_typed(mo, story_id):
    page = mo.get(f"/reviews/stories/{story_id}").text

    answer = mo.post(
        f"/reviews/stories/{story_id}/edit",
        data={**hidden(page), "words-0": "not there", "words-instead-0": "kept words"},
    )

    assert answer.status_code == 422
    assert "These words do not stand in the story" in answer.text
    assert 'value="not there"' in answer.text
    assert 'value="kept words"' in answer.text


def test_approving_words_that_changed_meanwhile_shows_the_newest(mo, olu, story_id, database):
    page = mo.get(f"/reviews/stories/{story_id}").text
    olu.post(f"/reviews/stories/{story_id}/edit", data={**hidden(page), "words-0": "Idris"})

    answer = mo.post(f"/reviews/stories/{story_id}/approve", data=hidden(page))

    assert answer.status_code == 409
    assert "Somebody changed the words in the meantime" in answer.text
    assert hidden(answer.text)["revision"] == "2"
    assert state(database, story_id) is StoryState.BEING_READ


def test_a_story_goes_from_claim_to_second_opinion_to_approval(mo, olu, story_id, database):
    page = mo.get(f"/reviews/stories/{story_id}").text
    mo.post(f"/reviews/stories/{story_id}/claim")
    mo.post(f"/reviews/stories/{story_id}/second", data=hidden(page))
    refused = mo.post(f"/reviews/stories/{story_id}/approve", data=hidden(page))

    olu.post(f"/reviews/stories/{story_id}/approve", data=hidden(page))

    assert refused.status_code == 409
    assert state(database, story_id) is StoryState.APPROVED


def test_a_decline_stands_in_the_public_log_without_content(app, mo, story_id):
    page = mo.get(f"/reviews/stories/{story_id}").text

    mo.post(
        f"/reviews/stories/{story_id}/decline",
        data={**hidden(page), "reason": "hate", "words": "A private word."},
    )

    log = client_of(app).get("/moderation-log").text
    assert "it speaks with hate of a group of people" in log
    assert "March 2026" in log
    for private in ("A private word", "PLANTED", f"/{story_id}", "2 March"):
        assert private not in re.sub(r"<head>.*?</head>|<footer.*", "", log, flags=re.S), private


def test_the_log_is_of_one_month_and_leads_to_the_others(app, mo, database, town, clock):
    for month in range(3):
        with database.transaction() as session:
            found = tell(session, f"month {month}", clock(), answers=WORDS)
        page = mo.get(f"/reviews/stories/{found}").text
        mo.post(f"/reviews/stories/{found}/edit", data={**hidden(page), "words-0": "Idris"})
        clock.go_on(days=31)
        mo = client_of(app, town.account("mo"))

    page = client_of(app).get("/moderation-log?month=2026-04").text

    assert "April 2026</h2>" in page
    assert 'href="/moderation-log?month=2026-05"' in page
    assert 'href="/moderation-log?month=2026-03"' in page
    assert client_of(app).get("/moderation-log?month=1999-99").status_code == 200


def test_an_urgent_story_shows_on_every_page_of_a_moderator_and_to_nobody_else(
    app, mo, town, database, clock
):
    with database.transaction() as session:
        found = tell(session, "urgent", clock(), answers={"first": "I want to die."})
    clock.go_on(minutes=7)

    assert "1 story needs somebody now" in mo.get("/scenarios").text
    assert "needs somebody now" not in client_of(app, town.account("fay")).get("/desk").text
    assert "needs somebody now" not in client_of(app).get("/scenarios").text
    assert "Waiting for 7 min." in mo.get("/reviews/stories").text

    mo.post(f"/reviews/stories/{found}/take-urgent")
    assert "needs somebody now" not in mo.get("/scenarios").text


def test_words_of_danger_can_be_added_and_removed(mo):
    mo.post("/reviews/danger-words", data={"language": "cy", "phrase": "wrth y bont"})
    added = mo.get("/reviews/danger-words").text
    mo.post("/reviews/danger-words/remove", data={"language": "cy", "phrase": "wrth y bont"})
    refused = mo.post("/reviews/danger-words", data={"language": "cy", "phrase": "..."})

    assert "<span>wrth y bont</span>" in added
    assert "wrth y bont" not in mo.get("/reviews/danger-words").text
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("edit", {"revision": "x"}),
        ("edit", {"revision": "1", "take": "1", "start-1": "zero"}),
        ("edit", {"revision": "1", "take": "1", "start-1": "0", "end-1": "1", "kind-1": "?"}),
        ("approve", {"revision": "1", "sha256": "'"}),
        ("decline", {"revision": "1", "sha256": "", "reason": "free words"}),
        ("hand-over", {"to": "-1"}),
        ("hand-over", {"to": "999"}),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(mo, story_id, database, path, data):
    answer = mo.post(f"/reviews/stories/{story_id}/{path}", data=data)

    assert answer.status_code in (409, 422)
    assert state(database, story_id) is StoryState.SENT


def test_filters_that_make_no_sense_show_the_queue(mo, story_id):
    page = mo.get("/reviews/stories?state=nonsense&page=-1&stage=%3Cb%3E&language=&urgent=2")

    assert page.status_code == 200


# --- what people type is words, never markup --------------------------------------------------------------------


class Live(HTMLParser):
    """Everything in a page that could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what runs, loads or leads away."""
        given = dict(attrs)
        own = (given.get("src") or "/static/").startswith("/static/")
        if tag in {"iframe", "object", "embed", "base", "video", "math", "img", "style", "animate"}:
            self.found.append(tag)
        if tag == "script" and not (own and "src" in given):
            self.found.append("script")
        self.found += [name for name, _value in attrs if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction"):
            value = (given.get(name) or "").strip().lower()
            if value and not re.match(r"(/|#|\?|tel:|https://www\.bbc\.co\.uk/weather)", value):
                self.found.append(f"{name}={value}")
            if value.startswith("//"):
                self.found.append(f"{name}={value}")
        if tag == "meta" and "http-equiv" in given:
            self.found.append("meta")

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        self.words += data


def test_payloads_in_every_field_are_shown_as_words(app, mo, town, database, clock):
    assert len(PAYLOADS) >= 120
    shown = [payload.replace("\0", "") for payload in PAYLOADS] * 2
    for start in range(0, len(shown), 40):
        some = shown[start : start + 40]
        answers = {key: "\n".join(some) for key in ("first", "ended", some[0][:40])}
        with database.transaction() as session:
            found = tell(session, f"hostile {start}", clock(), answers=answers, language=some[0][:40])
        page = mo.get(f"/reviews/stories/{found}")
        replies = mo.post(
            f"/reviews/stories/{found}/decline",
            data={**hidden(page.text), "reason": "hate", "words": "\n".join(some)},
        )
        assert replies.status_code == 302
        refused = mo.post(
            f"/reviews/stories/{found}/edit",
            data={**hidden(page.text), "words-0": f"nowhere {some[0]}", "words-instead-0": some[1]},
        )
        assert refused.status_code == 422
        for text in (page.text, refused.text, mo.get(f"/reviews/stories/{found}").text):
            live = Live()
            live.feed(text)
            assert live.found == [], live.found
            assert some[0].split("\n")[0] in unescape(live.words)
    for path in ("/reviews/stories?state=declined", "/moderation-log", "/reviews/danger-words"):
        live = Live()
        live.feed(mo.get(path).text)
        assert live.found == [], (path, live.found)


def test_payloads_as_words_of_danger_are_shown_as_words(mo):
    for payload in PAYLOADS:
        mo.post("/reviews/danger-words", data={"language": "en", "phrase": payload.replace("\0", "")[:120]})

    live = Live()
    live.feed(mo.get("/reviews/danger-words").text)

    assert live.found == []


def test_the_queue_of_many_stories_asks_the_database_as_often_as_of_one(mo, story_id, database, clock):
    def asked() -> int:
        said: list[str] = []
        listener = lambda *args: said.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        mo.get("/reviews/stories")
        event.remove(database.engine, "before_cursor_execute", listener)
        return len(said)

    before = asked()
    with database.transaction() as session:
        for number in range(30):
            tell(session, f"many {number}", clock())

    assert asked() == before
