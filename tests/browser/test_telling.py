"""Somebody tells a story on a small phone: without scripts, without a network, in Arabic."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.browser
NIGHT = "He had not slept for four nights. I stood on the other side of his door."


def go_on(page: Page) -> None:
    """Press Continue."""
    page.click("main form .btns button")


def test_a_phone_without_scripts_tells_a_story_from_the_first_word_to_the_last(look: Look):
    phone = look.page("phone", java_script_enabled=False)
    phone.goto(f"{look.server.url}/stories/new")
    go_on(phone)
    phone.check("text=It is mine")
    go_on(phone)
    for _question in ("stage", "when", "where"):
        go_on(phone)
    phone.fill("#first", NIGHT)
    phone.click("button[name=back]")
    expect(phone.locator("#where")).to_be_visible()
    go_on(phone)
    expect(phone.locator("#first")).to_have_value(NIGHT)
    while phone.url.rsplit("/", 1)[1] != "check":
        go_on(phone)

    words = phone.locator("[data-code]").inner_text()
    phone.check("text=Make it part of a play")
    phone.click("text=Send your story")

    expect(phone.locator("h1")).to_have_text("Your story is with us")
    expect(phone.locator("[data-code]")).to_have_text(words)
    phone.click("main a.btn")
    expect(phone.locator("[aria-current=step]")).to_contain_text("You sent it")
    phone.click("text=Leave quickly", no_wait_after=True)


def test_words_typed_without_a_network_stay_on_the_phone_until_the_server_has_them(look: Look):
    phone = look.page("phone")
    pages = (
        ("/stories/new", "story-start"),
        ("/stories/new/who", "story-whose"),
        ("/stories/new/one", "story-one"),
    )
    for path, name in (*pages, ("/stories/new/first", "story-first"), ("/stories/return", "story-return")):
        phone.goto(f"{look.server.url}{path}")
        look.check(phone, name)
    phone.goto(f"{look.server.url}/stories/new/first")
    phone.context.set_offline(True)

    phone.fill("#first", NIGHT)
    go_on(phone)

    expect(phone.locator("[data-status]")).to_contain_text("you are offline")
    expect(phone.locator("[data-keep]")).to_be_hidden()
    phone.click("text=Help now")
    expect(phone.locator("#help a[href='tel:116123']")).to_be_in_viewport()
    look.check(phone, "story-offline")

    phone.context.set_offline(False)

    expect(phone.locator("[data-code]")).to_have_text(re.compile(r"^(\w+ ){5}\w+$"))
    expect(phone.locator("[data-status]")).to_have_text("")
    assert phone.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('story:'))") == []
    look.check(phone, "story-saved")
    go_on(phone)
    expect(phone.locator("#people")).to_be_visible()
    phone.goto(f"{look.server.url}/stories/new/check")
    expect(phone.locator("main")).to_contain_text(NIGHT)
    look.check(phone, "story-check")
    phone.click("text=Send your story")
    expect(phone.locator("h1")).to_have_text("Your story is with us")
    look.check(phone, "story-sent")
    phone.click("main a.btn")
    look.check(phone, "story-mine")


def test_leaving_quickly_keeps_no_word_behind_the_back_button(look: Look):
    phone = look.page("phone")
    phone.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="<h1>Rain</h1>"))
    phone.goto(f"{look.server.url}/stories/new/first")
    phone.fill("#first", NIGHT)
    go_on(phone)
    expect(phone.locator("#people")).to_be_visible()
    phone.fill("#people", "Theodora Quillfeather")

    phone.click("text=Leave quickly")
    expect(phone.locator("h1")).to_have_text("Rain")
    phone.go_back()

    expect(phone.locator("#first")).to_have_value("")
    assert "Quillfeather" not in phone.content()
    assert phone.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('story:'))") == []


def test_an_arabic_page_takes_an_arabic_story(look: Look):
    phone = look.page("phone", locale="ar")
    phone.goto(f"{look.server.url}/stories/new/first")
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")

    phone.fill("#first", "لم ينم أربع ليالٍ.")
    go_on(phone)
    expect(phone.locator("#people")).to_be_visible()

    expect(phone.locator("[data-code]")).to_have_css("direction", "ltr")
    look.check(phone, "story-arabic")
    phone.set_viewport_size({"width": 320, "height": 640})
    phone.goto(f"{look.server.url}/stories/new/check")
    expect(phone.locator("main")).to_contain_text("لم ينم أربع ليالٍ.")
    look.check(phone, "story-arabic-check")
