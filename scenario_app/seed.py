"""The demo town: Eastmere, its pathway, its scenarios, a day to come and one that has been. Built through services."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from evidence.key_file import signing_key
from evidence.service import publish_pack
from live import messages
from live.acts import perform
from live.ballot_box import write_ballots
from live.preparing.appointing import appoint_facilitator
from live.programme import EventPlan, SectionPlan, close_event, programme_event
from live.queries import SectionView, event_by_slug, section_by_id
from live.rules import Cast, Role
from live.voting import TakenSeat, take_seat
from scenario_app.accounts.queries import SignedIn, account_by_email
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_account
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.seed_promises import propose_and_promise, seed_what_came_of_it, try_it
from scenario_app.seed_stories import seed_stories
from scenarios.queries import pathway, pathways, script_of, version
from scenarios.rendering import RenderedScript, render_script
from scenarios.samples import sample_texts
from scenarios.script.parts import Decision, Scene
from scenarios.script.script import Script
from scenarios.service import found_pathway, publish_scenario
from scenarios.together.writing import publish_together, start_woven_draft

PATHWAY = "eastmere-urgent-care"
COMING_EVENT = "a-day-in-urgent-care"
PAST_EVENT = "spring-rehearsal"
STAGES = (
    ("recognise", "Somebody notices"),
    ("call-for-help", "Calling for help"),
    ("first-response", "The first people to come"),
    ("place-of-safety", "A safe place"),
    ("assessment", "Being assessed"),
    ("stay-or-home", "Staying or going home"),
    ("leaving", "Leaving"),
    ("follow-up", "Afterwards"),
)
DECISION_STATEMENT = (
    "The Eastmere Urgent Care Board decides what the new pathway will be. It must read what this room voted "
    "before it decides, and answer in public. The Mental Health Act and this year's budget are not up for change here."
)
QUESTION = "When someone in Eastmere needs help at night, what should happen?"
PEOPLE = (
    ("fay", "Fay", Duty.FACILITATOR),
    ("mo", "Mo", Duty.MODERATOR),
    ("cleo", "Cleo", Duty.COMMISSIONER),
    ("stella", "Stella", Duty.STEWARD),
    ("olu", "Olu", Duty.OWNER),
)
# How many of each came to the finished event: groups of every size, some too small to be shown.
WHO_CAME: tuple[tuple[Role | None, int], ...] = (
    (Role.SERVICE_USER, 38),
    (Role.CARER, 31),
    (Role.MENTAL_HEALTH_STAFF, 27),
    (Role.POLICE, 16),
    (Role.EMERGENCY_CALLS, 12),
    (Role.COMMISSIONER, 5),
    (None, 24),
)
# The sample that the approved story became.
WOVEN = 1
# Who is there for somebody who needs a minute.
SUPPORTER, SUPPORTER_WHERE = "Stella Marsh", "by the door, green scarf"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Seeding:
    config: Config
    now: datetime
    people: dict[str, SignedIn]
    chance: random.Random


def is_empty(database: Database) -> bool:
    """Say whether nothing has been founded here yet."""
    with database.reading() as session:
        return not pathways(session)


def seed(database: Database, config: Config, *, now: datetime, say: Say = lambda _words: None) -> None:
    """Build the demo town. The same votes every time; codes and secrets are new. Takes a few seconds."""
    say("Scenarios")
    texts = sample_texts()
    rendered = [render_script(Script.parse(text)) for text in texts]
    with database.transaction() as session:
        say("Accounts")
        people = {key: _person(session, key, name, duty, now) for key, name, duty in PEOPLE}
        seeding = _Seeding(config, now, people, random.Random(20260206))
        say("Pathway")
        found_pathway(
            session,
            slug=PATHWAY,
            title="Urgent care in Eastmere, the proposed pathway",
            question=QUESTION,
            decision_statement=DECISION_STATEMENT,
            stages=STAGES,
            account_id=people["olu"].id,
            now=now,
        )
        slugs = [
            publish_scenario(
                session, rendered=script, pathway_slug=PATHWAY, account_id=people["mo"].id, now=now
            ).slug
            for place, script in enumerate(rendered)
            if place != WOVEN
        ]
    with database.transaction() as session:
        say("Stories")
        tested = pathway(session, PATHWAY)
        story_id = seed_stories(
            session,
            key=config.secret_key,
            pathway_id=tested.id if tested else None,
            moderator=people["mo"].id,
            owner=people["olu"].id,
            now=now,
        )
    with database.transaction() as session:
        slugs.insert(WOVEN, _woven(session, seeding, story_id, texts[WOVEN], rendered[WOVEN]))
        say("A day to come")
        _coming_event(session, seeding, slugs)
    with database.transaction() as session:
        say("A day that has been")
        _past_event(session, seeding, slugs)
    with database.transaction() as session:
        say("What came of it")
        past = event_by_slug(session, PAST_EVENT)
        assert past is not None
        seed_what_came_of_it(
            session,
            event_id=past.id,
            commissioner=people["cleo"].id,
            moderator=people["mo"].id,
            day=past.starts_at,
        )
    with database.transaction() as session:
        say("Its evidence")
        publish_pack(
            session,
            event_slug=PAST_EVENT,
            account_id=people["stella"].id,
            now=now,
            threshold=config.suppress_below,
            key=signing_key(config),
        )


def _woven(session: Session, seeding: _Seeding, story_id: int, text: str, rendered: RenderedScript) -> str:
    """Publish a scenario that is woven from a story; a second person publishes it. Return its address."""
    draft = start_woven_draft(
        session, story_id=story_id, text=text, account_id=seeding.people["mo"].id, now=seeding.now
    )
    return publish_together(
        session,
        draft_id=draft.id,
        revision=draft.revision,
        rendered=rendered,
        pathway_slug=PATHWAY,
        account_id=seeding.people["olu"].id,
        now=seeding.now,
    ).slug


def _person(session: Session, key: str, name: str, duty: Duty, now: datetime) -> SignedIn:
    email = f"{key}@eastmere.example"
    return account_by_email(session, email) or add_account(
        session, email=email, name=name, duties=[duty], now=now
    )


def _coming_event(session: Session, seeding: _Seeding, slugs: Sequence[str]) -> None:
    day = seeding.now.replace(minute=0, second=0, microsecond=0)
    titles = ("First response", "Waiting and being assessed", "Leaving, and far from town")
    sections = [
        SectionPlan(
            title=title,
            starts_at=day + timedelta(hours=2 * position),
            ends_at=day + timedelta(hours=2 * position + 2),
            scenarios=slugs[2 * position : 2 * position + 2],
        )
        for position, title in enumerate(titles)
    ]
    fay = seeding.people["fay"].id
    plan = EventPlan(
        COMING_EVENT,
        "A day in urgent care",
        "Corn Exchange, Eastmere",
        PATHWAY,
        sections,
        supporter=SUPPORTER,
        supporter_where=SUPPORTER_WHERE,
        access="Step-free, hearing loop, quiet room, tea. Bring somebody with you if you like.",
    )
    programme_event(session, plan, account_id=fay, now=seeding.now)
    appoint_facilitator(
        session,
        event_slug=COMING_EVENT,
        account_id=seeding.people["olu"].id,
        leads=True,
        appointed_by=fay,
        now=seeding.now,
    )
    event = event_by_slug(session, COMING_EVENT)
    assert event is not None
    _act(session, seeding, event.sections[0].id, messages.SetDoor(expects=1, open=True), seeding.now)


def _past_event(session: Session, seeding: _Seeding, slugs: Sequence[str]) -> None:
    start = (seeding.now - timedelta(days=200)).replace(hour=10, minute=0, second=0, microsecond=0)
    section = SectionPlan("The whole rehearsal", start, start + timedelta(hours=3), slugs[:3])
    plan = EventPlan(
        PAST_EVENT,
        "Spring rehearsal",
        "Willow House, Eastmere",
        PATHWAY,
        [section],
        supporter=SUPPORTER,
        supporter_where=SUPPORTER_WHERE,
    )
    programme_event(session, plan, account_id=seeding.people["fay"].id, now=start - timedelta(days=14))
    event = event_by_slug(session, PAST_EVENT)
    assert event is not None
    play = _Play(session, seeding, event.sections[0].id, start)
    play.act(messages.SetDoor, open=True)
    play.let_in()
    for place, performance in enumerate(event.sections[0].performances):
        play.perform(performance.id, performance.version_id, discuss=place == WOVEN)
    close_event(
        session, event_slug=PAST_EVENT, account_id=seeding.people["fay"].id, now=start + timedelta(hours=3)
    )


@dataclass(slots=True)
class _Play:
    """Plays performances to their endings with simulated seats, one desk action after the other."""

    session: Session
    seeding: _Seeding
    section_id: int
    moment: datetime
    seats: Sequence[TakenSeat] = ()

    def act(self, action: type[messages.DeskAction], /, **fields: Any) -> SectionView:
        """Do one desk action, a minute after the last one, and return how the section stands."""
        self.moment += timedelta(minutes=1)
        before = self._section()
        _act(
            self.session, self.seeding, self.section_id, action(expects=before.cue_seq, **fields), self.moment
        )
        return self._section()

    def let_in(self) -> None:
        """Give everybody who came a seat."""
        code = self._section().code
        roles = [role for role, count in WHO_CAME for _person in range(count)]
        self.seats = [
            take_seat(self.session, code=code, role=role, key=self.seeding.config.secret_key, now=self.moment)
            for role in roles
        ]

    def perform(self, performance_id: int, version_id: int, *, discuss: bool = False) -> None:
        """Play one performance to an ending: two rounds on its first decision, one on each later one.

        `discuss`: between these two somebody stops it, and afterwards the room proposes and is promised something.
        """
        script = script_of(version(self.session, version_id))
        section = self.act(messages.StartPerformance, performance_id=performance_id)
        first = True
        while section.current and section.current.scene:
            place = script.at(section.current.scene)
            if not isinstance(place, Scene):
                break
            if place.decision is None:
                section = self.act(messages.GoOn)
                continue
            if first:
                self._vote(place.decision, leaning=place.decision.responses[0].key)
                first = False
                if discuss:
                    self.act(messages.ReplayFrom, scene=place.key)
                    try_it(self.act, self.session, section.event_id)
            round_id = self._vote(place.decision, leaning=self._hope(place.decision))
            section = self.act(messages.TakeBranch, round_id=round_id)
        if discuss:
            adopted = propose_and_promise(
                self.act, self.session, self.section_id, section.event_id, self.moment
            )
            self._ask_the_room(adopted)
        self.act(messages.EndPerformance)

    def _vote(self, decision: Decision, *, leaning: str) -> int:
        section = self.act(
            messages.OpenRound, decision=decision.key, kind="choose_one", practice=False, tie_rule=None
        )
        assert section.current is not None
        assert section.current.round_id is not None
        round_id = section.current.round_id
        chance, keys = self.seeding.chance, [response.key for response in decision.responses]
        weights = [4.0 if key == leaning else 1.6 for key in keys]
        chosen = {seat.id: chance.choices(keys, weights)[0] for seat in self.seats if chance.random() < 0.93}
        self._hold(round_id, chosen)
        return round_id

    def _hold(self, round_id: int, chosen: Mapping[int, str]) -> None:
        casts = [
            Cast(
                seat_id=seat_id,
                section_id=self.section_id,
                round_id=round_id,
                response=response,
                key=f"seeded-{round_id}-{seat_id}",
                rev=1,
            )
            for seat_id, response in chosen.items()
        ]
        write_ballots(self.session, casts, key=self.seeding.config.secret_key)
        self.act(messages.CloseRound, round_id=round_id)
        self.act(messages.Reveal, round_id=round_id)

    def _ask_the_room(self, proposal_id: int) -> None:
        """Let the room vote on a proposal: everybody who is still there says yes but a few."""
        section = self.act(
            messages.OpenRound, about="proposal", proposal_id=proposal_id, passing_rule="majority"
        )
        assert section.current is not None
        assert section.current.round_id is not None
        chosen = {seat.id: "no" if seat.id % 9 == 0 else "yes" for seat in self.seats}
        self._hold(section.current.round_id, chosen)
        self.act(messages.LeaveQuestion)

    def _hope(self, decision: Decision) -> str:
        others = [response.key for response in decision.responses if not response.as_it_happened]
        return self.seeding.chance.choice(others or [decision.responses[0].key])

    def _section(self) -> SectionView:
        found = section_by_id(self.session, self.section_id)
        assert found is not None
        return found


def _act(
    session: Session, seeding: _Seeding, section_id: int, action: messages.DeskAction, now: datetime
) -> None:
    perform(
        session,
        section_id=section_id,
        action=action,
        account_id=seeding.people["fay"].id,
        now=now,
        threshold=seeding.config.suppress_below,
    )
    session.flush()
