"""The live transport against peers that are slow, broken, absent or hostile. Each bound has a control without it."""

import asyncio
import http.client
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scenario_app.phones import Phone, masked_frame
from tests.kernel.hall_process import HallProcess, Raw, eventually, hall

GIB = 2**30


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallProcess]:
    with hall(tmp_path_factory.mktemp("hall")) as running:
        yield running


def get(house: HallProcess, address: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
    try:
        connection.request(
            "GET", address, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def end_after(house: HallProcess, *frames: bytes) -> int | None:
    """Send frames on a joined connection; return the close code that they earn."""

    async def play() -> int | None:
        raw = await Raw.open(house)
        for frame in frames:
            raw.send(frame)
        code = await raw.close_code()
        raw.close()
        return code

    return asyncio.run(play())


# --- the door -------------------------------------------------------------------------------------------


def test_a_polling_request_is_told_that_only_websockets_are_served(house: HallProcess) -> None:
    for address in ("/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4", "/socket.io/"):
        status, body = get(house, address)

        assert status == 400
        assert b'"code": "websocket_only"' in body


def test_a_plain_request_to_the_websocket_address_is_refused(house: HallProcess) -> None:
    assert get(house, "/socket.io/?EIO=4&transport=websocket")[0] == 400


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    ("address", "change", "status"),
    [
        ("/socket.io/?EIO=4&transport=websocket", {}, 101),
        ("/socket.io/?EIO=3&transport=websocket", {}, 400),
        ("/socket.io/?EIO=4&transport=websocket&sid=abc", {}, 400),
        ("/socket.io/?EIO=4&transport=websocket", {"Sec_WebSocket_Version": "8"}, 400),
        ("/socket.io/?EIO=4&transport=websocket", {"Sec_WebSocket_Key": "short"}, 400),
        ("/socket.io/?EIO=4&transport=websocket", {"Origin": "https://elsewhere.example"}, 403),
        ("/socket.io/?EIO=4&transport=websocket", {"Origin": "null"}, 403),
        ("/socket.io/?EIO=4&transport=websocket", {"Origin": "http://{host}"}, 101),
        ("/socket.io/?EIO=4&transport=websocket", {"Origin": "https://{host}"}, 101),
    ],
)
def test_a_handshake_opens_only_as_it_should(
    house: HallProcess, address: str, change: dict[str, str], status: int
) -> None:
    host = f"127.0.0.1:{house.port}"
    headers = {name: value.format(host=host) for name, value in (UPGRADE | change).items()}

    assert get(house, address, **headers)[0] == status


def test_compression_is_never_agreed_to(house: HallProcess) -> None:
    async def play() -> bytes:
        raw = await Raw.open(
            house, more="Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        )
        raw.close()
        return raw.head

    assert b"extensions" not in asyncio.run(play()).lower()


def test_a_handshake_that_never_ends_is_given_up(tmp_path: Path) -> None:
    async def play(house: HallProcess) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n")
        silence = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        raw = await Raw.open(house, join=False)
        code = await raw.close_code()
        raw.close()
        return silence, str(code).encode()

    with hall(tmp_path, request_seconds=0.3, handshake_seconds=0.3, ping_seconds=1) as house:
        silence, code = asyncio.run(play(house))

        assert silence == b""
        assert code == b"1008"
        assert "Traceback" not in house.said()


# --- frames ---------------------------------------------------------------------------------------------


def test_a_message_is_understood_in_pieces_of_any_size(house: HallProcess) -> None:
    async def play() -> list[dict[str, object]]:
        raw = await Raw.open(house)
        answers = []
        for number, size in enumerate((1, 3, 7, 50)):
            data = masked_frame(f'42/audience,{number}["echo",{{"word":"ünë"}}]'.encode())
            for start in range(0, len(data), size):
                raw.send(data[start : start + size])
                await asyncio.sleep(0)
            answers.append(await raw.answer())
        raw.close()
        return answers

    assert [answer["said"] for answer in asyncio.run(play())] == [{"word": "ünë"}] * 4


def test_a_message_in_fragments_with_a_ping_between_them_is_understood(house: HallProcess) -> None:
    async def play() -> tuple[tuple[int, bytes], dict[str, object]]:
        raw = await Raw.open(house)
        text = '42/audience,7["echo",{"word":"ünë"}]'.encode()
        cut = text.index("ü".encode()) + 1  # in the middle of a letter
        raw.send(masked_frame(text[:cut], 0x01))
        raw.send(masked_frame(b"still there?", 0x89))
        raw.send(masked_frame(text[cut:], 0x80))
        pong = await raw.frame()
        answer = await raw.answer()
        raw.close()
        return pong, answer

    pong, answer = asyncio.run(play())

    assert pong == (0x8A, b"still there?")
    assert answer["said"] == {"word": "ünë"}


def test_a_message_of_the_largest_size_is_taken_and_one_byte_more_is_not(house: HallProcess) -> None:
    async def play() -> tuple[bool, int | None]:
        raw = await Raw.open(house)
        frame = '42/audience,7["echo",{"w":"%s"}]'
        room = 4096 - len(frame % "")
        raw.text(frame % ("x" * room))
        taken = (await raw.answer())["ok"] is True
        raw.text(frame % ("x" * (room + 1)))
        code = await raw.close_code()
        raw.close()
        return taken, code

    assert asyncio.run(play()) == (True, 1009)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(masked_frame(b"\x00\x01", 0x82), 1003, id="binary"),
        pytest.param(b"\x81\x02hi", 1002, id="not masked"),
        pytest.param(masked_frame(b"42", 0xC1), 1002, id="a reserved bit"),
        pytest.param(masked_frame(b"42", 0x83), 1002, id="an unknown opcode"),
        pytest.param(masked_frame(b"42", 0x80), 1002, id="a continuation of nothing"),
        pytest.param(
            masked_frame(b"x", 0x01) + masked_frame(b"x", 0x01), 1002, id="a start within a message"
        ),
        pytest.param(masked_frame(b"x" * 126, 0x89), 1002, id="a control frame too long"),
        pytest.param(masked_frame(b"x", 0x09), 1002, id="a control frame in fragments"),
        pytest.param(b"\x81\xfe\x00\x05" + b"\x00" * 9, 1002, id="a length written too long"),
        pytest.param(b"\x81\xff" + b"\xff" * 8 + b"\x00" * 4, 1002, id="an impossible length"),
        pytest.param(masked_frame(b"\xff\xfe"), 1007, id="no UTF-8"),
        pytest.param(
            masked_frame(b"\xff\xfe", 0x01) + masked_frame(b"", 0x80), 1007, id="no UTF-8 in fragments"
        ),
        pytest.param(masked_frame(b"hello"), 1002, id="no packet"),
        pytest.param(masked_frame(b""), 1002, id="nothing"),
        pytest.param(masked_frame(b"b4AAAA"), 1002, id="base64"),
        pytest.param(masked_frame(b"47/audience,"), 1002, id="an unknown kind of packet"),
        pytest.param(masked_frame("42/audience,٣[]".encode()), 1002, id="a number in other digits"),
        pytest.param(masked_frame(b"44/audience,{}"), 1002, id="an error from a client"),
        pytest.param(masked_frame(b"1"), 1001, id="goodbye of Engine.IO"),
        pytest.param(masked_frame(b"\x03\xe8", 0x88), 1000, id="goodbye of WebSocket"),
        pytest.param(masked_frame(b"\x03", 0x88), 1002, id="half a goodbye"),
    ],
)
def test_what_cannot_be_read_ends_the_connection_with_the_right_code(
    house: HallProcess, frame: bytes, code: int
) -> None:
    assert end_after(house, frame) == code
    assert "Traceback" not in house.said()


# --- memory ---------------------------------------------------------------------------------------------


async def pour(house: HallProcess, first: bytes, then: bytes, megabytes: int) -> None:
    """Send that much, or as much as is taken."""
    raw = await Raw.open(house)
    try:
        raw.send(first)
        for _ in range(megabytes * 2**20 // len(then)):
            raw.send(then)
            await raw.writer.drain()
    except ConnectionError:
        pass
    raw.close()


BOMBS = {
    "one message of 200 MB": (b"\x81\xff" + (200 * 2**20).to_bytes(8, "big") + b"\x00" * 4, b"x" * 2**16),
    "fragments without end": (masked_frame(b"x" * 1000, 0x01), masked_frame(b"x" * 1000, 0x00) * 64),
    "empty fragments without end": (masked_frame(b"", 0x01), masked_frame(b"", 0x00) * 10_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_less_than_5_mb(house: HallProcess, bomb: str) -> None:
    before = house.memory_kb

    asyncio.run(pour(house, *BOMBS[bomb], megabytes=200))

    assert house.memory_kb - before < 5 * 1024


def test_without_the_bound_a_bomb_is_noticed(tmp_path: Path) -> None:
    with hall(tmp_path, message_bytes=GIB, burst_frames=GIB) as house:
        before = house.memory_kb

        asyncio.run(pour(house, *BOMBS["one message of 200 MB"], megabytes=30))

        assert house.memory_kb - before > 5 * 1024


def test_a_phone_at_rest_costs_less_than_60_kb(house: HallProcess) -> None:
    async def play() -> float:
        async with asyncio.TaskGroup() as joining:
            first = [house.phone(f"warm{n}") for n in range(50)]
            for phone in first:
                joining.create_task(phone.join())
        before = house.memory_kb
        phones = [house.phone(f"seat{n}") for n in range(400)]
        for start in range(0, 400, 100):
            await asyncio.gather(*(phone.join() for phone in phones[start : start + 100]))
        cost = (house.memory_kb - before) / len(phones)
        for phone in (*first, *phones):
            phone.vanish()
        return cost

    assert asyncio.run(play()) < 60


# --- peers that send too much, read too little, or are not there ------------------------------------------


def test_a_flood_is_cut_and_makes_one_line_of_log(house: HallProcess) -> None:
    frames = masked_frame(b'42/audience,1["echo",{}]') * 60

    codes = [end_after(house, frames) for _ in range(3)]

    assert codes == [1008] * 3
    assert house.said().count("connection cut flood") == 1


def test_pings_of_the_websocket_count_as_packets(house: HallProcess) -> None:
    assert end_after(house, masked_frame(b"", 0x89) * 60) == 1008


def test_without_the_bound_a_flood_is_answered_to_the_end(tmp_path: Path) -> None:
    async def play(house: HallProcess) -> int:
        raw = await Raw.open(house)
        raw.send(masked_frame(b'42/audience,1["echo",{}]') * 60)
        answers = [await raw.answer() for _ in range(60)]
        raw.close()
        return len(answers)

    with hall(tmp_path, burst_frames=GIB) as house:
        assert asyncio.run(play(house)) == 60


async def sleep_through(
    house: HallProcess, shouts: int
) -> tuple[list[tuple[int, bytes]], bytes, list[float]]:
    """Let one phone not read while the hall is shouted at.

    Returns the whole frames it finds when it wakes, what is left of a last one, and how long an honest
    phone waited for its answers meanwhile.
    """
    sleeper = await Raw.open(house)
    sleeper.writer.transport.pause_reading()
    waits = []
    async with house.phone("honest") as honest:
        for _ in range(shouts):
            started = time.perf_counter()
            await honest.ask("shout", {"size": 200_000, "times": 8})
            waits.append(time.perf_counter() - started)
    sleeper.writer.transport.resume_reading()
    frames = []
    try:
        while True:
            frames.append(await asyncio.wait_for(sleeper.frame(), 2))
    except asyncio.IncompleteReadError as end:
        rest = end.partial
    except TimeoutError:
        rest = b"the stream goes on"
    sleeper.close()
    return frames, rest, waits


def test_a_phone_that_does_not_read_is_cut_with_whole_frames_and_a_goodbye(tmp_path: Path) -> None:
    with hall(tmp_path, close_seconds=20) as house:
        frames, rest, waits = asyncio.run(sleep_through(house, 12))

        *cues, goodbye = frames
        assert set(cues) == {(0x81, b'42/audience,["cue",{"v":1,"text":"' + b"x" * 200_000 + b'"}]')}
        assert len(cues) < 12 * 8
        assert goodbye == (0x88, (1008).to_bytes(2, "big"))
        assert rest == b""
        assert "connection cut unread" in house.said()
        assert sorted(waits)[len(waits) // 2] < 0.5


def test_a_phone_that_sleeps_on_after_the_cut_finds_whole_frames_and_the_end(tmp_path: Path) -> None:
    async def play(house: HallProcess) -> list[tuple[int, bytes]]:
        before = house.files
        sleeper = await Raw.open(house)
        sleeper.writer.transport.pause_reading()
        async with house.phone("honest") as honest:
            for _ in range(12):
                await honest.ask("shout", {"size": 200_000, "times": 8})
            await eventually(lambda: house.files == before + 1)
        sleeper.writer.transport.resume_reading()
        frames = []
        try:
            while True:
                frames.append(await asyncio.wait_for(sleeper.frame(), 5))
        except (asyncio.IncompleteReadError, ConnectionError):
            sleeper.close()
            return frames

    with hall(tmp_path, close_seconds=0.1) as house:
        frames = asyncio.run(play(house))

        assert len({body for _, body in frames}) == 1


def test_a_healthy_phone_does_not_pay_for_a_hundred_that_do_not_read(tmp_path: Path) -> None:
    async def median_wait(phone: Phone, shouts: int) -> float:
        waits = []
        for _ in range(shouts):
            started = time.perf_counter()
            await phone.ask("shout", {"size": 50_000, "times": 4})
            waits.append(time.perf_counter() - started)
        return sorted(waits)[shouts // 2]

    async def play(house: HallProcess) -> tuple[float, float]:
        async with house.phone("honest") as honest:
            sleepers = [await Raw.open(house) for _ in range(100)]
            asleep_from = house.files
            for sleeper in sleepers:
                sleeper.writer.transport.pause_reading()
            while house.files > asleep_from - 100:  # until every one is cut
                stalled = await median_wait(honest, 5)
            alone = await median_wait(honest, 5)
            for sleeper in sleepers:
                sleeper.close()
            return stalled, alone

    with hall(tmp_path, close_seconds=0.1, burst_frames=GIB) as house:
        stalled, alone = asyncio.run(play(house))

        assert stalled - alone < 0.5  # writing 20 MB to a hundred is work; waiting for them would be a minute
        assert "Traceback" not in house.said()


def test_without_the_bound_a_phone_that_does_not_read_is_kept_for(tmp_path: Path) -> None:
    with hall(tmp_path, unsent_frames=GIB) as house:
        frames, rest, _ = asyncio.run(sleep_through(house, 12))

        assert len(frames) == 12 * 8
        assert rest == b"the stream goes on"


def test_a_peer_that_ignores_the_goodbye_loses_its_descriptor(tmp_path: Path) -> None:
    async def play(house: HallProcess) -> None:
        before = house.files
        raw = await Raw.open(house)
        raw.writer.transport.pause_reading()
        raw.send(b"\x81\x02hi")
        assert house.files == before + 1
        await eventually(lambda: house.files == before, 5)
        raw.close()

    with hall(tmp_path, close_seconds=0.3) as house:
        asyncio.run(play(house))


def test_a_phone_that_fell_silent_is_given_up_and_one_that_answers_pings_is_not(tmp_path: Path) -> None:
    async def play(house: HallProcess) -> bool:
        async with house.phone("honest") as honest:
            silent = await Raw.open(house)
            code = await silent.close_code()  # reads pings and answers none
            silent.close()
            assert code == 1001
            return (await honest.ask("echo", {}))["ok"] is True

    with hall(tmp_path, ping_seconds=0.5) as house:
        assert asyncio.run(play(house))


def test_descriptors_of_the_vanished_come_back(house: HallProcess) -> None:
    async def play() -> None:
        before = house.files
        phones = [house.phone(f"brief{n}") for n in range(200)]
        await asyncio.gather(*(phone.join() for phone in phones))
        assert house.files >= before + 200
        for phone in phones:
            phone.vanish()
        await eventually(lambda: house.files <= before, 5)

    asyncio.run(play())


# --- going ----------------------------------------------------------------------------------------------


def test_told_to_stop_it_sends_everybody_away_and_is_gone_within_two_seconds(tmp_path: Path) -> None:
    async def play(house: HallProcess) -> tuple[set[int | None], float, int]:
        peers = [await Raw.open(house) for _ in range(100)]
        phones = [house.phone(f"seat{n}") for n in range(400)]
        for start in range(0, 400, 100):
            await asyncio.gather(*(phone.join() for phone in phones[start : start + 100]))
        started = time.perf_counter()
        house.process.send_signal(signal.SIGTERM)
        codes = await asyncio.gather(*(peer.close_code() for peer in peers))
        await eventually(lambda: house.process.poll() is not None)
        seconds = time.perf_counter() - started
        for peer in peers:
            peer.close()
        return set(codes), seconds, house.process.returncode

    with hall(tmp_path) as house:
        codes, seconds, code = asyncio.run(play(house))

        assert codes == {1012}
        assert seconds < 5  # two are promised on a machine that does nothing else
        assert code == 0
        assert "Traceback" not in house.said()


def test_a_taken_port_is_said_in_one_sentence(house: HallProcess) -> None:
    from scenario_app.kernel.config import BadSetting
    from scenario_app.kernel.serving import listen

    with pytest.raises(BadSetting, match=f"PORT: found {house.port}, which another program is using"):
        listen("127.0.0.1", house.port)
    with pytest.raises(BadSetting, match="HOST: found '203"):
        listen("203.0.113.9", house.port)


def test_plain_pages_are_served_beside_the_sockets(house: HallProcess) -> None:
    assert get(house, "/hello") == (200, b"hello")


def test_the_hall_is_still_well_after_all_this(house: HallProcess) -> None:
    async def play() -> bool:
        async with Phone(house.address, "last") as phone:
            return (await phone.ask("echo", {}))["ok"] is True

    assert asyncio.run(play())
    assert "Traceback" not in house.said()
