"""A scenario from nothing to published, by somebody who has only a keyboard and a window 320 pixels wide."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(120):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"nobody gets to {selector} with Tab")


def fill(page: Page, selector: str, words: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Control+A")
    page.keyboard.type(words)


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, selector: str, words: str) -> None:
    """Choose in a list by typing how its words begin."""
    tab_to(page, selector)
    page.keyboard.type(words)


def test_three_scenes_and_a_decision_are_written_and_published_by_keyboard_alone(look):
    page = look.page("phone")
    look.sign_in(page, "mo")
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{look.server.url}/reviews")
    fill(page, "#title", "Two chairs")
    press(page, "aside form:has(#title) button")
    look.check(page, "form-empty")

    fill(page, "#new_name", "Ann")
    press(page, "button[value=add_person]")
    fill(page, "#new_title", "The room")
    press(page, "button[value=add_scene]")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("*Two chairs.*")
    press(page, "button[value=add_decision]")
    expect(page.locator("#question")).to_be_focused()
    fill(page, "#question", "Does she sit?")
    for number, label, leads_to in ((1, "Sits", "A new ending"), (2, "Stands", "A new scene")):
        press(page, "button[value=add_response]")
        expect(page.locator(f"#label-{number}")).to_be_focused()
        page.keyboard.type(label)
        choose(page, f"#target-{number}", leads_to)
        fill(page, f"#helps-{number}", "rest")
        fill(page, f"#costs-{number}", "time")
    look.check(page, "form-scene")
    press(page, ".btns button:not([name])")

    press(page, "a.back")
    press(page, "#place-2 h3 a")
    fill(page, "#words", "**Ann:** No.")
    press(page, ".btns button:not([name])")
    look.check(page, "form-scene-to-mend")
    press(page, "button[value^=dead_end]")
    press(page, "a.back")
    fill(page, "#new_title", "The corridor")
    press(page, "button[value=add_scene]")
    choose(page, "#goes_to", "Ending")
    press(page, ".btns button:not([name])")
    press(page, "a.back")
    press(page, "#place-2 h3 a")
    choose(page, "#goes_to", "The corridor")
    press(page, ".btns button:not([name])")
    press(page, "a.back")
    fill(page, "#question", "Who waits?")
    fill(page, "#content_notes", "waiting")
    choose(page, "#stage", "Leav")
    press(page, ".btns button:not([name])")
    look.check(page, "form-filled")
    press(page, "form[action$=publish] button")

    expect(page).to_have_url(f"{look.server.url}/scenarios/two-chairs")
    press(page, "a[href$=play]")
    look.check(page, "play-before")
    press(page, "main .btns a")
    look.check(page, "play-scene")
    for _ in range(4):
        links = page.locator("main .card a, main .btns a")
        if links.count() == 0:
            break
        press(page, "main .card:last-child a, main .btns a")
    expect(page.locator("#way-h")).to_be_visible()
    look.check(page, "play-ending")
