"""Add an account, issue a code to sign in with, sign in."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from scenario_app.accounts.models import Account, AccountDuty, SignInCode
from scenario_app.accounts.queries import SignedIn, signed_in
from scenario_app.accounts.rules import CODE_LIFE, FAILURES_WINDOW, MOST_CODES, Duty, may_try
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from scenario_app.kernel.tokens import hashed, new_sign_in_code, same

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


class NotAnEmail(Invalid):
    """This is no e-mail address."""

    code = "not_an_email"


class EmailTaken(Conflict):
    """Another account has this e-mail address."""

    code = "email_taken"


class NoName(Invalid):
    """The others on a script must see who wrote what: a name, any name."""

    code = "no_name"


class NoSuchAccount(DomainError):
    """No account has this e-mail address."""

    code = "no_such_account"
    status = 404


class BadCode(Forbidden):
    """The e-mail address and code do not belong together, or the code has been used or has run out."""

    code = "bad_code"


def add_account(
    session: Session, *, email: str, name: str, duties: Iterable[Duty], now: datetime
) -> SignedIn:
    """Add somebody who works here.

    :raises NotAnEmail: no @ in it, or spaces
    :raises EmailTaken: there is one already
    """
    clean = email.strip().lower()
    if not _EMAIL.fullmatch(clean):
        raise NotAnEmail(expected="an address like fay@eastmere.example")
    if session.scalars(select(Account.id).where(Account.email == clean)).first():
        raise EmailTaken
    account = Account(email=clean, name=name.strip()[:120], created_at=now, epoch=1, failures=0)
    account.duties = [AccountDuty(duty=duty.value) for duty in sorted(set(duties))]
    session.add(account)
    session.flush()
    audit.record(
        session,
        chain=audit.SITE,
        action="account_added",
        subject=f"account:{account.id}",
        account_id=None,
        now=now,
        details={"duties": sorted(duty.value for duty in duties)},
    )
    return signed_in(account)


def add_guest(
    session: Session, *, name: str, duties: Iterable[Duty], words: str, now: datetime, key: str
) -> SignedIn:
    """Add somebody who has no e-mail address here and comes back with a code of words, already made.

    :raises NoName: an empty name
    """
    if not name.strip():
        raise NoName
    account = Account(
        name=name.strip()[:120], words_hash=hashed(words, key=key), created_at=now, epoch=1, failures=0
    )
    account.duties = [AccountDuty(duty=duty.value) for duty in sorted(set(duties))]
    session.add(account)
    session.flush()
    audit.record(
        session,
        chain=audit.SITE,
        action="guest_added",
        subject=f"account:{account.id}",
        account_id=None,
        now=now,
        details={"duties": sorted(duty.value for duty in duties)},
    )
    return signed_in(account)


def sign_in_with_words(session: Session, *, words: str, key: str) -> SignedIn | None:
    """Return the account of a code of words, already cleaned; None when there is none.

    Sixty random bits need no count of failures per account; who tries many is slowed down by the entry point.
    """
    account = session.scalars(select(Account).where(Account.words_hash == hashed(words, key=key))).first()
    return signed_in(account) if account else None


def issue_code(session: Session, *, email: str, now: datetime, key: str) -> str:
    """Return a new six-digit code for an account, good once and for fifteen minutes.

    Earlier unused codes stay good until they run out, the newest twenty of them: two people may have asked,
    but each code that is good makes guessing easier.

    :raises NoSuchAccount: nobody has this address (say so only at a command line, never on a page)
    """
    account = _account(session, email)
    if account is None:
        raise NoSuchAccount
    still_good = (
        select(SignInCode.id)
        .where(SignInCode.account_id == account.id, SignInCode.used_at.is_(None), SignInCode.expires_at > now)
        .order_by(SignInCode.id.desc())
        .limit(MOST_CODES - 1)
    )
    session.execute(
        delete(SignInCode).where(SignInCode.account_id == account.id, SignInCode.id.not_in(still_good)),
        execution_options={"synchronize_session": False},
    )
    code = new_sign_in_code()
    session.add(
        SignInCode(account_id=account.id, code_hash=hashed(code, key=key), expires_at=now + CODE_LIFE)
    )
    return code


def sign_in(session: Session, *, email: str, code: str, now: datetime, key: str) -> SignedIn | None:
    """Use a code up and return its account; return None when it is wrong, and count that.

    None and not a refusal: the count of failures must be committed. None also for a right code after five
    wrong ones in fifteen minutes: another answer would tell strangers which addresses have an account.
    """
    account = _account(session, email)
    if account is None:
        return None
    if not may_try(account.failures, account.failing_since, now):
        return None
    wanted = hashed("".join(ch for ch in code if ch.isdigit()), key=key)
    live = session.scalars(
        select(SignInCode)
        .where(
            SignInCode.account_id == account.id,
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > now,
        )
        .with_for_update()
    )
    for candidate in live:
        if same(candidate.code_hash, wanted):
            candidate.used_at = now
            account.failures, account.failing_since = 0, None
            return signed_in(account)
    if account.failing_since is None or now - account.failing_since > FAILURES_WINDOW:
        account.failures, account.failing_since = 0, now
    account.failures += 1
    return None


def end_every_sign_in(session: Session, *, account_id: int, now: datetime) -> None:
    """Sign an account out everywhere, desks and sockets included (they look at its epoch)."""
    session.execute(update(Account).where(Account.id == account_id).values(epoch=Account.epoch + 1))
    audit.record(
        session,
        chain=audit.SITE,
        action="signed_out_everywhere",
        subject=f"account:{account_id}",
        account_id=account_id,
        now=now,
    )


def _account(session: Session, email: str) -> Account | None:
    return session.scalars(select(Account).where(Account.email == email.strip().lower())).first()
