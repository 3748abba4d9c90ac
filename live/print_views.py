"""The print pack of an event: scripts, posters, paper ballots, tickets; each as a page that prints well, and as PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from flask import Response, render_template, request, url_for
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _

from live.floor import event_at_desk, event_to_lead, public_address
from live.preparing.printing import PrintedDecision, PrintedScript, printed_decisions, printed_script
from live.preparing.tickets import make_tickets, shown_ticket
from live.preparing_views import blueprint
from live.qr import QrCode, qr_code
from live.queries import EventView, SectionView
from live.typesetting import typeset
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import Invalid, NotFound
from scenario_app.kernel.language import direction_of
from scenario_app.kernel.tokens import shown_door_code
from scenarios.queries import PublishedVersion, version


@dataclass(frozen=True, slots=True)
class PackPage:
    """Everything that can be printed for an event."""

    event: EventView
    scripts: Sequence[PublishedVersion]


@dataclass(frozen=True, slots=True)
class ScriptPage:
    """A script on paper."""

    script: PrintedScript
    language: str
    large: bool
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PosterPage:
    """A poster for one section."""

    event: EventView
    section: SectionView
    lines: Sequence[str]
    qr: QrCode
    address: str
    shown_code: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BallotsPage:
    """Paper ballots of one scenario, four of a decision on a sheet."""

    title: str
    language: str
    decisions: Sequence[PrintedDecision]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PrintedTicket:
    """One ticket: what is read aloud, and the QR code that opens the door with it."""

    shown: str
    qr: QrCode


@dataclass(frozen=True, slots=True)
class TicketsPage:
    """Tickets that were made just now: they cannot be shown again."""

    event: EventView
    section: SectionView
    tickets: Sequence[PrintedTicket]
    words: Mapping[str, str]


@blueprint.get("/events/<slug>/print")
@needs(Duty.FACILITATOR)
def print_pack(slug: str) -> str:
    """Show what can be printed for an event."""
    found = event_at_desk(slug)
    with reading() as session:
        scripts = [version(session, version_id) for version_id in _played(found)]
    return render_template("live/print.html", page=PackPage(event=found, scripts=scripts))


@blueprint.get("/events/<slug>/print/<kind>/<int:number>")
@needs(Duty.FACILITATOR)
def print_page(slug: str, kind: str, number: int) -> str:
    """Show one thing to print. `number` is a version's id for scripts and ballots, a section's for posters."""
    page = _page(event_at_desk(slug), kind, number)
    return render_template(f"live/print_{kind}.html", page=page)


@blueprint.get("/events/<slug>/print/<kind>/<int:number>.pdf")
@needs(Duty.FACILITATOR)
def print_pdf(slug: str, kind: str, number: int) -> Response:
    """Answer the same as PDF."""
    page = _page(event_at_desk(slug), kind, number)
    return _pdf(_data(page), f"{slug}-{kind}-{number}.pdf")


@blueprint.post("/events/<slug>/tickets")
@needs(Duty.FACILITATOR)
def print_tickets(slug: str) -> str | Response:
    """Make single-use tickets and show them, this once, or answer them as PDF."""
    found = event_to_lead(slug)
    position, count = request.form.get("section", ""), request.form.get("count", "")
    section = next((one for one in found.sections if str(one.position) == position), None)
    if section is None:
        raise NotFound
    if not (count.isascii() and count.isdigit() and len(count) < 6):
        raise Invalid(field="count", found=count[:40], expected="a whole number")
    with transaction() as session:
        made = make_tickets(
            session,
            section_id=section.id,
            count=int(count),
            account_id=require_account().id,
            now=now(),
            key=config().secret_key,
        )
    page = TicketsPage(
        event=found,
        section=section,
        tickets=[
            PrintedTicket(
                shown_ticket(ticket),
                qr_code(public_address(url_for("live.door", code=section.code, ticket=ticket))),
            )
            for ticket in made
        ],
        words=print_words(),
    )
    if "pdf" in request.form:
        return _pdf(_data(page), f"{slug}-tickets-{position}.pdf")
    return render_template("live/print_tickets.html", page=page)


def print_words() -> dict[str, str]:
    """Return the words that stand on paper beside those of scripts and events."""
    return {
        "go_to": _("Go to"),
        "was": _("as it happened"),
        "part": _("Lines and cues of"),
        "cast": _("Who is in it"),
        "cue": _("Cue:"),
        "take_care": _("Take care:"),
        "code": _("Code"),
        "no_phone": _("No phone? Paper and hands count the same. No account, no name."),
        "one_cross": _("Put a cross beside one response."),
        "ticket": _(
            "Point your phone here, or type this at the door. It gives one seat and does not say who you are."
        ),
    }


def _page(event: EventView, kind: str, number: int) -> ScriptPage | PosterPage | BallotsPage:
    if kind == "poster":
        section = next((one for one in event.sections if one.position == number), None)
        if section is None:
            raise NotFound
        return _poster(event, section)
    if number not in _played(event) or kind not in ("script", "ballots"):
        raise NotFound
    with reading() as session:
        found = version(session, number)
    if kind == "ballots":
        return BallotsPage(found.title, found.language, printed_decisions(found), print_words())
    script = printed_script(found, request.args.get("character", "")[:80])
    return ScriptPage(script, found.language, "large" in request.args, print_words())


def _poster(event: EventView, section: SectionView) -> PosterPage:
    address = public_address(url_for("live.door", code=section.code))
    when = f"{format_datetime(section.starts_at, 'EEEE d MMMM y, HH:mm')}–{format_datetime(section.ends_at, 'HH:mm')}"
    lines = [when, section.place or event.place, section.audience, event.decision_statement, event.access]
    notes = dict.fromkeys(played.content_notes for played in section.performances)
    careful = [f"{_('Take care:')} {said}" for said in notes if said.casefold() not in ("", "none")]
    return PosterPage(
        event=event,
        section=section,
        lines=[line for line in [*lines, *careful] if line],
        qr=qr_code(address),
        address=public_address("/join").split("://", 1)[1],
        shown_code=shown_door_code(section.code),
        words=print_words(),
    )


def _played(event: EventView) -> list[int]:
    """Return the versions that an event plays, once each, in order."""
    return list(dict.fromkeys(p.version_id for section in event.sections for p in section.performances))


def _data(page: ScriptPage | PosterPage | BallotsPage | TicketsPage) -> dict[str, object]:
    """Return a page as the plain values that print.typ reads."""
    language = page.language if isinstance(page, (ScriptPage, BallotsPage)) else str(get_locale().language)
    shared = {"lang": language, "rtl": direction_of(language) == "rtl", "words": dict(page.words)}
    match page:
        case ScriptPage():
            return {**shared, "kind": "script", "large": page.large, **asdict(page.script)}
        case BallotsPage():
            decisions = [asdict(decision) for decision in page.decisions]
            return {**shared, "kind": "ballots", "title": page.title, "decisions": decisions}
        case PosterPage():
            return {
                **shared,
                "kind": "poster",
                "title": f"{page.event.title}: {page.section.title}",
                "lines": list(page.lines),
                "qr": _picture(page.qr, page.shown_code),
                "address": page.address,
                "code": page.shown_code,
            }
        case TicketsPage():
            return {
                **shared,
                "kind": "tickets",
                "title": f"{page.event.title}: {page.section.title}",
                "event": page.section.title,
                "tickets": [{"shown": one.shown, "qr": _picture(one.qr, one.shown)} for one in page.tickets],
            }


def _picture(qr: QrCode, code: str) -> dict[str, str]:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {qr.size + 4} {qr.size + 4}">'
        f'<rect x="-2" y="-2" width="{qr.size + 4}" height="{qr.size + 4}" fill="#fff"/>'
        f'<path d="{qr.path}"/></svg>'
    )
    return {"svg": svg, "words": _("QR code that opens the door with the code %(code)s", code=code)}


def _pdf(data: Mapping[str, object], name: str) -> Response:
    return Response(
        typeset(data),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
