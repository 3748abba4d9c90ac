"""Ten thousand hostile frames, five hundred hostile requests: no bug, a small log, honest votes counted meanwhile."""

import asyncio
import json
import random
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from live.queries import votes_in
from scenario_app.kernel.clock import utc_now
from scenario_app.phones import Phone, Refused, masked_frame
from tests.application import client_of, make_app
from tests.faults.hostile import BODIES, KINDS, PLACES, POSTS, TEXTS, Target, frame, hostile_request
from tests.halls import Hall, act, ask, new_hall, prepare
from tests.kernel.hall_process import Raw
from tests.makers import make_floor, make_town
from tests.real_servers import Server, serving

FRAMES = 10_000
REQUESTS = 500
FRAMES_ON_A_CONNECTION = 10
METRICS_TOKEN = "who-may-read-the-counters"
# Planted where people put personal things; none of them may be found anywhere afterwards.
CANARIES = {
    "address": "203.0.113.77",
    "wrong code": "CANARY",
    "sentence": "my-neighbour-Farida-was-sectioned",
    "secret": "canary-secret-0123456789abcdef",
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory, migrated_sqlite):
    """A server with a round open in one section, and in another one that is noise."""
    data_dir = tmp_path_factory.mktemp("hostile") / "data"
    town = prepare(data_dir, migrated_sqlite)
    noise = make_floor(town, now=utc_now(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    # The address that a proxy tells is the one that must not be found again.
    with serving(data_dir, TRUSTED_PROXIES="1", METRICS_TOKEN=METRICS_TOKEN) as server:
        hall = new_hall(town, server, "an-evening")
        hall.noise = noise
        yield hall


async def open_the_round(hall: Hall) -> Target:
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)
        await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
        cue = await act(desk, "open_round")
    seats = [await asyncio.to_thread(hall.seat) for _attacker in range(20)]
    [other] = hall.noise.sit(None)
    return Target(hall.code, cue["round"]["id"], seats, hall.noise.round_id, other.secret)


@pytest.fixture(scope="module")
def target(hall) -> Target:
    return asyncio.run(open_the_round(hall))


def memory_kb(server: Server) -> int:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


async def attack(server: Server, target: Target, rng: random.Random) -> None:
    """Send a few hostile frames on one connection; two of three attackers take their seat first."""
    raw = await Raw.open(server, join=False)
    try:
        if rng.random() < 0.66:
            auth = json.dumps({"seat": rng.choice(target.seats)})
            raw.send(masked_frame(f"40/audience,{auth}".encode()))
        for _frame in range(FRAMES_ON_A_CONNECTION):
            raw.send(frame(rng, target))
        await raw.writer.drain()
        async with asyncio.timeout(3):
            await raw.reader.read(2**16)
    except (OSError, TimeoutError):
        pass  # cut, which is what it asked for
    raw.close()


async def ask_badly(server: Server, target: Target, rng: random.Random) -> int | None:
    """Send one hostile request; return the status, or None when the connection was closed without a word."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(hostile_request(rng, target))
        writer.write_eof()
        async with asyncio.timeout(20):
            head = await reader.read(2**16)
    except OSError:
        head = b""
    writer.close()
    return int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.") else None


async def assault(hall: Hall, target: Target, frames: int, requests: int, seed: int) -> tuple[list, list]:
    """Attack; return the statuses of the requests, and how long an honest phone waited for each of its acks."""
    rng = random.Random(seed)
    waits: list[float] = []
    statuses: list[int | None] = []
    over = asyncio.Event()
    seat = await asyncio.to_thread(hall.seat)

    async def vote_honestly() -> None:
        async with Phone(hall.server.url, seat) as phone:
            while not over.is_set():
                began = time.perf_counter()
                ack = await phone.cast(target.round_id, "b", rev=len(waits) + 1)
                assert ack["ok"], ack
                waits.append(time.perf_counter() - began)
                await asyncio.sleep(0.55)  # within a seat's own budget of two votes a second

    async with asyncio.TaskGroup() as peers:
        peers.create_task(vote_honestly())
        connections = frames // FRAMES_ON_A_CONNECTION
        for _wave in range(connections // 10):
            async with asyncio.TaskGroup() as attackers:
                for _ in range(10):
                    attackers.create_task(attack(hall.server, target, rng))
                bad = [
                    attackers.create_task(ask_badly(hall.server, target, rng))
                    for _ in range(requests * 10 // connections)
                ]
            statuses += [task.result() for task in bad]
        over.set()
    return statuses, waits


@pytest.mark.slow
def test_ten_thousand_hostile_frames_and_five_hundred_requests_make_no_bug_and_cost_nobody_a_vote(
    hall, target
):
    asyncio.run(assault(hall, target, 1000, 100, seed=1))
    before = memory_kb(hall.server)

    statuses, waits = asyncio.run(assault(hall, target, FRAMES, REQUESTS, seed=2))

    log = hall.server.log_text()
    assert len(statuses) == REQUESTS
    assert [status for status in statuses if status and status >= 500] == [], statuses
    assert sum(status is not None for status in statuses) > REQUESTS / 2
    assert "Traceback" not in log
    assert '"bug"' not in log
    assert len(log) < 200 * 1024
    assert memory_kb(hall.server) - before < 20 * 1024
    print(f"honest acks: {len(waits)}, slowest {max(waits) * 1000:.0f} ms")
    assert sorted(waits)[len(waits) // 2] < 0.5
    with hall.noise.town.database.reading() as session:
        assert votes_in(session, target.other_round, ["a", "b", "c"]) == {"a": 0, "b": 0, "c": 0}


def test_nothing_personal_is_found_in_log_metric_or_error_page(hall, target):
    here = {"X-Forwarded-For": CANARIES["address"]}
    answers = [
        ask(f"{hall.api}/doors/{CANARIES['wrong code']}", **here),
        ask(f"{hall.api}/doors/{hall.code}/seats", {"role": CANARIES["sentence"]}, **here),
        ask(
            f"{hall.api}/rounds/{target.round_id}/ballots",
            {"response": CANARIES["sentence"]},
            Authorization=f"Bearer {CANARIES['secret']}",
            **here,
        ),
        ask(
            f"{hall.api}/desk-tokens",
            {"email": CANARIES["sentence"] + "@x", "code": "1", "section": "CANARY"},
            **here,
        ),
    ]
    with pytest.raises(Refused, match="not_a_member"):
        asyncio.run(join(hall, CANARIES["secret"]))

    metrics = page_at(f"{hall.server.url}/metrics", Authorization=f"Bearer {METRICS_TOKEN}")
    page = page_at(f"{hall.server.url}/events/{CANARIES['sentence']}?q={CANARIES['secret']}", **here)

    assert "python_info" in metrics
    assert [status for status, _answer, _headers in answers] == [404, 422, 422, 403]
    for name, canary in {**CANARIES, "a seat": target.other_seat, "the door": target.seats[0]}.items():
        assert canary not in hall.server.log_text(), name
        assert canary not in metrics, name
        for _status, answer, headers in answers:
            assert canary not in json.dumps(answer) + str(headers), name
        assert canary not in page, name


async def join(hall: Hall, secret: str) -> None:
    async with Phone(hall.server.url, secret):
        pass


def page_at(url: str, **headers: str) -> str:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.read().decode()


@pytest.fixture
def app(database, config, clock):
    app = make_app(config, database, clock)
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    floor.open_round()
    app.extensions["floor"] = floor
    return app


def callers(app):
    """Nobody, and the owner, who gets everywhere."""
    return [client_of(app), client_of(app, app.extensions["floor"].town.account("olu"))]


def test_no_address_however_odd_is_a_bug_on_either_database(app, caplog):
    odd = [*TEXTS, "%ED%A0%80", "%F0%90", "\u202e", "a%00b"]
    for client in callers(app):
        for place in PLACES:
            for text in odd:
                status = client.get(place.replace("{}", text)).status_code
                assert status < 500 or "/healthz" in place, (place, text, status)
    assert "failed" not in caplog.text


def test_no_body_however_odd_is_a_bug_on_either_database(app, caplog):
    floor = app.extensions["floor"]
    [seat] = floor.sit(None)
    for client in callers(app):
        client.set_cookie(f"seat-{floor.section.code}", seat.secret)
        for place in POSTS:
            address = place.format(code=floor.section.code, round=floor.round_id)
            for body in BODIES:
                for kind in KINDS[:2] if len(body) < 50_000 else KINDS[:1]:
                    answer = client.post(
                        address,
                        data=body,
                        content_type=kind,
                        headers={"Authorization": f"Bearer {seat.secret}"},
                    )
                    assert answer.status_code < 500, (address, body[:60], kind, answer.status_code)
                    if "/api/" in address:
                        assert isinstance(answer.json["ok"], bool), address
    assert "failed" not in caplog.text
