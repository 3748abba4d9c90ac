"""The shapes of what the JSON API says and takes, as JSON Schema. Everything named is there; more may be added."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
ANYTHING: Schema = {"type": "object"}
YES: Schema = {"const": True}


def shape(name: str) -> Schema:
    """Return a reference to a shape.

    >>> shape("Refusal")
    {'$ref': '#/components/schemas/Refusal'}
    """
    return {"$ref": f"#/components/schemas/{name}"}


def _object(_optional: Mapping[str, Schema] | None = None, /, **fields: Schema) -> Schema:
    return {"type": "object", "required": list(fields), "properties": {**fields, **(_optional or {})}}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_nothing(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_NEXT = _or_nothing(TEXT)
_EVENT = {"slug": TEXT, "title": TEXT, "place": TEXT, "starts_at": MOMENT, "closed": FLAG}
_SCENARIO = {
    "slug": TEXT,
    "title": TEXT,
    "version": COUNT,
    "question": TEXT,
    "content_notes": TEXT,
    "stage": TEXT,
    "also_touches": _list(TEXT),
    "language": TEXT,
    "minutes": _or_nothing(COUNT),
    "pathway": TEXT,
    "decision_statement": TEXT,
    "published_at": MOMENT,
    "sha256": TEXT,
}
_PACK = {
    "reference": TEXT,
    "version": COUNT,
    "event": TEXT,
    "title": TEXT,
    "held_at": MOMENT,
    "generated_at": MOMENT,
    "app_version": TEXT,
    "decisions": COUNT,
    "ballots": COUNT,
    "rows": COUNT,
    "bytes": COUNT,
    "sha256": TEXT,
    "withdrawn": FLAG,
    "newer": _or_nothing(TEXT),
    "page": TEXT,
    "zip": TEXT,
}
_THING = {
    "kind": TEXT,
    "key": TEXT,
    "title": _or_nothing(TEXT),
    "says": _or_nothing(TEXT),
    "page": TEXT,
    "chain": TEXT,
}
_PLACE = {"key": TEXT, "title": TEXT, "lines": _list(ANYTHING)}

SHAPES: Mapping[str, Schema] = {
    "Refusal": _object(ok={"const": False}, code=TEXT, message=TEXT),
    "Description": _object(openapi=TEXT, paths=ANYTHING),
    "Events": _object(events=_list(_object(**_EVENT)), next=_NEXT),
    "Event": _object(
        **_EVENT,
        decision_statement=TEXT,
        sections=_list(
            _object(
                title=TEXT, starts_at=MOMENT, ends_at=MOMENT, code=_or_nothing(TEXT), scenarios=_list(TEXT)
            )
        ),
    ),
    "Scenarios": _object(scenarios=_list(_object(**_SCENARIO)), next=_NEXT),
    "Scenario": _object(
        **_SCENARIO,
        characters=_list(_object(key=TEXT, name=TEXT, who=TEXT)),
        start=TEXT,
        scenes=_list(_object(**_PLACE, html=TEXT, goes_on=_or_nothing(TEXT), decision=_or_nothing(ANYTHING))),
        endings=_list(_object(**_PLACE)),
        as_it_happened=_list(TEXT),
        paths=COUNT,
    ),
    "Packs": _object(ok=YES, packs=_list(_object(**_PACK)), total=COUNT, next=_NEXT),
    "PackWithFiles": _object(
        ok=YES,
        **_PACK,
        tables=ANYTHING,
        files=_list(TEXT),
        correction=_or_nothing(
            _object(since=TEXT, tables=_list(_object(table=TEXT, new=COUNT, gone=COUNT, other=COUNT)))
        ),
    ),
    "Across": _object(
        ok=YES,
        pathway=_or_nothing(TEXT),
        packs=_list(TEXT),
        cells=_list(
            _object(
                stage=TEXT,
                scenario=TEXT,
                percent=_or_nothing({"type": "integer", "minimum": 0, "maximum": 100}),
                something_else=_or_nothing(COUNT),
                ballots=COUNT,
                decisions=COUNT,
                too_few=COUNT,
            )
        ),
        decisions=_list(ANYTHING),
    ),
    "Commitments": _object(
        ok=YES,
        commitments=_list(
            _object(
                id=COUNT,
                event=TEXT,
                promised=FLAG,
                what=TEXT,
                owner=_or_nothing(TEXT),
                due=_or_nothing({"type": "string", "format": "date"}),
                why_not=_or_nothing(TEXT),
                proposal=_or_nothing(COUNT),
                standing=_or_nothing(TEXT),
                updates=_list(_object(id=COUNT, status=TEXT, words=TEXT, said_at=MOMENT)),
                page=TEXT,
            )
        ),
        next=_or_nothing(TEXT),
    ),
    "Link": _object(ok=YES, **_THING, came_from=_list(_object(**_THING)), led_to=_list(_object(**_THING))),
    "Door": _object(
        code=TEXT,
        title=TEXT,
        event=TEXT,
        open=FLAG,
        roles=_list(_object(key=TEXT, label=TEXT)),
        decision_statement=TEXT,
    ),
    "Cue": _object(
        v={"const": 1},
        seq=COUNT,
        section=ANYTHING,
        performance=_or_nothing(ANYTHING),
        scene=_or_nothing(ANYTHING),
        round=_or_nothing(ANYTHING),
        result=_or_nothing(ANYTHING),
        path=_list(ANYTHING),
    ),
    "SeatWanted": {
        "type": "object",
        "properties": {"role": _or_nothing(TEXT), "ticket": {"type": "string"}},
    },
    "Seat": _object(ok=YES, seat=TEXT, code=TEXT),
    "Ballot": {
        "type": "object",
        "required": ["key", "rev"],
        "properties": {
            "key": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
            "rev": {"type": "integer", "minimum": 1},
            "response": TEXT,
            "responses": _list(TEXT),
            "scale": {"type": "integer", "minimum": 1, "maximum": 5},
            "ranking": _list(TEXT),
        },
    },
    "Counted": _object(ok=YES, receipt=TEXT, rev=COUNT),
    "DeskTokenWanted": _object(email=TEXT, code=TEXT, section=TEXT),
    "DeskToken": _object(
        ok=YES,
        token=TEXT,
        screen_key=TEXT,
        performances=_list(_object(id=COUNT, scenario=TEXT, title=TEXT, state=TEXT)),
    ),
    "ScriptWords": _object({"pathway": TEXT}, text=TEXT, revision=WHOLE),
    "DraftSaved": _object(
        ok=YES, draft=COUNT, revision=COUNT, saved_at=MOMENT, problems=_list(ANYTHING), places=_list(ANYTHING)
    ),
    "Typed": {"type": "object"},
    "StoryKept": _object(ok=YES, saved_at=MOMENT, words=_or_nothing(TEXT), help_at_once=FLAG),
}
