"""Pages of moderators: scripts being written, the editor, publishing, pathways."""

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.http import download
from scenarios import queries, service
from scenarios.forms import NoFile, ScriptWords, pathway_form, stages_of
from scenarios.pages import EarlierWordsPage, EditorPage, PathwayForm, ReviewsPage, places_shown
from scenarios.queries import NoSuchDraft
from scenarios.rendering import render_script
from scenarios.rules import DraftMoved, WordsTakenBack, in_style_of, slug_from
from scenarios.script.mending import mended
from scenarios.script.script import Script, read_script
from scenarios.script.twee_reader import from_twee, looks_like_twee
from scenarios.together import writing
from scenarios.together.queries import drafts_of_writer
from scenarios.words import problems_shown, summary_of

blueprint = Blueprint("reviews", __name__, template_folder="templates", url_prefix="/reviews")


@blueprint.get("")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def home() -> str:
    """Show the scripts being written and the scenarios that are published."""
    return render_template("scenarios/reviews.html", page=_reviews_page())


# --- writing --------------------------------------------------------------------------------------------------


@blueprint.get("/scripts/new")
@needs(Duty.MODERATOR)
def new() -> str:
    """Show the editor with the outline of a script."""
    outline = render_template("scenarios/outline.md")
    return show_editor(None, ScriptWords(outline, 0, ""))


@blueprint.post("/scripts/new")
@needs(Duty.MODERATOR)
def start() -> Response | tuple[str, int]:
    """Keep the first words of a script."""
    words = mended_words(ScriptWords.from_form(request.form), request.form.get("mend", ""))
    try:
        with transaction() as session:
            saved = service.start_draft(session, text=words.text, account_id=require_account().id, now=now())
    except DomainError as refusal:
        return show_editor(None, words, refused=refusal), refusal.status
    return redirect(url_for(".edit", draft_id=saved.id))


@blueprint.post("/scripts/upload")
@needs(Duty.MODERATOR)
def upload() -> Response | tuple[str, int]:
    """Keep a file as a draft: text byte for byte, Twee as the script that it makes."""
    file = request.files.get("file")
    try:
        if not file:
            raise NoFile
        script = read_script(file.read())
        if looks_like_twee(file.filename or ""):
            script = from_twee(script.text)
        with transaction() as session:
            saved = service.start_draft(session, text=script.text, account_id=require_account().id, now=now())
    except DomainError as refusal:
        return render_template("scenarios/reviews.html", page=_reviews_page(refusal)), refusal.status
    return redirect(url_for(".edit", draft_id=saved.id))


@blueprint.post("/scenarios/<slug>/edit")
@needs(Duty.MODERATOR)
def edit_published(slug: str) -> Response:
    """Open the working copy of a published scenario."""
    with transaction() as session:
        saved = service.start_draft_of(session, slug=slug, account_id=require_account().id, now=now())
    return redirect(url_for(".edit", draft_id=saved.id))


@blueprint.get("/scripts/<int:draft_id>")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def edit(draft_id: int) -> str:
    """Show the editor."""
    with reading() as session:
        draft = queries.draft(session, draft_id)
    return show_editor(draft_id, ScriptWords(draft.text, draft.revision, ""))


@blueprint.post("/scripts/<int:draft_id>")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def save(draft_id: int) -> Response | tuple[str, int]:
    """Keep the words of a draft; where somebody else saved first, put both together or show both."""
    words = mended_words(ScriptWords.from_form(request.form), request.form.get("mend", ""))
    try:
        kept = save_words(draft_id, words)
    except NoSuchDraft:
        raise
    except DomainError as refusal:
        return show_editor(draft_id, words, refused=refusal), refusal.status
    if kept.with_words_of:
        flash(_("Saved. %(who)s changed other places meanwhile; both are in it.", who=kept.with_words_of))
    else:
        flash(_("Saved."))
    return redirect(url_for(".edit", draft_id=draft_id))


@blueprint.post("/scripts/<int:draft_id>/publish")
@needs(Duty.MODERATOR)
def publish(draft_id: int) -> Response | tuple[str, int]:
    """Keep the words, then publish exactly them. A refusal leaves them kept."""
    words = ScriptWords.from_form(request.form)
    try:
        saved = save_words(draft_id, words).saved
        rendered = render_script(Script.parse(saved.text))
        with transaction() as session:
            version = writing.publish_together(
                session,
                draft_id=draft_id,
                revision=saved.revision,
                rendered=rendered,
                pathway_slug=words.pathway,
                account_id=require_account().id,
                now=now(),
            )
    except NoSuchDraft:
        raise
    except DomainError as refusal:
        return show_editor(draft_id, words, refused=refusal), refusal.status
    flash(_("Published as version %(number)s.", number=version.number))
    return redirect(url_for("scenarios.scenario", slug=version.slug))


@blueprint.get("/scripts/<int:draft_id>.md")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def draft_text(draft_id: int) -> Response:
    """Send the words of a draft, what is written for the facilitator included."""
    with reading() as session:
        draft = queries.draft(session, draft_id)
    name = slug_from(draft.title) or f"script-{draft_id}"
    return download(draft.text, filename=f"{name}.md", content_type="text/markdown; charset=utf-8")


@blueprint.get("/scripts/<int:draft_id>/earlier/<int:revision>")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def earlier(draft_id: int, revision: int) -> str:
    """Show one writer's words that another one saved over."""
    with reading() as session:
        draft = queries.draft(session, draft_id)
        found = [words for words in queries.earlier_words(session, draft_id) if words.revision == revision]
    if not found:
        raise NoSuchDraft(draft=draft_id, revision=revision)
    return render_template("scenarios/earlier.html", page=EarlierWordsPage(draft, found[0]))


# --- pathways -------------------------------------------------------------------------------------------------


@blueprint.get("/pathways/new")
@needs(Duty.MODERATOR)
def new_pathway() -> str:
    """Show the form that founds a pathway."""
    return render_template("scenarios/pathway.html", page=PathwayForm())


@blueprint.post("/pathways/new")
@needs(Duty.MODERATOR)
def found_pathway() -> Response | tuple[str, int]:
    """Found a pathway, or a newer version of the one of that name."""
    typed = pathway_form(request.form)
    try:
        with transaction() as session:
            service.found_pathway(
                session,
                slug=slug_from(typed.title),
                title=typed.title,
                question=typed.question,
                decision_statement=typed.decision_statement,
                stages=stages_of(typed.stages),
                account_id=require_account().id,
                now=now(),
            )
    except service.BadPathway as refusal:
        return render_template("scenarios/pathway.html", page=typed.refused_with(refusal)), refusal.status
    flash(_("Founded. Scripts can name its stages now."))
    return redirect(url_for(".home"))


# --- within ---------------------------------------------------------------------------------------------------


def mended_words(words: ScriptWords, problem: str) -> ScriptWords:
    """Return the words with the answer to a problem, `code:line`; as they are when it is not there any more."""
    code, _colon, line = problem.partition(":")
    if not re.fullmatch("[0-9]{1,6}", line):
        return words
    with reading() as session:
        tested = queries.pathway(session, words.pathway) or queries.newest_pathway(session)
    text = mended(Script.parse(words.text), code, int(line), tested.stage_keys if tested else None)
    return words if text is None else ScriptWords(text, words.revision, words.pathway)


def save_words(draft_id: int, words: ScriptWords) -> writing.SavedTogether:
    """Keep the words of a draft, put together with those that somebody saved meanwhile."""
    with transaction() as session:
        return writing.save_together(
            session,
            draft_id=draft_id,
            text=words.text,
            revision=words.revision,
            account_id=require_account().id,
            now=now(),
        )


def show_editor(draft_id: int | None, words: ScriptWords, refused: DomainError | None = None) -> str:
    """Return the editor with these words. After somebody else saved, theirs stand beside them."""
    with reading() as session:
        draft = queries.draft(session, draft_id) if draft_id is not None else None
        pathways = queries.pathways(session)
        wanted = words.pathway or (draft.pathway if draft else None) or ""
        tested = queries.pathway(session, wanted) or queries.newest_pathway(session)
        earlier = queries.earlier_words(session, draft_id) if draft_id is not None else []
    if isinstance(refused, WordsTakenBack) and draft is not None:
        words = ScriptWords(draft.text, draft.revision, words.pathway)
    script = Script.parse(words.text)
    problems = script.problems(tested.stage_keys if tested else None)
    theirs = draft if isinstance(refused, DraftMoved) else None
    # who has seen theirs saves upon theirs; a refusal of another kind is no reason to write over anybody
    has_seen = draft is not None and (theirs is not None or in_style_of(words.text, draft.text) == draft.text)
    page = EditorPage(
        draft=draft,
        text=words.text,
        revision=draft.revision if draft and has_seen else words.revision,
        pathways=pathways,
        pathway=tested.slug if tested else "",
        problems=problems_shown(problems, script, tested.stage_keys if tested else None),
        summary=summary_of(problems),
        places=places_shown(script, {}),
        earlier=earlier,
        theirs=theirs,
        refused=refused,
        written_upon=words.revision,
        may_publish=require_account().has(Duty.MODERATOR, Duty.OWNER),
    )
    return render_template("scenarios/editor.html", page=page)


def _reviews_page(refused: DomainError | None = None) -> ReviewsPage:
    """Return where people who write land: moderators see everything, co-writers the scripts they were invited to."""
    account = require_account()
    with reading() as session:
        if not account.has(Duty.MODERATOR, Duty.OWNER):
            own = drafts_of_writer(session, account.id)
            return ReviewsPage(
                drafts=[draft for draft in queries.drafts(session) if draft.id in own],
                versions=[],
                has_pathway=True,
                moderates=False,
            )
        return ReviewsPage(
            drafts=queries.drafts(session),
            versions=queries.published_versions(session),
            has_pathway=queries.newest_pathway(session) is not None,
            moderates=True,
            refused=refused,
        )
