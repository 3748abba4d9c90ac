"""Pages of Stop!, of weighing and of a minute for oneself: the phone's part, by plain form too, and the desk's."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from live import messages
from live.disclosure import NO_ROLE
from live.floor import floor, seated, section_at
from live.queries import SectionView
from live.rules import PerformanceState, Role
from live.talk.caring import minute_is_asked
from live.talk.queries import (
    DeskTalk,
    SeatTalk,
    StopView,
    desk_talk,
    supporter_of,
    talk_of_seat,
    waiting_in,
)
from live.talk.rules import StopState, is_kept_for_later
from live.voting import SeatHolder
from live.words import group_labels
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import reading
from scenario_app.kernel.errors import DomainError

blueprint = Blueprint("talk", __name__, template_folder="templates")
MINUTE_COOKIE_SECONDS = 3600
_ON_THE_FLOOR = {PerformanceState.PLAYING, PerformanceState.INTERVENTIONS}
_TALKED_ABOUT = {*_ON_THE_FLOOR, PerformanceState.CLOSED, PerformanceState.REVEALED}

Cue = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Care:
    """Who is there for somebody who needs a minute. `state`: nothing, `asked`, `seen` or `unreached`."""

    section: SectionView
    supporter: str
    where: str
    state: str
    key: str


@dataclass(frozen=True, slots=True)
class PhoneTalk:
    """What a phone has said. `view` is empty where the play, or the vote, is what it shows."""

    view: str
    mine: StopView | None
    stops: Sequence[Mapping[str, object]]
    place: str
    kept: bool
    passed: bool
    verdict: str
    verdicts: Mapping[int, str]
    verdict_words: Mapping[str, str]
    before_words: Mapping[str, str]
    weighed: "Weighed"
    care: Care


@dataclass(frozen=True, slots=True)
class WeighedRow:
    """One answer with how many gave it; `share` is 0 to 1."""

    words: str
    votes: int
    share: float
    won: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the room said of an intervention, in a sentence and in rows; both empty while it is asked."""

    sentence: str
    rows: Sequence[WeighedRow]


def phone_talk(
    session: Session, *, section: SectionView, seat: SeatHolder, cue: Cue, stopping: bool, key: str
) -> PhoneTalk:
    """Return the phone's part of Stop!, of weighing and of a minute for oneself. About four queries."""
    said = talk_of_seat(session, seat_id=seat.seat_id, section_id=section.id)
    mine = _mine(said, cue)
    intervention = cue["intervention"]
    verdict = said.verdicts.get(int(str(intervention["id"]))) if isinstance(intervention, Mapping) else None
    before = _hands_before(session, section.id, mine)
    return PhoneTalk(
        view=talk_view(cue, mine=mine.state if mine else "", stopping=stopping),
        mine=mine,
        stops=said.as_said(),
        place=place_words(before),
        kept=is_kept_for_later(_state(cue), attempt=_attempt(cue)),
        passed=mine is None and any(stop.state == StopState.PASSED for stop in said.stops),
        verdict=verdict or "",
        verdicts=said.verdicts,
        verdict_words=verdict_words(),
        before_words=before_words(),
        weighed=weighed(cue),
        care=_care(session, section, key=key),
    )


def talk_view(cue: Cue, *, mine: str, stopping: bool) -> str:
    """Return which view of a phone is about hands or weighing now, if any: as `viewOf` in static/js/phone_talk.js.

    >>> playing = {"performance": {"state": "interventions"}, "intervention": None, "screen": "result"}
    >>> talk_view(playing, mine="waiting", stopping=False), talk_view(playing, mine="in", stopping=False)
    ('handup', 'comein')
    >>> talk_view({**playing, "intervention": {"weighing": "open"}}, mine="waiting", stopping=True)
    'weighing'
    >>> talk_view({**playing, "performance": {"state": "deciding"}}, mine="in", stopping=True)
    ''
    """
    state = _state(cue)
    if state not in _TALKED_ABOUT:
        return ""
    intervention = cue["intervention"]
    weighing = intervention["weighing"] if isinstance(intervention, Mapping) else ""
    if mine == StopState.IN:
        return "comein"
    if weighing == "open":
        return "weighing"
    if stopping:
        return "stopping"
    if weighing == "closed" and cue["screen"] == "intervention":
        return "weighed"
    return "handup" if mine and state in _ON_THE_FLOOR else ""


def weighed(cue: Cue) -> Weighed:
    """Return what the room said: as static/js/weighed.js. Where two answers are level, the rows alone say so."""
    intervention = cue["intervention"]
    if not isinstance(intervention, Mapping) or intervention["weighing"] != "closed":
        return Weighed("", ())
    verdicts = intervention["verdicts"]
    if not isinstance(verdicts, Mapping):
        return Weighed(_("Too few people answered to show figures."), ())
    words, most, everybody = verdict_words(), max(verdicts.values()), sum(verdicts.values())
    first = [key for key, votes in verdicts.items() if votes == most]
    rows = [
        WeighedRow(words[key], votes, votes / everybody, won=first == [key])
        for key, votes in verdicts.items()
    ]
    if len(first) > 1:
        return Weighed("", rows)
    sentence = _("%(some)s of %(all)s say: %(answer)s.", some=most, all=everybody, answer=words[first[0]])
    return Weighed(sentence, rows)


def verdict_words() -> dict[str, str]:
    """Return what can be said of an intervention."""
    return {
        "here": _("It could happen here"),
        "magic": _("That is magic"),
        "unsure": _("I am not sure"),
    }


def before_words() -> dict[str, str]:
    """Return how a phone says that `#` people are before it, for each plural form that its language has."""
    forms: dict[str, str] = {}
    for number in (1, 2, 3, 6, 11, 100):
        words = ngettext("%(num)s person is before you.", "%(num)s people are before you.", number)
        forms.setdefault(get_locale().plural_form(number), words.replace(str(number), "#"))
    return {**forms, "next": _("You are next.")}


def place_words(before: int) -> str:
    """Return how many are asked in before somebody, in words."""
    if before == 0:
        return str(_("You are next."))
    return str(ngettext("%(num)s person is before you.", "%(num)s people are before you.", before))


# --- the desk -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TalkPanel:
    """What a desk sees of hands, interventions and people who need a minute, and in which words."""

    talk: DeskTalk
    roles: Mapping[str, str]
    verdict_words: Mapping[str, str]
    possible_words: Mapping[str, str]
    supporter: str
    may_stop: bool
    running: bool


def talk_panel(session: Session, section: SectionView, cue: Cue) -> TalkPanel:
    """Return the desk's panel of a section. About eight queries."""
    groups = group_labels()
    return TalkPanel(
        talk=desk_talk(session, section.id),
        roles={role.value: groups[role] for role in Role} | {NO_ROLE: groups[NO_ROLE]},
        verdict_words=verdict_words(),
        possible_words={"yes": _("Yes"), "no": _("No"), "unsure": _("Not sure")},
        supporter=supporter_of(session, section.id)[0],
        may_stop=_state(cue) in _TALKED_ABOUT,
        running=_state(cue) in {*_TALKED_ABOUT, PerformanceState.DECIDING},
    )


# --- what a phone sends by plain form -------------------------------------------------------------------


@blueprint.post("/at/<code>/stop")
@open_to_all
def stop(code: str) -> Response:
    """Put a hand up at a line."""
    return _hear(code, messages.RaiseStop, scene=request.form.get("scene"), line=_number("line"), key=_key())


@blueprint.post("/at/<code>/hand-down")
@open_to_all
def hand_down(code: str) -> Response:
    """Put it down again."""
    return _hear(code, messages.TakeBackStop, stop=_number("stop"), key=_key())


@blueprint.post("/at/<code>/weigh")
@open_to_all
def weigh(code: str) -> Response:
    """Say whether what was tried could happen here."""
    return _hear(
        code,
        messages.WeighIntervention,
        intervention=_number("intervention"),
        verdict=request.form.get("verdict"),
        key=_key(),
    )


@blueprint.get("/at/<code>/minute")
@open_to_all
def minute(code: str) -> str:
    """Show who is there for somebody who needs a minute, and whether they have been told."""
    section = section_at(code)
    seated(section)
    with reading() as session:
        care = _care(session, section, key=secrets.token_urlsafe(12))
    return render_template("live/minute.html", page=care)


@blueprint.post("/at/<code>/minute")
@open_to_all
def need_minute(code: str) -> str | Response:
    """Tell the desks that somebody needs a minute. Only this phone remembers that it was this one."""
    section = section_at(code)
    seat = seated(section)
    key = _key()
    message = messages.NeedMinute.parse(
        {"key": key, "where": request.form.get("where", "").strip()[:80] or None}
    )
    if not floor().hear(seat=seat, message=message)["told"]:
        with reading() as session:
            care = _care(session, section, key=secrets.token_urlsafe(12))
        return render_template("live/minute.html", page=replace(care, state="unreached"))
    response = redirect(url_for(".minute", code=section.code))
    response.set_cookie(
        _minute_cookie(section.code),
        key,
        max_age=MINUTE_COOKIE_SECONDS,
        httponly=True,
        secure=request.is_secure,
        samesite="Strict",
    )
    return response


@blueprint.post("/at/<code>/minute-over")
@open_to_all
def minute_over(code: str) -> Response:
    """Nobody needs to come any more."""
    section = section_at(code)
    seat = seated(section)
    key = request.cookies.get(_minute_cookie(section.code), "")
    if key:
        floor().hear(seat=seat, message=messages.MinuteOver.parse({"key": key}))
    response = redirect(url_for("live.phone", code=section.code))
    response.delete_cookie(_minute_cookie(section.code))
    return response


def _hear(code: str, kind: type[messages.PhoneMessage], **fields: object) -> Response:
    section = section_at(code)
    seat = seated(section)
    try:
        floor().hear(seat=seat, message=kind.parse(fields))
    except DomainError as refusal:
        if refusal.status >= 500:
            raise
        flash(_("That could not be taken just now. The room may have gone on."))
    return redirect(url_for("live.phone", code=section.code))


def _number(field: str) -> object:
    typed = request.form.get(field, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else typed or None


def _key() -> str:
    return request.form.get("key") or secrets.token_urlsafe(12)


# --- what the pages share -------------------------------------------------------------------------------


def _state(cue: Cue) -> str:
    performance = cue["performance"]
    return str(performance["state"]) if isinstance(performance, Mapping) else "waiting"


def _attempt(cue: Cue) -> int:
    performance = cue["performance"]
    return int(str(performance["attempt"])) if isinstance(performance, Mapping) else 1


def _mine(said: SeatTalk, cue: Cue) -> StopView | None:
    shown = cue["stop"]
    asked_in = shown["id"] if isinstance(shown, Mapping) else None
    if any(stop.id == asked_in for stop in said.stops):
        return next(stop for stop in said.stops if stop.id == asked_in)
    waiting = [stop for stop in said.stops if stop.state == StopState.WAITING]
    return waiting[-1] if waiting else None


def _hands_before(session: Session, section_id: int, mine: StopView | None) -> int:
    order = waiting_in(session, section_id).stops
    return order.index(mine.id) if mine is not None and mine.id in order else 0


def _care(session: Session, section: SectionView, *, key: str) -> Care:
    supporter, where = supporter_of(session, section.id)
    asked = request.cookies.get(_minute_cookie(section.code), "")[:64]
    state = ""
    if asked:
        state = "asked" if minute_is_asked(session, section_id=section.id, key=asked) else "seen"
    return Care(
        section=section,
        supporter=supporter,
        where=where,
        state=state,
        key=key,
    )


def _minute_cookie(code: str) -> str:
    return f"minute-{code}"
