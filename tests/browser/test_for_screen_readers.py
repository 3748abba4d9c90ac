"""For people who hear the page, and people who have only a keyboard: the same words, once, and no mouse anywhere."""

import re

import pytest
from playwright.sync_api import Page, expect

from live import messages
from scenario_app.kernel.clock import utc_now
from tests.browser.conftest import Look
from tests.browser.test_form_view import tab_to
from tests.halls import Hall, prepare
from tests.makers import Floor, make_floor
from tests.real_servers import serving

pytestmark = pytest.mark.browser

# The words that somebody who looks at the page sees in it, piece by piece. A picture's words are said in another way.
SEEN = """() => {
  const words = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element.closest("script, template, option, [aria-hidden=true]") || !element.checkVisibility()) continue;
    if (node.data.trim()) words.push(node.data.trim().replace(/\\s+/g, " "));
  }
  return words;
}"""

# What a screen reader is told, in the order it is told.
LISTEN = """() => {
  window.told = [];
  const region = document.querySelector("[data-announce]");
  new MutationObserver(() => window.told.push(region.textContent))
    .observe(region, { childList: true, characterData: true, subtree: true });
}"""

FOCUS = """() => {
  const it = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(it);
  const box = it.getBoundingClientRect();
  return {
    within: Boolean(it.closest("main")),
    marked: it.matches(":focus-visible") && outlineStyle === "solid" && parseFloat(outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < window.innerHeight,
  };
}"""


@pytest.fixture(scope="module")
def running(tmp_path_factory, migrated_sqlite):
    """One server for all of these, with another room beside in which people vote."""
    data_dir = tmp_path_factory.mktemp("heard") / "data"
    town = prepare(data_dir, migrated_sqlite)
    noise = make_floor(town, now=utc_now(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    with serving(data_dir) as server:
        yield town, server
    town.database.close()


def come_in(look: Look, phone: Page, floor: Floor) -> None:
    """Join as a carer; both pages of the door say what they show."""
    phone.goto(f"{look.server.url}/join")
    reads(look, phone, "read-join", 'textbox "Type the six letters and numbers on the screen"')
    phone.fill("#code", floor.section.code)
    phone.click("main button")
    reads(look, phone, "read-role", 'radio "I care for somebody"', 'radio "I would rather not say"')
    phone.check("input[name=role][value=carer]")
    phone.click("main form button")
    expect(phone.locator("[data-link]")).to_have_text("Connected")


def reads(look: Look, page: Page, name: str, *said: str) -> None:
    """What is read aloud holds all that is seen, and these very words; and the page breaks no rule of access."""
    heard = re.sub(r"\s+", " ", page.locator("main").aria_snapshot()).replace('\\"', '"')
    for words in page.evaluate(SEEN):
        assert words.strip(" .:,") in heard, f"{name}: “{words}” is seen and not heard in: {heard}"
    for words in said:
        assert words in heard, f"{name}: “{words}” is not in: {heard}"
    look.check(page, name)


def test_what_is_read_aloud_holds_every_word_that_is_seen(look: Look, running):
    floor = make_floor(running[0], now=utc_now(), slug="read-aloud")
    floor.start()
    phone = look.page("phone")
    come_in(look, phone, floor)
    reads(look, phone, "read-watching", "heading", "The landing")

    floor.open_round()
    phone.reload()
    reads(
        look,
        phone,
        "read-deciding",
        "Which door does Ann try?",
        'radio "A. The left one Helps: it is near Costs: it sticks"',
        'radio "B. The right one Helps: it is open Costs: it is cold"',
        'radio "C. Neither Helps: nobody is woken Costs: nobody comes"',
    )
    phone.check("input[value=b]", force=True)
    phone.click("button:has-text('Send my vote: B')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    receipt = phone.locator("[data-view=counted] [data-f='mine.receipt']").inner_text()
    reads(look, phone, "read-counted", "B. The right one", receipt, "Which door does Ann try?")

    floor.vote(a=2, b=5)
    phone.reload()
    result = 'row "B. The right one Your vote 6'
    reads(
        look,
        phone,
        "read-revealed",
        "Which door does Ann try? The room chose B",
        result,
        "Votes from phones: 8",
    )

    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    phone.reload()
    expect(phone.locator("[data-link]")).to_have_text("Connected")
    phone.locator("[data-stop]").click()
    reads(look, phone, "read-stopping", 'button "Ann: Hello?"', 'button "Here and now"')
    phone.click("button:has-text('Hello?')")
    expect(phone.locator("h1:visible")).to_have_text("Your hand is up")
    reads(look, phone, "read-hand-up", "Hello?", "status: You are next.")


def press(desk: Page, action: str, key: str) -> None:
    """Get to a button with Tab alone and press it; the focus stays on the page, marked, where one can see it."""
    seq = desk.locator("input[name=expects]").first.input_value()
    tab_to(desk, f"form[data-action={action}] button")
    assert desk.evaluate(FOCUS) == {"within": True, "marked": True, "seen": True}, action
    desk.keyboard.press(key)
    desk.wait_for_function(
        "seq => document.querySelector('input[name=expects]').value !== seq",
        arg=seq,
    )
    assert desk.evaluate(FOCUS) == {"within": True, "marked": True, "seen": True}, f"after {action}"


def told(page: Page) -> list[str]:
    return list(page.evaluate("() => window.told"))


def test_a_keyboard_alone_runs_a_decision_and_every_change_is_said_once(look: Look, running):
    town, server = running
    floor = make_floor(town, now=utc_now(), slug="by-keyboard")
    hall = Hall(server, floor.section.code)
    desk, phone = look.page("laptop"), look.page("phone")
    look.sign_in(desk, "fay")
    desk.goto(f"{server.url}/desk/sections/{hall.code}")
    expect(desk.locator("[data-link]")).to_have_text("Connected")
    desk.evaluate(LISTEN)

    press(desk, "set_door", "Enter")
    come_in(look, phone, floor)
    phone.evaluate(LISTEN)
    press(desk, "start_performance", "Space")
    press(desk, "open_round", "Enter")
    look.check(desk, "keyboard-desk-voting")
    expect(phone.locator("h1:visible")).to_contain_text("Which door does Ann try?")
    tab_to(phone, "input[name=response]")
    phone.keyboard.press("ArrowDown")
    tab_to(phone, "[data-dock] [data-show=deciding]")
    phone.keyboard.press("Enter")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    receipt = phone.locator("[data-view=counted] [data-f='mine.receipt']").inner_text()
    press(desk, "close_round", "Enter")
    expect(phone.locator("h1:visible")).to_contain_text("Voting has closed")
    press(desk, "reveal", "Space")
    expect(phone.locator("h1:visible")).to_contain_text("The room chose B")
    look.check(desk, "keyboard-desk-revealed")
    press(desk, "take_branch", "Enter")

    expect(phone.locator("h1:visible")).to_contain_text("The garden")
    assert floor.section.current.scene == "garden"
    assert told(phone) == [
        "Now playing: The landing",
        "Voting is open: Which door does Ann try?",
        "Sending your vote",
        f"Your vote is counted, receipt {receipt}",
        "Voting has closed",
        "The result is here B. The right one",
        "Now playing: The garden",
    ]
    said = told(desk)
    assert len(said) == len(set(said)) == 6, said
