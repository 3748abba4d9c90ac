"""What became of a story: the plays it was woven into, what rooms chose, the evidence, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from evidence.loop.chain import chain_of_story
from evidence.loop.graph import Kind
from evidence.loop.tracker import PromiseTold, ProposalTold, changes
from evidence.queries import packs_of
from live import record
from live.asked import answers_of
from live.disclosure import room_votes
from live.queries import event_by_slug, events_with_versions
from live.rules import About, Channel
from live.talk.added import added_responses
from scenarios.queries import version
from scenarios.together.queries import woven_into


@dataclass(frozen=True, slots=True)
class RoomChose:
    """One revealed round: what was asked, what the room chose; `votes` is None where they are too few to show."""

    question: str
    winner: str
    number: int
    votes: int | None
    ballots: int


@dataclass(frozen=True, slots=True)
class Performed:
    """A performance of a play at an event, and the reference of the newest pack about it (empty: none yet)."""

    event_slug: str
    event_title: str
    held_at: datetime
    chose: Sequence[RoomChose]
    pack: str


@dataclass(frozen=True, slots=True)
class Woven:
    """A published play that a story was woven into."""

    slug: str
    title: str
    number: int
    published_at: datetime
    performed: Sequence[Performed]


@dataclass(frozen=True, slots=True)
class CameOf:
    """What was proposed and promised after a story was played; `key` names the story in the chain."""

    key: str
    promises: Sequence[PromiseTold]
    proposals: Sequence[ProposalTold]


def came_of(session: Session, story_id: int, *, key: str, today: date) -> CameOf | None:
    """Return what was proposed, answered and promised along the chain of a story; None while it is in no play.

    `key` is the site's secret. About 25 queries.
    """
    found = chain_of_story(session, story_id, key=key, today=today)
    if found is None:
        return None
    chain, story = found
    after = chain.everything_after(story)
    told = changes(
        session, today=today, event_ids=sorted({chain.things[name].event_id or 0 for name in after} - {0})
    )
    numbers = {kind: {int(name.key) for name in after if name.kind is kind} for kind in _TOLD}
    return CameOf(
        key=story.key,
        promises=[
            each
            for each in (*told.promises, *told.not_promised)
            if each.promise.id in numbers[Kind.COMMITMENT]
        ],
        proposals=[each for each in told.proposals if each.proposal.id in numbers[Kind.PROPOSAL]],
    )


_TOLD = (Kind.PROPOSAL, Kind.COMMITMENT)


def trail_of(session: Session, story_id: int) -> list[Woven]:
    """Return what became of a story, in the order in which it happened.

    Only what was revealed to the room; a few queries per event and four per round.
    """
    return [
        Woven(
            slug=each.slug,
            title=each.title,
            number=each.number,
            published_at=each.published_at,
            performed=_performed(session, each.version_id),
        )
        for each in woven_into(session, story_id)
    ]


def _performed(session: Session, version_id: int) -> list[Performed]:
    script = version(session, version_id).script
    questions = {decision.key: decision for decision in script.decisions}
    found = []
    for slug in events_with_versions(session, [version_id]):
        event = event_by_slug(session, slug)
        assert event is not None
        chose = []
        for round_ in record.closed_rounds(session, event.id):
            # Questions beside the play are no part of what became of a story; nor is who voted alone.
            if round_.about != About.DECISION or round_.channel != Channel.ROOM:
                continue
            if round_.version_id != version_id or round_.practice or round_.revealed_at is None:
                continue
            decision = questions[round_.decision]
            offered = answers_of(decision, added_responses(session, [round_.performance_id]))
            winner = next((answer for answer in offered if answer.key == round_.winner), None)
            votes = room_votes(round_.votes, ballots=round_.ballots)
            chose.append(
                RoomChose(
                    question=decision.question,
                    winner=winner.label if winner else "",
                    number=round_.number,
                    votes=votes[round_.winner] if votes and round_.winner else None,
                    ballots=round_.ballots,
                )
            )
        packs = [each for each in packs_of(session, slug) if each.withdrawn_at is None]
        found.append(
            Performed(slug, event.title, event.starts_at, chose, packs[0].reference if packs else "")
        )
    return found
