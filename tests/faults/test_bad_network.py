"""2G, tunnels and Wi-Fi that goes: a vote is counted once, or the phone knows that it is not counted yet."""

import asyncio
import secrets

import pytest

from live.queries import votes_in
from scenario_app.phones import Disconnected, Phone
from tests.halls import Hall, act, new_hall, prepare, see
from tests.real_servers import serving
from tests.slow_network import SECOND_GENERATION, SlowNetwork, Weather, slow_network

PHONES = 12
MOST_BYTES_A_PHONE = 30_000


@pytest.fixture
def hall(tmp_path, migrated_sqlite):
    town = prepare(tmp_path / "data", migrated_sqlite)
    noise = new_hall(town, None, "another-evening")
    with serving(tmp_path / "data") as server:
        hall = new_hall(town, server, "an-evening")
        hall.town = town
        assert noise.code != hall.code
        yield hall
    town.database.close()


def counted(hall: Hall, round_id: int) -> dict[str, int]:
    with hall.town.database.reading() as session:
        return votes_in(session, round_id, ["a", "b", "c"])


async def until_counted(network: SlowNetwork, secret: str, round_id: int, response: str) -> None:
    """Do what the page does: the same tap with the same key, over whatever connection there is, until answered."""
    key = secrets.token_hex(8)
    while True:
        try:
            async with Phone(network.url, secret) as phone:
                ack = await phone.cast(round_id, response, key=key)
        except (Disconnected, OSError, TimeoutError):
            await asyncio.sleep(0.05)
            continue
        assert ack["ok"], ack
        return


@pytest.mark.slow
def test_on_2g_every_vote_is_counted_once_and_a_phone_costs_less_than_30_kilobytes_a_minute(hall):
    async def evening() -> tuple[int, SlowNetwork]:
        async with hall.desk() as desk, slow_network(hall.server.port, SECOND_GENERATION) as network:
            await act(desk, "set_door", open=True)
            await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
            seats = await asyncio.gather(*(asyncio.to_thread(hall.seat) for _phone in range(PHONES)))
            phones = [Phone(network.url, seat) for seat in seats]
            await asyncio.gather(*(phone.join() for phone in phones))
            cue = await act(desk, "open_round")
            await see(phones, cue["seq"])
            acks = await asyncio.gather(*(phone.cast(cue["round"]["id"], "b") for phone in phones))
            assert all(ack["ok"] for ack in acks)
            await act(desk, "close_round", round=cue["round"]["id"])
            last = await act(desk, "reveal", round=cue["round"]["id"])
            await see(phones, last["seq"])
            assert all(phone.cue["result"]["votes"] == {"a": 0, "b": PHONES, "c": 0} for phone in phones)
            return cue["round"]["id"], network

    round_id, network = asyncio.run(evening())

    assert counted(hall, round_id) == {"a": 0, "b": PHONES, "c": 0}
    # A whole vote from scene to result is more than happens in a minute of an event.
    assert sum(network.carried.values()) / PHONES < MOST_BYTES_A_PHONE


@pytest.mark.slow
def test_a_vote_sent_into_a_tunnel_is_counted_once_on_the_way_out(hall):
    async def evening() -> int:
        async with hall.desk() as desk, slow_network(hall.server.port, Weather()) as network:
            await act(desk, "set_door", open=True)
            await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
            cue = await act(desk, "open_round")
            seats = await asyncio.gather(*(asyncio.to_thread(hall.seat) for _phone in range(PHONES)))
            phones = [Phone(network.url, seat) for seat in seats]
            await asyncio.gather(*(phone.join() for phone in phones))
            network.into_the_tunnel()
            sent = [asyncio.create_task(phone.cast(cue["round"]["id"], "a")) for phone in phones]
            await asyncio.sleep(0)
            assert counted(hall, cue["round"]["id"]) == {"a": 0, "b": 0, "c": 0}
            assert not any(task.done() for task in sent), "nobody is told that it is counted"
            network.out_of_the_tunnel()
            assert all(ack["ok"] for ack in await asyncio.gather(*sent))
            return cue["round"]["id"]

    round_id = asyncio.run(evening())

    assert counted(hall, round_id) == {"a": PHONES, "b": 0, "c": 0}


@pytest.mark.slow
def test_while_the_wifi_goes_again_and_again_no_vote_is_lost_or_doubled(hall):
    async def evening() -> int:
        weather = Weather(delay=0.02, jitter=0.02, stalls=0.1, stall_seconds=0.2)
        async with hall.desk() as desk, slow_network(hall.server.port, weather, seed=7) as network:
            await act(desk, "set_door", open=True)
            await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
            cue = await act(desk, "open_round")
            seats = await asyncio.gather(*(asyncio.to_thread(hall.seat) for _phone in range(PHONES)))
            votes = [
                asyncio.create_task(until_counted(network, seat, cue["round"]["id"], "abc"[number % 3]))
                for number, seat in enumerate(seats)
            ]
            for _cut in range(6):
                await asyncio.wait(votes, timeout=0.08)
                network.cut()
            await asyncio.gather(*votes)
            return cue["round"]["id"]

    round_id = asyncio.run(evening())

    assert counted(hall, round_id) == {"a": PHONES // 3, "b": PHONES // 3, "c": PHONES // 3}
