"""Programs that behave like phones and desks: one real WebSocket each, by docs/PROTOCOL.md alone.

`scenario-app rehearse` fills a hall with them and `bench/` measures with them, so they are cheap: one process
holds ten thousand. Written on asyncio; shares no state with the server's code.
"""

import asyncio
import json
import random
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

Message = dict[str, Any]

_CALL_SECONDS = 15.0
# One buffer for all: what was read is taken out of it before anybody reads again.
_BUFFER = bytearray(256 * 1024)


class Refused(Exception):
    """The server did not let this client in; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Disconnected(Exception):
    """The connection ended; what was asked may or may not have been done."""


def masked_frame(body: bytes, opcode: int = 0x81) -> bytes:
    """Write a client's whole frame: text unless `opcode` says otherwise."""
    length = len(body)
    size = bytes((0x80 | length,)) if length < 126 else b"\xfe" + length.to_bytes(2, "big")
    mask = random.getrandbits(32).to_bytes(4, "big")
    key = (mask * (length // 4 + 1))[:length]
    hidden = int.from_bytes(body, "big") ^ int.from_bytes(key, "big")
    return bytes((opcode,)) + size + mask + hidden.to_bytes(length, "big")


class Client(asyncio.BufferedProtocol):
    """One connection to one namespace. Use it with `async with`.

    :raises Refused: on entering, when the server says no
    :raises Disconnected: on entering or asking, when the connection ends
    """

    namespace: ClassVar[str]

    def __init__(self, address: str, auth: Mapping[str, object]) -> None:
        self.address = urlsplit(address)
        self._auth = auth
        self._transport: asyncio.Transport | None = None
        self._unread = b""
        self._upgraded = False
        self._number = 0
        self._asked: dict[int, Callable[[Message | None], None]] = {}
        self._joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._news = asyncio.Event()
        self._messages: dict[str, str] = {}
        self.heard = 0

    # --- coming and going -------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.join()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    async def join(self) -> None:
        """Connect, and wait until the namespace lets this client in."""
        loop = asyncio.get_running_loop()
        secure = self.address.scheme == "https"
        port = self.address.port or (443 if secure else 80)
        try:
            await loop.create_connection(lambda: self, self.address.hostname or "", port, ssl=secure or None)
            async with asyncio.timeout(_CALL_SECONDS):
                await self._joined
        except (OSError, TimeoutError) as problem:
            raise Disconnected from problem

    def leave(self) -> None:
        """Hang up as a page does that is closed."""
        if self._transport is not None:
            self._transport.write(masked_frame(b"\x03\xe8", 0x88))
            self._transport.close()

    def vanish(self) -> None:
        """Be gone without a word, like a phone in a tunnel."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def is_connected(self) -> bool:
        """Whether something sent now has a chance to arrive."""
        return self._transport is not None and not self._transport.is_closing()

    # --- saying and hearing -----------------------------------------------------------------------------

    async def ask(self, name: str, payload: Mapping[str, object]) -> Message:
        """Send a message and return its ack.

        :raises Disconnected: no ack came
        """
        answered: asyncio.Future[Message | None] = asyncio.get_running_loop().create_future()

        def settle(ack: Message | None) -> None:
            if not answered.done():
                answered.set_result(ack)

        self.say(name, payload, settle)
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                ack = await answered
        except TimeoutError:
            ack = None
        if ack is None:
            raise Disconnected
        return ack

    def say(self, name: str, payload: Mapping[str, object], then: Callable[[Message | None], None]) -> None:
        """Send a message and go on; `then` is called with its ack, or with None when the connection ends."""
        if self._transport is None or self._transport.is_closing():
            then(None)
            return
        self._number += 1
        self._asked[self._number] = then
        body = json.dumps([name, payload], separators=(",", ":"))
        self._transport.write(masked_frame(f"42{self.namespace},{self._number}{body}".encode()))

    def latest(self, name: str) -> Message | None:
        """Return the newest message of this name; messages are whole, so nobody needs the one before."""
        text = self._messages.get(name)
        return None if text is None else json.loads(text)[1]

    async def until(self, holds: Callable[[Self], bool], seconds: float = _CALL_SECONDS) -> None:
        """Wait until something holds that messages can bring about.

        :raises TimeoutError: it does not
        """
        async with asyncio.timeout(seconds):
            while not holds(self):
                self._news.clear()
                await self._news.wait()

    def message_came(self, name: str) -> None:
        """Be told that a message arrived. For subclasses; does nothing."""

    # --- what asyncio calls -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = b64encode(secrets.token_bytes(16)).decode()
        host = self.address.netloc
        transport.write(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            f"Host: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        data = self._unread + _BUFFER[:nbytes]
        if not self._upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._unread = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._fail(Refused(head.split(b"\r\n", 1)[0].decode("latin-1")))
                return
            self._upgraded = True
        self._unread = self._take_frames(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transport = None
        self._fail(Disconnected())
        asked, self._asked = self._asked, {}
        for then in asked.values():
            then(None)
        self._news.set()

    def _fail(self, problem: Exception) -> None:
        if not self._joined.done():
            self._joined.set_exception(problem)
        if self._transport is not None:
            self._transport.close()

    def _take_frames(self, data: bytes) -> bytes:
        start = 0
        while len(data) - start >= 2:
            length, body = data[start + 1], start + 2
            if length == 126:
                length, body = int.from_bytes(data[body : body + 2], "big"), body + 2
            elif length == 127:
                length, body = int.from_bytes(data[body : body + 8], "big"), body + 8
            if len(data) < body + length:
                break
            self._take(data[start], data[body : body + length])
            start = body + length
        return data[start:]

    def _take(self, opcode: int, body: bytes) -> None:
        if opcode == 0x88:
            self.leave()
        elif opcode == 0x81:
            self._take_text(body.decode())

    def _take_text(self, text: str) -> None:
        assert self._transport is not None
        prefix = f"{self.namespace},"
        kind, rest = text[:2], text[2:].removeprefix(prefix)
        match kind:
            case "42":
                name = rest[2 : rest.index('"', 2)]
                self._messages[name] = rest  # read when somebody asks: most cues never are
                self.heard += 1
                self.message_came(name)
                self._news.set()
            case "43":
                number, ack = rest.split("[", 1)
                then = self._asked.pop(int(number), None)
                if then is not None:
                    then(json.loads("[" + ack)[0])
            case "40" if not self._joined.done():
                self._joined.set_result(None)
            case "44":
                self._fail(Refused(json.loads(rest).get("message", "")))
            case "41":
                self._transport.close()
            case "2":
                self._transport.write(masked_frame(b"3"))
            case _ if text.startswith("0"):
                self._transport.write(masked_frame(f"40{prefix}{json.dumps(self._auth)}".encode()))


class Phone(Client):
    """A seat's phone."""

    namespace = "/audience"

    def __init__(self, address: str, seat: str) -> None:
        super().__init__(address, {"seat": seat})

    @property
    def seat(self) -> Message | None:
        """What the server said about this seat: its role and its ballots."""
        return self.latest("seat")

    @property
    def cue(self) -> Message | None:
        """The newest cue."""
        return self.latest("cue")

    async def cast(self, round_id: int, response: str, *, rev: int = 1, key: str | None = None) -> Message:
        """Cast a ballot and return the ack. A tap has a key of its own; give it again to repeat the tap."""
        return await self.ask("cast", ballot(round_id, response, rev=rev, key=key))


def ballot(round_id: int, response: str, *, rev: int = 1, key: str | None = None) -> Message:
    """Return the payload of `cast`."""
    return {"round": round_id, "response": response, "key": key or secrets.token_hex(8), "rev": rev}


class Desk(Client):
    """A facilitator's desk, with a token from /api/v1/desk-tokens."""

    namespace = "/desk"

    def __init__(self, address: str, token: str, section: str) -> None:
        super().__init__(address, {"token": token, "section": section})

    @property
    def cue(self) -> Message | None:
        """The newest cue."""
        return self.latest("cue")

    async def act(self, action: str, **fields: object) -> Message:
        """Do a desk action on the newest cue and return the ack."""
        await self.until(lambda desk: desk.cue is not None)
        assert self.cue is not None
        return await self.ask(action, {**fields, "expects": self.cue["seq"]})


class Screen(Client):
    """A projected screen: it only listens."""

    namespace = "/screen"

    def __init__(self, address: str, key: str) -> None:
        super().__init__(address, {"key": key})
