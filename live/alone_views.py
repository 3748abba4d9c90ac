"""Play a scenario of an event alone, online, and vote at its decisions: before the play in the room, or after it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from live.alone import channel_of
from live.floor import TooManyJoins, floor
from live.queries import EventView, PerformanceView, SectionView, event_by_slug
from live.rules import Channel, NotAllowed, RoundClosed, SectionFull
from live.words import channel_words
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import reading
from scenario_app.kernel.errors import NotFound
from scenarios.pages import PlayPage, play_page
from scenarios.queries import version

SEAT_COOKIE_SECONDS = 30 * 24 * 3600

blueprint = Blueprint("alone", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class AloneRow:
    """One play of an event, and where a vote on it would count now; None while nobody can vote alone."""

    section: SectionView
    performance: PerformanceView
    channel: str | None


@dataclass(frozen=True, slots=True)
class AloneListPage:
    """What can be played and voted on alone now."""

    event: EventView
    rows: Sequence[AloneRow]
    channels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AlonePage:
    """One scene of a play, alone. `play.walk` is None before it has begun."""

    event: EventView
    performance: PerformanceView
    channel: str
    channel_words: str
    play: PlayPage


@blueprint.get("/events/<slug>/alone")
@open_to_all
def plays(slug: str) -> str:
    """Show what can be played and voted on alone now."""
    event = _event(slug)
    with reading() as session:
        rows = [
            AloneRow(section, performance, found.value if found else None)
            for section in event.sections
            for performance in section.performances
            for found in [channel_of(session, performance.id)]
        ]
    return render_template("live/alone_list.html", page=AloneListPage(event, rows, channel_words()))


@blueprint.get("/events/<slug>/alone/<int:performance_id>")
@open_to_all
def play(slug: str, performance_id: int) -> str | Response:
    """Show where a walk alone has come to."""
    event, performance, channel = _play(slug, performance_id)
    if channel is None:
        flash(_("Nobody can vote alone on this play just now."))
        return redirect(url_for(".plays", slug=slug))
    with reading() as session:
        found = play_page(version(session, performance.version_id), request.args.get("path"))
    page = AlonePage(event, performance, channel.value, channel_words()[channel.value], found)
    return render_template("live/alone.html", page=page)


@blueprint.post("/events/<slug>/alone/<int:performance_id>")
@open_to_all
def vote(slug: str, performance_id: int) -> Response:
    """Count a vote cast alone, and go on where it leads."""
    _of, performance, channel = _play(slug, performance_id)
    path, response = request.form.get("path", "")[:2000], request.form.get("response", "")[:8]
    with reading() as session:
        walk = play_page(version(session, performance.version_id), path).walk
    decision = getattr(walk.place, "decision", None) if walk else None
    here = url_for(".play", slug=slug, performance_id=performance_id, path=path)
    if walk is None or decision is None or decision.response(response) is None:
        flash(_("Choose one response before you send your vote."))
        return redirect(here)
    cookie = f"alone-{performance_id}-{channel.value}" if channel else ""
    try:
        if channel is None:
            raise NotAllowed(state="not_online")
        secret = floor().cast_alone(
            performance_id=performance_id,
            decision=decision.key,
            response=response,
            secret=request.cookies.get(cookie, "")[:200],
            key=secrets.token_urlsafe(12),
        )
    except (TooManyJoins, SectionFull):
        flash(_("Not counted: very many people are voting just now. Try again in a moment."))
        return redirect(here)
    except (NotAllowed, RoundClosed):
        flash(_("Not counted: this play has begun in the room, or is over."))
        return redirect(url_for(".plays", slug=slug))
    answer = redirect(url_for(".play", slug=slug, performance_id=performance_id, path=walk.on(response)))
    answer.set_cookie(
        cookie, secret, max_age=SEAT_COOKIE_SECONDS, httponly=True, secure=request.is_secure, samesite="Lax"
    )
    return answer


def _event(slug: str) -> EventView:
    with reading() as session:
        event = event_by_slug(session, slug)
    if event is None or not event.online:
        raise NotFound
    return event


def _play(slug: str, performance_id: int) -> tuple[EventView, PerformanceView, Channel | None]:
    event = _event(slug)
    found = next((p for s in event.sections for p in s.performances if p.id == performance_id), None)
    if found is None:
        raise NotFound
    with reading() as session:
        return event, found, channel_of(session, performance_id)
