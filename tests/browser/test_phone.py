"""The phone with bad luck: no scripts, no network, a server that does not answer, a reload."""

import pytest
from playwright.sync_api import Page, expect

from live import messages
from live.queries import votes_in
from tests.browser.conftest import Look
from tests.makers import Floor, make_floor

pytestmark = pytest.mark.browser


@pytest.fixture
def floor(running) -> Floor:
    """A section with an open door and the vote on its first decision open, run through services."""
    town, _server = running
    noise = make_floor(town, now=town_now(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    noise.cast(noise.sit(None)[0], "c")
    floor = make_floor(town, now=town_now())
    floor.start()
    floor.open_round()
    return floor


def town_now():
    from scenario_app.kernel.clock import utc_now

    return utc_now()


def come_in(look: Look, phone: Page, floor: Floor, role: str = "") -> None:
    phone.goto(f"{look.server.url}/join")
    phone.fill("#code", floor.section.code)
    phone.click("main button")
    phone.wait_for_url("**/join/*")
    phone.check(f"input[name=role][value='{role}']")
    phone.click("main form button")
    phone.wait_for_url("**/at/*")


def tally(floor: Floor) -> dict[str, int]:
    with floor.town.database.reading() as session:
        return votes_in(session, floor.round_id, ["a", "b", "c"])


def test_without_scripts_the_same_vote_is_cast_changed_closed_and_shown(look: Look, floor: Floor):
    phone = look.page("phone", java_script_enabled=False)
    come_in(look, phone, floor, "carer")
    expect(phone.locator("h1:visible")).to_contain_text("Which door does Ann try?")

    phone.click("button:has-text('Send my vote')")
    expect(phone.locator("text=Choose one response before you send your vote.")).to_be_visible()
    phone.check("input[value=a]")
    phone.click("button:has-text('Send my vote')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    assert tally(floor) == {"a": 1, "b": 0, "c": 0}

    phone.click("text=Change my vote")
    phone.check("input[value=b]")
    look.shot(phone, "phone-without-scripts")
    phone.click("button:has-text('Send my vote')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    assert tally(floor) == {"a": 0, "b": 1, "c": 0}

    for seat in floor.sit(*[None] * 6):
        floor.cast(seat, "b")
    round_id = floor.round_id
    floor.act(messages.CloseRound, round_id=round_id)
    phone.click("text=Show what is happening now")
    expect(phone.locator("h1:visible")).to_contain_text("Voting has closed")
    floor.act(messages.Reveal, round_id=round_id)
    phone.click("text=Show what is happening now")
    expect(phone.locator("h1:visible")).to_contain_text("The room chose B")
    floor.act(messages.TakeBranch, round_id=round_id)
    phone.click("text=Show what is happening now")
    expect(phone.locator("h1:visible")).to_contain_text("The garden")


def test_a_vote_without_scripts_that_comes_too_late_is_told_so(look: Look, floor: Floor):
    phone = look.page("phone", java_script_enabled=False)
    come_in(look, phone, floor)
    phone.check("input[value=a]")
    floor.act(messages.CloseRound, round_id=floor.round_id)

    phone.click("button:has-text('Send my vote')")

    expect(phone.locator(".note", has_text="Not counted: voting had closed")).to_be_visible()
    assert tally(floor) == {"a": 0, "b": 0, "c": 0}


def test_the_phone_says_counted_when_the_server_has_said_so_and_never_before(look: Look, floor: Floor):
    phone = look.page("phone")
    come_in(look, phone, floor)
    expect(phone.locator("[data-link]")).to_have_text("Connected")
    pause(look, True)
    phone.check("input[value=c]", force=True)
    phone.click("button:has-text('Send my vote: C')")
    expect(phone.locator("h1:visible")).to_have_text("Sending your vote")
    look.check(phone, "phone-sending")

    pause(look, False)

    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    assert tally(floor) == {"a": 0, "b": 0, "c": 1}


WAKES_WHILE_IT_KNOCKS = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  send.call(this, data);
  if (String(data).startsWith("40/")) window.dispatchEvent(new Event("pageshow"));
};
"""


def test_a_phone_that_wakes_while_it_is_being_let_in_still_hears_the_room(look: Look, floor: Floor):
    phone = look.page("phone")
    phone.add_init_script(WAKES_WHILE_IT_KNOCKS)
    come_in(look, phone, floor)
    expect(phone.locator("[data-link]")).to_have_text("Connected")

    floor.act(messages.CloseRound, round_id=floor.round_id)

    expect(phone.locator("h1:visible")).to_contain_text("Voting has closed")


def pause(look: Look, paused: bool) -> None:
    import signal

    assert look.server.process is not None
    look.server.process.send_signal(signal.SIGSTOP if paused else signal.SIGCONT)


def test_a_vote_cast_in_a_tunnel_is_counted_once_when_the_network_is_back(look: Look, floor: Floor):
    phone = look.page("phone")
    come_in(look, phone, floor)
    expect(phone.locator("[data-link]")).to_have_text("Connected")
    look.server.kill()
    expect(phone.locator("[data-link]")).to_have_text("Coming back")
    phone.check("input[value=b]", force=True)
    phone.click("button:has-text('Send my vote: B')")
    expect(phone.locator("h1:visible")).to_have_text("Sending your vote")
    expect(phone.locator("text=This page comes back by itself, with your vote.")).to_be_visible()
    look.shot(phone, "phone-away")

    look.server.start()

    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    assert tally(floor) == {"a": 0, "b": 1, "c": 0}


def test_a_vote_cast_in_a_tunnel_that_comes_after_closing_is_told_so(look: Look, floor: Floor):
    phone = look.page("phone")
    come_in(look, phone, floor)
    expect(phone.locator("[data-link]")).to_have_text("Connected")
    look.server.kill()
    expect(phone.locator("[data-link]")).to_have_text("Coming back")
    phone.check("input[value=b]", force=True)
    phone.click("button:has-text('Send my vote: B')")
    floor.act(messages.CloseRound, round_id=floor.round_id)

    look.server.start()

    expect(phone.locator("h1:visible")).to_contain_text("Not counted: voting had closed")
    assert tally(floor) == {"a": 0, "b": 0, "c": 0}


def test_a_reloaded_phone_is_the_same_seat_with_its_vote(look: Look, floor: Floor):
    phone = look.page("phone")
    come_in(look, phone, floor)
    phone.check("input[value=a]", force=True)
    phone.click("button:has-text('Send my vote: A')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    receipt = phone.locator("[data-view=counted] b.num").inner_text()

    phone.reload()

    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    expect(phone.locator("[data-view=counted] b.num")).to_have_text(receipt)
    phone.click("text=Change my vote")
    expect(phone.locator("input[value=a]")).to_be_checked()
    phone.check("input[value=c]", force=True)
    phone.click("button:has-text('Send my vote: C')")
    expect(phone.locator("[data-view=counted] .letter")).to_have_text("C")
    assert tally(floor) == {"a": 0, "b": 0, "c": 1}


def test_where_sockets_never_work_the_phone_still_follows_and_votes(look: Look, floor: Floor):
    phone = look.page("phone")
    phone.route_web_socket("**/socket.io/**", lambda socket: socket.close())
    come_in(look, phone, floor)

    phone.check("input[value=b]", force=True)
    phone.click("button:has-text('Send my vote: B')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    floor.act(messages.CloseRound, round_id=floor.round_id)

    expect(phone.locator("h1:visible")).to_contain_text("Voting has closed")
    assert tally(floor) == {"a": 0, "b": 1, "c": 0}


def test_a_phone_in_arabic_runs_from_right_to_left(look: Look, floor: Floor):
    phone = look.page("phone", locale="ar")
    come_in(look, phone, floor)
    expect(phone.locator("[data-link]")).to_have_text("متصل")

    page = phone.locator("html")
    expect(page).to_have_attribute("dir", "rtl")
    expect(page).to_have_attribute("lang", "ar")
    look.check(phone, "phone-arabic")
    phone.check("input[value=c]", force=True)
    phone.click("button:has-text('أرسل صوتي: C')")

    expect(phone.locator("h1:visible")).to_contain_text("حُسب صوتك")
    look.check(phone, "phone-arabic-counted")
    assert tally(floor) == {"a": 0, "b": 0, "c": 1}


def test_the_first_visit_of_a_phone_stays_under_a_hundred_kilobytes(look: Look, floor: Floor):
    phone = look.page("phone")
    client = phone.context.new_cdp_session(phone)
    client.send("Network.enable")
    sizes: list[int] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))

    come_in(look, phone, floor)
    expect(phone.locator("[data-link]")).to_have_text("Connected")
    phone.wait_for_load_state("networkidle")

    assert 10_000 < sum(sizes) < 100_000, sizes
