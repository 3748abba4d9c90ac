"""A hall: the real server in its own process, real sockets, a desk and as many phones as are asked for."""

import asyncio
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenario_app.kernel.clock import utc_now
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.phones import Desk, Phone, Screen
from tests.makers import Town, make_floor, make_sample_town, make_town
from tests.real_servers import Server

Json = dict[str, Any]


def ask(
    url: str, body: Mapping[str, object] | None = None, **headers: str
) -> tuple[int, Json, Mapping[str, str]]:
    """Ask the JSON API, as any program would; return status, answer and headers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"{}"), answer.headers
    except urllib.error.HTTPError as problem:
        return problem.code, json.loads(problem.read() or b"{}"), problem.headers


@dataclass
class Hall:
    """One section of a running server, reached by the public contract alone."""

    server: Server
    code: str
    tokens: Json = field(default_factory=dict)

    @property
    def api(self) -> str:
        """The address of the JSON API."""
        return f"{self.server.url}/api/v1"

    def sign_in(self, email: str = "fay@eastmere.example") -> Json:
        """Exchange a code of the command line for a desk token."""
        done = self.server.run("account", "code", email, "--json")
        assert done.returncode == 0, done.stderr
        code = json.loads(done.stdout)["code"]
        status, answer, _headers = ask(
            f"{self.api}/desk-tokens", {"email": email, "code": code, "section": self.code}
        )
        assert status == 201, answer
        self.tokens = answer
        return answer

    def seat(self, role: str | None = None) -> str:
        """Take a seat and return its secret."""
        status, answer, _headers = ask(f"{self.api}/doors/{self.code}/seats", {"role": role})
        assert status == 201, answer
        return str(answer["seat"])

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """Sit down at the desk."""
        if not self.tokens:
            await asyncio.to_thread(self.sign_in)
        async with Desk(self.server.url, self.tokens["token"], self.code) as desk:
            await desk.until(lambda it: it.cue is not None)
            yield desk

    @asynccontextmanager
    async def phones(self, count: int, roles: Iterable[str | None] = (None,)) -> AsyncIterator[list[Phone]]:
        """Let phones in and connect them."""
        cast = list(roles)
        secrets = await asyncio.gather(
            *(asyncio.to_thread(self.seat, cast[number % len(cast)]) for number in range(count))
        )
        phones = [Phone(self.server.url, secret) for secret in secrets]
        await asyncio.gather(*(phone.join() for phone in phones))
        await asyncio.gather(*(phone.until(lambda it: it.cue is not None) for phone in phones))
        try:
            yield phones
        finally:
            for phone in phones:
                phone.leave()

    def screen(self) -> Screen:
        """Return the section's screen, not yet connected."""
        return Screen(self.server.url, self.tokens["screen_key"])


async def act(desk: Desk, action: str, **fields: object) -> Json:
    """Do a desk action on the newest cue; wait until the desk has the cue that it made."""
    ack = await desk.act(action, **fields)
    assert ack["ok"], (action, ack)
    await desk.until(lambda it: it.cue is not None and it.cue["seq"] >= ack["seq"])
    assert desk.cue is not None
    return desk.cue


async def see(phones: Iterable[Phone], seq: int) -> None:
    """Wait until every phone has this cue or a newer one."""
    await asyncio.gather(
        *(phone.until(lambda it: it.cue is not None and it.cue["seq"] >= seq) for phone in phones)
    )


def prepare(
    data_dir: Path, migrated_sqlite: Path | None = None, database_url: str = "", *, samples: bool = False
) -> Town:
    """Make the town in a server's database before the server starts."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if migrated_sqlite is not None:
        shutil.copy(migrated_sqlite, data_dir / "scenario.db")
        database_url = f"sqlite:///{data_dir / 'scenario.db'}"
    config = Config(
        data_dir=data_dir,
        database_url=database_url,
        secret_key="a-secret-that-only-the-tests-know-0123456789",
    )
    database = Database(database_url)
    make = make_sample_town if samples else make_town
    return make(database, config, now=utc_now())


def new_hall(town: Town, server: Server, slug: str) -> Hall:
    """Programme an event of one section and return its hall. The door is closed."""
    floor = make_floor(town, now=utc_now(), slug=slug)
    return Hall(server, floor.section.code)
