"""The form view of a script: the same text as in the editor, a question at a time. Routes of the same room."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenario_app.kernel.errors import DomainError
from scenarios import queries, service
from scenarios.drawing import drawing_of
from scenarios.form_edits import Edited, begun, edited_about, edited_place, place_numbered
from scenarios.form_pages import FormAboutPage, form_place_page, place_rows
from scenarios.forms import ScriptWords
from scenarios.queries import DraftView, NoSuchDraft, PathwayView
from scenarios.review_views import blueprint, mended_words, save_words, show_editor
from scenarios.script.script import Script
from scenarios.words import problems_shown, summary_of


@blueprint.post("/scripts/new/form")
@needs(Duty.MODERATOR)
def start_form() -> Response:
    """Begin a script in the form view."""
    text = begun(request.form.get("title", "")[:200])
    with transaction() as session:
        saved = service.start_draft(session, text=text, account_id=require_account().id, now=now())
    return redirect(url_for(".form", draft_id=saved.id))


@blueprint.get("/scripts/<int:draft_id>/form")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def form(draft_id: int) -> str:
    """Show the whole script as a form."""
    draft, pathway = _draft(draft_id)
    script = Script.parse(draft.text)
    stages = pathway.stage_keys if pathway else None
    problems = script.problems(stages)
    page = FormAboutPage(
        draft=draft,
        script=script,
        pathway=pathway,
        places=place_rows(script),
        problems=problems_shown(problems, script, stages),
        summary=summary_of(problems),
        may_publish=require_account().has(Duty.MODERATOR, Duty.OWNER),
        drawing=drawing_of(script),
    )
    return render_template("scenarios/form.html", page=page)


@blueprint.post("/scripts/<int:draft_id>/form")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def save_form(draft_id: int) -> Response | tuple[str, int]:
    """Keep what the page of the whole script sends, and do what its button asks for."""
    words = _words_read(draft_id)
    return _kept(draft_id, words, edited_about(words.text, request.form))


@blueprint.get("/scripts/<int:draft_id>/form/<int:number>")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def form_place(draft_id: int, number: int) -> str:
    """Show one scene or ending as a form."""
    draft, pathway = _draft(draft_id)
    script = Script.parse(draft.text)
    stages = pathway.stage_keys if pathway else None
    problems = problems_shown(script.problems(stages), script, stages)
    page = form_place_page(draft, script, number, place_numbered(script, number), problems)
    return render_template("scenarios/form_place.html", page=page)


@blueprint.post("/scripts/<int:draft_id>/form/<int:number>")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def save_form_place(draft_id: int, number: int) -> Response | tuple[str, int]:
    """Keep what the page of one scene sends, and do what its button asks for."""
    words = _words_read(draft_id)
    return _kept(draft_id, words, edited_place(words.text, number, request.form))


# --- within ---------------------------------------------------------------------------------------------------


def _draft(draft_id: int) -> tuple[DraftView, PathwayView | None]:
    with reading() as session:
        draft = queries.draft(session, draft_id)
        tested = queries.pathway(session, draft.pathway or "") or queries.newest_pathway(session)
    return draft, tested


def _words_read(draft_id: int) -> ScriptWords:
    """Return the words that the form was made from: the draft's own, or, when they moved on, those it brought."""
    words = ScriptWords.from_form(request.form)
    with reading() as session:
        draft = queries.draft(session, draft_id)
    return ScriptWords(draft.text, words.revision, "") if draft.revision == words.revision else words


def _kept(draft_id: int, words: ScriptWords, edited: Edited) -> Response | tuple[str, int]:
    words = mended_words(
        ScriptWords(edited.text, words.revision, words.pathway), request.form.get("mend", "")
    )
    try:
        save_words(draft_id, words)
    except NoSuchDraft:
        raise
    except DomainError as refusal:
        return show_editor(draft_id, words, refused=refusal), refusal.status
    flash(_("Saved."))
    if edited.number is None:
        return redirect(url_for(".form", draft_id=draft_id, _anchor=edited.anchor or None))
    return redirect(
        url_for(".form_place", draft_id=draft_id, number=edited.number, _anchor=edited.anchor or None)
    )
