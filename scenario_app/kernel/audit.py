"""Who did what, when and why: append-only rows, hash-chained per event (or per site).

A service that changes what the public sees writes one row in the same transaction. Each row's hash covers
the one before it, so that a row changed, removed or slipped in later shows.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, String, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from scenario_app.kernel.database import Base

SITE = "site"
START = "0" * 64


class AuditEntry(Base):
    """One recorded act. Never updated, never deleted."""

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("chain", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]
    at: Mapped[datetime]
    account_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, object]] = mapped_column(JSON)
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Act:
    """One recorded act, as a page shows it."""

    action: str
    account_id: int | None
    at: datetime
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest row of a chain: whoever knows its hash can check everything before it."""

    chain: str
    rows: int
    hash: str


def record(
    session: Session,
    *,
    chain: str,
    action: str,
    subject: str,
    account_id: int | None,
    now: datetime,
    details: Mapping[str, object] | None = None,
) -> str:
    """Append one row to a chain, in the caller's transaction, and return its hash.

    `details` holds plain JSON values and never words of the public. Runs one query and one insert.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Two services at once would read the same head; SQLite's writers are already one at a time.
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:chain))"), {"chain": f"audit:{chain}"})
    last = session.scalars(
        select(AuditEntry).where(AuditEntry.chain == chain).order_by(AuditEntry.position.desc()).limit(1)
    ).first()
    entry = AuditEntry(
        chain=chain,
        position=last.position + 1 if last else 1,
        at=now,
        account_id=account_id,
        action=action,
        subject=subject,
        details=dict(details or {}),
        hash="",
    )
    entry.hash = hash_after(last.hash if last else START, entry)
    session.add(entry)
    session.flush()
    return entry.hash


def hash_after(previous: str, entry: AuditEntry) -> str:
    """Return sha256(previous hash, canonical JSON of the row), in hex. Source: docs/DECISIONS.md, audit chain."""
    canonical = json.dumps(
        {
            "chain": entry.chain,
            "position": entry.position,
            "at": entry.at.isoformat(timespec="microseconds"),
            "account": entry.account_id,
            "action": entry.action,
            "subject": entry.subject,
            "details": entry.details,
        },
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(previous.encode() + canonical.encode()).hexdigest()


def acts_of(session: Session, chain: str, *, action: str) -> list[Act]:
    """Return the acts of one kind in a chain, the first one first. Meant for short chains."""
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.chain == chain, AuditEntry.action == action)
        .order_by(AuditEntry.position)
    )
    return [Act(row.action, row.account_id, row.at, row.details) for row in rows]


def head_of(session: Session, chain: str) -> ChainHead:
    """Return the newest row's place and hash; an empty chain has 0 rows and a hash of zeros."""
    last = session.scalars(
        select(AuditEntry).where(AuditEntry.chain == chain).order_by(AuditEntry.position.desc()).limit(1)
    ).first()
    return ChainHead(chain, last.position if last else 0, last.hash if last else START)


def hashes_of(session: Session, chain: str) -> list[str]:
    """Return the hash of every row of a chain, the first one first: each was its head for a while."""
    rows = select(AuditEntry.hash).where(AuditEntry.chain == chain).order_by(AuditEntry.position)
    return list(session.scalars(rows))


def newest_at(session: Session, chain: str) -> datetime | None:
    """Return when the newest row of a chain was written; None in an empty one."""
    return session.scalars(
        select(AuditEntry.at).where(AuditEntry.chain == chain).order_by(AuditEntry.position.desc()).limit(1)
    ).first()


def first_broken_row(session: Session, chain: str) -> int | None:
    """Return the position of the first row that does not follow from the one before it, or None.

    Reads the whole chain.
    """
    previous, expected = START, 1
    for entry in session.scalars(
        select(AuditEntry).where(AuditEntry.chain == chain).order_by(AuditEntry.position)
    ):
        if entry.position != expected or entry.hash != hash_after(previous, entry):
            return expected
        previous, expected = entry.hash, expected + 1
    return None


def rows_of(session: Session, chain: str) -> int:
    """Return how many rows a chain has."""
    return session.scalar(select(func.count()).where(AuditEntry.chain == chain)) or 0
