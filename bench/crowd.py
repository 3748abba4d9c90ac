"""So many phones in one section: they take seats, connect, follow the cue and vote; everything is timed."""

import asyncio
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.process import Process
from bench.town import Town
from scenario_app.phones import Desk, Disconnected, Message, Phone, ballot

VOTE_SECONDS = 2.0
VOTES_OVER = 3
CONNECTING_AT_ONCE = 200
CLERKS = 4


@dataclass(slots=True)
class Measured:
    """What one size of room cost."""

    phones: int
    connects_per_second: float = 0
    connect_cpu_us: float = 0
    phone_kb: float = 0
    votes_per_second: float = 0
    vote_cpu_us: float = 0
    ack_p50_ms: float = 0
    ack_p99_ms: float = 0
    ack_worst_ms: float = 0
    refused: int = 0
    cue_to_last: float = 0
    cue_bytes: int = 0


class TimedPhone(Phone):
    """A phone that remembers when its newest cue came."""

    cue_came_at = 0.0

    def message_came(self, name: str) -> None:
        """Note the moment."""
        if name == "cue":
            self.cue_came_at = time.perf_counter()


async def measure(town: Town, count: int) -> Measured:
    """Fill the town's open section with `count` phones and let them vote."""
    found = Measured(count)
    memory = town.process.memory_kb()
    seats = await asyncio.to_thread(_take_seats, town, count)
    phones = [TimedPhone(town.base, seat) for seat in seats]
    await connect(town.process, phones, found)
    # Counted from before the first seat: freed memory that the phones settle in is theirs as well.
    found.phone_kb = (town.process.memory_kb() - memory) / count
    token = await asyncio.to_thread(town.desk_token)
    async with Desk(town.base, token["token"], town.code) as desk:
        waiting = next(one["id"] for one in token["performances"] if one["state"] == "waiting")
        await _timed_act(desk, phones, found, "start_performance", performance=waiting)
        while not (opened := await _timed_act(desk, phones, found, "open_round"))["ok"]:
            assert (await _timed_act(desk, phones, found, "go_on"))["ok"], opened
        cue = phones[0].cue
        assert cue is not None
        keys = [response["key"] for response in cue["round"]["responses"]]
        await everybody_votes(town.process, phones, cue["round"]["id"], keys, found)
    for phone in phones:
        phone.vanish()
    return found


def _take_seats(town: Town, count: int) -> list[str]:
    """Take seats by HTTP, as many a second as a section lets in."""

    def clerk(share: int) -> list[str]:
        secrets: list[str] = []
        connection = http.client.HTTPConnection(town.base.removeprefix("http://"), timeout=20)
        while len(secrets) < share:
            connection.request(
                "POST", f"/api/v1/doors/{town.code}/seats", "{}", {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            body = json.load(answer)
            if answer.status == 201:
                secrets.append(body["seat"])
            elif answer.status == 429:
                time.sleep(0.05)
            else:
                raise RuntimeError(f"no seat: {body}")
        connection.close()
        return secrets

    shares = [count // CLERKS + (number < count % CLERKS) for number in range(CLERKS)]
    with ThreadPoolExecutor(CLERKS) as clerks:
        return [secret for secrets in clerks.map(clerk, shares) for secret in secrets]


async def connect(process: Process, phones: list[TimedPhone], found: Measured) -> None:
    """Connect everybody, until each has its first cue."""
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def come(phone: TimedPhone) -> None:
        async with gate:
            await phone.join()
            await phone.until(lambda one: one.cue_came_at > 0)

    cpu, started = process.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(come(phone) for phone in phones))
    found.connects_per_second = len(phones) / (time.perf_counter() - started)
    found.connect_cpu_us = (process.cpu_seconds() - cpu) / len(phones) * 1e6


async def _timed_act(
    desk: Desk, phones: list[TimedPhone], found: Measured, action: str, **fields: object
) -> Message:
    """Do a desk action; when it changes the cue, note how long the last phone waited for it."""
    for phone in phones:
        phone.cue_came_at = 0.0
    await desk.until(lambda one: one.cue is not None)
    started = time.perf_counter()
    ack = await desk.act(action, **fields)
    if ack["ok"]:
        while not all(phone.cue_came_at for phone in phones):
            await asyncio.sleep(0.01)
        found.cue_to_last = max(found.cue_to_last, max(phone.cue_came_at for phone in phones) - started)
        found.cue_bytes = max(found.cue_bytes, len(json.dumps(phones[0].cue, ensure_ascii=False).encode()))
        await desk.until(lambda one: one.cue is not None and one.cue["seq"] == ack["seq"])
    return ack


async def everybody_votes(
    process: Process, phones: list[TimedPhone], round_id: int, keys: list[str], found: Measured
) -> None:
    """Let everybody vote within two seconds, change their minds, and again; keep the middle cost, the worst wait."""
    costs, waits = [], []
    for rev in range(1, VOTES_OVER + 1):
        await asyncio.sleep(1)
        cpu, started = process.cpu_seconds(), time.perf_counter()
        acks, waited = await _vote_once(phones, round_id, keys, rev)
        rate = len(acks) / (time.perf_counter() - started)
        costs.append((process.cpu_seconds() - cpu) / len(phones) * 1e6)
        waits.append(sorted(waited))
        found.votes_per_second = max(found.votes_per_second, rate)
        found.refused += sum(1 for ack in acks if not (ack and ack["ok"]))
    found.vote_cpu_us = sorted(costs)[VOTES_OVER // 2]
    found.ack_p50_ms = sorted(each[len(phones) // 2] for each in waits)[VOTES_OVER // 2] * 1000
    found.ack_p99_ms = max(each[int(len(phones) * 0.99)] for each in waits) * 1000
    found.ack_worst_ms = max(each[-1] for each in waits) * 1000


async def _vote_once(
    phones: list[TimedPhone], round_id: int, keys: list[str], rev: int
) -> tuple[list[Message | None], list[float]]:
    acks: list[Message | None] = []
    waits: list[float] = []
    everybody = asyncio.Event()

    def cast(number: int, phone: TimedPhone) -> None:
        sent = time.perf_counter()

        def answered(ack: Message | None) -> None:
            waits.append(time.perf_counter() - sent)
            acks.append(ack)
            if len(acks) == len(phones):
                everybody.set()

        phone.say("cast", ballot(round_id, keys[(number + rev) % len(keys)], rev=rev), answered)

    started = time.perf_counter()
    share = max(1, len(phones) // 200)
    for first in range(0, len(phones), share):
        for number, phone in enumerate(phones[first : first + share], start=first):
            cast(number, phone)
        ahead = started + VOTE_SECONDS * (first + share) / len(phones) - time.perf_counter()
        await asyncio.sleep(max(0.0, ahead))
    try:
        async with asyncio.timeout(15):
            await everybody.wait()
    except TimeoutError:
        raise Disconnected from None
    return acks, waits
