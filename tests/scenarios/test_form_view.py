"""The form view: the same text as in the editor, and nothing of it is lost on the way."""

import re
from html import unescape

import pytest

from scenarios import queries
from scenarios.script import Scene, Script
from scenarios.service import start_draft
from tests.application import client_of, make_app
from tests.makers import make_town
from tests.scenarios.scripts import THE_GATE, spoilt

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def mo(town, database, config, clock):
    """The moderator's browser."""
    return client_of(make_app(config, database, clock), town.people["mo"])


@pytest.fixture
def begin(town, database, clock):
    """Return the form view's address of a draft with these words."""

    def begin(text: str) -> str:
        with database.transaction() as session:
            saved = start_draft(session, text=text, account_id=town.people["mo"].id, now=clock())
        return f"/reviews/scripts/{saved.id}/form"

    return begin


@pytest.fixture
def text_of(database):
    """Return the words of a draft by its form view's address."""

    def text_of(address: str) -> str:
        with database.reading() as session:
            return queries.draft(session, int(address.split("/")[3])).text

    return text_of


def fields(page: str) -> dict[str, str]:
    """Return what a browser would send of the page's first form, unchanged."""
    form = page.split("<main")[1].split("<form", 1)[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") != "radio" or "checked" in tag:
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, words in re.findall(r'<textarea [^>]*?name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(words).replace("\n", "\r\n")
    for name, options in re.findall(r'<select [^>]*name="([\w-]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


def send(browser, address: str, **changes: str):
    return browser.post(address, data=fields(browser.get(address).text) | changes)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "mixed"])
def test_saving_every_page_unchanged_changes_no_byte(mo, begin, text_of, ends):
    text = THE_GATE.replace("\n", "\r\n", 30) if ends == "mixed" else THE_GATE.replace("\n", ends)
    address = begin(text)

    for page in [address, *(f"{address}/{number}" for number in range(1, 6))]:
        assert send(mo, page).status_code == 302

    assert text_of(address) == text


def test_a_title_is_changed_and_every_other_byte_stays_whatever_its_line_ends(mo, begin, text_of):
    text = THE_GATE.replace("\n", "\r\n", 30)
    address = begin(text)

    send(mo, f"{address}/2", title="Two bars")

    assert text_of(address) == text.replace("gate: One bar", "gate: Two bars")


def test_a_script_is_written_from_nothing_and_published(mo, text_of):
    address = mo.post("/reviews/scripts/new/form", data={"title": "Two chairs"}).location
    send(mo, address, do="add_person", new_name="Ann", new_who="who waits")
    room = send(mo, address, do="add_scene", new_title="The room").location.partition("#")[0]
    send(mo, room, do="add_decision", words="*Two chairs.*", question="Does she sit?")
    decided = send(mo, room, question="Does she sit?", do="add_response")
    assert decided.location.endswith("#label-1")
    send(mo, room, **{"label-1": "Sits", "target-1": "+ending", "do": "add_response"})
    send(mo, room, **{"label-2": "Stands", "target-2": "+scene"})
    send(mo, f"{address}/2", words="**Ann:** Hm.", goes_to="sits")
    done = send(mo, address, stage="first-response", content_notes="waiting", question="Who waits?")

    script = Script.parse(text_of(address))
    publish = mo.get(address).text.split("<form")[-1]
    answer = mo.post(address.replace("/form", "/publish"), data=fields(f"<main><form {publish}</form>"))
    assert done.status_code == 302
    assert [one.code for one in script.problems() if one.stops_publication] == []
    assert [place.key for place in script.reading.places] == ["the-room", "stands", "sits"]
    assert answer.location == "/scenarios/two-chairs"


def test_responses_are_added_moved_and_taken_out_and_what_was_typed_beside_stays(mo, begin, text_of):
    address = begin(THE_GATE)

    send(mo, f"{address}/1", **{"label-1": "Runs to the gate", "do": "down:1"})
    send(mo, f"{address}/1", **{"helps-2": "somebody is sent", "do": "remove:3"})

    scene = Script.parse(text_of(address)).at("shed")
    assert isinstance(scene, Scene)
    assert [(one.key, one.label, one.helps) for one in scene.decisions[0].responses] == [
        ("b", "Sits down in the straw", "she is here"),
        ("a", "Runs to the gate", "somebody is sent"),
    ]


def test_scenes_are_moved_and_taken_out(mo, begin, text_of):
    address = begin(THE_GATE)

    send(mo, address, do="down:1")
    send(mo, f"{address}/1", do="remove_place")

    assert [place.key for place in Script.parse(text_of(address)).reading.places] == [
        "shed", "word", "ending-bed", "ending-fence",
    ]  # fmt: skip
    assert "No path leads here yet." in mo.get(address).text or "is not a scene" in unescape(
        mo.get(address).text
    )


def test_a_fault_is_mended_by_its_button_and_what_was_typed_stays(mo, begin, text_of):
    address = begin(spoilt("-> gate [as", "-> gaet [as"))
    page = unescape(mo.get(f"{address}/1").text)
    button = re.search(r'name="mend" value="(unknown_target:\d+)">([^<]*)', page)
    assert button
    assert button[2] == "Use “gate”"

    send(mo, f"{address}/1", title="Hay", mend=button[1])

    assert text_of(address) == spoilt("shed: Straw", "shed: Hay")


def test_in_the_editor_too(mo, begin, text_of):
    editor = begin(spoilt("start: shed\n", "")).removesuffix("/form")
    page = fields(mo.get(editor).text)
    button = re.search(r'name="mend" value="(missing_start:\d+)"', mo.get(editor).text)
    assert button

    mo.post(editor, data=page | {"text": page["text"] + "Typed meanwhile.", "mend": button[1]})

    assert Script.parse(text_of(editor)).start == "shed"
    assert text_of(editor).endswith("Typed meanwhile.")


def test_who_saves_after_somebody_else_loses_nothing(mo, begin, text_of, town, database, config, clock):
    address = begin(THE_GATE)
    mine = fields(mo.get(f"{address}/1").text)
    olu = client_of(make_app(config, database, clock), town.people["olu"])
    send(olu, f"{address}/1", title="Hay")

    answer = mo.post(f"{address}/1", data=mine | {"title": "Stubble"})

    assert "shed: Hay" in text_of(address)
    assert answer.status_code == 409
    assert "shed: Stubble" in answer.text


def test_a_dead_end_and_a_scene_out_of_reach_are_marked(mo, begin):
    page = mo.get(
        begin(spoilt("signal.\n\n-> word", "signal.\n", spoilt("straw -> word", "straw -> gate")))
    ).text

    assert page.count("Nothing follows it yet.") == 2  # in the list and on the map
    assert page.count("No path leads here yet.") == 2


@pytest.mark.parametrize("number", [0, 99])
def test_a_scene_that_is_not_there_is_refused(mo, begin, number):
    address = f"{begin(THE_GATE)}/{number}"

    assert mo.get(address).status_code == 404
    assert mo.post(address, data={"revision": "1"}).status_code == 404


def test_a_problem_leads_to_the_scene_that_it_stands_in(mo, begin):
    address = begin(spoilt("-> ending-bed [as", "-> nowhere-at-all [as"))

    page = mo.get(address).text

    assert f'<li class="note bad"><p><a href="{address}/3"><bdi>The word</bdi></a>' in page
