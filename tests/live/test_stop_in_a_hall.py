"""Twenty hands at once over real sockets, with reconnects in between; and a minute that only desks hear of."""

import asyncio

import pytest

from scenario_app.kernel.clock import utc_now
from scenario_app.phones import Phone
from tests.halls import Hall, act, new_hall, prepare
from tests.live.test_desk import Ear
from tests.makers import make_floor
from tests.real_servers import serving

ROLES = ("carer", "police", None, "neighbour")


@pytest.fixture(scope="module")
def town_and_server(tmp_path_factory, migrated_sqlite):
    """A server with the town."""
    data_dir = tmp_path_factory.mktemp("stops") / "data"
    town = prepare(data_dir, migrated_sqlite)
    with serving(data_dir) as server:
        yield town, server
    town.database.close()


@pytest.fixture
def hall(town_and_server, request) -> Hall:
    """A section of this test's own, and one beside it where hands are up."""
    town, server = town_and_server
    slug = request.node.name.replace("_", "-")[5:50].strip("-")
    noise = make_floor(town, now=utc_now(), slug=f"noise-{slug}")
    noise.start()
    return new_hall(town, server, slug)


async def begin(hall: Hall, desk) -> None:
    await act(desk, "set_door", open=True)
    await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
    await act(desk, "replay_from", scene="landing", stops=True)


async def raise_hand(hall: Hall, phone: Phone, number: int) -> tuple[Phone, int]:
    """Raise a hand; every second phone vanishes before its answer, comes back, and taps again with the same key."""
    tap = {"scene": "landing", "line": 1 + number % 2, "key": f"stop-{number:08}"}
    if number % 2:
        phone.say("stop", tap, lambda _ack: None)
        await asyncio.sleep(0)
        phone.vanish()
        phone = Phone(hall.server.url, phone._auth["seat"])
        await phone.join()
        await phone.until(lambda it: it.cue is not None)
    ack = await phone.ask("stop", tap)
    assert ack["ok"], ack
    return phone, ack["stop"]


async def twenty_at_once(hall: Hall):
    async with hall.desk() as desk:
        await begin(hall, desk)
        async with hall.phones(20, ROLES) as phones:
            done = await asyncio.gather(
                *(raise_hand(hall, phone, number) for number, phone in enumerate(phones))
            )
            ids = [stop for _phone, stop in done]
            await desk.until(lambda it: len((it.latest("stops") or {"waiting": []})["waiting"]) == 20)
            order = desk.latest("stops")["waiting"]
            for phone, _stop in done:
                await phone.until(lambda it: (it.latest("stops") or {}).get("waiting") == order)
            await act(desk, "pick_stop", stop=order[0])
            await desk.until(lambda it: len(it.latest("stops")["waiting"]) == 19)
            after = desk.latest("stops")["waiting"]
            come_in, stop_in = next(pair for pair in done if pair[1] == order[0])
            await come_in.until(lambda it: (it.cue["stop"] or {}).get("id") == stop_in)
            latecomer = Phone(hall.server.url, done[0][0]._auth["seat"])
            await latecomer.join()
            await latecomer.until(lambda it: it.cue is not None)
            welcomed = latecomer.seat["stops"], latecomer.latest("stops")
            latecomer.leave()
            for phone, _stop in done:
                phone.leave()
            return ids, order, after, welcomed, done[0][1]


def test_twenty_hands_at_once_are_all_there_once_and_in_one_order_for_everybody(hall):
    ids, order, after, (mine, said), first = asyncio.run(twenty_at_once(hall))

    assert len(set(ids)) == 20
    assert sorted(order) == sorted(ids)
    assert after == order[1:]  # the order that was said is the order they are asked in
    roles = [ROLES[ids.index(stop) % 4] for stop in order]
    assert set(roles[:4]) == set(ROLES)  # one of each role before a second one of any
    assert [each["id"] for each in mine] == [first]
    assert said["waiting"] == after


async def a_minute(hall: Hall):
    async with hall.desk() as desk:
        await begin(hall, desk)
        async with hall.phones(2, ["carer", None]) as (red, green), hall.screen() as screen:
            await screen.until(lambda it: it.latest("cue") is not None)
            ears = Ear(screen), Ear(green)
            seq = desk.cue["seq"]
            ack = await red.ask("need_minute", {"key": "minute-0001", "where": "PLANTED row F"})
            await desk.until(lambda it: (it.latest("news") or {}).get("minutes") == 1)
            news = desk.latest("news")
            answered = await desk.act("answer_minute", minute=1)
            await desk.until(lambda it: it.latest("news")["minutes"] == 0)
            return ack, news, answered, seq, [said for ear in ears for said in ear.heard]


def test_a_minute_reaches_the_desk_and_neither_screen_nor_any_other_phone(hall):
    ack, news, answered, seq, heard = asyncio.run(a_minute(hall))

    assert set(ack) == {"ok", "supporter", "where", "told"}
    assert news["minutes"] == 1
    assert answered == {"ok": True, "seq": seq}
    # Phones that come are counted on the screen: that is no trace of anybody's minute.
    assert [said for said in heard if said[0] not in ("presence", "tally")] == []
    assert "PLANTED" not in hall.server.log_text()
