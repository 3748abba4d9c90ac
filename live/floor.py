"""What every entry point of the live room stands on, sockets and pages alike; and the one desk call they share."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from live import messages
from live.ballot_box import BallotBox
from live.broadcast import Announcer
from live.performance import perform
from live.queries import SectionView, may_run
from live.rules import NotAllowed
from scenario_app.accounts.queries import SignedIn, account_by_id
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.budget import Budget
from scenario_app.kernel.clock import Clock
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.kernel.security import WrongCodes

JOINS_A_SECOND = 200.0


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

    @property
    def draining(self) -> bool:
        """Whether this process is leaving and takes nothing more."""
        return self.box.draining

    def may_join(self, section_id: int) -> bool:
        """Spend one join of a section: 200 a second, whatever address they come from. A hall is one address."""
        budget = self.joins.setdefault(section_id, Budget(JOINS_A_SECOND, JOINS_A_SECOND))
        return budget.spend()

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

        def job(session: Session) -> int:
            if epoch is not None:
                account = account_by_id(session, account_id)
                if account is None or account.epoch != epoch:
                    raise NotAllowed
            return perform(
                session,
                section_id=section_id,
                action=action,
                account_id=account_id,
                now=now,
                threshold=self.config.suppress_below,
            )

        seq: int = self.box.run(job)
        self.announcer.cue_changed(section_id)
        return seq


def floor() -> Floor:
    """Return the live room of the current application."""
    found: Floor = current_app.extensions["live"]
    return found


def may_desk(session: Session, account: SignedIn, section: SectionView) -> bool:
    """Say whether an account may sit at a section's desk: a facilitator of its event, or the owner."""
    if account.has(Duty.OWNER):
        return True
    return account.has(Duty.FACILITATOR) and may_run(
        session, event_id=section.event_id, account_id=account.id
    )
