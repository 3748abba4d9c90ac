"""Start the small hall in a process of its own; look at it from outside; speak raw WebSocket to it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scenario_app.phones import Phone, masked_frame

ROOT = Path(__file__).parents[2]
SHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n{more}\r\n"
)
PING = b"2"


@dataclass
class HallProcess:
    """A running server, seen from outside."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    @property
    def files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))  # noqa: PTH208 - a count, thousands of times

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def phone(self, name: str = "ada") -> Phone:
        return Phone(self.address, name)


@contextmanager
def hall(tmp_path: Path, *arguments: str, **limits: float) -> Iterator[HallProcess]:
    """Run the small hall; end it in the way that a service manager does."""
    log = tmp_path / f"hall-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "tests.kernel.small_hall", *(arguments or [json.dumps(limits)])]
    with log.open("wb") as lines:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=lines)
    assert process.stdout is not None
    try:
        port = process.stdout.readline()
        assert port, log.read_text()
        yield HallProcess(process, int(port), log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


class Raw:
    """A peer that sends what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = b""

    @classmethod
    async def open(
        cls, house: HallProcess, *, join: bool = True, more: str = "", limit: int = 2**16
    ) -> "Raw":
        """Connect and shake hands; with `join`, enter /audience as `raw`."""
        raw = cls(*await asyncio.open_connection("127.0.0.1", house.port, limit=limit))
        raw.writer.write(SHAKE.format(host=f"127.0.0.1:{house.port}", more=more).encode())
        raw.head = await raw.reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in raw.head, raw.head
        assert (await raw.frame())[1].startswith(b'0{"sid"')
        if join:
            raw.text('40/audience,{"seat":"raw"}')
            assert (await raw.frame())[1].startswith(b"40/audience")
            assert (await raw.frame())[1].startswith(b'42/audience,["seat"')
        return raw

    def text(self, text: str) -> None:
        self.writer.write(masked_frame(text.encode()))

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def frame(self) -> tuple[int, bytes]:
        """Return the first byte and the body of the next whole frame.

        :raises asyncio.IncompleteReadError: the stream ended; `partial` is what was left of a frame
        """
        while True:
            first, length = await self.reader.readexactly(2)
            if length >= 126:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
            body = await self.reader.readexactly(length)
            if body != PING:  # one may come at any moment; nobody here answers it
                return first, body

    async def answer(self) -> dict[str, object]:
        """Return the next ack."""
        while True:
            _, body = await asyncio.wait_for(self.frame(), 10)
            if body.startswith(b"43"):
                found: dict[str, object] = json.loads(body[body.index(b"[") :])[0]
                return found

    async def close_code(self) -> int | None:
        """Read to the end; return the code of the close frame, None when there was none."""
        try:
            while True:
                first, body = await asyncio.wait_for(self.frame(), 15)
                if first == 0x88:
                    await asyncio.wait_for(self.reader.read(), 15)
                    return int.from_bytes(body[:2], "big")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def close(self) -> None:
        self.writer.transport.abort()


async def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something outside comes true.

    :raises TimeoutError: it does not
    """
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)
