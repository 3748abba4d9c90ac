"""What holds on every page: one h1, a title, a language, a direction, no id twice, the security headers."""

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import event

from tests.application import client_of, make_app
from tests.makers import make_floor, make_town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Outline(HTMLParser):
    """What a page consists of, as far as it must hold everywhere. Templates are not yet part of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        if tag == "template":
            self.depth += 1
        if self.depth:
            return
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a template."""
        if tag == "template":
            self.depth -= 1


@pytest.fixture
def app(database, config, clock):
    app = make_app(config, database, clock)
    app.extensions["town"] = make_town(database, config, now=clock())
    return app


@pytest.fixture
def addresses(app, clock):
    """Every page there is, with who looks at it."""
    town = app.extensions["town"]
    floor = make_floor(town, now=clock(), slug="an-evening")
    floor.start()
    section = floor.section
    public = [
        "/",
        "/about",
        "/help-now",
        "/privacy",
        "/accessibility",
        "/moderation-log",
        "/sign-in",
        "/sign-in/code",
        "/scenarios",
    ]
    public += [
        "/scenarios/two-doors",
        "/events",
        "/events/an-evening",
        "/join",
        f"/join/{section.code}",
        "/evidence",
        "/changes",
        "/chain/version/two-doors-v1",
        "/evidence/across",
        "/evidence/verify",
        "/evidence/receipt",
        *("/stories/new", "/stories/new/who", "/stories/new/first", "/stories/new/check", "/stories/return"),
    ]
    public += ["/nowhere", f"/screen/{section.code}?key={section.screen_key}", "/join?code=zzzzzz"]
    return [
        *((None, path) for path in public),
        *(
            ("fay", path)
            for path in (
                "/desk",
                "/desk/events/new",
                "/desk/events/an-evening",
                f"/desk/sections/{section.code}",
            )
        ),
        *(("mo", path) for path in ("/reviews", "/reviews/scripts/new", "/reviews/pathways/new")),
        *(("mo", path) for path in ("/reviews/stories", "/reviews/danger-words")),
        ("stella", "/evidence/publish"),
        ("cleo", "/evidence/answers"),
        ("mo", "/reviews/claims"),
    ]


def fetch(app, who, path):
    account = app.extensions["town"].people[who] if who else None
    return client_of(app, account).get(path)


def test_every_page_has_one_heading_a_title_a_language_and_no_id_twice(app, addresses):
    for who, path in addresses:
        answer = fetch(app, who, path)
        page = Outline()
        page.feed(answer.text)
        assert answer.status_code in (200, 404), (path, answer.status_code)
        assert re.search(r"<title>\s*\S", answer.text), path
        assert ("html", "lang", "en") in page.attributes, path
        assert ("html", "dir", "ltr") in page.attributes, path
        assert len(page.ids) == len(set(page.ids)), (path, sorted(page.ids))
        if "/screen/" not in path and "/at/" not in path:
            assert page.tags.count("h1") == 1, (path, page.tags.count("h1"))
        assert not [a for a in page.attributes if a[1] == "style" or a[1].startswith("on")], path


def test_every_answer_has_the_security_headers(app, addresses):
    static = re.search(r'"(/static/[^"]+site\.css)"', fetch(app, None, "/").text).group(1)
    others = [
        (None, path) for path in (static, "/api/v1/events", "/socket.io/?EIO=4&transport=polling", "/healthz")
    ]
    for who, path in [*addresses, *others]:
        with fetch(app, who, path) as answer:
            headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "ws://localhost" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        kept = (
            "immutable" in headers["Cache-Control"]
            if path == static
            else headers["Cache-Control"] in ("no-store", "no-cache")
        )
        assert kept, (path, headers["Cache-Control"])
        assert "Strict-Transport-Security" not in headers, path


def test_over_tls_browsers_are_told_to_stay_there(app):
    answer = client_of(app).get("/", base_url="https://localhost")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "wss://localhost" in answer.headers["Content-Security-Policy"]


def test_every_public_page_has_help_and_a_way_to_leave_quickly(app, addresses):
    for who, path in addresses:
        if who is None and "/screen/" not in path:
            text = fetch(app, who, path).text
            # a teller's page has the numbers in itself: a network may be far away
            in_itself = 'href="#help"' in text and 'id="help"' in text
            assert 'href="/help-now"' in text or in_itself, path
            assert "data-leave" in text, path


def test_help_now_asks_the_database_nothing(app, database):
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    assert client_of(app).get("/help-now").status_code == 200

    assert asked == []


def test_no_page_asks_the_database_too_often(app, addresses, database):
    for who, path in addresses:
        asked: list[str] = []
        listener = lambda *args, asked=asked: asked.append(args[2])  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        fetch(app, who, path)
        event.remove(database.engine, "before_cursor_execute", listener)
        # A desk shows everything there is of its section; the others show one thing.
        most = 64 if path.startswith("/desk/sections/") else 40
        assert len(asked) <= most, (path, len(asked))
