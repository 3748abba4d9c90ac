"""Tell every page of a section what it needs, whole and numbered: the cue, and how many have voted.

Called after the commit, never inside a transaction. Truth is the cue number in the database: every process
looks once a second at the sections that it serves, so a lost wake-up costs a second of freshness and no more.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import gevent
from gevent.event import Event

from live.cues import cue_of
from live.messages import DeskNews, Presence, StopOrder, TallyMoved
from live.queries import ballots_in, cue_numbers, open_round_of, seats_in, talk_numbers
from live.talk.queries import Waiting, waiting_in
from scenario_app.kernel import metrics
from scenario_app.kernel.database import Database
from scenario_app.kernel.looking import look_every, quietly

LOOK_SECONDS = 1.0
TICK_SECONDS = 0.25
WAKE_CHANNEL = "scenario-app:cue"
log = logging.getLogger(__name__)


class Namespace(Protocol):
    """What a broadcast needs of a namespace (see `scenario_app.kernel.realtime`)."""

    def broadcast(self, room: str, name: str, payload: Mapping[str, object]) -> int:
        """Send one message to everybody in a room."""

    def count(self, room: str) -> int:
        """Say how many connections are in a room."""


@dataclass(frozen=True, slots=True)
class Audiences:
    """The three namespaces."""

    phones: Namespace
    desks: Namespace
    screens: Namespace


def room_of(section_id: int) -> str:
    """Return the name of a section's room, the same in each namespace."""
    return f"section:{section_id}"


class Announcer:
    """Builds each cue once per number, sends it to everybody, and keeps desks and screens counting."""

    def __init__(self, database: Database, *, redis_url: str | None = None) -> None:
        self._database = database
        self._redis_url = redis_url
        self._redis: Any = None
        self._audiences: Audiences | None = None
        self._cues: dict[int, dict[str, object]] = {}
        self._sent: dict[int, int] = {}
        self._counted: dict[int, tuple[int, int, int, int]] = {}
        self._moved: set[int] = set()
        self._talked: set[int] = set()
        self._talk_sent: dict[int, int] = {}
        self._waiting: dict[int, Waiting] = {}
        self._peaks: dict[int, int] = {}
        self.peak_rose: Callable[[int, int], None] = lambda _section_id, _connected: None
        self._wake = Event()
        self._running: list[gevent.Greenlet[..., None]] = []

    def serve(self, audiences: Audiences) -> None:
        """Start sending to these namespaces. Starts the looking and, with Redis, the listening greenlet."""
        self._audiences = audiences
        self._running = [gevent.spawn(self._tick_for_ever), look_every(LOOK_SECONDS, self._look)]
        if self._redis_url:
            self._running.append(gevent.spawn(self._listen_for_ever))

    def stop(self) -> None:
        """Stop sending."""
        gevent.killall(self._running, block=False)

    # -- what entry points call --------------------------------------------------------------------------

    def cue(self, section_id: int) -> dict[str, object]:
        """Return a section's cue as JSON values: built when its number is new, else the one kept.

        Runs one query when the number is known.
        """
        with self._database.reading() as session:
            seq = cue_numbers(session, [section_id])[section_id]
            kept = self._cues.get(section_id)
            if kept is None or kept["seq"] != seq:
                kept = self._cues[section_id] = cue_of(session, section_id).as_json()
        return kept

    def newest_sent(self, section_id: int) -> dict[str, object]:
        """Return the cue that this process last sent (or would send): no query when it serves the section."""
        if section_id in self._sent and section_id in self._cues:
            return self._cues[section_id]
        cue = self.cue(section_id)
        self._sent[section_id] = int(str(cue["seq"]))
        return cue

    def stop_order(self, section_id: int) -> dict[str, object] | None:
        """Return the raised hands as this process last said them; None where no hand is up. No query."""
        waiting = self._waiting.get(section_id)
        return StopOrder(waiting.stops).as_json() if waiting is not None and waiting.stops else None

    def cue_changed(self, section_id: int) -> None:
        """Send the new cue to everybody here, and wake the other processes."""
        self._send(section_id)
        if self._redis_url:
            gevent.spawn(self._publish, section_id)

    def ballots_moved(self, section_id: int, _round_id: int) -> None:
        """Note that a round was voted in; desks and screens hear of it at the next tick, at most 4 a second."""
        self._moved.add(section_id)
        self._wake.set()

    def talk_changed(self, section_id: int) -> None:
        """Note that somebody raised a hand or said something; heard at the next tick, and by other processes."""
        self._talked.add(section_id)
        self._wake.set()
        if self._redis_url:
            gevent.spawn(self._publish, section_id)

    # -- sending -----------------------------------------------------------------------------------------

    def _send(self, section_id: int) -> None:
        if self._audiences is None:
            return
        cue = self.cue(section_id)
        seq = int(str(cue["seq"]))
        if self._sent.get(section_id, 0) >= seq:
            return
        self._sent[section_id] = seq
        room = room_of(section_id)
        # The hall first: the screen is what everybody looks at.
        for namespace in (self._audiences.screens, self._audiences.desks, self._audiences.phones):
            namespace.broadcast(room, "cue", cue)
        metrics.CUES.inc()
        self._count(section_id)
        self._talked.add(section_id)
        self._wake.set()

    def _count(self, section_id: int) -> None:
        """Tell desks and screens how many are here and how many have voted, when that has changed."""
        assert self._audiences is not None
        room = room_of(section_id)
        connected = self._audiences.phones.count(room)
        if connected > self._peaks.get(section_id, 0):
            self._peaks[section_id] = connected
            gevent.spawn(self.peak_rose, section_id, connected)
        watchers = (self._audiences.desks, self._audiences.screens)
        if not any(namespace.count(room) for namespace in watchers):
            return
        with self._database.reading() as session:
            seats = seats_in(session, section_id)
            round_id = open_round_of(session, section_id)
            ballots = ballots_in(session, round_id) if round_id else 0
        now = (seats, connected, round_id or 0, ballots)
        before = self._counted.get(section_id)
        if now == before:
            return
        self._counted[section_id] = now
        seq = int(str(self._cues[section_id]["seq"])) if section_id in self._cues else 0
        for namespace in watchers:
            if before is None or now[:2] != before[:2]:
                namespace.broadcast(room, "presence", Presence(seats, connected).as_json())
            if round_id:
                tally = TallyMoved(round_id, seq, ballots, seats, votes=None)
                namespace.broadcast(room, "tally", tally.as_json())

    def _talk(self, section_id: int) -> None:
        """Tell phones and desks which hands wait in which order, and desks what else does."""
        assert self._audiences is not None
        with self._database.reading() as session:
            heard = talk_numbers(session, [section_id])[section_id]
            waiting = waiting_in(session, section_id)
        self._talk_sent[section_id] = heard
        room = room_of(section_id)
        before = self._waiting.get(section_id, Waiting((), 0, 0))
        if waiting == before:
            return
        self._waiting[section_id] = waiting
        # Phones hear of hands and nothing else: a message to all must not tell that somebody needs a minute.
        if waiting.stops != before.stops:
            order = StopOrder(waiting.stops).as_json()
            for namespace in (self._audiences.desks, self._audiences.phones):
                namespace.broadcast(room, "stops", order)
        news = DeskNews(heard, len(waiting.stops), waiting.texts, waiting.minutes)
        self._audiences.desks.broadcast(room, "news", news.as_json())

    def forget_count(self, section_id: int) -> None:
        """Make the next look send the counts again: a desk or a screen has just joined."""
        self._counted.pop(section_id, None)
        self._moved.add(section_id)
        self._wake.set()

    # -- looking -----------------------------------------------------------------------------------------

    def _tick_for_ever(self) -> None:
        while True:
            self._wake.wait()
            gevent.sleep(TICK_SECONDS)
            self._wake.clear()
            moved, self._moved = self._moved, set()
            talked, self._talked = self._talked, set()
            for section_id in moved:
                quietly(self._count, section_id)
            for section_id in talked:
                quietly(self._talk, section_id)

    def _look(self) -> None:
        served = self._served()
        if not served:
            return
        with self._database.reading() as session:
            newest = cue_numbers(session, served)
            heard = talk_numbers(session, served)
        for section_id, seq in newest.items():
            if self._sent.get(section_id, 0) < seq:
                self._send(section_id)
            else:
                self._count(section_id)
            if self._talk_sent.get(section_id, 1) != heard[section_id]:
                self._talk(section_id)

    def _served(self) -> list[int]:
        """Return the sections that somebody here is connected to; forget the others."""
        assert self._audiences is not None
        audiences = (self._audiences.phones, self._audiences.desks, self._audiences.screens)
        for section_id in list(self._sent):
            if not any(namespace.count(room_of(section_id)) for namespace in audiences):
                for kept in (self._sent, self._cues, self._counted, self._talk_sent, self._waiting):
                    kept.pop(section_id, None)
        return list(self._sent)

    # -- the other processes -----------------------------------------------------------------------------

    def _client(self) -> Any:
        if self._redis is None:
            import redis  # only where there is more than one process

            self._redis = redis.Redis.from_url(
                self._redis_url or "", socket_timeout=5, socket_connect_timeout=1, health_check_interval=10
            )
        return self._redis

    def _publish(self, section_id: int) -> None:
        try:
            self._client().publish(WAKE_CHANNEL, str(section_id))
        except Exception as problem:  # noqa: BLE001 - the others look for themselves once a second
            log.warning("the wake-up was not delivered", extra={"reason": type(problem).__name__})

    def _listen_for_ever(self) -> None:
        while True:
            try:
                pubsub = self._client().pubsub(ignore_subscribe_messages=True)
                pubsub.subscribe(WAKE_CHANNEL)
                while True:
                    message = pubsub.get_message(timeout=4)
                    if message and message["data"].isdigit() and int(message["data"]) in self._sent:
                        quietly(self._look)
            except Exception as problem:  # noqa: BLE001 - gone or restarted: try again for ever, calmly
                log.warning("no wake-ups for now", extra={"reason": type(problem).__name__})
                gevent.sleep(LOOK_SECONDS)
