"""Pages of the audience: the door, the phone; and the projected page."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from live.budgets import TooFast
from live.floor import floor, holder_at, public_address, seat_cookie, section_at
from live.forms import cast_ballot, says_nothing, typed_before
from live.preparing.queries import DoorWords, door_words
from live.preparing.tickets import TicketNeeded, TicketUsed
from live.qr import QrCode, qr_code
from live.queries import (
    SectionView,
    ballots_of,
    seats_in,
    section_by_screen_key,
)
from live.rules import (
    Cast,
    DoorClosed,
    DoorFrozen,
    NoSuchDoor,
    NotAllowed,
    Role,
    RoundClosed,
    SectionFull,
    Superseded,
)
from live.talk_views import PhoneTalk, phone_talk, verdict_words
from live.vote_views import PhoneVote, phone_vote
from live.vote_words import VoteWords, in_own_words, vote_words
from live.voting import NotASeat, SeatHolder, TakenSeat, choose_role, take_seat
from live.words import (
    AfterWords,
    after_words,
    group_labels,
    here_words,
    role_label,
    script_languages,
    tie_rule_words,
)
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import BadMessage, DomainError
from scenario_app.kernel.http import compressed
from scenario_app.kernel.tokens import receipt_of, shown_door_code

blueprint = Blueprint("live", __name__, template_folder="templates")
SEAT_COOKIE_SECONDS = 12 * 3600


# --- doors -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JoinPage:
    """The code box; `wrong` is what was typed when it opened no door."""

    wrong: str
    reason: str


@dataclass(frozen=True, slots=True)
class RolePage:
    """How somebody comes to this, and what they should know at the door. `reason`: why there is no seat yet."""

    section: SectionView
    words: DoorWords
    content_notes: Sequence[str]
    roles: list[tuple[str, str]]
    role: str
    ticket: str
    reason: str
    least: int


@blueprint.get("/join")
@open_to_all
def join() -> str | Response | tuple[str, int]:
    """Ask for the code, or go to its door. A form that sends the code by GET lands here with it."""
    typed = request.args.get("code", "")[:40]
    if not typed:
        return render_template("live/join.html", page=JoinPage(wrong="", reason=""))
    try:
        section = _open_section(typed)
    except (NoSuchDoor, DoorClosed, DoorFrozen) as refusal:
        return _no_way_in(typed, refusal)
    return redirect(url_for(".door", code=section.code))


@blueprint.get("/join/<code>")
@open_to_all
def door(code: str) -> str | Response | tuple[str, int]:
    """Ask how somebody comes to this (it may be skipped). Whoever has a seat goes straight to it."""
    try:
        section = _open_section(code)
    except (NoSuchDoor, DoorClosed, DoorFrozen) as refusal:
        return _no_way_in(code[:40], refusal)
    if holder_at(section) is not None:
        return redirect(url_for(".phone", code=section.code))
    return _role_page(section)


@blueprint.post("/join/<code>")
@open_to_all
def come_in(code: str) -> str | Response | tuple[str, int]:
    """Take a seat and remember its secret in a cookie of this phone."""
    try:
        section = _open_section(code)
    except (NoSuchDoor, DoorClosed, DoorFrozen) as refusal:
        return _no_way_in(code[:40], refusal)
    seat = holder_at(section)
    role = request.form.get("role", "")
    response = redirect(url_for(".phone", code=section.code))
    if seat is not None:
        floor().budgets.of(seat.seat_id).spend_vote()
        try:
            with transaction() as session:
                choose_role(session, seat_id=seat.seat_id, role=role)
        except NotAllowed:
            pass  # the event is over: the page of the seat says so
        return response
    floor().count_join(section.id)
    try:
        taken = _take(section, role)
    except (SectionFull, DoorFrozen) as refusal:
        return _no_way_in(section.code, refusal)
    except (TicketNeeded, TicketUsed) as refusal:
        return _role_page(section, refusal.code), refusal.status
    response.set_cookie(
        seat_cookie(section.code),
        taken.secret,
        max_age=SEAT_COOKIE_SECONDS,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",  # QR readers come from outside
    )
    return response


def _take(section: SectionView, role: str) -> TakenSeat:
    with transaction() as session:
        return take_seat(
            session,
            code=section.code,
            role=role,
            key=config().secret_key,
            now=now(),
            ticket=request.form.get("ticket", "")[:40],
        )


def _role_page(section: SectionView, reason: str = "") -> str:
    with reading() as session:
        words = door_words(session, section.event_id)
    # Once each, in the order of play; "none" is what a script says that needs none.
    said = dict.fromkeys(played.content_notes.strip() for played in section.performances)
    page = RolePage(
        section=section,
        words=words,
        content_notes=[notes for notes in said if notes.casefold() not in ("", "none")],
        roles=[(role.value, role_label(role)) for role in Role],
        role=request.form.get("role", ""),
        ticket=(request.form.get("ticket") or request.args.get("ticket", ""))[:40],
        reason=reason,
        least=config().suppress_below,
    )
    return render_template("live/role.html", page=page)


def _no_way_in(typed: str, refusal: DomainError) -> tuple[str, int]:
    page = JoinPage(wrong=typed, reason=refusal.code)
    return render_template("live/join.html", page=page), refusal.status


# --- the phone ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The phone as it stands now. `view` names what is shown; scripts take over from here."""

    section: SectionView
    cue: Mapping[str, object]
    view: str
    ballot: Mapping[str, object] | None
    seat: str
    new_key: str
    next_rev: int
    tie_rules: Mapping[str, str]
    groups: Mapping[str, str]
    languages: Mapping[str, tuple[str, str]]
    talk: PhoneTalk
    vote: PhoneVote
    after: AfterWords
    typed: Mapping[str, str]


@blueprint.get("/at/<code>")
@open_to_all
def phone(code: str) -> str | Response:
    """Show the phone's page; somebody without a seat goes to the door."""
    section = section_at(code)
    seat = holder_at(section)
    if seat is None:
        return redirect(url_for(".door", code=section.code))
    return compressed(render_template("live/phone.html", page=_phone_page(section, seat)))


@blueprint.post("/at/<code>")
@open_to_all
def vote(code: str) -> Response:
    """Count a ballot that came by plain form: the same call as on the socket."""
    section = section_at(code)
    seat = holder_at(section)
    if seat is None:
        raise NotASeat
    back = redirect(url_for(".phone", code=section.code))
    try:
        if says_nothing(request.form):
            flash(_("Choose one response before you send your vote."))
            return back
        message = cast_ballot(request.form)
        floor().budgets.of(seat.seat_id).spend_vote()
        floor().box.cast(
            Cast(
                seat_id=seat.seat_id,
                section_id=seat.section_id,
                round_id=message.round_id,
                response=message.response,
                key=message.key,
                rev=message.rev,
            )
        )
    except BadMessage:
        flash(_("Not counted yet: give each place to one response only."))
    except TooFast:
        flash(_("Not counted yet: too many taps at once. Wait a moment, then send your vote again."))
    except RoundClosed:
        flash(_("Not counted: voting had closed before it reached us."))
    except Superseded:
        flash(
            _(
                "You have voted since this page was loaded. Look at what is counted, then change it if you like."
            )
        )
    return back


def phone_view(cue: Mapping[str, object], ballot: Mapping[str, object] | None) -> str:
    """Return what a phone shows for a cue: the same table as in static/js/phone.js.

    >>> phone_view({"performance": None, "round": None}, None)
    'waiting'
    >>> phone_view({"performance": {"state": "deciding"}, "round": {"state": "open"}}, {"response": "a"})
    'counted'
    """
    performance = cue["performance"]
    state = performance["state"] if isinstance(performance, Mapping) else "waiting"
    if state == "deciding":
        return "counted" if ballot else "deciding"
    return {"playing": "watching", "interventions": "watching"}.get(str(state), str(state))


def _phone_page(section: SectionView, seat: SeatHolder) -> PhonePage:
    cue = floor().announcer.cue(section.id)
    round_ = cue["round"]
    ballot: dict[str, object] | None = None
    if isinstance(round_, Mapping):
        with reading() as session:
            found = ballots_of(session, seat.seat_id).get(int(str(round_["id"])))
        if found:
            receipt = receipt_of(
                int(str(round_["id"])), seat.seat_id, int(str(found["rev"])), key=config().secret_key
            )
            ballot = {**found, "receipt": receipt}
    changing = ballot is not None and "change" in request.args
    new_key = secrets.token_urlsafe(12)
    with reading() as session:
        talk = phone_talk(
            session, section=section, seat=seat, cue=cue, stopping="stop" in request.args, key=new_key
        )
        vote = phone_vote(session, cue, seat_id=seat.seat_id, ballot=ballot)
    view = talk.view or phone_view(cue, None if changing else ballot)
    return PhonePage(
        section=section,
        cue=in_own_words(cue),
        view=view,
        ballot=ballot,
        seat=request.cookies.get(seat_cookie(section.code), ""),
        new_key=new_key,
        next_rev=int(str(ballot["rev"])) + 1 if ballot else 1,
        tie_rules=tie_rule_words(),
        groups=group_labels(),
        languages=script_languages(section),
        talk=talk,
        vote=vote,
        after=after_words(),
        typed=typed_before(),
    )


# --- the screen -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScreenPage:
    """The projected page."""

    section: SectionView
    cue: Mapping[str, object]
    key: str
    join_address: str
    shown_code: str
    qr: QrCode
    seats: int
    tie_rules: Mapping[str, str]
    groups: Mapping[str, str]
    languages: Mapping[str, tuple[str, str]]
    here_words: Mapping[str, str]
    verdict_words: Mapping[str, str]
    vote_words: VoteWords
    after: AfterWords


@blueprint.get("/screen/<code>")
@open_to_all
def screen(code: str) -> str:
    """Show the projected page to whoever holds the section's screen key."""
    section = section_at(code)
    key = request.args.get("key", "")[:80]
    with reading() as session:
        if not key or section_by_screen_key(session, key) != section.id:
            raise NotAllowed
        seats = seats_in(session, section.id)
    address = public_address(url_for(".door", code=section.code))
    page = ScreenPage(
        section=section,
        cue=in_own_words(floor().announcer.cue(section.id)),
        key=key,
        join_address=public_address("/join").split("://", 1)[1],
        shown_code=shown_door_code(section.code),
        qr=qr_code(address),
        seats=seats,
        tie_rules=tie_rule_words(),
        groups=group_labels(),
        languages=script_languages(section),
        here_words=here_words(),
        verdict_words=verdict_words(),
        vote_words=vote_words(),
        after=after_words(),
    )
    return render_template("live/screen.html", page=page)


# --- what the pages share -------------------------------------------------------------------------------


def _open_section(code: str) -> SectionView:
    section = section_at(code)
    # Whoever has a seat comes back in even when the door has closed behind them.
    if not (section.door_open and not section.door_frozen) and holder_at(section) is None:
        raise DoorFrozen if section.door_open else DoorClosed
    return section
