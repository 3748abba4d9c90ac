"""Turn what was said, tried and promised into rows of the pack's tables."""

from collections.abc import Iterator

from evidence.columns import Row
from evidence.floor_material import (
    CommitmentMade,
    FloorMaterial,
    PlayedIntervention,
    PlayedStop,
    PlayMoment,
    ProposalMade,
)
from live.disclosure import NO_ROLE, room_votes


def floor_rows(floor: FloorMaterial) -> dict[str, list[Row]]:
    """Return the rows of every table of `evidence.floor_tables`, in the order of the floor."""
    return {
        "stops": [_stop(stop) for stop in floor.stops],
        "interventions": [_intervention(each) for each in floor.interventions],
        "proposals": [_proposal(each) for each in floor.proposals],
        "amendments": [row for each in floor.proposals for row in _amendments(each)],
        "public_answers": [row for each in floor.proposals for row in _said(each)],
        "commitments": [_commitment(each) for each in floor.commitments],
        "updates": [row for each in floor.commitments for row in _updates(each)],
        "stories": list(_stories(floor)),
        "sense_checks": [
            {"scenario": each.scenario, "verdict": each.verdict, "readers": each.readers}
            for each in floor.senses
        ],
        "equality_summary": [
            {"question": question, "answer": answer, "people": people}
            for question, counted in floor.equality.items()
            for answer, people in counted.items()
        ],
        "moderation_log": [{"entry": entry, **row} for entry, row in enumerate(_moderated(floor), 1)],
    }


def _stop(stop: PlayedStop) -> Row:
    return {"stop": stop.id, **_moment(stop.at), "state": stop.state}


def _intervention(each: PlayedIntervention) -> Row:
    verdicts = each.verdicts and room_votes(each.verdicts)
    return {
        "intervention": each.id,
        **_moment(each.at),
        "stop": each.stop,
        "part": each.part,
        "role_group": each.role or NO_ROLE,
        "tried": each.tried,
        "others_did": each.others_did,
        "happened": each.happened,
        "possible_here": each.possible_here or "",
        "would_have_to_change": each.would_have_to_change,
        **{said: verdicts[said] if verdicts else None for said in ("here", "magic", "unsure")},
    }


def _moment(at: PlayMoment) -> Row:
    return {
        "section": at.section,
        "performance": at.performance,
        "scenario": at.scenario,
        "version": at.version,
        "attempt": at.attempt,
        "scene": at.scene,
        "line": at.line,
        "scene_title": at.scene_title,
        "says": at.says,
    }


def _proposal(each: ProposalMade) -> Row:
    official = each.official
    return {
        "proposal": each.id,
        "section": each.section,
        "number": each.number,
        "intervention": each.intervention,
        "wording": each.wording,
        "state": each.state,
        "round": each.round,
        "passing_rule": each.passing_rule,
        "official_answer": official.verdict if official else None,
        "because": official.because if official else None,
        "answered_by": official.answered_by if official else None,
        "answered_at": official.answered_at if official else None,
    }


def _amendments(each: ProposalMade) -> Iterator[Row]:
    for number, (before, after) in enumerate(each.amendments, 1):
        yield {"proposal": each.id, "number": number, "before": before, "after": after}


def _said(each: ProposalMade) -> Iterator[Row]:
    for question, answers in each.said.items():
        for number, text in enumerate(answers, 1):
            yield {"proposal": each.id, "question": question, "number": number, "text": text}


def _commitment(each: CommitmentMade) -> Row:
    return {
        "commitment": each.id,
        "section": each.section,
        "proposal": each.proposal,
        "promised": each.promised,
        "what": each.what,
        "owner": each.owner,
        "due": each.due,
        "why_not": each.why_not,
        "read_back": each.read_back,
        "status": each.status,
    }


def _updates(each: CommitmentMade) -> Iterator[Row]:
    for number, update in enumerate(each.updates, 1):
        yield {
            "commitment": each.id,
            "number": number,
            "status": update.status,
            "words": update.words,
            "evidence": update.evidence,
            "new_day": update.new_day,
            "said_by": update.said_by,
            "said_at": update.said_at,
        }


def _stories(floor: FloorMaterial) -> Iterator[Row]:
    counted: dict[tuple[str, int], int] = {}
    for story in floor.stories:
        played = story.scenario, story.version
        counted[played] = counted.get(played, 0) + 1
        yield {
            "scenario": story.scenario,
            "version": story.version,
            "story": counted[played],
            "told_for": story.told_for,
            "edits": sum(story.edits.values()),
        }


def _moderated(floor: FloorMaterial) -> Iterator[Row]:
    edits: dict[tuple[str, str], int] = {}
    for story in floor.stories:
        for kind, times in story.edits.items():
            edits[story.scenario, kind] = edits.get((story.scenario, kind), 0) + times
    for (scenario, kind), times in sorted(edits.items()):
        yield {
            "of": "story",
            "section": 0,
            "scenario": scenario,
            "action": "edited",
            "kind": kind,
            "times": times,
        }
    for words in floor.moderated:
        yield {
            "of": words.of,
            "section": words.section,
            "scenario": None,
            "action": "shown" if words.shown else "declined",
            "kind": None,
            "times": words.times,
        }
