"""Arabic: pages run from right to left, while the words of an English script keep their own direction."""

import pytest
from playwright.sync_api import Page, expect

from evidence.service import publish_pack
from live import messages
from scenario_app.kernel.clock import utc_now
from tests.browser.conftest import Look
from tests.browser.test_phone import come_in
from tests.makers import Floor, make_floor

pytestmark = pytest.mark.browser


@pytest.fixture
def floor(running) -> Floor:
    """A section with an open door, its play begun."""
    town, _server = running
    floor = make_floor(town, now=utc_now())
    floor.start()
    return floor


def says_and_runs(page: Page, heading: str) -> None:
    """The page is Arabic, runs right to left, and its heading says this."""
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("h1:visible")).to_contain_text(heading)


def runs_as_english(page: Page, words: str) -> None:
    """These words of a script say that they are English, and start at their left."""
    found = page.locator(f"[lang=en]:visible:has-text('{words}')").last
    expect(found).to_have_css("direction", "ltr")


def test_a_phone_in_arabic_keeps_the_words_of_the_play_in_their_own_direction(look: Look, floor: Floor):
    phone = look.page("phone", locale="ar")
    phone.goto(f"{look.server.url}/join")
    says_and_runs(phone, "اكتب الحروف والأرقام الستة")
    look.check(phone, "arabic-join")
    phone.goto(f"{look.server.url}/join/{floor.section.code}")
    says_and_runs(phone, "ما صلتك بالموضوع اليوم؟")
    look.check(phone, "arabic-role")
    come_in(look, phone, floor)
    runs_as_english(phone, "The landing")
    phone.click("summary:visible")
    runs_as_english(phone, "Hello?")
    look.check(phone, "arabic-phone-watching")
    floor.open_round()
    runs_as_english(phone, "Which door does Ann try?")
    runs_as_english(phone, "The left one")

    floor.vote(a=3, b=6)

    says_and_runs(phone, "اختارت القاعة B")
    runs_as_english(phone, "The right one")
    look.check(phone, "arabic-phone-revealed")


def test_the_screen_in_arabic_keeps_the_words_of_the_play_in_their_own_direction(look: Look, floor: Floor):
    screen = look.page("screen", locale="ar")
    screen.goto(f"{look.server.url}/screen/{floor.section.code}?key={floor.section.screen_key}")
    runs_as_english(screen, "Hello?")
    look.check(screen, "arabic-screen-watching")
    floor.open_round()
    runs_as_english(screen, "Which door does Ann try?")
    look.check(screen, "arabic-screen-voting")

    floor.vote(a=3, b=6)

    says_and_runs(screen, "اختارت القاعة B")
    runs_as_english(screen, "The right one")
    look.check(screen, "arabic-screen-revealed")


@pytest.mark.parametrize("kind", ["phone", "laptop"])
def test_what_is_read_at_home_in_arabic_runs_from_right_to_left(look: Look, floor: Floor, kind: str):
    floor.open_round()
    floor.vote(a=3, b=6)
    floor.act(messages.TakeBranch, round_id=floor.round_id)
    with floor.town.database.transaction() as session:
        pack = publish_pack(
            session,
            event_slug=floor.section.event_slug,
            account_id=floor.town.account("stella").id,
            now=utc_now(),
            threshold=floor.town.config.suppress_below,
        )
        reference = pack.reference
    page = look.page(kind, locale="ar")

    for path, name in (
        ("/", "home"),
        ("/help-now", "help-now"),
        ("/scenarios", "scenarios"),
        ("/scenarios/two-doors", "scenario"),
        (f"/events/{floor.section.event_slug}", "event"),
        (f"/evidence/{reference}", "evidence"),
    ):
        page.goto(f"{look.server.url}{path}")
        says_and_runs(page, "")
        look.check(page, f"arabic-{name}-{kind}")
