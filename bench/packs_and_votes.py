"""Whether votes wait while packs are made: `python -m bench.packs_and_votes [BALLOTS]` (20,000 in each of six).

A served room of 60 seats casts ballots by the JSON API for half a minute; in the middle of it six packs are asked for.
Prints the time to each acknowledgement before the packs, while they are made, and after them.
"""

import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench.packs import FULL, NOW, make_event
from evidence.packing import JobState, ask_for_pack, job_asked
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.migrations import migrate
from tests.makers import make_floor, make_town
from tests.real_servers import Server

SECRET = "a-secret-that-only-the-tests-know-0123456789"
LARGE = tuple(f"a-large-day-{number}" for number in range(6))
SEATS = 60
A_SECOND = 40
PHASES = ("before", "while it is made", "after")


def main(ballots: int) -> None:
    """Make the evening, serve it, vote, ask for the pack, print."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        config = Config(data_dir=data, database_url=f"sqlite:///{data}/scenario.db", secret_key=SECRET)
        database = Database(config.database_url)
        migrate(database)
        town = make_town(database, config, now=NOW)
        for slug in LARGE:
            make_event(town, slug, ballots=ballots, seats=FULL // 4)
        room = make_floor(town, now=NOW, slug="tonight")
        room.start()
        round_id, code = room.open_round(), room.section.code
        server = Server(data).start()
        try:
            acks = _measure(server, database, round_id, code, account=town.account("stella").id)
        finally:
            server.stop()
            database.close()
    for phase in PHASES:
        _say(phase, [took for when, took in acks if when == phase])


def _measure(
    server: Server, database: Database, round_id: int, code: str, *, account: int
) -> list[tuple[str, float]]:
    phase, acks, stop = [PHASES[0]], [], threading.Event()
    secrets = [_post(server, f"/api/v1/doors/{code}/seats", {})[1]["seat"] for _ in range(SEATS)]

    def vote(number: int) -> None:
        rev = 0
        while not stop.wait(SEATS / A_SECOND / 4 * (1 + number % 7)):
            rev += 1
            ballot = {"response": "abc"[rev % 3], "key": f"tap-{number:04}-{rev:06}", "rev": rev}
            begun, when = time.perf_counter(), phase[0]
            status, answer = _post(server, f"/api/v1/rounds/{round_id}/ballots", ballot, secrets[number])
            if status == 200:
                acks.append((when, time.perf_counter() - begun))
            elif answer.get("code") != "rate":
                print("refused:", status, answer)

    voters = [threading.Thread(target=vote, args=(number,)) for number in range(SEATS)]
    for voter in voters:
        voter.start()
    time.sleep(8)
    with database.transaction() as session:
        jobs = [
            ask_for_pack(session, event_slug=slug, language="en", account_id=account, now=NOW)
            for slug in LARGE
        ]
    begun = None
    while True:
        time.sleep(0.02)
        with database.reading() as session:
            states = [job_asked(session, job_id).state for job_id in jobs]
        if JobState.WORKING in states and begun is None:
            begun, phase[0] = time.perf_counter(), PHASES[1]
        if all(state in (JobState.DONE, JobState.REFUSED) for state in states):
            break
    phase[0] = PHASES[2]
    made = time.perf_counter() - (begun or time.perf_counter())
    print(f"{states.count(JobState.DONE)} packs in {made:.1f} s")
    time.sleep(8)
    stop.set()
    for voter in voters:
        voter.join()
    return acks


def _post(
    server: Server, path: str, body: dict[str, object], seat: str | None = None
) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {seat}"} if seat else {})}
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    said = answer.status, json.loads(answer.read())
    connection.close()
    return said


def _say(phase: str, took: Sequence[float]) -> None:
    if len(took) < 2:
        print(f"{phase:18} {len(took)} ballots")
        return
    ranked = statistics.quantiles(took, n=100)
    print(
        f"{phase:18} {len(took):5} ballots, ack p50 {ranked[49] * 1000:.0f} ms,"
        f" p99 {ranked[98] * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
