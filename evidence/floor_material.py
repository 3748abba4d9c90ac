"""What was said, tried and promised beside the votes, and what came of it, as a pack is compiled from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PlayMoment:
    """A moment of a play: which line of which scene, in which playing of it; and what that line says."""

    section: int
    performance: int
    scenario: str
    version: int
    attempt: int
    scene: str
    line: int | None
    scene_title: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class PlayedStop:
    """A hand that was raised at a moment of the play, and not taken back. No role, no time."""

    id: int
    at: PlayMoment
    state: str


@dataclass(frozen=True, slots=True)
class PlayedIntervention:
    """What somebody tried on the floor; `verdicts` of the room, where they may be shown."""

    id: int
    at: PlayMoment
    stop: int | None
    part: str
    role: str | None
    tried: str
    others_did: str
    happened: str
    possible_here: str | None
    would_have_to_change: str
    verdicts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class OfficialAnswerTold:
    """What those who decide answered to a proposal, as the public was shown it."""

    verdict: str
    because: str
    answered_by: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class ProposalMade:
    """A proposal of the room; `amendments` are words before and after, `said` the public answers by question."""

    id: int
    section: int
    number: int
    intervention: int | None
    wording: str
    state: str
    amendments: Sequence[tuple[str, str]] = ()
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    round: int | None = None
    passing_rule: str | None = None
    official: OfficialAnswerTold | None = None


@dataclass(frozen=True, slots=True)
class UpdateTold:
    """What was said later of a promise, and checked before it was shown."""

    status: str
    words: str
    evidence: str
    said_by: str
    said_at: datetime
    new_day: date | None = None


@dataclass(frozen=True, slots=True)
class CommitmentMade:
    """A promise, or what is not promised; `status` is empty for that, else what was said of it last."""

    id: int
    section: int
    proposal: int | None
    promised: bool
    what: str
    owner: str
    due: date | None
    why_not: str
    read_back: bool
    status: str = ""
    updates: Sequence[UpdateTold] = ()


@dataclass(frozen=True, slots=True)
class StoryWoven:
    """A story behind a scenario that was played; `edits` by what was taken out. Never its words or its number."""

    scenario: str
    version: int
    told_for: str
    edits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SenseSaid:
    """How many readers said one thing of a scenario."""

    scenario: str
    verdict: str
    readers: int


@dataclass(frozen=True, slots=True)
class WordsModerated:
    """How often words of one kind were shown, or declined, in one section."""

    section: int
    of: str
    shown: bool
    times: int


@dataclass(frozen=True, slots=True)
class FloorMaterial:
    """Everything of an event beside its votes. `equality` is protected already: question, answer, people."""

    stops: Sequence[PlayedStop] = ()
    interventions: Sequence[PlayedIntervention] = ()
    proposals: Sequence[ProposalMade] = ()
    commitments: Sequence[CommitmentMade] = ()
    stories: Sequence[StoryWoven] = ()
    senses: Sequence[SenseSaid] = ()
    equality: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    moderated: Sequence[WordsModerated] = ()

    def in_order(self) -> "FloorMaterial":
        """Return the same material in the order in which a pack tells it, however it came."""
        return replace(
            self,
            stops=sorted(self.stops, key=lambda stop: stop.id),
            interventions=sorted(self.interventions, key=lambda each: each.id),
            proposals=sorted(self.proposals, key=lambda each: (each.section, each.number)),
            commitments=sorted(self.commitments, key=lambda each: each.id),
            stories=sorted(self.stories, key=_story_order),
            senses=sorted(self.senses, key=lambda each: (each.scenario, each.verdict)),
            equality={question: self.equality[question] for question in sorted(self.equality)},
            moderated=sorted(self.moderated, key=lambda each: (each.section, each.of, each.shown)),
        )


def _story_order(story: StoryWoven) -> tuple[object, ...]:
    """Return what stories of one scenario are put in order by: nothing that tells which was sent first."""
    return (
        story.scenario,
        story.version,
        story.told_for,
        sorted(story.edits.items()),
    )
