"""Tell a pack's tables decision by decision: what the report and the public page read from.

Everything is taken from the tables alone, and every number says where: a `Figure` names the cells that it was
read or worked out from, so that whoever has the CSV files can work it out again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.columns import Row, Tables
from evidence.figures import Figure, FigureReader, text, whole
from evidence.floor_telling import FloorTold, tell_floor
from live.choices import RoundKind
from live.rules import About, Channel


@dataclass(frozen=True, slots=True)
class RoundTold:
    """One vote: who could, who did, and what it came to. `too_few` hides everything but the winner.

    `plain`: one response each, phones alone; then the winner has more votes than any other, or the tie rule decided.

    `shown` are the responses that are broken down by role; `withheld` those too rare to be.
    """

    id: int
    number: int
    seats: Figure
    ballots: Figure
    winner: str | None
    winner_votes: Figure | None
    tied: tuple[str, ...]
    tie_rule: str
    too_few: bool
    plain: bool
    hands: tuple["HandsTold", ...]
    groups: tuple["GroupTold", ...]
    shown: tuple[str, ...]
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandsTold:
    """Votes for one response of people without a phone, by `means`: hands or paper."""

    means: str
    response: str
    votes: Figure


@dataclass(frozen=True, slots=True)
class GroupTold:
    """The protected votes of one role group; `cells` by response, in the order of `RoundTold.shown`."""

    key: str
    cells: tuple[Figure, ...]
    ballots: Figure


@dataclass(frozen=True, slots=True)
class ResponseTold:
    """One response: its votes in each round (None where too few voted), and the change from first to last."""

    key: str
    label: str
    leads_to: str
    as_it_happened: bool
    floor: bool
    votes: tuple[Figure | None, ...]
    shares: tuple[float | None, ...]
    change: Figure | None


@dataclass(frozen=True, slots=True)
class DecisionTold:
    """One question, asked in one way, in one performance. `taken` is empty where no round was followed.

    `reasons` are what people said, each with the response that they chose, or nothing.
    """

    key: str
    about: str
    kind: str
    channel: str
    question: str
    asks: str
    scene: str
    stage: str
    rounds: tuple[RoundTold, ...]
    responses: tuple[ResponseTold, ...]
    taken: str
    overruled: bool
    reason: str
    reasons: tuple[tuple[str, str], ...]

    @property
    def last(self) -> RoundTold:
        """Return the round that was held last."""
        return self.rounds[-1]

    def response(self, key: str | None) -> ResponseTold:
        """Return a response by its key."""
        return next(response for response in self.responses if response.key == key)


@dataclass(frozen=True, slots=True)
class PerformanceTold:
    """One scenario played in one section."""

    id: int
    scenario: str
    version: int
    title: str
    language: str
    section: int
    section_title: str
    decisions: tuple[DecisionTold, ...]


@dataclass(frozen=True, slots=True)
class SectionTold:
    """Who came into one section."""

    title: str
    seats: Figure
    practice_rounds: Figure


@dataclass(frozen=True, slots=True)
class Telling:
    """A whole pack, told. `decisions` counts one decision played twice in two performances as two."""

    performances: tuple[PerformanceTold, ...]
    sections: tuple[SectionTold, ...]
    seats: Figure
    decisions: Figure
    rounds: Figure
    ballots: Figure
    overruled: Figure
    floor: FloorTold

    def in_short(self, *, as_it_happened: bool) -> list[tuple[PerformanceTold, DecisionTold]]:
        """Return the decisions on which the room, asked last, would have done what happened; or something else.

        Only votes that could open scenes, and that somebody won.
        """
        return [
            (performance, decision)
            for performance in self.performances
            for decision in performance.decisions
            if decision.about == About.DECISION and decision.channel == Channel.ROOM
            if decision.last.winner is not None
            and decision.response(decision.last.winner).as_it_happened is as_it_happened
        ]


def tell(tables: Tables) -> Telling:
    """Return a pack's story. Rounds of one decision in one performance stand together."""
    reader = _Reader(tables)
    return Telling(
        performances=tuple(reader.performances()),
        sections=tuple(reader.sections()),
        seats=reader.total("attendance", "seats"),
        decisions=reader.different("rounds", "performance", "decision"),
        rounds=reader.different("rounds", "round"),
        ballots=reader.total("rounds", "ballots"),
        overruled=reader.total("rounds", "overruled"),
        floor=tell_floor(reader),
    )


class _Reader(FigureReader):
    """Tells what was voted on."""

    def sections(self) -> Iterator[SectionTold]:
        for row in self.tables["attendance"]:
            section = whole(row["section"])
            yield SectionTold(
                title=text(row["title"]),
                seats=self.count("attendance", "seats", section),
                practice_rounds=self.count("attendance", "practice_rounds", section),
            )

    def performances(self) -> Iterator[PerformanceTold]:
        for performance in dict.fromkeys(whole(row["performance"]) for row in self.tables["rounds"]):
            rounds = [row for row in self.tables["rounds"] if row["performance"] == performance]
            first = rounds[0]
            about = self.about(first)
            yield PerformanceTold(
                id=performance,
                scenario=text(first["scenario"]),
                version=whole(first["version"]),
                title=text(about["scenario_title"]),
                language=text(about["language"]),
                section=whole(first["section"]),
                section_title=text(self.rows["attendance"][first["section"],]["title"]),
                decisions=tuple(
                    self.decision([row for row in rounds if _asked(row) == asked])
                    for asked in dict.fromkeys(_asked(row) for row in rounds)
                ),
            )

    def about(self, round_: Row) -> Row:
        return self.rows["decisions"][round_["scenario"], round_["version"], round_["decision"]]

    def decision(self, rounds: Sequence[Row]) -> DecisionTold:
        first = rounds[0]
        about = self.about(first)
        told = tuple(self.round(row) for row in rounds)
        # Replayed, a decision may have been followed more than once: the last time is how it stands.
        followed = next((row for row in reversed(rounds) if row["taken"]), None)
        return DecisionTold(
            key=text(first["decision"]),
            about=text(first["about"]),
            kind=text(first["kind"]),
            channel=text(first["channel"]),
            question=text(about["question"]),
            asks=text(about["asks_name"]),
            scene=text(about["scene_title"]),
            stage=text(about["stage_title"]) or text(about["stage"]),
            rounds=told,
            responses=tuple(self.responses(first, told)),
            taken=text(followed["taken"]) if followed else "",
            overruled=bool(followed and followed["overruled"]),
            reason=text(followed["overrule_reason"]) if followed else "",
            reasons=tuple(
                (text(said["response"]), text(said["text"]))
                for said in self.tables["reasons"]
                if said["round"] in {round_.id for round_ in told}
            ),
        )

    def responses(self, decision: Row, rounds: Sequence[RoundTold]) -> Iterator[ResponseTold]:
        key = (decision["scenario"], decision["version"], decision["decision"])
        for row in self.tables["responses"]:
            if (row["scenario"], row["version"], row["decision"]) != key:
                continue
            # What another room added is another room's.
            if row["performance"] not in (0, decision["performance"]):
                continue
            response = text(row["response"])
            votes = tuple(self.votes(round_, response) for round_ in rounds)
            yield ResponseTold(
                key=response,
                label=text(row["label"]),
                leads_to=text(row["leads_to_title"]),
                as_it_happened=row["as_it_happened"] is True,
                floor=row["floor"] is True,
                votes=votes,
                shares=tuple(
                    _share(cell, round_.ballots) for cell, round_ in zip(votes, rounds, strict=True)
                ),
                change=_difference(votes[0], votes[-1]) if len(votes) > 1 else None,
            )

    def votes(self, round_: RoundTold, response: str) -> Figure | None:
        return self.cell("results", "votes", round_.id, response, self.channel(round_.id))

    def channel(self, round_: int) -> object:
        return self.rows["rounds"][round_,]["channel"]

    def round(self, row: Row) -> RoundTold:
        number = whole(row["round"])
        counted = [
            (text(result["response"]), whole(result["votes"]))
            for result in self.tables["results"]
            if result["round"] == number and result["channel"] == row["channel"]
        ]
        most = max((votes for _, votes in counted), default=0)
        leaders = tuple(response for response, votes in counted if votes == most)
        hands = tuple(self.hands(number))
        plain = row["kind"] == RoundKind.CHOOSE_ONE and not hands and row["about"] != About.PROPOSAL
        winner = text(row["winner"]) or None
        shown = tuple(
            dict.fromkeys(text(r["response"]) for r in self.tables["results_by_role"] if r["round"] == number)
        )
        return RoundTold(
            id=number,
            number=whole(row["number"]),
            seats=self.count("rounds", "seats", number),
            ballots=self.count("rounds", "ballots", number),
            winner=winner,
            winner_votes=self.cell("results", "votes", number, winner, row["channel"]),
            tied=leaders if plain and len(leaders) > 1 else (),
            tie_rule=text(row["tie_rule"]),
            too_few=not counted,
            plain=plain,
            hands=hands,
            groups=tuple(self.groups(number, shown)),
            shown=shown,
            withheld=tuple(key for key, votes in counted if votes and key not in shown) if shown else (),
        )

    def hands(self, round_: int) -> Iterator[HandsTold]:
        for row in self.tables["results"]:
            if row["round"] == round_ and row["channel"] in ("hands", "paper"):
                response, means = text(row["response"]), text(row["channel"])
                yield HandsTold(means, response, self.count("results", "votes", round_, response, means))

    def groups(self, round_: int, shown: Sequence[str]) -> Iterator[GroupTold]:
        for row in self.tables["role_ballots"]:
            if row["round"] == round_:
                group = text(row["role_group"])
                yield GroupTold(
                    key=group,
                    cells=tuple(self.count("results_by_role", "votes", round_, group, key) for key in shown),
                    ballots=self.count("role_ballots", "ballots", round_, group),
                )


def _asked(round_: Row) -> tuple[object, ...]:
    """Return what two rounds share that can be told together: the question, the way of asking, where it was asked."""
    return round_["decision"], round_["kind"], round_["channel"]


def _difference(before: Figure | None, after: Figure | None) -> Figure | None:
    if before is None or after is None or before.value is None or after.value is None:
        return None
    return Figure(after.value - before.value, f"{after.source} - {before.source}")


def _share(votes: Figure | None, ballots: Figure) -> float | None:
    if votes is None or votes.value is None or not ballots.value:
        return None
    return votes.value / ballots.value
