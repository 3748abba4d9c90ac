"""A thousand ways to slip a program into words, in every field, on every page: nothing of it is live."""

from html.parser import HTMLParser
from itertools import product

import pytest

from scenario_app.kernel.tokens import new_secret
from scenarios.rendering import render_script
from scenarios.script.script import Script
from scenarios.service import publish_scenario, start_draft
from scenarios.stories.rules import LONGEST_ANSWER, Use
from scenarios.stories.telling import begin_story, save_answers, say_consent, send_story
from scenarios.together.rules import Sense
from scenarios.together.sense_checking import judge_line, say_sense, unread_lines
from scenarios.together.suggesting import suggest_words
from scenarios.together.writing import accept_invitation, invite_co_writer
from tests.application import client_of, make_app
from tests.makers import PATHWAY, SHORT_SCRIPT, make_town

INNER = (
    "<script>pwn()</script>",
    "<img src=x onerror=pwn()>",
    "<svg onload=pwn()>",
    "<a href=javascript:pwn()>x</a>",
    "<iframe src=javascript:pwn()>",
    "<body onload=pwn()>",
    "<pwn-tag onclick=pwn()>",
    "<math><a xlink:href=javascript:pwn()>",
    "[x](javascript:pwn())",
    "![x](javascript:pwn())",
    "<javascript:pwn()>",
    "[x]: javascript:pwn()",
    "<style>*{background:url(javascript:pwn())}</style>",
    "<object data=javascript:pwn()>",
    "<form action=javascript:pwn()><button>",
    "<meta http-equiv=refresh content='0;javascript:pwn()'>",
    "<base href=//pwn.example/>",
    "<details open ontoggle=pwn()>",
    "<input autofocus onfocus=pwn()>",
    "&lt;script&gt;pwn()&lt;/script&gt;",
    "${pwn()}",
    "{{ pwn() }}",
    "{% pwn %}",
    "<![CDATA[<script>pwn()</script>]]>",
    "<!--><script>pwn()</script>-->",
)
BEFORE = ("", '"', "'", '">', "'>", "</textarea>", "</script>", "</title>", "-->", "`")
AFTER = ("", "<!--", "\u202e", '" x="')
PAYLOADS = [f"{before}{inner}{after}" for before, inner, after in product(BEFORE, INNER, AFTER)]


class Live(HTMLParser):
    """Collects what a browser would run, or fetch from somewhere else."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if "pwn" in tag or tag in {"iframe", "object", "embed", "base", "math", "style"}:
            self.found.append(f"<{tag}>")
        ours = (values.get("src") or "").startswith("/static/") or values.get("type") == "application/json"
        if tag == "script" and not ours:
            self.found.append(f"<script {values}>")
        for name, value in attrs:
            plain = "".join((value or "").split()).lower()
            if name.startswith("on") or "pwn" in name or name in {"style", "srcdoc", "xlink:href"}:
                self.found.append(f"{tag} {name}={value}")
            if name in {"href", "src", "action", "formaction", "data"} and plain.startswith(
                ("javascript:", "data:text", "vbscript:", "//pwn")
            ):
                self.found.append(f"{tag} {name}={value}")


def live_in(page: str) -> list[str]:
    parser = Live()
    parser.feed(page)
    parser.close()
    return parser.found


def filled(longest: int) -> list[str]:
    """Return all payloads in as few texts as they need."""
    texts, text = [], ""
    for payload in PAYLOADS:
        if len(text) + len(payload) + 1 > longest:
            texts.append(text)
            text = ""
        text += payload + "\n"
    return [*texts, text]


def test_the_parser_of_this_test_sees_what_is_live():
    assert len(PAYLOADS) == 1000
    for bad in ("<script>x</script>", "<p onclick=x>", "<a href=' java\nscript:x'>", "<iframe>", "<x-pwn>"):
        assert live_in(bad), bad
    assert live_in('<script type="module" src="/static/x.js"></script><p>&lt;script&gt;</p>') == []


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


def a_story(town, clock, code: str, key: str) -> int:
    texts = filled(LONGEST_ANSWER - 10)
    questions = (
        "first",
        "people",
        "then",
        "moment",
        "one",
        "one_helps",
        "one_costs",
        "other",
        "ended",
        "notes",
    )
    assert len(texts) <= len(questions)
    with town.database.transaction() as session:
        story = begin_story(session, code=code, key=key, language="en", pathway_id=None, now=clock())
        save_answers(
            session, story_id=story.id, answers=dict(zip(questions, texts, strict=False)), now=clock()
        )
        send_story(session, story_id=story.id, now=clock())
        say_consent(
            session,
            story_id=story.id,
            uses=dict.fromkeys(Use, True),
            wording=dict.fromkeys(Use, PAYLOADS[0]),
            language="en",
            now=clock(),
        )
    return story.id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_that_a_teller_types_is_live_on_any_page(town, config, clock):
    app = make_app(config, town.database, clock)
    ada, mo = client_of(app, None), client_of(app, town.account("mo"))
    code = "acorn kettle heron lamp mint otter"
    story_id = a_story(town, clock, code, config.secret_key)
    ada.post("/stories/return", data={"words": code})

    pages = {"mine": ada.get("/stories/mine").text}
    for path in ("/reviews/stories", f"/reviews/stories/{story_id}", "/moderation-log"):
        pages[path] = mo.get(path).text

    assert {path: live_in(page) for path, page in pages.items() if live_in(page)} == {}
    assert "pwn()" in pages["mine"]
    assert "pwn()" in pages[f"/reviews/stories/{story_id}"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_that_writers_and_readers_type_is_live_on_any_page(town, config, clock):
    app = make_app(config, town.database, clock)
    mo, reader = client_of(app, town.account("mo")), client_of(app, None)
    with town.database.transaction() as session:
        text = SHORT_SCRIPT + "\n" + "\n\n".join(PAYLOADS)
        draft_id = start_draft(session, text=text, account_id=town.account("mo").id, now=clock()).id
        for number, payload in enumerate(PAYLOADS[::25]):
            token = invite_co_writer(
                session, draft_id=draft_id, note=payload, account_id=1, now=clock(), key="k"
            )
            if number % 2:
                accept_invitation(
                    session,
                    token=token,
                    name=payload,
                    credit=payload,
                    words=new_secret(),
                    key="k",
                    now=clock(),
                )
        for words in filled(7_000):
            suggest_words(
                session,
                draft_id=draft_id,
                passage="It is dark.",
                instead=words,
                why=words,
                account_id=1,
                now=clock(),
            )
        for words in filled(7_000):
            say_sense(
                session,
                slug="two-doors",
                browser_hash=new_secret().encode(),
                verdict=Sense.HERE,
                why=words,
                now=clock(),
            )
        for line in unread_lines(session)[::2]:
            judge_line(session, sense_check_id=line.id, why=line.why, show=True, account_id=1, now=clock())
    at = f"/reviews/scripts/{draft_id}"
    mo.post(at, data={"text": text.replace("It is dark", "It is late"), "revision": 1})

    pages = {
        path: mo.get(path).text
        for path in (
            *(f"{at}{page}" for page in ("", "/people", "/history", "/suggestions", "/stories", "/form")),
            *("/reviews", "/reviews/sense-checks"),
        )
    }
    pages["scenario"] = reader.get("/scenarios/two-doors").text

    assert {path: live_in(page) for path, page in pages.items() if live_in(page)} == {}
    for path in (at, f"{at}/people", f"{at}/suggestions", "/reviews/sense-checks", "scenario"):
        assert "pwn()" in pages[path], path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_in_a_published_script_is_live_on_any_page(town, config, clock):
    reader = client_of(make_app(config, town.database, clock), None)
    for calm in (PAYLOADS[start::5] for start in range(5)):  # the renderer takes no more marks at once
        hostile = [payload.replace("\u202e", " ") for payload in calm]
        text = (
            SHORT_SCRIPT.replace("id: two-doors", "id: hostile")
            .replace("title: Two doors", f"title: {hostile[0]}\nsetting: {hostile[2]}")
            .replace("It is dark.", "\n\n".join(hostile))
            .replace("Neither ->", f"{hostile[3].replace('->', '')} ->")
            .replace("nobody is woken", hostile[4])
        )
        with town.database.transaction() as session:
            publish_scenario(
                session,
                rendered=render_script(Script.parse(text)),
                pathway_slug=PATHWAY,
                account_id=town.account("mo").id,
                now=clock(),
            )

        pages = {
            path: reader.get(path).text
            for path in ("/scenarios", "/scenarios/hostile", "/scenarios/hostile/play")
        }

        assert {path: live_in(page) for path, page in pages.items() if live_in(page)} == {}
        assert "pwn()" in pages["/scenarios/hostile"]
