"""From bringing in a script to checking the downloaded evidence, in a real browser, at the sizes people have."""

import asyncio

import pytest
from playwright.sync_api import Page, expect

from scenario_app.phones import Phone
from scenarios.samples import sample_texts
from tests.browser.conftest import Look, caught_up
from tests.halls import Hall, ask

pytestmark = pytest.mark.browser


def bring_in_a_script(look: Look, mo: Page) -> None:
    look.sign_in(mo, "mo")
    mo.goto(f"{look.server.url}/reviews")
    look.check(mo, "reviews")
    mo.goto(f"{look.server.url}/reviews/scripts/new")
    broken = (
        sample_texts()[1]
        .replace("-> the-right-ears", "-> the-rihgt-ears")
        .replace("-> right-ears", "-> rihgt-ears")
    )
    mo.fill("#text", broken.replace("## Scene", "## Scena", 1))
    expect(mo.locator("[data-problems] > li").first).to_be_visible()
    mo.fill("#text", sample_texts()[1])
    expect(mo.locator("[data-problems] > li.bad")).to_have_count(0)
    look.check(mo, "editor")
    mo.click("[data-save]")
    mo.click("[data-publish]")
    mo.wait_for_url("**/scenarios/**")
    look.check(mo, "scenario")


def programme_a_day(look: Look, fay: Page) -> str:
    look.sign_in(fay, "fay")
    look.check(fay, "desk-home")
    fay.click("text=Programme an event")
    fay.fill("#title", "An evening at the Corn Exchange")
    fay.fill("#place", "Corn Exchange")
    fay.fill("#title-1", "First response")
    fay.fill("#starts-1", "18:00")
    fay.fill("#ends-1", "20:00")
    fay.check("input[name='scenarios-1'][value='farida-999'], input[name='scenarios-1'] >> nth=0")
    look.check(fay, "programme")
    fay.click("button:has-text('Programme it')")
    fay.wait_for_url("**/desk/events/an-evening-at-the-corn-exchange")
    look.check(fay, "desk-event")
    screen_address = fay.get_attribute("a:has-text('Open the screen')", "href") or ""
    fay.click("text=Run this section")
    fay.click("button:has-text('Open the door')")
    expect(fay.locator("text=No supporter is named.")).to_be_visible()
    look.check(fay, "desk-not-ready")
    fay.click("text=All sections of this event")
    fay.click("text=Print scripts")
    look.check(fay, "print-pack")
    fay.click("text=An evening at the Corn Exchange")
    fay.click("text=Change the event")
    fay.fill("#supporter", "Stella Marsh")
    fay.click("button:has-text('Change it')")
    expect(fay.locator("text=Ready to open")).to_be_visible()
    fay.click("text=Run this section")
    fay.click("button:has-text('Open the door')")
    expect(fay.locator("text=It is open.")).to_be_visible()
    look.check(fay, "desk-ready")
    return screen_address


def come_in(look: Look, phone: Page, code: str) -> None:
    phone.goto(f"{look.server.url}/join")
    look.check(phone, "join")
    phone.fill("#code", f"{code[:3].lower()} {code[3:].lower()}")
    phone.click("main button")
    phone.wait_for_url("**/join/*")
    look.check(phone, "role")
    phone.check("input[value=carer]")
    phone.click("button:has-text('Come in')")
    phone.wait_for_url("**/at/*")
    expect(phone.locator("h1:visible")).to_have_text("You are in")
    look.check(phone, "phone-waiting")


def vote_in_the_hall(hall: Hall, round_id: int, seats: list[str], responses: str) -> None:
    async def cast() -> None:
        for secret, response in zip(seats, responses, strict=True):
            async with Phone(hall.server.url, secret) as phone:
                assert (await phone.cast(round_id, response))["ok"]

    # Playwright's own loop runs in this thread.
    import threading

    worker = threading.Thread(target=lambda: asyncio.run(cast()))
    worker.start()
    worker.join()


def open_round(hall: Hall) -> int:
    from tests.halls import ask

    return int(ask(f"{hall.api}/doors/{hall.code}/cue")[1]["round"]["id"])


def a_round(look: Look, hall: Hall, pages: dict[str, Page], seats: list[str], mine: str, others: str) -> None:
    fay, phone, screen = pages["desk"], pages["phone"], pages["screen"]
    expect(phone.locator("[data-view=deciding]")).to_be_visible()
    phone.check(f"input[name=response][value={mine}]", force=True)
    look.check(phone, "phone-deciding")
    phone.click(f"button:has-text('Send my vote: {mine.upper()}')")
    expect(phone.locator("h1:visible")).to_contain_text("Your vote is counted")
    look.check(phone, "phone-counted")
    vote_in_the_hall(hall, open_round(hall), seats, others)
    expect(fay.locator("[data-voted]")).to_have_text(f"{1 + len(seats)} of {1 + len(seats)} have voted")
    expect(screen.locator("b.total:visible")).to_have_text(f"{1 + len(seats)} of {1 + len(seats)} have voted")
    look.check(screen, "screen-voting")
    look.check(fay, "desk-voting")
    fay.click("button:has-text('Close voting')")
    expect(phone.locator("h1:visible")).to_contain_text("Voting has closed")
    look.check(phone, "phone-closed")
    look.check(screen, "screen-closed")
    look.check(fay, "desk-closed")
    fay.click("button:has-text('Show the result')")
    expect(phone.locator("h1:visible")).to_contain_text("The room chose")
    expect(screen.locator("h1:visible")).to_contain_text("The room chose")


def test_from_a_script_to_checked_evidence(look: Look, running, tmp_path):
    bring_in_a_script(look, look.page("laptop"))
    fay, phone, screen = look.page("laptop"), look.page("phone", has_touch=True), look.page("screen")
    screen_address = programme_a_day(look, fay)
    code = fay.url.rsplit("/", 1)[1]
    hall = Hall(look.server, code)
    screen.goto(screen_address)
    expect(screen.locator("h1:visible")).to_be_visible()
    look.check(screen, "screen-before")
    come_in(look, phone, code)
    seats = [hall.seat(role) for role in ["carer"] * 11 + ["police"] * 12 + [None] * 4]
    pages = {"desk": fay, "phone": phone, "screen": screen}

    fay.click("button:has-text('Start:')")
    expect(phone.locator("[data-view=watching] h1")).to_be_visible()
    expect(screen.locator("[data-view=watching]")).to_be_visible()
    look.check(phone, "phone-watching")
    look.check(screen, "screen-playing")
    look.check(fay, "desk-playing")
    fay.click("button:has-text('Open the vote')")
    a_round(look, hall, pages, seats, "a", "aaaaaabbbbbaaaaaabbbbbbcccc")
    expect(screen.locator("tr.won .letter:visible")).to_have_text("A")
    look.check(phone, "phone-revealed")
    look.check(screen, "screen-revealed")
    look.check(fay, "desk-revealed")

    fay.click("button:has-text('Ask the room again')")
    a_round(look, hall, pages, seats, "b", "bbbbbbbbbbbaaaaaabbbbbbcccc")
    expect(screen.locator("tr.won .letter:visible")).to_have_text("B")
    expect(screen.locator("[data-view=revealed] .lead")).to_contain_text("Before, 11 chose it; now 18 do.")
    look.check(screen, "screen-second-round")
    look.check(phone, "phone-second-round")
    # So few of each role may not be told apart, so the hall is not offered them.
    expect(fay.locator("button:has-text('Who chose what')")).to_have_count(0)
    fay.click("button:has-text('The path so far')")
    expect(screen.locator("[data-view=path]")).to_be_visible()

    play_to_an_ending(look, hall, pages, seats)
    kept = screen.locator("[data-f=recordHash]:visible").inner_text().replace(" ", "")
    fay.click("text=All sections of this event")
    fay.click("button:has-text('Close the event')")
    expect(fay.locator("text=This event is closed.")).to_be_visible()

    reference = publish(look)
    check_the_pack(look, reference, tmp_path, kept)


_MOVED = """there => {
  const act = document.querySelector(".act button");
  return act && document.querySelector("h1").innerText + act.innerText !== there;
}"""


def play_to_an_ending(look: Look, hall: Hall, pages: dict[str, Page], seats: list[str]) -> None:
    fay, phone, screen = pages["desk"], pages["phone"], pages["screen"]
    revealed = fay.locator("h1").inner_text() + fay.locator(".act button").first.inner_text()
    caught_up(fay, ask(f"{hall.api}/doors/{hall.code}/cue")[1]["seq"])
    fay.click("button:has-text('Open the next scene')")
    # The desk may be drawn again later than the phone: what is pressed next must be the new page's.
    fay.wait_for_function(_MOVED, arg=revealed)
    expect(phone.locator("[data-view=watching]")).to_be_visible()
    for _scene in range(12):
        caught_up(fay, ask(f"{hall.api}/doors/{hall.code}/cue")[1]["seq"])
        action = fay.locator(".act button").first
        words = action.inner_text()
        there = fay.locator("h1").inner_text() + words
        action.click()
        if words == "End this play":
            break
        fay.wait_for_function(_MOVED, arg=there)
        if words == "Open the vote":
            vote_in_the_hall(hall, open_round(hall), seats, "b" * len(seats))
    expect(phone.locator("h1:visible")).to_contain_text("This play is over")
    expect(screen.locator("[data-view=path]")).to_be_visible()
    look.check(phone, "phone-ended")
    look.check(screen, "screen-path")


def publish(look: Look) -> str:
    stella = look.page("laptop")
    look.sign_in(stella, "stella")
    stella.goto(f"{look.server.url}/evidence/publish")
    stella.click("text=An evening at the Corn Exchange")
    look.check(stella, "evidence-publish")
    stella.click("button:has-text('Publish an-evening-at-the-corn-exchange-v1')")
    stella.wait_for_url("**/evidence/an-evening-at-the-corn-exchange-v1")
    look.check(stella, "evidence-pack")
    return "an-evening-at-the-corn-exchange-v1"


def check_the_pack(look: Look, reference: str, tmp_path, kept: str) -> None:
    cleo = look.page("phone")
    cleo.goto(f"{look.server.url}/evidence")
    look.check(cleo, "evidence-catalogue-phone")
    cleo.goto(f"{look.server.url}/evidence/{reference}")
    look.check(cleo, "evidence-pack-phone")
    with cleo.expect_download() as started:
        cleo.click(f"a[href$='/evidence/{reference}/pack.zip'] >> nth=0")
    file = tmp_path / "pack.zip"
    started.value.save_as(file)
    intact = look.server.run("evidence", "verify", str(file))
    assert (intact.returncode, intact.stderr) == (0, "")
    # What somebody photographed in the hall is one of the pack's own; what nobody saw there is not.
    assert look.server.run("evidence", "verify", str(file), "--audit-head", kept).returncode == 0
    assert look.server.run("evidence", "verify", str(file), "--audit-head", kept[::-1]).returncode == 1
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)
    assert look.server.run("evidence", "verify", str(file)).returncode == 1


PUBLIC = (
    "/",
    "/about",
    "/help-now",
    "/privacy",
    "/accessibility",
    "/scenarios",
    "/scenarios/two-doors",
    "/events",
    "/evidence",
    "/evidence/across",
    "/evidence/verify",
    "/changes",
    "/sign-in",
    "/nowhere",
)


@pytest.mark.parametrize("kind", ["phone", "laptop"])
def test_every_public_page_is_without_accessibility_violations(look: Look, kind: str):
    page = look.page(kind)

    for path in PUBLIC:
        page.goto(look.server.url + path)
        look.check(page, f"public-{path.strip('/').replace('/', '-') or 'home'}-{kind}")
