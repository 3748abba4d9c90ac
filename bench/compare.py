"""The same crowd at a bare Node Socket.IO server that only echoes. Needs node, and npm to fetch `socket.io`."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.crowd import Measured, TimedPhone, connect, everybody_votes
from bench.process import Process

CUE_CHARACTERS = 3000


@contextmanager
def echo_server() -> Iterator[tuple[Process, str]]:
    """Run the echo server until the block ends; give its process and its address.

    :raises RuntimeError: node or npm is not here, or npm cannot fetch
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise RuntimeError("node and npm are not here")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text("{}")
        install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "socket.io@4"]
        if subprocess.run(install, cwd=folder, capture_output=True, timeout=180, check=False).returncode:
            raise RuntimeError("npm could not fetch socket.io")
        shutil.copy(Path(__file__).with_name("echo.js"), folder)
        server = subprocess.Popen([node, "echo.js"], cwd=folder, stdout=subprocess.PIPE)
        assert server.stdout is not None
        try:
            yield Process(server.pid), f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


async def measure_echo(process: Process, address: str, count: int) -> Measured:
    """Fill the echo server with `count` phones and let them speak as voters do."""
    found = Measured(count)
    memory = process.memory_kb()
    phones = [TimedPhone(address, f"seat{number}") for number in range(count)]
    await connect(process, phones, found)
    found.phone_kb = (process.memory_kb() - memory) / count
    await everybody_votes(process, phones, 1, ["a", "b", "c"], found)
    for phone in phones:
        phone.cue_came_at = 0.0
    started = time.perf_counter()
    await phones[0].ask("shout", {"v": 1, "seq": 1, "text": "x" * CUE_CHARACTERS})
    while not all(phone.cue_came_at for phone in phones):
        await asyncio.sleep(0.01)
    found.cue_to_last = max(phone.cue_came_at for phone in phones) - started
    found.cue_bytes = CUE_CHARACTERS
    for phone in phones:
        phone.vanish()
    return found
