"""The JSON API of scenarios; and of drafts, for the editor's autosave."""

from dataclasses import asdict

from flask import Blueprint, Response, url_for

from scenario_app.accounts.access import needs, open_to_all, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenario_app.kernel.http import json_body, json_response
from scenario_app.kernel.public_json import after_asked, limit_asked, public_json, readable_anywhere
from scenarios import queries, service
from scenarios.forms import ScriptWords
from scenarios.pages import PlaceShown, places_shown
from scenarios.queries import PublishedVersion
from scenarios.rules import DraftMoved
from scenarios.script.script import Script
from scenarios.service import SavedDraft
from scenarios.words import problems_shown, summary_of

blueprint = Blueprint("scenarios_api", __name__, url_prefix="/api/v1")


@blueprint.get("/scenarios")
@open_to_all
@readable_anywhere
def scenarios() -> Response:
    """Answer the published scenarios, by title."""
    limit = limit_asked()
    with reading() as session:
        found, following = queries.versions_after(session, after=after_asked(), limit=limit)
    return public_json({"scenarios": [_about(version) for version in found], "next": following})


@blueprint.get("/scenarios/<slug>")
@open_to_all
@readable_anywhere
def scenario(slug: str) -> Response:
    """Answer one scenario with its scenes, decisions and endings; never what is written for the facilitator."""
    with reading() as session:
        version = queries.scenario_by_slug(session, slug)
    script = version.script
    places = places_shown(script, version.html_by_scene)
    return public_json(
        {
            **_about(version),
            "characters": [
                {"key": character.key, "name": character.name, "who": character.who}
                for character in script.characters
            ],
            "start": script.start,
            "scenes": [_scene(place, script) for place in places if not place.is_ending],
            "endings": [_place(place) for place in places if place.is_ending],
            "as_it_happened": list(script.anti_model()),
            "paths": script.path_count(),
        }
    )


@blueprint.post("/drafts")
@needs(Duty.MODERATOR)
def start_draft() -> Response:
    """Keep the first words of a new script."""
    words = ScriptWords.from_json(json_body())
    with transaction() as session:
        saved = service.start_draft(session, text=words.text, account_id=require_account().id, now=now())
    return json_response(_saved(saved, words), 201)


@blueprint.put("/drafts/<int:draft_id>")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def save_draft(draft_id: int) -> Response:
    """Keep the words of a draft; answer what is wrong with them. When somebody else saved first, answer theirs."""
    words = ScriptWords.from_json(json_body())
    try:
        with transaction() as session:
            saved = service.save_draft(
                session,
                draft_id=draft_id,
                text=words.text,
                revision=words.revision,
                account_id=require_account().id,
                now=now(),
            )
    except DraftMoved as refusal:
        return _their_words(draft_id, refusal)
    return json_response(_saved(saved, words))


def _their_words(draft_id: int, refusal: DraftMoved) -> Response:
    with reading() as session:
        draft = queries.draft(session, draft_id)
    theirs = {"text": draft.text, "revision": draft.revision, "name": draft.updated_by_name}
    message = refusal.code.replace("_", " ")
    return json_response(
        {"ok": False, "code": refusal.code, "message": message, "theirs": theirs}, refusal.status
    )


def _saved(saved: SavedDraft, words: ScriptWords) -> dict[str, object]:
    with reading() as session:
        tested = queries.pathway(session, words.pathway) or queries.newest_pathway(session)
    script = Script.parse(saved.text)
    stages = tested.stage_keys if tested else None
    problems = script.problems(stages)
    return {
        "ok": True,
        "draft": saved.id,
        "revision": saved.revision,
        "saved_at": saved.saved_at.isoformat(),
        "address": url_for("scenarios_api.save_draft", draft_id=saved.id),
        "page": url_for("reviews.edit", draft_id=saved.id),
        "title": script.title,
        "summary": summary_of(problems),
        "problems": [asdict(problem) for problem in problems_shown(problems, script, stages)],
        "places": [{**_place(place), **_choice(place)} for place in places_shown(script, {})],
    }


def _about(version: PublishedVersion) -> dict[str, object]:
    return {
        "slug": version.slug,
        "title": version.title,
        "version": version.number,
        "question": version.question,
        "content_notes": version.content_notes,
        "stage": version.stage,
        "also_touches": list(version.script.front.listed("also_touches")),
        "language": version.language,
        "minutes": version.script.minutes,
        "pathway": version.pathway_slug,
        "decision_statement": version.decision_statement,
        "published_at": version.published_at.isoformat(),
        "sha256": version.sha256,
    }


def _scene(place: PlaceShown, script: Script) -> dict[str, object]:
    decision = next((scene.decision for scene in script.scenes if scene.key == place.key), None)
    return {
        **_place(place),
        "html": place.html,
        "goes_on": place.goes_on.key if place.goes_on else None,
        "decision": None
        if decision is None
        else {
            "key": decision.key,
            "question": decision.question,
            "asks": decision.asks,
            "responses": [
                {
                    "key": response.key,
                    "label": response.label,
                    "leads_to": response.target,
                    "helps": response.helps,
                    "costs": response.costs,
                    "as_it_happened": response.as_it_happened,
                }
                for response in decision.responses
            ],
        },
    }


def _place(place: PlaceShown) -> dict[str, object]:
    lines = [
        {"n": line.number, "kind": line.kind.value, "who": line.who or "", "text": line.text}
        for line in place.lines
    ]
    return {"key": place.key, "title": place.title, "lines": lines}


def _choice(place: PlaceShown) -> dict[str, object]:
    responses = [{"letter": response.letter, "label": response.label} for response in place.responses]
    return {
        "label": place.label,
        "ending": place.is_ending,
        "line": place.first_line,
        "question": place.question,
        "responses": responses,
    }
