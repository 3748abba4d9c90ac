"""Pages of moderators: the shared queue of stories, a story to be made safe, the urgent lane, the public log."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from scenario_app.accounts.access import needs, open_to_all, require_account
from scenario_app.accounts.queries import names_of, people_with
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.language import available, language_of
from scenarios.stories import queries, reviewing, urgent
from scenarios.stories import queue as queued
from scenarios.stories.edits import DeclineReason
from scenarios.stories.pages import compared
from scenarios.stories.queries import NoSuchStory
from scenarios.stories.questions import ANSWERS
from scenarios.stories.review_forms import (
    ReadWords,
    choice_of,
    edits_of,
    month_of,
    number_of,
    page_of,
    queue_filter,
    typed_edits,
)
from scenarios.stories.review_pages import (
    DangerWordsPage,
    ModerationLogPage,
    QueuePage,
    StoryReviewPage,
    marked,
    minutes_between,
)
from scenarios.stories.review_words import review_words
from scenarios.stories.rules import StoryState
from scenarios.stories.words import answer_labels

blueprint = Blueprint("story_reviews", __name__)
SHOWN_STATES = (StoryState.SENT, StoryState.BEING_READ, StoryState.APPROVED, StoryState.DECLINED)


@blueprint.get("/reviews/stories")
@needs(Duty.MODERATOR)
def home() -> str:
    """Show the queue: no words of any story."""
    me = require_account().id
    wanted = queue_filter(request.args, account_id=me)
    with reading() as session:
        found = queued.queue(session, wanted, page=page_of(request.args))
    page = QueuePage(
        queue=found,
        wanted=wanted,
        states=SHOWN_STATES,
        words=review_words(),
        minutes_waiting={row.id: minutes_between(row.urgent_since, now()) for row in found.rows},
        me=me,
    )
    return render_template("stories/queue.html", page=page)


@blueprint.get("/reviews/stories/<int:story_id>")
@needs(Duty.MODERATOR)
def story(story_id: int) -> str:
    """Show a story to be made safe. That somebody opened it is recorded."""
    return render_template("stories/review.html", page=_story_page(story_id))


# --- acts: each is one service call, then the story again ------------------------------------------------------


@blueprint.post("/reviews/stories/<int:story_id>/claim")
@needs(Duty.MODERATOR)
def claim(story_id: int) -> Response | tuple[str, int]:
    """Say that this account reads it."""
    return _act(story_id, reviewing.claim_story)


@blueprint.post("/reviews/stories/<int:story_id>/hand-over")
@needs(Duty.MODERATOR)
def hand_over(story_id: int) -> Response | tuple[str, int]:
    """Give it to another moderator."""
    to_id = number_of(request.form.get("to", ""), "to")
    return _act(story_id, reviewing.hand_over, to_id=to_id)


@blueprint.post("/reviews/stories/<int:story_id>/edit")
@needs(Duty.MODERATOR)
def edit(story_id: int) -> Response | tuple[str, int]:
    """Take words out of it. A refusal keeps what was typed."""
    read = ReadWords.from_form(request.form)

    def take_out(session: Session, *, story_id: int, account_id: int, now: datetime) -> None:
        newest = reviewing.read_story(session, story_id=story_id, account_id=account_id, now=now)
        edits = edits_of(request.form, newest.answers)
        reviewing.edit_story(
            session, story_id=story_id, revision=read.revision, edits=edits, account_id=account_id, now=now
        )

    return _act(story_id, take_out)


@blueprint.post("/reviews/stories/<int:story_id>/approve")
@needs(Duty.MODERATOR)
def approve(story_id: int) -> Response | tuple[str, int]:
    """Approve exactly the words that the form names."""
    read = ReadWords.from_form(request.form)
    return _act(story_id, reviewing.approve_story, revision=read.revision, sha256=read.sha256)


@blueprint.post("/reviews/stories/<int:story_id>/second")
@needs(Duty.MODERATOR)
def want_second(story_id: int) -> Response | tuple[str, int]:
    """Ask for a second opinion."""
    read = ReadWords.from_form(request.form)
    return _act(story_id, reviewing.want_second, revision=read.revision, sha256=read.sha256)


@blueprint.post("/reviews/stories/<int:story_id>/decline")
@needs(Duty.MODERATOR)
def decline(story_id: int) -> Response | tuple[str, int]:
    """Decline it, with a reason that is public and words that are not."""
    read = ReadWords.from_form(request.form)
    reason = choice_of(DeclineReason, request.form.get("reason", ""))
    return _act(
        story_id,
        reviewing.decline_story,
        revision=read.revision,
        sha256=read.sha256,
        reason=reason,
        words=request.form.get("words", ""),
    )


@blueprint.post("/reviews/stories/<int:story_id>/urgent")
@needs(Duty.MODERATOR)
def raise_urgent(story_id: int) -> Response | tuple[str, int]:
    """Put it into the urgent lane."""
    return _act(story_id, urgent.raise_urgent)


@blueprint.post("/reviews/stories/<int:story_id>/take-urgent")
@needs(Duty.MODERATOR)
def take_urgent(story_id: int) -> Response | tuple[str, int]:
    """Say that this account has it in hand."""
    return _act(story_id, urgent.take_urgent)


# --- the list that makes a story urgent ------------------------------------------------------------------------


@blueprint.get("/reviews/danger-words")
@needs(Duty.MODERATOR)
def danger_words() -> str:
    """Show the phrases that put a story into the urgent lane."""
    return render_template("stories/danger_words.html", page=_danger_words_page())


@blueprint.post("/reviews/danger-words")
@needs(Duty.MODERATOR)
def add_danger_word() -> Response | tuple[str, int]:
    """Look for one more phrase."""
    typed = request.form.get("phrase", "")
    try:
        with transaction() as session:
            urgent.add_phrase(
                session,
                language=_language_typed(),
                phrase=typed,
                account_id=require_account().id,
                now=now(),
            )
    except urgent.BadPhrase as refusal:
        page = replace(_danger_words_page(), typed=typed, refused=refusal)
        return render_template("stories/danger_words.html", page=page), refusal.status
    flash(_("Saved."))
    return redirect(url_for(".danger_words"))


@blueprint.post("/reviews/danger-words/remove")
@needs(Duty.MODERATOR)
def remove_danger_word() -> Response:
    """Look for a phrase no more."""
    with transaction() as session:
        urgent.remove_phrase(
            session,
            language=request.form.get("language", ""),
            phrase=request.form.get("phrase", ""),
            account_id=require_account().id,
            now=now(),
        )
    flash(_("Saved."))
    return redirect(url_for(".danger_words"))


# --- the public log -------------------------------------------------------------------------------------------


@blueprint.get("/moderation-log")
@open_to_all
def moderation_log() -> str:
    """Show what was taken out of stories and declined in one month, and why: counts, no content."""
    with reading() as session:
        months = queued.months_logged(session)
        asked = month_of(request.args.get("month", ""))
        month = asked if asked in months else next(iter(months), None)
        lines = queued.log_of(session, month) if month else []
    place = months.index(month) if month else 0
    page = ModerationLogPage(
        month=month,
        newer=months[place - 1] if place > 0 else None,
        older=months[place + 1] if place + 1 < len(months) else None,
        lines=lines,
        words=review_words(),
    )
    return render_template("stories/moderation_log.html", page=page)


# --- within ---------------------------------------------------------------------------------------------------


def _act(story_id: int, service: Callable[..., object], **given: object) -> Response | tuple[str, int]:
    """Call one service in one transaction, as whoever is signed in; then the story again, or why it was refused."""
    try:
        with transaction() as session:
            service(session, story_id=story_id, account_id=require_account().id, now=now(), **given)
    except NoSuchStory:
        raise
    except DomainError as refusal:
        page = replace(_story_page(story_id), refused=refusal, typed=typed_edits(request.form))
        return render_template("stories/review.html", page=page), refusal.status
    flash(_("Saved."))
    return redirect(url_for(".story", story_id=story_id))


def _story_page(story_id: int) -> StoryReviewPage:
    me, moment = require_account().id, now()
    with transaction() as session:
        newest = reviewing.read_story(session, story_id=story_id, account_id=me, now=moment)
        found = queries.story(session, story_id)
        revisions = queries.revisions_of(session, story_id)
        people = people_with(session, Duty.MODERATOR, Duty.OWNER)
        reviews = queued.reviews_of(session, story_id)
        replies = queries.replies_of(session, story_id)
        readings = queued.readings_of(session, reviewing.chain_of(story_id))
        consents = queries.consents_of(session, story_id)
        who = (found.claimed_by, found.urgent_taken_by)
        names = names_of(session, [account for account in who if account is not None])
    labels = answer_labels()
    answers, hints = marked(newest.answers, labels, ANSWERS)
    return StoryReviewPage(
        story=found,
        revision=newest,
        answers=answers,
        hints=hints,
        compared=compared(revisions, labels, ANSWERS) if len(revisions) > 1 else [],
        reviews=reviews,
        replies=replies,
        readings=readings,
        consents=consents,
        people=people,
        names=names,
        words=review_words(),
        minutes_waiting=minutes_between(found.urgent_since, moment),
        me=me,
    )


def _danger_words_page() -> DangerWordsPage:
    with reading() as session:
        phrases = urgent.danger_phrases(session)
    codes = available(current_app.extensions["catalogues"])
    return DangerWordsPage(phrases=phrases, languages=[(code, language_of(code).name) for code in codes])


def _language_typed() -> str:
    typed = request.form.get("language", "")
    return typed if typed in available(current_app.extensions["catalogues"]) else "en"
