"""Responses that the room added to a decision, as frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from live.moment import IMPROVISED, is_improvised
from live.talk.models import FloorResponse, FloorText, MergedSuggestion


@dataclass(frozen=True, slots=True)
class AddedResponse:
    """A response from the floor. `role`: of who suggested it. Without `leads_to` its scene is improvised."""

    performance_id: int
    decision: str
    key: str
    label: str
    role: str | None
    leads_to: str | None

    @property
    def opens(self) -> str:
        """The scene that it opens: one of the script's, or one made up on the spot."""
        return self.leads_to or f"{IMPROVISED}{self.key}"


@dataclass(frozen=True, slots=True)
class Merged:
    """A suggestion that counts towards a response that was there, with what its author said."""

    decision: str
    response: str
    text: str


def added_responses(
    session: Session, performance_ids: Sequence[int], *, decision: str | None = None
) -> list[AddedResponse]:
    """Return what the room added in some performances, in the order it was added. One query."""
    wanted = select(FloorResponse).where(FloorResponse.performance_id.in_(list(performance_ids)))
    if decision is not None:
        wanted = wanted.where(FloorResponse.decision == decision)
    return [
        AddedResponse(row.performance_id, row.decision, row.response, row.label, row.by_role, row.leads_to)
        for row in session.scalars(wanted.order_by(FloorResponse.id))
    ]


def improvised_scene(session: Session, performance_id: int, scene: str) -> AddedResponse | None:
    """Return the response whose scene is made up on the spot; None for a scene of the script. One query."""
    if not is_improvised(scene):
        return None
    added = added_responses(session, [performance_id])
    return next((each for each in added if each.opens == scene), None)


def merged_into(session: Session, performance_id: int) -> list[Merged]:
    """Return the suggestions that were counted towards another response. One query."""
    rows = session.execute(
        select(MergedSuggestion.decision, MergedSuggestion.response, FloorText.text)
        .join(FloorText, FloorText.id == MergedSuggestion.text_id)
        .where(MergedSuggestion.performance_id == performance_id)
        .order_by(MergedSuggestion.text_id)
    )
    return [Merged(row.decision, row.response, row.text or "") for row in rows]
