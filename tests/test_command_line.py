"""The command line: what each command does, and the one clear sentence when it cannot."""

import asyncio
import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from evidence.exports import zip_bytes
from evidence.pack import Edition, compile_pack
from evidence.verify import MOST_BYTES
from scenario_app.accounts.queries import account_by_email
from scenario_app.cli import cli, main
from scenario_app.kernel.clock import utc_now
from scenario_app.kernel.database import Database
from tests.evidence.an_event import NOON, an_event
from tests.halls import act, new_hall, prepare
from tests.makers import SHORT_SCRIPT, Town, make_floor
from tests.real_servers import HERE, Server, serving, wait_for

COMMANDS = [
    *("account", "account add", "account code", "backup", "evidence", "evidence verify", "migrate", "purge"),
    *("rehearse", "restore", "script", "script check", "seed", "serve"),
]


class Place(Server):
    """A folder to run commands in, in this process: starting Python anew for each would take most of the time."""

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command as if it were typed."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "argv", ["scenario-app", *arguments]),
            patch.object(os, "execv", side_effect=AssertionError("it would have served")),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture
def town(tmp_path, migrated_sqlite) -> Iterator[Town]:
    """A town, in the data folder of `here`."""
    town = prepare(tmp_path / "data", migrated_sqlite)
    yield town
    town.database.close()


@pytest.fixture
def here(tmp_path, town) -> Place:
    """A place to run commands in, with a town; nothing serves yet."""
    return Place(tmp_path / "data")


@pytest.fixture
def empty(tmp_path) -> Place:
    """A place to run commands in where nothing is yet."""
    return Place(tmp_path / "empty")


def sentence_of(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the one sentence that a command failed with."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr.strip()


def run(server: Server, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with other settings."""
    return replace(server, env={**server.env, **env}).run(*arguments)


@contextlib.contextmanager
def opened(server: Server) -> Iterator[Database]:
    """Look into a place's SQLite file."""
    database = Database(f"sqlite:///{server.data_dir / 'scenario.db'}")
    yield database
    database.close()


def count(server: Server, table: str, where: str = "1 = 1") -> int:
    with opened(server) as database, database.reading() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}")) or 0)


# --- what commands do -----------------------------------------------------------------------------------


def named(group: click.Group, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        yield prefix + name
        if isinstance(command, click.Group):
            yield from named(command, f"{prefix}{name} ")


def test_every_command_says_what_it_does():
    assert sorted(named(cli)) == COMMANDS
    for command in ("", *COMMANDS):
        done = CliRunner().invoke(cli, [*command.split(), "--help"])
        assert done.exit_code == 0, command
        assert len(done.output.split("\n\n")[1].strip()) > 10, command


def test_an_account_that_was_added_gets_a_code_to_sign_in_with(empty):
    assert empty.run("migrate").returncode == 0
    duties = ("--duty", "owner", "--duty", "steward")
    added = empty.run("account", "add", "Ada@Eastmere.example", "--name", "Ada", *duties)
    code = json.loads(empty.run("account", "code", "ada@eastmere.example", "--json").stdout)

    assert added.returncode == 0, added.stderr
    assert (code["email"], len(code["code"])) == ("ada@eastmere.example", 6)
    assert code["url"] == f"{empty.url}/sign-in/code"
    with opened(empty) as database, database.reading() as session:
        ada = account_by_email(session, "ada@eastmere.example")
    assert ada is not None
    assert sorted(ada.duties) == ["owner", "steward"]


def test_an_account_that_cannot_be_is_refused_in_one_sentence(here):
    owner = ("--name", "Fay", "--duty", "owner")

    assert "email taken" in sentence_of(here.run("account", "add", "fay@eastmere.example", *owner))
    assert "not an email" in sentence_of(here.run("account", "add", "fay", *owner))
    assert "no such account" in sentence_of(here.run("account", "code", "nobody@eastmere.example"))


@pytest.mark.slow
def test_the_demo_town_is_built_once_and_only_in_an_empty_database(empty, here):
    assert empty.run("seed").returncode == 0
    built = [count(empty, table) for table in ("account", "round", "published_pack")]

    assert built[0] == 5
    assert built[1] > 0
    assert built[2] == 1
    assert "not empty" in sentence_of(empty.run("seed"))
    assert "not empty" in sentence_of(here.run("seed"))
    assert [count(empty, table) for table in ("account", "round", "published_pack")] == built


def test_purging_erases_the_secrets_of_sections_that_ended_and_nobody_elses(here, town):
    for slug, when in (("long-ago", utc_now() - timedelta(days=3)), ("today", utc_now())):
        floor = make_floor(town, now=when, slug=slug)
        floor.start()
        floor.open_round()
        for seat in floor.sit(None, "carer"):
            floor.cast(seat, "a")

    assert here.run("purge").stdout == (
        "Erased the seat secrets of 1 section.\nErased 0 stories that nobody sent.\n"
    )

    assert count(here, "seat", "secret_hash IS NULL") == 2
    assert count(here, "cast_key") == 2
    assert count(here, "ballot") == 4
    assert here.run("purge").stdout.startswith("Erased the seat secrets of 0 sections.\n")


def test_a_script_is_checked_from_here(here, tmp_path):
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text(SHORT_SCRIPT)
    bad.write_text(SHORT_SCRIPT.replace("-> hall", "-> cellar"))

    assert here.run("script", "check", str(good)).returncode == 0
    found = here.run("script", "check", str(bad))
    assert found.returncode == 1
    assert f"{bad}:" in found.stdout


def test_a_pack_is_verified_from_here(here, tmp_path):
    pack = zip_bytes(compile_pack(an_event(), Edition(version=1, generated_at=NOON, app_version="0.1.0")))
    intact, flipped, no_zip, huge = (tmp_path / f"{name}.zip" for name in ("intact", "flipped", "no", "huge"))
    intact.write_bytes(pack)
    with zipfile.ZipFile(intact) as archive:
        place = archive.getinfo("tables/results.csv").header_offset + 80
    flipped.write_bytes(pack[:place] + bytes([pack[place] ^ 1]) + pack[place + 1 :])
    no_zip.write_text("a letter")
    with huge.open("wb") as file:
        file.truncate(8 * MOST_BYTES)  # larger than what may be read; takes no room on the disk

    assert here.run("evidence", "verify", str(intact)).returncode == 0
    for file, words in (
        (flipped, "tables/results.csv"),
        (no_zip, "is not a pack"),
        (huge, "more than a pack can"),
    ):
        done = here.run("evidence", "verify", str(file))
        assert (done.returncode, done.stderr) == (1, ""), file
        assert words in done.stdout, file


@pytest.mark.slow
def test_rehearsing_sends_phones_that_vote_in_each_round(here, town):
    with serving(here.data_dir) as server:
        hall = new_hall(town, server, "an-evening")
        said = asyncio.run(rehearsed(hall))

    assert said.startswith("20 of 20 phones are in: ")
    assert said.endswith("20 votes were counted.\n")


async def rehearsed(hall) -> str:
    command = "from scenario_app.cli import main; main()"
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)
        rehearsal = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", command, "rehearse", hall.code.lower(), "--phones", "20"),
            env=hall.server.environment,
            cwd=HERE,
            stdout=subprocess.PIPE,
        )
        await desk.until(lambda it: (it.latest("presence") or {}).get("connected") == 20, 30)
        await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
        cue = await act(desk, "open_round")
        await desk.until(lambda it: (it.latest("tally") or {}).get("ballots") == 20)
        await act(desk, "close_round", round=cue["round"]["id"])
        await act(desk, "end_performance")
        out, _err = await rehearsal.communicate()
    assert rehearsal.returncode == 0
    return out.decode()


# --- one sentence each ----------------------------------------------------------------------------------

WRONG = [
    ("PORT", "http", "PORT: found 'http', expected a whole number of at least 1 and at most 65535"),
    ("HOST", "nowhere.invalid", "HOST: found 'nowhere.invalid', expected an address of this machine"),
    ("DATABASE_URL", "mysql://ada:hunter2@db/x", "DATABASE_URL: found an address starting 'mysql', expected"),
    (
        "DATABASE_URL",
        "postgresql://ada:hunter2@127.0.0.1:1/x",
        "The database did not answer: connection failed",
    ),
    ("REDIS_URL", "localhost", "REDIS_URL: found an address starting '', expected redis://"),
    (
        "DATA_DIR",
        "/proc/nothing/here",
        "DATA_DIR: found /proc/nothing/here (No such file or directory), expected",
    ),
    ("SECRET_KEY", "changeme", "SECRET_KEY: found 8 characters, expected at least 32 characters"),
    (
        "PUBLIC_URL",
        "ftp://x",
        "PUBLIC_URL: found an address starting 'ftp', expected http://... or https://...",
    ),
    ("SUPPRESS_BELOW", "2", "SUPPRESS_BELOW: found 2, expected a whole number of at least 8"),
    ("MAIL_URL", "mailto:ada", "MAIL_URL: found an address starting 'mailto', expected smtp://"),
    ("TRUSTED_PROXIES", "all", "TRUSTED_PROXIES: found 'all', expected a whole number"),
    ("LOG_LEVEL", "chatty", "LOG_LEVEL: found 'CHATTY', expected one of"),
    ("TIME_ZONE", "Eastmere", "TIME_ZONE: found 'Eastmere', expected a name like"),
    ("RETENTION_HOURS", "0", "RETENTION_HOURS: found 0, expected a whole number"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_a_setting_that_cannot_be_used_stops_the_server_with_one_sentence(empty, name, value, words):
    said = sentence_of(run(empty, "serve", **{name: value}))

    assert said.startswith(f"scenario-app: {words}")
    assert "hunter2" not in said


def test_the_worker_of_a_process_manager_stops_with_the_same_sentence(empty):
    done = subprocess.run(
        [sys.executable, "-m", "scenario_app.wsgi"],
        env={**empty.environment, "SUPPRESS_BELOW": "2"},
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE,
    )

    assert sentence_of(done).startswith("scenario-app: SUPPRESS_BELOW: found 2")


def test_a_taken_port_is_said_before_anything_is_set_up(empty):
    with socket.create_server(("127.0.0.1", empty.port)):
        said = sentence_of(empty.run("serve"))

    assert (
        said
        == f"scenario-app: PORT: found {empty.port}, which another program is using, expected a free port"
    )
    assert not (empty.data_dir / "scenario.db").exists()


def test_a_database_of_a_newer_version_is_left_as_it_is(here, town):
    with town.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for command in ("migrate", "serve", "seed"):
        assert "newer version" in sentence_of(here.run(command))

    assert count(here, "account") == len(town.people)


def test_a_file_that_is_no_database_and_one_without_tables_are_said_to_be_so(empty):
    empty.data_dir.mkdir()
    missing = sentence_of(empty.run("account", "code", "fay@eastmere.example"))
    (empty.data_dir / "scenario.db").write_text("a shopping list, not a database\n" * 100)

    assert "no such table: account. Is it the right one, running and migrated?" in missing
    assert "Is it the right one" in sentence_of(empty.run("migrate"))
    assert "shopping list" in (empty.data_dir / "scenario.db").read_text()


def test_a_script_that_cannot_be_read_is_said_to_be_so(here, tmp_path):
    assert "none.md cannot be read: No such file" in sentence_of(
        here.run("script", "check", str(tmp_path / "none.md"))
    )
    assert "cannot be read: Is a directory" in sentence_of(here.run("script", "check", str(tmp_path)))
    binary = tmp_path / "picture.md"
    binary.write_bytes(os.urandom(4000))
    done = here.run("script", "check", str(binary))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_rehearsal_without_a_server_or_a_door_is_said_to_be_so(here):
    assert "no server" in sentence_of(here.run("rehearse", "AAAAAA", "--phones", "2"))
    with serving(here.data_dir) as server:
        assert "no such door" in sentence_of(server.run("rehearse", "AAAAAA", "--phones", "2"))


# --- backup and restore ---------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, monkeypatch) -> Iterator[Server]:
    """A data folder with a town on either database, and PostgreSQL's client programs on the path."""
    data_dir = tmp_path / "kept"
    if request.param == "sqlite":
        town = prepare(data_dir, request.getfixturevalue("migrated_sqlite"))
        yield Server(data_dir)
        town.database.close()
        return
    postgres = request.getfixturevalue("postgres")
    programs = postgres.programs
    if programs is None or not (programs / "pg_dump").exists():
        pytest.skip("pg_dump is not beside this PostgreSQL")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    address = postgres.new_database(request.getfixturevalue("migrated_postgres"))
    town = prepare(data_dir, database_url=address.replace("postgresql:", "postgresql+psycopg:", 1))
    town.database.close()
    yield Server(data_dir, {"DATABASE_URL": address})
    postgres.drop(address)


def what_is_there(server: Server) -> dict[str, int]:
    address = server.env.get("DATABASE_URL", f"sqlite:///{server.data_dir / 'scenario.db'}")
    database = Database(address.replace("postgresql:", "postgresql+psycopg:", 1))
    with database.reading() as session:
        found = {
            table: session.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("account", "scenario_version", "audit_entry", "alembic_version")
        }
    database.close()
    return found


def test_a_backup_is_put_back_whole_and_a_damaged_one_not_at_all(place, tmp_path):
    file = tmp_path / "town.backup"
    before = what_is_there(place)
    done = place.run("backup", str(file))
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    place.run("account", "add", "later@eastmere.example", "--name", "Later", "--duty", "owner")
    after = what_is_there(place)
    assert after["account"] == before["account"] + 1

    damaged = tmp_path / "damaged.backup"
    whole = file.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    assert "damaged" in sentence_of(place.run("restore", str(damaged), "--yes"))
    assert "no backup" in sentence_of(place.run("restore", str(HERE / "LICENSE"), "--yes"))
    assert what_is_there(place) == after

    restored = place.run("restore", str(file), "--yes")
    assert (restored.returncode, restored.stdout) == (0, "Restored.\n"), restored.stderr
    assert what_is_there(place) == before


@pytest.mark.slow
def test_a_backup_made_while_the_room_votes_holds_every_vote_acknowledged_before_it(here, town, tmp_path):
    file = tmp_path / "evening.backup"
    with serving(here.data_dir) as server:
        hall = new_hall(town, server, "an-evening")
        acknowledged = asyncio.run(back_up_under_load(hall, file))
    elsewhere = Place(tmp_path / "elsewhere")

    assert elsewhere.run("restore", str(file), "--yes").returncode == 0

    assert acknowledged >= 20
    assert acknowledged <= count(elsewhere, "ballot") <= 40
    assert count(elsewhere, "ballot") == count(elsewhere, "cast_key")


async def back_up_under_load(hall, file) -> int:
    """Let 40 phones vote one after the other, and back up when half of them have."""
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)
        await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
        cue = await act(desk, "open_round")
        async with hall.phones(40) as phones:
            for phone in phones[:20]:
                assert (await phone.cast(cue["round"]["id"], "a"))["ok"]
            backup = asyncio.create_task(asyncio.to_thread(hall.server.run, "backup", str(file)))
            for phone in phones[20:]:
                assert (await phone.cast(cue["round"]["id"], "b"))["ok"]
            done = await backup
    assert done.returncode == 0, done.stderr
    return 20


def test_a_backup_that_cannot_be_written_is_said_to_be_so_and_leaves_nothing_behind(here, tmp_path):
    assert "No such file or directory" in sentence_of(here.run("backup", str(tmp_path / "none" / "x.backup")))
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


@pytest.mark.slow
def test_the_whole_town_is_served_with_one_command(empty):
    log = empty.data_dir.parent / "serve.log"
    with log.open("wb") as out:
        empty.process = subprocess.Popen(
            [sys.executable, "-c", "from scenario_app.cli import main; main()", "serve", "--demo"],
            env=empty.environment,
            stdout=out,
            stderr=out,
            cwd=HERE,
        )
    try:
        wait_for(empty.is_ready, "the demo town to be served", 60)
    finally:
        seconds = empty.stop()

    said = log.read_text()
    assert "/join/" in said
    assert "fay@eastmere.example" in said
    assert empty.process.returncode == 0
    assert seconds < 4
