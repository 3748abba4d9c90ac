"""Pages of no feature: home, about, help now, privacy, accessibility, languages; health, readiness, metrics."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, redirect, render_template, request
from flask_babel import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.wrappers import Response as BaseResponse

from evidence.loop.tracker import Changes, changes
from evidence.loop_words import standing_words
from live.queries import OpenDoor, open_doors
from scenario_app import __version__
from scenario_app.accounts.access import current_account, open_to_all
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, house, now, reading
from scenario_app.kernel.database import StorageUnavailable
from scenario_app.kernel.errors import Forbidden
from scenario_app.kernel.http import json_response, own_path
from scenario_app.kernel.language import COOKIE, available
from scenario_app.kernel.tokens import same
from scenario_app.migrations import pending
from scenarios.queries import PathwayView, newest_pathway
from scenarios.stories.urgent import waiting_urgent

blueprint = Blueprint("pages", __name__)
LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HomePage:
    """The doors, and what changed since people went through them."""

    pathway: PathwayView | None
    doors: list[OpenDoor]
    changed: Changes
    standings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What is tested, and who decides what with it."""

    pathway: PathwayView | None


def menu() -> list[tuple[str, str]]:
    """Return the main menu: route names and words."""
    return [
        ("scenarios.library", _("Scenarios")),
        ("live.events", _("Events")),
        ("changes.show", _("What changed")),
        ("evidence.catalogue", _("Evidence")),
        ("pages.about", _("About")),
    ]


def staff_menu() -> list[tuple[str, str]]:
    """Return the rooms that whoever is signed in may work in; nothing for everybody else.

    Error pages show it too, so a database that does not answer leaves it empty.
    """
    try:
        account = current_account()
    except StorageUnavailable:
        return []
    if account is None:
        return []
    rooms = [
        ("desk.home", _("Desk"), (Duty.FACILITATOR, Duty.OWNER)),
        ("reviews.home", _("Scripts"), (Duty.MODERATOR, Duty.CO_WRITER, Duty.OWNER)),
        ("story_reviews.home", _("Stories to read"), (Duty.MODERATOR, Duty.OWNER)),
        ("answers.claimed", _("Claims to check"), (Duty.MODERATOR, Duty.OWNER)),
        ("answers.work", _("Answers and promises"), (Duty.COMMISSIONER, Duty.OWNER)),
        ("evidence.publish", _("Publish evidence"), (Duty.STEWARD, Duty.OWNER)),
    ]
    return [(endpoint, words) for endpoint, words, duties in rooms if account.has(*duties)]


def urgent_stories() -> int:
    """Return how many stories need somebody now, for those who may read them; none for everybody else."""
    try:
        account = current_account()
        if account is None or not account.has(Duty.MODERATOR, Duty.OWNER):
            return 0
        with reading() as db:
            return waiting_urgent(db)
    except StorageUnavailable:
        return 0


@blueprint.get("/")
@open_to_all
def home() -> str:
    """Show the question of the exercise and the doors."""
    with reading() as db:
        page = HomePage(
            pathway=newest_pathway(db),
            doors=open_doors(db, now=now()),
            changed=changes(db, today=now().date()),
            standings=standing_words(),
        )
    return render_template("home.html", page=page)


@blueprint.get("/about")
@open_to_all
def about() -> str:
    """Say what this is and who decides what."""
    with reading() as db:
        page = AboutPage(pathway=newest_pathway(db))
    return render_template("about.html", page=page)


@blueprint.get("/help-now")
@open_to_all
def help_now() -> str:
    """Show whom to ring. Asks the database nothing, so that it works when little else does."""
    return render_template("help_now.html")


@blueprint.get("/privacy")
@open_to_all
def privacy() -> str:
    """Say what is kept, how long, and who sees it."""
    return render_template(
        "privacy.html",
        hours=config().retention_hours,
        least=config().suppress_below,
        draft_days=config().draft_days,
    )


@blueprint.get("/accessibility")
@open_to_all
def accessibility() -> str:
    """Say what works and what falls short."""
    return render_template("accessibility.html")


@blueprint.get("/language/<code>")
@open_to_all
def choose_language(code: str) -> BaseResponse:
    """Remember a language and go back to where the link stood."""
    response = redirect(own_path(request.args.get("back", "")) or "/")
    if code in available(current_app.extensions["catalogues"]):
        response.set_cookie(
            COOKIE, code, max_age=31_536_000, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return response


@blueprint.get("/healthz")
@open_to_all
def healthz() -> Response:
    """Answer that the process is alive."""
    return json_response({"ok": True, "version": __version__})


@blueprint.get("/readyz")
@open_to_all
def readyz() -> Response:
    """Answer whether this process can serve a room: database, tables, room on the disk, the ballot box."""
    reasons = {name: reason for name, check in _checks().items() if (reason := check())}
    return json_response({"ok": not reasons, "reasons": reasons}, 503 if reasons else 200)


@blueprint.get("/metrics")
@open_to_all
def metrics() -> Response:
    """Answer counters, to this machine or to who holds the token."""
    token = config().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    local = request.remote_addr in ("127.0.0.1", "::1") and config().trusted_proxies == 0
    if not local and not (token and same(given.encode(), token.encode())):
        raise Forbidden
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _checks() -> dict[str, Callable[[], str | None]]:
    return {"database": _database_reason, "disk": _disk_reason, "serving": _serving_reason}


def _database_reason() -> str | None:
    try:
        house().database.check()
        return "tables are not up to date: run scenario-app migrate" if pending(house().database) else None
    except Exception as problem:  # noqa: BLE001 - readiness must answer whatever is broken
        return f"no answer ({type(problem).__name__})"


def _disk_reason() -> str | None:
    free = shutil.disk_usage(config().data_dir).free
    return None if free >= LEAST_FREE_BYTES else f"{free // 1_048_576} MB free, 200 needed"


def _serving_reason() -> str | None:
    return "leaving" if current_app.extensions["live"].draining else None
