"""An evening that is over, made once for each kind of database and copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from live import messages
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from tests.conftest import SECRET, TestClock
from tests.evidence.aftermath import DUE, Aftermath, make_aftermath
from tests.makers import make_floor, make_town
from tests.real_servers import Postgres

Made = tuple[str, Aftermath]


def _make(url: str, folder: Path) -> Aftermath:
    """Make the evening, and noise: an event that still runs, with a proposal and a promise of its own."""
    database, clock = Database(url), TestClock()
    config = Config(data_dir=folder, database_url=url, secret_key=SECRET)
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="still-running")
    noise.start()
    noise.act(messages.MakeProposal, wording="Something that another room wants")
    noise.act(messages.RecordCommitment, promised=True, what="Another promise", owner="Jo", due=DUE)
    made = make_aftermath(town, clock)
    database.close()
    return made


@pytest.fixture(scope="session")
def evening_on_sqlite(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Made:
    """The file, and what is in it."""
    folder = tmp_path_factory.mktemp("an-evening")
    shutil.copy(migrated_sqlite, folder / "scenario.db")
    return str(folder / "scenario.db"), _make(f"sqlite:///{folder}/scenario.db", folder)


@pytest.fixture(scope="session")
def evening_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, migrated_postgres: str, postgres: Postgres
) -> Made:
    """The name of a database to be copied, and what is in it."""
    address = postgres.new_database(migrated_postgres)
    url = address.replace("postgresql:", "postgresql+psycopg:", 1)
    return postgres.name_of(address), _make(url, tmp_path_factory.mktemp("an-evening"))


@pytest.fixture
def evening(
    request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock, kind_of_database: str
) -> Iterator[Aftermath]:
    """An evening that is over, on a database of the test's own."""
    if kind_of_database == "sqlite":
        file, made = request.getfixturevalue("evening_on_sqlite")
        (tmp_path / "data").mkdir()
        shutil.copy(file, tmp_path / "data" / "scenario.db")
        url, drop = f"sqlite:///{tmp_path}/data/scenario.db", None
    else:
        server: Postgres = request.getfixturevalue("postgres")
        template, made = request.getfixturevalue("evening_on_postgresql")
        drop = server.new_database(template)
        url = drop.replace("postgresql:", "postgresql+psycopg:", 1)
    database = Database(url)
    config = Config(data_dir=tmp_path / "data", database_url=url, secret_key=SECRET)
    town = replace(made.town, database=database, config=config)
    clock.moment = made.clock.moment
    yield replace(made, town=town, floor=replace(made.floor, town=town), clock=clock)
    database.close()
    if drop:
        server.drop(drop)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind_of_database(request: pytest.FixtureRequest) -> str:
    """Which kind of database an evening lies in."""
    return str(request.param)
