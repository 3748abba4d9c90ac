"""What a guarded namespace promises to whoever speaks to it, over real sockets."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from scenario_app.kernel.realtime import accepted, refused
from scenario_app.phones import Client, Disconnected, Message, Refused
from tests.kernel.hall_process import HallProcess, Raw, eventually, hall


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallProcess]:
    with hall(tmp_path_factory.mktemp("hall")) as running:
        yield running


class Screen(Client):
    namespace = "/screen"


def ask(house: HallProcess, name: str, payload: object, seat: str = "ada") -> Message:
    async def play() -> Message:
        async with house.phone(seat) as phone:
            return await phone.ask(name, payload)  # type: ignore[arg-type]

    return asyncio.run(play())


def raw_answer(house: HallProcess, packet: str) -> dict[str, object]:
    async def play() -> dict[str, object]:
        raw = await Raw.open(house)
        raw.text(packet)
        answer = await raw.answer()
        raw.close()
        return answer

    return asyncio.run(play())


def test_a_message_is_answered_with_the_ack_of_its_handler(house: HallProcess) -> None:
    assert ask(house, "echo", {"a": 1}) == accepted(said={"a": 1}, by="ada")


@pytest.mark.parametrize(
    "body",
    [
        '["close_round",{"round":1}]',  # no such message here
        '["trigger_event",{}]',  # a method, but none that takes a message
        '["echo","a word"]',
        '["echo"]',
        '["echo",{},{}]',
        '["echo",{"n":NaN}]',
        '["echo",{"text":"\\ud800"}]',
        '["echo",{"text":"\\u0000"}]',
        '["echo",' + "[" * 2000 + "]" * 2000 + "]",
        "[]",
        "[7]",
        '{"echo":1}',
        '["echo"',
    ],
)
def test_what_is_no_message_is_answered_bad_message(house: HallProcess, body: str) -> None:
    assert raw_answer(house, f"42/audience,7{body}") == refused("bad_message")


def test_a_message_with_an_attachment_is_answered_bad_message(house: HallProcess) -> None:
    packet = '451-/audience,7["echo",{"_placeholder":true,"num":0}]'

    assert raw_answer(house, packet) == refused("bad_message")


def test_a_message_to_a_namespace_not_joined_is_refused(house: HallProcess) -> None:
    assert raw_answer(house, '42/screen,7["echo",{}]') == refused("not_allowed")
    assert raw_answer(house, '42/nowhere,7["echo",{}]') == refused("not_allowed")


def test_a_message_that_wants_no_ack_gets_none(house: HallProcess) -> None:
    async def play() -> bytes:
        raw = await Raw.open(house)
        raw.text('42/audience,["echo",{"first":1}]')
        raw.text('42/audience,9["echo",{"second":2}]')
        _, body = await raw.frame()
        raw.close()
        return body

    assert asyncio.run(play()).startswith(b"43/audience,9[")


def test_a_refusal_is_answered_with_its_code_and_the_time_to_wait_and_nothing_else(
    house: HallProcess,
) -> None:
    assert ask(house, "later", {}) == {"ok": False, "code": "busy", "retry_after_ms": 250}
    assert ask(house, "echo", ["no", "object"]) == refused("bad_message")


def test_a_bug_is_answered_as_something_to_try_again_and_logged_once_without_what_was_said(
    house: HallProcess,
) -> None:
    async def play() -> list[Message]:
        async with house.phone() as phone:
            return [await phone.ask("boom", {"secret": "canary"}) for _ in range(5)]

    answers = asyncio.run(play())

    assert answers == [refused("storage")] * 5
    assert house.said().count("RuntimeError at small_hall.py") == 1
    assert "canary" not in house.said()
    assert "Traceback" not in house.said()


def test_messages_of_one_connection_are_answered_in_their_order_even_when_the_first_waits(
    house: HallProcess,
) -> None:
    async def play() -> list[Message]:
        async with house.phone() as phone:
            slow = phone.ask("wait", {"seconds": 0.2, "n": 1})
            return list(
                await asyncio.gather(slow, *(phone.ask("wait", {"seconds": 0, "n": n}) for n in (2, 3)))
            )

    assert [answer["n"] for answer in asyncio.run(play())] == [1, 2, 3]


def test_a_handler_that_waits_holds_up_nobody_else(house: HallProcess) -> None:
    async def play() -> bool:
        async with house.phone("slow") as slow, house.phone("quick") as quick:
            waiting = asyncio.create_task(slow.ask("wait", {"seconds": 1}))
            await quick.ask("echo", {})
            answered_first = not waiting.done()
            await waiting
            return answered_first

    assert asyncio.run(play())


def test_the_hot_path_has_the_same_guard(house: HallProcess) -> None:
    assert ask(house, "cast", {"rev": 3}) == accepted(rev=3)
    assert ask(house, "cast", {"then": "later"}) == refused("busy", 250)
    assert ask(house, "cast", {"then": "bug"}) == refused("storage")
    assert ask(house, "cast", "nothing") == refused("bad_message")


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ({"seat": "not allowed!"}, "not_a_member"),
        ({"chair": "ada"}, "not_a_member"),
        ("ada", "not_a_member"),
        (None, "not_a_member"),
        ({"seat": "crash"}, "storage"),
    ],
)
def test_who_is_not_admitted_is_told_the_code(house: HallProcess, auth: object, code: str) -> None:
    async def play() -> bytes:
        raw = await Raw.open(house, join=False)
        raw.text("40/audience," + (json.dumps(auth) if auth else ""))
        _, body = await raw.frame()
        raw.close()
        return body

    assert asyncio.run(play()) == f'44/audience,{{"message":"{code}"}}'.encode()
    assert "canary" not in house.said()


def test_a_newcomer_is_welcomed_after_it_was_told_that_it_is_connected(house: HallProcess) -> None:
    async def play() -> list[bytes]:
        raw = await Raw.open(house, join=False)
        raw.text('40/audience,{"seat":"ada"}')
        frames = [(await raw.frame())[1] for _ in range(2)]
        raw.close()
        return frames

    connected, seat = asyncio.run(play())

    assert connected.startswith(b'40/audience,{"sid"')
    assert seat == b'42/audience,["seat",{"v":1,"name":"ada"}]'


def test_a_broadcast_reaches_everybody_in_the_room_and_nobody_elsewhere(house: HallProcess) -> None:
    async def play() -> tuple[int, list[bool], bool]:
        phones = [house.phone(f"phone{n}") for n in range(30)]
        screen = Screen(house.address, {"seat": "wall"})
        await asyncio.gather(screen.join(), *(phone.join() for phone in phones))
        reached = (await phones[0].ask("shout", {"size": 3000}))["reached"]
        for phone in phones:
            await phone.until(lambda one: one.cue is not None)
        heard = [phone.cue == {"v": 1, "text": "x" * 3000} for phone in phones]
        for client in (*phones, screen):
            client.leave()
        return reached, heard, screen.latest("cue") is None

    reached, heard, screen_is_quiet = asyncio.run(play())

    assert reached == 30
    assert all(heard)
    assert screen_is_quiet


def test_one_connection_can_be_in_two_namespaces_with_two_names(house: HallProcess) -> None:
    async def play() -> list[dict[str, object]]:
        raw = await Raw.open(house)
        raw.text('40/screen,{"seat":"wall"}')
        await raw.frame()
        await raw.frame()
        answers = []
        for path in ("/audience", "/screen"):
            raw.text(f'42{path},1["echo",{{}}]')
            answers.append(await raw.answer())
        raw.close()
        return answers

    assert [answer["by"] for answer in asyncio.run(play())] == ["raw", "wall"]


def test_who_leaves_a_namespace_is_out_of_its_rooms_and_can_come_back(house: HallProcess) -> None:
    async def play() -> tuple[dict[str, object], bytes]:
        raw = await Raw.open(house)
        raw.text("41/audience,")
        raw.text('42/audience,1["echo",{}]')
        answer = await raw.answer()
        raw.text('40/audience,{"seat":"again"}')
        _, body = await raw.frame()
        raw.close()
        return answer, body

    answer, body = asyncio.run(play())

    assert answer == refused("not_allowed")
    assert body.startswith(b'40/audience,{"sid"')


def test_a_dismissed_room_is_told_and_hung_up_on_and_its_members_are_followed_up(house: HallProcess) -> None:
    async def play() -> tuple[Message, Message]:
        async with house.phone("steward") as steward:
            before = await steward.ask("census", {})
            row = [house.phone(f"zoe{n}") for n in range(5)]
            await asyncio.gather(*(phone.join() for phone in row))
            dismissed = await steward.ask("clear_row", {"row": "z"})
            await eventually(lambda: not any(phone.is_connected for phone in row))
            after = await steward.ask("census", {})
            assert after["gone"] - before["gone"] >= 5
            return dismissed, after

    dismissed, after = asyncio.run(play())

    assert dismissed["dismissed"] == 5
    assert after["hall"] == 1


def test_an_end_while_somebody_is_still_being_answered_leaves_nobody_in_the_room(house: HallProcess) -> None:
    async def play() -> int:
        async with house.phone("steward") as steward:
            for _ in range(20):
                raw = await Raw.open(house, join=False)
                raw.text('40/audience,{"seat":"brief"}')
                raw.text('42/audience,["wait",{"seconds":0.05}]')
                await raw.writer.drain()
                raw.close()
            while (census := await steward.ask("census", {}))["hall"] != 1:
                await asyncio.sleep(0.1)
            return int(census["hall"])

    assert asyncio.run(play()) == 1


def test_a_client_that_is_refused_hears_why_from_the_ready_made_client(house: HallProcess) -> None:
    async def play() -> None:
        await house.phone("not allowed!").join()

    with pytest.raises(Refused, match="not_a_member"):
        asyncio.run(play())


def test_asking_on_a_connection_that_ended_is_no_answer(house: HallProcess) -> None:
    async def play() -> None:
        async with house.phone() as phone:
            phone.vanish()
            await phone.ask("echo", {})

    with pytest.raises(Disconnected):
        asyncio.run(play())
