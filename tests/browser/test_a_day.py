"""A day in urgent care: three sections, six scenarios, two desks, the screen, and a room that says and does everything.

Beside it the test keeps a plain model, a counter for each thing that was voted, raised, tried, said and promised. At
the end every figure of the evidence is held against it.
"""

import csv
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from evidence.queries import zip_of
from evidence.service import publish_pack
from live.assembly.queries import commitments_of, proposals_of
from live.preparing.appointing import appoint_facilitator
from live.programme import EventPlan, SectionPlan, programme_event
from live.queries import event_by_slug
from live.rules import Right
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_account
from scenario_app.kernel.clock import utc_now
from scenarios.queries import script_of_version
from tests.browser.conftest import Look, caught_up
from tests.browser.crowd import Crowd
from tests.halls import Hall, act, ask, prepare
from tests.makers import PATHWAY
from tests.real_servers import serving

pytestmark = pytest.mark.browser
SLUG = "a-day-in-the-corn-exchange"
CROWD = 60


@dataclass
class Model:
    """What happened, counted by hand."""

    rounds: dict[tuple[str, str, int], Counter[str]] = field(default_factory=dict)
    hands: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    practised: int = 0


@pytest.fixture
def running(tmp_path, migrated_sqlite):
    """A town with the six samples, and a day in three sections with two of them each."""
    town = prepare(tmp_path / "data", migrated_sqlite, samples=True)
    now = utc_now()
    sections = [
        SectionPlan(
            title,
            now + timedelta(hours=number),
            now + timedelta(hours=number + 1),
            town.slugs[2 * number : 2 * number + 2],
        )
        for number, title in enumerate(("First response", "The long wait", "Home, or not"))
    ]
    plan = EventPlan(
        SLUG, "A day in the Corn Exchange", "Corn Exchange", PATHWAY, sections, "Stella Marsh", "by the door"
    )
    with town.database.transaction() as session:
        fay = town.account("fay").id
        gil = add_account(
            session, email="gil@eastmere.example", name="Gil", duties=[Duty.FACILITATOR], now=now
        )
        programme_event(session, plan, account_id=fay, now=now)
        appoint_facilitator(
            session,
            event_slug=SLUG,
            account_id=gil.id,
            rights=list(Right),
            appointed_by=fay,
            now=now,
        )
    with serving(tmp_path / "data") as server:
        yield town, server
    town.database.close()


# --- the desk -------------------------------------------------------------------------------------------


def cue_of(hall: Hall) -> dict:
    return ask(f"{hall.api}/doors/{hall.code}/cue")[1]


OPEN_WHAT_IS_FOLDED = """form => {
  for (let it = form.closest("details"); it; it = it.parentElement.closest("details")) it.open = true;
}"""


def press(
    desk: Page, hall: Hall, action: str, where: dict | None = None, at: str = "", **fields: str
) -> dict:
    """Press a button of the desk as a person does, and wait until the desk shows what came of it."""
    before = cue_of(hall)["seq"]
    caught_up(desk, before)
    form = desk.locator(f"form[data-action={action}]")
    for name, value in (where or {}).items():
        form = form.filter(has=desk.locator(f"input[name={name}][value='{value}']"))
    if at:
        form = form.filter(has=desk.locator(at))
    form = form.first
    form.evaluate(OPEN_WHAT_IS_FOLDED)
    for name, value in fields.items():
        form.evaluate(OPEN_WHAT_IS_FOLDED)
        control = form.locator(f"[name={name}]")
        kind = control.first.evaluate("it => it.tagName + ' ' + it.type")
        if "radio" in kind:
            form.locator(f"[name={name}][value='{value}']").check()
        elif kind.startswith("SELECT"):
            control.select_option(value)
        else:
            control.first.fill(value)
    form.evaluate(OPEN_WHAT_IS_FOLDED)
    form.locator("button").last.click()
    desk.wait_for_function(
        "seq => Number(document.querySelector('input[name=expects]')?.value) > seq", arg=before
    )
    return cue_of(hall)


def vote_on_the_phone(phone: Page, response: str) -> None:
    """Choose, send, and see that it is counted."""
    phone.locator(f"[data-vote] input[name=response][value='{response}']").check()
    phone.locator("[data-show=deciding]").first.click()
    expect(phone.locator("[data-view=counted]")).to_be_visible()


def vote(day: "Day", phones: dict[int, str], crowd: dict[str, int]) -> Counter[str]:
    """Let the room vote in the open round: the phones that are looked at, and the crowd."""
    round_id = cue_of(day.hall)["round"]["id"]
    for number, response in phones.items():
        vote_on_the_phone(day.phones[number], response)
    return day.crowd.vote(round_id, crowd) + Counter(phones.values())


def close_and_reveal(day: "Day", desk: Page) -> dict:
    round_id = cue_of(day.hall)["round"]["id"]
    press(desk, day.hall, "close_round")
    return press(desk, day.hall, "reveal", {"round": round_id})


@dataclass
class Day:
    """Everybody who is there."""

    look: Look
    hall: Hall
    fay: Page
    gil: Page
    screen: Page
    phones: list[Page]
    crowd: Crowd
    model: Model
    scenario: str


# --- the day --------------------------------------------------------------------------------------------


def rehearse(look: Look, fay: Page) -> None:
    """The whole day once more, with simulated phones; then it is gone."""
    fay.goto(f"{look.server.url}/desk/events/{SLUG}")
    fay.click("form[action$='/rehearse'] button")
    fay.wait_for_url("**.rehearsal")
    rehearsal = fay.url
    fay.locator("a:has-text('Run this section')").first.click()
    fay.wait_for_url("**/desk/sections/**")
    expect(fay.locator(".rehearsal")).to_be_visible()
    hall = Hall(look.server, fay.url.rsplit("/", 1)[1])
    press(fay, hall, "set_door", {"open": "true"})
    fay.fill("#phones", "3")
    fay.click("form[action*='/desk/crowd/'] button")
    expect(fay.locator("[data-seats]")).to_have_text("3")
    press(fay, hall, "start_performance")
    press(fay, hall, "open_round")
    expect(fay.locator("[data-voted]")).to_contain_text("3 of 3")
    press(fay, hall, "close_round")
    fay.goto(rehearsal)
    fay.click("form[action$='/end-rehearsal'] button")
    fay.wait_for_url(f"**/desk/events/{SLUG}")


def warm_up(day: Day) -> None:
    """A practice vote, which counts for nothing."""
    cue = press(day.fay, day.hall, "open_round", {"practice": "true"})
    answers = [response["key"] for response in cue["round"]["responses"]]
    day.model.practised += sum(vote(day, {0: answers[0]}, {answers[1]: 9}).values())
    close_and_reveal(day, day.fay)
    press(day.fay, day.hall, "leave_question")


def play_once(day: Day) -> None:
    """The story as it happened, to its ending; then: is it believable?"""
    cue = press(day.fay, day.hall, "start_performance")
    expect(day.screen.locator("[data-view=watching]")).to_be_visible()
    while cue["scene"]["kind"] != "ending":
        as_it_happened = day.fay.locator("form[data-action=go_on] input[name=as_it_happened]").count()
        cue = press(day.fay, day.hall, "go_on", {"as_it_happened": "true"} if as_it_happened else None)
    cue = press(day.fay, day.hall, "open_round", {"about": "believable"})
    answers = [response["key"] for response in cue["round"]["responses"]]
    voted = vote(day, {0: answers[0], 1: answers[1]}, {answers[0]: 30, answers[2]: 4})
    day.model.rounds[day.scenario, "believable", 1] = voted
    close_and_reveal(day, day.fay)
    press(day.fay, day.hall, "leave_question")


def first_round(day: Day, start: str) -> None:
    """Round 1 with hands and a reason; closed and shown from the desk on a phone."""
    press(day.fay, day.hall, "replay_from", scene=start, stops="true")
    cue = press(day.fay, day.hall, "open_round")
    voted = vote(day, {0: "a", 1: "b", 2: "b", 3: "b"}, {"a": 25, "b": 20, "c": 5})
    day.model.rounds[day.scenario, cue["round"]["decision"], 1] = voted
    press(day.gil, day.hall, "enter_hand_count", {"means": "hands"}, **{"votes-a": "2", "votes-b": "11"})
    day.model.hands.update({"a": 2, "b": 11})
    why = day.phones[1].locator("[data-reason]")
    why.locator("textarea").fill("Nobody listens to her otherwise")
    why.locator("button").click()
    expect(day.fay.locator("#texts")).to_contain_text("Nobody listens to her otherwise")
    press(day.fay, day.hall, "decide_text", {"verdict": "approve"})
    cue = close_and_reveal(day, day.gil)
    assert cue["result"]["winner"] == "b", "hands decide with the phones"
    assert cue["result"]["reasons"] == [{"response": "b", "text": "Nobody listens to her otherwise"}]
    press(day.fay, day.hall, "show_on_screen", {"what": "reasons"})
    expect(day.screen.locator("text=Nobody listens to her otherwise")).to_be_visible()
    day.look.check(day.gil, "day-desk-phone-revealed")


def stop_and_try(day: Day, start: str) -> None:
    """Hands go up, one comes down; somebody steps in; the room weighs it."""
    cue = press(day.fay, day.hall, "replay_from", scene=start, stops="true")
    line = cue["scene"]["lines"][-1]["n"]
    for phone in day.phones[:2]:
        phone.locator("[data-show=watching] >> text=Stop!").first.click()
        phone.locator(f"[data-stopping] button[value='{line}']").click()
        expect(phone.locator("[data-view=handup]")).to_be_visible()
    heard = day.crowd.say(18, "stop", {"scene": cue["scene"]["key"], "line": line})
    assert heard == 18
    day.phones[1].locator("text=Put my hand down").first.click()
    expect(day.phones[1].locator("[data-view=handup]")).to_be_hidden()
    day.model.stops += 19  # a hand that was put down again is in no evidence
    expect(day.fay.locator("#stop-h")).to_contain_text("19 hands")
    press(day.fay, day.hall, "pick_stop")
    day.look.check(day.fay, "day-desk-asked-in")
    form = day.fay.locator("form[data-action=record_intervention]").first
    form.locator("input[name=part]").first.check()
    press(day.fay, day.hall, "record_intervention")
    tried = cue_of(day.hall)["intervention"]["id"]
    press(day.fay, day.hall, "open_weighing", {"intervention": tried})
    for phone, verdict in zip(day.phones, ("here", "here", "magic", "unsure"), strict=True):
        phone.locator(f"[data-weighing] button[value={verdict}]").click()
        day.model.verdicts[verdict] += 1
    day.model.verdicts["here"] += day.crowd.say(
        9, "weigh_intervention", {"intervention": tried, "verdict": "here"}
    )
    cue = press(day.fay, day.hall, "close_weighing", {"intervention": tried})
    assert Counter(cue["intervention"]["verdicts"]) == day.model.verdicts


def second_round(day: Day) -> None:
    """The room adds a response, and it wins: it is made up on the spot, and the play goes on."""
    saying = day.phones[2].locator("[data-suggesting]")
    if not saying.is_visible():
        cue = press(day.fay, day.hall, "open_round")
        vote(day, {}, {})
        close_and_reveal(day, day.fay)
        day.model.rounds[day.scenario, cue["round"]["decision"], 2] = Counter()
    saying.locator("summary").click()
    saying.locator("input[name=text]").fill("Ask what helped last time")
    saying.locator("button").click()
    expect(day.fay.locator("#texts")).to_contain_text("Ask what helped last time")
    press(day.fay, day.hall, "decide_text", {"verdict": "approve"})
    text = day.fay.locator("form[data-action=add_floor_response] input[name=text_id]").first.input_value()
    press(day.fay, day.hall, "add_floor_response", {"text_id": text})
    cue = press(day.fay, day.hall, "open_round")
    assert [it["key"] for it in cue["round"]["responses"] if it["floor"]] == ["f1"]
    decision, number = cue["round"]["decision"], cue["round"]["number"]
    day.look.check(day.phones[3], "day-phone-floor-response")
    voted = vote(day, {0: "f1", 1: "f1", 2: "f1", 3: "a"}, {"f1": 31, "a": 12, "c": 3})
    day.model.rounds[day.scenario, decision, number] = voted
    cue = close_and_reveal(day, day.fay)
    expect(day.screen.locator("[data-view=revealed]")).to_be_visible()
    day.look.check(day.screen, "day-screen-floor-response")
    cue = press(day.fay, day.hall, "take_branch")
    assert cue["scene"]["improvised"] is True
    press(day.fay, day.hall, "note_improvised", text="She told them about the blue door.")


def overrule_once(day: Day, onward: str) -> None:
    """From the improvised scene to one where something must be decided; the joker plays another one, and says why."""
    press(day.fay, day.hall, "go_on", to=onward)
    cue = press(day.fay, day.hall, "open_round")
    voted = vote(day, {0: "a"}, {"a": 22, "b": 7})
    day.model.rounds[day.scenario, cue["round"]["decision"], cue["round"]["number"]] = voted
    close_and_reveal(day, day.fay)
    cue = press(day.fay, day.hall, "overrule", response="b", reason="We played the other one this morning")
    assert cue["path"][-1]["overruled"] is True
    expect(day.phones[0].locator("text=We played the other one this morning").first).to_be_visible()


def to_the_end(day: Day) -> None:
    """Wherever the votes lead, until it ends."""
    while (cue := cue_of(day.hall))["scene"]["kind"] != "ending":
        if day.fay.locator("form[data-action=go_on]").count():
            press(day.fay, day.hall, "go_on")
            continue
        cue = press(day.fay, day.hall, "open_round")
        voted = vote(day, {}, {"a": 14, "b": 6})
        key = (day.scenario, cue["round"]["decision"], cue["round"]["number"])
        day.model.rounds[key] = voted
        close_and_reveal(day, day.fay)
        press(day.fay, day.hall, "take_branch")
    press(day.fay, day.hall, "end_performance")


def propose_and_promise(day: Day) -> None:
    """A proposal from a phone, answered, amended, adopted by a rule that was named; promises read back."""
    phone = day.phones[0]
    expect(phone.locator("[data-view=ended]")).to_be_visible()
    phone.locator("[data-assembly] summary").click()
    phone.fill("#offer-text", "A quiet room at the station")
    phone.click("[data-offer] button")
    expect(day.fay.locator("#proposals")).to_contain_text("A quiet room at the station")
    cue = press(day.fay, day.hall, "make_proposal")
    proposal = cue["proposals"][0]["id"]
    press(
        day.fay,
        day.hall,
        "note_answer",
        {"proposal": proposal},
        question="worries",
        text="Who is in it at night?",
    )
    press(
        day.fay, day.hall, "amend_proposal", {"proposal": proposal}, wording="A quiet room, staffed by night"
    )
    cue = press(day.fay, day.hall, "open_round", {"proposal": proposal}, passing_rule="two_thirds")
    voted = vote(day, {0: "yes", 1: "yes", 2: "no"}, {"yes": 30, "no": 10})
    day.model.rounds[day.scenario, cue["round"]["decision"], 1] = voted
    cue = close_and_reveal(day, day.fay)
    assert cue["proposals"][0]["state"] == "adopted"
    press(day.fay, day.hall, "leave_question")
    due = (utc_now() + timedelta(days=120)).date().isoformat()
    press(
        day.fay,
        day.hall,
        "record_commitment",
        at="#what-new",
        promised="true",
        what="A room by spring",
        owner="Cleo",
        due=due,
    )
    press(
        day.fay,
        day.hall,
        "record_commitment",
        at="#what-new",
        promised="false",
        what="A second car",
        why="There is no money",
    )
    press(day.fay, day.hall, "show_on_screen", {"what": "commitments"})
    expect(day.screen.locator("text=A room by spring")).to_be_visible()
    day.look.check(day.screen, "day-screen-promises")
    day.look.check(day.fay, "day-desk-assembly")
    day.look.check(phone, "day-phone-assembly")


def sections_of(town) -> list:
    with town.database.reading() as session:
        return list(event_by_slug(session, SLUG).sections)


def test_a_day_in_urgent_care(look: Look, running) -> None:
    town, server = running
    first, *others = sections_of(town)
    hall = Hall(server, first.code)
    fay, gil = look.page("laptop"), look.page("phone")
    look.sign_in(fay, "fay")
    look.sign_in(gil, "gil")
    rehearse(look, fay)
    for desk in (fay, gil):
        desk.goto(f"{server.url}/desk/sections/{hall.code}")
    press(fay, hall, "set_door", {"open": "true"})
    screen = look.page("screen")
    screen.goto(f"{server.url}/screen/{hall.code}?key={first.screen_key}")
    phones = [look.page("phone") for _phone in range(4)]
    for phone in phones:
        phone.goto(f"{server.url}/join/{hall.code}")
        phone.locator("form button.btn.full").click()
        phone.wait_for_url("**/at/**")
    crowd = Crowd(hall)
    crowd.come_in(CROWD, "carer")
    day = Day(look, hall, fay, gil, screen, phones, crowd, Model(), first.performances[0].slug)
    try:
        warm_up(day)
        play_once(day)
        start = scene_with_first_decision(town, first)
        first_round(day, start)
        stop_and_try(day, start)
        second_round(day)
        overrule_once(day, next_decision(town, first, start))
        to_the_end(day)
        propose_and_promise(day)
        play_the_others(day, first, others)
        finish(day, town)
    finally:
        crowd.leave()


def script_of(town, section):
    with town.database.reading() as session:
        return script_of_version(session, section.performances[0].version_id)


def scene_with_first_decision(town, section) -> str:
    script = script_of(town, section)
    return next(key for key in script.anti_model() if getattr(script.at(key), "decision", None))


def next_decision(town, section, start: str) -> str:
    script = script_of(town, section)
    return next(scene.key for scene in script.scenes if scene.decision and scene.key != start)


def play_the_others(day: Day, first, others) -> None:
    """The second play of the first section, and both of the two other sections, quickly."""
    keep(day, first.performances[1].slug, day.crowd.play_through(first.performances[1].id, {"a": 11, "b": 4}))
    for section in others:
        hall = Hall(day.look.server, section.code)
        hall.sign_in()
        crowd = Crowd(hall)
        try:
            crowd.do(open_door(hall))
            crowd.come_in(12)
            for performance in section.performances:
                keep(day, performance.slug, crowd.play_through(performance.id, {"a": 3, "b": 8}))
        finally:
            crowd.leave()


async def open_door(hall: Hall) -> None:
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)


def keep(day: Day, scenario: str, voted: list) -> None:
    numbers: Counter[str] = Counter()
    for decision, votes in voted:
        numbers[decision] += 1
        day.model.rounds[scenario, decision, numbers[decision]] = votes


def finish(day: Day, town) -> None:
    """Close the day, publish the evidence, and hold every figure against the model."""
    day.fay.goto(f"{day.look.server.url}/desk/events/{SLUG}")
    day.fay.click("form[action$='/close'] button")
    expect(day.fay.locator("text=This event is closed").first).to_be_visible()
    with town.database.transaction() as session:
        pack = publish_pack(
            session, event_slug=SLUG, account_id=town.account("stella").id, now=utc_now(), threshold=8
        )
        promises = commitments_of(session, sections_of(town)[0].id)
        proposals = proposals_of(session, sections_of(town)[0].id)
        tables = tables_of(zip_of(session, pack.reference))
    rounds = {row["round"]: row for row in tables["rounds"]}
    counted: dict[tuple[str, str, int], Counter[str]] = {
        (row["scenario"], row["decision"], int(row["number"])): Counter() for row in rounds.values()
    }
    hands: Counter[str] = Counter()
    for row in tables["results"]:
        of = rounds[row["round"]]
        if row["channel"] == "room":
            counted[of["scenario"], of["decision"], int(of["number"])][row["response"]] += int(row["votes"])
        else:
            hands[row["response"]] += int(row["votes"])
    assert {key: +votes for key, votes in counted.items()} == {
        key: +votes for key, votes in day.model.rounds.items()
    }
    assert +hands == day.model.hands
    assert len(tables["stops"]) == day.model.stops
    (tried,) = tables["interventions"]
    assert {name: int(tried[name]) for name in ("here", "magic", "unsure")} == day.model.verdicts
    assert [(it.wording, it.state, it.before) for it in proposals] == [
        ("A quiet room, staffed by night", "adopted", "A quiet room at the station")
    ]
    assert [(it.promised, it.read_back_at is not None) for it in promises] == [(True, True), (False, True)]
    assert [row["text"] for row in tables["reasons"]] == ["Nobody listens to her otherwise"]
    assert sum(row["overruled"] in ("true", "True", "yes", "1") for row in rounds.values()) == 1
    assert day.model.practised == 10
    assert not [row for row in rounds.values() if "practice" in row["decision"]]


def tables_of(data: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        return {
            name.removeprefix("tables/").removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(pack.read(name).decode("utf-8")))
            )
            for name in pack.namelist()
            if name.startswith("tables/")
        }
