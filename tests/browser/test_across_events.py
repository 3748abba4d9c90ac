"""The evidence of several evenings: looked for, looked at together, and a new pack that shows how far it is."""

import csv
import io
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from evidence.exports import files_in
from evidence.service import publish_pack
from evidence.verify import differences_in
from scenario_app.kernel.clock import utc_now
from tests.browser.conftest import Look
from tests.evidence.a_room import ROLES, hold
from tests.makers import make_floor

pytestmark = pytest.mark.browser
EVENINGS = (("corn-exchange", "aabcc"), ("harbour-hall", "b"), ("library", "aaab"))


@pytest.fixture
def evenings(running):
    """Three evenings on one scenario; the last is not published yet."""
    town, now = running[0], utc_now() - timedelta(days=9)
    for slug, pattern in EVENINGS:
        floor = make_floor(town, now=now, slug=slug)
        floor.start()
        floor.open_round()
        hold(floor, floor.sit(*ROLES), pattern)
        if slug != "library":
            with town.database.transaction() as session:
                account = town.account("stella").id
                publish_pack(session, event_slug=slug, account_id=account, now=floor.now, threshold=8)
    return town, floor


def rounds_in(pack: bytes) -> list[dict[str, str]]:
    """Return the table of rounds of a pack, or of a collection of them."""
    return list(csv.DictReader(io.StringIO(files_in(pack)["tables/rounds.csv"].decode(), newline="")))


def test_what_rooms_said_is_found_compared_and_added_to(look: Look, evenings):
    site, (_town, library) = look.server.url, evenings
    anybody = look.page("phone")
    anybody.goto(f"{site}/evidence")
    anybody.click("summary:has-text('Find a pack')")
    anybody.fill("#words", "ANN")
    anybody.click("main form .btn")
    expect(anybody.locator("main")).to_contain_text("2 events found")
    look.check(anybody, "evidence-found-phone")
    anybody.goto(f"{site}/evidence?words=zebra")
    look.check(anybody, "evidence-nothing-found-phone")
    anybody.goto(f"{site}/language/ar?back=/evidence/across")
    look.check(anybody, "evidence-across-arabic")

    laptop = look.page("laptop")
    laptop.goto(f"{site}/evidence/across")
    expect(laptop.locator("table.heat")).to_contain_text("80 %")
    look.check(laptop, "evidence-across")
    laptop.click("table.heat a")
    expect(laptop.locator("table.grid")).to_contain_text("35 (100 %)")
    look.check(laptop, "evidence-in-several-places")

    stella = look.page("laptop")
    look.sign_in(stella, "stella")
    stella.goto(f"{site}/evidence/publish?event=library")
    stella.click("button:has-text('Publish library-v1')")
    stella.wait_for_url("**/evidence/library-v1")
    expect(stella.locator("[role=status]")).to_contain_text("It will not change any more")
    laptop.goto(f"{site}/evidence/across")
    expect(laptop.locator("caption")).to_contain_text("3 events")

    # More was asked that evening: the steward corrects the pack, and both versions stand.
    first = laptop.request.get(f"{site}/evidence/library-v1/pack.zip").body()
    library.open_round()
    hold(library, library.sit(*ROLES), "c")
    stella.goto(f"{site}/evidence/publish?event=library")
    stella.click("button:has-text('Publish library-v2')")
    stella.wait_for_url("**/evidence/library-v2")
    anybody.goto(f"{site}/language/en?back=/evidence?words=library")
    expect(anybody.locator("article")).to_contain_text("Earlier versions: library-v1")
    anybody.click("article >> text=library-v1")
    expect(anybody.locator("main")).to_contain_text("There is a newer version")
    look.check(anybody, "evidence-earlier-version-phone")
    assert laptop.request.get(f"{site}/evidence/library-v1/pack.zip").body() == first
    second = laptop.request.get(f"{site}/evidence/library-v2/pack.zip").body()
    assert not differences_in(first) + differences_in(second)
    assert (len(rounds_in(first)), len(rounds_in(second))) == (1, 2)

    with laptop.expect_download() as whole:
        laptop.goto(f"{site}/evidence")
        laptop.click("text=Download the tables of all of these as one file")
    assert sorted({row["pack"] for row in rounds_in(whole.value.path().read_bytes())}) == [
        "corn-exchange-v1",
        "harbour-hall-v1",
        "library-v2",
    ]
