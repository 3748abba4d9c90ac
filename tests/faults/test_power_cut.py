"""Killed at random moments while the room votes: no acknowledged vote is lost, and a repeated one counts once."""

import asyncio
import random
import secrets
from dataclasses import dataclass, field

import pytest
from sqlalchemy import create_engine, text

from scenario_app.phones import Disconnected, Phone
from tests.halls import Hall, act, new_hall, prepare
from tests.real_servers import Server

PHONES = 40
KILLS = 25


@dataclass
class Voter:
    """One phone as its holder knows it: what it tapped last, and what it was told."""

    secret: str
    rev: int = 0
    tapped: dict = field(default_factory=dict)
    acknowledged: dict = field(default_factory=dict)

    async def tap(self, hall: Hall, round_id: int) -> None:
        """Change the mind once, or send the last tap again when it had no answer."""
        if self.tapped == self.acknowledged:
            self.rev += 1
            key = secrets.token_hex(8)
            self.tapped = {"response": random.choice("abc"), "rev": self.rev, "key": key}
        try:
            async with Phone(hall.server.url, self.secret) as phone:
                ack = await phone.cast(round_id, **self.tapped)
        except Disconnected:
            return
        assert ack["ok"], ack
        self.acknowledged = self.tapped


async def vote_until_killed(hall: Hall, voters: list[Voter], round_id: int, moment: float) -> None:
    """Let everybody tap, and kill the server in the middle of it."""
    taps = [asyncio.create_task(voter.tap(hall, round_id)) for voter in voters]
    await asyncio.sleep(moment)
    await asyncio.to_thread(hall.server.kill)
    await asyncio.gather(*taps)


async def kill_after_the_first_answer(hall: Hall, voters: list[Voter], round_id: int) -> None:
    taps = [asyncio.create_task(voter.tap(hall, round_id)) for voter in voters]
    await asyncio.wait(taps, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.to_thread(hall.server.kill)
    await asyncio.gather(*taps)


def in_the_box(data_dir, round_id: int) -> dict[int, tuple[str, int]]:
    engine = create_engine(f"sqlite:///{data_dir / 'scenario.db'}")
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT seat_id, response, rev FROM ballot WHERE round_id = :round ORDER BY seat_id"),
            {"round": round_id},
        ).all()
    engine.dispose()
    return {row.seat_id: (row.response, row.rev) for row in rows}


def lost(data_dir, round_id: int, voters: list[Voter]) -> int:
    """Count the acknowledged votes that are not in the box. Seats are numbered in the order they were taken."""
    box = in_the_box(data_dir, round_id)
    missing = 0
    for seat_id, voter in enumerate(voters, 1):
        if not voter.acknowledged:
            continue
        there = box.get(seat_id)
        told = (voter.acknowledged["response"], voter.acknowledged["rev"])
        tapped = (voter.tapped["response"], voter.tapped["rev"])
        # The tap that got no answer may have been written: then it is the newer one that is there.
        missing += there not in (told, tapped)
    return missing


@pytest.fixture
def hall(tmp_path, migrated_sqlite):
    """A server that is started by the test itself, and 40 seats."""
    data_dir = tmp_path / "data"
    town = prepare(data_dir, migrated_sqlite)
    server = Server(data_dir)
    yield new_hall(town, server, "an-evening")
    server.stop()


async def open_a_round(hall: Hall) -> tuple[int, list[Voter]]:
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)
        await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
        cue = await act(desk, "open_round")
    voters = [Voter(await asyncio.to_thread(hall.seat)) for _phone in range(PHONES)]
    return cue["round"]["id"], voters


@pytest.mark.slow
def test_no_acknowledged_vote_is_lost_when_the_server_is_killed_and_repeated_ones_count_once(hall):
    hall.server.start()
    round_id, voters = asyncio.run(open_a_round(hall))
    cut_short = 0

    for _kill in range(KILLS):
        asyncio.run(vote_until_killed(hall, voters, round_id, random.uniform(0.005, 0.12)))
        cut_short += any(voter.tapped != voter.acknowledged for voter in voters)
        assert lost(hall.server.data_dir, round_id, voters) == 0
        hall.server.start()

    for voter in voters:
        asyncio.run(voter.tap(hall, round_id))
    box = in_the_box(hall.server.data_dir, round_id)
    assert box == {
        seat_id: (voter.acknowledged["response"], voter.acknowledged["rev"])
        for seat_id, voter in enumerate(voters, 1)
    }
    assert cut_short > KILLS / 4, "the kills came in the middle of voting, not after it"


@pytest.mark.slow
def test_the_variant_that_answers_before_it_has_written_is_caught(hall):
    hall.server.start()
    round_id, voters = asyncio.run(open_a_round(hall))
    hall.server.stop()
    hall.server.module = "tests.faults.answers_too_early"
    hall.server.start()

    asyncio.run(kill_after_the_first_answer(hall, voters, round_id))

    assert lost(hall.server.data_dir, round_id, voters) > 0
