"""Pull what a pack is compiled from: closed rounds, paths and attendance of an event, the scripts as performed."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from evidence.floor_gathering import gather_floor
from evidence.material import (
    AuditHead,
    Material,
    PlayedAnswer,
    PlayedRound,
    PlayedScenario,
    PlayedSection,
    PlayedStep,
)
from live import record
from live.asked import scene_title
from live.disclosure import Breakdown, protect
from live.house import HOUSE
from live.programme import event_chain
from live.queries import EventView
from live.record import ClosedRound
from live.rules import About, Channel
from live.talk.added import AddedResponse, added_responses
from live.talk.said import approved_reasons
from scenario_app.kernel import audit
from scenarios import queries as scenarios
from scenarios.queries import PublishedVersion


def gather(session: Session, event: EventView, *, threshold: int) -> Material:
    """Return everything about an event that may go into a pack now.

    While the event runs only rounds that have been revealed count, and what was voted on alone only once the room
    saw its own result: a pack must not tell the room before the facilitator does. Once it is closed, every closed
    round does. The votes take a fixed number of queries, however many rounds there were.
    """
    closed = record.closed_rounds(session, event.id)
    if event.closed_at is None:
        closed = _told_already(closed)
    held = [round_ for round_ in closed if not round_.practice]
    versions = scenarios.versions(session, (round_.version_id for round_ in held))
    pathways = {each.slug: each for each in scenarios.pathways(session)}
    head = audit.head_of(session, event_chain(event.slug))
    return Material(
        event=event.slug,
        title=event.title,
        place=event.place,
        starts_at=event.starts_at,
        decision_statement=event.decision_statement,
        suppress_below=threshold,
        sections=_sections(session, event, closed),
        scenarios=[
            PlayedScenario(
                each.slug,
                each.number,
                each.script,
                redacted=each.redacted_at is not None,
                stage_title=pathways[each.pathway_slug].stage_title(each.stage),
            )
            for each in versions.values()
        ],
        rounds=_rounds(session, held, versions, threshold),
        steps=_steps(session, held),
        audit=AuditHead(head.chain, head.rows, head.hash, audit.hashes_of(session, head.chain)),
        floor=gather_floor(session, event, held=held, versions=versions, threshold=threshold),
    ).in_order()


def _told_already(closed: Sequence[ClosedRound]) -> list[ClosedRound]:
    shown = [each for each in closed if each.revealed_at is not None]
    in_the_room = {
        (each.performance_id, each.decision)
        for each in shown
        if each.channel == Channel.ROOM and not each.practice
    }
    return [
        each
        for each in shown
        if each.channel == Channel.ROOM or (each.performance_id, each.decision) in in_the_room
    ]


def _sections(session: Session, event: EventView, closed: Sequence[ClosedRound]) -> list[PlayedSection]:
    return [
        PlayedSection(
            number=section.section,
            title=section.title,
            seats=section.seats,
            practice_rounds=sum(round_.practice for round_ in closed if round_.section == section.section),
            peak_connected=section.peak_connected or None,
        )
        for section in record.attendance(session, event.id)
    ]


def _rounds(
    session: Session, held: Sequence[ClosedRound], versions: dict[int, PublishedVersion], threshold: int
) -> list[PlayedRound]:
    """Return the rounds, each broken down as it was shown, or as it may be where it was never revealed."""
    shown: dict[tuple[int, str, str], Breakdown] = {}
    added = added_responses(session, [round_.performance_id for round_ in held])
    reasons = approved_reasons(session, [round_.id for round_ in held if round_.revealed_at is not None])
    played = []
    for round_ in sorted(held, key=lambda each: each.number):
        decided = (round_.performance_id, round_.decision, round_.channel)
        breakdown = _breakdown(round_, threshold, before=shown.get(decided))
        if breakdown is not None:
            shown[decided] = breakdown
        version = versions[round_.version_id]
        told = replace(
            _played(round_, version, breakdown),
            answers=_answers(round_, version, added),
            reasons=[(said.response, said.text) for said in reasons if said.round_id == round_.id],
        )
        played.append(told)
    return played


def _answers(
    round_: ClosedRound, version: PublishedVersion, added: Sequence[AddedResponse]
) -> list[PlayedAnswer]:
    """Return the answers of a round that its script does not hold."""
    if round_.about != About.DECISION:
        answers = HOUSE[About(round_.about)].answers
        return [PlayedAnswer(key, words) for key, words in answers.items() if key in round_.responses]
    return [
        PlayedAnswer(
            each.key,
            each.label,
            leads_to=each.opens,
            leads_to_title=scene_title(version.script, each.opens, added),
            floor=True,
            role=each.role,
        )
        for each in added
        if each.performance_id == round_.performance_id
        and each.decision == round_.decision
        and each.key in round_.responses
    ]


def _key(round_: ClosedRound) -> str:
    """Return a question's key in the pack: two questions of one scenario never share one."""
    if round_.about == About.PROPOSAL:
        return f"proposal-{round_.proposal_id}"
    if round_.about == About.SCALE and round_.question:
        return f"scale-{round_.id}"
    return round_.decision


def _breakdown(round_: ClosedRound, threshold: int, *, before: Breakdown | None) -> Breakdown | None:
    if not round_.by_role and round_.by_role_shown is None:
        return None
    if round_.revealed_at is None:
        return protect(round_.by_role, threshold=threshold, before=before)
    # What stood on the screen stands in the pack, whatever the threshold is by now: two forms of one table
    # could be subtracted.
    return Breakdown.from_rows(round_.by_role_shown) if round_.by_role_shown else None


def _played(round_: ClosedRound, version: PublishedVersion, breakdown: Breakdown | None) -> PlayedRound:
    return PlayedRound(
        id=round_.id,
        section=round_.section,
        performance=round_.performance_id,
        scenario=version.slug,
        version=version.number,
        decision=_key(round_),
        number=round_.number,
        kind=round_.kind,
        channel=round_.channel,
        opened_at=round_.opened_at,
        closed_at=round_.closed_at,
        seats=round_.seats,
        votes=round_.votes,
        hands=round_.hands.get("hands", {}),
        by_role=breakdown,
        tie_rule=round_.tie_rule,
        winner=round_.winner,
        taken=round_.taken,
        overruled=round_.overruled,
        overrule_reason=round_.overrule_reason,
        about=round_.about,
        question=_question(round_),
        cast=round_.ballots,
        paper=round_.hands.get("paper", {}),
        orders=round_.orders,
    )


def _question(round_: ClosedRound) -> str:
    if round_.about == About.DECISION:
        return ""
    return round_.question or HOUSE[About(round_.about)].question


def _steps(session: Session, held: Sequence[ClosedRound]) -> list[PlayedStep]:
    rounds = {round_.id for round_ in held}
    return [
        PlayedStep(
            performance=step.performance_id,
            step=step.position,
            scene=step.scene,
            decision=step.decision,
            response=step.response,
            leads_to=step.leads_to,
            round=step.round_id,
            overruled=step.overruled,
        )
        for step in record.paths_of(session, {round_.performance_id for round_ in held})
        if step.round_id in rounds
    ]
