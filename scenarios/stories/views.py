"""Pages of somebody who tells a story: one question at a time, check, send. By plain forms, without an account."""

import ipaddress
from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.http import json_body, json_response
from scenario_app.kernel.language import current_language
from scenario_app.kernel.security import WrongCodes
from scenario_app.kernel.word_codes import new_word_code
from scenarios.queries import PathwayView, newest_pathway
from scenarios.stories import queries, telling
from scenarios.stories.forms import Typed, consents_of_form
from scenarios.stories.pages import (
    Answered,
    CheckPage,
    Choice,
    Field,
    Kept,
    QuestionPage,
    SentPage,
    StartPage,
    consents_asked,
)
from scenarios.stories.queries import StoryView
from scenarios.stories.questions import (
    UNSURE,
    NoSuchChoice,
    Question,
    ToldFor,
    asked,
    first_unanswered,
    question_after,
    question_before,
    question_of,
)
from scenarios.stories.rules import NothingToSend, StoryClosed
from scenarios.stories.this_browser import code_here, forget, remember, require_story, story_here
from scenarios.stories.urgent import is_urgent
from scenarios.stories.words import answer_labels, question_words, stage_choices, use_words, whose_choices

blueprint = Blueprint("stories", __name__, template_folder="../templates")
STORIES_FROM_ONE_PLACE = RateLimitItemPerHour(10)


@blueprint.get("/stories/new")
@open_to_all
def start() -> str:
    """Say who reads a story, what happens to it and how long it is kept."""
    with reading() as session:
        story = story_here(session)
        answers = queries.answers_of(session, story.id) if story and story.sent_at is None else None
        has_stages = newest_pathway(session) is not None
    goes_on = None
    if answers is not None:
        goes_on = first_unanswered(answers, has_stages=has_stages) or "check"
    return render_template("stories/start.html", page=StartPage(days=config().draft_days, goes_on=goes_on))


@blueprint.post("/stories/new")
@open_to_all
def begin() -> Response:
    """Begin with a clean sheet: a story that this browser had open is closed here, and kept."""
    response = redirect(url_for(".ask", question=asked(has_stages=True)[0].key))
    forget(response)
    return response


@blueprint.get("/stories/new/<question>")
@open_to_all
def ask(question: str) -> str | Response:
    """Ask one question; who has sent their story is shown where it is."""
    with reading() as session:
        story = story_here(session)
    if story is not None and story.sent_at is not None:
        return redirect(url_for("story_returns.mine"))
    return _question_page(question)


@blueprint.post("/stories/new/<question>")
@open_to_all
def answer(question: str) -> Response | tuple[str, int]:
    """Keep what was typed, then go where the button says. Nothing typed yet, nothing kept."""
    with reading() as session:
        has_stages = newest_pathway(session) is not None
    which = question_of(question, has_stages=has_stages)
    typed = Typed.from_form(which, request.form)
    try:
        code = _keep(which, typed)
    except StoryClosed:
        raise
    except DomainError as refusal:
        return _question_page(question, typed, refusal), refusal.status
    ways = {
        "on": question_after(question, has_stages=has_stages) or "check",
        "back": question_before(question, has_stages=has_stages),
        "check": "check",
    }
    target = ways[typed.way]
    response = redirect(_address_of(target))
    if code is not None:
        remember(response, code)
    return response


@blueprint.put("/api/v1/story/<question>")
@open_to_all
def keep(question: str) -> Response:
    """Keep what is being typed, and say when it was kept and which six words bring it back."""
    with reading() as session:
        has_stages = newest_pathway(session) is not None
    which = question_of(question, has_stages=has_stages)
    code = _keep(which, Typed.from_json(which, json_body()))
    with reading() as session:
        help_at_once = _speaks_of_danger(session, code)
    response = json_response(
        {"ok": True, "saved_at": now().isoformat(), "words": code, "help_at_once": help_at_once}
    )
    if code is not None:
        remember(response, code)
    return response


@blueprint.get("/stories/new/check")
@open_to_all
def check() -> str | Response:
    """Show everything before it is sent."""
    with reading() as session:
        story = story_here(session)
    if story is not None and story.sent_at is not None:
        return redirect(url_for("story_returns.mine"))
    return _check_page()


@blueprint.post("/stories/new/check")
@open_to_all
def send() -> Response | tuple[str, int]:
    """Send the story, with what it may be used for."""
    try:
        with transaction() as session:
            story = story_here(session)
            if story is None:
                raise NothingToSend
            telling.say_consent(
                session,
                story_id=story.id,
                uses=consents_of_form(request.form),
                wording=use_words(),
                language=current_language().code,
                now=now(),
            )
            telling.send_story(session, story_id=story.id, now=now())
    except NothingToSend as refusal:
        return _check_page(refusal), refusal.status
    return redirect(url_for(".sent"))


@blueprint.get("/stories/new/sent")
@open_to_all
def sent() -> str | Response:
    """Say that it has arrived, and how to see where it is."""
    with reading() as session:
        story = require_story(session)
    if story.sent_at is None:
        return redirect(url_for(".check"))
    page = SentPage(code=code_here() or "", can_mail=config().mail_url is not None)
    return render_template("stories/sent.html", page=page)


@blueprint.record_once
def _count(state: BlueprintSetupState) -> None:
    settings = state.app.extensions["house"].config
    state.app.extensions["story_returns"] = WrongCodes(settings.redis_url)
    state.app.extensions["stories_begun"] = FixedWindowRateLimiter(MemoryStorage())


# --- within ---------------------------------------------------------------------------------------------------


def _keep(question: Question, typed: Typed) -> str | None:
    """Keep one page in one transaction. Return the code of its story; None while there is nothing to keep."""
    code = code_here()
    with transaction() as session:
        story = story_here(session)
        if story is None:
            if not typed.says_something:
                return None
            code = new_word_code()
            pathway = newest_pathway(session)
            story = telling.begin_story(
                session,
                code=code,
                key=config().secret_key,
                language=current_language().code,
                pathway_id=pathway.id if pathway else None,
                now=now(),
            )
            _count_begun()
        if question.key == "who" and typed.choice:
            telling.say_whose(session, story_id=story.id, told_for=typed.choice, now=now())
        elif question.key == "stage" and typed.choice:
            _keep_stage(session, story, typed.choice)
        elif question.answers:
            telling.save_answers(session, story_id=story.id, answers=typed.answers, now=now())
    return code


def _keep_stage(session: Session, story: StoryView, choice: str) -> None:
    pathway = newest_pathway(session)
    if pathway is None or choice not in (UNSURE, *pathway.stage_keys):
        raise NoSuchChoice
    stage = None if choice == UNSURE else choice
    telling.say_stage(session, story_id=story.id, pathway_id=pathway.id, stage=stage, now=now())


def _count_begun() -> None:
    """Count stories by where they come from. Many from one place are told to the log, and never refused."""
    place = request.remote_addr or "unknown"
    with suppress(ValueError):  # a proxy may hand on what is no address
        address = ipaddress.ip_address(place)
        width = 64 if address.version == 6 else 32
        place = str(ipaddress.ip_network((address, width), strict=False))
    limiter: FixedWindowRateLimiter = current_app.extensions["stories_begun"]
    if not limiter.hit(STORIES_FROM_ONE_PLACE, place):
        current_app.logger.warning("more than 10 stories in an hour were begun from one place")


def _speaks_of_danger(session: Session, code: str | None) -> bool:
    story = story_here(session) if code else None
    return story is not None and is_urgent(session, queries.answers_of(session, story.id).values())


def _address_of(target: str | None) -> str:
    if target is None:
        return url_for(".start")
    return url_for(".check") if target == "check" else url_for(".ask", question=target)


def _kept(story: StoryView | None) -> Kept:
    code = code_here() if story else None
    return Kept(
        story.saved_at if story else None, code or "", config().draft_days, config().mail_url is not None
    )


def _question_page(key: str, typed: Typed | None = None, refused: DomainError | None = None) -> str:
    with reading() as session:
        story = story_here(session)
        pathway = newest_pathway(session)
        answers = queries.answers_of(session, story.id) if story else {}
        help_at_once = is_urgent(session, answers.values())
    has_stages = pathway is not None
    question = question_of(key, has_stages=has_stages)
    keys = [one.key for one in asked(has_stages=has_stages)]
    shown = {**answers, **typed.answers} if typed else answers
    labels = answer_labels()
    page = QuestionPage(
        question=question,
        words=question_words()[key],
        fields=[Field(name, labels[name], shown.get(name, "")) for name in question.answers],
        choices=_choices(question, pathway),
        chosen=_chosen(question, story),
        number=keys.index(key) + 1,
        of=len(keys),
        before=question_before(key, has_stages=has_stages),
        checking="check" in request.args or (typed is not None and typed.way == "check"),
        kept=_kept(story),
        help_at_once=help_at_once,
        refused=refused,
    )
    return render_template("stories/question.html", page=page)


def _choices(question: Question, pathway: PathwayView | None) -> list[Choice]:
    if question.key == "who":
        return whose_choices()
    if question.key == "stage" and pathway is not None:
        return stage_choices([(stage.key, stage.title) for stage in pathway.stages])
    return []


def _chosen(question: Question, story: StoryView | None) -> str:
    if story is None:
        return ""
    return story.told_for if question.key == "who" else story.stage or ""


def _check_page(refused: DomainError | None = None) -> str:
    with reading() as session:
        story = story_here(session)
        pathway = newest_pathway(session)
        answers = queries.answers_of(session, story.id) if story else {}
        given = queries.consents_of(session, story.id) if story else {}
        help_at_once = is_urgent(session, answers.values())
    page = CheckPage(
        answered=_answered(story, pathway, answers),
        consents=consents_asked(use_words(), given if refused is None else consents_of_form(request.form)),
        for_somebody=story is not None and story.told_for != ToldFor.SELF,
        unasked=story is not None and story.told_for == ToldFor.SOMEBODY_UNASKED,
        kept=_kept(story),
        last=asked(has_stages=True)[-1].key,
        help_at_once=help_at_once,
        refused=refused,
    )
    return render_template("stories/check.html", page=page)


def _answered(
    story: StoryView | None, pathway: PathwayView | None, answers: dict[str, str]
) -> list[Answered]:
    labels = answer_labels()
    rows = []
    for question in asked(has_stages=pathway is not None):
        words = {choice.value: choice.words for choice in _choices(question, pathway)}
        if words:
            chosen = _chosen(question, story) or (UNSURE if question.key == "stage" else "")
            rows.append(Answered(question.key, labels[question.key], words.get(chosen, "")))
        rows += [Answered(question.key, labels[name], answers.get(name, "")) for name in question.answers]
    return [replace(row, text=row.text.strip()) for row in rows]
