"""Long after an evening: what is late is public, who decides answers, a moderator checks, the teller follows it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from scenario_app.kernel.clock import utc_now
from tests.browser.conftest import Look
from tests.conftest import TestClock
from tests.evidence.aftermath import CODE, make_aftermath

pytestmark = pytest.mark.browser
# A day more where it is tomorrow already.
LATE = re.compile(r"Late by 1(09|10) days")


@pytest.fixture
def evening(running):
    """An evening that was two hundred days ago."""
    clock = TestClock()
    # At noon, so that what follows is the same day also when tests run close to midnight.
    clock.moment = utc_now().replace(hour=12) - timedelta(days=200)
    return make_aftermath(running[0], clock)


def in_words(page: Page, language: str, look: Look) -> None:
    page.goto(f"{look.server.url}/language/{language}?back=/changes")


def test_a_promise_is_kept_late_and_the_writer_follows_their_story_to_it(look: Look, evening):
    site = look.server.url
    anybody = look.page("phone")
    anybody.goto(f"{site}/")
    anybody.click("text=See every promise")
    expect(anybody.locator("article").first).to_contain_text(LATE)
    expect(anybody.locator("article").first).to_contain_text("Bench by the door")
    look.check(anybody, "what-changed")
    in_words(anybody, "ar", look)
    look.check(anybody, "what-changed-arabic")

    cleo = look.page("laptop")
    look.sign_in(cleo, "cleo")
    cleo.click("text=Answers and promises")
    look.check(cleo, "answers-and-promises")
    cleo.click("text=Answer it: Bus at night")
    cleo.click("text=Nothing is changed, because")
    cleo.fill("#because", "There is no driver.")
    look.check(cleo, "answer-a-proposal")
    cleo.click("main form .btn")
    cleo.click("text=Say what became of it: Bench by the door")
    cleo.check("#status-done")
    cleo.fill("#evidence_url", "not an address")
    cleo.evaluate("document.querySelector('main form').noValidate = true")
    cleo.fill("#words", "It stands by the door.")
    cleo.click("main form .btn")
    expect(cleo.locator("[role=alert]")).to_contain_text("https://")
    expect(cleo.locator("#words")).to_have_value("It stands by the door.")
    look.check(cleo, "what-became-of-a-promise")
    cleo.fill("#evidence_url", "")
    cleo.click("main form .btn")
    expect(cleo.locator("[role=status]")).to_contain_text("A moderator checks it")
    in_words(anybody, "en", look)
    expect(anybody.locator("article").first).to_contain_text(LATE)

    mo = look.page("laptop")
    look.sign_in(mo, "mo")
    mo.click("text=Claims to check")
    mo.fill("main textarea", "We sat on it.")
    look.check(mo, "claims-to-check")
    mo.click("text=Show it")
    anybody.goto(f"{site}/changes?state=done")
    expect(anybody.locator("article")).to_contain_text("How we checked: We sat on it.")

    ada = look.page("phone")
    ada.goto(f"{site}/stories/return")
    ada.fill("[name=words]", CODE)
    ada.click("main form button.btn")
    expect(ada.locator("section:has(#came-h)")).to_contain_text("It stands by the door.")
    look.check(ada, "what-came-of-my-story")
    ada.click("text=The whole way, step by step")
    look.check(ada, "chain-story")
    ada.click("ol.chain >> text=Change:")
    expect(ada.locator("h1")).to_contain_text("It stands by the door.")
    look.check(ada, "chain-change")
    ada.click("section:has(#from-h) >> text=Bench by the door")
    ada.click("section:has(#from-h) >> text=Proposal")
    expect(ada.locator("section:has(#from-h)")).to_contain_text("She knocked again.")
    in_words(ada, "ar", look)
    ada.go_back()
    ada.reload()
    look.check(ada, "chain-proposal-arabic")
