"""Accounts, their duties, and the codes they sign in with. Private to this package."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scenario_app.kernel.database import Base


class Account(Base):
    """Somebody who works here. Audiences and story writers have none.

    A co-writer who came by a link has no e-mail address, but six words to come back with.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    words_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    # Raised to end every sign-in of this account at once.
    epoch: Mapped[int] = mapped_column(default=1)
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]

    duties: Mapped[list["AccountDuty"]] = relationship(
        back_populates="account", cascade="all, delete-orphan", lazy="selectin"
    )


class AccountDuty(Base):
    """One thing that an account may do."""

    __tablename__ = "account_duty"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    duty: Mapped[str] = mapped_column(String(20), primary_key=True)

    account: Mapped[Account] = relationship(back_populates="duties")


class SignInCode(Base):
    """A six-digit code, kept as a hash, good once and for fifteen minutes."""

    __tablename__ = "sign_in_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
