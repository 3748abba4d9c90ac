"""The script editor in a real browser: it names the line, takes you there, and loses no word."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look
from tests.halls import prepare
from tests.makers import Town
from tests.real_servers import Server, serving
from tests.scenarios.scripts import THE_GATE, line_of, spoilt

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running(tmp_path_factory, migrated_sqlite: Path) -> Iterator[tuple[Town, Server]]:
    """One server for all of these: each test writes a script of its own."""
    data_dir = tmp_path_factory.mktemp("editor") / "data"
    town = prepare(data_dir, migrated_sqlite)
    with serving(data_dir, SITE_NAME="Eastmere Together") as server:
        yield town, server
    town.database.close()


@pytest.fixture
def mo(look: Look) -> Page:
    """The moderator, about to write."""
    page = look.page("laptop")
    look.sign_in(page, "mo")
    page.goto(f"{look.server.url}/reviews/scripts/new")
    return page


def saved(page: Page) -> None:
    expect(page.locator("[data-status]")).to_contain_text("Saved")


def selected_words(page: Page) -> str:
    return str(
        page.evaluate(
            "() => { const b = document.getElementById('text');"
            "return b.value.slice(b.selectionStart, b.selectionEnd) }"
        )
    )


def test_a_broken_arrow_is_named_shown_and_put_right(look, mo):
    wrong = spoilt("-> gate [as", "-> gaet [as")

    mo.fill("#text", wrong)

    problem = mo.locator("[data-problems] > li.bad").first
    expect(problem).to_contain_text(f"Line {line_of('- A) Walks', wrong)}")
    expect(problem).to_contain_text("Did you mean “gate”?")
    look.check(mo, "editor-with-a-problem")
    problem.locator("a").click()
    assert selected_words(mo) == "- A) Walks to the top gate -> gaet [as it happened]"
    expect(mo.locator("[data-look] h3")).to_contain_text("Straw")

    problem.locator("[data-use]").click()

    expect(mo.locator("[data-problems] > li")).to_have_count(0)
    expect(mo.locator("[data-summary]")).to_have_text("Nothing to fix")
    assert mo.input_value("#text") == THE_GATE


def test_a_new_script_is_kept_as_it_is_typed_and_can_be_published(look, mo):
    mo.fill("#text", THE_GATE)
    saved(mo)
    assert "/reviews/scripts/" in mo.url
    assert not mo.url.endswith("/new")

    mo.reload()
    assert mo.input_value("#text") == THE_GATE
    mo.click("[data-publish]")
    mo.wait_for_url("**/scenarios/the-gate")

    expect(mo.locator("h1")).to_have_text("The gate")
    look.check(mo, "scenario-just-published")


def test_words_typed_without_a_connection_survive_the_page_being_closed(look, mo):
    mo.fill("#text", THE_GATE)
    saved(mo)
    address = mo.url
    mo.context.set_offline(True)
    later = f"{THE_GATE}\nTyped in a tunnel."
    mo.fill("#text", later)
    expect(mo.locator("[data-status]")).to_contain_text("No connection")

    mo.close()
    mo = look.contexts[-1].new_page()
    look.contexts[-1].set_offline(False)
    mo.goto(address)

    expect(mo.locator("[data-kept]")).to_be_visible()
    assert mo.input_value("#text") == THE_GATE
    mo.click("[data-bring-back]")
    assert mo.input_value("#text") == later
    saved(mo)
    mo.reload()
    assert mo.input_value("#text") == later
    expect(mo.locator("[data-kept]")).to_be_hidden()


def test_a_connection_that_comes_back_saves_what_was_typed_meanwhile(look, mo):
    mo.fill("#text", THE_GATE)
    saved(mo)
    mo.context.set_offline(True)
    mo.fill("#text", f"{THE_GATE}\nMore.")
    expect(mo.locator("[data-status]")).to_contain_text("No connection")

    mo.context.set_offline(False)

    saved(mo)
    mo.reload()
    assert mo.input_value("#text").endswith("More.")


def test_somebody_else_saving_first_is_said_and_both_texts_are_shown(look, mo):
    mo.fill("#text", THE_GATE)
    saved(mo)
    olu = look.page("laptop")
    look.sign_in(olu, "olu")
    olu.goto(mo.url)
    olu.fill("#text", f"{THE_GATE}\nOlu's words.")
    saved(olu)

    mo.fill("#text", f"{THE_GATE}\nMo's words.")
    expect(mo.locator("[data-moved]")).to_be_visible()
    mo.click("[data-save]")

    expect(mo.locator("#refused")).to_be_focused()
    assert mo.input_value("#text").endswith("Mo's words.")
    assert mo.input_value("#theirs").endswith("Olu's words.")
    look.check(mo, "editor-after-a-clash")


def test_the_preview_shows_the_scene_that_the_caret_is_in(mo):
    mo.fill("#text", THE_GATE)
    saved(mo)

    mo.evaluate(
        "() => { const b = document.getElementById('text'); const at = b.value.indexOf('He looks up');"
        "b.focus(); b.setSelectionRange(at, at) }"
    )
    mo.keyboard.press("ArrowRight")

    expect(mo.locator("[data-look] h3")).to_contain_text("The word")
    expect(mo.locator("[data-look] [data-responses] li")).to_have_count(3)


def test_the_editor_fits_a_phone(look):
    phone = look.page("phone")
    look.sign_in(phone, "mo")
    phone.goto(f"{look.server.url}/reviews/scripts/new")
    phone.fill("#text", spoilt("-> gate [as", "-> gaet [as"))
    expect(phone.locator("[data-problems] > li.bad").first).to_be_visible()

    look.check(phone, "editor-phone")


def test_without_scripts_the_problem_leads_to_its_line(look):
    page = look.page("laptop", java_script_enabled=False)
    look.sign_in(page, "mo")
    page.goto(f"{look.server.url}/reviews/scripts/new")
    wrong = spoilt("-> gate [as", "-> gaet [as")
    page.fill("#text", wrong)
    page.click("[data-save]")

    page.click(f"text=Line {line_of('- A) Walks', wrong)}")

    expect(page.locator(f"#line-{line_of('- A) Walks', wrong)}")).to_be_in_viewport()
    page.fill("#text", spoilt("id: the-gate", "id: the-fence"))
    page.click("[data-publish]")
    page.wait_for_url("**/scenarios/the-fence")
