"""A real server of the demo town in a folder of its own: started, looked at from outside, ended."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.process import Process

COMMAND = (str(Path(sys.executable).with_name("scenario-app")),)
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Town:
    """A running server and the way in."""

    process: Process
    environment: dict[str, str]
    base: str
    code: str

    def post(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        """Send JSON and return the JSON that comes back.

        :raises urllib.error.HTTPError: a refusal
        """
        request = urllib.request.Request(
            self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def desk_token(self) -> dict[str, Any]:
        """Sign in as the facilitator of the demo town by a code from the command line."""
        shown = subprocess.run(
            [*COMMAND, "account", "code", "fay@eastmere.example", "--json"],
            env=self.environment,
            check=False,
            capture_output=True,
        )
        if shown.returncode:
            raise RuntimeError(f"no sign-in code: {shown.stderr.decode()}")
        code = json.loads(shown.stdout)
        return self.post(
            "/api/v1/desk-tokens", {"email": code["email"], "code": code["code"], "section": self.code}
        )


@contextmanager
def town(folder: Path, *, seats: int) -> Iterator[Town]:
    """Serve the demo town on a free port until the block ends, with room for so many seats.

    :raises RuntimeError: it did not start; its own words are in the message
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "LOG_LEVEL": "WARNING"}
    for name in ("DATABASE_URL", "REDIS_URL", "HOST", "PUBLIC_URL"):
        environment.pop(name, None)
    log = folder / "server.log"
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--demo"], env=environment, stdout=lines, stderr=subprocess.STDOUT
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _await_answer(process, base, log)
        found = re.search(r"/join/([0-9A-Z]{6})", log.read_text())
        assert found is not None, log.read_text()
        _make_room(folder / "scenario.db", seats)
        yield Town(Process(process.pid), environment, base, found[1])
    except Exception:
        if process.poll() is not None:
            raise RuntimeError(
                f"the server ended with {process.returncode}: {log.read_text()[-2000:]}"
            ) from None
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_answer(process: "subprocess.Popen[bytes]", base: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()}")


def _make_room(database: Path, seats: int) -> None:
    # The only thing here that is not said through the public contract: no page sets a section's size yet.
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE section SET size_cap = ?", (max(2000, seats + 10),))
    connection.close()
