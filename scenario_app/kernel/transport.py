"""Engine.IO over our own WebSockets, put under Flask-SocketIO's server: admission of connections, pings, goodbye.

python-socketio keeps its namespaces, its connect and disconnect; what it would do per message and per ping
(a packet object, a queue, two more greenlets for each connection) is not done. A namespace that puts a
`Listener` on a wire is handed its messages directly.
"""

import json
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from sys import intern
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import engineio
import flask
import gevent
import socketio
from flask_socketio import SocketIO

from scenario_app.kernel.packets import PING, PONG, Kind, Packet, Undecodable, ack_text, read_packet
from scenario_app.kernel.websocket import (
    GOING_AWAY,
    PROTOCOL_ERROR,
    REFUSED,
    RESTARTING,
    Limits,
    NoHandshake,
    PeerFault,
    Rest,
    WebSocket,
    handshake_answer,
    take_socket,
    text_frame,
)

if TYPE_CHECKING:
    from _socket import socket as RawSocket
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

PING_FRAME = text_frame(PING)
_PING_TURNS = 25
# What admission may want to know of a request; the rest is not kept for as long as somebody is connected.
_KEPT = ("REMOTE_ADDR", "HTTP_HOST", "HTTP_ORIGIN", "wsgi.url_scheme")


class Listener(Protocol):
    """What a namespace puts on a wire for a member that it has admitted."""

    path: str

    def receive(self, packet: Packet) -> Rest | None:
        """Take one event: do what needs no waiting, return the rest."""

    def welcome(self) -> None:
        """Say what a newcomer is told first; it has been told that it is connected."""


class Wire(WebSocket):
    """One Engine.IO connection. `python-socketio` sees it as the socket of an `eio_sid`."""

    __slots__ = ("_awaits_pong", "_session", "engine", "listeners", "sid")

    connected = upgraded = True

    def __init__(self, taken: "RawSocket", engine: "Engine", sid: str) -> None:
        super().__init__(taken)
        self.engine = engine
        self.sid = sid
        self.listeners: tuple[Listener, ...] = ()
        self._awaits_pong = False
        self._session: dict[str, object] | None = None

    @property
    def session(self) -> dict[str, object]:
        """Where python-socketio keeps what a handler saves for a connection."""
        if self._session is None:
            self._session = {}
        return self._session

    @property
    def closed(self) -> bool:
        """As Engine.IO asks it."""
        return not self.is_open

    def send(self, packet: Any) -> None:
        """Send an Engine.IO packet of python-socketio's making. Binary ones do not exist here."""
        encoded = packet.encode()
        if isinstance(encoded, bytes):
            raise TypeError("only text is sent")
        self.write(text_frame(encoded))

    def ping(self) -> None:
        """Ask for a sign of life; who gave none since the last time is gone."""
        if self._awaits_pong:
            self.close(GOING_AWAY, "ping timeout")
            return
        self._awaits_pong = True
        self.write(PING_FRAME)

    def heard(self, text: str) -> Rest | None:
        """Take one text; see `WebSocket.heard`."""
        self._awaits_pong = False
        return None if text == PONG else self.engine.take(self, text)

    def gone(self, reason: str) -> None:
        """Tell the namespaces; see `WebSocket.gone`."""
        self.engine.forget(self, reason)


class Quiet:
    """At most one log line a minute for each kind of thing that peers can make happen at will."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._unsaid: Counter[str] = Counter()

    def note(self, message: str, **fields: object) -> None:
        """Log now, or count it for the next line of the same message and fields."""
        kind = f"{message} {sorted(fields.items())}"
        self._unsaid[kind] += 1
        now = time.monotonic()
        if now - self._since.get(kind, -60.0) >= 60:
            self._since[kind] = now
            log.warning(message, extra={**fields, "count": self._unsaid.pop(kind)})
