"""What anybody can read, what only moderators can do, and that no word typed is lost on the way."""

import io
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from scenario_app.accounts.service import issue_code
from scenario_app.factory import create_app
from scenario_app.kernel import markdown
from scenarios import queries
from scenarios.samples import sample_texts
from tests.makers import make_town
from tests.scenarios.scripts import THE_GATE, line_of, spoilt


@pytest.fixture
def database_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """SQLite alone: pages ask services only, and these are tested on both."""
    (tmp_path / "data").mkdir()
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'data' / 'scenario.db')}"


@pytest.fixture
def town(database, config, clock):
    """Eastmere with one published scenario."""
    return make_town(database, config, now=clock())


@pytest.fixture
def app(database, config, clock, town):
    """The whole application."""
    return create_app(config, database=database, clock=clock)


@pytest.fixture
def stranger(app) -> FlaskClient:
    """Somebody with a browser and no account."""
    return app.test_client()


@pytest.fixture
def sign_in(app, town, clock):
    """Return the browser of one of the cast."""

    def sign_in(name: str) -> FlaskClient:
        client, email = app.test_client(), town.account(name).email
        with town.database.transaction() as session:
            code = issue_code(session, email=email, now=clock(), key=town.config.secret_key)
        token = token_in(client.get("/sign-in/code").text)
        client.post("/sign-in/code", data={"email": email, "code": code, "csrf_token": token})
        return client

    return sign_in


@pytest.fixture
def mo(sign_in) -> FlaskClient:
    """The moderator's browser."""
    return sign_in("mo")


@pytest.fixture
def draft(database):
    """Return a draft by its number."""

    def draft(draft_id: int) -> queries.DraftView:
        with database.reading() as session:
            return queries.draft(session, draft_id)

    return draft


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def words_in(page: str, box: str = "text") -> str:
    """Return what stands in a text box, as a browser reads it."""
    found = re.search(rf'<textarea id="{box}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def revision_in(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def send(client: FlaskClient, address: str, page: str, **fields: str):
    """Send a form of a page the way a browser does: line ends as two characters."""
    text = fields.pop("text", None)
    if text is not None:
        fields["text"] = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return client.post(address, data={"csrf_token": token_in(page), **fields})


def start(client: FlaskClient, words: str) -> str:
    """Start a draft with the form and return the editor's address."""
    answer = send(client, "/reviews/scripts/new", client.get("/reviews/scripts/new").text, text=words)
    assert answer.status_code == 302
    return answer.location


def bring_in(client: FlaskClient, data: bytes):
    """Upload a file."""
    token = token_in(client.get("/reviews").text)
    return client.post(
        "/reviews/scripts/upload", data={"csrf_token": token, "file": (io.BytesIO(data), "script.md")}
    )


def publish(client: FlaskClient, editor: str, words: str):
    page = client.get(editor).text
    return send(
        client,
        f"{editor}/publish",
        page,
        text=words,
        revision=revision_in(page),
        pathway="eastmere-urgent-care",
    )


# --- everybody ------------------------------------------------------------------------------------------------


def test_the_library_leads_to_each_scenario_with_its_content_note(stranger):
    page = stranger.get("/scenarios").text

    assert 'href="/scenarios/two-doors"' in page
    assert page.index("Before you read:") > page.index("Two doors")


def test_a_scenario_shows_its_content_note_before_any_of_its_words(mo, stranger):
    publish(mo, start(mo, THE_GATE), THE_GATE)

    page = stranger.get("/scenarios/the-gate").text

    assert page.index("a man in despair") < page.index("Who is near?") < page.index("A lamp. A ewe.")
    assert "Leave quickly" in page
    assert "Help now" in page


def test_the_branching_is_told_in_a_nested_list_before_it_is_drawn(stranger):
    page = stranger.get("/scenarios/two-doors").text

    told = page[page.index('<ol class="thread ways">') : page.index('<svg class="map"')]
    assert told.count("<li id=") == 5
    assert re.search(r'Ann decides:.*?<ul>\s*<li><span class="letter">A</span>', told, re.DOTALL)
    assert '<a href="#at-hall"><bdi>2. The hall</bdi></a>' in told
    assert told.count("As it happened") == 2
    assert "3 scenes, 2 decisions, 2 endings" in page


def test_the_facilitators_notes_reach_nobody_but_those_who_run_or_check(stranger, sign_in):
    note = "PLANTED-FACILITATOR-NOTE"
    addresses = ["/scenarios", "/scenarios/two-doors", "/scenarios/two-doors.md", "/scenarios/two-doors.twee"]
    addresses += ["/api/v1/scenarios", "/api/v1/scenarios/two-doors"]

    for client in (stranger, sign_in("stu"), sign_in("cleo")):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200
            assert note not in answer.text
    for name in ("mo", "fay", "olu"):
        assert note in sign_in(name).get("/scenarios/two-doors.md").text
        assert note in sign_in(name).get("/scenarios/two-doors.twee").text


def test_the_text_can_be_taken_away_as_a_file(stranger):
    answer = stranger.get("/scenarios/two-doors.md")

    assert answer.content_type == "text/markdown; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="two-doors.md"'
    assert answer.text.startswith("---\nid: two-doors\n")


def test_what_is_not_published_is_not_found(stranger, mo):
    start(mo, spoilt("id: the-gate", "id: nowhere"))

    for address in ("/scenarios/nowhere", "/scenarios/nowhere.md", "/api/v1/scenarios/nowhere"):
        assert stranger.get(address).status_code == 404


def test_programs_read_scenes_decisions_and_responses(stranger):
    shelf = stranger.get("/api/v1/scenarios").json["scenarios"]
    scenario = stranger.get("/api/v1/scenarios/two-doors").json

    assert [(one["slug"], one["version"], one["question"]) for one in shelf] == [
        ("two-doors", 1, "Which door?")
    ]
    landing = scenario["scenes"][0]
    assert (landing["key"], landing["decision"]["key"]) == ("landing", "d1")
    assert landing["lines"][1] == {"n": 2, "kind": "speech", "who": "Ann", "text": "Hello?"}
    assert landing["decision"]["responses"][0] == {
        "key": "a",
        "label": "The left one",
        "leads_to": "hall",
        "helps": "it is near",
        "costs": "it sticks",
        "as_it_happened": True,
    }
    assert scenario["scenes"][1]["goes_on"] == "garden"
    assert (scenario["start"], scenario["paths"]) == ("landing", 5)


def test_a_program_is_told_in_json_what_is_not_there(stranger):
    answer = stranger.get("/api/v1/scenarios/nowhere")

    assert answer.json == {"ok": False, "code": "no_such_scenario", "message": "no such scenario"}


def test_hostile_words_are_words_on_every_page(mo, stranger):
    evil = "<script>alert(1)</script>"
    words = THE_GATE
    for place in (
        "a man in despair",
        "Who is near?",
        "her husband",
        "What does Gwen do?",
        "Walks to the top gate",
    ):
        words = spoilt(place, f"{place} {evil}", words)
    words = spoilt("A ewe.", f"A ewe. {evil}", spoilt("Straw", f"Straw {evil}", words))
    words = words.replace("The gate", f"The gate {evil}")
    editor = start(mo, words)

    assert publish(mo, editor, words).status_code == 302

    for client, address in [
        (stranger, "/scenarios"),
        (stranger, "/scenarios/the-gate"),
        (mo, "/reviews"),
        (mo, editor),
    ]:
        page = client.get(address).text
        assert "alert(1)" in page
        assert "<script>alert" not in page


# --- who may what ---------------------------------------------------------------------------------------------

WAYS_IN = [
    ("GET", "/reviews"),
    ("GET", "/reviews/scripts/new"),
    ("POST", "/reviews/scripts/new"),
    ("POST", "/reviews/scripts/upload"),
    ("GET", "/reviews/scripts/1"),
    ("POST", "/reviews/scripts/1"),
    ("POST", "/reviews/scripts/1/publish"),
    ("GET", "/reviews/scripts/1.md"),
    ("GET", "/reviews/scripts/1/earlier/1"),
    ("POST", "/reviews/scenarios/two-doors/edit"),
    ("GET", "/reviews/pathways/new"),
    ("POST", "/reviews/pathways/new"),
    ("POST", "/api/v1/drafts"),
    ("PUT", "/api/v1/drafts/1"),
]


def test_nobody_writes_or_publishes_without_the_duty(app, sign_in, mo, draft):
    start(mo, THE_GATE)
    app.config["WTF_CSRF_ENABLED"] = False

    for client in (app.test_client(), sign_in("stu"), sign_in("cleo")):
        for method, address in WAYS_IN:
            answer = client.open(address, method=method, data={"text": "spoilt", "revision": "1"})

            signed_out = answer.status_code == 302 and answer.location.startswith("/sign-in")
            assert answer.status_code == 403 or signed_out, f"{method} {address}"
    assert draft(1).text == THE_GATE


def test_a_form_without_its_token_changes_nothing(mo, draft):
    editor = start(mo, THE_GATE)

    assert mo.post(editor, data={"text": "spoilt", "revision": "1"}).status_code == 400
    assert mo.put("/api/v1/drafts/1", json={"text": "spoilt", "revision": 1}).status_code == 400
    assert draft(1).text == THE_GATE


# --- writing --------------------------------------------------------------------------------------------------


def test_a_moderator_writes_checks_and_publishes_without_any_script_in_the_browser(mo, stranger):
    wrong = spoilt("-> gate [as", "-> gaet [as")
    editor = start(mo, wrong)

    page = mo.get(editor).text
    line = line_of("- A) Walks", wrong)
    assert f'<a href="#line-{line}">Line {line}</a>' in page
    assert "Did you mean “gate”?" in unescape(page)
    assert f'<li id="line-{line}">- A) Walks to the top gate -&gt; gaet [as it happened]</li>' in page
    refused = publish(mo, editor, wrong)
    assert refused.status_code == 422
    assert stranger.get("/scenarios/the-gate").status_code == 404

    done = publish(mo, editor, THE_GATE)

    assert (done.status_code, done.location) == (302, "/scenarios/the-gate")
    assert "Published as version 1." in mo.get(done.location).text
    assert "The gate" in stranger.get("/scenarios").text


def test_a_new_script_begins_with_an_outline_that_has_nothing_to_fix_but_its_stage(mo):
    page = mo.get("/reviews/scripts/new").text

    assert words_in(page).startswith("---\nid: short-name\n")
    assert page.count('class="note bad"') - page.count("data-moved") == 1
    assert "one of: recognise, call-for-help" in page


def test_a_refused_publication_keeps_the_words(mo, draft):
    editor = start(mo, THE_GATE)
    wrong = spoilt("start: shed", "start: nowhere")

    answer = publish(mo, editor, wrong)

    assert answer.status_code == 422
    assert words_in(answer.text) == wrong
    assert draft(1).text == wrong


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_file_comes_out_as_it_was_brought_in_after_the_editor_published_it(mo, ends):
    for text in sample_texts():
        data = text.replace("\n", ends).encode()
        editor = bring_in(mo, data).location

        done = publish(mo, editor, words_in(mo.get(editor).text))

        assert done.status_code == 302
        assert mo.get(f"{done.location}.md").data == data
        assert mo.get(f"{editor}.md").data == data


def test_a_file_that_cannot_be_kept_is_refused_with_a_sentence(mo):
    files = {b"caf\xe9": "not text in UTF-8", b"\xff\xfea\x00": "not text in UTF-8"}
    files[b"a" * 200_001] = "200001 characters"

    for data, words in files.items():
        answer = bring_in(mo, data)
        assert answer.status_code == 422
        assert words in answer.text


def test_a_form_without_a_file_says_so(mo):
    answer = mo.post("/reviews/scripts/upload", data={"csrf_token": token_in(mo.get("/reviews").text)})

    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_two_writers_and_one_conflict_lose_nothing(mo, sign_in, draft):
    olu = sign_in("olu")
    editor = start(mo, "Once.")
    seen_by_both = olu.get(editor).text
    send(mo, editor, mo.get(editor).text, text="Mo's words.", revision="1")

    clash = send(olu, editor, seen_by_both, text="Olu's words.", revision="1")
    both = clash.text

    assert clash.status_code == 409
    assert words_in(both) == "Olu's words."
    assert words_in(both, "theirs") == "Mo's words."
    assert draft(1).text == "Mo's words."

    merged = send(olu, editor, both, text="Olu's words and Mo's.", revision=revision_in(both))

    assert merged.status_code == 302
    assert draft(1).text == "Olu's words and Mo's."
    page = mo.get(editor).text
    earlier = re.search(r'href="(/reviews/scripts/1/earlier/\d+)"', page)
    assert earlier
    assert words_in(mo.get(earlier[1]).text, "earlier") == "Mo's words."
    assert mo.get("/reviews/scripts/1/earlier/9").status_code == 404


def test_editing_a_published_scenario_makes_its_next_version(mo, stranger):
    page = mo.get("/reviews").text
    editor = send(mo, "/reviews/scenarios/two-doors/edit", page).location
    words = words_in(mo.get(editor).text)

    publish(mo, editor, words.replace("The left one", "The green one"))

    assert stranger.get("/api/v1/scenarios/two-doors").json["version"] == 2
    assert "The green one" in stranger.get("/scenarios/two-doors").text
    assert "PLANTED-FACILITATOR-NOTE" in words


def test_what_stops_a_second_publication_is_said(mo):
    editor = start(mo, THE_GATE)
    publish(mo, editor, THE_GATE)

    same = publish(mo, editor, THE_GATE)
    moved = publish(mo, editor, spoilt("id: the-gate", "id: the-door"))

    assert (same.status_code, moved.status_code) == (409, 409)
    assert "These are the words of the newest version already." in same.text
    assert "people have the link" in moved.text


def test_a_renderer_that_hangs_leaves_the_script_editable(mo, monkeypatch, draft):
    monkeypatch.setattr(markdown, "_WORKER", ["sleep", "60"])  # stopped after two seconds
    words = spoilt("A ewe.", "A ewe that nobody has rendered before.")
    editor = start(mo, words)

    answer = publish(mo, editor, words)

    assert answer.status_code == 422
    assert "took too long" in answer.text
    assert words_in(answer.text) == draft(1).text == words


def test_a_form_that_no_page_of_ours_sends_is_refused_calmly(mo):
    editor = start(mo, THE_GATE)
    page = mo.get(editor).text

    for revision in ("", "x", "-1", "1" * 30):
        assert send(mo, editor, page, text="a", revision=revision).status_code == 422


def test_what_is_being_written_and_what_is_published_stand_apart(mo):
    publish(mo, start(mo, THE_GATE), THE_GATE)
    start(
        mo, spoilt("The gate", "The unfinished one", THE_GATE.replace("# The gate", "# The unfinished one"))
    )

    page = mo.get("/reviews").text
    being_written = page[page.index("Being written") : page.index('id="published-h"')]

    assert "The unfinished one" in being_written
    assert "The gate" not in being_written


# --- with scripts ---------------------------------------------------------------------------------------------


@pytest.fixture
def autosave(mo):
    """Save as the editor's script does."""
    token = token_in(mo.get("/reviews/scripts/new").text)

    def autosave(address: str, body: object, *, method: str = "PUT"):
        return mo.open(address, method=method, json=body, headers={"X-CSRFToken": token})

    return autosave


def test_the_first_autosave_makes_the_draft_and_the_next_ones_keep_it(autosave, draft):
    begun = autosave("/api/v1/drafts", {"text": THE_GATE, "revision": 0}, method="POST")
    saved = autosave(begun.json["address"], {"text": f"{THE_GATE}more", "revision": 1})

    assert (begun.status_code, begun.json["page"]) == (201, "/reviews/scripts/1")
    assert (saved.status_code, saved.json["revision"]) == (200, 2)
    assert draft(1).text == f"{THE_GATE}more"


def test_an_autosave_answers_problems_and_how_it_will_look(autosave):
    wrong = spoilt("-> gate [as", "-> gaet [as", spoilt("  - helps: sleep\n", ""))

    answer = autosave("/api/v1/drafts", {"text": wrong, "revision": 0}, method="POST").json

    assert answer["summary"] == "2 things to fix, 1 to think about"
    assert [(problem["code"], problem["severity"]) for problem in answer["problems"]] == [
        ("unknown_target", "error"),
        ("unreachable", "error"),
        ("missing_helps", "warning"),
    ]
    assert answer["problems"][0]["nearest"] == "gate"
    assert answer["places"][0]["question"] == "What does Gwen do?"
    assert answer["places"][0]["line"] == line_of("## Scene shed", wrong)


def test_an_autosave_upon_older_words_answers_the_newer_ones_and_changes_nothing(autosave, draft):
    address = autosave("/api/v1/drafts", {"text": "One.", "revision": 0}, method="POST").json["address"]
    autosave(address, {"text": "Two.", "revision": 1})

    late = autosave(address, {"text": "Three.", "revision": 1})

    assert (late.status_code, late.json["code"]) == (409, "draft_moved")
    assert late.json["theirs"] == {"text": "Two.", "revision": 2, "name": "Mo"}
    assert draft(1).text == "Two."


def test_an_autosave_of_another_shape_is_refused(autosave):
    shapes = [None, [], "text", {}, {"text": 1, "revision": 1}, {"text": "a"}]
    shapes += [{"text": "a", "revision": True}, {"text": "a", "revision": "1"}]

    for body in shapes:
        answer = autosave("/api/v1/drafts", body, method="POST")
        assert (answer.status_code, answer.json["code"]) == (422, "bad_message")


# --- pathways -------------------------------------------------------------------------------------------------


def test_a_moderator_founds_a_pathway_and_scripts_can_name_its_stages(mo, database):
    page = mo.get("/reviews/pathways/new").text
    done = send(
        mo,
        "/reviews/pathways/new",
        page,
        title="Night care",
        question="Who comes?",
        decision_statement="The board decides in May.",
        stages="calling: Somebody calls\nGoing home",
    )

    assert done.location == "/reviews"
    with database.reading() as session:
        founded = queries.pathway(session, "night-care")
    assert founded is not None
    assert [(stage.key, stage.title) for stage in founded.stages] == [
        ("calling", "Somebody calls"),
        ("going-home", "Going home"),
    ]


def test_a_pathway_without_a_decision_keeps_what_was_typed(mo):
    page = mo.get("/reviews/pathways/new").text

    answer = send(
        mo, "/reviews/pathways/new", page, title="Night care", decision_statement=" ", stages="a: A"
    )

    assert answer.status_code == 422
    assert 'value="Night care"' in answer.text
    assert words_in(answer.text, "stages") == "a: A"


def test_twee_that_is_brought_in_becomes_a_script_to_be_finished(mo, draft):
    twee = b":: StoryTitle\nThe ferry\n\n:: Start\nPier. [[Wait->Rain]] [[Go->Home]]\n:: Rain\nRain.\n:: Home\nWarm.\n"
    token = token_in(mo.get("/reviews").text)

    done = mo.post(
        "/reviews/scripts/upload", data={"csrf_token": token, "file": (io.BytesIO(twee), "ferry.twee")}
    )

    kept = draft(int(done.location.rpartition("/")[2]))
    assert kept.title == "The ferry"
    assert "- B) Go -> Home" in kept.text
    assert "as it happened" in mo.get(done.location).text
