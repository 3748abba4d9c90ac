"""Namespaces with a guard: who may come in, what may be said, how often, and an answer to everything.

A namespace says what it takes with one method for each message, named like it on the wire:

    class AudienceNamespace(GuardedNamespace[Seat]):
        @takes(CastBallot)
        def cast(self, connection: Connection[Seat], message: CastBallot) -> Ack:
            ...

A handler may wait: it holds up its own connection and nobody else's. It returns an ack or raises a refusal; no
Flask request exists around it.
"""

import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

import gevent
from flask import Flask
from flask_socketio import SocketIO
from gevent.lock import RLock
from socketio import Namespace
from socketio.exceptions import ConnectionRefusedError as Refused

from scenario_app.kernel.errors import BadMessage, DomainError
from scenario_app.kernel.packets import Packet, ack_text, disconnect_text, event_text, read_event
from scenario_app.kernel.transport import Engine, LeanManager, Quiet, Wire
from scenario_app.kernel.websocket import Code, Limits, Rest, text_frame

__all__ = [
    "Ack",
    "Answer",
    "BadMessage",
    "Connection",
    "GuardedNamespace",
    "accepted",
    "build_socketio",
    "refused",
    "takes",
    "takes_at_once",
]

log = logging.getLogger(__name__)

Ack = dict[str, object]
Answer = Callable[[Mapping[str, object]], None]
Member = TypeVar("Member")

# What a handler's bug is answered with. It is a code to try again on: the client sends the same message with
# the same key, which counts once if it was counted after all; a final code would throw a ballot away.
BUG_CODE = "storage"
# A broadcast lets others run after so many sends, about two milliseconds.
_SENDS_IN_A_ROW = 128


class Message(Protocol):
    """What a message class offers: `parse` turns what came in into one, or raises BadMessage."""

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Check shape and bounds.

        :raises BadMessage: it is not one
        """


def accepted(**fields: object) -> Ack:
    """Answer that it is done.

    >>> accepted(receipt="7F3K", rev=2)
    {'ok': True, 'receipt': '7F3K', 'rev': 2}
    """
    return {"ok": True, **fields}


def refused(code: str, retry_after_ms: int | None = None) -> Ack:
    """Answer that it is not done, and why.

    >>> refused("rate", 500)
    {'ok': False, 'code': 'rate', 'retry_after_ms': 500}
    """
    answer: Ack = {"ok": False, "code": code}
    return answer if retry_after_ms is None else {**answer, "retry_after_ms": retry_after_ms}


def refusal_of(problem: DomainError) -> Ack:
    """Answer with a refusal's code; of its details only the time to wait leaves the house."""
    wait = problem.details.get("retry_after_ms")
    return refused(problem.code, wait if isinstance(wait, int) else None)


class Taker(NamedTuple):
    """How one message is taken."""

    message_class: type[Message]
    method: Callable[..., Any]
    at_once: bool


def takes(message_class: type[Message]) -> Callable[[Callable[..., Ack]], Callable[..., Ack]]:
    """Take the message named like the method, parsed by `message_class`. The method may wait; it returns an ack."""
    return _taking(message_class, at_once=False)


def takes_at_once(message_class: type[Message]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Like `takes`, for the hot path: the method runs in the loop, must never wait, and is given `answer`.

    It hands the message on and whoever finishes it calls `answer` once, on the loop's own thread. No
    greenlet is made for it. It may raise a refusal.
    """
    return _taking(message_class, at_once=True)


def _taking(
    message_class: type[Message], *, at_once: bool
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        method.taker = Taker(message_class, method, at_once)  # type: ignore[attr-defined]
        return method

    return mark


class Connection(Generic[Member]):
    """One admitted member on one wire. Compared by identity."""

    __slots__ = ("member", "namespace", "path", "rooms", "sid", "wire")

    def __init__(self, sid: str, member: Member, wire: Wire, namespace: "GuardedNamespace[Member]") -> None:
        self.sid = sid
        self.member = member
        self.wire = wire
        self.namespace = namespace
        self.path = namespace.path
        self.rooms: tuple[str, ...] = ()

    def receive(self, packet: Packet) -> Rest | None:
        """Take one event; see `transport.Listener`."""
        return self.namespace.receive(self, packet)

    def welcome(self) -> None:
        """Say what a newcomer is told; see `transport.Listener`."""
        self.namespace.welcome(self)

    def answer(self, number: int | None, ack: Mapping[str, object]) -> None:
        """Answer the message with this number, if an answer was asked for."""
        if number is not None:
            self.wire.write(text_frame(ack_text(self.path, number, ack)))


class GuardedNamespace(Namespace, Generic[Member]):  # type: ignore[misc]  # socketio carries no types
    """One level of trust. Subclasses say who is admitted, where they stand, and what is taken from them."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
        methods = {name: getattr(type(self), name) for name in dir(type(self))}
        self.takers: Mapping[str, Taker] = {
            name: method.taker for name, method in methods.items() if hasattr(method, "taker")
        }
        self._connections: dict[str, Connection[Member]] = {}
        self._rooms: dict[str, dict[str, Connection[Member]]] = {}
        self._in_order = RLock()
        self._quiet = Quiet(log)

    # --- what subclasses say ----------------------------------------------------------------------------

    def admit(self, auth: object, environ: Mapping[str, object]) -> Member:
        """Return who this is. Nothing else stands between a stranger and the handlers.

        :raises DomainError: its code is what the client is told
        """
        raise NotImplementedError

    def rooms_of(self, member: Member) -> Iterable[str]:
        """Return the rooms a member's connection is put in."""
        raise NotImplementedError

    def welcomed(self, connection: Connection[Member]) -> None:
        """Follow up an admission; the client knows that it is connected, so things may be sent."""

    def left(self, connection: Connection[Member]) -> None:
        """Follow up the end of a connection. It is in no room any more."""

    # --- what subclasses and their friends use ----------------------------------------------------------

    def broadcast(self, room: str, name: str, payload: Mapping[str, object]) -> int:
        """Send one message to everybody in a room; return how many that were.

        Encoded once, the same bytes for all. Call it from a greenlet: it lets others run in between, and two
        broadcasts of one namespace go out one after the other.
        """
        frame = text_frame(event_text(self.path, name, payload))
        with self._in_order:
            everybody = tuple(self._rooms.get(room, {}).values())
            for sent, connection in enumerate(everybody, start=1):
                connection.wire.write(frame)
                if sent % _SENDS_IN_A_ROW == 0:
                    gevent.sleep(0)
        return len(everybody)

    def send(self, connection: Connection[Member], name: str, payload: Mapping[str, object]) -> None:
        """Send one message to one member."""
        connection.wire.write(text_frame(event_text(self.path, name, payload)))

    def members(self, room: str) -> Collection[Connection[Member]]:
        """Return who is in a room now."""
        return tuple(self._rooms.get(room, {}).values())

    def connected(self) -> int:
        """Return how many are here, in whatever room."""
        return len(self._connections)

    def count(self, room: str) -> int:
        """Return how many are in a room now."""
        return len(self._rooms.get(room, {}))

    def move(self, connection: Connection[Member], rooms: Iterable[str]) -> None:
        """Put a connection in these rooms and in no others."""
        for room in connection.rooms:
            if (there := self._rooms.get(room)) is not None:
                there.pop(connection.sid, None)
                if not there:
                    del self._rooms[room]
        connection.rooms = tuple(rooms)
        for room in connection.rooms:
            self._rooms.setdefault(room, {})[connection.sid] = connection

    def dismiss(self, connection: Connection[Member]) -> None:
        """Tell a member that it is out, and hang up."""
        connection.wire.write(text_frame(disconnect_text(self.path)))
        connection.wire.close(Code.NORMAL, "dismissed")

    def disconnect_room(self, room: str) -> int:
        """Dismiss everybody in a room; return how many that were."""
        everybody = self.members(room)
        for connection in everybody:
            self.dismiss(connection)
        return len(everybody)

    # --- what the server calls --------------------------------------------------------------------------

    def trigger_event(self, event: str, *args: Any) -> object:
        """Take connect and disconnect from python-socketio; messages come by `receive`."""
        match event, args:
            case "connect", (str(sid), Mapping() as environ, auth):
                self._come(sid, environ, auth)
            case "disconnect", (str(sid), *_):
                self._go(sid)
            case _:
                return refused(BadMessage.code)
        return None

    def receive(self, connection: Connection[Member], packet: Packet) -> Rest | None:
        """Check one message and take it; return what of that may wait."""
        try:
            name, raw = read_event(packet.data)
            taker = self.takers.get(name)
            if taker is None:
                raise BadMessage
            message = taker.message_class.parse(raw)
        except DomainError as problem:
            connection.answer(packet.number, refusal_of(problem))
            return None
        except Exception as problem:  # noqa: BLE001 - the boundary: a message is answered whatever happens
            connection.answer(packet.number, self._bug(problem))
            return None
        if taker.at_once:
            self._take_at_once(taker, connection, message, packet.number)
            return None
        return partial(self._take, taker, connection, message, packet.number)

    def welcome(self, connection: Connection[Member]) -> None:
        """Follow up an admission without letting a bug in it through."""
        try:
            self.welcomed(connection)
        except DomainError:
            self.dismiss(connection)
        except Exception as problem:  # noqa: BLE001 - the boundary: it comes back and tries again
            self._bug(problem)
            self.dismiss(connection)

    def _come(self, sid: str, environ: Mapping[str, object], auth: object) -> None:
        try:
            member = self.admit(auth, environ)
            rooms = tuple(self.rooms_of(member))
        except DomainError as problem:
            raise Refused(problem.code) from None
        except Exception as problem:  # noqa: BLE001 - the boundary: who cannot be checked is not let in
            self._bug(problem)
            raise Refused(BUG_CODE) from None
        wire = self.server.eio.sockets.get(self.server.manager.eio_sid_from_sid(sid, self.path))
        if wire is None:
            raise Refused("transport close")  # it left while it was looked at
        connection = Connection(sid, member, wire, self)
        self._connections[sid] = connection
        self.move(connection, rooms)
        wire.listeners = (*wire.listeners, connection)

    def _go(self, sid: str) -> None:
        connection = self._connections.pop(sid, None)
        if connection is None:
            return
        self.move(connection, ())
        wire = connection.wire
        wire.listeners = tuple(other for other in wire.listeners if other is not connection)
        try:
            self.left(connection)
        except Exception as problem:  # noqa: BLE001 - the boundary: gone is gone
            self._bug(problem)

    def _take(
        self, taker: Taker, connection: Connection[Member], message: Message, number: int | None
    ) -> None:
        try:
            ack = taker.method(self, connection, message)
        except DomainError as problem:
            ack = refusal_of(problem)
        except Exception as problem:  # noqa: BLE001 - the boundary: a message is answered whatever happens
            ack = self._bug(problem)
        connection.answer(number, ack)

    def _take_at_once(
        self, taker: Taker, connection: Connection[Member], message: Message, number: int | None
    ) -> None:
        try:
            taker.method(self, connection, message, partial(connection.answer, number))
        except DomainError as problem:
            connection.answer(number, refusal_of(problem))
        except Exception as problem:  # noqa: BLE001 - the boundary: a message is answered whatever happens
            connection.answer(number, self._bug(problem))

    def _bug(self, problem: Exception) -> Ack:
        """Log where it happened, never what was said: an exception's words may quote the message."""
        frames = traceback.extract_tb(problem.__traceback__)[-3:]
        place = " < ".join(
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames)
        )
        self._quiet.note("a handler failed", bug=f"{type(problem).__name__} at {place}", room=self.path)
        return refused(BUG_CODE)


def build_socketio(app: Flask, *, public_url: str | None = None, limits: Limits | None = None) -> SocketIO:
    """Let Flask-SocketIO build its server and join it to the app; put our engine under it.

    Register namespaces on `.server`. A browser may connect from the site itself and from `public_url`; a
    missing Origin is no browser and is judged by its token alone; any other Origin is refused before the
    WebSocket opens.
    """
    limits = limits or Limits()
    options: dict[str, Any] = {
        "async_mode": "gevent",
        "async_handlers": False,
        "transports": ["websocket"],
        "cookie": None,
        "max_http_buffer_size": limits.message_bytes,
        "cors_allowed_origins": [],  # the engine's own check replaces it
        "monitor_clients": False,
    }
    # Handed over, or python-socketio would put handlers of its own on them.
    loggers: dict[str, Any] = {name: logging.getLogger(name) for name in ("socketio", "engineio")}
    socketio = SocketIO(
        app,
        manage_session=False,
        client_manager=LeanManager(),
        logger=loggers["socketio"],
        engineio_logger=loggers["engineio"],
        **options,
    )
    engine = Engine(limits, public_url=public_url, logger=loggers["engineio"], **options)
    engine.serve_under(socketio.server)  # type: ignore[attr-defined]  # made by init_app; its types leave it out
    return socketio
