"""Coming back with six words: to a draft, to where a story is now; leaving quickly; words by e-mail."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from scenario_app.accounts.access import open_to_all
from scenario_app.accounts.mail import send_letter
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import DomainError, NotFound
from scenario_app.kernel.language import current_language
from scenario_app.kernel.security import WrongCodes
from scenario_app.kernel.word_codes import clean_word_code
from scenarios.stories import queries, telling
from scenarios.stories.forms import BadEmail, consents_of_form, email_of
from scenarios.stories.pages import Declined, MinePage, ReturnPage, compared, consents_asked
from scenarios.stories.queries import NoSuchStory, StoryView, story_by_code
from scenarios.stories.questions import ANSWERS
from scenarios.stories.queue import reviews_of
from scenarios.stories.review_words import decline_reason_words, edit_reason_words
from scenarios.stories.rules import StoryState, Verdict
from scenarios.stories.this_browser import NoStoryHere, code_here, forget, remember, require_story
from scenarios.stories.words import answer_labels, edit_kind_words, said_by_words, steps_of, use_words

blueprint = Blueprint("story_returns", __name__, template_folder="../templates")


@blueprint.get("/stories/return")
@open_to_all
def come_back() -> str:
    """Ask for the six words."""
    return render_template("stories/return.html", page=ReturnPage())


@blueprint.post("/stories/return")
@open_to_all
def use_words_typed() -> Response | tuple[str, int]:
    """Open the story of these words here. Wrong ones are counted against their address; right ones never refused."""
    code = clean_word_code(request.form.get("words", ""))
    try:
        with reading() as session:
            story = story_by_code(session, code=code, key=config().secret_key)
    except NoSuchStory as refusal:
        wrong: WrongCodes = current_app.extensions["story_returns"]
        address = request.remote_addr or "unknown"
        wrong.check("story", address)
        wrong.was_wrong("story", address)
        return render_template("stories/return.html", page=ReturnPage(wrong=True)), refusal.status
    response = redirect(url_for("stories.start") if story.sent_at is None else url_for(".mine"))
    remember(response, code)
    return response


@blueprint.get("/stories/mine")
@open_to_all
def mine() -> str | Response:
    """Show where a story is, what was changed in it and why, and what it may be used for."""
    with reading() as session:
        story = require_story(session)
    if story.sent_at is None:
        return redirect(url_for("stories.check"))
    return _mine_page()


@blueprint.post("/stories/mine/reply")
@open_to_all
def reply() -> Response | tuple[str, int]:
    """Keep what the teller says of the changes."""
    revision = request.form.get("revision", "")
    try:
        with transaction() as session:
            telling.reply_to_edits(
                session,
                story_id=require_story(session).id,
                revision=int(revision) if revision.isdecimal() and len(revision) < 6 else 0,
                agrees=request.form.get("agrees") == "yes",
                words=request.form.get("words", ""),
                now=now(),
            )
    except NoStoryHere:
        raise
    except DomainError as refusal:
        return _mine_page(refusal), refusal.status
    flash(_("Thank you. The people who read your story see what you said."))
    return redirect(url_for(".mine"))


@blueprint.post("/stories/mine/uses")
@open_to_all
def change_uses() -> Response:
    """Keep what a story may be used for from now on."""
    with transaction() as session:
        telling.say_consent(
            session,
            story_id=require_story(session).id,
            uses=consents_of_form(request.form),
            wording=use_words(),
            language=current_language().code,
            now=now(),
        )
    flash(_("Kept. It counts from now on."))
    return redirect(url_for(".mine"))


@blueprint.post("/stories/letter")
@open_to_all
def mail_words() -> Response:
    """Send the six words to an address, once. The address is kept nowhere."""
    code, mail_url = code_here(), config().mail_url
    if mail_url is None:
        raise NotFound
    if code is None:
        raise NoStoryHere
    sendings: WrongCodes = current_app.extensions["story_returns"]
    place = request.remote_addr or "unknown"
    sendings.check("letter", place)  # so that nobody can have us write to the whole world
    sendings.was_wrong("letter", place)
    address = (config().public_url or request.host_url.rstrip("/")) + url_for(".come_back")
    try:
        send_letter(
            mail_url,
            to=email_of(request.form),
            subject=_("Your six words for %(site)s", site=config().site_name),
            text=_(
                "These words bring you back to what you wrote: %(words)s\n\nType them here: %(address)s",
                words=code,
                address=address,
            ),
        )
        flash(_("Sent. We have not kept the address."))
    except BadEmail:
        flash(_("Not sent. Write an e-mail address with an @ in it."))
    except OSError as problem:
        current_app.logger.warning("six words could not be mailed: %s", type(problem).__name__)
        flash(_("Not sent: the mail does not work just now. Write the words down, or try again later."))
    with reading() as session:
        is_sent = require_story(session).sent_at is not None
    return redirect(url_for(".mine") if is_sent else url_for("stories.check"))


@blueprint.get("/stories/taken-back")
@open_to_all
def taken_back() -> Response:
    """Close a story that was just taken back on this browser, and show its last page without its words."""
    response = Response(render_template("stories/taken_back.html"), content_type="text/html; charset=utf-8")
    forget(response)
    return response


@blueprint.get("/stories/leave")
@open_to_all
def leave() -> Response:
    """Close the story on this browser and go to a page about the weather. Works without scripts."""
    response = redirect(str(current_app.jinja_env.globals["leave_url"]))
    forget(response)
    return response


def _declined(session: Session, story: StoryView) -> Declined | None:
    if story.state is not StoryState.DECLINED:
        return None
    last = next(
        review for review in reviews_of(session, story.id) if review.verdict is Verdict.DECLINED
    )  # the newest
    return Declined(decline_reason_words().get(last.reason_code or "", ""), last.reason)


def _mine_page(refused: DomainError | None = None) -> str:
    labels = answer_labels()
    with reading() as session:
        story = require_story(session)
        given = queries.consents_of(session, story.id)
        page = MinePage(
            story=story,
            steps=steps_of(story.state),
            compared=compared(queries.revisions_of(session, story.id), labels, ANSWERS),
            edits=queries.edits_of(session, story.id),
            replies=queries.replies_of(session, story.id),
            consents=consents_asked(use_words(), given),
            ledger=queries.ledger_of(session, story.id),
            code=code_here() or "",
            labels=labels,
            edit_kinds=edit_kind_words(),
            edit_reasons=edit_reason_words(),
            declined=_declined(session, story),
            said_by=said_by_words(),
            use_words=use_words(),
            refused=refused,
        )
    return render_template("stories/mine.html", page=page)
