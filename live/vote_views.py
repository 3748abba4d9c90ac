"""What pages show of votes; and the plain forms by which a phone gives a reason or suggests a response."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from live.asked import answers_of
from live.floor import floor, seated, section_at
from live.forms import not_taken, number_typed
from live.messages import GiveReason, PhoneMessage, SuggestResponse
from live.moment import is_improvised
from live.queries import PerformanceView, hands_of
from live.rules import About
from live.talk.added import AddedResponse, Merged, added_responses, merged_into
from live.talk.said import WordsView, reasons_of, suggestions_to_place, waiting_words
from live.vote_words import (
    Mine,
    VoteWords,
    in_own_words,
    letter_of,
    mine_of,
    role_of,
    told_of,
    vote_rule,
    vote_words,
)
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.errors import DomainError
from scenarios.script.parts import Scene
from scenarios.script.script import Script

blueprint = Blueprint("votes", __name__, template_folder="templates")


for _helper in (letter_of, role_of, told_of, vote_rule):
    blueprint.add_app_template_global(_helper)


@dataclass(frozen=True, slots=True)
class PhoneVote:
    """What one phone shows of a vote: its words, its own choice, the reason it gave."""

    words: VoteWords
    mine: Mine | None
    reason: str
    may_say_why: bool
    may_suggest: bool


@dataclass(frozen=True, slots=True)
class DeskVotes:
    """What a desk shows of votes: words that wait, suggestions to offer, hands typed in, where a scene can lead."""

    words: VoteWords
    waiting: Sequence[WordsView]
    suggestions: Sequence[WordsView]
    added: Sequence[AddedResponse]
    merged: Sequence[Merged]
    hands: Mapping[str, Mapping[str, int]]
    scenes: Sequence[tuple[str, str]]
    decision: str
    decides: str
    offers: Sequence[tuple[str, str]]


def phone_vote(
    session: Session, cue: Mapping[str, Any], *, seat_id: int, ballot: Mapping[str, object] | None
) -> PhoneVote:
    """Return what a phone shows of the vote that the room looks at. At most one query."""
    round_ = cue["round"]
    about_the_play = bool(round_) and round_["about"] == About.DECISION and not round_["practice"]
    may_say_why = about_the_play and ballot is not None
    reason = reasons_of(session, seat_id).get(round_["id"], "") if may_say_why else ""
    return PhoneVote(
        words=vote_words(),
        mine=mine_of(in_own_words(cue)["round"], ballot) if round_ and ballot else None,
        reason=reason,
        may_say_why=may_say_why,
        may_suggest=about_the_play,
    )


def desk_votes(
    session: Session,
    *,
    section_id: int,
    performance: PerformanceView | None,
    script: Script | None,
) -> DeskVotes:
    """Return what a desk shows of votes and of what the room adds. About six queries."""
    added = added_responses(session, [performance.id]) if performance else []
    written = performance.scene if performance and performance.scene else ""
    place = script.at(written) if script and written and not is_improvised(written) else None
    decision = place.decision if isinstance(place, Scene) else None
    return DeskVotes(
        words=vote_words(),
        waiting=waiting_words(session, section_id),
        suggestions=[
            words
            for words in suggestions_to_place(session, section_id)
            if performance and words.performance_id == performance.id
        ],
        added=added,
        merged=merged_into(session, performance.id) if performance else [],
        hands=hands_of(session, performance.round_id) if performance and performance.round_id else {},
        scenes=_scenes(script) if script else [],
        decision=decision.key if decision else "",
        decides=decision.question if decision else "",
        offers=[(answer.key, answer.label) for answer in answers_of(decision, added)] if decision else [],
    )


@blueprint.post("/at/<code>/reason")
@open_to_all
def give_reason(code: str) -> Response:
    """Take a reason that came by plain form: the same call as on the socket."""
    round_id = request.form.get("round", "")
    return _said(
        code,
        "reason",
        lambda text, key: GiveReason.parse(
            {
                "round": number_typed(round_id),
                "text": text,
                "key": key,
            }
        ),
    )


@blueprint.post("/at/<code>/suggestion")
@open_to_all
def suggest(code: str) -> Response:
    """Take a suggested response that came by plain form: the same call as on the socket."""
    decision = request.form.get("decision", "")
    return _said(
        code,
        "suggestion",
        lambda text, key: SuggestResponse.parse({"decision": decision, "text": text[:120], "key": key}),
    )


def _scenes(script: Script) -> list[tuple[str, str]]:
    scenes = [(scene.key, scene.title) for scene in script.scenes]
    return [*scenes, *((ending.key, ending.title) for ending in script.endings)]


def _said(code: str, field: str, message_of: Callable[[str, str], PhoneMessage]) -> Response:
    section = section_at(code)
    back = redirect(url_for("live.phone", code=section.code) + "#say")
    text = request.form.get("text", "").strip()[:280]
    if not text:
        flash(_("Write your words first, then send them."))
        return back
    message = message_of(text, request.form.get("key") or secrets.token_urlsafe(12))
    try:
        floor().hear(seat=seated(section), message=message)
        flash(_("Your words are with the people at the desk. They are read before anybody else sees them."))
    except DomainError as refusal:
        if refusal.status >= 500:
            raise
        not_taken(refusal, {field: text})
    return back
