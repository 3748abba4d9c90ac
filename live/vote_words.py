"""What a vote says in its reader's language: the house's questions, how each kind is answered, what a ballot chose."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from flask_babel import gettext as _

from live.choices import RoundKind
from live.house import HOUSE
from live.rules import About
from live.words import group_labels, passing_rule_words, proposal_state_words, tie_rule_words

# The placeholders that a script fills in.
_SOME, _ALL, _LABEL = "#", "@", "$"
_NO_WORDS: Final = ""
_LETTER: Final = re.compile(r".|f\d+")


@dataclass(frozen=True, slots=True)
class HouseWords:
    """A question of the house's own. `asked` is how a cue words it."""

    asked: str
    question: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VoteWords:
    """What phone, screen and desk say of votes. By kind: `how` it is answered, `column`: what its figures are."""

    house: Mapping[str, HouseWords]
    how: Mapping[str, str]
    column: Mapping[str, str]
    chose: Mapping[str, str]
    passing: Mapping[str, str]
    outcome: Mapping[str, str]
    from_room: str
    nothing: str
    middle: str

    def as_json(self) -> dict[str, Any]:
        """Return plain values for a page's script."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Mine:
    """What a ballot says, in words. `letter` is empty where it names several, or none."""

    keys: Sequence[str]
    letter: str
    label: str


def vote_words() -> VoteWords:
    """Return what pages say of votes."""
    states = proposal_state_words()
    return VoteWords(
        house=house_words(),
        how={
            RoundKind.CHOOSE_ONE.value: _("Choose one."),
            RoundKind.APPROVE.value: _("Choose every response you could live with. None is an answer too."),
            RoundKind.SCALE.value: _("Choose one of five steps."),
            RoundKind.RANK.value: _("Put them in order: 1 is the one you like best. You may leave some out."),
        },
        column={
            RoundKind.CHOOSE_ONE.value: _("Votes"),
            RoundKind.APPROVE.value: _("Could live with it"),
            RoundKind.SCALE.value: _("People"),
            RoundKind.RANK.value: _("First choice"),
        },
        chose={
            RoundKind.CHOOSE_ONE.value: _(
                "%(votes)s of %(ballots)s chose it: %(label)s", votes=_SOME, ballots=_ALL, label=_LABEL
            ),
            RoundKind.APPROVE.value: _(
                "%(votes)s of %(ballots)s could live with it: %(label)s",
                votes=_SOME,
                ballots=_ALL,
                label=_LABEL,
            ),
            RoundKind.RANK.value: _(
                "%(votes)s of %(ballots)s in the last count: %(label)s",
                votes=_SOME,
                ballots=_ALL,
                label=_LABEL,
            ),
        },
        passing=passing_rule_words(),
        outcome={"yes": states["adopted"], "no": states["not_adopted"]},
        from_room=_("From the room"),
        nothing=_("None of them"),
        middle=_("In the middle: %(step)s", step=_SOME),
    )


def house_words() -> dict[str, HouseWords]:
    """Return the house's questions and answers in the reader's language."""
    words: Mapping[About, tuple[str, Sequence[str]]] = {
        About.PRACTICE: (
            _("What would you like in the interval?"),
            (_("Tea"), _("Coffee"), _("Water"), _("Nothing, thank you")),
        ),
        About.BELIEVABLE: (_("Is this story believable?"), (_("Yes"), _("Partly"), _("No"))),
        About.SCALE: (
            _("How safe would you feel?"),
            (_("Not at all"), _("A little"), _("Somewhat"), _("Quite"), _("Very")),
        ),
        About.PROPOSAL: (_NO_WORDS, (_("Yes"), _("No"), _("I would rather not say"))),
    }
    return {
        about.value: HouseWords(
            HOUSE[about].question, question, dict(zip(HOUSE[about].answers, answers, strict=True))
        )
        for about, (question, answers) in words.items()
    }


def in_own_words(cue: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cue with a question of the house's own in the reader's language; all else as it is."""
    round_ = cue["round"]
    if not round_ or round_["about"] == About.DECISION:
        return dict(cue)
    house = house_words()[round_["about"]]
    own = house.question if round_["question"] == house.asked else round_["question"]
    answers = [
        {**answer, "label": house.answers.get(answer["key"], answer["label"])}
        for answer in round_["responses"]
    ]
    return {**cue, "round": {**round_, "question": own, "responses": answers}}


def mine_of(round_: Mapping[str, Any], ballot: Mapping[str, Any]) -> Mine:
    """Return what a seat's own ballot says, in words."""
    labels = {answer["key"]: answer["label"] for answer in round_["responses"]}
    match ballot:
        case {"responses": []}:
            return Mine((), "", _("None of them"))
        case {"responses": list(keys)}:
            return Mine(keys, "", "; ".join(labels[key] for key in keys if key in labels))
        case {"ranking": list(keys)}:
            numbered = [f"{place}. {labels.get(key, '')}" for place, key in enumerate(keys, 1)]
            return Mine(keys, "", "  ".join(numbered))
        case {"scale": step}:
            return Mine((str(step),), str(step), labels.get(str(step), ""))
    key = str(ballot.get("response", ""))
    return Mine((key,), letter_of(key), labels.get(key, ""))


def letter_of(key: str) -> str:
    """Return what stands in a response's badge; nothing for an answer that is a word.

    >>> letter_of("a"), letter_of("f1"), letter_of("no")
    ('A', 'F1', '')
    """
    return key.upper() if _LETTER.fullmatch(key) else ""


def role_of(response: Mapping[str, Any]) -> str:
    """Return who suggested a response from the room, as the room is told."""
    by = group_labels().get(response["by"], "")
    return f"{_('From the room')}: {by}" if by else str(_("From the room"))


@dataclass(frozen=True, slots=True)
class RowTold:
    """One answer of a revealed vote as a page shows it; `share` of the ballots, 0 to 1."""

    letter: str
    label: str
    role: str
    votes: int
    before: int | None
    share: float
    won: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A revealed vote in words and rows: what the script of a page makes of the same cue (static/js/result.js)."""

    outcome: str = ""
    winner: str = ""
    middle: str = ""
    undecided: bool = False
    tied: bool = False
    column: str = ""
    rows: Sequence[RowTold] = ()
    counts: Sequence[Mapping[str, Any]] = ()
    hands: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def told_of(cue: Mapping[str, Any], words: VoteWords, mine: Mine | None = None) -> Told:
    """Return what a page tells of a revealed vote; nothing where none is."""
    round_, result = cue["round"], cue["result"]
    if not round_ or not result:
        return Told()
    labels = {answer["key"]: answer["label"] for answer in round_["responses"]}
    winner = result["winner"]
    is_proposal, is_scale = round_["about"] == About.PROPOSAL, round_["kind"] == RoundKind.SCALE
    chose = mine.keys if mine else ()
    middle = labels.get(str(result["median"]), "") if result["median"] else ""
    return Told(
        outcome=words.outcome.get(winner, "") if is_proposal and winner else "",
        winner=(letter_of(winner) or labels.get(winner, "")) if winner and not is_proposal else "",
        middle=words.middle.replace(_SOME, middle) if middle else "",
        undecided=winner is None and not is_scale,
        tied=bool(result["tied"]) and round_["about"] == About.DECISION,
        column=words.column[round_["kind"]],
        rows=_rows(round_, result, chose[:1] if round_["kind"] == RoundKind.RANK else chose)
        if result["votes"]
        else (),
        counts=result["counts"],
        hands=result["hand_means"],
    )


def _rows(round_: Mapping[str, Any], result: Mapping[str, Any], mine: Sequence[str]) -> list[RowTold]:
    before = (result["previous"] or {}).get("votes") or {}
    return [
        RowTold(
            letter=letter_of(answer["key"]),
            label=answer["label"],
            role=role_of(answer) if answer["floor"] else "",
            votes=result["votes"][answer["key"]],
            before=before.get(answer["key"]),
            share=result["votes"][answer["key"]] / result["ballots"] if result["ballots"] else 0,
            won=answer["key"] == result["winner"],
            mine=answer["key"] in mine,
        )
        for answer in round_["responses"]
    ]


def vote_rule(round_: Mapping[str, Any]) -> str:
    """Return the rule of a vote that is said before it opens: on a tie, or when a proposal passes."""
    if round_["about"] == About.PROPOSAL:
        return passing_rule_words().get(round_["passing_rule"], "")
    if round_["about"] == About.DECISION:
        return tie_rule_words()[round_["tie_rule"]]
    return ""
