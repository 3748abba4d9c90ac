"""The JSON API described for programs, as OpenAPI 3.1: every address under /api/v1, at /api/v1/openapi.json.

It stands at the roof, because it speaks of every package and none may know of it. A test holds it and the routes
against each other, both ways, and another one has every reading address tried against what is said here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response

from scenario_app import __version__
from scenario_app.accounts.access import open_to_all
from scenario_app.api_shapes import SHAPES, TEXT, Schema, shape
from scenario_app.kernel.public_json import MOST, USUAL, public_json, readable_anywhere

blueprint = Blueprint("openapi", __name__)
ROOT = "/api/v1"
DAY = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"
_REFUSALS = {
    400: "A parameter has not the form that it must have",
    403: "Not allowed to whoever asks",
    404: "There is no such thing",
    409: "Not at this moment: the state of the world has moved",
    410: "Taken back, because somebody took back their story; a newer version stands",
    413: "More than can be taken",
    422: "What was sent cannot be used as it is",
    429: "Too often; Retry-After says when",
    500: "What is stored is not what was published, so nothing is served",
    503: "Not now; try again after Retry-After",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of one address. `answer` names a shape; `refusals` are its own statuses."""

    says: str
    answer: str
    refusals: Sequence[int] = ()
    status: int = 200
    query: Sequence[Schema] = ()
    body: str = ""
    etag: bool = True
    secured: str = ""


def _asked(name: str, schema: Schema, says: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": says}


_PAGED = (
    _asked("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "How many at most"),
    _asked("after", TEXT, "What the page before said as `next`; anything else is refused with 400"),
)
_SEARCH = (
    _asked("words", TEXT, "Words that all stand in title, place, scenarios or questions"),
    _asked("pathway", TEXT, "The name of a pathway"),
    _asked("stage", TEXT, "The key of a stage"),
    _asked("place", TEXT, "Where it was held, exactly"),
    _asked("since", {"type": "string", "pattern": DAY}, "Held on this day or later, in UTC"),
    _asked("until", {"type": "string", "pattern": DAY}, "Held on this day or earlier, in UTC"),
)
_STAFF = "A signed-in browser's own editor uses this; it needs the session's cookie and CSRF token."

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("get", "/openapi.json"): Operation("This description", "Description"),
    ("get", "/events"): Operation("The events, newest first", "Events", (400,), query=_PAGED),
    ("get", "/events/{slug}"): Operation("One event with its sections", "Event", (404,)),
    ("get", "/scenarios"): Operation("The published scenarios, by title", "Scenarios", (400,), query=_PAGED),
    ("get", "/scenarios/{slug}"): Operation(
        "One scenario: scenes, decisions, endings; never what is written for the facilitator",
        "Scenario",
        (404,),
    ),
    ("get", "/evidence"): Operation(
        "Published packs, every version, the newest event first", "Packs", (400,), query=(*_PAGED, *_SEARCH)
    ),
    ("get", "/evidence/across"): Operation(
        "What the newest packs of a pathway say together, and the rows that it is made of",
        "Across",
        (404,),
        query=(_asked("pathway", TEXT, "The name of a pathway; the newest unless said"),),
    ),
    ("get", "/evidence/{reference}"): Operation(
        "One pack, and where its files are", "PackWithFiles", (404, 410, 500)
    ),
    ("get", "/commitments"): Operation(
        "What was promised at closed events, and where it stands",
        "Commitments",
        (400,),
        query=(*_PAGED, _asked("event", TEXT, "The name of an event")),
    ),
    ("get", "/chain/{kind}/{key}"): Operation(
        "One thing of the chain from story to change: what it came from, what came of it", "Link", (404,)
    ),
    ("get", "/doors/{code}"): Operation("What is behind a door code", "Door", (404, 429)),
    ("get", "/doors/{code}/cue"): Operation(
        "All that a page needs to draw itself now; the ETag is the cue's number", "Cue", (404, 429)
    ),
    ("post", "/doors/{code}/seats"): Operation(
        "Take a seat: the right to one ballot per round. Its secret is in this answer and nowhere else",
        "Seat",
        (403, 404, 409, 413, 422, 429, 503),
        status=201,
        body="SeatWanted",
        etag=False,
    ),
    ("post", "/rounds/{round_id}/ballots"): Operation(
        "Cast a ballot; acknowledged means committed",
        "Counted",
        (403, 404, 409, 413, 422, 429, 503),
        body="Ballot",
        etag=False,
        secured="seat",
    ),
    ("post", "/desk-tokens"): Operation(
        "Exchange a sign-in code for a token that opens one section's desk",
        "DeskToken",
        (403, 404, 413, 422, 429, 503),
        status=201,
        body="DeskTokenWanted",
        etag=False,
    ),
    ("post", "/drafts"): Operation(
        f"Keep the first words of a new script. {_STAFF}",
        "DraftSaved",
        (400, 403, 413, 422, 503),
        status=201,
        body="ScriptWords",
        etag=False,
        secured="staff",
    ),
    ("put", "/drafts/{draft_id}"): Operation(
        f"Keep the words of a draft; 409 with theirs when somebody else saved first. {_STAFF}",
        "DraftSaved",
        (400, 403, 404, 409, 413, 422, 503),
        body="ScriptWords",
        etag=False,
        secured="staff",
    ),
    ("put", "/story/{question}"): Operation(
        "Keep what a teller is typing. Their browser's own page uses this; it needs its cookie and CSRF token.",
        "StoryKept",
        (400, 404, 409, 413, 422, 429, 503),
        body="Typed",
        etag=False,
    ),
}


@blueprint.get(f"{ROOT}/openapi.json")
@open_to_all
@readable_anywhere
def openapi() -> Response:
    """Answer this description."""
    return public_json(description())


@cache
def description() -> Mapping[str, object]:
    """Return the whole description. The same until the application is another version."""
    paths: dict[str, dict[str, object]] = {}
    for (method, path), operation in OPERATIONS.items():
        paths.setdefault(ROOT + path, {})[method] = _described(method, path, operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Scenario App",
            "version": __version__,
            "summary": "Events, scenarios, doors, votes and published evidence",
            "description": "What this names stays as it is; things may be added. docs/PROTOCOL.md has the sockets.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SHAPES,
            "securitySchemes": {
                "seat": {"type": "http", "scheme": "bearer", "description": "The secret of a seat"},
                "staff": {"type": "apiKey", "in": "cookie", "name": "staff"},
            },
        },
    }


def _described(method: str, path: str, operation: Operation) -> dict[str, object]:
    answers: dict[str, object] = {
        str(operation.status): {
            "description": "As asked",
            "content": {"application/json": {"schema": shape(operation.answer)}},
            **({"headers": {"ETag": {"schema": {"type": "string"}}}} if operation.etag else {}),
        }
    }
    if operation.etag:
        answers["304"] = {"description": "The same as If-None-Match names"}
    for status in sorted({*operation.refusals, 405}):
        said = "No such method here" if status == 405 else _REFUSALS[status]
        answers[str(status)] = {
            "description": said,
            "content": {"application/json": {"schema": shape("Refusal")}},
        }
    found: dict[str, object] = {
        "operationId": f"{method}{''.join(part.strip('{}').title() for part in path.split('/'))}",
        "summary": operation.says,
        "parameters": [*_in_path(path), *operation.query],
        "responses": answers,
    }
    if operation.body:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": shape(operation.body)}},
        }
    if operation.secured:
        found["security"] = [{operation.secured: []}]
    return found


def _in_path(path: str) -> list[Schema]:
    named = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0}
            if name.endswith("_id")
            else {"type": "string", "minLength": 1},
        }
        for name in named
    ]
