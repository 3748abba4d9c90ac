"""Stop! as people meet it: a tap and a line, three taps at the desk, here or magic, and a minute nobody else sees."""

import time

import pytest
from playwright.sync_api import Page, expect

from live import messages
from tests.browser.conftest import Look, caught_up
from tests.browser.test_phone import come_in, town_now
from tests.makers import Floor, make_floor

pytestmark = pytest.mark.browser


@pytest.fixture
def floor(running) -> Floor:
    """The first scene is played again with Stop!."""
    town, _server = running
    floor = make_floor(town, now=town_now())
    floor.start()
    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    return floor


def heading(page: Page):
    return page.locator("h1:visible")


def test_from_a_tap_on_a_phone_to_a_saved_intervention_in_three_taps_at_a_desk_on_a_phone(
    look: Look, floor: Floor
):
    phone, desk = look.page("phone"), look.page("phone")
    come_in(look, phone, floor, "carer")
    look.sign_in(desk, "fay")
    desk.goto(f"{look.server.url}/desk/sections/{floor.section.code}")
    expect(desk.locator("[data-link]")).to_have_text("Connected")

    phone.click("text=Stop!")
    look.check(phone, "phone-stopping")
    phone.click("button:has-text('Hello?')")
    expect(heading(phone)).to_have_text("Your hand is up")
    expect(phone.locator("[data-view=handup]")).to_contain_text("You are next.")
    look.check(phone, "phone-hand-up")
    phone.reload()
    expect(heading(phone)).to_have_text("Your hand is up")
    round_id = floor.open_round()
    expect(phone.locator("[data-hand-note]")).to_be_visible()
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.Reveal, round_id=round_id)
    floor.act(messages.ReplayFrom, scene="landing", stops=True)
    expect(heading(phone)).to_have_text("Your hand is up")
    caught_up(desk, floor.section.cue_seq)

    began = time.monotonic()
    desk.click("button:has-text('Come in')")  # one
    expect(heading(phone)).to_have_text("Come in")
    desk.click("label:has-text('Ann')")  # two
    so_far = time.monotonic() - began
    look.check(desk, "desk-asked-in")
    began = time.monotonic()
    desk.click("button:has-text('Save it')")  # three
    expect(desk.locator("#try-1 summary")).to_contain_text("Ann: Would rather not say")
    assert so_far + time.monotonic() - began < 20

    expect(heading(phone)).to_contain_text("The landing")
    desk.click("#try-1 summary")
    desk.fill("#try-1 textarea[name=tried]", "She knocks twice.")
    floor.act(messages.SetHeads, heads=12)  # the page is drawn again under what is being typed
    caught_up(desk, floor.section.cue_seq)
    expect(desk.locator("#try-1 textarea[name=tried]")).to_have_value("She knocks twice.")
    desk.click("#more-1 button")
    expect(desk.locator("#try-1 summary")).to_contain_text("She knocks twice.")
    desk.click("button:has-text('Ask whether it could happen here')")
    phone.click("button:has-text('That is magic')")
    expect(phone.locator("[data-view=weighing]")).to_contain_text("You said: That is magic.")
    look.check(phone, "phone-weighing")
    desk.click("button:has-text('Show what the room says')")
    expect(phone.locator("[data-view=weighed]")).to_contain_text("Too few people answered")

    phone.click("text=I need a minute")
    look.check(phone, "phone-minute")
    phone.fill("#minute-where", "Row F")
    phone.click("[data-need-minute] button")
    expect(heading(phone)).to_have_text("They have been told")
    expect(desk.locator("h2:has-text('Somebody needs a minute')")).to_be_visible()
    look.check(desk, "desk-care")
    desk.click("button:has-text('Somebody is with them')")
    expect(desk.locator("h2:has-text('Somebody needs a minute')")).to_have_count(0)


def test_a_button_under_a_finger_stays_there_while_the_page_is_drawn_again(look: Look, floor: Floor):
    phone, desk = look.page("phone"), look.page("laptop")
    come_in(look, phone, floor, "carer")
    look.sign_in(desk, "fay")
    desk.goto(f"{look.server.url}/desk/sections/{floor.section.code}")
    expect(desk.locator("[data-link]")).to_have_text("Connected")
    desk.hover("button:has-text('Open the vote')")
    desk.mouse.down()
    with desk.expect_response(desk.url) as drawn_again:
        phone.click("text=Stop!")
        phone.click("button:has-text('Hello?')")
        expect(heading(phone)).to_have_text("Your hand is up")
    drawn_again.value.finished()
    # As long as a page that is drawn without waiting takes.
    desk.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    desk.mouse.up()
    expect(desk.locator("button:has-text('Close voting')")).to_be_visible()
    expect(desk.locator("main")).to_contain_text("Come in")

    # A press that another desk was faster than does nothing, and says so.
    # In one step: a page drawn again between the two would ask for what stands.
    desk.locator("form[data-action=close_round]").evaluate(
        "form => { form.elements.expects.value = 1; form.requestSubmit(); }"
    )
    expect(desk.locator("[data-moved]")).to_be_visible()
    expect(desk.locator("[data-moved]")).to_contain_text("Another desk acted first")
    desk.click("button:has-text('Close voting')")
    expect(desk.locator("button:has-text('Show the result')")).to_be_visible()
    expect(desk.locator("[data-moved]")).to_be_hidden()


def test_without_scripts_a_hand_goes_up_and_down_is_asked_in_and_weighs_and_asks_for_a_minute(
    look: Look, floor: Floor
):
    phone = look.page("phone", java_script_enabled=False)
    come_in(look, phone, floor, "police")

    phone.click("text=Stop!")
    phone.click("button:has-text('Here and now')")
    expect(heading(phone)).to_have_text("Your hand is up")
    phone.click("text=Put my hand down")
    expect(heading(phone)).to_contain_text("The landing")
    phone.click("text=Stop!")
    phone.click("button:has-text('Two doors.')")
    floor.act(messages.PickStop, stop_id=2)
    phone.reload()
    expect(heading(phone)).to_have_text("Come in")
    floor.act(messages.RecordIntervention, stop_id=2, part="Ann")
    floor.act(messages.OpenWeighing, intervention_id=1)
    phone.reload()
    phone.click("button:has-text('I am not sure')")
    expect(phone.locator("[data-view=weighing]")).to_contain_text("You said: I am not sure.")

    phone.click("text=I need a minute")
    phone.click("button:has-text('to come to me')")
    expect(heading(phone)).to_have_text("They have been told")
    floor.act(messages.AnswerMinute, minute_id=1)
    phone.reload()
    expect(phone.locator("[role=status]:visible")).to_contain_text("We have seen that you need a minute.")
    phone.click("text=Back to the play")
    expect(heading(phone)).to_contain_text("Could this happen here?")
