"""One file that holds everything: the database, the site's secret, the key that signs its packs. Written under load."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from evidence.key_file import KEPT_IN, signing_key
from scenario_app import __version__
from scenario_app.kernel.config import BadSetting, Config
from scenario_app.kernel.database import Database

FORM = "scenario-app-backup-1"


class NotABackup(Exception):
    """This file is no backup, is damaged, or is of the other kind of database."""


def back_up(config: Config, database: Database, file: Path) -> None:
    """Write a backup, whole or not at all, readable by its owner only.

    :raises OSError: the file cannot be written (the disk is full, the folder is not there)
    :raises BadSetting: PostgreSQL without pg_dump on this machine
    """
    with tempfile.TemporaryDirectory(dir=config.data_dir) as folder:
        dump = Path(folder) / "database"
        _dump_sqlite(database, dump) if database.on_sqlite else _dump_postgresql(database, dump)
        about = {
            "form": FORM,
            "app_version": __version__,
            "database": database.url.get_backend_name(),
            "sha256": hashlib.sha256(dump.read_bytes()).hexdigest(),
        }
        aside = file.with_name(file.name + ".part")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as out:
                out.writestr("about.json", json.dumps(about))
                out.writestr("secret", config.secret_key)
                out.writestr(KEPT_IN, signing_key(config).seed.hex())
                out.write(dump, "database")
            aside.replace(file)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise


def restore(config: Config, database: Database, file: Path) -> None:
    """Replace the database by what a backup holds. Secret and signing key are put back when they are kept in DATA_DIR.

    :raises NotABackup: nothing was changed
    """
    with tempfile.TemporaryDirectory(dir=config.data_dir) as folder:
        dump = Path(folder) / "database"
        kept = _unpack(file, dump, database.url.get_backend_name())
        database.close()
        if database.on_sqlite:
            _restore_sqlite(database, dump)
        else:
            _run(
                "pg_restore",
                "--clean",
                "--if-exists",
                "--no-owner",
                f"--dbname={_address(database)}",
                str(dump),
            )
    if not config.signing_key:
        signing_key(config)  # so that there is one to be replaced
    for name, words in kept.items():
        keeper = config.data_dir / name
        if keeper.exists():
            keeper.write_text(words, encoding="ascii")


def _unpack(file: Path, dump: Path, backend: str) -> Mapping[str, str]:
    try:
        with zipfile.ZipFile(file) as packed:
            about = json.loads(packed.read("about.json"))
            with packed.open("database") as source, dump.open("wb") as target:
                shutil.copyfileobj(source, target)
            # a backup from before packs were signed has no key: the one that is there stays
            names = [name for name in ("secret", KEPT_IN) if name == "secret" or name in packed.namelist()]
            kept = {name: packed.read(name).decode("ascii") for name in names}
    except (zipfile.BadZipFile, KeyError, ValueError) as problem:
        raise NotABackup(f"{file} is no backup of this application, or it is damaged.") from problem
    if about.get("form") != FORM or about.get("sha256") != hashlib.sha256(dump.read_bytes()).hexdigest():
        raise NotABackup(f"{file} is damaged: what it holds is not what was written.")
    if about.get("database") != backend:
        raise NotABackup(f"{file} is of {about.get('database')}; this server uses {backend}.")
    return kept


def _dump_sqlite(database: Database, dump: Path) -> None:
    source = sqlite3.connect(str(database.url.database))
    target = sqlite3.connect(dump)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()


def _restore_sqlite(database: Database, dump: Path) -> None:
    source = sqlite3.connect(dump)
    target = sqlite3.connect(str(database.url.database))
    try:
        if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise NotABackup("The database in this backup is damaged.")
        source.backup(target)
    finally:
        target.close()
        source.close()


def _dump_postgresql(database: Database, dump: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", _address(database))


def _address(database: Database) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BadSetting("PATH", f"no {program}", "PostgreSQL's client programs on this machine")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise NotABackup(
            f"{program}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}"
        )
