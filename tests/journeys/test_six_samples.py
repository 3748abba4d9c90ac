"""Each sample, played to an ending over real sockets by sixty phones: the path is the one that the ballots say."""

import asyncio
import random

import pytest

from live.queries import event_by_slug, section_by_code
from live.record import closed_rounds, path_of
from scenarios.queries import version
from tests.halls import Hall, act, new_hall, prepare, see
from tests.real_servers import serving

PHONES = 60


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def played(request, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("samples") / "data"
    if request.param == "sqlite":
        env, address = {}, ""
        town = prepare(data_dir, request.getfixturevalue("migrated_sqlite"), samples=True)
    else:
        postgres = request.getfixturevalue("postgres")
        address = postgres.new_database(request.getfixturevalue("migrated_postgres"))
        env = {"DATABASE_URL": address}
        psycopg_address = address.replace("postgresql:", "postgresql+psycopg:", 1)
        town = prepare(data_dir, database_url=psycopg_address, samples=True)
    with serving(data_dir, **env) as server:
        yield town, new_hall(town, server, "six-plays")
    town.database.close()
    if address:
        postgres.drop(address)


async def play(hall: Hall, place: int, chance: random.Random) -> None:
    async with hall.desk() as desk, hall.phones(PHONES, ["carer", "police", None]) as phones:
        cue = await act(desk, "start_performance", performance=hall.tokens["performances"][place]["id"])
        while cue["scene"]["kind"] == "scene":
            ack = await desk.act("open_round")
            if not ack["ok"]:
                assert ack["code"] == "not_allowed"
                cue = await act(desk, "go_on")
                continue
            await see(phones, ack["seq"])
            round_ = phones[0].cue["round"]
            keys = [response["key"] for response in round_["responses"]]
            leaning = chance.choice(keys)
            acks = await asyncio.gather(
                *(phone.cast(round_["id"], chance.choice([*keys, leaning])) for phone in phones)
            )
            assert all(ack["ok"] and ack["rev"] == 1 for ack in acks)
            await act(desk, "close_round", round=round_["id"])
            assert all(phone.cue["result"] is None for phone in phones)
            cue = await act(desk, "reveal", round=round_["id"])
            await see(phones, cue["seq"])
            assert sum(phones[-1].cue["result"]["votes"].values()) == PHONES
            cue = await act(desk, "take_branch", round=round_["id"])
        cue = await act(desk, "end_performance")
        await see(phones, cue["seq"])
        assert phones[0].cue == desk.cue


@pytest.mark.parametrize("place", range(6))
def test_a_sample_is_played_to_an_ending_and_its_path_is_recomputed_from_the_ballots(played, place):
    town, hall = played
    if not hall.tokens:
        hall.sign_in()
        asyncio.run(open_door(hall))

    asyncio.run(play(hall, place, random.Random(place)))

    with town.database.reading() as session:
        performance = section_by_code(session, hall.code).performances[place]
        script = version(session, performance.version_id).script
        event = event_by_slug(session, "six-plays")
        rounds = {found.id: found for found in closed_rounds(session, event.id)}
        scene = script.start
        for step in path_of(session, performance.id):
            while script.at(scene).decision is None:
                scene = script.next_scene(scene)
            votes = rounds[step.round_id].votes
            most = max(votes.values())
            recomputed = next(key for key in votes if votes[key] == most)
            assert (step.scene, step.response) == (scene, recomputed)
            assert sum(votes.values()) == PHONES
            scene = script.next_scene(scene, recomputed)
        while scene not in {ending.key for ending in script.endings}:
            scene = script.next_scene(scene)
    assert performance.state == "ended"
    assert performance.scene == scene


async def open_door(hall: Hall) -> None:
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)
