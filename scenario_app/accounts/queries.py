"""Who works here, as frozen values."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from scenario_app.accounts.models import Account, AccountDuty
from scenario_app.accounts.rules import Duty


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account as the rest of the house sees it. `email` is empty for a co-writer who came by a link."""

    id: int
    email: str
    name: str
    epoch: int
    duties: frozenset[Duty]

    def has(self, *duties: Duty) -> bool:
        """Say whether this account has one of the duties."""
        return not self.duties.isdisjoint(duties)


def signed_in(account: Account) -> SignedIn:
    """Return the frozen value of a row."""
    return SignedIn(
        id=account.id,
        email=account.email or "",
        name=account.name,
        epoch=account.epoch,
        duties=frozenset(Duty(row.duty) for row in account.duties),
    )


def account_by_id(session: Session, account_id: int) -> SignedIn | None:
    """Return an account, or None."""
    row = session.get(Account, account_id)
    return signed_in(row) if row else None


def account_by_email(session: Session, email: str) -> SignedIn | None:
    """Return the account with an e-mail address (any case), or None."""
    row = session.scalars(select(Account).where(Account.email == email.strip().lower())).first()
    return signed_in(row) if row else None


def names_of(session: Session, account_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of accounts by id."""
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(set(account_ids))))
    return {row.id: row.name for row in rows}


def people_with(session: Session, *duties: Duty) -> list[SignedIn]:
    """Return the accounts that have one of these duties, by name."""
    having = select(AccountDuty.account_id).where(AccountDuty.duty.in_([duty.value for duty in duties]))
    rows = session.scalars(select(Account).where(Account.id.in_(having)).order_by(Account.name, Account.id))
    return [signed_in(row) for row in rows]
