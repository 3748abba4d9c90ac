"""Build a section's cue: one whole value that every page of the section can draw itself from."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from live.assembly.queries import commitments_of, proposals_of
from live.disclosure import room_votes
from live.messages import (
    CommitmentCue,
    Cue,
    InterventionCue,
    LineCue,
    PerformanceCue,
    ProposalCue,
    ResponseCue,
    ResultCue,
    RoundCue,
    ScenarioCue,
    SceneCue,
    SectionCue,
    StepCue,
    StopCue,
)
from live.models import Performance, Round, Section
from live.queries import ballots_in, round_state, votes_in
from live.record import StepTaken, path_of
from live.talk.queries import intervention_on_the_floor, stop_asked_in
from scenarios.queries import PublishedVersion, script_of, version
from scenarios.script.parts import Decision, Ending
from scenarios.script.script import Script


def cue_of(session: Session, section_id: int) -> Cue:
    """Return the cue of a section as it stands now. About eight queries; called once per cue number.

    Nothing by response is in it before the reveal, for anybody.
    """
    section = session.get_one(Section, section_id)
    cue = Cue(
        seq=section.cue_seq,
        section=SectionCue(
            code=section.door_code,
            title=section.title,
            event=section.event.title,
            door="open" if section.door_open and not section.door_frozen else "closed",
            rehearsal=section.event.rehearsal_of is not None,
        ),
        performance=None,
        scene=None,
        round=None,
        result=None,
        path=(),
        screen=section.screen_shows,
        stop=None,
        intervention=None,
        proposals=_proposal_cues(session, section_id),
        commitments=_commitment_cues(session, section_id),
    )
    performance = _shown_performance(section)
    if performance is None:
        return cue
    played = version(session, performance.version_id)
    script = script_of(played)
    round_ = session.get(Round, performance.round_id) if performance.round_id else None
    return replace(
        cue,
        performance=PerformanceCue(
            id=performance.id,
            scenario=ScenarioCue(played.slug, played.title, played.number, played.content_notes),
            state=performance.state,
        ),
        scene=_scene_cue(script, played, performance.scene),
        round=_round_cue(script, round_) if round_ else None,
        result=_result_cue(session, script, round_) if round_ and round_.revealed_at else None,
        path=[_step_cue(script, step) for step in path_of(session, performance.id)],
        stop=_stop_cue(session, script, performance),
        intervention=_intervention_cue(session, script, performance),
    )


def _proposal_cues(session: Session, section_id: int) -> list[ProposalCue]:
    return [
        ProposalCue(
            id=proposal.id,
            number=proposal.number,
            wording=proposal.wording,
            before=proposal.before,
            state=proposal.state,
            answers=proposal.answers,
        )
        for proposal in proposals_of(session, section_id)
    ]


def _commitment_cues(session: Session, section_id: int) -> list[CommitmentCue]:
    return [
        CommitmentCue(
            id=commitment.id,
            promised=commitment.promised,
            what=commitment.what,
            owner=commitment.owner,
            due=commitment.due.isoformat() if commitment.due else "",
            why=commitment.why,
        )
        for commitment in commitments_of(session, section_id)
    ]


def _stop_cue(session: Session, script: Script, performance: Performance) -> StopCue | None:
    stop = stop_asked_in(session, performance, script)
    return StopCue(stop.id, stop.line, stop.who, stop.text) if stop else None


def _intervention_cue(session: Session, script: Script, performance: Performance) -> InterventionCue | None:
    found = intervention_on_the_floor(session, performance, script)
    if found is None:
        return None
    return InterventionCue(
        id=found.id,
        part=found.part,
        role=found.role or "",
        tried=found.tried,
        weighing=found.weighing,
        verdicts=found.shown,
    )


def _shown_performance(section: Section) -> Performance | None:
    """Return the performance that the room is in or was in last; before the first one, the one that comes first."""
    if section.performance_id is None:
        return section.performances[0] if section.performances else None
    return next(p for p in section.performances if p.id == section.performance_id)


def _scene_cue(script: Script, played: PublishedVersion, key: str | None) -> SceneCue | None:
    if key is None:
        return None
    place = script.at(key)
    return SceneCue(
        key=key,
        title=place.title,
        kind="ending" if isinstance(place, Ending) else "scene",
        html=played.html_by_scene.get(key, ""),
        lines=[LineCue(line.number, line.kind.value, line.who or "", line.text) for line in place.lines],
        improvised=False,
    )


def _round_cue(script: Script, round_: Round) -> RoundCue:
    decision = decision_of(script, round_.decision)
    asks = script.character(decision.asks)
    return RoundCue(
        id=round_.id,
        about=round_.about,
        decision=round_.decision,
        question=decision.question,
        asks=asks.name if asks else "",
        number=round_.number,
        kind=round_.kind,
        state=round_state(round_).value,
        practice=round_.practice,
        tie_rule=round_.tie_rule,
        passing_rule=round_.passing_rule,
        responses=[
            ResponseCue(response.key, response.label, response.helps, response.costs, floor=False, by="")
            for response in decision.responses
            if response.key in round_.responses
        ],
    )


def decision_of(script: Script, key: str) -> Decision:
    """Return a decision by its key.

    :raises scenarios.script.script.UnknownScene: the script has no such decision
    """
    decision = script.scene_of(key).decision
    assert decision is not None
    return decision


def _step_cue(script: Script, step: StepTaken) -> StepCue:
    chosen = decision_of(script, step.decision).response(step.response)
    return StepCue(
        scene=step.scene,
        decision=step.decision,
        response=step.response,
        scene_title=script.at(step.scene).title,
        label=chosen.label if chosen else "",
        leads_to=script.at(step.leads_to).title,
        overruled=step.overruled,
        reason=step.reason,
    )


def _result_cue(session: Session, script: Script, round_: Round) -> ResultCue:
    votes = votes_in(session, round_.id, round_.responses)
    leads_to = None
    if round_.winner:
        leads_to = script.next_scene(script.scene_of(round_.decision).key, round_.winner)
    return ResultCue(
        round=round_.id,
        winner=round_.winner,
        tie_rule=round_.tie_rule,
        tied=list(votes.values()).count(max(votes.values(), default=0)) > 1 and sum(votes.values()) > 0,
        ballots=sum(votes.values()),
        seats=round_.seats_at_close or 0,
        votes=room_votes(votes),
        hand_count={},
        hand_means={},
        by_role=list(round_.by_role_shown or []),  # type: ignore[arg-type]
        previous=_previous(session, round_),
        next_scene=script.at(leads_to).title if leads_to else None,
        counts=(),
        median=None,
        online={},
        reasons=(),
    )


def _previous(session: Session, round_: Round) -> Mapping[str, object] | None:
    """Return the last revealed round before this one on the same decision: what the shift is measured from."""
    before = session.scalars(
        select(Round)
        .where(
            Round.performance_id == round_.performance_id,
            Round.decision == round_.decision,
            Round.practice == round_.practice,
            Round.number < round_.number,
            Round.revealed_at.is_not(None),
        )
        .order_by(Round.number.desc())
    ).first()
    if before is None:
        return None
    return {
        "round": before.id,
        "number": before.number,
        "winner": before.winner,
        "ballots": ballots_in(session, before.id),
        "votes": room_votes(votes_in(session, before.id, before.responses)),
    }
