"""What the server says: whole values with `as_json()`, each with `"v": 1`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class SectionCue:
    """The section that the cue belongs to."""

    code: str
    title: str
    event: str
    door: str
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class ScenarioCue:
    """Which scenario version is played."""

    slug: str
    title: str
    version: int
    content_notes: str


@dataclass(frozen=True, slots=True)
class PerformanceCue:
    """The running (or last, or next) performance of the section. `attempt` 1 is the first playing."""

    id: int
    scenario: ScenarioCue
    state: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LineCue:
    """One numbered line of the scene. `who` is empty for a direction."""

    n: int
    kind: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class SceneCue:
    """The scene being played, rendered once when its version was saved. An improvised one has no lines."""

    key: str
    title: str
    kind: str
    html: str
    lines: Sequence[LineCue]
    improvised: bool


@dataclass(frozen=True, slots=True)
class ResponseCue:
    """One response that can be chosen. `by` is the role of who suggested it, of a floor response; else empty."""

    key: str
    label: str
    helps: str
    costs: str
    floor: bool
    by: str


@dataclass(frozen=True, slots=True)
class RoundCue:
    """The vote that the room is looking at. Its rules are named before anybody votes.

    `about` is `decision`, `practice`, `believable`, `scale` or `proposal`: only a decision opens a scene.
    """

    id: int
    about: str
    decision: str
    question: str
    asks: str
    number: int
    kind: str
    state: str
    practice: bool
    tie_rule: str
    passing_rule: str | None
    responses: Sequence[ResponseCue]


@dataclass(frozen=True, slots=True)
class ResultCue:
    """What a revealed round came to. `votes` is None below five ballots: then only the winner is shown.

    `votes` are those of phones; `hand_count` those counted in the hall, `hand_means` the same by `hands` and
    `paper`; the winner is of all together. `counts`: of a ranking, each count with what left after it.
    `median`: of a scale, the step in the middle.
    `online`: the same decision voted alone, before and after, never added to the room's. `reasons`: approved.
    """

    round: int
    winner: str | None
    tie_rule: str
    tied: bool
    ballots: int
    seats: int
    votes: Mapping[str, int] | None
    hand_count: Mapping[str, int]
    hand_means: Mapping[str, Mapping[str, int]]
    by_role: Sequence[Mapping[str, object]]
    previous: Mapping[str, object] | None
    next_scene: str | None
    counts: Sequence[Mapping[str, object]]
    median: int | None
    online: Mapping[str, Mapping[str, object]]
    reasons: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class StepCue:
    """One decision taken on the way here, with the words that a page shows of it."""

    scene: str
    decision: str
    response: str
    scene_title: str
    label: str
    leads_to: str
    overruled: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class InterventionCue:
    """What is tried, or was tried last, on the floor. `weighing`: `no`, `open`, `closed` (then `verdicts`)."""

    id: int
    part: str
    role: str
    tried: str
    weighing: str
    verdicts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class StopCue:
    """The hand whose person is asked in now, with the line it was raised at: nobody's role, nobody's seat."""

    id: int
    line: int | None
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class ProposalCue:
    """A proposal as it stands, with the words before its last amendment and what the room answered."""

    id: int
    number: int
    wording: str
    before: str | None
    state: str
    answers: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class CommitmentCue:
    """What was promised, or was not and why, as it is read back."""

    id: int
    promised: bool
    what: str
    owner: str
    due: str
    why: str


@dataclass(frozen=True, slots=True)
class RecordCue:
    """Where the event's audit chain stood when the section's last play had ended: rows, and the newest one's hash."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Cue:
    """Everything a page needs to draw itself now; the same for every phone of a section."""

    seq: int
    section: SectionCue
    performance: PerformanceCue | None
    scene: SceneCue | None
    round: RoundCue | None
    result: ResultCue | None
    path: Sequence[StepCue]
    screen: str
    stop: StopCue | None
    intervention: InterventionCue | None
    proposals: Sequence[ProposalCue]
    commitments: Sequence[CommitmentCue]
    record: RecordCue | None

    def as_json(self) -> dict[str, object]:
        """Return the cue as docs/PROTOCOL.md shows it."""
        return {"v": VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True)
class TallyMoved:
    """`tally`, to desk and screen: how many have voted. `votes` is None until the round is revealed."""

    round: int
    seq: int
    ballots: int
    seats: int
    votes: Mapping[str, int] | None

    def as_json(self) -> dict[str, object]:
        """Return the message as docs/PROTOCOL.md shows it."""
        return {"v": VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Presence:
    """`presence`, to desk and screen: seats taken in the section, and phones connected now."""

    seats: int
    connected: int

    def as_json(self) -> dict[str, object]:
        """Return the message as docs/PROTOCOL.md shows it."""
        return {"v": VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True)
class StopOrder:
    """`stops`, to everybody: the raised hands in the order they are asked in. Numbers only, no roles."""

    waiting: Sequence[int]

    def as_json(self) -> dict[str, object]:
        """Return the message as docs/PROTOCOL.md shows it."""
        return {"v": VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True)
class DeskNews:
    """`news`, to desks: how many hands, texts and people who need a minute are waiting; the desk looks again."""

    seq: int
    stops: int
    texts: int
    minutes: int

    def as_json(self) -> dict[str, object]:
        """Return the message as docs/PROTOCOL.md shows it."""
        return {"v": VERSION, **asdict(self)}


@dataclass(frozen=True, slots=True)
class SeatWelcome:
    """`seat`, once, to a phone that connects: its role, and what it has in this section.

    `stops` are its hands that wait; `verdicts` what it said of interventions; `reasons` its reasons by round.
    """

    role: str | None
    ballots: Mapping[int, Mapping[str, object]]
    stops: Sequence[Mapping[str, object]] = ()
    verdicts: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the message as docs/PROTOCOL.md shows it."""
        return {
            "v": VERSION,
            "role": self.role,
            "ballots": {str(id_): dict(b) for id_, b in self.ballots.items()},
            "stops": list(self.stops),
            "verdicts": {str(id_): verdict for id_, verdict in self.verdicts.items()},
            "reasons": {str(id_): reason for id_, reason in self.reasons.items()},
        }
