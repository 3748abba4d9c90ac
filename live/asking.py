"""Votes on the floor: open, close, count, reveal, take the branch that won or another one with a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live import messages, rules
from live.asked import Asked, answers_of, asked_in
from live.assembly.deciding import settle
from live.assembly.queries import proposals_of
from live.choices import RoundKind, orders_of
from live.house import HOUSE
from live.models import HandCount, Performance, Round, Step
from live.moment import (
    Moment,
    enter,
    note_of,
    place_of,
    round_here,
    running,
    script_of_performance,
    steps_taken,
)
from live.queries import ballots_as_kept, ballots_in, by_role_as_shown, hands_of, seats_in, votes_in
from live.ranking import counts
from live.rules import About, NotAllowed, PerformanceState, UnknownResponse
from live.talk.added import added_responses
from live.tally import Tally, TieRule, tally, winner, with_hands
from scenario_app.kernel.errors import Invalid
from scenario_app.kernel.typed import one_line
from scenarios.script.parts import Decision, Scene


@dataclass(frozen=True, slots=True)
class _Question:
    """What a round is going to ask: about what, by which key, with which responses."""

    about: About
    key: str
    kind: str
    responses: Sequence[str]
    words: str | None = None
    proposal_id: int | None = None
    passing_rule: str | None = None


def _open_round(at: Moment, action: messages.OpenRound) -> None:
    about = _about(action)
    performance = _performance_for(at, about)
    rules.check_open_round(performance.state, beside=about is not About.DECISION)
    if action.kind not in set(RoundKind):
        raise Invalid(field="kind", found=action.kind, expected=", ".join(RoundKind))
    asked = _question(at, performance, about, action)
    round_ = Round(
        performance_id=performance.id,
        about=asked.about.value,
        decision=asked.key,
        question=asked.words,
        proposal_id=asked.proposal_id,
        passing_rule=asked.passing_rule,
        came_from=_stands_at(at, performance) if about is not About.DECISION else None,
        number=_next_number(at.session, performance.id, asked.key, practice=action.practice),
        kind=asked.kind,
        practice=action.practice,
        channel=rules.Channel.ROOM.value,
        tie_rule=_tie_rule(action.tie_rule, performance).value,
        responses=list(asked.responses),
        opened_at=at.now,
    )
    at.session.add(round_)
    at.session.flush()
    performance.round_id = round_.id
    performance.state = PerformanceState.DECIDING.value
    note_of(at, "round_opened", performance, round=round_.id, about=round_.about, tie_rule=round_.tie_rule)


def _close_round(at: Moment, action: messages.CloseRound) -> None:
    performance, round_ = round_here(at, action.round_id)
    rules.check_close_round(performance.state, open_round=performance.round_id, round_id=round_.id)
    round_.closed_at = at.now
    round_.seats_at_close = seats_in(at.session, at.section.id)
    round_.winner = winner_of(at.session, performance, round_)
    performance.state = PerformanceState.CLOSED.value
    note_of(at, "round_closed", performance, round=round_.id, ballots=ballots_in(at.session, round_.id))


def winner_of(session: Session, performance: Performance, round_: Round) -> str | None:
    """Return what a closed round came to, hands and paper counted in; None without a winner.

    A scale has none. A proposal passes by the rule that was named before. Of another question beside the play
    the answer with the most votes; on a tie none, because nothing hangs on it.
    """
    if round_.kind == RoundKind.SCALE:
        return None
    counted = counted_of(session, round_)
    if round_.about == About.PROPOSAL:
        passed = rules.passes(
            round_.passing_rule or rules.PassingRule.MAJORITY,
            yes=counted.votes["yes"],
            no=counted.votes["no"],
        )
        return "yes" if passed else "no"
    if round_.about != About.DECISION:
        return counted.leaders[0] if len(counted.leaders) == 1 else None
    decision = script_of_performance(session, performance).scene_of(round_.decision).decision
    happened = next((r.key for r in decision.responses if r.as_it_happened), None) if decision else None
    found = winner(counted, TieRule(round_.tie_rule), as_it_happened=happened)
    return found.response if found else None


def counted_of(session: Session, round_: Round) -> Tally:
    """Return what decides a round: phones and hands together; of an order of preference, the last count."""
    seats = round_.seats_at_close or 0
    if round_.kind == RoundKind.RANK:
        told = counts(orders_of(ballots_as_kept(session, round_.id)), round_.responses)
        return Tally(told[-1].votes if told else {}, seats)
    counted = tally(
        votes_in(session, round_.id, round_.responses),
        responses=round_.responses,
        seats=seats,
        people=ballots_in(session, round_.id) if round_.kind == RoundKind.APPROVE else None,
    )
    for by_hand in hands_of(session, round_.id).values():
        counted = with_hands(counted, by_hand)
    return counted


def _enter_hand_count(at: Moment, action: messages.EnterHandCount) -> None:
    performance, round_ = round_here(at, action.round_id)
    rules.check_hand_count(
        round_.kind,
        performance.state,
        looked_at=performance.round_id == round_.id,
        votes=action.votes,
        responses=round_.responses,
    )
    there = {
        row.response: row
        for row in at.session.scalars(
            select(HandCount).where(HandCount.round_id == round_.id, HandCount.means == action.means)
        )
    }
    # Everything the round offers, so that what is entered again replaces what was there, zeros too.
    for response in round_.responses:
        votes = action.votes.get(response, 0)
        if response in there:
            there[response].votes = votes
        else:
            at.session.add(HandCount(round_id=round_.id, means=action.means, response=response, votes=votes))
    at.session.flush()
    if round_.closed_at is not None:
        round_.winner = winner_of(at.session, performance, round_)
    note_of(
        at,
        "hands_counted",
        performance,
        round=round_.id,
        means=action.means,
        hands=sum(action.votes.values()),
    )


def _reveal(at: Moment, action: messages.Reveal) -> None:
    performance, round_ = round_here(at, action.round_id)
    rules.check_reveal(performance.state, current_round=performance.round_id, round_id=round_.id)
    round_.revealed_at = at.now
    # Kept as shown: what stood on the screen cannot be taken back, and later figures must heed it.
    shown = by_role_as_shown(at.session, round_, threshold=at.threshold)
    round_.by_role_shown = list(shown) if shown else None
    performance.state = PerformanceState.REVEALED.value
    if round_.proposal_id is not None:
        settle(at.session, round_.proposal_id, adopted=round_.winner == "yes")
    note_of(at, "round_revealed", performance, round=round_.id, winner=round_.winner)


def _take_branch(at: Moment, action: messages.TakeBranch) -> None:
    performance, round_ = round_here(at, action.round_id)
    if round_.winner is None:
        raise NotAllowed(state="no_winner")
    _branch(at, performance, round_, round_.winner, None)


def _overrule(at: Moment, action: messages.Overrule) -> None:
    performance, round_ = round_here(at, action.round_id)
    reason = rules.check_reason(action.reason)
    if action.response not in round_.responses:
        raise UnknownResponse
    _branch(at, performance, round_, action.response, reason)


def _branch(at: Moment, performance: Performance, round_: Round, response: str, reason: str | None) -> None:
    place = place_of(at.session, performance)
    here = isinstance(place, Scene) and place.decision is not None and place.decision.key == round_.decision
    rules.check_branch(
        performance.state,
        current_round=performance.round_id,
        round_id=round_.id,
        practice=round_.practice,
        here=here and round_.about == About.DECISION,
    )
    assert isinstance(place, Scene)
    chosen = _asked(at.session, performance, round_).answer(response)
    if chosen is None or chosen.opens is None:
        raise NotAllowed(state="leads_nowhere")
    taken = Step(
        performance_id=performance.id,
        attempt=performance.attempt,
        position=steps_taken(at.session, performance) + 1,
        scene=place.key,
        decision=round_.decision,
        response=response,
        leads_to=chosen.opens,
        round_id=round_.id,
        # Choosing what the room chose, with a reason, overrules nothing.
        overruled=response != round_.winner,
        reason=reason,
        taken_at=at.now,
    )
    at.session.add(taken)
    enter(at, performance, chosen.opens)
    action = "overruled" if taken.overruled else "branch_taken"
    note_of(at, action, performance, round=round_.id, response=response)


def _leave_question(at: Moment, _action: messages.LeaveQuestion) -> None:
    performance = running(at)
    if performance.round_id is None:
        raise NotAllowed(state=performance.state)
    round_ = at.session.get_one(Round, performance.round_id)
    rules.check_leave(performance.state, about=round_.about)
    state, _colon, before = (round_.came_from or PerformanceState.WAITING.value).partition(":")
    performance.state = PerformanceState(state).value
    performance.round_id = int(before) if before else None


ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.OpenRound: _open_round,
    messages.CloseRound: _close_round,
    messages.EnterHandCount: _enter_hand_count,
    messages.Reveal: _reveal,
    messages.TakeBranch: _take_branch,
    messages.Overrule: _overrule,
    messages.LeaveQuestion: _leave_question,
}


# --- what is asked --------------------------------------------------------------------------------------


def _about(action: messages.OpenRound) -> About:
    """Return what a vote is about: a practice vote names a decision, or is a question of the house's own."""
    return About.PRACTICE if action.practice and action.decision is None else About(action.about)


def _performance_for(at: Moment, about: About) -> Performance:
    """Return the performance that a vote belongs to: before the first one began, the one that comes first."""
    if at.section.performance_id is None and about is not About.DECISION and at.section.performances:
        at.section.performance_id = at.section.performances[0].id
    return running(at)


def _question(at: Moment, performance: Performance, about: About, action: messages.OpenRound) -> _Question:
    if about is About.DECISION:
        decision = _decision_for(at.session, performance, action.decision)
        added = added_responses(at.session, [performance.id], decision=decision.key)
        offered = [answer.key for answer in answers_of(decision, added)]
        if action.kind == RoundKind.SCALE:
            raise Invalid(field="kind", found=action.kind, expected="a scale is a question of its own")
        return _Question(about, decision.key, action.kind, offered)
    house = HOUSE[about]
    if about is About.PROPOSAL:
        return _proposal(at, action)
    words = one_line(action.question or "") or None
    # A practice vote tries the kind of question that is coming.
    tried = about is About.PRACTICE and action.kind != RoundKind.SCALE
    return _Question(
        about,
        about.value,
        action.kind if tried else house.kind,
        list(house.answers),
        words if about is About.SCALE else None,
    )


def _proposal(at: Moment, action: messages.OpenRound) -> _Question:
    found = next((p for p in proposals_of(at.session, at.section.id) if p.id == action.proposal_id), None)
    if found is None or found.state != "open" or action.passing_rule is None:
        raise NotAllowed(state="no_open_proposal")
    return _Question(
        About.PROPOSAL,
        f"proposal-{found.number}",
        HOUSE[About.PROPOSAL].kind,
        list(HOUSE[About.PROPOSAL].answers),
        # The words as they stood when the room voted on them.
        found.wording,
        found.id,
        action.passing_rule,
    )


def _stands_at(at: Moment, performance: Performance) -> str:
    """Return where the play stands, for whoever goes back to it after a question beside it."""
    if performance.round_id is None:
        return performance.state
    looked_at = at.session.get_one(Round, performance.round_id)
    if looked_at.about != About.DECISION:
        return looked_at.came_from or PerformanceState.WAITING.value
    return f"{performance.state}:{looked_at.id}"


def _asked(session: Session, performance: Performance, round_: Round) -> Asked:
    return asked_in(session, script_of_performance(session, performance), round_)


def _decision_for(session: Session, performance: Performance, wanted: str | None) -> Decision:
    place = place_of(session, performance)
    here = place.decision if isinstance(place, Scene) else None
    if wanted is None or (here is not None and here.key == wanted):
        if here is None:
            raise NotAllowed(state="no_decision_here")
        return here
    found = next((d for d in script_of_performance(session, performance).decisions if d.key == wanted), None)
    if found is None:
        raise NotAllowed(state="no_such_decision")
    return found


def _next_number(session: Session, performance_id: int, decision: str, *, practice: bool) -> int:
    highest = session.scalar(
        select(func.max(Round.number)).where(
            Round.performance_id == performance_id,
            Round.decision == decision,
            Round.practice == practice,
            Round.channel == rules.Channel.ROOM.value,
        )
    )
    return (highest or 0) + 1


def _tie_rule(asked: str | None, performance: Performance) -> TieRule:
    try:
        return TieRule(asked or performance.tie_rule)
    except ValueError:
        raise Invalid(field="tie_rule", found=str(asked)[:40], expected=", ".join(TieRule)) from None
