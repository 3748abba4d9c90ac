"""A teller leaves an address to be told what came of their story, and ends the letters with one tap."""

from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from evidence.letter_watch import follower_of
from evidence.loop.letters import follow, follows, stop_following, stop_letters
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, house, now, reading, transaction
from scenario_app.kernel.errors import NotFound
from scenario_app.kernel.language import current_language
from scenario_app.kernel.security import WrongCodes, csrf
from scenarios.stories.forms import BadEmail, email_of
from scenarios.stories.rules import StoryState
from scenarios.stories.this_browser import require_story

blueprint = Blueprint("letters", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class LettersHere:
    """Whether this site can write letters to tellers, and whether it does to this one."""

    possible: bool
    follows: bool


@dataclass(frozen=True, slots=True)
class StopPage:
    """The page behind the link of a letter: before and after."""

    token: str
    stopped: bool


def letters_here(story_id: int) -> LettersHere:
    """Return what a teller's own page says about letters."""
    with reading() as session:
        return LettersHere(_possible(), follows(session, story_id))


@blueprint.post("/stories/mine/letters")
@open_to_all
def ask() -> Response:
    """Keep the address to which the teller wants letters."""
    if not _possible():
        raise NotFound
    askings: WrongCodes = current_app.extensions["letters_asked"]
    place = request.remote_addr or "unknown"
    askings.check("letters", place)  # so that nobody can have us write to the whole world
    askings.was_wrong("letters", place)
    try:
        address = email_of(request.form)
    except BadEmail:
        flash(_("Not kept. Write an e-mail address with an @ in it."))
        return redirect(url_for("story_returns.mine", _anchor="letters"))
    with transaction() as session:
        story = require_story(session)
        if story.sent_at is None or story.state is StoryState.WITHDRAWN:
            raise NotFound  # nothing can come of what nobody has read
        follow(
            session,
            story_id=story.id,
            address=address,
            language=current_language().code,
            key=config().secret_key,
            now=now(),
        )
    house().database.forget_deleted()  # another address that stood there before
    flash(_("Kept. We write when something new came of your story."))
    return redirect(url_for("story_returns.mine", _anchor="letters"))


@blueprint.post("/stories/mine/no-letters")
@open_to_all
def end() -> Response:
    """Erase the teller's address."""
    with transaction() as session:
        stop_following(session, story_id=require_story(session).id)
    house().database.forget_deleted()
    flash(_("Your address is erased. You get no more letters."))
    return redirect(url_for("story_returns.mine", _anchor="letters"))


@blueprint.get("/stories/letters/<token>")
@open_to_all
def ask_to_stop(token: str) -> str:
    """Ask whether the letters should end: mail servers look at links, and must not end them by that."""
    _follower(token)
    return render_template("evidence/letters.html", page=StopPage(token, stopped=False))


@blueprint.post("/stories/letters/<token>")
@open_to_all
def stop(token: str) -> str:
    """End the letters and erase the address. Mail programs do this too (RFC 8058), without a form of ours."""
    with transaction() as session:
        stop_letters(session, follower_id=_follower(token))
    house().database.forget_deleted()
    return render_template("evidence/letters.html", page=StopPage(token, stopped=True))


# The link of the letter is the proof that somebody may: a mail program has no form and no cookie.
csrf.exempt(stop)


@blueprint.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["letters_asked"] = WrongCodes(state.app.extensions["house"].config.redis_url)


def _follower(token: str) -> int:
    found = follower_of(token, key=config().secret_key)
    if found is None:
        raise NotFound
    return found


def _possible() -> bool:
    # Without its own address the site could not say where to read on, nor how to end the letters.
    return bool(config().mail_url and config().public_url)
