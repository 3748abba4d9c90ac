"""What a desk may do: each action names the cue that it expects, and the right that it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from live.messages.reading import (
    LONGEST_LABEL,
    Parsed,
    count,
    counts,
    day,
    flag,
    may,
    must,
    one_of,
    response_key,
    text_of,
    whole,
    word,
    words,
)
from live.rules import Right

LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAction(Parsed):
    """What every desk action carries: the cue that the desk was looking at when somebody pressed the button."""

    name: ClassVar[str]
    right: ClassVar[Right] = Right.RUN
    expects: int = must(whole)

    @property
    def rights(self) -> frozenset[Right]:
        """All the rights that this action takes, as it is asked."""
        return frozenset({self.right})


# --- the play -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPerformance(DeskAction):
    """`start_performance`: begin a waiting performance at its first scene."""

    name = "start_performance"
    performance_id: int = must(whole, "performance")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn(DeskAction):
    """`go_on`: open the next scene, where no decision must be made. After an improvised scene, `to` names it.

    `as_it_happened`: play a decision as it happened, without a vote: that is how the story is told the first time.
    """

    name = "go_on"
    to: str | None = may(word)
    as_it_happened: bool = may(flag, default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFrom(DeskAction):
    """`replay_from`: play again from a scene that was played; what was voted stays. `stops`: replay with Stop!."""

    name = "replay_from"
    scene: str = must(word)
    stops: bool = may(flag, default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPerformance(DeskAction):
    """`end_performance`: end the running performance."""

    name = "end_performance"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteImprovised(DeskAction):
    """`note_improvised`: keep what was played in an improvised scene."""

    name = "note_improvised"
    right = Right.NOTE
    text: str = must(text_of(LONGEST_NOTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDoor(DeskAction):
    """`set_door`: let phones in, or no more; `frozen`: nobody new for the moment, though the door is open."""

    name = "set_door"
    open: bool = must(flag)
    frozen: bool = may(flag, default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHeads(DeskAction):
    """`set_heads`: how many people were counted in the room."""

    name = "set_heads"
    right = Right.COUNT
    heads: int = must(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOnScreen(DeskAction):
    """`show_on_screen`: show the hall one of the things that are ready to be shown."""

    name = "show_on_screen"
    what: str = must(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(DeskAction):
    """`undo`: take back what a desk did last, within a minute, where nothing irrevocable came of it."""

    name = "undo"


# --- votes ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRound(DeskAction):
    """`open_round`: let the room vote, by default on the decision of the scene.

    `about`: `decision`, `believable` (the story), `scale` (a question of one's own, `question`, on 5 steps),
    `proposal` (then `proposal` and `passing_rule`).
    """

    name = "open_round"
    decision: str | None = may(word)
    kind: str = may(word, default="choose_one")
    practice: bool = may(flag, default=False)
    tie_rule: str | None = may(word)
    about: str = may(one_of("decision", "believable", "scale", "proposal"), default="decision")
    question: str | None = may(text_of(200))
    proposal_id: int | None = may(whole, name="proposal")
    passing_rule: str | None = may(one_of("majority", "two_thirds", "consent"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfRound(DeskAction):
    round_id: int = must(whole, "round")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRound(_OfRound):
    """`close_round`: end the vote; every acknowledged ballot is counted, every later one is told so."""

    name = "close_round"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterHandCount(_OfRound):
    """`enter_hand_count`: votes of people without a phone, by hands or on paper, until the result is shown."""

    name = "enter_hand_count"
    right = Right.COUNT
    votes: Mapping[str, int] = must(counts)
    means: str = may(one_of("hands", "paper"), default="hands")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal(_OfRound):
    """`reveal`: show the result to everybody at the same moment."""

    name = "reveal"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBranch(_OfRound):
    """`take_branch`: open the scene that the winning response leads to."""

    name = "take_branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrule(_OfRound):
    """`overrule`: open another response's scene, with a reason that everybody can read. The vote stays as it is."""

    name = "overrule"
    response: str = must(response_key)
    reason: str = must(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveQuestion(DeskAction):
    """`leave_question`: from a question that opens no scene, back to where the play stood."""

    name = "leave_question"


# --- what the room says ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideText(DeskAction):
    """`decide_text`: approve exactly these words of a phone (`digest` names them), or decline them."""

    name = "decide_text"
    right = Right.MODERATE
    text_id: int = must(whole)
    digest: str = must(text_of(64))
    verdict: str = must(one_of("approve", "decline"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFloorResponse(DeskAction):
    """`add_floor_response`: offer a response of the room in the next round of a decision.

    From words that were suggested (`text`), or typed (`label`); `merge_into` counts a suggestion towards one
    that is there; `leads_to` names a scene, else it is improvised.
    """

    name = "add_floor_response"
    decision: str | None = may(word)
    label: str | None = may(text_of(LONGEST_LABEL))
    role: str | None = may(word)
    text_id: int | None = may(whole)
    merge_into: str | None = may(response_key)
    leads_to: str | None = may(word)


# --- Stop! and interventions ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseStopForSomebody(DeskAction):
    """`raise_stop`: a Stop! called aloud, pinned by the desk for somebody without a phone."""

    name = "raise_stop"
    line: int | None = may(whole)
    role: str | None = may(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickStop(DeskAction):
    """`pick_stop`: ask the person behind a Stop! in."""

    name = "pick_stop"
    stop_id: int = must(whole, "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassStop(DeskAction):
    """`pass_stop`: let a Stop! go without an intervention; its person is told."""

    name = "pass_stop"
    stop_id: int = must(whole, "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordIntervention(DeskAction):
    """`record_intervention`: what was tried on the floor. With `intervention`, more of it, later."""

    name = "record_intervention"
    right = Right.NOTE
    intervention_id: int | None = may(whole, name="intervention")
    stop_id: int | None = may(whole, name="stop")
    part: str | None = may(word)
    role: str | None = may(word)
    tried: str | None = may(text_of(LONGEST_NOTE))
    others_did: str | None = may(text_of(LONGEST_NOTE))
    happened: str | None = may(text_of(LONGEST_NOTE))
    possible_here: str | None = may(one_of("yes", "no", "unsure"))
    would_have_to_change: str | None = may(text_of(LONGEST_NOTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWeighing(DeskAction):
    """`open_weighing`: ask the room whether this could happen here, or is magic."""

    name = "open_weighing"
    intervention_id: int = must(whole, "intervention")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWeighing(DeskAction):
    """`close_weighing`: end the asking and show what the room said."""

    name = "close_weighing"
    intervention_id: int = must(whole, "intervention")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMinute(DeskAction):
    """`answer_minute`: somebody has gone to the person who asked for a minute; the asking is erased."""

    name = "answer_minute"
    right = Right.NOTE
    minute_id: int = must(whole, "minute")


# --- after the play -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _FromOffered(DeskAction):
    """Who uses words that a phone offered shows them to the room: exactly those that were read, `digest`."""

    right = Right.NOTE
    text_id: int | None = may(whole)
    digest: str | None = may(text_of(64))

    @property
    def rights(self) -> frozenset[Right]:
        return frozenset({self.right} if self.text_id is None else {self.right, Right.MODERATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeProposal(_FromOffered):
    """`make_proposal`: words that the room can amend and vote on, grown from an intervention or from words offered."""

    name = "make_proposal"
    wording: str | None = may(words)
    intervention_id: int | None = may(whole, name="intervention")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAnswer(_FromOffered):
    """`note_answer`: what the room answered to one of the four public questions."""

    name = "note_answer"
    proposal_id: int = must(whole, "proposal")
    question: str = must(one_of("heard_before", "excites", "worries", "steps"))
    text: str = must(text_of(LONGEST_NOTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendProposal(_FromOffered):
    """`amend_proposal`: other words for a proposal; those before are kept beside them."""

    name = "amend_proposal"
    proposal_id: int = must(whole, "proposal")
    wording: str = must(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawProposal(DeskAction):
    """`withdraw_proposal`: nobody stands behind it any more; it stays in the record."""

    name = "withdraw_proposal"
    proposal_id: int = must(whole, "proposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCommitment(DeskAction):
    """`record_commitment`: what somebody promised, with owner and day; or what is not promised, and why.

    With `commitment`, it is put right before the section ends.
    """

    name = "record_commitment"
    right = Right.NOTE
    commitment_id: int | None = may(whole, name="commitment")
    promised: bool = must(flag)
    what: str = must(words)
    owner: str | None = may(word)
    due: date | None = may(day)
    why: str | None = may(words)
    proposal_id: int | None = may(whole, name="proposal")


DESK_ACTIONS: Final[tuple[type[DeskAction], ...]] = (
    StartPerformance,
    GoOn,
    ReplayFrom,
    EndPerformance,
    NoteImprovised,
    SetDoor,
    SetHeads,
    ShowOnScreen,
    Undo,
    OpenRound,
    CloseRound,
    EnterHandCount,
    Reveal,
    TakeBranch,
    Overrule,
    LeaveQuestion,
    DecideText,
    AddFloorResponse,
    RaiseStopForSomebody,
    PickStop,
    PassStop,
    RecordIntervention,
    OpenWeighing,
    CloseWeighing,
    AnswerMinute,
    MakeProposal,
    NoteAnswer,
    AmendProposal,
    WithdrawProposal,
    RecordCommitment,
)
