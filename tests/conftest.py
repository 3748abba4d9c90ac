"""What every test can ask for: a database of either kind, the demo's content, a clock that is told the time."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.migrations import migrate
from tests.real_servers import Postgres, Valkey

# Only test_*.py holds tests; some of the rest are entries of (broken) servers that must not be imported here.
collect_ignore_glob = ["*/[!t]*.py"]

SECRET = "a-secret-that-only-the-tests-know-0123456789"


class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.moment

    def go_on(self, **length: float) -> None:
        """Move it, by `timedelta`'s words."""
        self.moment += timedelta(**length)


@pytest.fixture
def clock() -> TestClock:
    """Ten in the morning of a Monday in March."""
    return TestClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A real Valkey."""
    server = Valkey()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file with every table."""
    file = tmp_path_factory.mktemp("migrated") / "scenario.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    for extra in (f"{file}-wal", f"{file}-shm"):
        assert not Path(extra).exists(), "closing the last connection folds the log into the file"
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """The name of an empty PostgreSQL database with every table, to be copied."""
    address = postgres.new_database()
    database = Database(address.replace("postgresql:", "postgresql+psycopg:", 1))
    migrate(database)
    database.close()
    return postgres.name_of(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with every table and no row: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "data" / "scenario.db"
        file.parent.mkdir()
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        yield f"sqlite:///{file}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    address = server.new_database(request.getfixturevalue("migrated_postgres"))
    yield address.replace("postgresql:", "postgresql+psycopg:", 1)
    server.drop(address)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with every table and no row."""
    found = Database(database_url)
    yield found
    found.close()


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    """The configuration of a test's own application."""
    return Config(data_dir=tmp_path / "data", database_url=database_url, secret_key=SECRET)
