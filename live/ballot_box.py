"""The one writer: ballots wait in a queue, are written together, and are answered after the commit.

Acknowledged means committed. Closing a round goes through the same queue, so every acknowledged ballot is
counted and every later one is told that the round has closed. Each process has one; between processes the
schema and the row locks below are the guard.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gevent
from gevent.event import Event
from gevent.queue import Full, Queue
from sqlalchemy import Connection, bindparam, insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from live.models import Ballot, CastKey, Performance, Round, Seat
from live.rules import Cast, RoundNow, check_cast
from scenario_app.kernel import metrics
from scenario_app.kernel.database import Database, StorageUnavailable
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.tokens import receipt_of

LARGEST_BATCH = 500
# How long the first ballot of a group waits for others: nobody feels it, and a group costs as much as twenty.
GATHER_SECONDS = 0.02
LONGEST_QUEUE = 20_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counted:
    """A ballot that is committed."""

    receipt: str
    rev: int


class Busy(DomainError):
    """More is waiting than can be held; nothing was taken. Try again."""

    code = "busy"
    status = 503


class Draining(DomainError):
    """This process is leaving; try again, on another connection."""

    code = "draining"
    status = 503


@dataclass(slots=True)
class _Waiting:
    """A cast or a job in the queue, and who wants to hear of it."""

    cast: Cast | None
    job: Callable[[Session], Any] | None
    answer: Callable[[Any], None]


class BallotBox:
    """Takes ballots from every handler of this process and commits them in groups.

    Cost: one transaction per group of up to 500, four statements for ballots of one round.
    """

    def __init__(self, database: Database, *, key: str) -> None:
        self._database = database
        self._key = key
        self._queue: Queue[_Waiting] = Queue(maxsize=LONGEST_QUEUE)
        self._writer: gevent.Greenlet[..., None] | None = None
        self._idle = Event()
        self._idle.set()
        self.draining = False
        self.moved: Callable[[int, int], None] = lambda _section_id, _round_id: None

    # -- what handlers call ------------------------------------------------------------------------------

    def submit(self, cast: Cast, answer: Callable[["Counted | DomainError"], None]) -> None:
        """Queue a ballot; `answer` is called once, after the commit or the refusal.

        :raises Busy, Draining: it was not queued and `answer` will not be called
        """
        self._put(_Waiting(cast=cast, job=None, answer=answer))

    def cast(self, cast: Cast) -> Counted:
        """Queue a ballot and wait until it is committed.

        :raises DomainError: the refusal (see `rules.check_cast`), or storage, busy, draining
        """
        outcome = self._wait(lambda answer: self.submit(cast, answer))
        if isinstance(outcome, DomainError):
            raise outcome
        counted: Counted = outcome
        return counted

    def run(self, job: Callable[[Session], Any]) -> Any:
        """Run one service call in the writer's order, in a transaction of its own, and return what it returned.

        :raises DomainError: what the job refused with, or storage, busy, draining
        """
        outcome = self._wait(lambda answer: self._put(_Waiting(cast=None, job=job, answer=answer)))
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def drain(self, seconds: float) -> bool:
        """Take nothing more, write what waits, and say whether that was done in time."""
        self.draining = True
        return bool(self._idle.wait(timeout=seconds))

    # -- the writer --------------------------------------------------------------------------------------

    def _put(self, waiting: _Waiting) -> None:
        if self.draining:
            raise Draining
        try:
            self._queue.put_nowait(waiting)
        except Full:
            raise Busy from None
        self._idle.clear()
        if self._writer is None or self._writer.dead:
            self._writer = gevent.spawn(self._write_for_ever)

    def _wait(self, queue_it: Callable[[Callable[[Any], None]], None]) -> Any:
        done, box = Event(), []

        def answer(outcome: Any) -> None:
            box.append(outcome)
            done.set()

        queue_it(answer)
        done.wait()
        return box[0]

    def _write_for_ever(self) -> None:
        carried: _Waiting | None = None
        while True:
            first = carried or self._queue.get()
            carried = None
            if first.job is not None:
                self._write_job(first)
            else:
                batch = [first]
                if self._queue.qsize() < LARGEST_BATCH:
                    gevent.sleep(GATHER_SECONDS)
                while len(batch) < LARGEST_BATCH and not self._queue.empty():
                    following = self._queue.get_nowait()
                    if following.job is not None:
                        carried = following
                        break
                    batch.append(following)
                self._write_batch(batch)
            if carried is None and self._queue.empty():
                self._idle.set()

    def _write_job(self, waiting: _Waiting) -> None:
        def work() -> Any:
            with self._database.thread_transaction() as session:
                return waiting.job(session) if waiting.job else None

        outcome: Any
        try:
            outcome = self._off_the_loop(work)
        except DomainError as refusal:
            outcome = refusal
        except Exception as bug:  # noqa: BLE001 - the writer must live on; the caller raises it where it is logged
            outcome = bug
        waiting.answer(outcome)

    def _write_batch(self, batch: list[_Waiting]) -> None:
        casts = [waiting.cast for waiting in batch if waiting.cast is not None]
        try:
            outcomes = self._off_the_loop(lambda: self._commit(casts))
        except StorageUnavailable as refusal:
            outcomes = [refusal] * len(casts)
        except Exception:  # noqa: BLE001 - one poison row must not cost its neighbours: write them one by one
            outcomes = [self._commit_alone(cast) for cast in casts]
        metrics.GROUPS.inc()
        metrics.WAITING.set(self._queue.qsize())
        for code, count in Counter(getattr(outcome, "code", "counted") for outcome in outcomes).items():
            metrics.BALLOTS.labels(code).inc(count)
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.answer(outcome)
        for section_id, round_id in {
            (cast.section_id, cast.round_id)
            for cast, outcome in zip(casts, outcomes, strict=True)
            if isinstance(outcome, Counted)
        }:
            self.moved(section_id, round_id)

    def _commit_alone(self, cast: Cast) -> "Counted | DomainError":
        try:
            [outcome] = self._off_the_loop(lambda: self._commit([cast]))
        except DomainError as refusal:
            return refusal
        except Exception as problem:  # noqa: BLE001 - the culprit itself: refused, and noted without its content
            log.error("a ballot could not be written", extra={"bug": type(problem).__name__})
            return StorageUnavailable()
        counted: Counted | DomainError = outcome
        return counted

    def _off_the_loop(self, work: Callable[[], Any]) -> Any:
        """Run the database work: on SQLite in a real thread, since its calls would stop every phone meanwhile.

        PostgreSQL's driver waits on the loop like everything else here.
        """
        if not self._database.on_sqlite:
            return work()

        def caught() -> tuple[Any, Exception | None]:
            # What a pool's thread raises it also prints; on a full disk that fails too, and no answer comes.
            try:
                return work(), None
            except Exception as problem:  # noqa: BLE001 - handed over to the loop, which raises it
                return None, problem

        outcome, problem = gevent.get_hub().threadpool.apply(caught)
        if problem is not None:
            raise problem
        return outcome

    def _commit(self, casts: Sequence[Cast]) -> list["Counted | DomainError"]:
        with self._database.thread_transaction() as session:
            return write_ballots(session, casts, key=self._key)


def write_ballots(session: Session, casts: Sequence[Cast], *, key: str) -> list["Counted | DomainError"]:
    """Write ballots in the order given and return one outcome for each. The caller commits.

    Locks the rounds (shared, against closing) and the seats (in id order, against another process that
    writes the same seat). Four statements, however many casts.

    :raises SQLAlchemyError: one of them cannot be written at all; none was
    """
    session.flush()
    connection = session.connection()
    round_ids, seat_ids = {cast.round_id for cast in casts}, {cast.seat_id for cast in casts}
    rounds = _rounds_now(connection, round_ids)
    _lock_seats(connection, seat_ids)
    revs = _revs_there(connection, round_ids, seat_ids)
    keys = _keys_there(connection, casts)
    outcomes: list[Counted | DomainError] = []
    ballots: dict[tuple[int, int], dict[str, object]] = {}
    new_keys: list[dict[str, object]] = []
    for cast in casts:
        place = (cast.round_id, cast.seat_id)
        try:
            is_new = check_cast(
                cast,
                current=rounds.get(cast.round_id),
                rev_there=revs.get(place),
                key_there=keys.get((cast.seat_id, cast.key)),
            )
        except DomainError as refusal:
            outcomes.append(refusal)
            continue
        if is_new:
            revs[place] = cast.rev
            keys[cast.seat_id, cast.key] = cast.content_hash
            ballots[place] = {
                "round_id": cast.round_id,
                "seat_id": cast.seat_id,
                "response": cast.response,
                "rev": cast.rev,
            }
            new_keys.append({"seat_id": cast.seat_id, "key": cast.key, "content_hash": cast.content_hash})
        outcomes.append(Counted(receipt_of(cast.round_id, cast.seat_id, cast.rev, key=key), cast.rev))
    if ballots:
        connection.execute(_UPSERT[connection.dialect.name], list(ballots.values()))
        connection.execute(_NEW_KEYS, new_keys)
    return outcomes


def _upsert(insert: Callable[..., Any]) -> Any:
    statement = insert(_ballot)
    return statement.on_conflict_do_update(
        index_elements=["round_id", "seat_id"],
        set_={"response": statement.excluded.response, "rev": statement.excluded.rev},
        # Said by the rule above and again here: an older change of mind never wins.
        where=statement.excluded.rev > _ballot.c.rev,
    )


# Built once and run below the ORM: building them was two thirds of what a ballot cost.
_round, _performance, _seat = Round.__table__, Performance.__table__, Seat.__table__
_ballot, _cast_key = Ballot.__table__, CastKey.__table__
_UPSERT = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}
_NEW_KEYS = insert(CastKey)
_ROUNDS_NOW = (
    select(
        *(_round.c.id, _performance.c.section_id, _round.c.responses, _round.c.closed_at),
        *(_round.c.kind, _round.c.channel),
    )
    .join(_performance, _performance.c.id == _round.c.performance_id)
    .where(_round.c.id.in_(bindparam("rounds", expanding=True)))
    .with_for_update(read=True, of=_round)
)
_SEATS_LOCKED = (
    select(_seat.c.id)
    .where(_seat.c.id.in_(bindparam("seats", expanding=True)))
    .order_by(_seat.c.id)
    .with_for_update(key_share=True)
)
_REVS_THERE = select(_ballot.c.round_id, _ballot.c.seat_id, _ballot.c.rev).where(
    _ballot.c.round_id.in_(bindparam("rounds", expanding=True)),
    _ballot.c.seat_id.in_(bindparam("seats", expanding=True)),
)
_KEYS_THERE = select(_cast_key.c.seat_id, _cast_key.c.key, _cast_key.c.content_hash).where(
    tuple_(_cast_key.c.seat_id, _cast_key.c.key).in_(bindparam("keys", expanding=True))
)


def _rounds_now(connection: Connection, round_ids: set[int]) -> dict[int, RoundNow]:
    rows = connection.execute(_ROUNDS_NOW, {"rounds": list(round_ids)})
    return {
        row.id: RoundNow(row.id, row.section_id, row.responses, row.closed_at is None, row.kind, row.channel)
        for row in rows
    }


def _lock_seats(connection: Connection, seat_ids: set[int]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_SEATS_LOCKED, {"seats": list(seat_ids)}).all()


def _revs_there(
    connection: Connection, round_ids: set[int], seat_ids: set[int]
) -> dict[tuple[int, int], int]:
    rows = connection.execute(_REVS_THERE, {"rounds": list(round_ids), "seats": list(seat_ids)})
    return {(row.round_id, row.seat_id): row.rev for row in rows}


def _keys_there(connection: Connection, casts: Sequence[Cast]) -> dict[tuple[int, str], bytes]:
    rows = connection.execute(_KEYS_THERE, {"keys": [(cast.seat_id, cast.key) for cast in casts]})
    return {(row.seat_id, row.key): bytes(row.content_hash) for row in rows}
