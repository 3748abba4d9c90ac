"""What is on: the public programme of a day, section by section, and its calendar files."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template, url_for

from live.floor import public_address
from live.preparing.calendar import CalendarEntry, calendar
from live.queries import EventView, SectionView, event_by_slug, events
from live.views import blueprint
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import now, reading
from scenario_app.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Every event."""

    events: Sequence[EventView]


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event as a programme."""

    event: EventView


@blueprint.get("/events", endpoint="events")
@open_to_all
def all_events() -> str:
    """Show every event."""
    with reading() as session:
        page = EventsPage(events=events(session))
    return render_template("live/events.html", page=page)


@blueprint.get("/events/<slug>")
@open_to_all
def event(slug: str) -> str:
    """Show one event as its programme: sections, what is played, who decides what."""
    return render_template("live/event.html", page=EventPage(event=_event(slug)))


@blueprint.get("/events/<slug>.ics")
@open_to_all
def day_calendar(slug: str) -> Response:
    """Answer the day as a calendar file, an entry for each section."""
    found = _event(slug)
    return _calendar(found, found.sections, f"{found.slug}.ics")


@blueprint.get("/events/<slug>/<int:position>.ics")
@open_to_all
def section_calendar(slug: str, position: int) -> Response:
    """Answer one section as a calendar file."""
    found = _event(slug)
    section = next((section for section in found.sections if section.position == position), None)
    if section is None:
        raise NotFound
    return _calendar(found, [section], f"{found.slug}-{position}.ics")


def _calendar(event: EventView, sections: Sequence[SectionView], name: str) -> Response:
    page = public_address(url_for(".event", slug=event.slug))
    entries = [
        CalendarEntry(
            uid=f"{event.slug}-{section.position}@scenario-app",
            summary=f"{event.title}: {section.title}",
            starts_at=section.starts_at,
            ends_at=section.ends_at,
            location=section.place or event.place,
            description="\n".join([*([section.audience] if section.audience else []), *_titles(section)]),
            url=f"{page}#section-{section.position}",
        )
        for section in sections
    ]
    return Response(
        calendar(entries, now=now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _titles(section: SectionView) -> list[str]:
    return [performance.title for performance in section.performances]


def _event(slug: str) -> EventView:
    with reading() as session:
        found = event_by_slug(session, slug)
    if found is None:
        raise NotFound
    return found
