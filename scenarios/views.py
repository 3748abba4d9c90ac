"""Public pages: the library of scenarios, one scenario with its branching, its text."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from scenario_app.accounts.access import current_account, open_to_all
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import reading
from scenario_app.kernel.http import download
from scenarios import queries
from scenarios.pages import library_page, scenario_page

blueprint = Blueprint("scenarios", __name__, template_folder="templates")


@blueprint.get("/scenarios")
@open_to_all
def library() -> str:
    """Show every published scenario."""
    with reading() as session:
        page = library_page(queries.published_versions(session), queries.pathways(session))
    return render_template("scenarios/library.html", page=page)


@blueprint.get("/scenarios/<slug>")
@open_to_all
def scenario(slug: str) -> str:
    """Show one scenario: content note, question, branching in words and drawn, people."""
    with reading() as session:
        page = scenario_page(queries.scenario_by_slug(session, slug), queries.pathways(session))
    return render_template("scenarios/scenario.html", page=page)


@blueprint.get("/scenarios/<slug>.md")
@open_to_all
def scenario_text(slug: str) -> Response:
    """Send the text as published. What is written for the facilitator goes to those who run or check it only."""
    with reading() as session:
        version = queries.scenario_by_slug(session, slug)
    account = current_account()
    sees_all = account is not None and account.has(Duty.FACILITATOR, Duty.MODERATOR, Duty.OWNER)
    text = version.text if sees_all else version.text_for_everyone
    return download(text, filename=f"{slug}.md", content_type="text/markdown; charset=utf-8")
