"""One WebSocket on gevent's loop, from the handshake to the last byte. Knows frames and bounds, not what is said.

No greenlet rests on a connection. The loop calls when bytes have come; whole text frames are read in place and
everything else goes to wsproto. Only a message whose handling may wait gets a greenlet, for as long as it
takes, and meanwhile nothing more is read from that peer: that is all the pacing there is. A connection at
rest therefore costs an object, a descriptor and a watcher.
"""

import _socket
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import gevent
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage

READ_BYTES = 8192
# What a cut peer may still send before the descriptor is taken away from it.
DISCARD_BYTES = 64 * 1024
_READ, _WRITE = 1, 2
_OPEN, _CLOSING, _ENDED = "open", "closing", "ended"

Rest = Callable[[], None]


class Code(IntEnum):
    """Why a WebSocket is closed, as the other side is told."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    NOT_TEXT = 1003
    BAD_TEXT = 1007
    REFUSED = 1008
    TOO_BIG = 1009
    RESTARTING = 1012


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may cost. Source: docs/DECISIONS.md, limits."""

    message_bytes: int = 4096
    unsent_frames: int = 64
    burst_frames: int = 40
    frames_per_second: float = 10
    close_seconds: float = 2
    handshake_seconds: float = 10
    ping_seconds: float = 25
    ping_timeout_seconds: float = 20


class PeerFault(Exception):
    """The peer broke the protocol or a bound."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def text_frame(text: str) -> bytes:
    """Write a whole unmasked text frame.

    >>> text_frame("3")
    b'\\x81\\x013'
    """
    body = text.encode("utf-8", "replace")
    length = len(body)
    if length < 126:
        return bytes((0x81, length)) + body
    if length < 65536:
        return b"\x81\x7e" + length.to_bytes(2, "big") + body
    return b"\x81\x7f" + length.to_bytes(8, "big") + body


def read_whole_text(data: bytes) -> tuple[bytes, bytes] | None:
    """Return the unmasked body of the masked, final text frame that `data` starts with, and what follows it.

    None for anything else, which wsproto is asked about.

    >>> read_whole_text(bytes.fromhex("8185 37fa213d 7f9f4d5158") + b"next")
    (b'Hello', b'next')
    """
    if len(data) < 6 or data[0] != 0x81 or data[1] < 0x80:
        return None
    length, start = data[1] & 0x7F, 6
    if length >= 126:
        length, start = int.from_bytes(data[2:4], "big"), 8
        if data[1] & 0x7F == 127 or length < 126:
            return None
    end = start + length
    if len(data) < end:
        return None
    mask = data[start - 4 : start] * (length // 4 + 1)
    body = int.from_bytes(data[start:end], "big") ^ int.from_bytes(mask[:length], "big")
    return body.to_bytes(length, "big"), data[end:]


class WebSocket:
    """One peer. Subclasses say what a text means (`heard`) and what follows its end (`gone`).

    Everything here is called on the loop's own thread. Nothing here waits.
    """

    __slots__ = (
        "_allowance",
        "_counted_at",
        "_fragments",
        "_inbox",
        "_parser",
        "_reading",
        "_reason",
        "_size",
        "_socket",
        "_state",
        "_timer",
        "_unsent",
        "_writing",
        "limits",
    )

    def __init__(self, taken: _socket.socket, limits: Limits) -> None:
        self.limits = limits
        self._socket = taken
        self._state = _OPEN
        self._reason = ""
        self._allowance: float = limits.burst_frames
        self._counted_at = time.monotonic()
        self._inbox: deque[str] | None = None  # there is one while a greenlet is at work
        self._parser: Connection | None = None  # made for the first frame that is not a whole text
        self._fragments: list[str] = []
        self._size = 0  # bytes of the unfinished message; once closing, bytes thrown away
        self._unsent: list[bytes] = []
        self._writing: Any = None
        self._timer: Any = None
        self._reading: Any = gevent.get_hub().loop.io(taken.fileno(), _READ)
        self._reading.start(self._readable)

    # --- what subclasses say ----------------------------------------------------------------------------

    def heard(self, text: str) -> Rest | None:
        """Do what can be done about one text without waiting; return the rest, which may wait."""
        raise NotImplementedError

    def gone(self, reason: str) -> None:
        """Follow up the end of the connection; called once, in a greenlet of its own."""
        raise NotImplementedError

    # --- out --------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether something written now can still arrive."""
        return self._state is _OPEN

    @property
    def has_ended(self) -> bool:
        """Whether the descriptor has been taken away."""
        return self._state is _ENDED

    def write(self, frame: bytes) -> None:
        """Send one whole frame, or keep it until the peer reads on; a peer that does not read is cut."""
        if self._state is not _OPEN:
            return
        if len(self._unsent) >= self.limits.unsent_frames:
            # The first may be half sent: it is all that still goes out, so that no frame ends in the middle.
            del self._unsent[1:]
            self.close(Code.REFUSED, "unread")
            return
        self._put(frame)

    def close(self, code: Code, reason: str) -> None:
        """Say goodbye with a WebSocket close code, and take the descriptor away two seconds later at most."""
        if self._state is not _OPEN:
            return
        self._put(b"\x88\x02" + code.to_bytes(2, "big"))
        if self._state is not _OPEN:  # the peer was gone already
            return
        self._state = _CLOSING
        self._size = 0
        self._timer = gevent.get_hub().loop.timer(self.limits.close_seconds)
        self._timer.start(self.end, reason)
        self._listen()
        self._follow_up(reason)
        if not self._unsent:
            self._say_no_more()

    def end(self, reason: str) -> None:
        """Take the descriptor away now."""
        if self._state is _ENDED:
            return
        was_open, self._state = self._state is _OPEN, _ENDED
        for watcher in (self._reading, self._writing, self._timer):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        if self._parser is not None:
            # wsproto's reader and its generator hold each other; left so, only the collector would free them.
            with suppress(ValueError):  # it is running: this end came out of what it read
                self._parser._proto._parse_more.close()
        self._reading = self._writing = self._timer = self._parser = None
        self._unsent.clear()
        self._say_no_more()
        self._socket.close()
        if was_open:
            self._follow_up(reason)

    def _follow_up(self, reason: str) -> None:
        self._reason = reason
        if self._inbox is None:
            gevent.spawn_raw(self.gone, reason)
        else:
            self._inbox.clear()  # the greenlet at work sees to it: an end never overtakes an admission

    def _put(self, frame: bytes) -> None:
        if self._unsent:
            self._unsent.append(frame)
            return
        try:
            sent = self._socket.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.end("transport error")
            return
        if sent < len(frame):
            self._unsent.append(frame[sent:])
            self._writing = gevent.get_hub().loop.io(self._socket.fileno(), _WRITE)
            self._writing.start(self._writable)

    def _writable(self) -> None:
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent[0])
                if sent < len(self._unsent[0]):
                    self._unsent[0] = self._unsent[0][sent:]
                    return
                del self._unsent[0]
        except BlockingIOError:
            return
        except OSError:
            self.end("transport error")
            return
        self._writing.stop()
        self._writing.close()
        self._writing = None
        if self._state is _CLOSING:
            self._say_no_more()

    def _say_no_more(self) -> None:
        # After our close frame the peer sees the end of the stream and hangs up; its own frame is not awaited.
        with suppress(OSError):  # the peer may have been faster
            self._socket.shutdown(socket.SHUT_WR if self._state is _CLOSING else socket.SHUT_RDWR)

    # --- in ---------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end("transport close")
        elif self._state is _CLOSING:
            self._size += len(data)
            if self._size > DISCARD_BYTES:
                self.end("flood")
        else:
            self._take(data)

    def _listen(self) -> None:
        if not self._reading.active:
            self._reading.start(self._readable)

    def _take(self, data: bytes) -> None:
        try:
            for text in self._texts(data):
                if self._inbox is not None:
                    self._inbox.append(text)
                elif (rest := self.heard(text)) is not None:
                    self._inbox = deque()
                    if self._state is _OPEN:
                        self._reading.stop()
                    gevent.spawn_raw(self._finish, rest)
        except PeerFault as fault:
            self.close(fault.code, fault.reason)

    def _finish(self, rest: Rest | None) -> None:
        """Do what may wait, then what came with it, then listen again."""
        while rest is not None:
            rest()
            rest = None
            while self._inbox and rest is None:
                try:
                    rest = self.heard(self._inbox.popleft())
                except PeerFault as fault:
                    self.close(fault.code, fault.reason)
        self._inbox = None
        if self._state is _OPEN:
            self._listen()
        else:
            self.gone(self._reason)

    def _texts(self, data: bytes) -> Iterator[str]:
        """Yield each whole text in `data`; stop when the connection does.

        :raises PeerFault: what was sent is no text, too much, or too often
        """
        while data and self._parser is None and self._state is _OPEN:
            found = read_whole_text(data)
            if found is None:
                self._parser = Connection(ConnectionType.SERVER)
                break
            body, data = found
            self._charge()
            if len(body) > self.limits.message_bytes:
                raise PeerFault(Code.TOO_BIG, "too_big")
            try:
                yield str(body, "utf-8")
            except UnicodeDecodeError:
                raise PeerFault(Code.BAD_TEXT, "undecodable") from None
        if (parser := self._parser) is None or not data or self._state is not _OPEN:
            return
        parser.receive_data(data)
        for event in parser.events():
            if (text := self._text_of(event, parser)) is not None:
                yield text
            if self._state is not _OPEN:
                return

    def _text_of(self, event: Event, parser: Connection) -> str | None:
        """Return the text that this piece completes, if it does."""
        match event:
            case TextMessage():
                return self._joined(event)
            case CloseConnection():
                # Also how wsproto reports what it cannot decode, with a code of its own for that.
                if event.code in (Code.PROTOCOL_ERROR, Code.BAD_TEXT):
                    raise PeerFault(Code(event.code), "undecodable")
                self.close(Code.NORMAL, "client")
            case BytesMessage():
                raise PeerFault(Code.NOT_TEXT, "not_text")
            case Ping():
                self._charge()
                self.write(parser.send(event.response()))
            case _:
                self._charge()
        return None

    def _joined(self, piece: TextMessage) -> str | None:
        self._fragments.append(piece.data)
        self._size += len(piece.data.encode("utf-8"))
        if self._size > self.limits.message_bytes:
            raise PeerFault(Code.TOO_BIG, "too_big")
        if piece.frame_finished:
            self._charge()
        if not piece.message_finished:
            return None
        text = "".join(self._fragments)
        self._fragments.clear()
        self._size = 0
        return text

    def _charge(self) -> None:
        """Count one frame against what this peer may send.

        :raises PeerFault: it sends too many
        """
        now = time.monotonic()
        refill = (now - self._counted_at) * self.limits.frames_per_second
        self._allowance = min(self.limits.burst_frames, self._allowance + refill) - 1
        self._counted_at = now
        if self._allowance < 0:
            raise PeerFault(Code.REFUSED, "flood")
