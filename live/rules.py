"""What may happen in a performance, and to a ballot: values in, values or refusals out."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from live.choices import RoundKind, may_choose
from scenario_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from scenario_app.kernel.typed import one_line


class PerformanceState(StrEnum):
    """Where a performance stands. (`interventions` is entered by replaying with Stop!.)"""

    WAITING = "waiting"
    PLAYING = "playing"
    DECIDING = "deciding"
    CLOSED = "closed"
    REVEALED = "revealed"
    INTERVENTIONS = "interventions"
    ENDED = "ended"


class RoundState(StrEnum):
    """Where a round stands."""

    OPEN = "open"
    CLOSED = "closed"
    REVEALED = "revealed"


class About(StrEnum):
    """What a vote is about. Only a decision of the script opens a scene."""

    DECISION = "decision"
    PRACTICE = "practice"
    BELIEVABLE = "believable"
    SCALE = "scale"
    PROPOSAL = "proposal"


class PassingRule(StrEnum):
    """When a proposal is adopted. Named before the vote opens."""

    MAJORITY = "majority"
    TWO_THIRDS = "two_thirds"
    CONSENT = "consent"


class Shown(StrEnum):
    """What the projected page shows, when it is not the play itself."""

    RESULT = "result"
    ROLES = "roles"
    PATH = "path"
    REASONS = "reasons"
    INTERVENTION = "intervention"
    PROPOSALS = "proposals"
    COMMITMENTS = "commitments"
    BLANK = "blank"


class Channel(StrEnum):
    """Where ballots of a round came from. They are never added up across channels."""

    ROOM = "room"
    ONLINE_BEFORE = "online_before"
    ONLINE_AFTER = "online_after"


class Right(StrEnum):
    """What a facilitator may do at a desk. Whoever leads an event has them all."""

    RUN = "run"
    NOTE = "note"
    COUNT = "count"
    MODERATE = "moderate"


class Role(StrEnum):
    """How a seat may describe itself. Words for them are in live/templates and docs/GLOSSARY.md."""

    SERVICE_USER = "service_user"
    CARER = "carer"
    EMERGENCY_CALLS = "emergency_calls"
    MENTAL_HEALTH_STAFF = "mental_health_staff"
    POLICE = "police"
    PRIMARY_CARE = "primary_care"
    COMMISSIONER = "commissioner"
    NEIGHBOUR = "neighbour"


class NoSuchDoor(NotFound):
    """No section has this door code."""

    code = "no_such_door"


class DoorClosed(Conflict):
    """The section exists; its door is not open."""

    code = "door_closed"


class DoorFrozen(Conflict):
    """The door is open, but nobody new comes in for the moment; who has a seat comes back."""

    code = "door_frozen"


class SectionFull(Conflict):
    """The section has as many seats as the facilitator allows."""

    code = "section_full"


class UnknownRound(NotFound):
    """No round has this number."""

    code = "unknown_round"


class RoundClosed(Conflict):
    """The round had closed before this ballot reached it."""

    code = "round_closed"


class UnknownResponse(Invalid):
    """The round does not offer this response."""

    code = "unknown_response"


class UnknownRole(Invalid):
    """No role has this name."""

    code = "unknown_role"


class NotAMember(Forbidden):
    """The seat belongs to another section than the round."""

    code = "not_a_member"


class KeyReused(Conflict):
    """This key was used for something else."""

    code = "key_reused"


class Superseded(Conflict):
    """A ballot with this or a higher `rev` is already there."""

    code = "superseded"


class StaleCue(Conflict):
    """Another desk acted first: what was expected is no longer what is."""

    code = "stale_cue"


class NotAllowed(Forbidden):
    """The rules do not let this happen now, or not by this caller."""

    code = "not_allowed"


def role_from(name: str | None) -> Role | None:
    """Return a role by its name; None and an empty name mean that somebody would rather not say.

    >>> role_from("carer"), role_from(""), role_from(None)
    (<Role.CARER: 'carer'>, None, None)

    :raises UnknownRole: anything else
    """
    if not name:
        return None
    try:
        return Role(name)
    except ValueError:
        raise UnknownRole(found=name[:40], expected=", ".join(Role)) from None


def digest_of(words: str) -> str:
    """Return 32 hexadecimal digits that stand for exactly these words: who approves them approves no others.

    >>> digest_of("A quiet room") == digest_of("A quiet room ")
    False
    """
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]


# --- ballots --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cast:
    """What a phone asks for: this response in this round. `key` is one tap, `rev` counts changes of mind."""

    seat_id: int
    section_id: int
    round_id: int
    response: str
    key: str
    rev: int
    channel: str = Channel.ROOM

    @property
    def content_hash(self) -> bytes:
        """Return 16 bytes that stand for round, response and rev; they tell a reused key from a repeated one."""
        words = f"{self.round_id}\0{self.response}\0{self.rev}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(
            words, key=self.key.encode("utf-8", "surrogatepass")[:64], digest_size=16
        ).digest()


@dataclass(frozen=True, slots=True)
class RoundNow:
    """A round as the ballot box sees it when it takes a ballot."""

    id: int
    section_id: int
    responses: Sequence[str]
    open: bool
    kind: str = RoundKind.CHOOSE_ONE
    channel: str = Channel.ROOM


def check_cast(
    cast: Cast, *, current: RoundNow | None, rev_there: int | None, key_there: bytes | None
) -> bool:
    """Say whether this cast must be written (True) or was written before (False).

    `rev_there` is the rev of the seat's ballot in this round, `key_there` the content hash kept under its key.

    >>> at = RoundNow(id=1, section_id=1, responses=["a", "b"], open=True)
    >>> first = Cast(seat_id=5, section_id=1, round_id=1, response="a", key="k" * 8, rev=1)
    >>> check_cast(first, current=at, rev_there=None, key_there=None)
    True
    >>> check_cast(first, current=at, rev_there=1, key_there=first.content_hash)
    False

    The same key again gets the same answer even after the round closed: the phone only missed the first one.

    :raises UnknownRound, NotAMember, KeyReused, RoundClosed, UnknownResponse, Superseded: in that order
    """
    if current is None:
        raise UnknownRound
    if cast.section_id != current.section_id or cast.channel != current.channel:
        raise NotAMember
    if key_there is not None:
        if key_there != cast.content_hash:
            raise KeyReused
        return False
    if not current.open:
        raise RoundClosed
    if not may_choose(cast.response, current.kind, current.responses):
        raise UnknownResponse
    if rev_there is not None and cast.rev <= rev_there:
        raise Superseded
    return True


# --- the performance ------------------------------------------------------------------------------------

_MAY_OPEN = {
    PerformanceState.PLAYING,
    PerformanceState.INTERVENTIONS,
    PerformanceState.CLOSED,
    PerformanceState.REVEALED,
}
_RESTING = {PerformanceState.WAITING, PerformanceState.ENDED}
_BRANCH = {PerformanceState.CLOSED, PerformanceState.REVEALED}
_STARTED = set(PerformanceState) - {PerformanceState.WAITING, PerformanceState.DECIDING}


def check_start(state: str, *, begun: bool, another_running: bool) -> None:
    """Refuse to start a performance twice, during a practice vote, or while another one is running.

    >>> check_start("revealed", begun=False, another_running=False)  # a practice vote came before the play
    """
    ready = state in (PerformanceState.WAITING, PerformanceState.CLOSED, PerformanceState.REVEALED)
    if begun or not ready or another_running:
        raise NotAllowed(state=state)


def check_go_on(state: str, *, must_decide: bool, ending: bool) -> None:
    """Refuse to go on where a decision must be made, at an ending, or while a vote is being held."""
    may = (PerformanceState.PLAYING, PerformanceState.INTERVENTIONS, PerformanceState.REVEALED)
    if state not in may or must_decide or ending:
        raise NotAllowed(state=state)


def check_open_round(state: str, *, beside: bool = False) -> None:
    """Refuse a vote during another one; and one on a decision before the play and after its end.

    `beside`: a question that opens no scene, which can be asked before the play and after it too.

    >>> check_open_round("ended", beside=True)
    """
    if state not in _MAY_OPEN and not (beside and state in _RESTING):
        raise NotAllowed(state=state)


def check_leave(state: str, *, about: str) -> None:
    """Refuse to leave a vote that is still open, or one on a decision: that opens a scene."""
    if state not in (PerformanceState.CLOSED, PerformanceState.REVEALED) or about == About.DECISION:
        raise NotAllowed(state=state)


def check_hand_count(
    kind: str, state: str, *, looked_at: bool, votes: Mapping[str, int], responses: Sequence[str]
) -> None:
    """Refuse hands but while the room looks at the vote, for an order of preference, and for what was not offered.

    >>> check_hand_count("approve", "closed", looked_at=True, votes={"a": 3}, responses=["a", "b"])

    :raises UnknownResponse: the round does not offer one of the responses
    """
    if state not in (PerformanceState.DECIDING, PerformanceState.CLOSED) or not looked_at:
        raise NotAllowed(state=state)
    if kind == RoundKind.RANK:
        raise NotAllowed(state="no_hands_for_an_order")
    if not set(votes) <= set(responses):
        raise UnknownResponse


def passes(rule: str, *, yes: int, no: int) -> bool:
    """Say whether a proposal is adopted. Who abstains counts for neither side.

    >>> passes("majority", yes=5, no=5), passes("two_thirds", yes=4, no=2), passes("two_thirds", yes=0, no=0)
    (False, True, False)
    >>> passes("consent", yes=1, no=0), passes("consent", yes=90, no=1)
    (True, False)
    """
    match PassingRule(rule):
        case PassingRule.MAJORITY:
            return yes > no
        case PassingRule.TWO_THIRDS:
            return yes > 0 and 3 * yes >= 2 * (yes + no)
        case PassingRule.CONSENT:
            return yes > 0 and no == 0


def may_break_down(*, about: str, kind: str, practice: bool) -> bool:
    """Say whether votes by role of such a round may be shown, protected: of one response each, on a decision."""
    return about == About.DECISION and kind == RoundKind.CHOOSE_ONE and not practice


def check_close_round(state: str, *, open_round: int | None, round_id: int) -> None:
    """Refuse to close a round that is not the open one.

    :raises RoundClosed: it was open once
    :raises UnknownRound: it is not of this performance
    """
    if state != PerformanceState.DECIDING or open_round != round_id:
        raise RoundClosed


def check_reveal(state: str, *, current_round: int | None, round_id: int) -> None:
    """Refuse to reveal what is not closed, or not what the room is looking at."""
    if state != PerformanceState.CLOSED or current_round != round_id:
        raise NotAllowed(state=state)


def check_branch(state: str, *, current_round: int | None, round_id: int, practice: bool, here: bool) -> None:
    """Refuse to branch before the vote has closed, on a practice round, or on a decision of another scene."""
    if state not in _BRANCH or current_round != round_id or practice or not here:
        raise NotAllowed(state=state)


def check_replay(state: str, *, scene_was_played: bool) -> None:
    """Refuse to replay before the start, during a vote, or from a scene that was not played."""
    if state not in _STARTED or not scene_was_played:
        raise NotAllowed(state=state)


def check_end(state: str) -> None:
    """Refuse to end what has not begun, what has ended, or what is being voted on."""
    if state not in _STARTED or state == PerformanceState.ENDED:
        raise NotAllowed(state=state)


def check_reason(reason: str) -> str:
    """Return a reason for overruling, trimmed: it is shown to the room and kept in the evidence.

    :raises Invalid: empty, or over 500 characters
    """
    clean = one_line(reason)
    if not 1 <= len(clean) <= 500:
        raise Invalid(found=f"{len(clean)} characters", expected="a reason of 1 to 500 characters")
    return clean
