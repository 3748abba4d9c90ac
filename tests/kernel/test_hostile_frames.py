"""Ten thousand hostile frames: nothing is raised, little is logged, and an honest phone hardly notices."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scenario_app.phones import masked_frame
from tests.kernel.hall_process import HallProcess, Raw, hall

FRAMES = 10_000
FRAMES_ON_A_CONNECTION = 10
Maker = Callable[[random.Random], bytes]


def _bytes(rng: random.Random, most: int = 60) -> bytes:
    return rng.randbytes(rng.randint(0, most))


def _value(rng: random.Random, depth: int = 3) -> object:
    kind = rng.randrange(9 if depth else 6)
    match kind:
        case 0:
            return rng.choice([None, True, False])
        case 1:
            return rng.choice([0, -1, 2**63, 10**400, 1e308, -0.0])
        case 2 | 3:
            return rng.choice(
                ["", "a", "\ud800", "\x00", "ünë" * 20, "__class__", "7" * 300, "'; drop table"]
            )
        case 4 | 5:
            return rng.choice(["cast", "echo", "connect", "disconnect", "trigger_event", "on_connect", "*"])
        case 6:
            return [_value(rng, depth - 1) for _ in range(rng.randint(0, 4))]
        case _:
            return {str(_value(rng, 0)): _value(rng, depth - 1) for _ in range(rng.randint(0, 4))}


def _packet(text: str) -> bytes:
    return masked_frame(text.encode("utf-8", "surrogatepass"))


def _wrong_shape(rng: random.Random) -> bytes:
    body = json.dumps([_value(rng) for _ in range(rng.randint(0, 3))])
    path = rng.choice(["/audience,", "/audience,", "/screen,", "/nowhere,", "", "/desk,", "/audience?x=1,"])
    number = rng.choice(["", "1", "999999999", "9" * 30])
    return _packet(f"42{path}{number}{body}"[:4000])


def _mangled(rng: random.Random) -> bytes:
    text = bytearray(b'42/audience,17["echo",{"round":3,"response":"a","key":"abcdefgh"}]')
    for _ in range(rng.randint(1, 6)):
        text[rng.randrange(len(text))] = rng.randrange(256)
    return masked_frame(bytes(text))


MAKERS: dict[str, Maker] = {
    "noise": lambda rng: _bytes(rng, 200),
    "a frame of noise": lambda rng: masked_frame(_bytes(rng)),
    "any first byte": lambda rng: masked_frame(_bytes(rng), rng.randrange(256)),
    "not masked": lambda rng: bytes((0x81, 5)) + b"42[1]",
    "a wrong length": lambda rng: bytes((0x81, 0xFE)) + rng.randbytes(6),
    "a huge length": lambda rng: b"\x81\xff" + rng.randrange(2**63).to_bytes(8, "big") + rng.randbytes(40),
    "binary": lambda rng: masked_frame(_bytes(rng), 0x82),
    "fragments": lambda rng: masked_frame(_bytes(rng), 0x01) + masked_frame(_bytes(rng), 0x00),
    "not JSON": lambda rng: _packet("42/audience,1" + rng.choice(["[", "{", '["a', "[1,]", "[NaN]", "]"])),
    "deep": lambda rng: _packet("42/audience,1" + "[" * rng.randint(500, 3900)),
    "deep auth": lambda rng: _packet("40/audience," + '{"a":' * rng.randint(300, 700)),
    "auth": lambda rng: _packet("40/screen," + json.dumps(_value(rng))[:4000]),
    "any packet": lambda rng: _packet(
        rng.choice("0123456b") + rng.choice("0123456789") + str(_value(rng))[:4000]
    ),
    "attachments": lambda rng: _packet(f'45{rng.choice(["", "1", "9" * 9])}-/audience,1["echo",{{"num":0}}]'),
    "acks": lambda rng: _packet(f"43/audience,{rng.randrange(10**6)}[]"),
    "wrong shapes": _wrong_shape,
    "mangled": _mangled,
    "too big": lambda rng: _packet('42/audience,1["echo",{"a":"' + "x" * rng.randint(4080, 9000) + '"}]'),
    "a close": lambda rng: masked_frame(_bytes(rng, 100), 0x88),
    "pings": lambda rng: masked_frame(_bytes(rng, 120), 0x89),
}


async def attack(house: HallProcess, frames: list[bytes]) -> None:
    """Send a few hostile frames on one connection, and stay a moment to be answered."""
    raw = await Raw.open(house)
    try:
        for frame in frames:
            raw.send(frame)
            await raw.writer.drain()
        await asyncio.wait_for(raw.reader.read(2**16), 5)
    except (OSError, TimeoutError):
        pass  # cut, which is what it asked for
    raw.close()


async def assault(house: HallProcess, count: int, seed: int) -> list[float]:
    """Send that many hostile frames; return how long an honest phone waited for each answer meanwhile."""
    rng = random.Random(seed)
    makers = list(MAKERS.values())
    waits: list[float] = []
    over = asyncio.Event()

    async def be_honest() -> None:
        async with house.phone("honest") as phone:
            while not over.is_set():
                started = time.perf_counter()
                assert (await phone.ask("echo", {"n": 1}))["ok"] is True
                waits.append(time.perf_counter() - started)
                await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as peers:
        peers.create_task(be_honest())
        connections = count // FRAMES_ON_A_CONNECTION
        for start in range(0, connections, 10):
            async with asyncio.TaskGroup() as attackers:
                for _ in range(min(10, connections - start)):
                    frames = [rng.choice(makers)(rng) for _ in range(FRAMES_ON_A_CONNECTION)]
                    attackers.create_task(attack(house, frames))
        over.set()
    return waits


@pytest.mark.slow
def test_ten_thousand_hostile_frames_raise_nothing_and_hold_up_nobody(tmp_path: Path) -> None:
    with hall(tmp_path) as house:
        asyncio.run(assault(house, 500, seed=1))
        before, files = house.memory_kb, house.files

        waits = asyncio.run(assault(house, FRAMES, seed=2))

        said = house.said()
        assert "Traceback" not in said
        assert "ERROR" not in said
        assert "bug" not in said
        assert len(said) < 200 * 1024
        assert house.memory_kb - before < 20 * 1024
        assert house.files <= files + 10
        # Every one was answered; the middle one is asked about, since other tests share the processors.
        # `python -m bench.hostile` prints the 99th of 100.
        assert sorted(waits)[len(waits) // 2] < 0.5


@pytest.mark.slow
def test_the_same_frames_raise_tracebacks_in_the_server_of_the_tutorial(tmp_path: Path) -> None:
    async def play(house: HallProcess) -> None:
        rng = random.Random(3)
        for name in ("not JSON", "deep", "wrong shapes", "any packet"):
            raw = await Raw.open(house, join=False)
            raw.text('40/audience,{"seat":"raw"}')
            await raw.frame()
            try:
                for _ in range(FRAMES_ON_A_CONNECTION):
                    raw.send(MAKERS[name](rng))
                await asyncio.wait_for(raw.reader.read(), 0.5)
            except (OSError, TimeoutError):
                pass
            raw.close()

    with hall(tmp_path, "--stock") as house:
        asyncio.run(play(house))

        assert "Traceback" in house.said()
