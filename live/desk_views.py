"""Pages of the desk: prepare an event, run a section. Everything works as plain forms; scripts only make it quicker."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from live.assembly_views import AssemblyPanel, assembly_panel
from live.closing import close_event
from live.floor import DESK_TOKEN, desk_rights, floor, may_desk, public_address, section_at
from live.forms import PlanForm, SectionForm, desk_action, event_plan, plan_form
from live.programme import programme_event
from live.qr import QrCode, qr_code
from live.queries import (
    EventView,
    SectionView,
    event_by_slug,
    events,
    may_run,
    seats_in,
)
from live.rules import NotAllowed, Right, StaleCue
from live.tally import TieRule
from live.undoing import last_undoable
from live.words import action_words, group_labels, tie_rule_words
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.queries import SignedIn
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import DomainError, Invalid, NotFound
from scenario_app.kernel.tokens import shown_door_code, signed
from scenarios.queries import PathwayView, PublishedVersion, pathways, published_versions, script_of, version
from scenarios.script.parts import Scene
from scenarios.script.script import Script

blueprint = Blueprint("desk", __name__, template_folder="templates", url_prefix="/desk")


@dataclass(frozen=True, slots=True)
class DeskHomePage:
    """The events that this account may run."""

    account: SignedIn
    events: Sequence[EventView]


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """The form that makes an event; `wrong` says which field cannot be taken and why."""

    typed: PlanForm
    wrong: Mapping[str, object] | None
    pathways: Sequence[PathwayView]
    versions: Sequence[PublishedVersion]
    tie_rules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeskEventPage:
    """One event to prepare and run."""

    event: EventView
    rows: Sequence["DeskSectionRow"]
    may_close: bool


@dataclass(frozen=True, slots=True)
class DeskSectionRow:
    """One section with what is needed to open it: address, screen link, QR code."""

    section: SectionView
    shown_code: str
    join_address: str
    screen_address: str
    qr: QrCode


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One section being run."""

    section: SectionView
    shown_code: str
    cue: Mapping[str, object]
    notes: Sequence[str]
    decides: str
    tie_words: str
    first_decision: str
    token: str
    seats: int
    screen_address: str
    tie_rules: Mapping[str, str]
    groups: Mapping[str, str]
    problem: str
    rights: frozenset[Right]
    undo: str
    assembly: AssemblyPanel


@blueprint.get("")
@needs(Duty.FACILITATOR)
def home() -> str:
    """Show the events that this account may run."""
    account = require_account()
    with reading() as session:
        mine = [
            event
            for event in events(session)
            if account.has(Duty.OWNER) or may_run(session, event_id=event.id, account_id=account.id)
        ]
    return render_template("live/desk_home.html", page=DeskHomePage(account=account, events=mine))


@blueprint.get("/events/new")
@needs(Duty.FACILITATOR)
def new_event() -> str:
    """Show the form that makes an event."""
    today = f"{to_user_timezone(now()):%Y-%m-%d}"
    first = SectionForm("", today, "10:00", "10:40", [], TieRule.FIRST_LISTED.value)
    return _programme_form(PlanForm("", "", "", [first]), None)


@blueprint.post("/events/new")
@needs(Duty.FACILITATOR)
def make_event() -> str | Response | tuple[str, int]:
    """Make the event, or show the form again with everything that was typed and what is wrong."""
    typed = plan_form(request.form)
    if "add_section" in request.form:
        last = typed.sections[-1]
        typed = PlanForm(
            typed.title,
            typed.place,
            typed.pathway,
            [*typed.sections, SectionForm("", last.date, last.ends, "", [], last.tie_rule)],
        )
        return _programme_form(typed, None)
    try:
        plan = event_plan(typed)
        with transaction() as session:
            programme_event(session, plan, account_id=require_account().id, now=now())
    except DomainError as refusal:
        return _programme_form(typed, {"code": refusal.code, **refusal.details}), refusal.status
    flash(_("The event is programmed. Its doors are closed until you open them."))
    return redirect(url_for(".event", slug=plan.slug))


@blueprint.get("/events/<slug>")
@needs(Duty.FACILITATOR)
def event(slug: str) -> str:
    """Show one event with its codes, links and QR codes."""
    found = _event(slug)
    rows = [_section_row(section) for section in found.sections]
    running = any(
        p.state not in ("waiting", "ended") for section in found.sections for p in section.performances
    )
    page = DeskEventPage(event=found, rows=rows, may_close=found.closed_at is None and not running)
    return render_template("live/desk_event.html", page=page)


@blueprint.post("/events/<slug>/close")
@needs(Duty.FACILITATOR)
def close(slug: str) -> Response:
    """Close the event: its evidence can be published from now on."""
    found = _event(slug)
    with transaction() as session:
        close_event(session, event_slug=slug, account_id=require_account().id, now=now())
    for section in found.sections:
        floor().announcer.cue_changed(section.id)
    flash(_("The event is closed. A steward can now publish its evidence."))
    return redirect(url_for(".event", slug=slug))


@blueprint.get("/sections/<code>")
@needs(Duty.FACILITATOR)
def section(code: str) -> str:
    """Show the desk of a section."""
    return _desk(_section(code))


@blueprint.post("/sections/<code>/<name>")
@needs(Duty.FACILITATOR)
def act(code: str, name: str) -> Response | tuple[str, int]:
    """Do one desk action that came by plain form: the same call as on the socket."""
    found = _section(code)
    try:
        floor().act(
            section_id=found.id, action=desk_action(name, request.form), account_id=require_account().id
        )
    except StaleCue:
        flash(
            _("Another desk acted first. Nothing was done twice: this is where the performance stands now.")
        )
    except (NotAllowed, Invalid) as refusal:
        return _desk(found, problem=refusal.code), refusal.status
    return redirect(url_for(".section", code=found.code))


# --- what the pages share -------------------------------------------------------------------------------


def _programme_form(typed: PlanForm, wrong: Mapping[str, object] | None) -> str:
    with reading() as session:
        page = ProgrammePage(
            typed=typed,
            wrong=wrong,
            pathways=pathways(session),
            versions=published_versions(session),
            tie_rules=tie_rule_words(),
        )
    return render_template("live/programme.html", page=page)


def _desk(found: SectionView, problem: str = "") -> str:
    account = require_account()
    token = signed(
        {"account": account.id, "epoch": account.epoch, "section": found.code},
        key=config().secret_key,
        purpose=DESK_TOKEN,
    )
    cue = floor().announcer.cue(found.id)
    with reading() as session:
        playing = found.current or (found.performances[0] if found.performances else None)
        script = script_of(version(session, playing.version_id)) if playing else None
        seats = seats_in(session, found.id)
        rights = desk_rights(session, account, found)
        undo = last_undoable(session, section_id=found.id, seq=found.cue_seq, now=now())
        assembly = assembly_panel(session, found.id)
    page = DeskPage(
        section=found,
        shown_code=shown_door_code(found.code),
        cue=cue,
        notes=notes_of(script.facilitator_notes) if script else (),
        decides=_question_here(script, playing.scene) if script and playing and playing.scene else "",
        tie_words=tie_rule_words()[playing.tie_rule] if playing else "",
        first_decision=script.decisions[0].key if script and script.decisions else "",
        token=token,
        seats=seats,
        screen_address=_screen_address(found),
        tie_rules=tie_rule_words(),
        groups=group_labels(),
        problem=problem,
        rights=rights,
        undo=action_words().get(undo, undo) if undo else "",
        assembly=assembly,
    )
    return render_template("live/desk.html", page=page)


def notes_of(text: str) -> tuple[str, ...]:
    """Return the facilitator's notes as plain items, one for each bullet or paragraph.

    >>> notes_of("- Play once.\\n- Good places for *Stop!*: the search.\\n")
    ('Play once.', 'Good places for Stop!: the search.')
    """
    items = (re.sub(r"[*_`]", "", line.strip().removeprefix("- ")).strip() for line in text.splitlines())
    return tuple(item for item in items if item and not item.startswith("#"))


def _question_here(script: Script, scene: str) -> str:
    place = script.at(scene)
    return place.decision.question if isinstance(place, Scene) and place.decision else ""


def _section_row(section: SectionView) -> DeskSectionRow:
    address = public_address(url_for("live.door", code=section.code))
    return DeskSectionRow(
        section=section,
        shown_code=shown_door_code(section.code),
        join_address=address,
        screen_address=_screen_address(section),
        qr=qr_code(address),
    )


def _screen_address(section: SectionView) -> str:
    return public_address(url_for("live.screen", code=section.code, key=section.screen_key))


def _event(slug: str) -> EventView:
    account = require_account()
    with reading() as session:
        found = event_by_slug(session, slug)
        if found is None:
            raise NotFound
        if not account.has(Duty.OWNER) and not may_run(session, event_id=found.id, account_id=account.id):
            raise NotAllowed
    return found


def _section(code: str) -> SectionView:
    found = section_at(code)
    with reading() as session:
        if not may_desk(session, require_account(), found):
            raise NotAllowed
    return found
