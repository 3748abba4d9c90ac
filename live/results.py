"""What a revealed round came to, as everybody is shown it: phones, hands and paper apart, small numbers kept back."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from live.asked import Asked, scene_title
from live.asking import counted_of
from live.choices import RoundKind, middle_step, orders_of
from live.disclosure import people_of, room_votes
from live.messages import ResultCue
from live.models import Round
from live.queries import ballots_as_kept, ballots_in, hands_of, votes_in
from live.ranking import counts
from live.rules import About, Channel
from live.talk.added import AddedResponse
from live.talk.said import approved_reasons
from scenarios.script.script import Script

# A cue goes whole to every phone of the hall: the newest of what was approved, not all of it.
MOST_REASONS = 24


def result_of(
    session: Session, script: Script, round_: Round, asked: Asked, added: Sequence[AddedResponse]
) -> ResultCue:
    """Return the result of a revealed round. About seven queries."""
    ballots = ballots_in(session, round_.id)
    votes = room_votes(votes_in(session, round_.id, round_.responses), ballots=ballots)
    by_hand = shown_hands(hands_of(session, round_.id), round_.kind)
    # A tie among what is kept back would tell it.
    told = votes is not None and len(by_hand) == len(hands_of(session, round_.id))
    chosen = asked.answer(round_.winner)
    return ResultCue(
        round=round_.id,
        winner=round_.winner,
        tie_rule=round_.tie_rule,
        tied=told and round_.kind != RoundKind.SCALE and len(counted_of(session, round_).leaders) > 1,
        ballots=ballots,
        seats=round_.seats_at_close or 0,
        votes=votes,
        hand_count={
            key: sum(means.get(key, 0) for means in by_hand.values()) for key in round_.responses if by_hand
        },
        hand_means=by_hand,
        by_role=round_.by_role_shown or [],
        previous=_previous(session, round_),
        next_scene=scene_title(script, chosen.opens, added) if chosen and chosen.opens else None,
        counts=_counts(session, round_) if votes is not None else (),
        median=middle_step(votes) if votes is not None and round_.kind == RoundKind.SCALE else None,
        online=_alone(session, round_),
        reasons=[
            # Where too few voted to show figures, a reason does not tell what its author chose.
            {"response": said.response if votes is not None else "", "text": said.text}
            for said in approved_reasons(session, [round_.id])[-MOST_REASONS:]
        ],
    )


def shown_hands(by_hand: Mapping[str, Mapping[str, int]], kind: str) -> dict[str, Mapping[str, int]]:
    """Return the hands and the paper as they may be shown: each by itself, from five people on.

    >>> shown_hands({"hands": {"a": 4, "b": 1}, "paper": {"a": 2, "b": 0}}, "choose_one")
    {'hands': {'a': 4, 'b': 1}}
    """
    return {
        means: votes
        for means, votes in by_hand.items()
        if room_votes(votes, ballots=people_of(kind, votes)) is not None
    }


def _counts(session: Session, round_: Round) -> list[Mapping[str, object]]:
    """Return each count of an order of preference; nothing for another kind."""
    if round_.kind != RoundKind.RANK:
        return []
    orders = orders_of(ballots_as_kept(session, round_.id))
    return [
        {"votes": dict(count.votes), "left": count.left, "exhausted": count.exhausted}
        for count in counts(orders, round_.responses)
    ]


def _alone(session: Session, round_: Round) -> dict[str, Mapping[str, object]]:
    """Return what people chose who voted on the same decision alone: by channel, and never added to the room's."""
    if round_.about != About.DECISION or round_.practice or round_.kind != RoundKind.CHOOSE_ONE:
        return {}
    alone = session.scalars(
        select(Round).where(
            Round.performance_id == round_.performance_id,
            Round.decision == round_.decision,
            Round.channel != Channel.ROOM.value,
            Round.revealed_at.is_not(None),
        )
    )
    found: dict[str, Mapping[str, object]] = {}
    for each in alone:
        votes = room_votes(votes_in(session, each.id, each.responses))
        found[each.channel] = {"ballots": ballots_in(session, each.id), "votes": votes}
    return found


def _previous(session: Session, round_: Round) -> Mapping[str, object] | None:
    """Return the last revealed round before this one on the same question: what the shift is measured from.

    Only one that was asked in the same way: two ways of counting have no shift between them.
    """
    before = session.scalars(
        select(Round)
        .where(
            Round.performance_id == round_.performance_id,
            Round.decision == round_.decision,
            Round.practice == round_.practice,
            Round.kind == round_.kind,
            Round.channel == round_.channel,
            Round.number < round_.number,
            Round.revealed_at.is_not(None),
        )
        .order_by(Round.number.desc())
    ).first()
    if before is None or (round_.about == About.SCALE and before.question != round_.question):
        return None
    ballots = ballots_in(session, before.id)
    return {
        "round": before.id,
        "number": before.number,
        "winner": before.winner,
        "ballots": ballots,
        "votes": room_votes(votes_in(session, before.id, before.responses), ballots=ballots),
    }
