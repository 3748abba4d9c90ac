"""Pages of the day before: programme, change, copy an event; appoint who runs it with you; see whether all is ready."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from live.assembly.queries import Feedback, feedback_of
from live.closing import close_event
from live.desk_views import blueprint as blueprint
from live.desk_views import screen_address
from live.floor import event_at_desk, event_to_lead, floor, public_address
from live.plan_forms import PlanForm, copy_of, event_plan, first_form, form_of, plan_form
from live.preparing.appointing import LastLeader, appoint_facilitator, appoint_the_same, dismiss_facilitator
from live.preparing.editing import edit_event
from live.preparing.queries import FacilitatorView, TicketsView, facilitators, prepared, tickets_of
from live.preparing.readiness import Lacking, Prepared, lacking
from live.programme import programme_event
from live.qr import QrCode, qr_code
from live.queries import EventView, SectionView, events, leads, may_run
from live.rules import Right
from live.words import tie_rule_words
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.queries import SignedIn, account_by_email, names_of
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.tokens import shown_door_code
from scenarios.queries import PathwayView, PublishedVersion, pathway_slug, pathways, published_versions


@dataclass(frozen=True, slots=True)
class DeskHomePage:
    """The events that this account may run."""

    account: SignedIn
    events: Sequence[EventView]


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """The form that makes or changes an event; `wrong` says which field cannot be taken and why.

    `event` is the one that is changed, `copied` the one whose facilitators come along.
    """

    typed: PlanForm
    wrong: Mapping[str, object] | None
    event: EventView | None
    copied: str
    pathways: Sequence[PathwayView]
    versions: Sequence[PublishedVersion]
    tie_rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeskEventPage:
    """One event to prepare and run. `leads`: whether this account may do more than sit at its desks."""

    event: EventView
    rows: Sequence["DeskSectionRow"]
    leads: bool
    may_close: bool
    people: Sequence[FacilitatorView]
    names: Mapping[int, str]
    rights: Mapping[Right, str]
    lacking: Sequence[Lacking]
    prepared: Prepared
    feedback: Sequence[Feedback]


@dataclass(frozen=True, slots=True)
class DeskSectionRow:
    """One section with what is needed to open it: address, screen link, QR code."""

    section: SectionView
    shown_code: str
    join_address: str
    screen_address: str
    qr: QrCode
    tickets: TicketsView | None


@blueprint.get("")
@needs(Duty.FACILITATOR)
def home() -> str:
    """Show the events that this account may run."""
    account = require_account()
    with reading() as session:
        mine = [
            event
            for event in events(session, rehearsals=True)
            if account.has(Duty.OWNER) or may_run(session, event_id=event.id, account_id=account.id)
        ]
    return render_template("live/desk_home.html", page=DeskHomePage(account=account, events=mine))


# --- programme, change, copy ----------------------------------------------------------------------------


@blueprint.get("/events/new")
@needs(Duty.FACILITATOR)
def new_event() -> str:
    """Show the form that makes an event."""
    return _programme_form(first_form(_today()))


@blueprint.post("/events/new")
@needs(Duty.FACILITATOR)
def make_event() -> str | Response | tuple[str, int]:
    """Make the event, or show the form again with everything that was typed and what is wrong."""
    typed, copied = plan_form(request.form), request.form.get("copied", "")
    if "add_section" in request.form:
        return _programme_form(typed.with_another_section(), copied=copied)
    if copied:
        event_to_lead(copied)
    account_id = require_account().id
    try:
        plan = event_plan(typed)
        with transaction() as session:
            programme_event(session, plan, account_id=account_id, now=now())
            if copied:
                appoint_the_same(
                    session, from_slug=copied, to_slug=plan.slug, appointed_by=account_id, now=now()
                )
    except DomainError as refusal:
        wrong = {"code": refusal.code, **refusal.details}
        return _programme_form(typed, wrong=wrong, copied=copied), refusal.status
    flash(_("The event is programmed. Its doors are closed until you open them."))
    return redirect(url_for(".event", slug=plan.slug))


@blueprint.get("/events/<slug>/edit")
@needs(Duty.FACILITATOR)
def edit(slug: str) -> str:
    """Show an event in the form that changes it."""
    found = event_to_lead(slug)
    return _programme_form(_form_of(found), event=found)


@blueprint.post("/events/<slug>/edit")
@needs(Duty.FACILITATOR)
def change_event(slug: str) -> str | Response | tuple[str, int]:
    """Change the event, or show the form again with everything that was typed and what is wrong."""
    found = event_to_lead(slug)
    typed = plan_form(request.form)
    if "add_section" in request.form:
        return _programme_form(typed.with_another_section(), event=found)
    try:
        plan = event_plan(typed, slug=slug)
        with transaction() as session:
            edit_event(session, plan, account_id=require_account().id, now=now())
    except DomainError as refusal:
        wrong = {"code": refusal.code, **refusal.details}
        return _programme_form(typed, wrong=wrong, event=found), refusal.status
    for section in found.sections:
        floor().announcer.cue_changed(section.id)
    flash(_("The event is changed."))
    return redirect(url_for(".event", slug=slug))


@blueprint.get("/events/<slug>/copy")
@needs(Duty.FACILITATOR)
def copy(slug: str) -> str:
    """Show an event in the form that makes another one like it."""
    found = event_to_lead(slug)
    title = _("%(title)s, again", title=found.title)[:200]
    return _programme_form(copy_of(_form_of(found), title=title, day=_today()), copied=slug)


# --- one event ------------------------------------------------------------------------------------------


@blueprint.get("/events/<slug>")
@needs(Duty.FACILITATOR)
def event(slug: str) -> str:
    """Show one event with its codes, links and QR codes, who runs it, and what is still missing."""
    found = event_at_desk(slug)
    account = require_account()
    with reading() as session:
        people = facilitators(session, found.id)
        names = names_of(session, [one.account_id for one in people])
        tickets = tickets_of(session, [section.id for section in found.sections])
        how_far = prepared(session, found.id)
        # Read when it is over: while people are in the room, one who has just left could be told by it.
        said = feedback_of(session, found.id) if found.closed_at is not None else []
        leading = account.has(Duty.OWNER) or leads(session, event_id=found.id, account_id=account.id)
    running = any(
        p.state not in ("waiting", "ended") for section in found.sections for p in section.performances
    )
    page = DeskEventPage(
        event=found,
        rows=[_section_row(section, tickets.get(section.id)) for section in found.sections],
        leads=leading,
        may_close=found.closed_at is None and not running,
        people=people,
        names=names,
        rights=right_words(),
        lacking=lacking(how_far, floor().surroundings(), now=now()),
        prepared=how_far,
        feedback=said if leading else [],
    )
    return render_template("live/desk_event.html", page=page)


@blueprint.post("/events/<slug>/close")
@needs(Duty.FACILITATOR)
def close(slug: str) -> Response:
    """Close the event: its evidence can be published from now on."""
    found = event_to_lead(slug)
    with transaction() as session:
        close_event(session, event_slug=slug, account_id=require_account().id, now=now())
    if floor().database.on_sqlite:
        floor().database.forget_deleted()  # who needed a minute leaves the files with the event
    for section in found.sections:
        floor().announcer.cue_changed(section.id)
    flash(_("The event is closed. A steward can now publish its evidence."))
    return redirect(url_for(".event", slug=slug))


# --- who runs it ----------------------------------------------------------------------------------------


@blueprint.post("/events/<slug>/facilitators")
@needs(Duty.FACILITATOR)
def appoint(slug: str) -> Response:
    """Appoint another account, by its e-mail address."""
    event_to_lead(slug)
    with reading() as session:
        account = account_by_email(session, request.form.get("email", "")[:254])
    if account is None or not account.has(Duty.FACILITATOR, Duty.OWNER):
        flash(_("No facilitator has this address. Whoever owns this site can add them."))
        return _back_to_people(slug)
    return _appoint(slug, account.id)


@blueprint.post("/events/<slug>/facilitators/<int:account_id>")
@needs(Duty.FACILITATOR)
def change_facilitator(slug: str, account_id: int) -> Response:
    """Change what somebody may do at the desks of an event, or let them sit there no more."""
    found = event_to_lead(slug)
    with reading() as session:
        known = may_run(session, event_id=found.id, account_id=account_id)
    if known and "dismiss" not in request.form:
        return _appoint(slug, account_id)
    try:
        with transaction() as session:
            dismiss_facilitator(
                session,
                event_slug=slug,
                account_id=account_id,
                dismissed_by=require_account().id,
                now=now(),
            )
    except LastLeader:
        flash(_last_leader())
    return _back_to_people(slug)


def _appoint(slug: str, account_id: int) -> Response:
    try:
        with transaction() as session:
            appoint_facilitator(
                session,
                event_slug=slug,
                account_id=account_id,
                rights=[right for right in Right if right.value in request.form.getlist("rights")],
                leads="leads" in request.form,
                appointed_by=require_account().id,
                now=now(),
            )
    except LastLeader:
        flash(_last_leader())
    return _back_to_people(slug)


def _last_leader() -> str:
    return str(_("Somebody must lead the event. Let another person lead it first."))


def _back_to_people(slug: str) -> Response:
    return redirect(url_for(".event", slug=slug, _anchor="people"))


def right_words() -> dict[Right, str]:
    """Return what each right at a desk lets somebody do."""
    return {
        Right.RUN: _("run the play and the votes"),
        Right.NOTE: _("take notes"),
        Right.COUNT: _("count hands and heads"),
        Right.MODERATE: _("read texts before they are shown"),
    }


# --- what the pages share -------------------------------------------------------------------------------


def _today() -> date:
    today: date = to_user_timezone(now()).date()
    return today


def _form_of(event: EventView) -> PlanForm:
    with reading() as session:
        return form_of(event, pathway_slug(session, event.pathway_id))


def _programme_form(
    typed: PlanForm,
    *,
    wrong: Mapping[str, object] | None = None,
    event: EventView | None = None,
    copied: str = "",
) -> str:
    with reading() as session:
        page = ProgrammePage(
            typed=typed,
            wrong=wrong,
            event=event,
            copied=copied,
            pathways=pathways(session),
            versions=published_versions(session),
            tie_rules=tie_rule_words(),
        )
    return render_template("live/programme.html", page=page)


def _section_row(section: SectionView, tickets: TicketsView | None) -> DeskSectionRow:
    address = public_address(url_for("live.door", code=section.code))
    return DeskSectionRow(
        section=section,
        shown_code=shown_door_code(section.code),
        join_address=address,
        screen_address=screen_address(section),
        qr=qr_code(address),
        tickets=tickets,
    )
