"""What packs say together: how often rooms left what happened, by stage and scenario. From published tables alone.

The number of a cell is the share of ballots, in the last round that a room held on a decision by one response each,
that chose something else than what really happened. Rounds whose votes were not published are in no sum, so that
no sum can be subtracted from another to find them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from evidence.columns import Row, Tables
from live.choices import RoundKind
from live.rules import About, Channel

STEPS = 5


def percent_of(part: int, whole: int) -> int | None:
    """Return a share in whole percent, rounded half up; None of nothing.

    >>> percent_of(1, 8), percent_of(0, 3), percent_of(0, 0)
    (13, 0, None)
    """
    return (200 * part + whole) // (2 * whole) if whole else None


@dataclass(frozen=True, slots=True)
class Source:
    """A pack that figures were read from."""

    reference: str
    event: str
    title: str
    place: str
    held_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One response of a decision, as the pack words it."""

    key: str
    label: str
    as_it_happened: bool
    floor: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One decision as one room was asked it last, through one channel. `votes` is None where too few voted."""

    source: Source
    section: int
    performance: int
    scenario: str
    version: int
    title: str
    language: str
    stage: str
    decision: str
    question: str
    answers: tuple[Answer, ...]
    channel: str
    kind: str
    tie_rule: str
    round: int
    number: int
    practised: bool
    seats: int
    ballots: int
    votes: Mapping[str, int] | None
    winner: str
    taken: str

    @property
    def as_it_happened(self) -> int | None:
        """How many chose what really happened; None where that may not be said, or nothing is marked so."""
        keys = [answer.key for answer in self.answers if answer.as_it_happened]
        if self.votes is None or not keys:
            return None
        return sum(self.votes.get(key, 0) for key in keys)

    def percent(self, key: str) -> int | None:
        """Return the share of the ballots that a response has, in whole percent; None where it may not be said."""
        votes = (self.votes or {}).get(key)
        return None if votes is None else percent_of(votes, self.ballots)

    @property
    def counts_on_the_map(self) -> bool:
        """Whether it is one response each, by phones in the room: what the map is made of."""
        return self.channel == Channel.ROOM and self.kind == RoundKind.CHOOSE_ONE


@dataclass(frozen=True, slots=True)
class Cell:
    """A stage in a scenario, or in all: how many of how many ballots left what happened.

    `decisions` are those that the sum is made of, `too_few` those that could not be shown.
    """

    left: int
    ballots: int
    decisions: int
    too_few: int

    @property
    def percent(self) -> int | None:
        """Return the share in whole percent, rounded half up; None where nothing can be shown.

        >>> Cell(7, 8, 1, 0).percent, Cell(0, 0, 0, 2).percent
        (88, None)
        """
        return percent_of(self.left, self.ballots)

    @property
    def step(self) -> int:
        """Return which of five fixed steps the share lies in, 1 to 5; 0 where nothing can be shown.

        >>> [Cell(left, 100, 1, 0).step for left in (0, 19, 20, 59, 80, 100)]
        [1, 1, 2, 3, 5, 5]
        """
        return 0 if self.percent is None else min(STEPS, self.percent * STEPS // 100 + 1)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Stage by scenario. `cells` holds only what was played; `rows` are the sums over all scenarios of a stage."""

    stages: tuple[str, ...]
    scenarios: tuple[tuple[str, str], ...]
    cells: Mapping[tuple[str, str], Cell]
    rows: Mapping[str, Cell]

    @property
    def most_left(self) -> tuple[tuple[str, str], Cell] | None:
        """Return the cell where most left what happened, and its stage and scenario."""
        return self._extreme(highest=True)

    @property
    def least_left(self) -> tuple[tuple[str, str], Cell] | None:
        """Return the cell where fewest did."""
        return self._extreme(highest=False)

    def _extreme(self, *, highest: bool) -> tuple[tuple[str, str], Cell] | None:
        shown = [(key, cell) for key, cell in self.cells.items() if cell.percent is not None]
        sign = -1 if highest else 1
        return min(shown, key=lambda found: (sign * found[1].left / found[1].ballots, found[0]), default=None)


def heat_map(asked: Iterable[Asked], stages: Sequence[str]) -> HeatMap:
    """Return where rooms left what happened. `stages` gives the order of care; others follow by name."""
    counted = [each for each in asked if each.counts_on_the_map and each.answers and _has_a_past(each)]
    cells: dict[tuple[str, str], Cell] = {}
    rows: dict[str, Cell] = {}
    for each in counted:
        place = (each.stage, each.scenario)
        cells[place] = _with(cells.get(place), each)
        rows[each.stage] = _with(rows.get(each.stage), each)
    titles = {each.scenario: each.title for each in counted}  # the newest event's wording
    others = sorted(rows.keys() - set(stages))
    return HeatMap(
        stages=(*stages, *others),
        scenarios=tuple(sorted(titles.items(), key=lambda found: (found[1].casefold(), found[0]))),
        cells=cells,
        rows=rows,
    )


def _has_a_past(asked: Asked) -> bool:
    return any(answer.as_it_happened for answer in asked.answers)


def _with(cell: Cell | None, asked: Asked) -> Cell:
    before = cell or Cell(0, 0, 0, 0)
    if asked.votes is None or asked.as_it_happened is None:
        return Cell(before.left, before.ballots, before.decisions, before.too_few + 1)
    return Cell(
        before.left + asked.ballots - asked.as_it_happened,
        before.ballots + asked.ballots,
        before.decisions + 1,
        before.too_few,
    )


# --- the same scenario in several places ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SideBySide:
    """One decision, worded the same, wherever it was asked. `differs` names what is not comparable."""

    decision: str
    question: str
    answers: tuple[Answer, ...]
    asked: tuple[Asked, ...]
    differs: tuple[str, ...]

    @property
    def room_added(self) -> bool:
        """Whether some room added a response of its own."""
        return any(answer.floor for each in self.asked for answer in each.answers)


def side_by_side(asked: Iterable[Asked]) -> list[SideBySide]:
    """Return each decision of one scenario, in the order it is asked; other words are another decision."""
    groups: dict[tuple[object, ...], list[Asked]] = {}
    for each in asked:
        words = tuple((answer.key, answer.label) for answer in each.answers if not answer.floor)
        groups.setdefault((each.decision, each.question, words), []).append(each)
    return [
        SideBySide(
            decision=str(decision),
            question=str(question),
            answers=tuple(answer for answer in group[0].answers if not answer.floor),
            asked=tuple(group),
            differs=tuple(_differences(group)),
        )
        for (decision, question, _words), group in sorted(groups.items(), key=lambda found: str(found[0][0]))
    ]


def _differences(asked: Sequence[Asked]) -> Iterator[str]:
    """Yield what was not the same: the version, the kind of vote, the tie rule, practice, the round, the size."""
    for code, values in (
        ("version", {each.version for each in asked}),
        ("kind", {each.kind for each in asked}),
        ("tie_rule", {each.tie_rule for each in asked}),
        ("practice", {each.practised for each in asked}),
        ("rounds", {each.number for each in asked}),
        ("added", {tuple(answer.label for answer in each.answers if answer.floor) for each in asked}),
        ("channel", {each.channel for each in asked}),
    ):
        if len(values) > 1:
            yield code
    sizes = [each.ballots for each in asked]
    if max(sizes) > 2 * min(sizes):
        yield "size"


# --- reading a pack -------------------------------------------------------------------------------------


def asked_in(tables: Tables, source: Source) -> tuple[Asked, ...]:
    """Return every decision that a pack's tables hold, as it was asked last, by performance and channel."""
    last: dict[tuple[object, ...], Row] = {}
    for row in tables["rounds"]:
        if row["about"] == About.DECISION:
            place = (row["performance"], row["channel"], row["decision"], _one_each(row))
            if place not in last or _whole(row["number"]) > _whole(last[place]["number"]):
                last[place] = row
    chosen = [row for place, row in last.items() if _stands_for(place, last)]
    wordings: dict[tuple[object, ...], Row] = {
        (row["scenario"], row["version"], row["decision"]): row for row in tables["decisions"]
    }
    practised = {row["section"] for row in tables["attendance"] if row["practice_rounds"]}
    votes = _votes(tables)
    offered = _offered(tables)
    return tuple(
        _asked(row, source, wordings, offered, votes, practised=row["section"] in practised) for row in chosen
    )


def _one_each(row: Row) -> bool:
    return row["kind"] == RoundKind.CHOOSE_ONE


def _stands_for(place: tuple[object, ...], last: Mapping[tuple[object, ...], Row]) -> bool:
    """Say whether this is how a decision is told: by one response each where there was such a round."""
    *where, one_each = place
    return bool(one_each) or (*where, True) not in last


def _votes(tables: Tables) -> dict[tuple[object, object], dict[str, int]]:
    found: dict[tuple[object, object], dict[str, int]] = {}
    for row in tables["results"]:
        found.setdefault((row["round"], row["channel"]), {})[str(row["response"])] = _whole(row["votes"])
    return found


def _offered(tables: Tables) -> dict[tuple[object, ...], list[tuple[int, Answer]]]:
    found: dict[tuple[object, ...], list[tuple[int, Answer]]] = {}
    for row in tables["responses"]:
        answer = Answer(
            str(row["response"]), str(row["label"]), row["as_it_happened"] is True, row["floor"] is True
        )
        place = (row["scenario"], row["version"], row["decision"])
        found.setdefault(place, []).append((_whole(row["performance"]), answer))
    return found


def _asked(
    row: Row,
    source: Source,
    wordings: Mapping[tuple[object, ...], Row],
    offered: Mapping[tuple[object, ...], Sequence[tuple[int, Answer]]],
    votes: Mapping[tuple[object, object], Mapping[str, int]],
    *,
    practised: bool,
) -> Asked:
    place = (row["scenario"], row["version"], row["decision"])
    about = wordings[place]
    return Asked(
        source=source,
        section=_whole(row["section"]),
        performance=_whole(row["performance"]),
        scenario=str(row["scenario"]),
        version=_whole(row["version"]),
        title=str(about["scenario_title"]),
        language=str(about["language"]),
        stage=str(about["stage"] or ""),
        decision=str(row["decision"]),
        question=str(about["question"]),
        answers=tuple(
            answer for room, answer in offered.get(place, ()) if room in (0, _whole(row["performance"]))
        ),
        channel=str(row["channel"]),
        kind=str(row["kind"]),
        tie_rule=str(row["tie_rule"] or ""),
        round=_whole(row["round"]),
        number=_whole(row["number"]),
        practised=practised,
        seats=_whole(row["seats"]),
        ballots=_whole(row["ballots"]),
        votes=votes.get((row["round"], row["channel"])),
        winner=str(row["winner"] or ""),
        taken=str(row["taken"] or ""),
    )


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value
