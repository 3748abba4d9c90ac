"""Weave stories into scripts: begin one from a story, add more, read them beside the script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenario_app.kernel.errors import BadMessage
from scenarios import queries as scripts
from scenarios.queries import DraftView
from scenarios.stories.drafting import script_of_answers
from scenarios.stories.queries import RevisionView, StoryView, approved_revision, consents_of, story, weavable
from scenarios.stories.rules import Use
from scenarios.stories.words import answer_labels, draft_headings
from scenarios.together.queries import sources_of_draft
from scenarios.together.rules import NotForThisUse
from scenarios.together.writing import add_source, remove_source, start_woven_draft

blueprint = Blueprint("weaving", __name__, template_folder="../templates")


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """The stories that a script is woven from, in their approved words, and those that could be woven in."""

    draft: DraftView
    sources: Sequence[RevisionView]
    others: Sequence[StoryView]
    labels: Mapping[str, str]
    may_add: bool


@blueprint.post("/reviews/stories/<int:story_id>/weave")
@needs(Duty.MODERATOR)
def weave(story_id: int) -> Response:
    """Begin a script from an approved story: its answers become scenes, a decision, responses."""
    with reading() as session:
        approved = approved_revision(session, story_id)
        told = story(session, story_id)
        tested = scripts.newest_pathway(session)
    if approved is None:
        raise NotForThisUse(story=story_id)
    text = script_of_answers(
        approved.answers,
        headings=draft_headings(),
        title=_("A story"),
        language=told.language,
        stage=told.stage,
        stages=tested.stage_keys if tested else ["stage"],
    )
    with transaction() as session:
        saved = start_woven_draft(
            session, story_id=story_id, text=text, account_id=require_account().id, now=now()
        )
    flash(_("A script is begun from this story. Give it a title first."))
    return redirect(url_for("reviews.edit", draft_id=saved.id))


@blueprint.get("/reviews/scripts/<int:draft_id>/stories")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def sources(draft_id: int) -> str:
    """Show the stories that a script is woven from."""
    moderates = require_account().has(Duty.MODERATOR, Duty.OWNER)
    with reading() as session:
        woven = {each.story_id: each.story_revision for each in sources_of_draft(session, draft_id)}
        found = [approved_revision(session, story_id) for story_id in woven]
        page = SourcesPage(
            draft=scripts.draft(session, draft_id),
            sources=[
                revision
                for revision in found
                if revision is not None and consents_of(session, revision.story_id)[Use.PERFORM]
            ],
            others=[each for each in weavable(session) if woven.get(each.id) != each.revision]
            if moderates
            else [],
            labels=answer_labels(),
            may_add=moderates,
        )
    return render_template("together/sources.html", page=page)


@blueprint.post("/reviews/scripts/<int:draft_id>/stories")
@needs(Duty.MODERATOR)
def add(draft_id: int) -> Response:
    """Weave one more story into a script, or take one out of its sources."""
    number = request.form.get("story", "")
    if not number.isdecimal() or len(number) > 9:
        raise BadMessage(field="story")
    change = remove_source if request.form.get("out") == "yes" else add_source
    with transaction() as session:
        change(session, draft_id=draft_id, story_id=int(number), account_id=require_account().id, now=now())
    return redirect(url_for(".sources", draft_id=draft_id))
