"""The equality form at the door's end: apart from the seat, every question may be skipped."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from evidence.equality.rules import ANSWERS_TO, EqualityClosed
from evidence.equality.service import count_equality
from evidence.equality.words import equality_answers, equality_questions
from live.budgets import TooFast
from live.floor import floor, seated, section_at
from live.queries import SectionView, event_by_slug
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import transaction

blueprint = Blueprint("equality", __name__, template_folder="../templates")


@dataclass(frozen=True, slots=True)
class EqualityPage:
    """The questions with their answers; `typed` is what was ticked before the form came back."""

    section: SectionView
    questions: Mapping[str, str]
    answers: Mapping[str, str]
    answers_to: Mapping[str, tuple[str, ...]]
    typed: Mapping[str, str]
    closed: bool
    too_fast: bool


@blueprint.get("/at/<code>/about-you")
@open_to_all
def ask(code: str) -> str:
    """Ask who somebody is, as the law asks public bodies to know of those whom they hear."""
    return render_template("evidence/equality.html", page=_page(section_at(code), {}))


@blueprint.post("/at/<code>/about-you")
@open_to_all
def answer(code: str) -> str | Response | tuple[str, int]:
    """Count what was ticked. The seat only lets somebody in; nothing of it is kept with an answer."""
    section = section_at(code)
    seat = seated(section)
    typed = {question: request.form.get(question, "")[:40] for question in ANSWERS_TO}
    try:
        floor().budgets.of(seat.seat_id).spend_about_you()
        with transaction() as session:
            event = event_by_slug(session, section.event_slug, rehearsals=True)
            assert event is not None  # a section is never without
            given = count_equality(session, event=event, answers=typed)
    except (TooFast, EqualityClosed) as refusal:
        page = _page(section, typed, too_fast=isinstance(refusal, TooFast))
        return render_template("evidence/equality.html", page=page), refusal.status
    flash(
        _("Thank you. Your answers were counted, apart from your seat and from each other.")
        if given
        else _("Nothing was answered, and nothing was kept. That is fine.")
    )
    return redirect(url_for("live.phone", code=section.code))


def _page(section: SectionView, typed: Mapping[str, str], *, too_fast: bool = False) -> EqualityPage:
    return EqualityPage(
        section=section,
        questions=equality_questions(),
        answers=equality_answers(),
        answers_to=ANSWERS_TO,
        typed=typed,
        closed=section.event_closed,
        too_fast=too_fast,
    )
