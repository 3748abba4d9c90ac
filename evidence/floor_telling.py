"""Tell what was tried on the floor, proposed, answered and promised, from a pack's tables alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from evidence.columns import Row
from evidence.figures import Figure, FigureReader, text, whole


@dataclass(frozen=True, slots=True)
class InterventionTold:
    """What somebody tried. `verdicts` are here, magic, unsure; empty where the room was not asked, or too few were."""

    id: int
    performance: int
    scene: str
    says: str
    part: str
    role_group: str
    tried: str
    others_did: str
    happened: str
    possible_here: str
    would_have_to_change: str
    verdicts: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class ProposalTold:
    """A proposal in its last words. `votes` are yes, no, abstain; empty without a vote, or where too few voted."""

    id: int
    section: int
    number: int
    wording: str
    state: str
    passing_rule: str
    ballots: Figure | None
    votes: tuple[tuple[str, Figure], ...]
    amendments: tuple[tuple[str, str], ...]
    said: tuple[tuple[str, tuple[str, ...]], ...]
    intervention: int | None
    official_answer: str
    because: str
    answered_by: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class UpdateTold:
    """What was said later of a promise."""

    status: str
    words: str
    evidence: str
    new_day: date | None
    said_by: str
    said_at: datetime | None


@dataclass(frozen=True, slots=True)
class CommitmentTold:
    """A promise, or what is not promised."""

    id: int
    promised: bool
    what: str
    owner: str
    due: date | None
    why_not: str
    status: str
    proposal: int | None
    updates: tuple[UpdateTold, ...]


@dataclass(frozen=True, slots=True)
class EqualityTold:
    """How many gave each answer to one question of the equality form, protected."""

    question: str
    answers: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class FloorTold:
    """Everything beside the votes. `stories` and `edits` count what the scenarios were woven from."""

    stops: Figure
    interventions: tuple[InterventionTold, ...]
    proposals: tuple[ProposalTold, ...]
    commitments: tuple[CommitmentTold, ...]
    equality: tuple[EqualityTold, ...]
    stories: Figure
    edits: Figure

    def tried_in(self, performance: int) -> list[InterventionTold]:
        """Return what was tried in one performance."""
        return [each for each in self.interventions if each.performance == performance]

    def adopted(self) -> list[ProposalTold]:
        """Return the proposals that the room adopted."""
        return [each for each in self.proposals if each.state == "adopted"]


def tell_floor(reader: FigureReader) -> FloorTold:
    """Return what a pack tells beside its votes."""
    tables = reader.tables
    return FloorTold(
        stops=reader.different("stops", "stop"),
        interventions=tuple(_intervention(reader, row) for row in tables["interventions"]),
        proposals=tuple(_proposal(reader, row) for row in tables["proposals"]),
        commitments=tuple(_commitment(reader, row) for row in tables["commitments"]),
        equality=tuple(_equality(reader)),
        stories=reader.different("stories", "scenario", "story"),
        edits=reader.total("stories", "edits"),
    )


def _intervention(reader: FigureReader, row: Row) -> InterventionTold:
    number = whole(row["intervention"])
    weighed = row["here"] is not None
    return InterventionTold(
        id=number,
        performance=whole(row["performance"]),
        scene=text(row["scene_title"]) or text(row["scene"]),
        says=text(row["says"]),
        part=text(row["part"]),
        role_group=text(row["role_group"]),
        tried=text(row["tried"]),
        others_did=text(row["others_did"]),
        happened=text(row["happened"]),
        possible_here=text(row["possible_here"]),
        would_have_to_change=text(row["would_have_to_change"]),
        verdicts=tuple(
            (said, reader.count("interventions", said, number)) for said in ("here", "magic", "unsure")
        )
        if weighed
        else (),
    )


def _proposal(reader: FigureReader, row: Row) -> ProposalTold:
    number, round_ = whole(row["proposal"]), row["round"]
    votes: Sequence[tuple[str, Figure]] = ()
    if round_ is not None:
        channel = reader.rows["rounds"][round_,]["channel"]
        found = [
            (key, reader.cell("results", "votes", round_, key, channel)) for key in ("yes", "no", "abstain")
        ]
        votes = [(key, figure) for key, figure in found if figure is not None]
    said: dict[str, list[str]] = {}
    for each in reader.tables["public_answers"]:
        if each["proposal"] == number:
            said.setdefault(text(each["question"]), []).append(text(each["text"]))
    return ProposalTold(
        id=number,
        section=whole(row["section"]),
        number=whole(row["number"]),
        wording=text(row["wording"]),
        state=text(row["state"]),
        passing_rule=text(row["passing_rule"]),
        ballots=None if round_ is None else reader.count("rounds", "ballots", round_),
        votes=tuple(votes),
        amendments=tuple(
            (text(each["before"]), text(each["after"]))
            for each in reader.tables["amendments"]
            if each["proposal"] == number
        ),
        said=tuple((question, tuple(answers)) for question, answers in said.items()),
        intervention=None if row["intervention"] is None else whole(row["intervention"]),
        official_answer=text(row["official_answer"]),
        because=text(row["because"]),
        answered_by=text(row["answered_by"]),
        answered_at=_moment(row["answered_at"]),
    )


def _commitment(reader: FigureReader, row: Row) -> CommitmentTold:
    number = whole(row["commitment"])
    return CommitmentTold(
        id=number,
        promised=row["promised"] is True,
        what=text(row["what"]),
        owner=text(row["owner"]),
        due=_day(row["due"]),
        why_not=text(row["why_not"]),
        status=text(row["status"]),
        proposal=None if row["proposal"] is None else whole(row["proposal"]),
        updates=tuple(
            UpdateTold(
                status=text(each["status"]),
                words=text(each["words"]),
                evidence=text(each["evidence"]),
                new_day=_day(each["new_day"]),
                said_by=text(each["said_by"]),
                said_at=_moment(each["said_at"]),
            )
            for each in reader.tables["updates"]
            if each["commitment"] == number
        ),
    )


def _equality(reader: FigureReader) -> list[EqualityTold]:
    found: dict[str, list[tuple[str, Figure]]] = {}
    for row in reader.tables["equality_summary"]:
        question, answer = text(row["question"]), text(row["answer"])
        figure = reader.count("equality_summary", "people", question, answer)
        found.setdefault(question, []).append((answer, figure))
    return [EqualityTold(question, tuple(answers)) for question, answers in found.items()]


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None
