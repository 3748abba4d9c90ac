"""Change an event before it begins: the day at any time, a section until something of it has been played."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live.models import Event, Performance, Round, Seat, Section, Ticket, Undoable
from live.programme import (
    EventPlan,
    SectionPlan,
    check_plan,
    event_chain,
    fill_event,
    fill_section,
    locked_event,
    new_section,
    newest_versions,
    planned_performances,
)
from live.rules import NotAllowed
from scenario_app.kernel import audit
from scenarios.queries import NoSuchPathway, NoSuchScenario, PublishedVersion, pathway, versions


def edit_event(session: Session, plan: EventPlan, *, account_id: int, now: datetime) -> None:
    """Make an event what its plan says now. Its name, codes and links stay as they are.

    A section that has begun stays as it was, whatever the plan says of it; one that the plan leaves out goes, if
    nobody has been in it. A scenario that was there already keeps its version.

    :raises NoSuchEvent, NoSuchPathway, NoSuchScenario, Invalid: nothing was changed
    :raises NotAllowed: the event is closed, or a section that is in use would go
    """
    check_plan(plan)
    event = locked_event(session, plan.slug)
    if event.closed_at is not None:
        raise NotAllowed(state="event_closed")
    begun = {section.id for section in event.sections if has_begun(session, section)}
    _set_pathway(session, event, plan.pathway, may_change=not begun)
    fill_event(event, plan)
    planned = {section.position: section for section in plan.sections if section.position is not None}
    newest = newest_versions(session)
    for section in list(event.sections):
        if section.id in begun:
            continue
        section_plan = planned.get(section.position)
        if section_plan is None:
            _remove(session, section)
        else:
            _change(session, section, section_plan, newest)
        section.cue_seq += 1
    position = max((section.position for section in event.sections), default=0)
    for section_plan in plan.sections:
        if section_plan.position is None:
            position += 1
            event.sections.append(new_section(session, section_plan, position=position, versions=newest))
    session.flush()
    audit.record(
        session,
        chain=event_chain(event.slug),
        action="event_edited",
        subject=f"event:{event.slug}",
        account_id=account_id,
        now=now,
        details={"sections": len(plan.sections)},
    )


def has_begun(session: Session, section: Section) -> bool:
    """Say whether something of a section has been played, or voted on online."""
    voted_on = (
        select(func.count())
        .select_from(Round)
        .join(Performance, Performance.id == Round.performance_id)
        .where(Performance.section_id == section.id)
    )
    started = any(performance.started_at is not None for performance in section.performances)
    return section.performance_id is not None or started or bool(session.scalar(voted_on))


def _set_pathway(session: Session, event: Event, slug: str, *, may_change: bool) -> None:
    found = pathway(session, slug)
    if found is None:
        raise NoSuchPathway(found=slug)
    if found.id != event.pathway_id and may_change:
        event.pathway_id = found.id
        event.decision_statement = found.decision_statement


def _change(
    session: Session, section: Section, plan: SectionPlan, newest: dict[str, PublishedVersion]
) -> None:
    fill_section(section, plan)
    kept = versions(session, [performance.version_id for performance in section.performances])
    known = {**newest, **{version.slug: version for version in kept.values()}}
    unknown = next((slug for slug in plan.scenarios if slug not in known), None)
    if unknown is not None:
        raise NoSuchScenario(found=unknown)
    for performance in list(section.performances):
        session.delete(performance)
    # Positions are unique: the old ones go before the new ones come.
    session.flush()
    session.expire(section, ["performances"])
    section.performances.extend(planned_performances(plan, known))


def _remove(session: Session, section: Section) -> None:
    for table in (Seat, Ticket, Undoable):
        if session.scalar(select(func.count()).select_from(table).where(table.section_id == section.id)):
            raise NotAllowed(state="section_in_use", section=section.title)
    for performance in section.performances:
        session.delete(performance)
    session.flush()
    section.event.sections.remove(section)
    session.delete(section)
    session.flush()
