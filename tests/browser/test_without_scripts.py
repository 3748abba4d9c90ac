"""A whole session with JavaScript off, on the phone and at the desk: plain forms and links do everything.

What came of each press is looked up in the database or in the cue, never only on the page that pressed.
"""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from live import messages
from live.assembly.queries import offered_in, proposals_of
from live.queries import ballots_of, section_by_code
from live.rules import digest_of
from live.talk.queries import talk_of_seat, waiting_in
from live.talk.said import waiting_words
from live.voting import holder_of
from scenario_app.kernel.clock import utc_now
from tests.browser.conftest import Look
from tests.halls import Hall, ask, new_hall, prepare
from tests.makers import Town, make_floor
from tests.real_servers import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running(tmp_path_factory, migrated_sqlite):
    """One server for all of these, with another room beside in which people vote, wait and have said something."""
    data_dir = tmp_path_factory.mktemp("plain") / "data"
    town = prepare(data_dir, migrated_sqlite)
    noise = make_floor(town, now=utc_now(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    noise.vote(c=6)
    noise.act(messages.ReplayFrom, scene="landing", stops=True)
    noise.act(messages.RaiseStopForSomebody, line=1)
    with serving(data_dir) as server:
        yield town, server
    town.database.close()


@dataclass
class Evening:
    """One section, its desk and one phone in it, both without scripts."""

    town: Town
    hall: Hall
    desk: Page
    phone: Page

    @property
    def cue(self) -> dict:
        """What the room is shown now."""
        return ask(f"{self.hall.api}/doors/{self.hall.code}/cue")[1]

    @property
    def section_id(self) -> int:
        """The section, as the database knows it."""
        with self.town.database.reading() as session:
            return section_by_code(session, self.hall.code).id

    def press(self, action: str, at: str = "", **fields: str) -> dict:
        """Press a button of the desk's page as it is now; return the cue afterwards."""
        self.desk.goto(f"{self.hall.server.url}/desk/sections/{self.hall.code}")
        form = self.desk.locator(f"{at} form[data-action={action}]").first
        for folded in form.locator("xpath=ancestor::details[not(@open)]/summary").all():
            folded.click()
        for name, value in fields.items():
            field = form.locator(f"[name='{name}']")
            if field.first.get_attribute("type") == "radio":
                form.locator(f"[name='{name}'][value='{value}']").check()
            elif field.first.evaluate("it => it.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        before = self.cue["seq"]
        form.locator("button").last.click()
        after = self.cue
        assert after["seq"] > before, f"{action} did nothing"
        return after

    def now(self) -> Page:
        """Ask the phone for what is happening now, as somebody without scripts does."""
        self.phone.click("text=Show what is happening now")
        return self.phone

    def others(self, response: str, count: int = 6) -> None:
        """Let other phones vote for a response."""
        for _phone in range(count):
            status, answer, _headers = ask(
                f"{self.hall.api}/rounds/{self.cue['round']['id']}/ballots",
                {"response": response, "key": "one-of-them", "rev": 1},
                Authorization=f"Bearer {self.hall.seat()}",
            )
            assert status in (200, 201), answer

    def seat_id(self) -> int:
        """The seat of the phone, by its cookie."""
        cookies = {it["name"]: it["value"] for it in self.phone.context.cookies()}
        with self.town.database.reading() as session:
            secret = cookies[f"seat-{self.hall.code}"]
            return holder_of(session, secret=secret, key=self.town.config.secret_key).seat_id

    def ballot(self) -> dict | None:
        """What the phone's vote is, as it is kept."""
        with self.town.database.reading() as session:
            return ballots_of(session, self.seat_id()).get(self.cue["round"]["id"])

    def ballots_shown(self) -> dict:
        """Close the vote, show the result, and return it."""
        self.press("close_round")
        return self.press("reveal")["result"]


@pytest.fixture(scope="module")
def fay(chromium, running) -> dict:
    """Fay, signed in once for all of these."""
    look = Look(chromium, running[1], None)
    page = look.page("laptop", java_script_enabled=False)
    look.sign_in(page, "fay")
    state = page.context.storage_state()
    look.close()
    return state


@pytest.fixture
def evening(look: Look, running, fay, request) -> Evening:
    """The door is open, the play has begun, a carer has come in: all by plain forms."""
    town, server = running
    hall = new_hall(town, server, request.node.name.replace("_", "-")[5:45].strip("-"))
    desk = look.page("laptop", java_script_enabled=False, storage_state=fay)
    phone = look.page("phone", java_script_enabled=False)
    evening = Evening(town, hall, desk, phone)
    evening.press("set_door")
    evening.press("start_performance")
    phone.goto(f"{server.url}/join")
    phone.fill("#code", hall.code.lower())
    phone.click("main button")
    phone.check("input[name=role][value=carer]")
    phone.click("main form button")
    expect(heading(phone)).to_contain_text("The landing")
    return evening


def heading(page: Page):
    return page.locator("h1:visible")


def check(look: Look, page: Page, name: str) -> None:
    """Look at the page as it came without scripts: axe is one itself, so it is shown a copy of the markup."""
    copy = look.page("phone" if "phone" in name else "laptop", bypass_csp=True)
    copy.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    copy.route(
        page.url.split("#")[0], lambda route: route.fulfill(body=page.content(), content_type="text/html")
    )
    copy.goto(page.url.split("#")[0])
    look.check(copy, name)
    copy.context.close()


def send(phone: Page) -> None:
    phone.click("button:has-text('Send my vote')")
    expect(heading(phone)).to_contain_text("Your vote is counted")


def test_every_kind_of_vote_a_reason_and_the_next_scene(look: Look, evening: Evening):
    phone = evening.phone

    evening.press("open_round", ".act")
    evening.now()
    phone.click("button:has-text('Send my vote')")
    expect(phone.locator("text=Choose one response before you send your vote.")).to_be_visible()
    assert evening.ballot() is None
    phone.check("input[value=a]")
    send(phone)
    receipt = phone.locator("[data-view=counted] b.num").inner_text()
    assert evening.ballot() == {"response": "a", "rev": 1}
    assert len(receipt) == 4
    phone.fill("#reason", "It is nearer to her")
    phone.click("[data-reason] button")
    expect(phone.locator("text=with the people at the desk").first).to_be_visible()
    with evening.town.database.reading() as session:
        (said,) = waiting_words(session, evening.section_id)
    assert (said.text, said.response, said.role) == ("It is nearer to her", "", "carer")
    check(look, phone, "plain-phone-counted")
    evening.others("b")
    evening.press("decide_text", "#texts")
    check(look, evening.desk, "plain-desk-voting")
    evening.press("enter_hand_count", "#hands", **{"votes-b": "7"})
    shown = evening.ballots_shown()
    assert (shown["winner"], shown["votes"]) == ("b", {"a": 1, "b": 6, "c": 0})
    assert shown["hand_means"] == {"hands": {"a": 0, "b": 7, "c": 0}}
    assert shown["reasons"] == [{"response": "a", "text": "It is nearer to her"}]
    expect(heading(evening.now())).to_contain_text("The room chose B")
    expect(phone.locator("[data-view=revealed]")).to_contain_text("It is nearer to her")
    check(look, phone, "plain-phone-revealed")

    evening.press("open_round", "#beside", kind="approve")
    evening.now()
    phone.check("input[name=responses][value=a]")
    phone.check("input[name=responses][value=c]")
    send(phone)
    assert evening.ballot() == {"responses": ["a", "c"], "rev": 1}
    evening.ballots_shown()

    evening.press("open_round", "#beside", kind="rank")
    evening.now()
    phone.select_option("#rank-c", "1")
    phone.select_option("#rank-a", "2")
    send(phone)
    assert evening.ballot() == {"ranking": ["c", "a"], "rev": 1}
    phone.click("text=Change my vote")
    expect(phone.locator("#rank-c")).to_have_value("1")
    phone.select_option("#rank-c", "2")
    phone.select_option("#rank-a", "1")
    send(phone)
    assert evening.ballot() == {"ranking": ["a", "c"], "rev": 2}
    assert evening.ballots_shown()["winner"] == "a"
    assert evening.press("take_branch")["scene"]["key"] == "hall"
    expect(heading(evening.now())).to_contain_text("The hall")


def waiting(evening: Evening) -> list[int]:
    with evening.town.database.reading() as session:
        return list(waiting_in(session, evening.section_id).stops)


def verdicts(evening: Evening) -> dict[int, str]:
    with evening.town.database.reading() as session:
        return dict(talk_of_seat(session, seat_id=evening.seat_id(), section_id=evening.section_id).verdicts)


def test_stop_is_raised_taken_back_raised_again_and_what_was_tried_is_weighed(look: Look, evening: Evening):
    phone = evening.phone
    evening.press("replay_from", stops="true")

    evening.now()
    phone.locator("[data-dock] >> text=Stop!").first.click()
    check(look, phone, "plain-phone-stopping")
    phone.click("button:has-text('Hello?')")
    expect(heading(phone)).to_have_text("Your hand is up")
    expect(phone.locator("[data-view=handup]")).to_contain_text("You are next.")
    assert len(waiting(evening)) == 1
    phone.click("text=Put my hand down")
    expect(heading(phone)).to_contain_text("The landing")
    assert waiting(evening) == []

    phone.locator("[data-dock] >> text=Stop!").first.click()
    phone.click("button:has-text('Here and now')")
    assert len(waiting(evening)) == 1
    assert evening.press("pick_stop")["stop"]["id"] is not None
    expect(heading(evening.now())).to_have_text("Come in")
    check(look, phone, "plain-phone-come-in")
    tried = evening.press("record_intervention", part="Ann")["intervention"]
    assert tried["part"] == "Ann"
    evening.press("open_weighing")
    expect(heading(evening.now())).to_contain_text("Could this happen here?")
    phone.click("button:has-text('That is magic')")
    assert verdicts(evening) == {tried["id"]: "magic"}
    phone.click("[data-weighing] button[value=here]")
    assert verdicts(evening) == {tried["id"]: "here"}
    check(look, phone, "plain-phone-weighing")
    evening.press("close_weighing")
    expect(evening.now().locator("[data-view=weighed]")).to_contain_text("Too few people answered")


def test_a_proposal_other_words_for_it_and_leaving_well(look: Look, evening: Evening):
    phone, town, section_id = evening.phone, evening.town, evening.section_id
    evening.press("open_round", ".act")
    evening.others("c")
    evening.ballots_shown()
    evening.press("take_branch")
    evening.press("end_performance", ".act")

    def offer(words: str, kind: str) -> None:
        if not phone.locator("#offer-text").is_visible():
            phone.click("#after summary")
        phone.select_option("#offer-kind", kind)
        phone.fill("#offer-text", words)
        phone.click("[data-offer] button")
        expect(phone.locator("text=Your words are with the people at the desk.").first).to_be_visible()
        with town.database.reading() as session:
            (offered,) = offered_in(session, section_id)
        assert (offered.kind, offered.text, offered.role) == (kind, words, "carer")
        assert offered.digest == digest_of(words)

    evening.now()
    offer("A bell on each door", "proposal")
    (proposal,) = evening.press("make_proposal", "#proposals .panel")["proposals"]
    assert proposal["wording"] == "A bell on each door"
    expect(evening.now().locator("#after")).to_contain_text("A bell on each door")
    offer("A bell and a light on each door", "amendment")
    evening.press("amend_proposal", "#proposals .panel")
    with town.database.reading() as session:
        (kept,) = proposals_of(session, section_id)
    assert (kept.wording, kept.before) == ("A bell and a light on each door", "A bell on each door")
    check(look, evening.now(), "plain-phone-after")

    phone.click("text=Leaving? Tell us how it was")
    check(look, phone, "plain-phone-leaving")
    phone.click("main form button")
    expect(phone.locator("[role=alert]")).to_contain_text("Nothing was sent yet")
    phone.check("#heard-4")
    phone.check("#safe-5")
    phone.fill("#words", "The chairs were hard")
    phone.click("main form button")
    expect(phone.locator("text=What you said is kept without your seat").first).to_be_visible()
    with town.database.reading() as session:
        kept = session.execute(
            text("SELECT heard, safe, words FROM feedback WHERE section_id = :section"),
            {"section": section_id},
        ).all()
    assert [tuple(row) for row in kept] == [(4, 5, "The chairs were hard")]
