"""From a story told on a phone at night to a play, and back out of everything when its teller wants it back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from evidence.service import publish_pack
from live import messages
from scenario_app.kernel.clock import utc_now
from scenario_app.kernel.tokens import new_secret
from scenarios.stories.queries import revisions_of
from scenarios.stories.reviewing import approve_story
from scenarios.stories.rules import Use
from scenarios.stories.telling import begin_story, save_answers, say_consent, send_story
from tests.browser.conftest import Look
from tests.makers import Town, make_floor

pytestmark = pytest.mark.browser
PHRASE = "the purple heron sang behind the boiler"
OTHERS = "who waited on the bridge until it was light"
NIGHT = f"Dr Aziz said that {PHRASE} and then nobody came."


def go_on(page: Page) -> None:
    page.click("main form .btns button")


def tell(look: Look) -> tuple[Page, str]:
    """Ada writes on a phone without scripts, loses the network, goes on where she was; return her six words."""
    phone = look.page("phone", java_script_enabled=False)
    phone.goto(f"{look.server.url}/stories/new")
    go_on(phone)
    phone.check("text=It is mine")
    for _question in ("who", "stage", "when", "where"):
        go_on(phone)
    phone.fill("#first", NIGHT)
    go_on(phone)
    phone.context.set_offline(True)
    with pytest.raises(Error):
        phone.goto(f"{look.server.url}/stories/new/then")
    phone.context.set_offline(False)
    phone.goto(f"{look.server.url}/stories/new/first")
    expect(phone.locator("#first")).to_have_value(NIGHT)
    return phone, phone.locator("[data-code]").inner_text()


def come_back_and_send(look: Look, words: str) -> Page:
    """Ada goes on at a laptop with her six words, and sends."""
    laptop = look.page("laptop")
    laptop.goto(f"{look.server.url}/stories/return")
    laptop.fill("#words", words.upper().replace(" ", ", "))
    go_on(laptop)
    laptop.wait_for_url("**/stories/new")
    laptop.goto(f"{look.server.url}/stories/new/one")
    laptop.fill("#one", "Sit down with her and wait")
    go_on(laptop)
    expect(laptop.locator("#other")).to_be_visible()
    laptop.goto(f"{look.server.url}/stories/new/check")
    expect(laptop.locator("main")).to_contain_text(PHRASE)
    laptop.check("text=Make it part of a play")
    laptop.click("text=Send your story")
    expect(laptop.locator("h1")).to_have_text("Your story is with us")
    return laptop


def make_safe(look: Look, mo: Page) -> None:
    """Mo takes the name out and approves exactly what is left."""
    look.sign_in(mo, "mo")
    mo.goto(f"{look.server.url}/reviews/stories")
    look.check(mo, "review-queue")
    mo.click("main a[href^='/reviews/stories/']:visible")
    expect(mo.locator("mark")).to_contain_text("Dr Aziz")
    look.check(mo, "review-story")
    mo.check("input[name=take] >> nth=0")
    mo.fill("input[name^=instead-] >> nth=0", "the doctor")
    mo.click("button:has-text('Take these out')")
    expect(mo.locator("article.story")).to_contain_text("the doctor said that")


def answer_the_changes(ada: Page, look: Look) -> None:
    ada.goto(f"{look.server.url}/stories/mine")
    expect(ada.locator("del").first).to_contain_text("Dr Aziz")
    look.check(ada, "story-changed")
    ada.check("text=I agree")
    ada.click("text=Send your answer")
    expect(ada.locator("blockquote")).to_contain_text("I agree")


def weave(look: Look, mo: Page) -> tuple[str, str]:
    """Mo begins a script from the story and invites somebody; return the script's address and the link."""
    mo.reload()
    mo.click("button:has-text('Approve these words')")
    mo.click("button:has-text('Begin a script from it')")
    expect(mo.locator("#text")).to_be_visible()
    address = mo.url
    look.check(mo, "editor-woven")
    mo.goto(f"{address}/people")
    mo.click("button:has-text('Make a link')")
    look.check(mo, "co-writers")
    return address, mo.locator("#link").input_value()


def write_together(look: Look, mo: Page, address: str, link: str) -> Page:
    """Wes comes by the link; both change the title's line; Wes sees both and chooses."""
    wes = look.page("phone")
    wes.goto(link)
    wes.fill("#name", "Wes")
    wes.fill("#credit", "A neighbour")
    look.check(wes, "co-writer-invited")
    wes.click("button:has-text('Start writing')")
    look.check(wes, "co-writer-words")
    wes.click("text=Go to the script")
    expect(wes.locator("#text")).to_be_visible()
    text = wes.locator("#text").input_value()
    title = next(line for line in text.split("\n") if line.startswith("title: "))
    # Both typed before either saved: the plain form is what meets in the middle.
    mo.goto(address)
    for page, words in ((mo, "title: The boiler"), (wes, "title: The heron")):
        page.evaluate(
            "form => form.removeAttribute('data-address')", page.locator("[data-editor]").element_handle()
        )
        page.locator("#text").evaluate("(box, words) => { box.value = words }", text.replace(title, words))
    for page in (mo, wes):
        with page.expect_navigation():
            page.click("button[data-save]")
    wes.click("text=Put both together")
    expect(wes.locator("fieldset")).to_have_count(1)
    look.check(wes, "merge")
    wes.check("input[value=mine]")
    with wes.expect_navigation():
        wes.click("text=Save both together")
    expect(wes.locator("#text")).to_have_value(text.replace(title, "title: The heron"))
    wes.goto(f"{address}/history")
    look.check(wes, "history")
    return wes


def another_story(town: Town) -> int:
    """Somebody else's story, told and approved."""
    moment = utc_now()
    with town.database.transaction() as session:
        story = begin_story(session, code=new_secret(), key="k", language="en", pathway_id=None, now=moment)
        save_answers(session, story_id=story.id, answers={"first": OTHERS}, now=moment)
        send_story(session, story_id=story.id, now=moment)
        say_consent(
            session, story_id=story.id, uses={Use.PERFORM: True}, wording={Use.PERFORM: "yes"}, now=moment
        )
        told = revisions_of(session, story.id)[-1]
        approve_story(
            session,
            story_id=story.id,
            revision=told.number,
            sha256=told.sha256,
            account_id=town.account("olu").id,
            now=moment,
        )
    return story.id


def holding(folder: Path) -> list[str]:
    """Return the files of a folder that hold the phrase, in any case."""
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and PHRASE.encode() in file.read_bytes().lower()
    ]


def test_a_story_becomes_part_of_a_play_and_is_taken_back_out_of_everything(look: Look, running):
    town, server = running
    phone, words = tell(look)
    phone.close()
    ada, mo = come_back_and_send(look, words), look.page("laptop")
    make_safe(look, mo)
    answer_the_changes(ada, look)
    address, link = weave(look, mo)
    wes = write_together(look, mo, address, link)
    other = another_story(town)
    mo.goto(f"{address}/stories")
    mo.select_option("#story", str(other))
    with mo.expect_navigation():
        mo.click("button:has-text('Weave it in')")
    look.check(mo, "stories-woven")
    wes.goto(f"{address}/stories")
    expect(wes.locator("article")).to_have_count(2)
    wes.goto(address)
    wes.locator("#text").fill(
        wes.locator("#text").input_value().replace("- p1: Somebody", f"- p1: Sam, {OTHERS}")
    )
    with wes.expect_navigation():
        wes.click("button[data-save]")
    expect(wes.locator("#text")).to_have_value(re.compile(OTHERS))
    mo.goto(address)
    with mo.expect_navigation(url="**/scenarios/*"):
        mo.click("button[data-publish]")
    slug = mo.url.rsplit("/", 1)[1]
    expect(mo.locator("main")).to_contain_text("A neighbour")
    expect(mo.locator("main")).to_contain_text("2 stories that people told")
    look.check(mo, "scenario-woven")
    town.slugs[:] = [slug]
    floor = make_floor(town, now=utc_now())
    floor.start()
    floor.act(messages.GoOn)
    floor.open_round()
    floor.vote(a=4, b=9)
    with town.database.transaction() as session:
        pack = publish_pack(
            session,
            event_slug=floor.section.event_slug,
            account_id=town.account("stella").id,
            now=utc_now(),
            threshold=8,
        )
    ada.goto(f"{server.url}/stories/mine")
    expect(ada.locator("main")).to_contain_text("9 of 13")
    look.check(ada, "story-trail")
    assert holding(town.config.data_dir)

    ada.click("text=Take your story back")
    look.check(ada, "story-take-back")
    ada.check("#sure")
    ada.click("button:has-text('Take it back')")
    expect(ada.locator("h1")).to_have_text("Your story is taken back")
    look.check(ada, "story-taken-back")

    town.database.forget_deleted()
    assert holding(town.config.data_dir) == []
    assert OTHERS in mo.request.get(f"{server.url}/scenarios/{slug}").text()
    for path in (
        f"/scenarios/{slug}",
        f"/scenarios/{slug}.md",
        f"/events/{floor.section.event_slug}",
        f"/at/{floor.section.code}",
        f"/evidence/{pack.reference}",
        f"/evidence/{pack.reference.replace('-v1', '-v2')}",
        "/moderation-log",
    ):
        assert PHRASE not in mo.request.get(f"{server.url}{path}").text().casefold(), path
    for path in (address, f"{address}/history", f"{address}/stories", f"{server.url}/reviews/stories"):
        assert PHRASE not in mo.request.get(path).text().casefold(), path
