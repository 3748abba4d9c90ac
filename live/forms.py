"""Read what plain forms send into the same values that the sockets send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask_babel import to_utc

from live import messages
from live.programme import EventPlan, SectionPlan, slug_of
from live.tally import TieRule
from scenario_app.kernel.errors import BadMessage, Invalid

_ACTIONS: Mapping[str, type[messages.DeskAction]] = {action.name: action for action in messages.DESK_ACTIONS}
_NUMBERS = {
    *("expects", "performance", "round", "stop", "line", "intervention", "minute", "proposal", "commitment"),
    *("text_id", "heads"),
}
_FLAGS = {"open", "frozen", "practice", "stops", "promised"}


def desk_action(name: str, form: Mapping[str, str]) -> messages.DeskAction:
    """Return a desk action from a form: the same parse as on the socket, after text has become numbers and flags.

    :raises BadMessage: no such action, or a field that it cannot take
    """
    kind: Any = _ACTIONS.get(name)
    if kind is None:
        raise BadMessage(found=name[:40], expected=", ".join(_ACTIONS))
    action: messages.DeskAction = kind.parse(
        {field: _typed(field, value) for field, value in form.items() if value}
    )
    return action


def cast_ballot(form: Mapping[str, str]) -> messages.CastBallot:
    """Return a ballot from the phone's plain form.

    :raises BadMessage: a field is missing or is not what it should be
    """
    raw = {name: form.get(name, "") for name in ("response", "key")}
    return messages.CastBallot.parse(
        {**raw, "round": _typed("round", form.get("round", "")), "rev": _typed("rev", form.get("rev", ""))}
    )


def _typed(field: str, value: str) -> object:
    if field in _NUMBERS or field == "rev":
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else value
    if field in _FLAGS:
        return value in ("1", "true", "on", "yes")
    return value


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The programme form as it was typed, so that it can be shown again with what is wrong beside it."""

    title: str
    place: str
    pathway: str
    sections: Sequence["SectionForm"]


@dataclass(frozen=True, slots=True)
class SectionForm:
    """One section of the programme form as it was typed."""

    title: str
    date: str
    starts: str
    ends: str
    scenarios: Sequence[str]
    tie_rule: str


def plan_form(form: Any) -> PlanForm:
    """Return what was typed. `form` is a MultiDict; sections are fields with a number from 1."""
    sections = []
    for number in range(1, 41):
        if f"title-{number}" not in form:
            break
        section = SectionForm(
            title=form.get(f"title-{number}", "").strip(),
            date=form.get(f"date-{number}", ""),
            starts=form.get(f"starts-{number}", ""),
            ends=form.get(f"ends-{number}", ""),
            scenarios=form.getlist(f"scenarios-{number}"),
            tie_rule=form.get(f"tie_rule-{number}", TieRule.FIRST_LISTED.value),
        )
        # An empty last section is one that nobody wanted.
        if section.title or section.scenarios or number == 1:
            sections.append(section)
    return PlanForm(
        title=form.get("title", "").strip(),
        place=form.get("place", "").strip(),
        pathway=form.get("pathway", ""),
        sections=sections,
    )


def event_plan(typed: PlanForm) -> EventPlan:
    """Return the plan that was typed. Times are those of the site's time zone.

    :raises Invalid: with `field` and what is expected there
    """
    return EventPlan(
        slug=slug_of(typed.title),
        title=typed.title,
        place=typed.place or "-",
        pathway=typed.pathway,
        sections=[_section_plan(section) for section in typed.sections],
    )


def _section_plan(typed: SectionForm) -> SectionPlan:
    try:
        rule = TieRule(typed.tie_rule)
    except ValueError:
        raise Invalid(field="tie rule", found=typed.tie_rule[:40], expected=", ".join(TieRule)) from None
    return SectionPlan(
        title=typed.title,
        starts_at=_moment(typed.date, typed.starts),
        ends_at=_moment(typed.date, typed.ends),
        scenarios=typed.scenarios,
        tie_rule=rule,
    )


def _moment(date: str, time: str) -> datetime:
    try:
        moment: datetime = to_utc(datetime.fromisoformat(f"{date}T{time}"))
        return moment.replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(
            field="section times", found=f"{date} {time}"[:40], expected="a date and times"
        ) from None
