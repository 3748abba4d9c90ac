"""Claims of change wait here: a moderator reads exactly these words, checks them, and shows them or not.

Needs the duty of a moderator, which the route checks.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from evidence.loop.models import CommitmentUpdate, OfficialAnswer
from evidence.loop.rules import (
    NoSuchClaim,
    NothingToCheck,
    OtherWords,
    OwnClaim,
    check_reason,
    digest_of,
)
from live.assembly.record import HeldAt, commitments_kept, proposals_kept
from live.programme import event_chain
from scenario_app.kernel import audit


class ClaimKind(StrEnum):
    """What a claim is about."""

    ANSWER = "answer"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says of a proposal or promise (`about`, with its number), whether it is shown or not.

    `shown` is None while it waits. `said_by` is an account: nothing of it is public.
    """

    kind: ClaimKind
    id: int
    about: str
    about_id: int
    held: HeldAt
    says: str
    words: str
    evidence_url: str
    new_day: date | None
    said_as: str
    said_by: int
    said_at: datetime
    shown: bool | None
    checked_how: str

    @property
    def digest(self) -> str:
        """What names exactly these words, for whoever checks them."""
        day = self.new_day.isoformat() if self.new_day else ""
        return digest_of(self.says, self.words, self.evidence_url, day, self.said_as)


def waiting_claims(session: Session) -> list[Claim]:
    """Return the claims that wait for a moderator, the oldest first. Five queries at most."""
    return sorted(
        (claim for claim in claims(session) if claim.shown is None),
        key=lambda claim: (claim.said_at, claim.kind, claim.id),
    )


def claims(session: Session) -> list[Claim]:
    """Return everything that was ever said of proposals and promises, shown or not, the newest first. Five queries."""
    proposals = {each.id: each for each in proposals_kept(session)}
    commitments = {each.id: each for each in commitments_kept(session)}
    found = [
        Claim(
            kind=ClaimKind.ANSWER,
            id=row.id,
            about=proposals[row.proposal_id].wording,
            about_id=row.proposal_id,
            held=proposals[row.proposal_id].held,
            says=row.verdict,
            words=row.because,
            evidence_url="",
            new_day=None,
            said_as=row.answered_as,
            said_by=row.answered_by,
            said_at=row.answered_at,
            shown=row.shown,
            checked_how=row.checked_how,
        )
        for row in session.scalars(select(OfficialAnswer).order_by(OfficialAnswer.id.desc()))
    ]
    return found + [
        Claim(
            kind=ClaimKind.UPDATE,
            id=row.id,
            about=commitments[row.commitment_id].what,
            about_id=row.commitment_id,
            held=commitments[row.commitment_id].held,
            says=row.status,
            words=row.words,
            evidence_url=row.evidence_url,
            new_day=row.new_day,
            said_as=row.said_as,
            said_by=row.said_by,
            said_at=row.said_at,
            shown=row.shown,
            checked_how=row.checked_how,
        )
        for row in session.scalars(select(CommitmentUpdate).order_by(CommitmentUpdate.id.desc()))
    ]


def check_claim(
    session: Session,
    *,
    kind: ClaimKind,
    claim_id: int,
    digest: str,
    show: bool,
    how: str,
    account_id: int,
    now: datetime,
) -> None:
    """Show a claim to everybody, or not. `how`: how it was checked, which is shown with it; or why it is not shown.

    :raises NoSuchClaim: there is none of this number
    :raises NothingToCheck: it was checked already, or claims no change
    :raises OwnClaim: this account made the claim
    :raises OtherWords: `digest` stands for other words than those that would be shown
    :raises scenario_app.kernel.errors.Invalid: `how` is empty
    """
    claim = next((each for each in claims(session) if (each.kind, each.id) == (kind, claim_id)), None)
    if claim is None:
        raise NoSuchClaim(claim=claim_id)
    # Two moderators at once: the second one finds it checked.
    row: OfficialAnswer | CommitmentUpdate
    if kind is ClaimKind.ANSWER:
        row = session.get_one(OfficialAnswer, claim_id, with_for_update=True, populate_existing=True)
    else:
        row = session.get_one(CommitmentUpdate, claim_id, with_for_update=True, populate_existing=True)
    if row.shown is not None:
        raise NothingToCheck(claim=claim_id)
    if claim.said_by == account_id:
        raise OwnClaim
    if claim.digest != digest:
        raise OtherWords
    row.checked_how = check_reason(how)
    row.shown, row.checked_at, row.checked_by = show, now, account_id
    about = "proposal" if kind is ClaimKind.ANSWER else "commitment"
    audit.record(
        session,
        chain=event_chain(claim.held.slug),
        action="claim_shown" if show else "claim_not_shown",
        subject=f"{about}:{claim.about_id}",
        account_id=account_id,
        now=now,
        details={kind.value: claim_id, "digest": digest},
    )
