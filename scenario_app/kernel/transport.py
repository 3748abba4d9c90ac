"""Engine.IO over our own WebSockets, put under Flask-SocketIO's server: admission of connections, pings, goodbye.

python-socketio keeps its namespaces, its connect and disconnect; what it would do per message and per ping
(a packet object, a queue, two more greenlets for each connection) is not done. A namespace that puts a
`Listener` on a wire is handed its messages directly.
"""

import json
import logging
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from sys import intern
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import parse_qsl

import engineio
import gevent
from socketio import Manager

from scenario_app.kernel.errors import BadMessage
from scenario_app.kernel.handshake import NoHandshake, handshake_answer, take_socket
from scenario_app.kernel.packets import (
    PING,
    PONG,
    Kind,
    Packet,
    Undecodable,
    ack_text,
    read_json,
    read_packet,
)
from scenario_app.kernel.websocket import (
    Code,
    Limits,
    PeerFault,
    Rest,
    WebSocket,
    text_frame,
)

if TYPE_CHECKING:
    import _socket

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

    __slots__ = ("_awaits_pong", "_session", "engine", "listeners", "sid", "turn")

    connected = upgraded = True

    def __init__(self, taken: "_socket.socket", engine: "Engine", sid: str, *, turn: int) -> None:
        super().__init__(taken, engine.limits)
        self.engine = engine
        self.sid = sid
        self.turn = turn
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
            self.close(Code.GOING_AWAY, "ping timeout")
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

    def __init__(self, lines: logging.Logger) -> None:
        self._lines = lines
        self._since: dict[str, float] = {}
        self._unsaid: Counter[str] = Counter()

    def note(self, message: str, **fields: object) -> None:
        """Log now, or count it for the next line of the same message and fields."""
        kind = f"{message} {sorted(fields.items())}"
        self._unsaid[kind] += 1
        now = time.monotonic()
        if now - self._since.get(kind, -60.0) >= 60:
            self._since[kind] = now
            self._lines.warning(message, extra={**fields, "count": self._unsaid.pop(kind)})


class Engine(engineio.Server):  # type: ignore[misc]  # engineio carries no types
    """An Engine.IO server whose only transport is `Wire`, with one greenlet for the pings of all."""

    # Reasons that are the peer's fault; others are the ordinary course of things.
    OFFENCES: ClassVar[frozenset[str]] = frozenset({"flood", "not_text", "too_big", "undecodable", "unread"})

    def __init__(self, limits: Limits, *, public_url: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.limits = limits
        self.public_url = public_url
        self.server: Any = None
        self.quiet = Quiet(log)
        self.draining = False
        self._turns: list[set[Wire]] = [set() for _ in range(_PING_TURNS)]
        self._newcomers: deque[tuple[float, Wire]] = deque()
        self._met = 0
        self._keeper: Any = None

    def serve_under(self, server: Any) -> None:
        """Take the place of the engine that python-socketio made for itself."""
        for name, handler in server.eio.handlers.items():
            self.on(name, handler)
        self.server = server
        server.eio = self

    # --- coming -----------------------------------------------------------------------------------------

    def handle_request(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Turn a WSGI request into a wire; refuse one that cannot become one."""
        refusal = self._refusal(environ)
        if refusal is None:
            try:
                answer = handshake_answer(environ)
                taken = take_socket(environ)
            except NoHandshake as missing:
                refusal = "400 Bad Request", "websocket_only", str(missing)
        if refusal is not None:
            return _refuse(start_response, *refusal)
        self._admit(taken, answer, environ)
        if "gunicorn.socket" in environ:
            raise StopIteration  # gunicorn's word for: this connection is no longer yours
        return []

    def _refusal(self, environ: "WSGIEnvironment") -> tuple[str, str, str] | None:
        asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        if self.draining:
            return "503 Service Unavailable", "draining", "This server is going away; come back in a moment."
        if asked.get("transport") != "websocket":
            return (
                "400 Bad Request",
                "websocket_only",
                "Only transport=websocket is served; long polling is not.",
            )
        if asked.get("EIO") != "4" or "sid" in asked:
            return (
                "400 Bad Request",
                "websocket_only",
                "Engine.IO 4 is spoken here, with a new connection each time.",
            )
        if not self._from_here(environ):
            return "403 Forbidden", "not_allowed", "Another site may not connect here."
        return None

    def _from_here(self, environ: "WSGIEnvironment") -> bool:
        """Return whether our own page connects, or a program that is no browser: that has only its token."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or origin == self.public_url:
            return True
        # No page can set these two for a WebSocket. The scheme is left out: a proxy may have ended TLS.
        hosts = (environ.get("HTTP_HOST"), environ.get("HTTP_X_FORWARDED_HOST"))
        return origin.partition("://")[2] in hosts

    def _admit(self, taken: "_socket.socket", answer: bytes, environ: "WSGIEnvironment") -> None:
        sid = self.generate_id()
        wire = Wire(taken, self, sid, turn=self._met % _PING_TURNS)
        self._met += 1
        self.sockets[sid] = wire
        self._turns[wire.turn].add(wire)
        self._newcomers.append((time.monotonic() + self.limits.handshake_seconds, wire))
        if self._keeper is None or self._keeper.dead:
            self._keeper = gevent.spawn(self._keep)
        self.handlers["connect"](sid, {name: intern(environ[name]) for name in _KEPT if name in environ})
        greeting = {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.limits.ping_timeout_seconds * 1000),
            "pingInterval": int(self.limits.ping_seconds * 1000),
            "maxPayload": self.limits.message_bytes,
        }
        wire.write(answer + text_frame("0" + json.dumps(greeting, separators=(",", ":"))))

    # --- being here -------------------------------------------------------------------------------------

    def take(self, wire: Wire, text: str) -> Rest | None:
        """Give a text to whom it is for: a listener in place, anything else to python-socketio in a greenlet.

        :raises PeerFault: it is no packet that a client may send
        """
        try:
            packet = read_packet(text)
        except Undecodable:
            if text == "1":
                wire.close(Code.GOING_AWAY, "client")
                return None
            raise PeerFault(Code.PROTOCOL_ERROR, "undecodable") from None
        match packet.kind:
            case Kind.EVENT:
                for listener in wire.listeners:
                    if listener.path == packet.namespace:
                        return listener.receive(packet)
                return self._ordinary(wire, packet, text)
            case Kind.CONNECT | Kind.DISCONNECT:
                return self._ordinary(wire, packet, text)
            case Kind.BINARY_EVENT:
                _answer(wire, packet, "bad_message")  # what is attached will be cut off as no text
            case Kind.CONNECT_ERROR:
                raise PeerFault(Code.PROTOCOL_ERROR, "undecodable")
            case Kind.ACK | Kind.BINARY_ACK:
                pass  # nothing here asks for one
        return None

    def send_packet(self, sid: str, packet: Any) -> None:
        """Send what python-socketio has to say, if there is still somebody to hear it."""
        wire = self.sockets.get(sid)
        if wire is not None:
            wire.send(packet)

    def _ordinary(self, wire: Wire, packet: Packet, text: str) -> Rest | None:
        try:
            data = read_json(packet.data) if packet.data else None
        except BadMessage:
            raise PeerFault(Code.PROTOCOL_ERROR, "undecodable") from None
        if packet.kind is Kind.CONNECT and self.draining:
            wire.write(text_frame(f'44{packet.namespace},{{"message":"draining"}}'))
            return None
        if packet.kind is Kind.EVENT:
            if not isinstance(data, list) or not data or not isinstance(data[0], str):
                raise PeerFault(Code.PROTOCOL_ERROR, "undecodable")
            if self.server.manager.sid_from_eio_sid(wire.sid, packet.namespace) is None:
                _answer(wire, packet, "not_allowed")
                return None
        return lambda: self._hand_over(wire, text)

    def _hand_over(self, wire: Wire, text: str) -> None:
        """Let python-socketio do what it does; welcome who was admitted by it."""
        known = len(wire.listeners)
        try:
            self.handlers["message"](wire.sid, text[1:])
        except Exception as problem:  # noqa: BLE001 - the boundary: whatever it was, it ends this connection only
            self.quiet.note("connection ended by a bug", bug=type(problem).__name__)
            wire.close(Code.PROTOCOL_ERROR, "bug")
            return
        for listener in wire.listeners[known:]:
            listener.welcome()

    def _keep(self) -> None:
        """Ping everybody once in every interval, spread evenly; send away who never said what they came for."""
        turn = 0
        while True:
            gevent.sleep(self.limits.ping_seconds / _PING_TURNS)
            turn = (turn + 1) % _PING_TURNS
            for wire in tuple(self._turns[turn]):
                wire.ping()
            now = time.monotonic()
            while self._newcomers and self._newcomers[0][0] <= now:
                _, wire = self._newcomers.popleft()
                if not wire.listeners and not self._knows(wire):
                    wire.close(Code.REFUSED, "never joined")

    def _knows(self, wire: Wire) -> bool:
        manager = self.server.manager
        return any(manager.sid_from_eio_sid(wire.sid, path) for path in manager.get_namespaces())

    # --- going ------------------------------------------------------------------------------------------

    def forget(self, wire: Wire, reason: str) -> None:
        """Follow up the end of a wire."""
        self.sockets.pop(wire.sid, None)
        self._turns[wire.turn].discard(wire)
        if reason in self.OFFENCES:
            self.quiet.note("connection cut", reason=reason)
        self.handlers["disconnect"](wire.sid, reason)
        wire.listeners = ()

    def drain(self, seconds: float) -> None:
        """Take nobody in any more and send everybody away, spread over the time, so that they return spread.

        Call it from a greenlet; it returns when all are gone, after `seconds` at the latest.
        """
        self.draining = True
        until = time.monotonic() + seconds
        wires: Sequence[Wire] = tuple(self.sockets.values())
        share = max(1, len(wires) // 20)
        for first in range(0, len(wires), share):
            for wire in wires[first : first + share]:
                wire.close(Code.RESTARTING, "draining")
            gevent.sleep(min(seconds / 40, max(0.0, until - time.monotonic())))
        while any(not wire.has_ended for wire in wires) and time.monotonic() < until:
            gevent.sleep(0.02)
        for wire in wires:
            wire.end("draining")


class LeanManager(Manager):  # type: ignore[misc]  # socketio carries no types
    """python-socketio's book of connections, without a room for every single one.

    Such a room costs 600 bytes, and each leaving would look through all of them: ten thousand leaving at
    once would take minutes.
    """

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Enter a room that is not one's own name."""
        if room != sid:
            super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)

    def get_participants(self, namespace: str, room: Any) -> Iterable[tuple[str, str]]:
        """Yield who is in a room, or the one that it names."""
        alone = self.eio_sid_from_sid(room, namespace) if isinstance(room, str) else None
        if alone is None:
            yield from super().get_participants(namespace, room)
        else:
            yield room, alone


def _answer(wire: Wire, packet: Packet, code: str) -> None:
    if packet.number is not None:
        wire.write(text_frame(ack_text(packet.namespace, packet.number, {"ok": False, "code": code})))


def _refuse(start_response: "StartResponse", status: str, code: str, message: str) -> list[bytes]:
    body = json.dumps({"ok": False, "code": code, "message": message}).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    if status.startswith("503"):
        headers.append(("Retry-After", "2"))
    start_response(status, headers)
    return [body]
