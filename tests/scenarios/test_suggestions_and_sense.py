"""Writers propose other words; readers say whether it happens here too, and nothing of theirs is shown unread."""

from datetime import timedelta

import pytest

from scenarios import queries as scripts
from scenarios.rules import DraftMoved
from scenarios.service import save_draft, start_draft
from scenarios.together.rules import (
    NoSuchSenseCheck,
    NoSuchSuggestion,
    PassageNotFound,
    Sense,
    TooManySenseChecks,
)
from scenarios.together.sense_checking import judge_line, say_sense, sense_of, unread_lines
from scenarios.together.suggesting import leave_suggestion, suggest_words, suggestions_for, take_suggestion
from tests.application import client_of, make_app
from tests.makers import SHORT_SCRIPT, make_town


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def draft_id(town, clock) -> int:
    with town.database.transaction() as session:
        text = SHORT_SCRIPT.replace("\n", "\r\n")
        return start_draft(session, text=text, account_id=town.account("mo").id, now=clock()).id


def suggest(town, draft_id, clock, passage: str, instead: str) -> int:
    with town.database.transaction() as session:
        suggest_words(
            session,
            draft_id=draft_id,
            passage=passage,
            instead=instead,
            why="",
            account_id=town.account("cora").id,
            now=clock(),
        )
        return suggestions_for(session, draft_id)[0].id


def settle(do, town, draft_id, suggestion_id, clock) -> None:
    with town.database.transaction() as session:
        do(
            session,
            draft_id=draft_id,
            suggestion_id=suggestion_id,
            account_id=town.account("mo").id,
            now=clock(),
        )


def test_words_put_in_change_that_passage_and_no_other_byte(town, draft_id, clock):
    passage = "**Ann:** It is dark.\n\n-> garden"
    number = suggest(town, draft_id, clock, passage, "**Ann:** It is late.\n\n-> garden")

    settle(take_suggestion, town, draft_id, number, clock)

    with town.database.reading() as session:
        text = scripts.draft(session, draft_id).text
        assert [each.taken for each in suggestions_for(session, draft_id)] == [True]
    assert text == SHORT_SCRIPT.replace("It is dark", "It is late").replace("\n", "\r\n")


def test_a_suggestion_is_settled_once_and_only_on_its_own_script(town, draft_id, clock):
    number = suggest(town, draft_id, clock, "It is dark.", "It is late.")
    with pytest.raises(NoSuchSuggestion):
        settle(take_suggestion, town, draft_id + 1, number, clock)

    settle(leave_suggestion, town, draft_id, number, clock)

    with pytest.raises(NoSuchSuggestion):
        settle(take_suggestion, town, draft_id, number, clock)
    with town.database.reading() as session:
        assert "It is dark." in scripts.draft(session, draft_id).text


@pytest.mark.parametrize("passage", ["not in it", "ann", " "])
def test_a_passage_that_does_not_stand_there_once_is_refused(town, draft_id, clock, passage):
    with pytest.raises(PassageNotFound):
        suggest(town, draft_id, clock, passage, "x")


def test_a_passage_that_was_changed_since_is_not_guessed(town, draft_id, clock):
    number = suggest(town, draft_id, clock, "It is dark.", "It is late.")
    with town.database.transaction() as session:
        draft = scripts.draft(session, draft_id)
        save_draft(
            session,
            draft_id=draft_id,
            text=draft.text.replace("dark", "black"),
            revision=draft.revision,
            account_id=town.account("mo").id,
            now=clock(),
        )

    with pytest.raises((PassageNotFound, DraftMoved)):
        settle(take_suggestion, town, draft_id, number, clock)


def say(town, clock, browser: str, verdict: Sense, why: str = "", slug: str = "two-doors", **later) -> None:
    with town.database.transaction() as session:
        say_sense(
            session,
            slug=slug,
            browser_hash=browser.encode(),
            verdict=verdict,
            why=why,
            now=clock() + timedelta(**later),
        )


def test_a_browser_counts_once_and_its_newest_word_counts(town, clock):
    say(town, clock, "red", Sense.HERE)
    say(town, clock, "red", Sense.DIFFERENTLY)
    say(town, clock, "blue", Sense.HERE)

    with town.database.reading() as session:
        sense = sense_of(session, slug="two-doors", browser_hash=b"red")
        other = sense_of(session, slug="another", browser_hash=b"red")

    assert sense.counts == {Sense.HERE: 1, Sense.NOT_HERE: 0, Sense.DIFFERENTLY: 1}
    assert sense.mine is Sense.DIFFERENTLY
    assert sum(other.counts.values()) == 0


def test_a_line_is_shown_when_exactly_it_was_read(town, clock):
    say(town, clock, "red", Sense.HERE, "Our bus stops at six.")
    with town.database.transaction() as session:
        (line,) = unread_lines(session)
        assert sense_of(session, slug="two-doors", browser_hash=None).lines == []
    say(town, clock, "red", Sense.HERE, "Something else.")
    mo = town.account("mo").id

    with town.database.transaction() as session:
        with pytest.raises(NoSuchSenseCheck):
            judge_line(session, sense_check_id=line.id, why=line.why, show=True, account_id=mo, now=clock())
        judge_line(
            session, sense_check_id=line.id, why="Something else.", show=True, account_id=mo, now=clock()
        )
        assert sense_of(session, slug="two-doors", browser_hash=None).lines == [
            (Sense.HERE, "Something else.")
        ]
    say(town, clock, "red", Sense.HERE, "Changed after it was read.")
    with town.database.reading() as session:
        assert sense_of(session, slug="two-doors", browser_hash=None).lines == []


def test_one_browser_cannot_say_something_of_every_scenario_in_an_hour(town, clock, database):
    from scenarios.models import Scenario

    with database.transaction() as session:
        session.add_all(Scenario(slug=f"noise-{number}") for number in range(11))
    for number in range(10):
        say(town, clock, "red", Sense.HERE, slug=f"noise-{number}")

    with pytest.raises(TooManySenseChecks):
        say(town, clock, "red", Sense.HERE, slug="noise-10")
    say(town, clock, "blue", Sense.HERE, slug="noise-10")
    say(town, clock, "red", Sense.HERE, slug="noise-10", hours=1)


def test_readers_and_moderators_do_it_with_plain_forms(town, config, clock, draft_id):
    app = make_app(config, town.database, clock)
    reader, mo = client_of(app, None), client_of(app, town.account("mo"))

    assert reader.post("/scenarios/two-doors/sense", data={"verdict": "loud"}).status_code == 422
    reader.post("/scenarios/two-doors/sense", data={"verdict": "here", "why": "At the <b>Anchor</b> too."})
    assert "Anchor" not in reader.get("/scenarios/two-doors").text
    waiting = mo.get("/reviews/sense-checks").text
    assert "At the &lt;b&gt;Anchor&lt;/b&gt; too." in waiting
    address = waiting.split('action="/reviews/sense-checks/')[1].split('"')[0]
    mo.post(f"/reviews/sense-checks/{address}", data={"why": "At the <b>Anchor</b> too.", "show": "yes"})
    page = reader.get("/scenarios/two-doors").text
    assert "At the &lt;b&gt;Anchor&lt;/b&gt; too." in page
    assert 'value="here" required checked' in page

    at = f"/reviews/scripts/{draft_id}/suggestions"
    refused = mo.post(at, data={"passage": "nowhere", "instead": "kept words"})
    assert (refused.status_code, "kept words" in refused.text) == (409, True)
    mo.post(at, data={"passage": "It is dark.", "instead": "It is late."})
    number = mo.get(at).text.split(f'action="{at}/')[1].split('"')[0]
    assert mo.post(f"{at}/{number}", data={"take": "yes"}).status_code == 302
    assert "It is late." in mo.get(f"/reviews/scripts/{draft_id}").text
