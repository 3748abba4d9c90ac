"""What a pack is compiled from: closed rounds with their exact counts, as values of this package alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from evidence.floor_material import FloorMaterial
from live.disclosure import Breakdown
from scenarios.script import Script


@dataclass(frozen=True, slots=True)
class PlayedScenario:
    """A published version that was performed; `redacted` when words of a story were taken out of it since."""

    slug: str
    version: int
    script: Script
    redacted: bool = False
    stage_title: str = ""

    @property
    def path(self) -> str:
        """Return where its text lies in the pack."""
        return f"scripts/{self.slug}-v{self.version}.md"


@dataclass(frozen=True, slots=True)
class PlayedAnswer:
    """An answer that no script holds: of a question beside the play, or added by the room (`floor`)."""

    key: str
    label: str
    leads_to: str = ""
    leads_to_title: str = ""
    floor: bool = False
    role: str | None = None


@dataclass(frozen=True, slots=True)
class PlayedRound:
    """A closed round. `votes`, `hands` and `paper` are exact and by response; `by_role` is as it may be shown.

    `cast`: how many ballots, where one could name several responses. `question` is that of a vote beside the play.
    """

    id: int
    section: int
    performance: int
    scenario: str
    version: int
    decision: str
    number: int
    kind: str
    channel: str
    opened_at: datetime
    closed_at: datetime
    seats: int
    votes: Mapping[str, int]
    hands: Mapping[str, int]
    by_role: Breakdown | None
    tie_rule: str
    winner: str | None
    taken: str | None
    overruled: bool
    overrule_reason: str | None
    about: str = "decision"
    question: str = ""
    answers: Sequence[PlayedAnswer] = ()
    cast: int | None = None
    paper: Mapping[str, int] = field(default_factory=dict)
    orders: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    reasons: Sequence[tuple[str, str]] = ()

    @property
    def ballots(self) -> int:
        """How many ballots the round has."""
        return sum(self.votes.values()) if self.cast is None else self.cast


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """A decision taken on the way through a scenario."""

    performance: int
    step: int
    scene: str
    decision: str
    response: str
    leads_to: str
    round: int
    overruled: bool


@dataclass(frozen=True, slots=True)
class PlayedSection:
    """A section of the event, and how many came into it."""

    number: int
    title: str
    seats: int
    practice_rounds: int
    peak_connected: int | None = None


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Where the event's audit chain stood: whoever keeps this can tell later whether a row was changed.

    `hashes` are those of all its rows, the first one first: any of them may have been the head that somebody kept.
    """

    chain: str
    rows: int
    hash: str
    hashes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Everything about one event that goes into a pack."""

    event: str
    title: str
    place: str
    starts_at: datetime
    decision_statement: str
    suppress_below: int
    sections: Sequence[PlayedSection]
    scenarios: Sequence[PlayedScenario]
    rounds: Sequence[PlayedRound]
    steps: Sequence[PlayedStep]
    audit: AuditHead
    floor: FloorMaterial = field(default_factory=FloorMaterial)

    def in_order(self) -> "Material":
        """Return the same material in the order in which a pack tells it, however it came."""
        return replace(
            self,
            sections=sorted(self.sections, key=lambda section: section.number),
            scenarios=sorted(self.scenarios, key=lambda played: (played.slug, played.version)),
            rounds=sorted(self.rounds, key=lambda round_: (round_.section, round_.performance, round_.id)),
            steps=sorted(self.steps, key=lambda step: (step.performance, step.step)),
            floor=self.floor.in_order(),
        )
