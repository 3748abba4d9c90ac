"""Legible from the back: what the hall is shown is large enough, whole and inside the wall, in both directions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from live import messages
from live.choices import Choice
from live.cues import cue_of
from live.hearing import hear
from live.rules import digest_of
from live.talk.queries import waiting_in
from live.talk.said import waiting_words
from live.voting import SeatHolder, TakenSeat
from scenario_app.kernel.clock import utc_now
from scenarios.rendering import render_script
from scenarios.samples import sample_texts
from scenarios.script.parts import Scene
from scenarios.script.script import Script
from scenarios.service import publish_scenario
from tests.browser.conftest import Look
from tests.halls import prepare
from tests.makers import PATHWAY, Floor, Town, make_floor
from tests.real_servers import Server, serving

pytestmark = pytest.mark.browser

# The smallest words that a wall may bear, as a part of its height; see static/css/screen.css.
LEAST = 1.2 / 46
WALLS = ((1920, 1080), (1024, 768))

# Every element that bears words of its own and is shown; what is wrong with it, if anything.
TOO_SMALL_OR_CUT = """least => {
  const { innerWidth: wide, innerHeight: high } = window;
  const found = [];
  const say = (what, element) => found.push(`${what}: ${element.textContent.trim().slice(0, 50)}`);
  const { scrollHeight, scrollWidth } = document.documentElement;
  if (scrollHeight > high) found.push(`${scrollHeight} of ${high} high`);
  if (scrollWidth > wide) found.push(`${scrollWidth} of ${wide} wide`);
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    if (element.closest(".vh, .said, script, template")) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < least * high - 0.05) say(`${size.toFixed(1)} px, not ${(least * high).toFixed(1)}`, element);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.left < -1 || box.top < -1 || box.right > wide + 1 || box.bottom > high + 1) say("outside", element);
      // Half of the letters' height, in the middle: lines may stand close, letters may not lie on letters.
      const inset = (box.height - size * 0.5) / 2;
      const [top, bottom] = [box.top + inset, box.bottom - inset];
      boxes.push({ element, left: box.left + 1, right: box.right - 1, top, bottom });
    }
  }
  boxes.forEach((one, place) => {
    for (const other of boxes.slice(place + 1)) {
      if (one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom) {
        say(`lies on “${other.element.textContent.trim().slice(0, 30)}”`, one.element);
      }
    }
  });
  return found;
}"""


@pytest.fixture(scope="module")
def running(tmp_path_factory, migrated_sqlite) -> Iterator[tuple[Town, Server]]:
    """One server with the samples and two scripts of long words."""
    data_dir = tmp_path_factory.mktemp("legible") / "data"
    town = prepare(data_dir, migrated_sqlite, samples=True)
    with serving(data_dir, SITE_NAME="Eastmere Together") as server:
        yield town, server
    town.database.close()


def publish(town: Town, language: str) -> str:
    text = (Path(__file__).parent / f"long_words.{language}.md").read_text(encoding="utf-8")
    with town.database.transaction() as session:
        return publish_scenario(
            session,
            rendered=render_script(Script.parse(text)),
            pathway_slug=PATHWAY,
            account_id=town.account("mo").id,
            now=utc_now(),
        ).slug


def floor_with(town: Town, slug: str, name: str) -> Floor:
    """A section that plays this scenario alone, its door open and its play not begun."""
    floor = make_floor(replace(town, slugs=[slug]), now=utc_now(), slug=name)
    floor.act(messages.SetDoor, open=True)
    return floor


class Wall:
    """A screen that is looked at on both walls, in one state after another."""

    def __init__(self, look: Look, floor: Floor, name: str, **options: object) -> None:
        self.look, self.floor, self.name = look, floor, name
        self.page: Page = look.page("screen", **options)
        self.page.goto(f"{look.server.url}/screen/{floor.section.code}?key={floor.section.screen_key}")
        self.found: list[str] = []

    def shows(self, view: str, words: str = "") -> None:
        """Wait until the hall sees this, and note all that is too small, cut or covered."""
        shown = self.page.locator(f"[data-view={view}]")
        expect(shown).to_be_visible()
        if words:
            expect(shown).to_contain_text(words)
        for wide, high in WALLS:
            self.page.set_viewport_size({"width": wide, "height": high})
            self.page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
            wrong = self.page.evaluate(TOO_SMALL_OR_CUT, LEAST)
            self.found += [f"{self.name} {view} {wide}: {what}" for what in wrong]
            self.look.shot(self.page, f"legible-{self.name}-{view}-{wide}")


def say(floor: Floor, seat: TakenSeat, message: messages.PhoneMessage) -> None:
    """Let a phone say something."""
    holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
    with floor.town.database.transaction() as session:
        hear(session, seat=holder, message=message, now=floor.now + timedelta(minutes=1))


def say_why(floor: Floor, seats: Sequence[TakenSeat], words: str) -> None:
    """Let these seats say why they chose as they did, and the desk approve of it."""
    for number, seat in enumerate(seats):
        message = messages.GiveReason(round_id=floor.round_id, text=words, key=f"why-{number}-00000")
        say(floor, seat, message)
        with floor.town.database.reading() as session:
            (said,) = waiting_words(session, floor.section_id)
        floor.act(messages.DecideText, text_id=said.id, digest=digest_of(said.text), verdict="approve")


def evening(wall: Wall, words: str, part: str) -> None:
    """A whole evening of long words, looked at wherever the hall sees something else."""
    floor = wall.floor
    wall.shows("waiting")
    floor.act(messages.StartPerformance, performance_id=floor.section.performances[0].id)
    wall.shows("watching", part)

    floor.open_round()
    wall.shows("deciding")
    seats = floor.sit(*["carer"] * 12, *["police"] * 12, *["emergency_calls"] * 12, *["service_user"] * 12)
    for number, seat in enumerate(seats):
        floor.cast(seat, "abcdef"[number % 6])
    say_why(floor, seats[:6], words)
    for means, votes in (("hands", 6), ("paper", 11)):
        floor.act(
            messages.EnterHandCount,
            round_id=floor.round_id,
            votes=dict.fromkeys("abcdef", votes),
            means=means,
        )
    floor.act(messages.CloseRound, round_id=floor.round_id)
    wall.shows("closed")
    floor.act(messages.Reveal, round_id=floor.round_id)
    wall.shows("revealed")
    for what in ("roles", "reasons"):
        floor.act(messages.ShowOnScreen, what=what)
        wall.shows(what)

    floor.open_round(kind="rank")
    for number, seat in enumerate(seats):
        floor.cast(seat, Choice.ranking("abcdefabc"[number % 6 :][:3]).kept)
    floor.act(messages.CloseRound, round_id=floor.round_id)
    floor.act(messages.Reveal, round_id=floor.round_id)
    wall.shows("revealed")

    floor.act(messages.ReplayFrom, scene="shelter", stops=True)
    floor.act(messages.RaiseStopForSomebody, line=2)
    (stop,) = waiting(floor)
    floor.act(messages.PickStop, stop_id=stop)
    wall.shows("stop")
    floor.act(messages.RecordIntervention, stop_id=stop, part=part, tried=words)
    with floor.town.database.reading() as session:
        tried = cue_of(session, floor.section_id).intervention.id
    floor.act(messages.OpenWeighing, intervention_id=tried)
    wall.shows("intervention", words)
    for seat in seats[:9]:
        say(
            floor,
            seat,
            messages.WeighIntervention(intervention_id=tried, verdict="magic", key=f"weighed-{seat.id}"),
        )
    floor.act(messages.CloseWeighing, intervention_id=tried)
    wall.shows("intervention", "9")

    for _proposal in range(4):
        floor.act(messages.MakeProposal, wording=words)
    floor.act(messages.ShowOnScreen, what="proposals")
    wall.shows("proposals")
    for _promise in range(2):
        floor.act(
            messages.RecordCommitment,
            promised=True,
            what=words,
            owner=part,
            due=floor.now.date() + timedelta(days=90),
        )
        floor.act(messages.RecordCommitment, promised=False, what=words, why=words)
    floor.act(messages.ShowOnScreen, what="commitments")
    wall.shows("commitments")

    floor.open_round()
    floor.vote(a=3)
    floor.act(messages.TakeBranch, round_id=floor.round_id)
    floor.act(messages.EndPerformance)
    floor.act(messages.ShowOnScreen, what="path")
    wall.shows("path")


def waiting(floor: Floor) -> list[int]:
    with floor.town.database.reading() as session:
        return list(waiting_in(session, floor.section_id).stops)


def test_an_evening_of_long_words_can_be_read_from_the_back(look: Look, running):
    town, _server = running
    wall = Wall(look, floor_with(town, publish(town, "en"), "six-ways"), "english")

    evening(
        wall,
        "Somebody who is awake answers the telephone within ten minutes, at any hour of the night",
        "Ben",
    )

    assert wall.found == []


def test_an_evening_of_long_words_in_arabic_can_be_read_from_the_back(look: Look, running):
    town, _server = running
    wall = Wall(look, floor_with(town, publish(town, "ar"), "six-ways-in-arabic"), "arabic", locale="ar")

    evening(wall, "شخص مستيقظ يجيب على الهاتف خلال عشر دقائق، في أي ساعة من ساعات الليل", "بن")

    assert wall.found == []


@pytest.mark.parametrize("locale", ["en", "ar", "pl"])
def test_the_longest_scene_of_the_samples_can_be_read_from_the_back(look: Look, running, locale):
    town, _server = running
    slug, scene = max(scenes_of(town), key=lambda each: sum(len(line.text) for line in each[1].lines))
    floor = floor_with(town, slug, f"longest-{locale}")
    floor.act(messages.StartPerformance, performance_id=floor.section.performances[0].id)
    floor.act(messages.ReplayFrom, scene=scene.key)
    wall = Wall(look, floor, f"longest-{locale}", locale=locale)

    wall.shows("watching", scene.lines[-1].text)

    assert wall.found == []


def scenes_of(town: Town) -> list[tuple[str, Scene]]:
    return [
        (slug, scene)
        for slug, text in zip(town.slugs, sample_texts(), strict=True)
        for scene in Script.parse(text).scenes
    ]
