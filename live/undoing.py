"""Take back what a desk did last: within a minute, where nothing irrevocable came of it.

An action writes down what it changed, row by row, while it does it. Taking it back puts the rows as they were,
in one transaction, and refuses if any of them has moved since. The audit chain keeps both: nothing is unsaid.
"""

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, delete, event, func, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from live.models import Ballot, HandCount, Undoable
from live.rules import NotAllowed, Right
from scenario_app.kernel.database import Base

LONGEST: Final = timedelta(minutes=1)
MOST_KEPT: Final = 10
# What an action leaves behind in these stays: the audit is never unsaid.
_LEFT_ALONE: Final = frozenset({"audit_entry", "undoable"})


class NothingToUndo(NotAllowed):
    """There is nothing that can be taken back: too long ago, or something irrevocable came after it."""

    code = "nothing_to_undo"


@dataclass(slots=True)
class Journal:
    """What one action changed. `made`: rows by table and key; `changed`: also each column before and after."""

    made: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    changed: dict[tuple[str, tuple[object, ...]], dict[str, list[object]]] = field(default_factory=dict)
    lost_something: bool = False

    @property
    def closed_a_round(self) -> bool:
        """Whether a vote was closed: phones were told, and what was counted stays counted."""
        return any(
            table == "round" and "closed_at" in columns for (table, _key), columns in self.changed.items()
        )

    def as_json(self) -> dict[str, object]:
        """Return the journal as plain values."""
        return {
            "made": [[table, key] for table, key in self.made],
            "changed": [[table, list(key), columns] for (table, key), columns in self.changed.items()],
        }


@contextmanager
def journal_of(session: Session) -> Iterator[Journal]:
    """Write down everything that is made and changed through the session meanwhile. Flushes at the end."""
    journal = Journal()

    def before(session: Session, _context: object, _instances: object) -> None:
        journal.lost_something = journal.lost_something or bool(session.deleted)
        for row in session.dirty:
            _note_changes(journal, row)

    def after(session: Session, _context: object) -> None:
        for row in session.new:
            table = _table_of(row)
            if table.name not in _LEFT_ALONE:
                journal.made.append((table.name, _key_of(row)))

    event.listen(session, "before_flush", before)
    event.listen(session, "after_flush", after)
    try:
        yield journal
        session.flush()
    finally:
        event.remove(session, "before_flush", before)
        event.remove(session, "after_flush", after)


def _note_changes(journal: Journal, row: object) -> None:
    table = _table_of(row)
    if table.name in _LEFT_ALONE:
        return
    state: Any = inspect(row)
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if not history.has_changes():
            continue
        column = attribute.columns[0].name
        before = history.deleted[0] if history.deleted else None
        kept = journal.changed.setdefault((table.name, tuple(_key_of(row).values())), {})
        kept.setdefault(column, [_plain(before), None])[1] = _plain(history.added[0])


def keep(
    session: Session,
    *,
    section_id: int,
    seq: int,
    action: str,
    rights: Set[Right],
    journal: Journal,
    now: datetime,
) -> None:
    """Keep what an action changed, so that it can be taken back. `seq` is the cue that it made.

    `rights` are those that the action took: taking it back takes them too.
    """
    newest = session.scalar(select(func.max(Undoable.position)).where(Undoable.section_id == section_id)) or 0
    session.execute(
        delete(Undoable).where(
            Undoable.section_id == section_id,
            # What can be taken back no more is no reason to keep what was there before.
            (Undoable.position <= newest + 1 - MOST_KEPT) | (Undoable.done_at < now - LONGEST),
        )
    )
    session.add(
        Undoable(
            section_id=section_id,
            position=newest + 1,
            seq=seq,
            action=action,
            before={**journal.as_json(), "rights": sorted(rights)},
            done_at=now,
        )
    )


def forget(session: Session, section_id: int) -> None:
    """Keep nothing any more: what was done now cannot be taken back, nor what came before it."""
    session.execute(delete(Undoable).where(Undoable.section_id == section_id))


def last_undoable(
    session: Session, *, section_id: int, seq: int, held: Set[Right], now: datetime
) -> str | None:
    """Return the name of the action that whoever holds these rights can take back now, or None. One query."""
    found = _newest(session, section_id)
    if found is None or found.seq != seq or now - found.done_at > LONGEST or not _took(found) <= held:
        return None
    return found.action


def take_back(session: Session, *, section_id: int, seq: int, held: Set[Right], now: datetime) -> str:
    """Put everything as it was before the last action, and return that action's name.

    The action before it can be taken back next, while its minute lasts.

    :raises NothingToUndo: none is left, its minute is over, or what it changed has moved since
    :raises NotAllowed: it took a right that is not among those held
    """
    found = _newest(session, section_id)
    if found is None or found.seq != seq or now - found.done_at > LONGEST:
        raise NothingToUndo
    if not _took(found) <= held:
        raise NotAllowed
    session.flush()
    journal: Mapping[str, Any] = found.before
    try:
        for table, key, columns in journal["changed"]:
            _put_back(session, Base.metadata.tables[table], key, columns)
        for table, key in reversed(journal["made"]):
            _unmake(session, Base.metadata.tables[table], key)
    except IntegrityError as problem:  # something stands on it by now
        raise NothingToUndo(state="in_use") from problem
    action = found.action
    session.execute(
        delete(Undoable).where(Undoable.section_id == section_id, Undoable.position == found.position)
    )
    session.execute(
        update(Undoable)
        .where(Undoable.section_id == section_id, Undoable.position == found.position - 1)
        .values(seq=seq + 1)
    )
    session.expire_all()
    return action


def _newest(session: Session, section_id: int) -> Undoable | None:
    return session.scalars(
        select(Undoable).where(Undoable.section_id == section_id).order_by(Undoable.position.desc()).limit(1)
    ).first()


def _took(found: Undoable) -> frozenset[str]:
    journal: Mapping[str, Any] = found.before
    # Kept by an older version, a minute ago at most: then it takes them all.
    return frozenset(journal.get("rights", Right))


def _put_back(session: Session, table: Table, key: list[object], columns: Mapping[str, list[object]]) -> None:
    here = _where(table, key)
    now_there = session.execute(select(*(table.c[name] for name in columns)).where(here)).first()
    if now_there is None:
        raise NothingToUndo(state="moved")
    # Whatever the action made must still be so: a hand that was asked in and then put down stays down.
    for name, (_before, after) in columns.items():
        if _plain(getattr(now_there, name)) != after:
            raise NothingToUndo(state="moved")
    if table.name == "intervention" and "weighing" in columns and _is_weighed(session, key):
        raise NothingToUndo(state="voted")
    before = {name: _value(columns[name][0]) for name in columns}
    session.execute(update(table).where(here).values(before))


def _unmake(session: Session, table: Table, key: Mapping[str, object]) -> None:
    if table.name == "round":
        for kept in (Ballot, HandCount):
            if session.scalar(select(func.count()).where(kept.round_id == key["id"])):
                raise NothingToUndo(state="voted")
    session.execute(delete(table).where(_where(table, list(key.values()))))


def _is_weighed(session: Session, key: list[object]) -> bool:
    verdicts = Base.metadata.tables["verdict"]
    said = select(func.count()).where(verdicts.c.intervention_id == key[0])
    return bool(session.scalar(said))


def _where(table: Table, key: list[object]) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))


def _table_of(row: object) -> Table:
    table: Any = inspect(type(row)).local_table
    assert isinstance(table, Table)
    return table


def _key_of(row: object) -> dict[str, object]:
    mapper: Any = inspect(type(row))
    return {
        column.name: getattr(row, mapper.get_property_by_column(column).key)
        for column in mapper.local_table.primary_key
    }


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def _value(plain: object) -> object:
    match plain:
        case {"moment": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"day": str(day)}:
            return date.fromisoformat(day)
    return plain
