"""Everything that is said on the sockets and the JSON API, in both directions. docs/PROTOCOL.md is tested against this.

To the server: imperative values with `parse(raw)`, which takes anything at all and raises `BadMessage`
rather than guess. From the server: whole values with `as_json()`, each with `"v": 1`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Final, Self

from scenario_app.kernel.errors import BadMessage

VERSION: Final = 1
_KEY = re.compile(r"[A-Za-z0-9_\-]{8,64}")
_LARGEST_ID: Final = 2**53  # what a JavaScript number holds exactly
_LONGEST_WORD: Final = 120
LONGEST_REASON: Final = 500


def _mapping(raw: object) -> Mapping[object, object]:
    if not isinstance(raw, Mapping):
        raise BadMessage(found=type(raw).__name__, expected="an object")
    return raw


def _whole(raw: Mapping[object, object], name: str) -> int:
    value = raw.get(name)
    # bool is an int in Python: true is not a number of anything.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LARGEST_ID:
        raise BadMessage(field=name, expected="a whole number from 1")
    return value


def _word(raw: Mapping[object, object], name: str, *, longest: int = _LONGEST_WORD) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise BadMessage(field=name, expected=f"1 to {longest} characters")
    # A lone surrogate or a NUL can be stored by no database.
    if "\0" in value or (not value.isascii() and any("\ud800" <= ch <= "\udfff" for ch in value)):
        raise BadMessage(field=name, expected="text")
    return value


def _optional_word(raw: Mapping[object, object], name: str) -> str | None:
    return None if raw.get(name) is None else _word(raw, name)


def _flag(raw: Mapping[object, object], name: str) -> bool:
    value = raw.get(name)
    if not isinstance(value, bool):
        raise BadMessage(field=name, expected="true or false")
    return value


# --- from a phone ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CastBallot:
    """`cast`: place or replace this seat's response in a round."""

    round_id: int
    response: str
    key: str
    rev: int

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"round", "response", "key", "rev"}`.

        >>> CastBallot.parse({"round": 7, "response": "a", "key": "tap-00001", "rev": 1})
        CastBallot(round_id=7, response='a', key='tap-00001', rev=1)
        >>> CastBallot.parse({"round": True, "response": "a", "key": "tap-00001", "rev": 1})
        Traceback (most recent call last):
        ...
        scenario_app.kernel.errors.BadMessage: ('bad_message', {'field': 'round', 'expected': 'a whole number from 1'})

        :raises BadMessage: any other shape
        """
        fields = _mapping(raw)
        key = _word(fields, "key", longest=64)
        if not _KEY.fullmatch(key):
            raise BadMessage(field="key", expected="8 to 64 letters, digits, - or _")
        rev = _whole(fields, "rev")
        if rev > 1_000_000:
            raise BadMessage(field="rev", expected="1, 2, 3 ...")
        return cls(
            round_id=_whole(fields, "round"), response=_word(fields, "response", longest=8), key=key, rev=rev
        )


# --- from a desk: each names the cue it expects ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskAction:
    """What every desk action carries: the cue that the desk was looking at when somebody pressed the button."""

    name: ClassVar[str]
    expects: int

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read the fields of this action.

        :raises BadMessage: any other shape
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class StartPerformance(DeskAction):
    """`start_performance`: begin a waiting performance at its first scene."""

    name = "start_performance"
    performance_id: int

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"performance", "expects"}`."""
        fields = _mapping(raw)
        return cls(expects=_whole(fields, "expects"), performance_id=_whole(fields, "performance"))


@dataclass(frozen=True, slots=True)
class GoOn(DeskAction):
    """`go_on`: open the next scene, where no decision must be made."""

    name = "go_on"

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"expects"}`."""
        return cls(expects=_whole(_mapping(raw), "expects"))


@dataclass(frozen=True, slots=True)
class OpenRound(DeskAction):
    """`open_round`: let the room vote, by default on the decision of the scene."""

    name = "open_round"
    decision: str | None
    kind: str
    practice: bool
    tie_rule: str | None

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"expects", "decision"?, "kind"?, "practice"?, "tie_rule"?}`."""
        fields = _mapping(raw)
        return cls(
            expects=_whole(fields, "expects"),
            decision=_optional_word(fields, "decision"),
            kind=_optional_word(fields, "kind") or "choose_one",
            practice=_flag(fields, "practice") if fields.get("practice") is not None else False,
            tie_rule=_optional_word(fields, "tie_rule"),
        )


@dataclass(frozen=True, slots=True)
class _OfRound(DeskAction):
    round_id: int

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"round", "expects"}`."""
        fields = _mapping(raw)
        return cls(expects=_whole(fields, "expects"), round_id=_whole(fields, "round"))


@dataclass(frozen=True, slots=True)
class CloseRound(_OfRound):
    """`close_round`: end the vote; every acknowledged ballot is counted, every later one is told so."""

    name = "close_round"


@dataclass(frozen=True, slots=True)
class Reveal(_OfRound):
    """`reveal`: show the result to everybody at the same moment."""

    name = "reveal"


@dataclass(frozen=True, slots=True)
class TakeBranch(_OfRound):
    """`take_branch`: open the scene that the winning response leads to."""

    name = "take_branch"


@dataclass(frozen=True, slots=True)
class Overrule(DeskAction):
    """`overrule`: open another response's scene, with a reason that everybody can read. The vote stays as it is."""

    name = "overrule"
    round_id: int
    response: str
    reason: str

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"round", "response", "reason", "expects"}`."""
        fields = _mapping(raw)
        return cls(
            expects=_whole(fields, "expects"),
            round_id=_whole(fields, "round"),
            response=_word(fields, "response", longest=8),
            reason=_word(fields, "reason", longest=LONGEST_REASON),
        )


@dataclass(frozen=True, slots=True)
class ReplayFrom(DeskAction):
    """`replay_from`: play again from a scene that was played; what was voted stays."""

    name = "replay_from"
    scene: str

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"scene", "expects"}`."""
        fields = _mapping(raw)
        return cls(expects=_whole(fields, "expects"), scene=_word(fields, "scene"))


@dataclass(frozen=True, slots=True)
class EndPerformance(GoOn):
    """`end_performance`: end the running performance."""

    name = "end_performance"


@dataclass(frozen=True, slots=True)
class SetDoor(DeskAction):
    """`set_door`: let phones in, or no more."""

    name = "set_door"
    open: bool

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"open", "expects"}`."""
        fields = _mapping(raw)
        return cls(expects=_whole(fields, "expects"), open=_flag(fields, "open"))


@dataclass(frozen=True, slots=True)
class ShowOnScreen(DeskAction):
    """`show_on_screen`: show the hall the result, the votes by role, or the path so far."""

    name = "show_on_screen"
    what: str

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"what": "result" | "roles" | "path", "expects"}`."""
        fields = _mapping(raw)
        return cls(expects=_whole(fields, "expects"), what=_word(fields, "what"))


DESK_ACTIONS: Final[tuple[type[DeskAction], ...]] = (
    StartPerformance,
    GoOn,
    OpenRound,
    CloseRound,
    Reveal,
    TakeBranch,
    Overrule,
    ReplayFrom,
    EndPerformance,
    SetDoor,
    ShowOnScreen,
)


# --- to everybody: the cue ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SectionCue:
    """The section that the cue belongs to."""

    code: str
    title: str
    event: str
    door: str


@dataclass(frozen=True, slots=True)
class ScenarioCue:
    """Which scenario version is played."""

    slug: str
    title: str
    version: int
    content_notes: str


@dataclass(frozen=True, slots=True)
class PerformanceCue:
    """The running (or last, or next) performance of the section."""

    id: int
    scenario: ScenarioCue
    state: str


@dataclass(frozen=True, slots=True)
class LineCue:
    """One numbered line of the scene. `who` is empty for a direction."""

    n: int
    kind: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class SceneCue:
    """The scene being played, rendered once when its version was saved."""

    key: str
    title: str
    kind: str
    html: str
    lines: Sequence[LineCue]


@dataclass(frozen=True, slots=True)
class ResponseCue:
    """One response that can be chosen."""

    key: str
    label: str
    helps: str
    costs: str
    floor: bool


@dataclass(frozen=True, slots=True)
class RoundCue:
    """The vote that the room is looking at. Its tie rule is named before anybody votes."""

    id: int
    decision: str
    question: str
    asks: str
    number: int
    kind: str
    state: str
    practice: bool
    tie_rule: str
    responses: Sequence[ResponseCue]


@dataclass(frozen=True, slots=True)
class ResultCue:
    """What a revealed round came to. `votes` is None below five ballots: then only the winner is shown."""

    round: int
    winner: str | None
    tie_rule: str
    tied: bool
    ballots: int
    seats: int
    votes: Mapping[str, int] | None
    hand_count: Mapping[str, int]
    by_role: Sequence[Mapping[str, object]]
    previous: Mapping[str, object] | None
    next_scene: str | None


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
class SeatWelcome:
    """`seat`, once, to a phone that connects: its role and the ballots that it has in this section."""

    role: str | None
    ballots: Mapping[int, Mapping[str, object]]

    def as_json(self) -> dict[str, object]:
        """Return the message as docs/PROTOCOL.md shows it."""
        return {
            "v": VERSION,
            "role": self.role,
            "ballots": {str(id_): dict(b) for id_, b in self.ballots.items()},
        }
