"""The day before: an event in sections, each with its scenarios and its own door."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from live.models import Event, EventFacilitator, Performance, Section
from live.rules import NotAllowed, PerformanceState
from live.tally import TieRule
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict, Invalid, NotFound
from scenario_app.kernel.tokens import new_door_code, new_secret
from scenarios import queries as scenarios
from scenarios.queries import NoSuchPathway, NoSuchScenario

LONGEST_TITLE = 200
MOST_SECTIONS = 40


class SlugTaken(Conflict):
    """Another event has this address."""

    code = "slug_taken"


class NoSuchEvent(NotFound):
    """No event has this name."""

    code = "no_such_event"


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section as it is planned. `scenarios` are slugs, in the order of play."""

    title: str
    starts_at: datetime
    ends_at: datetime
    scenarios: Sequence[str]
    tie_rule: TieRule = TieRule.FIRST_LISTED


@dataclass(frozen=True, slots=True)
class EventPlan:
    """A day as it is planned."""

    slug: str
    title: str
    place: str
    pathway: str
    sections: Sequence[SectionPlan]


def slug_of(title: str) -> str:
    """Return an address made from a title.

    >>> slug_of("A day in Urgent Care!"), slug_of("Café à Lyon")
    ('a-day-in-urgent-care', 'cafe-a-lyon')
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def programme_event(session: Session, plan: EventPlan, *, account_id: int, now: datetime) -> int:
    """Make an event with its sections and performances, and return its id.

    Each section gets a door code of its own and a key for its screen; doors are closed. Whoever programmes
    an event may run it. Each performance keeps the scenario version that is newest now.

    :raises SlugTaken, NoSuchPathway, NoSuchScenario, Invalid: nothing was made
    """
    check_plan(plan)
    if session.scalars(select(Event.id).where(Event.slug == plan.slug)).first():
        raise SlugTaken(found=plan.slug)
    pathway = scenarios.pathway(session, plan.pathway)
    if pathway is None:
        raise NoSuchPathway(found=plan.pathway)
    versions = {version.slug: version for version in scenarios.published_versions(session)}
    event = Event(
        slug=plan.slug,
        title=plan.title.strip(),
        place=plan.place.strip(),
        pathway_id=pathway.id,
        decision_statement=pathway.decision_statement,
        starts_at=min(section.starts_at for section in plan.sections),
        created_at=now,
    )
    event.facilitators = [EventFacilitator(account_id=account_id)]
    for position, section_plan in enumerate(plan.sections, 1):
        section = Section(
            position=position,
            title=section_plan.title.strip(),
            starts_at=section_plan.starts_at,
            ends_at=section_plan.ends_at,
            door_code=free_door_code(session),
            screen_key=new_secret(),
        )
        for place, slug in enumerate(section_plan.scenarios, 1):
            if slug not in versions:
                raise NoSuchScenario(found=slug)
            section.performances.append(
                Performance(
                    position=place,
                    version_id=versions[slug].id,
                    tie_rule=section_plan.tie_rule.value,
                    state=PerformanceState.WAITING.value,
                )
            )
        event.sections.append(section)
    session.add(event)
    session.flush()
    audit.record(
        session,
        chain=event_chain(event.slug),
        action="event_programmed",
        subject=f"event:{event.slug}",
        account_id=account_id,
        now=now,
        details={"sections": len(plan.sections)},
    )
    return event.id


def check_plan(plan: EventPlan) -> None:
    """Refuse a plan that cannot be performed, saying which part.

    :raises Invalid: with `field` and what is expected there
    """
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", plan.slug):
        raise Invalid(field="slug", found=plan.slug, expected="small letters, digits and hyphens, 60 at most")
    _check_words("title", plan.title)
    if not 1 <= len(plan.sections) <= MOST_SECTIONS:
        raise Invalid(
            field="sections", found=str(len(plan.sections)), expected=f"1 to {MOST_SECTIONS} sections"
        )
    for section in plan.sections:
        _check_words("section title", section.title)
        if section.ends_at <= section.starts_at:
            raise Invalid(field="section times", found=section.title, expected="an end after the start")
        if not section.scenarios:
            raise Invalid(field="section scenarios", found=section.title, expected="at least one scenario")


def appoint_facilitator(
    session: Session, *, event_slug: str, account_id: int, appointed_by: int, now: datetime
) -> None:
    """Let another account run an event. Appointing twice changes nothing.

    :raises NoSuchEvent: no event has this name
    """
    event = _event(session, event_slug)
    if session.get(EventFacilitator, (event.id, account_id)):
        return
    session.add(EventFacilitator(event_id=event.id, account_id=account_id))
    audit.record(
        session,
        chain=event_chain(event_slug),
        action="facilitator_appointed",
        subject=f"account:{account_id}",
        account_id=appointed_by,
        now=now,
    )


def close_event(session: Session, *, event_slug: str, account_id: int, now: datetime) -> None:
    """Close an event: every door shut, nothing can be performed any more, and evidence can be published.

    :raises NoSuchEvent: no event has this name
    :raises NotAllowed: a vote is open, or a performance is still running
    """
    event = _event(session, event_slug)
    if event.closed_at is not None:
        return
    for section in event.sections:
        running = [p.state for p in section.performances if p.state not in _AT_REST]
        if running:
            raise NotAllowed(state=running[0], section=section.title)
        section.door_open = False
        section.cue_seq += 1
    event.closed_at = now
    audit.record(
        session,
        chain=event_chain(event_slug),
        action="event_closed",
        subject=f"event:{event_slug}",
        account_id=account_id,
        now=now,
    )


def show_anew(session: Session, section_id: int) -> None:
    """Make every page of a section draw itself anew: words of what it shows have changed."""
    session.get_one(Section, section_id).cue_seq += 1


def sections_playing(session: Session, version_ids: Iterable[int]) -> list[int]:
    """Return the sections with a performance of one of these versions."""
    wanted = list(version_ids)
    return list(
        session.scalars(
            select(Performance.section_id)
            .where(Performance.version_id.in_(wanted))
            .distinct()
            .order_by(Performance.section_id)
        )
    )


def event_chain(event_slug: str) -> str:
    """Return the name of an event's audit chain."""
    return f"event:{event_slug}"


_AT_REST = (PerformanceState.WAITING, PerformanceState.ENDED)


def _event(session: Session, slug: str) -> Event:
    event = session.scalars(select(Event).where(Event.slug == slug).with_for_update()).first()
    if event is None:
        raise NoSuchEvent
    return event


def _check_words(field: str, words: str) -> None:
    if not 1 <= len(words.strip()) <= LONGEST_TITLE:
        raise Invalid(field=field, found=f"{len(words.strip())} characters", expected=f"1 to {LONGEST_TITLE}")


def free_door_code(session: Session) -> str:
    """Return a door code that no section has.

    :raises Conflict: five in a row were taken
    """
    # 887 million codes: a second try is rare, a third is a sign that something is wrong.
    for _attempt in range(5):
        code = new_door_code()
        if not session.scalars(select(Section.id).where(Section.door_code == code)).first():
            return code
    raise Conflict(found="no free door code")
