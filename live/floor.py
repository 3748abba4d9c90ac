"""What every entry point of the live room stands on, sockets and pages alike; and the one desk call they share."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from flask import current_app, request
from sqlalchemy.orm import Session

from live import messages
from live.acts import perform
from live.alone import prepare_ballot
from live.ballot_box import BallotBox, write_ballots
from live.broadcast import Announcer
from live.budgets import Budgets
from live.hearing import hear
from live.preparing.readiness import Surroundings
from live.queries import (
    EventView,
    SectionView,
    event_by_slug,
    leads,
    may_run,
    rights_of,
    section_by_code,
    section_by_id,
)
from live.rules import Cast, Channel, NoSuchDoor, NotAllowed, Right
from live.talk.caring import who_is_there
from live.voting import NotASeat, SeatHolder, holder_of, raise_peak
from scenario_app.accounts.access import require_account
from scenario_app.accounts.queries import SignedIn, account_by_id
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.budget import Budget
from scenario_app.kernel.clock import Clock
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.kernel.errors import DomainError, NotFound
from scenario_app.kernel.security import WrongCodes
from scenario_app.kernel.tokens import clean_door_code

log = logging.getLogger(__name__)
JOINS_A_SECOND = 200.0
DESK_TOKEN = "desk"  # noqa: S105 - what a token is for, not a token
DESK_TOKEN_SECONDS = 8 * 3600


# Votes that are cast alone: a whole town may, in an hour, and nobody's script may fill the hall's database.
ALONE_A_SECOND = 20


class TooManyJoins(DomainError):
    """More people than a door can take in one second; try again in a moment."""

    code = "rate"
    status = 429


@dataclass(slots=True)
class Floor:
    """The live room of one process."""

    database: Database
    config: Config
    clock: Clock
    box: BallotBox
    announcer: Announcer
    wrong_codes: WrongCodes
    joins: dict[int, Budget] = field(default_factory=dict)
    alone: dict[int, Budget] = field(default_factory=dict)
    budgets: Budgets = field(default_factory=Budgets)

    @property
    def draining(self) -> bool:
        """Whether this process is leaving and takes nothing more."""
        return self.box.draining

    def leave(self, seconds: float) -> None:
        """Take no more ballots, write and answer those that wait, stop announcing."""
        self.box.drain(seconds)
        self.announcer.stop()

    def count_join(self, section_id: int) -> None:
        """Spend one join of a section: 200 a second, whatever address they come from. A hall is one address.

        :raises TooManyJoins: they are spent
        """
        budget = self.joins.setdefault(section_id, Budget(JOINS_A_SECOND, JOINS_A_SECOND))
        if not budget.spend():
            raise TooManyJoins

    def surroundings(self) -> Surroundings:
        """Return what this house knows of itself: room on its disk, and whom to ring where it stands."""
        # The numbers that pages say without HELP_LINES are those of Great Britain.
        local_numbers = bool(self.config.help_lines) or self.config.time_zone == "Europe/London"
        return Surroundings(shutil.disk_usage(self.config.data_dir).free, help_numbers=local_numbers)

    def act(
        self, *, section_id: int, action: messages.DeskAction, account_id: int, epoch: int | None = None
    ) -> int:
        """Do one desk action, tell everybody, and return the number of the new cue.

        Sockets and plain forms both call this. It goes through the ballot box's queue: every ballot
        acknowledged before it is counted, every later one refused. With `epoch`, an account that was signed
        out everywhere since is refused.

        :raises DomainError: the refusal; nothing was changed
        """
        now: datetime = self.clock()
        around = self.surroundings()

        def job(session: Session) -> int:
            account = account_by_id(session, account_id)
            if account is None or (epoch is not None and account.epoch != epoch):
                raise NotAllowed
            section = section_by_id(session, section_id)
            held = desk_rights(session, account, section) if section is not None else frozenset()
            if not action.rights <= held:
                raise NotAllowed
            return perform(
                session,
                section_id=section_id,
                action=action,
                account_id=account_id,
                now=now,
                threshold=self.config.suppress_below,
                around=around,
                held=held,
            )

        seq: int = self.box.run(job)
        if isinstance(action, messages.AnswerMinute):
            # Desks alone look again; and what was asked leaves the files now, not when a page is written next.
            self.announcer.talk_changed(section_id)
            if self.database.on_sqlite:
                self.database.forget_deleted()
            return seq
        self.announcer.cue_changed(section_id)
        return seq

    def cast_alone(self, *, performance_id: int, decision: str, response: str, secret: str, key: str) -> str:
        """Count a ballot that is cast alone, online, and return the secret of its seat (new with the first one).

        :raises TooManyJoins: twenty a second are counted on one play; the door has a budget of its own
        :raises DomainError: another refusal; nothing was changed
        """
        if not self.alone.setdefault(performance_id, Budget(ALONE_A_SECOND, ALONE_A_SECOND)).spend():
            raise TooManyJoins
        now = self.clock()

        def job(session: Session) -> str:
            ballot = prepare_ballot(
                session,
                performance_id=performance_id,
                decision=decision,
                secret=secret,
                key=self.config.secret_key,
                now=now,
            )
            cast = Cast(
                seat_id=ballot.seat_id,
                section_id=ballot.section_id,
                round_id=ballot.round_id,
                response=response,
                key=key,
                rev=ballot.rev,
                channel=ballot.channel,
            )
            (outcome,) = write_ballots(session, [cast], key=self.config.secret_key)
            if isinstance(outcome, DomainError):
                raise outcome
            return ballot.secret

        kept: str = self.box.run(job)
        return kept

    def keep_peak(self, section_id: int, connected: int) -> None:
        """Keep the most phones that this process ever had connected in a section: one row, in the writer's turn."""
        try:
            self.box.run(lambda session: raise_peak(session, section_id=section_id, connected=connected))
        except DomainError:
            # Nobody waits for this: it is said again with the next phone that comes.
            log.info("the number of connected phones was not kept")

    def hear(self, *, seat: SeatHolder, message: messages.PhoneMessage) -> Mapping[str, object]:
        """Take what a phone says and return what its answer holds; desks hear that there is something.

        Words, taps and calls for a minute each have a budget of their own. Who needs a minute is never refused for
        it: they are told who is there for them, and desks have been told often enough.

        :raises TooFast: this seat has spent its budget
        :raises DomainError: another refusal; nothing was changed
        """
        left = self.budgets.of(seat.seat_id)
        if isinstance(message, messages.NeedMinute):
            if not left.spend_minute():
                with self.database.reading() as session:
                    return who_is_there(session, section_id=seat.section_id, key=message.key)
        elif isinstance(message, messages.WORDED):
            left.spend_words()
        else:
            left.spend_vote()
        now = self.clock()
        answer: Mapping[str, object] = self.box.run(
            lambda session: hear(session, seat=seat, message=message, now=now)
        )
        self.announcer.talk_changed(seat.section_id)
        if isinstance(message, messages.MinuteOver) and self.database.on_sqlite:
            self.database.forget_deleted()  # it leaves the files now, not when a page is written next
        return answer


def floor() -> Floor:
    """Return the live room of the current application."""
    found: Floor = current_app.extensions["live"]
    return found


def section_at(code: str) -> SectionView:
    """Return the section of a door code as somebody typed it, or as a link has it.

    A wrong code is counted against the address that it came from; a right one is never refused.

    :raises NoSuchDoor: no section has this code
    :raises TooManyTries: nor had the twenty before it, within a minute
    """
    here = floor()
    with here.database.reading() as session:
        section = section_by_code(session, clean_door_code(code))
    if section is None:
        address = request.remote_addr or "unknown"
        here.wrong_codes.check("door", address)
        here.wrong_codes.was_wrong("door", address)
        raise NoSuchDoor
    return section


def seat_cookie(code: str) -> str:
    """Return the name of the cookie that holds a phone's seat in a section."""
    return f"seat-{code}"


def holder_at(section: SectionView) -> SeatHolder | None:
    """Return the seat that this browser has in a section, or None."""
    secret = request.cookies.get(seat_cookie(section.code), "")
    if not secret:
        return None
    here = floor()
    with here.database.reading() as session:
        try:
            seat = holder_of(session, secret=secret[:200], key=here.config.secret_key)
        except NotASeat:
            return None
    # Who votes alone, online, has a seat of another kind: it is none in the room.
    return seat if seat.section_id == section.id and seat.channel == Channel.ROOM else None


def seated(section: SectionView) -> SeatHolder:
    """Return the seat that this browser has in a section.

    :raises NotASeat: none
    """
    seat = holder_at(section)
    if seat is None:
        raise NotASeat
    return seat


def desk_rights(session: Session, account: SignedIn, section: SectionView) -> frozenset[Right]:
    """Return what an account may do at a section's desk: all of it for the owner and for who leads the event."""
    if account.has(Duty.OWNER):
        return frozenset(Right)
    if not account.has(Duty.FACILITATOR):
        return frozenset()
    return rights_of(session, event_id=section.event_id, account_id=account.id)


def may_desk(session: Session, account: SignedIn, section: SectionView) -> bool:
    """Say whether an account may sit at a section's desk, with whatever right."""
    return bool(desk_rights(session, account, section))


def section_to_run(code: str) -> SectionView:
    """Return the section of a door code, for whoever is signed in and may sit at its desk.

    :raises NotAllowed: they may not
    """
    found = section_at(code)
    with floor().database.reading() as session:
        if not may_desk(session, require_account(), found):
            raise NotAllowed
    return found


def event_to_lead(slug: str) -> EventView:
    """Return an event, or a rehearsal, for whoever is signed in and leads it.

    :raises NotFound: there is none of this name
    :raises NotAllowed: they do not lead it
    """
    return _event_for(slug, leads)


def event_at_desk(slug: str) -> EventView:
    """Return an event, or a rehearsal, for whoever is signed in and sits at its desks.

    :raises NotFound: there is none of this name
    :raises NotAllowed: they do not sit there
    """
    return _event_for(slug, may_run)


def _event_for(slug: str, may: "EventRight") -> EventView:
    account = require_account()
    with floor().database.reading() as session:
        found = event_by_slug(session, slug, rehearsals=True)
        if found is None:
            raise NotFound
        if not account.has(Duty.OWNER) and not may(session, event_id=found.id, account_id=account.id):
            raise NotAllowed
    return found


class EventRight(Protocol):
    """Says whether an account may do something at an event."""

    def __call__(self, session: Session, *, event_id: int, account_id: int) -> bool:
        """Return whether it may."""


def public_address(path: str) -> str:
    """Return the whole address of a path as other people reach it: PUBLIC_URL, else this request's host."""
    return (floor().config.public_url or request.host_url.rstrip("/")) + path
