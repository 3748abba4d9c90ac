"""Readers say whether a scenario happens here too; moderators read their lines before anybody else does."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scenario_app.accounts.access import needs, open_to_all, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import BadMessage
from scenario_app.kernel.tokens import hashed, new_secret
from scenarios.together.rules import Sense
from scenarios.together.sense_checking import UnreadLine, judge_line, say_sense, unread_lines

blueprint = Blueprint("sense", __name__, template_folder="../templates")
COOKIE = "reader"
COOKIE_SECONDS = 180 * 86_400


@dataclass(frozen=True, slots=True)
class LinesPage:
    """Lines of readers that nobody has read yet."""

    lines: Sequence[UnreadLine]


def browser_hash() -> bytes | None:
    """Return by what this browser is known to the counts of sense-checks; None when it never said anything."""
    secret = request.cookies.get(COOKIE, "")[:60]
    return hashed(secret, key=config().secret_key) if secret else None


@blueprint.post("/scenarios/<slug>/sense")
@open_to_all
def say(slug: str) -> Response:
    """Keep what a reader says of a scenario."""
    try:
        verdict = Sense(request.form.get("verdict", ""))
    except ValueError:
        raise BadMessage(field="verdict", expected=", ".join(Sense)) from None
    secret = request.cookies.get(COOKIE, "")[:60] or new_secret()
    with transaction() as session:
        say_sense(
            session,
            slug=slug,
            browser_hash=hashed(secret, key=config().secret_key),
            verdict=verdict,
            why=request.form.get("why", ""),
            now=now(),
        )
    flash(_("Thank you. It is counted. If you wrote a line, somebody reads it before it is shown."))
    answer = redirect(url_for("scenarios.scenario", slug=slug, _anchor="sense"))
    answer.set_cookie(
        COOKIE, secret, max_age=COOKIE_SECONDS, httponly=True, secure=request.is_secure, samesite="Lax"
    )
    return answer


@blueprint.get("/reviews/sense-checks")
@needs(Duty.MODERATOR)
def lines() -> str:
    """Show the lines that wait to be read."""
    with reading() as session:
        page = LinesPage(unread_lines(session))
    return render_template("together/lines.html", page=page)


@blueprint.post("/reviews/sense-checks/<int:sense_check_id>")
@needs(Duty.MODERATOR)
def judge(sense_check_id: int) -> Response:
    """Say whether a line may be shown."""
    with transaction() as session:
        judge_line(
            session,
            sense_check_id=sense_check_id,
            why=request.form.get("why", "").replace("\r\n", "\n"),
            show=request.form.get("show") == "yes",
            account_id=require_account().id,
            now=now(),
        )
    return redirect(url_for(".lines"))
