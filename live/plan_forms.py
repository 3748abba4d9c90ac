"""The form in which an event is planned: what was typed, and the plan that it makes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask_babel import to_user_timezone, to_utc

from live.programme import MOST_SEATS, MOST_SECTIONS, EventPlan, SectionPlan, slug_of
from live.queries import EventView, SectionView
from live.tally import TieRule
from scenario_app.kernel.errors import Invalid

# A section may end after midnight; one that seems to last longer than this was mistyped.
LONGEST_NIGHT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SectionForm:
    """One section as it was typed. `position` is that of a section that is there already; `begun` cannot be changed.

    `minutes` and `order` are what stands beside each scenario, by slug.
    """

    title: str = ""
    date: str = ""
    starts: str = ""
    ends: str = ""
    scenarios: Sequence[str] = ()
    tie_rule: str = TieRule.FIRST_LISTED.value
    place: str = ""
    audience: str = ""
    size_cap: str = str(MOST_SEATS)
    strict: bool = False
    minutes: Mapping[str, str] = field(default_factory=dict)
    order: Mapping[str, str] = field(default_factory=dict)
    position: str = ""
    begun: bool = False
    remove: bool = False


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The whole form as it was typed, so that it can be shown again with what is wrong beside it."""

    title: str = ""
    place: str = ""
    pathway: str = ""
    supporter: str = ""
    supporter_where: str = ""
    ground_rules: str = ""
    access: str = ""
    online: bool = False
    sections: Sequence[SectionForm] = ()

    def with_another_section(self) -> "PlanForm":
        """Return the form with one more section, after the last one and on its day."""
        last = self.sections[-1]
        after = SectionForm(
            date=last.date, starts=last.ends, tie_rule=last.tie_rule, size_cap=last.size_cap, place=last.place
        )
        return replace(self, sections=[*self.sections, after])


def first_form(today: date) -> PlanForm:
    """Return the form as it is shown first."""
    return PlanForm(sections=[SectionForm(date=today.isoformat(), starts="10:00", ends="10:40")])


def plan_form(form: Any) -> PlanForm:
    """Return what was typed. `form` is a MultiDict; sections are fields with a number from 1."""
    sections = []
    for number in range(1, MOST_SECTIONS + 1):
        if f"title-{number}" not in form:
            break
        section = _section_form(form, number)
        # An empty last section is one that nobody wanted.
        if section.title or section.scenarios or section.position or number == 1:
            sections.append(section)
    return PlanForm(
        **{name: form.get(name, "").strip() for name in _TEXTS},
        pathway=form.get("pathway", ""),
        online="online" in form,
        sections=sections,
    )


_TEXTS = ("title", "place", "supporter", "supporter_where", "ground_rules", "access")


def form_of(event: EventView, pathway: str) -> PlanForm:
    """Return an event as the form that would make it."""
    return PlanForm(
        title=event.title,
        place=event.place,
        pathway=pathway,
        supporter=event.supporter,
        supporter_where=event.supporter_where,
        ground_rules=event.ground_rules,
        access=event.access,
        online=event.online,
        sections=[_form_of_section(section) for section in event.sections],
    )


def copy_of(form: PlanForm, *, title: str, day: date) -> PlanForm:
    """Return a form with another title and day; sections keep their times and how many days lie between them.

    >>> first = SectionForm(date="2026-03-02", position="1", begun=True)
    >>> copied = copy_of(PlanForm(sections=[first, SectionForm(date="2026-03-03")]), title="x", day=date(2026, 9, 30))
    >>> [(section.date, section.position, section.begun) for section in copied.sections]
    [('2026-09-30', '', False), ('2026-10-01', '', False)]
    """
    first = min(date.fromisoformat(section.date) for section in form.sections)
    moved = [
        replace(
            section,
            date=(day + (date.fromisoformat(section.date) - first)).isoformat(),
            position="",
            begun=False,
        )
        for section in form.sections
    ]
    return replace(form, title=title, sections=moved)


def event_plan(typed: PlanForm, *, slug: str = "") -> EventPlan:
    """Return the plan that was typed. Times are those of the site's time zone; a new event's name is its title's.

    :raises Invalid: with `field` and what is expected there
    """
    return EventPlan(
        slug=slug or slug_of(typed.title),
        title=typed.title,
        place=typed.place or "-",
        pathway=typed.pathway,
        sections=[_section_plan(section) for section in typed.sections if not section.remove],
        supporter=typed.supporter,
        supporter_where=typed.supporter_where,
        ground_rules=typed.ground_rules,
        access=typed.access,
        online=typed.online,
    )


def _section_form(form: Any, number: int) -> SectionForm:
    slugs = form.getlist(f"scenarios-{number}")
    minutes, order = _beside(form, f"minutes-{number}-"), _beside(form, f"order-{number}-")
    return SectionForm(
        title=form.get(f"title-{number}", "").strip(),
        date=form.get(f"date-{number}", ""),
        starts=form.get(f"starts-{number}", ""),
        ends=form.get(f"ends-{number}", ""),
        scenarios=sorted(slugs, key=lambda slug: _number(order.get(slug, "")) or MOST_SECTIONS),
        tie_rule=form.get(f"tie_rule-{number}", TieRule.FIRST_LISTED.value),
        place=form.get(f"place-{number}", "").strip(),
        audience=form.get(f"audience-{number}", "").strip(),
        size_cap=form.get(f"size_cap-{number}", str(MOST_SEATS)).strip(),
        strict=f"strict-{number}" in form,
        minutes=minutes,
        order=order,
        position=form.get(f"position-{number}", ""),
        begun=f"begun-{number}" in form,
        remove=f"remove-{number}" in form,
    )


def _beside(form: Any, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): form[name].strip() for name in form if name.startswith(prefix)}


def _form_of_section(section: SectionView) -> SectionForm:
    starts, ends = to_user_timezone(section.starts_at), to_user_timezone(section.ends_at)
    played = section.performances
    return SectionForm(
        title=section.title,
        date=f"{starts:%Y-%m-%d}",
        starts=f"{starts:%H:%M}",
        ends=f"{ends:%H:%M}",
        scenarios=[performance.slug for performance in played],
        tie_rule=played[0].tie_rule if played else TieRule.FIRST_LISTED.value,
        place=section.place,
        audience=section.audience,
        size_cap=str(section.size_cap),
        strict=section.strict,
        minutes={p.slug: str(p.minutes_planned or "") for p in played},
        order={p.slug: str(p.position) for p in played},
        position=str(section.position),
        begun=section.begun,
    )


def _section_plan(typed: SectionForm) -> SectionPlan:
    try:
        rule = TieRule(typed.tie_rule)
    except ValueError:
        raise Invalid(field="tie rule", found=typed.tie_rule[:40], expected=", ".join(TieRule)) from None
    starts, ends = _moment(typed.date, typed.starts), _moment(typed.date, typed.ends)
    if ends < starts and ends + timedelta(days=1) - starts <= LONGEST_NIGHT:
        ends += timedelta(days=1)
    return SectionPlan(
        title=typed.title,
        starts_at=starts,
        ends_at=ends,
        scenarios=typed.scenarios,
        tie_rule=rule,
        place=typed.place,
        audience=typed.audience,
        size_cap=_whole("section size", typed.size_cap),
        strict=typed.strict,
        minutes={
            slug: _whole("minutes", said)
            for slug, said in typed.minutes.items()
            if said and slug in typed.scenarios
        },
        position=_number(typed.position),
    )


def _moment(date: str, time: str) -> datetime:
    try:
        moment: datetime = to_utc(datetime.fromisoformat(f"{date}T{time}"))
        return moment.replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(
            field="section times", found=f"{date} {time}"[:40], expected="a date and times"
        ) from None


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def _whole(name: str, typed: str) -> int:
    number = _number(typed)
    if number is None:
        raise Invalid(field=name, found=typed[:40], expected="a whole number")
    return number
