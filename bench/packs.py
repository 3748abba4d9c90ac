"""How long packs take to make, and how much memory: `python -m bench.packs [EVENTS] [BALLOTS]` (100 and 100,000).

One SQLite file holds EVENTS small events with BALLOTS ballots between them, and one large event with BALLOTS of its
own. A process of its own then makes the large pack, every small one, and the map across them, and says what it took.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from evidence.across.queries import across
from evidence.across.rules import heat_map
from evidence.catalogue.queries import newest_packs
from evidence.catalogue.rules import Search
from evidence.collection import zipped_collection
from evidence.collection_views import collect
from evidence.service import draft_pack, freeze_pack, make_pack
from live import messages
from live.ballot_box import write_ballots
from live.programme import close_event
from live.rules import Cast, Role
from live.voting import TakenSeat
from scenario_app.kernel.aside import aside
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.migrations import migrate
from tests.makers import Floor, Town, make_floor, make_town

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROLES = (*(role.value for role in Role), None)
# The seats of a full section.
FULL = 2_000
LARGE = "a-large-day"


def main(events: int, ballots: int) -> None:
    """Make the database, and print what a process of its own measures."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.db"
        started = time.perf_counter()
        town = _town(file)
        for number in range(events):
            make_event(town, f"evening-{number}", ballots=ballots // events, seats=40)
        make_event(town, LARGE, ballots=ballots, seats=FULL)
        town.database.close()
        megabytes, took = file.stat().st_size / 1e6, time.perf_counter() - started
        print(f"{events} events, {2 * ballots:,} ballots, {megabytes:.0f} MB: made in {took:.0f} s")
        for what in ("one", "all"):
            measured = subprocess.run(
                [sys.executable, "-m", "bench.packs", "--measure", str(file), what, str(events)],
                capture_output=True,
                text=True,
                check=True,
            )
            for name, value in json.loads(measured.stdout).items():
                print(f"{name:50} {value}")


def _town(file: Path) -> Town:
    database = Database(f"sqlite:///{file}")
    migrate(database)
    config = Config(data_dir=file.parent, database_url=f"sqlite:///{file}", secret_key="s" * 40)
    return make_town(database, config, now=NOW)


def make_event(town: Town, slug: str, *, ballots: int, seats: int) -> None:
    """Hold one event with so many rounds that its seats cast these ballots, and close it."""
    floor = make_floor(town, now=NOW, slug=slug)
    floor.start()
    taken = floor.sit(*(ROLES[place % len(ROLES)] for place in range(seats)))
    for number in range(ballots // seats):
        floor.open_round()
        _cast(floor, taken, number)
        floor.act(messages.CloseRound, round_id=floor.round_id)
    floor.act(messages.EndPerformance)
    with town.database.transaction() as session:
        close_event(session, event_slug=slug, account_id=town.account("fay").id, now=floor.now)


def _cast(floor: Floor, seats: list[TakenSeat], number: int) -> None:
    round_id = floor.round_id
    for begin in range(0, len(seats), 500):
        casts = [
            Cast(
                seat_id=seat.id,
                section_id=seat.section_id,
                round_id=round_id,
                response="abc"[(place * 7 + number) % 11 % 3],
                key=f"tap-{seat.id}-{round_id}",
                rev=1,
            )
            for place, seat in enumerate(seats[begin : begin + 500], begin)
        ]
        with floor.town.database.transaction() as session:
            write_ballots(session, casts, key=floor.town.config.secret_key)


def measure(file: str, what: str, events: int) -> None:
    """Make packs as a page does, and print seconds and the most memory as JSON."""
    database = Database(f"sqlite:///{file}")
    found: dict[str, str] = {}
    slugs = [LARGE] if what == "one" else [f"evening-{number}" for number in range(events)]
    started = time.perf_counter()
    for slug in slugs:
        begun = time.perf_counter()
        with database.reading() as session:
            draft = draft_pack(session, event_slug=slug, threshold=8)
        read = time.perf_counter()
        made = make_pack(draft, now=NOW)
        compiled = time.perf_counter()
        with database.transaction() as session:
            freeze_pack(session, draft, made, account_id=1, now=NOW)
        if what == "one":
            found["one large pack: reading what was counted, s"] = f"{read - begun:.2f}"
            found["one large pack: compiling, s"] = f"{compiled - read:.2f}"
            found["one large pack: freezing, s"] = f"{time.perf_counter() - compiled:.2f}"
            found["one large pack: size, kB"] = f"{len(made.frozen) / 1000:.0f}"
    found[f"{what}: everything, s"] = f"{time.perf_counter() - started:.2f}"
    if what == "all":
        for again in ("the first time", "again"):
            begun = time.perf_counter()
            with database.reading() as session:
                heat_map(across(session, pathway="eastmere-urgent-care").asked, ())
            found[f"the map across them {again}, s"] = f"{time.perf_counter() - begun:.3f}"
        begun = time.perf_counter()
        with database.reading() as session:
            standing = newest_packs(session, Search(), after="", limit=events).packs
            collected, unread = collect(session, standing)
        made_aside = aside(zipped_collection)(collected, asked={}, unread=unread)
        found["all of them as one file, s"] = f"{time.perf_counter() - begun:.2f}"
        found["all of them as one file: packs, size"] = f"{len(collected)}, {len(made_aside) / 1000:.0f} kB"
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        found["all of them as one file: most memory of the process that made it, MB"] = f"{children:.0f}"
    found[f"{what}: most memory, MB"] = f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"
    print(json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main(*(int(each) for each in (*sys.argv[1:], *("100", "100000")[len(sys.argv) - 1 :])))
