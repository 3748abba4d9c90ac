"""What changed and what did not: every promise and where it stands, every proposal and what was answered to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from evidence.loop.queries import Answer, Update, answers_of, updates_of
from evidence.loop.rules import Standing, standing_of
from live.assembly.record import HeldAt, KeptCommitment, KeptProposal, commitments_kept, proposals_kept

# The late ones first, then what is on its way, then what is settled.
ORDER: Final = {standing: place for place, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class PromiseTold:
    """A promise with what was said of it since, the first first; or what is not promised (`standing` is None)."""

    promise: KeptCommitment
    standing: Standing | None
    days_late: int
    updates: Sequence[Update]
    proposal: KeptProposal | None

    @property
    def newest(self) -> Update | None:
        """What was said last."""
        return self.updates[-1] if self.updates else None

    @property
    def expected(self) -> date | None:
        """When it is expected instead, where somebody said so last."""
        return self.newest.new_day if self.newest else None

    @property
    def moved_at(self) -> datetime:
        """When something was last heard of it: it was closed with its event, said, or checked."""
        if self.newest is None:
            return self.promise.held.closed_at
        return self.newest.checked_at or self.newest.said_at


@dataclass(frozen=True, slots=True)
class ProposalTold:
    """A proposal with the official answers to it, the newest first; none yet where there is none."""

    proposal: KeptProposal
    answers: Sequence[Answer]

    @property
    def answer(self) -> Answer | None:
        """The answer that stands."""
        return self.answers[0] if self.answers else None

    @property
    def moved_at(self) -> datetime:
        """When something was last heard of it."""
        if self.answer is None:
            return self.proposal.held.closed_at
        return self.answer.checked_at or self.answer.answered_at


@dataclass(frozen=True, slots=True)
class Changes:
    """What came of one event, or of all: promises with the late ones first, proposals with the unanswered first."""

    promises: Sequence[PromiseTold]
    not_promised: Sequence[PromiseTold]
    proposals: Sequence[ProposalTold]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many promises stand where, by the name of the standing; and how many things are not promised."""
        stand = [told.standing for told in self.promises]
        return {
            **{standing.value: stand.count(standing) for standing in Standing},
            "not_promised": len(self.not_promised),
            "unanswered": len(self.unanswered),
        }

    @property
    def overdue(self) -> Sequence[PromiseTold]:
        """The promises whose day has gone by, the longest late first."""
        return [told for told in self.promises if told.standing is Standing.OVERDUE]

    @property
    def unanswered(self) -> Sequence[ProposalTold]:
        """The proposals that nobody answered yet."""
        return [told for told in self.proposals if told.answer is None]

    @property
    def newest(self) -> PromiseTold | None:
        """The promise that something was heard of last."""
        return max(self.promises, key=lambda told: (told.moved_at, told.promise.id), default=None)

    @property
    def events(self) -> Sequence[HeldAt]:
        """The events that something came of, or should have, the newest first."""
        held = {
            told.promise.held.event_id: told.promise.held for told in (*self.promises, *self.not_promised)
        }
        held |= {told.proposal.held.event_id: told.proposal.held for told in self.proposals}
        return sorted(held.values(), key=lambda each: (each.starts_at, each.event_id), reverse=True)

    def of(self, event_slug: str) -> "Changes":
        """Return what came of one event."""
        return Changes(
            [told for told in self.promises if told.promise.held.slug == event_slug],
            [told for told in self.not_promised if told.promise.held.slug == event_slug],
            [told for told in self.proposals if told.proposal.held.slug == event_slug],
        )


def changes(session: Session, *, today: date, event_ids: Sequence[int] | None = None) -> Changes:
    """Return what came of closed events until today; of all of them where none is named. Five queries."""
    proposals = proposals_kept(session, event_ids)
    commitments = commitments_kept(session, event_ids)
    answers = answers_of(session, [each.id for each in proposals])
    updates = updates_of(session, [each.id for each in commitments])
    by_id = {each.id: each for each in proposals}
    told = [_told(each, updates.get(each.id, []), by_id, today) for each in commitments]
    return Changes(
        promises=sorted((each for each in told if each.standing), key=_late_first),
        not_promised=[each for each in told if each.standing is None],
        proposals=sorted(
            (ProposalTold(each, answers.get(each.id, [])) for each in proposals),
            key=lambda each: each.answer is not None,
        ),
    )


def _told(
    promise: KeptCommitment, updates: Sequence[Update], proposals: Mapping[int, KeptProposal], today: date
) -> PromiseTold:
    proposal = proposals.get(promise.proposal_id) if promise.proposal_id else None
    if not promise.promised or promise.due is None:
        return PromiseTold(promise, None, 0, updates, proposal)
    standing = standing_of(due=promise.due, said=[each.status for each in updates], on=today)
    late = (today - promise.due).days if standing is Standing.OVERDUE else 0
    return PromiseTold(promise, standing, late, updates, proposal)


def _late_first(told: PromiseTold) -> tuple[int, date, int]:
    assert told.standing is not None
    assert told.promise.due is not None
    return ORDER[told.standing], told.promise.due, told.promise.id
