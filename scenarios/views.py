"""Public pages: the library of scenarios, one scenario with its branching, its text."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from scenario_app.accounts.access import current_account, open_to_all
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import reading
from scenario_app.kernel.http import download
from scenarios import queries
from scenarios.linking import linked_versions
from scenarios.pages import library_page, play_page, scenario_page
from scenarios.script.script import Script
from scenarios.script.twee_writer import ifid_of, to_twee
from scenarios.together.queries import credits_of_version, sources_of_version
from scenarios.together.sense_checking import sense_of
from scenarios.together.sense_views import browser_hash

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
        version = queries.scenario_by_slug(session, slug)
        page = scenario_page(
            version,
            queries.pathways(session),
            woven_from=len(sources_of_version(session, version.id)),
            named=credits_of_version(session, version.id),
            sense=sense_of(session, slug=slug, browser_hash=browser_hash()),
            linked=linked_versions(version, queries.published_versions(session)),
        )
    return render_template("scenarios/scenario.html", page=page)


@blueprint.get("/scenarios/<slug>/play")
@open_to_all
def play(slug: str) -> str:
    """Show one scene of a walk through a scenario alone. Nothing of it is kept."""
    with reading() as session:
        version = queries.scenario_by_slug(session, slug)
    return render_template("scenarios/play.html", page=play_page(version, request.args.get("path")))


@blueprint.get("/scenarios/<slug>.md")
@open_to_all
def scenario_text(slug: str) -> Response:
    """Send the text as published. What is written for the facilitator goes to those who run or check it only."""
    return download(_text_for_me(slug), filename=f"{slug}.md", content_type="text/markdown; charset=utf-8")


@blueprint.get("/scenarios/<slug>.twee")
@open_to_all
def scenario_twee(slug: str) -> Response:
    """Send the scenario as Twee 3, for Twine. The facilitator's part goes to the same people as in the text."""
    script = Script.parse(_text_for_me(slug))
    twee = to_twee(script, ifid_of(script, slug))
    return download(twee, filename=f"{slug}.twee", content_type="text/plain; charset=utf-8")


def _text_for_me(slug: str) -> str:
    with reading() as session:
        version = queries.scenario_by_slug(session, slug)
    account = current_account()
    sees_all = account is not None and account.has(Duty.FACILITATOR, Duty.MODERATOR, Duty.OWNER)
    return version.text if sees_all else version.text_for_everyone
