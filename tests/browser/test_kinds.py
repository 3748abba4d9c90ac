"""Other ways of asking, on a phone with scripts, on the screen and at the desk."""

import pytest
from playwright.sync_api import Page, expect

from live import messages
from live.choices import Choice
from live.queries import ballots_of
from live.rules import digest_of
from live.talk.said import waiting_words
from scenario_app.kernel.clock import utc_now
from tests.browser.conftest import Look, caught_up
from tests.makers import Floor, make_floor

pytestmark = pytest.mark.browser


@pytest.fixture
def floor(running) -> Floor:
    town, _server = running
    floor = make_floor(town, now=utc_now())
    floor.start()
    return floor


def phone_of(look: Look, floor: Floor, **options) -> tuple[Page, int]:
    (seat,) = floor.sit("carer")
    phone = look.page("phone", **options)
    phone.context.add_cookies(
        [{"name": f"seat-{floor.section.code}", "value": seat.secret, "url": look.server.url}]
    )
    phone.goto(f"{look.server.url}/at/{floor.section.code}")
    return phone, seat.id


def chosen(floor: Floor, seat_id: int) -> dict[str, object] | None:
    with floor.town.database.reading() as session:
        return ballots_of(session, seat_id).get(floor.round_id)


def test_a_phone_answers_in_every_way_and_screen_and_desk_show_what_came_of_it(look: Look, floor: Floor):
    phone, seat_id = phone_of(look, floor)
    screen = look.page("screen")
    screen.goto(f"{look.server.url}/screen/{floor.section.code}?key={floor.section.screen_key}")
    desk = look.page("laptop")
    look.sign_in(desk, "fay")
    desk.goto(f"{look.server.url}/desk/sections/{floor.section.code}")

    # An order: a place belongs to one response.
    ranked = floor.open_round(kind="rank")
    phone.select_option("#rank-c", "1")
    phone.select_option("#rank-a", "1")
    expect(phone.locator("#rank-c")).to_have_value("")
    phone.select_option("#rank-b", "2")
    look.check(phone, "phone-rank")
    phone.click("button:has-text('Send my vote')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    assert chosen(floor, seat_id) == {"ranking": ["a", "b"], "rev": 1}
    phone.fill("#reason", "Both may be asleep")
    phone.click("[data-reason] button")
    expect(phone.locator("[data-reason] [data-status]")).to_contain_text("with the people at the desk")
    expect(desk.locator("#texts")).to_contain_text("Both may be asleep")
    with floor.town.database.reading() as session:
        (said,) = waiting_words(session, floor.section_id)
    floor.act(messages.DecideText, text_id=said.id, digest=digest_of(said.text), verdict="approve")
    for order in (["b"], ["b"], ["c", "b"], ["c"], ["a"]):
        floor.cast(floor.sit(None)[0], Choice.ranking(order).kept)
    floor.vote()
    expect(screen.locator("h1:visible")).to_contain_text("The room chose")
    look.check(screen, "screen-rank")
    look.check(phone, "phone-rank-revealed")
    expect(phone.locator("[data-view=revealed]")).to_contain_text("Both may be asleep")
    look.check(desk, "desk-rank")
    floor.act(messages.ShowOnScreen, what="reasons")
    expect(screen.locator("h1:visible")).to_contain_text("Why people chose")
    look.check(screen, "screen-reasons")

    # Everything one could live with, a response from the room among it; hands beside the phones.
    floor.act(messages.AddFloorResponse, label="Knock at both doors", role="carer")
    approved = floor.open_round(kind="approve")
    phone.check("input[name=responses][value=a]")
    phone.check("input[name=responses][value=f1]")
    look.check(phone, "phone-approve")
    phone.click("button:has-text('Send my vote')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    assert chosen(floor, seat_id) == {"responses": ["a", "f1"], "rev": 1}
    expect(desk.locator("h1")).to_contain_text("Which door")
    caught_up(desk, floor.section.cue_seq)
    desk.click("#hands summary")
    desk.fill("#hands-f1", "6")
    desk.click("form:has(#hands-f1) button")
    expect(desk.locator("#hands-f1")).to_have_value("6")
    look.check(desk, "desk-hands")
    for keys in (["f1"], ["f1", "b"], ["b"], []):
        floor.cast(floor.sit(None)[0], Choice.approval(keys).kept)
    floor.vote()
    expect(screen.locator("h1:visible")).to_contain_text("The room chose")
    look.check(screen, "screen-approve")
    look.check(phone, "phone-approve-revealed")

    # Beside the play, and back.
    floor.open_round(about="scale")
    phone.check("input[name=scale][value='4']")
    phone.click("button:has-text('Send my vote')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    for step in (1, 4, 4, 5):
        floor.cast(floor.sit(None)[0], Choice.scale(step).kept)
    floor.vote()
    expect(screen.locator("h1:visible")).to_contain_text("In the middle: Quite")
    screen.set_viewport_size({"width": 1024, "height": 768})
    look.check(screen, "screen-scale-1024")
    look.check(phone, "phone-scale-revealed")
    caught_up(desk, floor.section.cue_seq)
    desk.click("button:has-text('Back to the play')")
    expect(desk.locator("h1")).to_contain_text("The room chose F1")
    desk.click("button:has-text('Open the next scene')")
    expect(desk.locator("h1")).to_contain_text("Knock at both doors")
    look.check(desk, "desk-made-up")
    assert (ranked, approved) != (0, 0)


def test_a_vote_beside_the_play_is_asked_in_the_language_of_the_page(look: Look, floor: Floor):
    phone, _seat = phone_of(look, floor, locale="ar")
    phone.goto(f"{look.server.url}/at/{floor.section.code}")

    floor.open_round(about="believable")

    expect(phone.locator("legend bdi[data-f='round.question']")).to_have_attribute("lang", "ar")
    look.check(phone, "phone-believable-arabic")
