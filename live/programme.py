"""The day before: an event in sections, each with its scenarios and its own door."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
from scenarios.queries import NoSuchPathway, NoSuchScenario, PublishedVersion

LONGEST_TITLE = 200
LONGEST_TEXT = 2000
MOST_SECTIONS = 40
MOST_SEATS = 2000
MOST_MINUTES = 600


class SlugTaken(Conflict):
    """Another event has this address."""

    code = "slug_taken"


class NoSuchEvent(NotFound):
    """No event has this name."""

    code = "no_such_event"


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section as it is planned. `scenarios` are slugs, in the order of play.

    `place` is empty where it is the event's; `minutes` holds what is planned for each scenario, by slug: where
    nothing is said, what its script says. `position` names a section that is there already.
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    scenarios: Sequence[str]
    tie_rule: TieRule = TieRule.FIRST_LISTED
    place: str = ""
    audience: str = ""
    size_cap: int = MOST_SEATS
    strict: bool = False
    minutes: Mapping[str, int] = field(default_factory=dict)
    position: int | None = None


@dataclass(frozen=True, slots=True)
class EventPlan:
    """A day as it is planned.

    `supporter` is who is there for somebody who needs a minute, `supporter_where` how to find them; `online`: the
    same decisions can be voted on online, before and after.
    """

    slug: str
    title: str
    place: str
    pathway: str
    sections: Sequence[SectionPlan]
    supporter: str = ""
    supporter_where: str = ""
    ground_rules: str = ""
    access: str = ""
    online: bool = False


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
    event = Event(
        slug=plan.slug,
        pathway_id=pathway.id,
        decision_statement=pathway.decision_statement,
        created_at=now,
    )
    fill_event(event, plan)
    event.facilitators = [EventFacilitator(account_id=account_id, leads=True, rights=[])]
    versions = newest_versions(session)
    for position, section_plan in enumerate(plan.sections, 1):
        event.sections.append(new_section(session, section_plan, position=position, versions=versions))
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


def fill_event(event: Event, plan: EventPlan) -> None:
    """Give an event what its plan says of the day; its sections are filled one by one."""
    event.title = plan.title.strip()
    event.place = plan.place.strip()
    event.supporter = plan.supporter.strip()
    event.supporter_where = plan.supporter_where.strip()
    event.ground_rules = plan.ground_rules.strip()
    event.access = plan.access.strip()
    event.online = plan.online
    event.starts_at = min(section.starts_at for section in plan.sections)


def fill_section(section: Section, plan: SectionPlan) -> None:
    """Give a section what its plan says of it, but what is played."""
    section.title = plan.title.strip()
    section.starts_at = plan.starts_at
    section.ends_at = plan.ends_at
    section.place = plan.place.strip()
    section.audience = plan.audience.strip()
    section.size_cap = plan.size_cap
    section.strict = plan.strict


def new_section(
    session: Session, plan: SectionPlan, *, position: int, versions: Mapping[str, PublishedVersion]
) -> Section:
    """Return a section with a door code and a screen key of its own; its door is closed.

    :raises NoSuchScenario: one of its scenarios is not published
    """
    section = Section(position=position, door_code=free_door_code(session), screen_key=new_secret())
    fill_section(section, plan)
    section.performances.extend(planned_performances(plan, versions))
    return section


def planned_performances(plan: SectionPlan, versions: Mapping[str, PublishedVersion]) -> list[Performance]:
    """Return what is played in a section, waiting, in the plan's order.

    :raises NoSuchScenario: one of its scenarios is not published
    """
    unknown = next((slug for slug in plan.scenarios if slug not in versions), None)
    if unknown is not None:
        raise NoSuchScenario(found=unknown)
    return [
        Performance(
            position=place,
            version_id=versions[slug].id,
            tie_rule=plan.tie_rule.value,
            state=PerformanceState.WAITING.value,
            minutes_planned=plan.minutes.get(slug, versions[slug].script.minutes),
        )
        for place, slug in enumerate(plan.scenarios, 1)
    ]


def newest_versions(session: Session) -> dict[str, PublishedVersion]:
    """Return the newest version of every published scenario, by slug."""
    return {version.slug: version for version in scenarios.published_versions(session)}


def check_plan(plan: EventPlan) -> None:
    """Refuse a plan that cannot be performed, saying which part.

    :raises Invalid: with `field` and what is expected there
    """
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", plan.slug):
        raise Invalid(field="slug", found=plan.slug, expected="small letters, digits and hyphens, 60 at most")
    _check_words("title", plan.title)
    for name, words, longest in (
        ("place", plan.place, LONGEST_TITLE),
        ("supporter", plan.supporter, LONGEST_TITLE),
        ("supporter", plan.supporter_where, LONGEST_TITLE),
        ("ground rules", plan.ground_rules, LONGEST_TEXT),
        ("access", plan.access, LONGEST_TEXT),
    ):
        _check_length(name, words, longest)
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
        _check_length("section place", section.place, LONGEST_TITLE)
        _check_length("section audience", section.audience, LONGEST_TITLE)
        if not 1 <= section.size_cap <= MOST_SEATS:
            raise Invalid(field="section size", found=str(section.size_cap), expected=f"1 to {MOST_SEATS}")
        wrong = [minutes for minutes in section.minutes.values() if not 1 <= minutes <= MOST_MINUTES]
        if wrong:
            raise Invalid(field="minutes", found=str(wrong[0]), expected=f"1 to {MOST_MINUTES}")


def close_event(session: Session, *, event_slug: str, account_id: int, now: datetime) -> None:
    """Close an event: every door shut, nothing can be performed any more, and evidence can be published.

    :raises NoSuchEvent: no event has this name
    :raises NotAllowed: a vote is open, or a performance is still running
    """
    event = locked_event(session, event_slug)
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


def locked_event(session: Session, slug: str) -> Event:
    """Return an event to be changed; two desks that change it do so one after the other.

    :raises NoSuchEvent: no event has this name
    """
    event = session.scalars(select(Event).where(Event.slug == slug).with_for_update()).first()
    if event is None:
        raise NoSuchEvent
    return event


def _check_words(name: str, words: str) -> None:
    if not 1 <= len(words.strip()) <= LONGEST_TITLE:
        raise Invalid(field=name, found=f"{len(words.strip())} characters", expected=f"1 to {LONGEST_TITLE}")


def _check_length(name: str, words: str, longest: int) -> None:
    if len(words.strip()) > longest:
        raise Invalid(field=name, found=f"{len(words.strip())} characters", expected=f"at most {longest}")


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
