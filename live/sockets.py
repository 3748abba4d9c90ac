"""The three namespaces: a phone, a desk, a screen. Each has a level of trust of its own.

A phone cannot close a round: no such message exists where it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from live import messages
from live.acts import ACTS
from live.ballot_box import Counted
from live.broadcast import room_of
from live.budgets import VOTES_A_SECOND
from live.floor import DESK_TOKEN, DESK_TOKEN_SECONDS, Floor, may_desk
from live.hearing import HEARD
from live.messages import CastBallot, SeatWelcome
from live.queries import ballots_of, section_by_code, section_by_screen_key
from live.rules import Cast, Channel, NotAllowed, NotAMember
from live.talk.queries import SILENT, has_said_anything, talk_of_seat
from live.talk.said import reasons_of
from live.voting import SeatHolder, holder_of
from scenario_app.accounts.queries import account_by_id
from scenario_app.kernel.budget import Budget
from scenario_app.kernel.database import Database
from scenario_app.kernel.errors import BadMessage, DomainError
from scenario_app.kernel.realtime import (
    Ack,
    Answer,
    Connection,
    GuardedNamespace,
    accepted,
    refusal_of,
    refused,
    takes,
    takes_at_once,
)
from scenario_app.kernel.tokens import receipt_of, unsigned


@dataclass(slots=True)
class SeatMember:
    """A connected phone: its seat, and that seat's own budget of votes, at hand for every ballot."""

    seat_id: int
    section_id: int
    role: str | None
    votes: Budget


@dataclass(frozen=True, slots=True)
class DeskMember:
    """A connected desk."""

    account_id: int
    epoch: int
    section_id: int


@dataclass(frozen=True, slots=True)
class ScreenMember:
    """A connected screen."""

    section_id: int


class AudienceNamespace(GuardedNamespace[SeatMember]):
    """Phones. Who you are is the seat's secret; what you may say is `cast`."""

    def __init__(self, floor: Floor) -> None:
        super().__init__("/audience")
        self._floor = floor

    def admit(self, auth: object, environ: Mapping[str, object]) -> SeatMember:  # noqa: ARG002
        """Let a seat in.

        :raises NotAMember: no seat has this secret
        """
        secret = _word_of(auth, "seat")
        with self._floor.database.reading() as session:
            seat = holder_of(session, secret=secret, key=self._floor.config.secret_key)
        if seat.channel != Channel.ROOM:
            raise NotAMember  # who votes alone has no place in the room
        votes = self._floor.budgets.of(seat.seat_id).votes
        return SeatMember(seat.seat_id, seat.section_id, seat.role, votes)

    def rooms_of(self, member: SeatMember) -> Sequence[str]:
        """Put a phone in its section's room."""
        return [room_of(member.section_id)]

    def welcomed(self, connection: Connection[SeatMember]) -> None:
        """Send the seat its ballots, then the whole cue: joining, reconnecting and watching are the same."""
        seat = connection.member
        key = self._floor.config.secret_key
        with self._floor.database.reading() as session:
            ballots: dict[int, Mapping[str, object]] = {
                round_id: {
                    **ballot,
                    "receipt": receipt_of(round_id, seat.seat_id, int(str(ballot["rev"])), key=key),
                }
                for round_id, ballot in ballots_of(session, seat.seat_id).items()
            }
            talk, reasons = SILENT, {}
            if has_said_anything(session, seat_id=seat.seat_id, section_id=seat.section_id):
                talk = talk_of_seat(session, seat_id=seat.seat_id, section_id=seat.section_id)
                reasons = reasons_of(session, seat.seat_id)
        welcome = SeatWelcome(
            seat.role, ballots, stops=talk.as_said(), verdicts=talk.verdicts, reasons=reasons
        )
        self.send(connection, "seat", welcome.as_json())
        order = self._floor.announcer.stop_order(seat.section_id)
        if order is not None:
            self.send(connection, "stops", order)
        self.send(connection, "cue", self._floor.announcer.newest_sent(seat.section_id))

    @takes_at_once(CastBallot)
    def cast(self, connection: Connection[SeatMember], message: CastBallot, answer: Answer) -> None:
        """Hand a ballot to the box; it is answered when it is committed."""
        seat = connection.member
        if not seat.votes.spend():
            answer(refused("rate", retry_after_ms=int(1000 / VOTES_A_SECOND)))
            return
        ballot = Cast(
            seat_id=seat.seat_id,
            section_id=seat.section_id,
            round_id=message.round_id,
            response=message.response,
            key=message.key,
            rev=message.rev,
        )
        self._floor.box.submit(ballot, lambda outcome: answer(ack_of(outcome)))

    def hear(self, connection: Connection[SeatMember], message: messages.PhoneMessage) -> dict[str, object]:
        """Take what a phone says besides its ballots."""
        seat = connection.member
        holder = SeatHolder(seat.seat_id, seat.section_id, "", seat.role)
        return accepted(**self._floor.hear(seat=holder, message=message))


def _hearing(message: type[messages.PhoneMessage]) -> Callable[..., dict[str, object]]:
    def handler(
        self: AudienceNamespace, connection: Connection[SeatMember], heard: messages.PhoneMessage
    ) -> dict[str, object]:
        return self.hear(connection, heard)

    handler.__name__ = message.name
    handler.__doc__ = message.__doc__
    return takes(message)(handler)


for _said in HEARD:
    setattr(AudienceNamespace, _said.name, _hearing(_said))


def ack_of(outcome: Counted | DomainError) -> Ack:
    """Return what a phone is told of its ballot."""
    if isinstance(outcome, DomainError):
        return refusal_of(outcome)
    return accepted(receipt=outcome.receipt, rev=outcome.rev)


class DeskNamespace(GuardedNamespace[DeskMember]):
    """Desks: signed in, and facilitating this event."""

    def __init__(self, floor: Floor) -> None:
        super().__init__("/desk")
        self._floor = floor

    def admit(self, auth: object, environ: Mapping[str, object]) -> DeskMember:  # noqa: ARG002
        """Let a desk in by its signed token.

        :raises NotAllowed: token not ours, too old, of another section, or the account may not run this event
        """
        payload = unsigned(
            _word_of(auth, "token", longest=2000),
            key=self._floor.config.secret_key,
            purpose=DESK_TOKEN,
            max_age_seconds=DESK_TOKEN_SECONDS,
        )
        code = _word_of(auth, "section")
        if payload is None or payload.get("section") != code:
            raise NotAllowed
        return admitted_desk(self._floor.database, payload)

    def rooms_of(self, member: DeskMember) -> Sequence[str]:
        """Put a desk in its section's room."""
        return [room_of(member.section_id)]

    def welcomed(self, connection: Connection[DeskMember]) -> None:
        """Send the whole cue, then the counts."""
        section_id = connection.member.section_id
        self.send(connection, "cue", self._floor.announcer.newest_sent(section_id))
        self._floor.announcer.forget_count(section_id)

    def act(self, connection: Connection[DeskMember], action: messages.DeskAction) -> dict[str, object]:
        """Do one desk action through the ballot box's queue, so that it comes after every ballot before it."""
        desk = connection.member
        seq = self._floor.act(
            section_id=desk.section_id, action=action, account_id=desk.account_id, epoch=desk.epoch
        )
        return accepted(seq=seq)


def _taking(message: type[messages.DeskAction]) -> Callable[..., dict[str, object]]:
    def handler(
        self: DeskNamespace, connection: Connection[DeskMember], action: messages.DeskAction
    ) -> dict[str, object]:
        return self.act(connection, action)

    handler.__name__ = message.name
    handler.__doc__ = message.__doc__
    return takes(message)(handler)


_DESK_MESSAGES: tuple[type[messages.DeskAction], ...] = (*ACTS, messages.Undo)
for _message in _DESK_MESSAGES:
    setattr(DeskNamespace, _message.name, _taking(_message))


class ScreenNamespace(GuardedNamespace[ScreenMember]):
    """Screens: they only listen."""

    def __init__(self, floor: Floor) -> None:
        super().__init__("/screen")
        self._floor = floor

    def admit(self, auth: object, environ: Mapping[str, object]) -> ScreenMember:  # noqa: ARG002
        """Let a screen in by its key.

        :raises NotAllowed: no section has this key
        """
        with self._floor.database.reading() as session:
            section_id = section_by_screen_key(session, _word_of(auth, "key"))
        if section_id is None:
            raise NotAllowed
        return ScreenMember(section_id)

    def rooms_of(self, member: ScreenMember) -> Sequence[str]:
        """Put a screen in its section's room."""
        return [room_of(member.section_id)]

    def welcomed(self, connection: Connection[ScreenMember]) -> None:
        """Send the whole cue, then the counts."""
        section_id = connection.member.section_id
        self.send(connection, "cue", self._floor.announcer.newest_sent(section_id))
        self._floor.announcer.forget_count(section_id)


def admitted_desk(database: Database, payload: Mapping[str, object]) -> DeskMember:
    """Return the desk that a signed token stands for, as things are now.

    :raises NotAllowed: the account is gone, was signed out everywhere, or may not run this event
    """
    account_id, epoch, code = payload.get("account"), payload.get("epoch"), payload.get("section")
    if not isinstance(account_id, int) or not isinstance(epoch, int) or not isinstance(code, str):
        raise NotAllowed
    with database.reading() as session:
        account = account_by_id(session, account_id)
        section = section_by_code(session, code)
        if account is None or account.epoch != epoch or section is None:
            raise NotAllowed
        if not may_desk(session, account, section):
            raise NotAllowed
    return DeskMember(account_id, epoch, section.id)


def _word_of(auth: object, name: str, *, longest: int = 200) -> str:
    value = auth.get(name) if isinstance(auth, Mapping) else None
    if not isinstance(value, str) or not 1 <= len(value) <= longest or not value.isprintable():
        raise BadMessage(field=name)
    return value
