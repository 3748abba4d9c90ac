"""Simulated phones that come through a real door: seats by HTTP, sockets, a vote in each round."""

import asyncio
import contextlib
import json
import random
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from scenario_app.kernel.errors import DomainError, NotFound
from scenario_app.kernel.tokens import clean_door_code
from scenario_app.phones import Disconnected, Phone, Refused

AT_ONCE = 50
Say = Callable[[str], None]


class NoServer(DomainError):
    """Nothing answers at this address."""

    code = "no_server"
    status = 503


class NoDoor(NotFound):
    """The server has no open door with this code."""

    code = "no_such_door"


def rehearse(base: str, code: str, *, phones: int, seconds: int, say: Say) -> int:
    """Fill a section with simulated phones and return how many votes were counted.

    Each takes a seat, follows the cues and casts one ballot, at random, within two seconds of each round's
    opening. Ends after `seconds`, or when the performance that was running has ended.

    :raises NoServer, NoDoor: before anybody came
    """
    return asyncio.run(_Hall(base.rstrip("/"), clean_door_code(code), say).fill(phones, seconds))


class _Hall:
    def __init__(self, base: str, code: str, say: Say) -> None:
        self.base, self.code, self.say = base, code, say
        self.voted = 0
        self.roles: list[str | None] = [None]
        self.turns: set[asyncio.Task[None]] = set()

    async def fill(self, count: int, seconds: int) -> int:
        door = await asyncio.to_thread(self._get, f"/api/v1/doors/{quote(self.code)}")
        if not door["open"]:
            raise NoDoor(found="a closed door")
        self.roles += [role["key"] for role in door["roles"]]
        gate = asyncio.Semaphore(AT_ONCE)
        came = [task for task in await asyncio.gather(*(self._come(gate) for _phone in range(count))) if task]
        self.say(f"{len(came)} of {count} phones are in: {door['event']}, {door['title']}.")
        began, known = False, 0
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while came and loop.time() < until:
            await asyncio.sleep(0.25)
            state = (came[0].cue or {}).get("performance") or {}
            began = began or state.get("state") not in (None, "waiting", "ended")
            if self.voted != known:
                known = self.voted
                self.say(f"{known} votes counted so far")
            if began and state.get("state") == "ended":
                break
        for phone in came:
            phone.leave()
        return self.voted

    async def _come(self, gate: asyncio.Semaphore) -> "Phone | None":
        role = random.choice(self.roles)
        async with gate:
            try:
                seat = await asyncio.to_thread(self._post, f"/api/v1/doors/{self.code}/seats", {"role": role})
                phone = _Voter(self.base, seat["seat"], self)
                await phone.join()
            except (Refused, Disconnected, NoServer, NoDoor):
                return None
        return phone

    def _get(self, path: str) -> dict[str, Any]:
        return self._open(urllib.request.Request(self.base + path))  # noqa: S310 - the operator's own server

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the operator's own server
            self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the operator's own server
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as problem:
            raise NoDoor(found=f"status {problem.code}") from None
        except OSError:
            raise NoServer(found=self.base) from None


class _Voter(Phone):
    """A phone that votes once in every round it sees, after a moment's thought; sometimes it raises a hand."""

    def __init__(self, address: str, seat: str, hall: _Hall) -> None:
        super().__init__(address, seat)
        self._hall = hall
        self._voted_in: set[int] = set()
        self._weighed: set[int] = set()
        # About one person in twelve has something to say each time the play is played for stopping.
        self._hand = random.random() < 1 / 12

    def message_came(self, name: str) -> None:
        """Decide when a cue shows an open round."""
        cue = self.cue if name == "cue" else None
        if cue is None:
            return
        round_, performance, tried = cue["round"], cue["performance"], cue["intervention"]
        if round_ is not None and round_["state"] == "open" and round_["id"] not in self._voted_in:
            self._voted_in.add(round_["id"])
            self._soon(self._vote(round_))
        if tried is not None and tried["weighing"] == "open" and tried["id"] not in self._weighed:
            self._weighed.add(tried["id"])
            verdict = random.choice(("here", "magic", "unsure"))
            self._soon(self._say("weigh_intervention", {"intervention": tried["id"], "verdict": verdict}))
        if self._hand and performance is not None and performance["state"] == "interventions":
            self._hand = False
            lines = [line["n"] for line in cue["scene"]["lines"]]
            line = random.choice(lines) if lines else None
            self._soon(self._say("stop", {"scene": cue["scene"]["key"], "line": line}))

    def _soon(self, doing: Coroutine[Any, Any, None]) -> None:
        turn = asyncio.get_running_loop().create_task(doing)
        self._hall.turns.add(turn)
        turn.add_done_callback(self._hall.turns.discard)

    async def _say(self, name: str, fields: dict[str, object]) -> None:
        await asyncio.sleep(random.random() * 4)
        with contextlib.suppress(Disconnected):
            await self.ask(name, {**fields, "key": secrets.token_hex(8)})

    async def _vote(self, round_: dict[str, Any]) -> None:
        await asyncio.sleep(random.random() * 2)
        ballot = {"round": round_["id"], "key": secrets.token_hex(8), "rev": 1, **_choice(round_)}
        try:
            ack = await self.ask("cast", ballot)
        except Disconnected:
            return
        self._hall.voted += bool(ack.get("ok"))


def _choice(round_: dict[str, Any]) -> dict[str, object]:
    """Return what one phone of a crowd says, whatever kind of question it is."""
    keys = [response["key"] for response in round_["responses"]]
    some = random.sample(keys, random.randint(1, len(keys)))
    match round_["kind"]:
        case "approve":
            return {"responses": some}
        case "rank":
            return {"ranking": some}
        case "scale":
            return {"scale": random.randint(1, 5)}
    return {"response": some[0]}
