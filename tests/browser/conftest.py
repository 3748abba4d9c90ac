"""A real Chromium, the real server, and pages that are looked at as people see them."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.halls import prepare
from tests.makers import Town
from tests.real_servers import HERE, Server, serving

# The few that the README shows are kept in the project; all others are for looking at.
SHOWN = {"phone-deciding", "screen-second-round", "desk-voting", "evidence-pack", "scenario", "phone-arabic"}
# What is done is seen within two seconds; a busy machine is given more.
PATIENCE_MS = 20_000
SIZES = {"phone": (360, 780), "laptop": (1280, 860), "screen": (1920, 1080)}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make shots`: keep the pictures."""
    parser.addoption("--shots", action="store_true", help="keep pictures of the journeys in var/shots")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, or the one that Playwright keeps.

    Not for the whole session: Playwright keeps a loop running, in which no other test can run one of its own.
    """
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in names if (path := shutil.which(name))), None)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        yield browser
        browser.close()


def caught_up(desk: Page, seq: int) -> None:
    """Wait until a desk shows the cue that stands: a press on an older one is refused, as it should be."""
    expect(desk.locator("main input[name=expects]").first).to_have_value(str(seq))


@dataclass
class Look:
    """Opens pages of one kind of person, checks each for accessibility, and keeps pictures when asked."""

    browser: Browser
    server: Server
    keep: Path | None
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def page(self, kind: str, **options: object) -> Page:
        """Open a page of its own person: `phone`, `laptop` or `screen`."""
        width, height = SIZES[kind]
        context = self.browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._heard(page, said.type, said.text))
        return page

    def sign_in(self, page: Page, name: str) -> None:
        """Sign in as one of the cast, with a code from the command line."""
        email = f"{name}@eastmere.example"
        code = json.loads(self.server.run("account", "code", email, "--json").stdout)["code"]
        page.goto(f"{self.server.url}/sign-in/code")
        page.fill("#email", email)
        page.fill("#code", code)
        page.click("main button.btn")
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def check(self, page: Page, name: str) -> None:
        """Fail on any accessibility violation of the page as it is now, and on words that run off its side."""
        results = Axe().run(page, options={"resultTypes": ["violations"]})
        assert results.violations_count == 0, f"{name}: {results.generate_report()}"
        too_wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, f"{name}: {too_wide} pixels wider than the window"
        self.shot(page, name)

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture, when pictures are asked for."""
        if self.keep is not None:
            folder = HERE / "docs" / "screenshots" if name in SHOWN else self.keep
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.png")

    def _heard(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text and "WebSocket" not in text:
            self.complaints.append(f"{page.url}: {text}")

    def close(self) -> None:
        """Close every page; fail on anything that a script complained of."""
        for context in self.contexts:
            context.close()
        assert self.complaints == []


@pytest.fixture
def running(tmp_path: Path, migrated_sqlite: Path) -> Iterator[tuple[Town, Server]]:
    """A server with the cast and one short scenario."""
    data_dir = tmp_path / "data"
    town = prepare(data_dir, migrated_sqlite)
    with serving(data_dir, SITE_NAME="Eastmere Together") as server:
        yield town, server
    town.database.close()


@pytest.fixture
def look(request: pytest.FixtureRequest, chromium: Browser, running: tuple[Town, Server]) -> Iterator[Look]:
    """Eyes on the running server."""
    keep = HERE / "var" / "shots" if request.config.getoption("--shots") else None
    found = Look(chromium, running[1], keep)
    yield found
    found.close()
