"""Build a section's cue: one whole value that every page of the section can draw itself from."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from live.asked import Asked, answers_of, asked_in, decision_of, scene_title
from live.assembly.queries import commitments_of, proposals_of
from live.messages import (
    CommitmentCue,
    Cue,
    InterventionCue,
    LineCue,
    PerformanceCue,
    ProposalCue,
    RecordCue,
    ResponseCue,
    RoundCue,
    ScenarioCue,
    SceneCue,
    SectionCue,
    StepCue,
    StopCue,
)
from live.models import Performance, Round, Section
from live.moment import is_improvised
from live.programme import event_chain
from live.queries import round_state
from live.record import StepTaken, path_of
from live.results import result_of
from live.rules import PerformanceState
from live.talk.added import AddedResponse, added_responses
from live.talk.queries import intervention_on_the_floor, stop_asked_in
from scenario_app.kernel import audit
from scenarios.queries import PublishedVersion, script_of, version
from scenarios.script.parts import Ending
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
        record=_record_cue(session, section),
    )
    performance = _shown_performance(section)
    if performance is None:
        return cue
    played = version(session, performance.version_id)
    script = script_of(played)
    added = added_responses(session, [performance.id])
    round_ = session.get(Round, performance.round_id) if performance.round_id else None
    asked = asked_in(session, script, round_) if round_ else None
    return replace(
        cue,
        performance=PerformanceCue(
            id=performance.id,
            scenario=ScenarioCue(played.slug, played.title, played.number, played.content_notes),
            state=performance.state,
            attempt=performance.attempt,
        ),
        scene=_scene_cue(script, played, performance.scene, added),
        round=_round_cue(asked, round_) if round_ and asked else None,
        result=(
            result_of(session, script, round_, asked, added)
            if round_ and asked and round_.revealed_at
            else None
        ),
        path=[_step_cue(script, step, added) for step in path_of(session, performance.id)],
        stop=_stop_cue(session, script, performance),
        intervention=_intervention_cue(session, script, performance),
    )


def _record_cue(session: Session, section: Section) -> RecordCue | None:
    """Return what somebody in the room can keep, to check later that nothing was changed: once all plays are over."""
    if not section.performances or any(each.state != PerformanceState.ENDED for each in section.performances):
        return None
    head = audit.head_of(session, event_chain(section.event.slug))
    return RecordCue(head.rows, head.hash)


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


def _scene_cue(
    script: Script, played: PublishedVersion, key: str | None, added: Sequence[AddedResponse]
) -> SceneCue | None:
    if key is None:
        return None
    title = scene_title(script, key, added)
    if is_improvised(key):
        return SceneCue(key, title, kind="scene", html="", lines=(), improvised=True)
    place = script.at(key)
    return SceneCue(
        key=key,
        title=title,
        kind="ending" if isinstance(place, Ending) else "scene",
        html=played.html_by_scene.get(key, ""),
        lines=[LineCue(line.number, line.kind.value, line.who or "", line.text) for line in place.lines],
        improvised=False,
    )


def _round_cue(asked: Asked, round_: Round) -> RoundCue:
    return RoundCue(
        id=round_.id,
        about=round_.about,
        decision=round_.decision,
        question=asked.question,
        asks=asked.asks,
        number=round_.number,
        kind=round_.kind,
        state=round_state(round_).value,
        practice=round_.practice,
        tie_rule=round_.tie_rule,
        passing_rule=round_.passing_rule,
        responses=[
            ResponseCue(answer.key, answer.label, answer.helps, answer.costs, answer.floor, answer.by)
            for answer in asked.answers
        ],
    )


def _step_cue(script: Script, step: StepTaken, added: Sequence[AddedResponse]) -> StepCue:
    offered = answers_of(decision_of(script, step.decision), added)
    return StepCue(
        scene=step.scene,
        decision=step.decision,
        response=step.response,
        scene_title=script.at(step.scene).title,
        label=next((answer.label for answer in offered if answer.key == step.response), ""),
        leads_to=scene_title(script, step.leads_to, added),
        overruled=step.overruled,
        reason=step.reason,
    )
