"""Turn the material of a pack into the rows of its tables. Small numbers are protected here, and only here."""

from collections.abc import Iterable, Iterator

from evidence.columns import Row, Tables
from evidence.floor_rows import floor_rows
from evidence.material import (
    Material,
    PlayedRound,
    PlayedScenario,
    PlayedStep,
)
from live.disclosure import NO_ROLE, people_of, room_votes
from live.ranking import counts
from live.rules import About
from scenarios.script import Character, Decision, Scene, Script


def tables_of(material: Material) -> Tables:
    """Return the rows of every table of `evidence.schema`, in the order of the material."""
    return {
        "decisions": [
            *(row for played in material.scenarios for row in _decisions(played)),
            *_once(row for round_ in material.rounds for row in _questions(round_, material)),
        ],
        "responses": [
            *(row for played in material.scenarios for row in _responses(played)),
            *_once(row for round_ in material.rounds for row in _answers(round_)),
        ],
        "rounds": [_round(round_) for round_ in material.rounds],
        "results": [row for round_ in material.rounds for row in _results(round_)],
        "orders": [row for round_ in material.rounds for row in _orders(round_)],
        "reasons": [row for round_ in material.rounds for row in _reasons(round_)],
        "results_by_role": [row for round_ in material.rounds for row in _results_by_role(round_)],
        "role_ballots": [row for round_ in material.rounds for row in _role_ballots(round_)],
        "path": [_step(step) for step in material.steps],
        "attendance": list(_attendance(material)),
        **floor_rows(material.floor),
    }


def _decisions(played: PlayedScenario) -> Iterator[Row]:
    for scene, decision in _decided(played.script):
        asked = _character(played.script, decision.asks)
        yield {
            "scenario": played.slug,
            "version": played.version,
            "decision": decision.key,
            "stage": played.script.front.said("stage"),
            "scene": scene.key,
            "question": decision.question,
            "asks": decision.asks,
            "asks_name": asked.name if asked else "",
            "scene_title": scene.title,
            "scenario_title": played.script.title,
            "language": played.script.front.said("language") or "en",
            "about": About.DECISION.value,
            "stage_title": played.stage_title,
        }


def _responses(played: PlayedScenario) -> Iterator[Row]:
    for _scene, decision in _decided(played.script):
        for response in decision.responses:
            yield {
                "scenario": played.slug,
                "version": played.version,
                "decision": decision.key,
                "response": response.key,
                "label": response.label,
                "helps": response.helps,
                "costs": response.costs,
                "leads_to": response.target,
                "as_it_happened": response.as_it_happened,
                "floor": False,
                "performance": 0,
                "role_group": None,
                "leads_to_title": _title(played.script, response.target),
            }


def _questions(round_: PlayedRound, material: Material) -> Iterator[Row]:
    """Yield the question of a vote beside the play."""
    if round_.about == About.DECISION:
        return
    played = next(
        each for each in material.scenarios if (each.slug, each.version) == (round_.scenario, round_.version)
    )
    yield {
        "scenario": round_.scenario,
        "version": round_.version,
        "decision": round_.decision,
        "stage": played.script.front.said("stage"),
        "scene": "",
        "question": round_.question,
        "asks": "",
        "asks_name": "",
        "scene_title": "",
        "scenario_title": played.script.title,
        "language": "en",
        "about": round_.about,
        "stage_title": played.stage_title,
    }


def _answers(round_: PlayedRound) -> Iterator[Row]:
    """Yield the answers of a round that its script does not hold."""
    for answer in round_.answers:
        yield {
            "scenario": round_.scenario,
            "version": round_.version,
            "decision": round_.decision,
            "response": answer.key,
            "label": answer.label,
            "helps": "",
            "costs": "",
            "leads_to": answer.leads_to,
            "as_it_happened": False,
            "floor": answer.floor,
            "performance": round_.performance if answer.floor else 0,
            "role_group": (answer.role or NO_ROLE) if answer.floor else None,
            "leads_to_title": answer.leads_to_title,
        }


def _once(rows: Iterable[Row]) -> list[Row]:
    """Return each row once: a question that was asked again is one question."""
    return list({tuple(row.items()): row for row in rows}.values())


def _round(round_: PlayedRound) -> Row:
    return {
        "round": round_.id,
        "section": round_.section,
        "performance": round_.performance,
        "scenario": round_.scenario,
        "version": round_.version,
        "decision": round_.decision,
        "number": round_.number,
        "kind": round_.kind,
        "channel": round_.channel,
        "opened_at": round_.opened_at,
        "closed_at": round_.closed_at,
        "seats": round_.seats,
        "ballots": round_.ballots,
        "tie_rule": round_.tie_rule if round_.about == About.DECISION else None,
        "winner": round_.winner,
        "taken": round_.taken,
        "overruled": round_.overruled,
        "overrule_reason": round_.overrule_reason,
        "about": round_.about,
    }


def _results(round_: PlayedRound) -> Iterator[Row]:
    # Each channel is judged on its own: a large show of hands must not uncover three phones.
    for channel, votes, people in (
        (round_.channel, round_.votes, round_.ballots),
        ("hands", round_.hands, people_of(round_.kind, round_.hands)),
        ("paper", round_.paper, people_of(round_.kind, round_.paper)),
    ):
        for response, count in (room_votes(votes, ballots=people) or {}).items():
            yield {"round": round_.id, "response": response, "channel": channel, "votes": count}


def _orders(round_: PlayedRound) -> Iterator[Row]:
    if not round_.orders or room_votes(round_.votes, ballots=round_.ballots) is None:
        return
    for number, count in enumerate(counts(round_.orders, list(round_.votes)), 1):
        for response, votes in count.votes.items():
            yield {
                "round": round_.id,
                "count": number,
                "response": response,
                "votes": votes,
                "left": response == count.left,
            }


def _reasons(round_: PlayedRound) -> Iterator[Row]:
    enough = room_votes(round_.votes, ballots=round_.ballots) is not None
    for number, (response, text) in enumerate(round_.reasons, 1):
        yield {
            "round": round_.id,
            "number": number,
            "response": response if enough else None,
            "text": text,
        }


def _results_by_role(round_: PlayedRound) -> Iterator[Row]:
    if round_.by_role is None or room_votes(round_.votes) is None:
        return
    for group in round_.by_role.groups:
        for response, votes in group.votes.items():
            yield {"round": round_.id, "role_group": group.key, "response": response, "votes": votes}


def _role_ballots(round_: PlayedRound) -> Iterator[Row]:
    if round_.by_role is None or room_votes(round_.votes) is None:
        return
    for group in round_.by_role.groups:
        yield {"round": round_.id, "role_group": group.key, "ballots": group.ballots}


def _step(step: PlayedStep) -> Row:
    return {
        "performance": step.performance,
        "step": step.step,
        "scene": step.scene,
        "decision": step.decision,
        "response": step.response,
        "leads_to": step.leads_to,
        "round": step.round,
        "overruled": step.overruled,
    }


def _attendance(material: Material) -> Iterator[Row]:
    for section in material.sections:
        hands = [
            people_of(round_.kind, round_.hands) + people_of(round_.kind, round_.paper)
            for round_ in material.rounds
            if round_.section == section.number
        ]
        yield {
            "section": section.number,
            "seats": section.seats,
            "peak_connected": section.peak_connected,
            "hand_counted": max(hands, default=0),
            "title": section.title,
            "practice_rounds": section.practice_rounds,
        }


def _decided(script: Script) -> Iterator[tuple[Scene, Decision]]:
    for scene in script.scenes:
        if scene.decision is not None:
            yield scene, scene.decision


def _title(script: Script, key: str | None) -> str:
    return next((place.title for place in script.places if place.key == key), "")


def _character(script: Script, key: str) -> Character | None:
    return next((character for character in script.characters if character.key == key), None)
