"""Pages of suggestions: other words for a passage of a script."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenarios import queries as scripts
from scenarios.queries import DraftView
from scenarios.together.rules import PassageNotFound
from scenarios.together.suggesting import (
    SuggestionView,
    leave_suggestion,
    suggest_words,
    suggestions_for,
    take_suggestion,
)

blueprint = Blueprint("suggestions", __name__, template_folder="../templates")


@dataclass(frozen=True, slots=True)
class SuggestionsPage:
    """What was proposed for a script; after a refusal, what was typed."""

    draft: DraftView
    suggestions: Sequence[SuggestionView]
    passage: str = ""
    instead: str = ""
    why: str = ""
    refused: PassageNotFound | None = None


@blueprint.get("/reviews/scripts/<int:draft_id>/suggestions")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def show(draft_id: int) -> str:
    """Show what was proposed for a script."""
    return _page(draft_id)


@blueprint.post("/reviews/scripts/<int:draft_id>/suggestions")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def suggest(draft_id: int) -> Response | tuple[str, int]:
    """Propose other words. What was typed stays in the form when the passage is not found."""
    typed = {name: request.form.get(name, "") for name in ("passage", "instead", "why")}
    try:
        with transaction() as session:
            suggest_words(session, draft_id=draft_id, account_id=require_account().id, now=now(), **typed)
    except PassageNotFound as refusal:
        return _page(draft_id, refusal), refusal.status
    flash(_("The others see it now."))
    return redirect(url_for(".show", draft_id=draft_id))


@blueprint.post("/reviews/scripts/<int:draft_id>/suggestions/<int:suggestion_id>")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def settle(draft_id: int, suggestion_id: int) -> Response | tuple[str, int]:
    """Put proposed words into the script, or leave it as it is."""
    settle_it = take_suggestion if request.form.get("take") == "yes" else leave_suggestion
    try:
        with transaction() as session:
            settle_it(
                session,
                draft_id=draft_id,
                suggestion_id=suggestion_id,
                account_id=require_account().id,
                now=now(),
            )
    except PassageNotFound as refusal:
        return _page(draft_id, refusal), refusal.status
    return redirect(url_for(".show", draft_id=draft_id))


def _page(draft_id: int, refused: PassageNotFound | None = None) -> str:
    with reading() as session:
        page = SuggestionsPage(
            draft=scripts.draft(session, draft_id),
            suggestions=suggestions_for(session, draft_id),
            passage=request.form.get("passage", ""),
            instead=request.form.get("instead", ""),
            why=request.form.get("why", ""),
            refused=refused,
        )
    return render_template("together/suggestions.html", page=page)
