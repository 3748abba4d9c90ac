"""A moderator makes a story safe in a real browser."""

import pytest
from playwright.sync_api import expect

from scenario_app.kernel.clock import utc_now
from tests.browser.conftest import Look
from tests.scenarios.test_reviewing import tell

pytestmark = pytest.mark.browser
ANSWERS = {
    "when": "Last winter",
    "first": "My brother had stopped sleeping. He had been under Larch Ward until Dr Hallam left. "
    "On the Sunday I rang 999 from the landing at 14 Quay Street.",
    "then": "They parked by the Co-op with the lights on. My nephew Idris, who is nine, counted them.",
    "notes": "If you want to ask me about it: 07700 900461.",
}


def test_a_moderator_takes_out_what_shows_who_somebody_is(look: Look, running):
    town, _server = running
    with town.database.transaction() as session:
        tell(session, "urgent", utc_now(), answers={"first": "I want to die."})
        found = tell(session, "the one", utc_now(), answers=ANSWERS)
    page = look.page("laptop")
    look.sign_in(page, "mo")
    page.goto(f"{look.server.url}/reviews/stories")
    expect(page.locator("main .note.bad")).to_contain_text("Somebody may be in danger now")
    look.check(page, "stories-queue")

    page.click(f"text=Story {found}")
    expect(page.locator("article mark")).to_have_count(6)
    look.check(page, "story-review")
    for number in (1, 2):
        page.check(f"[name=take][value='{number}']")
    page.evaluate(
        """() => {
          const text = document.querySelectorAll("[data-words] .said")[2].firstChild;
          const at = text.data.indexOf("by the Co-op");
          document.getSelection().setBaseAndExtent(text, at, text, at + 12);
          document.querySelector("[data-words]").dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
        }"""
    )
    expect(page.locator("[name=words-0]")).to_have_value("by the Co-op")
    page.fill("[name=words-instead-0]", "by a shop")
    page.click("text=Take these out")

    expect(page.locator("[data-words]")).to_contain_text("They parked by a shop with the lights on.")
    expect(page.locator("dl.sum del").first).to_be_visible()
    page.click("text=Approve these words")
    expect(page.locator("h1")).to_contain_text("Approved")
    look.check(page, "story-approved")

    narrow = look.page("phone", storage_state=page.context.storage_state())
    narrow.set_viewport_size({"width": 320, "height": 700})
    narrow.goto(page.url)
    look.check(narrow, "story-review-narrow")
    narrow.goto(f"{look.server.url}/reviews/danger-words")
    look.check(narrow, "danger-words")
    narrow.goto(f"{look.server.url}/moderation-log")
    look.check(narrow, "moderation-log")
