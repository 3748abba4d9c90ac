"""The recurring cast and their town, made through services: a state that services cannot make cannot exist.

Mo moderates, Fay facilitates, Cleo commissions, Stella keeps the packs, Olu owns, Stu is a stranger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from live import messages
from live.acts import perform
from live.ballot_box import Counted, write_ballots
from live.programme import EventPlan, SectionPlan, programme_event
from live.queries import SectionView, event_by_slug, section_by_id
from live.rules import Cast
from live.tally import TieRule
from live.voting import TakenSeat, take_seat
from scenario_app.accounts.queries import SignedIn, account_by_email
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_account
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.kernel.errors import DomainError
from scenario_app.seed import (
    DECISION_STATEMENT,
    PATHWAY,
    PEOPLE,
    QUESTION,
    STAGES,
    SUPPORTER,
    SUPPORTER_WHERE,
)
from scenarios.rendering import render_script
from scenarios.samples import sample_texts
from scenarios.script.script import Script
from scenarios.service import found_pathway, publish_scenario

SHORT_SCRIPT = """---
id: two-doors
title: Two doors
stage: first-response
content_notes: none
start: landing
question: Which door?
---

# Two doors

## Characters
- ann: Ann, who knocks

## Scene landing: The landing
*Two doors.*

**Ann:** Hello?

### Decision d1: Which door does Ann try?
asks: ann
- A) The left one -> hall [as it happened]
  - helps: it is near
  - costs: it sticks
- B) The right one -> garden
  - helps: it is open
  - costs: it is cold
- C) Neither -> ending-stairs
  - helps: nobody is woken
  - costs: nobody comes

## Scene hall: The hall
**Ann:** It is dark.

-> garden

## Scene garden: The garden
**Ann:** It is light.

### Decision d2: What does Ann say?
asks: ann
- A) Nothing -> ending-stairs [as it happened]
  - helps: quiet
  - costs: alone
- B) Help -> ending-tea
  - helps: somebody hears
  - costs: somebody hears

## Ending ending-stairs: The stairs
Ann goes down.

## Ending ending-tea: Tea
Somebody comes.

## For the facilitator
- PLANTED-FACILITATOR-NOTE: nobody but a desk may read this.
"""


@dataclass
class Town:
    """Eastmere, small: accounts, a pathway, published scenarios."""

    database: Database
    config: Config
    people: dict[str, SignedIn]
    slugs: Sequence[str]

    def account(self, name: str) -> SignedIn:
        """Return one of the cast."""
        return self.people[name]


def make_people(session: Session, now: datetime) -> dict[str, SignedIn]:
    """Add the cast, and Stu, who has an account without a duty."""
    people = {}
    for key, name, duty in (*PEOPLE, ("cora", "Cora", Duty.CO_WRITER), ("stu", "Stu", None)):
        email = f"{key}@eastmere.example"
        duties = [duty] if isinstance(duty, Duty) else []
        people[key] = account_by_email(session, email) or add_account(
            session, email=email, name=name, duties=duties, now=now
        )
    return people


def make_town(
    database: Database, config: Config, *, now: datetime, texts: Sequence[str] = (SHORT_SCRIPT,)
) -> Town:
    """Found the pathway and publish scripts."""
    rendered = [render_script(Script.parse(text)) for text in texts]
    with database.transaction() as session:
        people = make_people(session, now)
        found_pathway(
            session,
            slug=PATHWAY,
            title="Urgent care in Eastmere",
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
            for script in rendered
        ]
    return Town(database, config, people, slugs)


def make_sample_town(database: Database, config: Config, *, now: datetime) -> Town:
    """The town with all six samples."""
    return make_town(database, config, now=now, texts=sample_texts())


@dataclass
class Floor:
    """One section, run through services alone."""

    town: Town
    section_id: int
    now: datetime

    @property
    def section(self) -> SectionView:
        """Return the section as it stands."""
        with self.town.database.reading() as session:
            found = section_by_id(session, self.section_id)
        assert found is not None
        return found

    @property
    def round_id(self) -> int:
        """Return the round that the room looks at."""
        current = self.section.current
        assert current is not None
        assert current.round_id is not None
        return current.round_id

    def act(self, action: type[messages.DeskAction], /, expects: int | None = None, **fields: Any) -> int:
        """Do one desk action as Fay."""
        self.now += timedelta(minutes=1)
        wanted = expects if expects is not None else self.section.cue_seq
        with self.town.database.transaction() as session:
            return perform(
                session,
                section_id=self.section_id,
                action=action(expects=wanted, **fields),
                account_id=self.town.account("fay").id,
                now=self.now,
                threshold=self.town.config.suppress_below,
            )

    def start(self, place: int = 0) -> None:
        """Open the door and start a performance."""
        self.act(messages.SetDoor, open=True)
        self.act(messages.StartPerformance, performance_id=self.section.performances[place].id)

    def open_round(self, **fields: Any) -> int:
        """Open a round and return its id."""
        given: dict[str, Any] = {"decision": None, "kind": "choose_one", "practice": False, "tie_rule": None}
        self.act(messages.OpenRound, **{**given, **fields})
        return self.round_id

    def sit(self, *roles: str | None) -> list[TakenSeat]:
        """Take a seat for each role."""
        code = self.section.code
        with self.town.database.transaction() as session:
            return [
                take_seat(
                    session,
                    code=code,
                    role=role,
                    key=self.town.config.secret_key,
                    now=self.now,
                )
                for role in roles
            ]

    def cast(
        self, seat: TakenSeat, response: str, *, round_id: int | None = None, rev: int = 1, key: str = ""
    ) -> Counted | DomainError:
        """Cast one ballot and return its outcome."""
        ballot = Cast(
            seat_id=seat.id,
            section_id=seat.section_id,
            round_id=round_id or self.round_id,
            response=response,
            key=key or f"tap-{seat.id}-{round_id or self.round_id}-{rev}",
            rev=rev,
        )
        with self.town.database.transaction() as session:
            return write_ballots(session, [ballot], key=self.town.config.secret_key)[0]

    def vote(self, **votes: int) -> None:
        """Seat as many people as are needed and let them vote: `vote(a=3, b=5)`. Then close and reveal."""
        round_id = self.round_id
        for response, count in votes.items():
            for seat in self.sit(*[None] * count):
                self.cast(seat, response)
        self.act(messages.CloseRound, round_id=round_id)
        self.act(messages.Reveal, round_id=round_id)


def make_floor(
    town: Town, *, now: datetime, slug: str = "an-evening", tie_rule: TieRule = TieRule.FIRST_LISTED
) -> Floor:
    """Programme an event of one section with every scenario of the town."""
    section = SectionPlan("The first section", now, now + timedelta(hours=2), list(town.slugs), tie_rule)
    with town.database.transaction() as session:
        programme_event(
            session,
            EventPlan(
                slug,
                slug.replace("-", " ").title(),
                "Corn Exchange",
                PATHWAY,
                [section],
                supporter=SUPPORTER,
                supporter_where=SUPPORTER_WHERE,
            ),
            account_id=town.account("fay").id,
            now=now,
        )
        event = event_by_slug(session, slug)
    assert event is not None
    return Floor(town, event.sections[0].id, now)
