"""The command line: what the person who runs the server types."""

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import click
import segno
from rich.console import Console
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from evidence.signing import NoKey, public_key_in
from evidence.verify import LEAST_OF_A_HEAD, MOST_BYTES, WHOLE_FILE, Checked, Difference, Finding, check
from live.closing import erase_secrets
from live.queries import events
from scenario_app import __version__
from scenario_app import seed as demo
from scenario_app.accounts import service as accounts
from scenario_app.accounts.rules import Duty
from scenario_app.backup import NotABackup, back_up
from scenario_app.backup import restore as restore_from
from scenario_app.cli_script import script
from scenario_app.kernel.clock import utc_now
from scenario_app.kernel.config import BadSetting, Config
from scenario_app.kernel.database import Database, StorageUnavailable
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.local_network import best_address, own_addresses
from scenario_app.kernel.tokens import shown_door_code
from scenario_app.migrations import UnknownTables
from scenario_app.migrations import migrate as bring_up_to_date
from scenario_app.rehearsal import rehearse as rehearse_section
from scenarios.stories.telling import erase_abandoned

err = Console(stderr=True, highlight=False)


def main() -> None:
    """Run a command; end with one clear sentence where something is wrong, never with a traceback."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.Abort:
        sys.exit(130)
    except BadSetting as problem:
        _stop(str(problem))
    except UnknownTables:
        _stop(
            "The database is of a newer version of this application, or of another program. Nothing was changed."
        )
    except StorageUnavailable as problem:
        _stop_without_database(str(problem.details.get("reason", "no reason given")))
    except DomainError as problem:
        details = ", ".join(f"{name} {value}" for name, value in problem.details.items())
        _stop(problem.code.replace("_", " ") + (f" ({details})" if details else ""))
    except OperationalError as problem:
        _stop_without_database(str(problem.orig).splitlines()[0])
    except SQLAlchemyError as problem:
        _stop(
            f"The database could not do that ({type(problem).__name__}). Is it the right one, and migrated?"
        )
    except OSError as problem:
        _stop(f"{problem.filename or 'A file or the network'}: {problem.strerror or problem}")


def _stop(words: str) -> NoReturn:
    err.print(f"scenario-app: {words}", style="bold", markup=False, soft_wrap=True)
    sys.exit(1)


def _stop_without_database(reason: str) -> NoReturn:
    _stop(f"The database did not answer: {reason}. Is it the right one, running and migrated?")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scenario-app")
def cli() -> None:
    """Play scenarios, let the room's vote open the next scene, keep the evidence."""


cli.add_command(script)


def _settled() -> tuple[Config, Database]:
    config = Config.from_env(os.environ)
    try:
        return config, Database(config.database_url)
    except ImportError as missing:
        raise BadSetting(
            "DATABASE_URL", "a PostgreSQL address", f"the package {missing.name}: install scenario-app[prod]"
        ) from None


# --- serving --------------------------------------------------------------------------------------------


@cli.command()
@click.option(
    "--demo", is_flag=True, help="Fill an empty database with the demo town and print its addresses."
)
@click.option(
    "--lan",
    is_flag=True,
    help="Serve a hall on its own network, without internet: find this machine's address and print its QR code.",
)
def serve(demo: bool, lan: bool) -> None:
    """Migrate, then serve from one process until told to stop."""
    if lan:
        _open_to_the_hall()
    config, database = _settled()
    _check_port(config)
    bring_up_to_date(database)
    if demo:
        _seed_when_empty(config, database)
        _print_addresses(config, database)
    database.close()
    os.execv(sys.executable, [sys.executable, "-m", "scenario_app.wsgi"])  # noqa: S606 - ourselves, made cooperative


def _open_to_the_hall() -> None:
    """Set what a server in a hall needs: the address that phones reach, and what stays on this machine."""
    address = best_address(own_addresses())
    if address is None:
        raise click.ClickException(
            "No network found. Join the venue's Wi-Fi, or plug in the travel router, and try again."
        )
    port = os.environ.get("PORT") or "8000"
    os.environ.update(HOST="0.0.0.0", LAN="1")  # noqa: S104 - a hall reaches it: that is what was asked for
    public = os.environ.setdefault("PUBLIC_URL", f"http://{address}:{port}")
    click.echo(f"\n  Phones on this network reach it at {public}/join\n")
    segno.make(f"{public}/join", error="m").terminal(compact=True)
    if not public.startswith("https://"):
        click.echo(
            "\n  Without a certificate this network can be read by everybody on it: other devices can watch and vote."
            "\n  Desks, stories and signing in work on this machine only, at"
            f" http://127.0.0.1:{port} (docs/DEPLOY.md says how to use TLS).\n"
        )


@cli.command()
def migrate() -> None:
    """Bring the tables of the database up to date."""
    _config, database = _settled()
    bring_up_to_date(database)
    click.echo("The tables are up to date.")


@cli.command()
def seed() -> None:
    """Fill an empty database with the demo town."""
    config, database = _settled()
    bring_up_to_date(database)
    if not _seed_when_empty(config, database):
        raise click.ClickException("The database is not empty; the demo town is only built in an empty one.")


def _check_port(config: Config) -> None:
    """Say at once that the port cannot be had, before anything is set up. The server asks again for itself."""
    from scenario_app.kernel.serving import listen

    listen(config.host, config.port).close()


def _seed_when_empty(config: Config, database: Database) -> bool:
    if not demo.is_empty(database):
        return False
    with err.status("Building the demo town") as status:
        say: Callable[[str], None] = lambda words: status.update(f"Building the demo town: {words}")  # noqa: E731
        demo.seed(database, config, now=utc_now(), say=say)
    return True


def _print_addresses(config: Config, database: Database) -> None:
    base = config.public_url or config.own_url
    with database.reading() as session:
        section = next(
            (s for event in events(session) if not event.closed_at for s in event.sections if s.door_open),
            None,
        )
    click.echo(f"\n  {config.site_name} is at {base}\n")
    if section:
        click.echo(f"  phone    {base}/join/{section.code}   (code {shown_door_code(section.code)})")
        click.echo(f"  desk     {base}/desk/sections/{section.code}")
        click.echo(f"  screen   {base}/screen/{section.code}?key={section.screen_key}\n")
    for key, _name, duty in demo.PEOPLE:
        email = f"{key}@eastmere.example"
        with database.transaction() as session:
            try:
                code = accounts.issue_code(session, email=email, now=utc_now(), key=config.secret_key)
            except accounts.NoSuchAccount:
                continue
        click.echo(f"  sign in  {email:<24} {code}   {duty.value}")
    click.echo(f"\n  at {base}/sign-in/code   (a code is good once, for 15 minutes)")
    click.echo("  a new one: scenario-app account code EMAIL\n")


# --- accounts -------------------------------------------------------------------------------------------


@cli.group()
def account() -> None:
    """Add people who work here; give them codes to sign in with."""


@account.command("add")
@click.argument("email")
@click.option("--name", required=True, help="How the person is named in records.")
@click.option(
    "--duty",
    "duties",
    multiple=True,
    required=True,
    type=click.Choice([duty.value for duty in Duty]),
    help="What the person may do; may be given several times.",
)
def account_add(email: str, name: str, duties: tuple[str, ...]) -> None:
    """Add an account."""
    _config, database = _settled()
    with database.transaction() as session:
        accounts.add_account(
            session, email=email, name=name, duties=[Duty(duty) for duty in duties], now=utc_now()
        )
    click.echo(f"Added {email}. A code to sign in with: scenario-app account code {email}")


@account.command("code")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print an object with email, code and url.")
def account_code(email: str, as_json: bool) -> None:
    """Print a code to sign in with, good once and for 15 minutes."""
    config, database = _settled()
    with database.transaction() as session:
        code = accounts.issue_code(session, email=email, now=utc_now(), key=config.secret_key)
    url = (config.public_url or f"http://{config.host}:{config.port}") + "/sign-in/code"
    if as_json:
        click.echo(json.dumps({"email": email, "code": code, "url": url}))
    else:
        click.echo(f"{code}   good once, for 15 minutes, at {url}")


# --- events ---------------------------------------------------------------------------------------------


@cli.command()
@click.argument("code")
@click.option(
    "--phones", default=60, show_default=True, type=click.IntRange(1, 10_000), help="How many come."
)
@click.option(
    "--seconds", default=600, show_default=True, type=click.IntRange(1, 86_400), help="Leave after so long."
)
@click.option("--url", default=None, help="The server's address; by default the one of HOST and PORT.")
def rehearse(code: str, phones: int, seconds: int, url: str | None) -> None:
    """Send simulated phones through the door CODE: real sockets, a vote in each round, until they are told to stop."""
    config = Config.from_env(os.environ)
    base = url or config.public_url or f"http://{config.host}:{config.port}"
    try:
        voted = rehearse_section(base, code, phones=phones, seconds=seconds, say=click.echo)
    except KeyboardInterrupt:
        raise click.Abort from None
    click.echo(f"{voted} votes were counted.")


@cli.command()
def purge() -> None:
    """Erase secrets of seats whose retention is over, and stories that were never sent. Run it daily."""
    config, database = _settled()
    with database.transaction() as session:
        sections = erase_secrets(session, retention=timedelta(hours=config.retention_hours), now=utc_now())
    with database.transaction() as session:
        drafts = erase_abandoned(session, older_than=timedelta(days=config.draft_days), now=utc_now())
    database.forget_deleted()
    click.echo(f"Erased the seat secrets of {sections} section{'' if sections == 1 else 's'}.")
    click.echo(f"Erased {drafts} stor{'y' if drafts == 1 else 'ies'} that nobody sent.")


# --- keeping --------------------------------------------------------------------------------------------


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything to FILE, also while the server runs."""
    config, database = _settled()
    back_up(config, database, file)
    click.echo(f"Wrote {file} ({file.stat().st_size:,} bytes).")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before replacing what is there.")
def restore(file: Path, yes: bool) -> None:
    """Put back what is in FILE. Stop the server first."""
    config, database = _settled()
    if not yes:
        click.confirm("This replaces everything in the database. Go on?", abort=True)
    try:
        restore_from(config, database, file)
    except NotABackup as problem:
        raise click.ClickException(str(problem)) from None
    click.echo("Restored.")


@cli.group()
def evidence() -> None:
    """Check packs of evidence."""


@evidence.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default="", help="The public key that must have signed it: a file, or 64 hex digits.")
@click.option(
    "--audit-head", default="", help="An audit head that you kept: it must be part of the event's history."
)
def evidence_verify(file: Path, key: str, audit_head: str) -> None:
    """Say whether a downloaded pack is as it was published. Asks no network. Exit 0 intact, 1 with what differs."""
    wanted, head = _public_key(key), _audit_head(audit_head)
    # Asked before it is read: what is larger than any pack must not fill the memory first.
    if file.stat().st_size > MOST_BYTES:
        checked = Checked((Difference(WHOLE_FILE, Finding.TOO_LARGE),))
    else:
        checked = check(file.read_bytes(), key=wanted, audit_head=head)
    for difference in checked.differences:
        click.echo(difference)
    if checked.differences:
        sys.exit(1)
    proved = bool(wanted and checked.signed_by)
    click.echo(f"Intact: every file is as {'it was published' if proved else 'the list in the pack says'}.")
    if head:
        click.echo("The audit head that you kept is part of its history.")
        if not proved:
            click.echo(
                "That says nothing of the tables, unless the signature holds by a key that you trust (--key)."
            )
    if not checked.signed_by:
        click.echo("It is not signed, as older packs are not. Compare its SHA-256 with the one on the site.")
    elif wanted:
        click.echo("It was signed with the key that you gave.")
    else:
        click.echo(f"It was signed with the key whose fingerprint is {checked.fingerprint}")
        click.echo("Anybody can make a key: compare it with the one at /evidence/public-key of the site.")


def _public_key(given: str) -> str:
    if not given:
        return ""
    try:
        return public_key_in(Path(given).read_text("utf-8", "replace") if Path(given).is_file() else given)
    except (NoKey, OSError, ValueError):
        raise click.BadParameter("no Ed25519 public key, in hex or PEM", param_hint="--key") from None


def _audit_head(given: str) -> str:
    head = "".join(given.split()).lower()
    if head and not re.fullmatch(f"[0-9a-f]{{{LEAST_OF_A_HEAD},64}}", head):
        raise click.BadParameter(f"{LEAST_OF_A_HEAD} to 64 hex digits", param_hint="--audit-head")
    return head
