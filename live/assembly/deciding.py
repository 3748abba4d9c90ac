"""A vote on a proposal has been shown: the proposal is adopted, or it is not."""

from sqlalchemy.orm import Session

from live.assembly.models import Proposal
from live.assembly.rules import ProposalState


def settle(session: Session, proposal_id: int, adopted: bool) -> None:
    """Keep what the room decided of a proposal. A later vote on it may decide otherwise."""
    proposal = session.get_one(Proposal, proposal_id)
    if proposal.state != ProposalState.WITHDRAWN:
        proposal.state = (ProposalState.ADOPTED if adopted else ProposalState.NOT_ADOPTED).value
