"""Every setting, with its unit and default, read from the environment once and checked."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytz
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

LEAST_SECRET_CHARACTERS = 32
LEAST_SUPPRESS_BELOW = 8
_KNOWN_BAD_SECRETS = {"changeme", "change-me", "secret", "dev", "development", "password"}


class BadSetting(Exception):
    """A variable of the environment that cannot be used. Stops start-up with one sentence."""

    def __init__(self, name: str, found: str, expected: str) -> None:
        super().__init__(f"{name}: found {found}, expected {expected}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Config:
    """What the person who runs the server decides. Built by `from_env`; never changed afterwards.

    The `metadata` of each field names its variable and says what it does; docs/DEPLOY.md is tested
    against them.
    """

    host: str = field(default="127.0.0.1", metadata={"env": "HOST", "about": "address to listen on"})
    port: int = field(default=8000, metadata={"env": "PORT", "about": "port to listen on"})
    database_url: str = field(
        default="", metadata={"env": "DATABASE_URL", "about": "SQLite file under DATA_DIR, or postgresql://"}
    )
    redis_url: str | None = field(
        default=None,
        metadata={"env": "REDIS_URL", "about": "needed for more than one process; wakes the others early"},
    )
    data_dir: Path = field(
        default=Path("var"), metadata={"env": "DATA_DIR", "about": "database, secret, keys; mode 0700"}
    )
    secret_key: str = field(
        default="",
        repr=False,
        metadata={"env": "SECRET_KEY", "about": "made and kept in DATA_DIR when unset"},
    )
    signing_key: str = field(
        default="",
        repr=False,
        metadata={
            "env": "SIGNING_KEY",
            "about": "signs packs of evidence; made and kept in DATA_DIR when unset",
        },
    )
    public_url: str | None = field(
        default=None,
        metadata={"env": "PUBLIC_URL", "about": "what QR codes show; else taken from the request"},
    )
    site_name: str = field(
        default="Eastmere Together", metadata={"env": "SITE_NAME", "about": "name on every page"}
    )
    suppress_below: int = field(
        default=LEAST_SUPPRESS_BELOW,
        metadata={
            "env": "SUPPRESS_BELOW",
            "about": "people; smaller groups are protected; may only be raised",
        },
    )
    mail_url: str | None = field(
        default=None,
        repr=False,
        metadata={"env": "MAIL_URL", "about": "smtp://user:password@host:port?from=..."},
    )
    trusted_proxies: int = field(
        default=0, metadata={"env": "TRUSTED_PROXIES", "about": "how many proxies stand in front"}
    )
    log_level: str = field(default="INFO", metadata={"env": "LOG_LEVEL", "about": "DEBUG INFO WARNING ERROR"})
    metrics_token: str | None = field(
        default=None,
        repr=False,
        metadata={
            "env": "METRICS_TOKEN",
            "about": "bearer token for /metrics from elsewhere than this machine",
        },
    )
    time_zone: str = field(
        default="Europe/London", metadata={"env": "TIME_ZONE", "about": "in which pages say times of day"}
    )
    retention_hours: int = field(
        default=24,
        metadata={
            "env": "RETENTION_HOURS",
            "about": "hours after a section ends until seat secrets are erased",
        },
    )
    draft_days: int = field(
        default=30,
        metadata={"env": "DRAFT_DAYS", "about": "days after its last save until a story not sent is erased"},
    )
    help_lines: tuple[tuple[str, str], ...] = field(
        default=(),
        metadata={"env": "HELP_LINES", "about": "whom to ring: NHS 111=111|Samaritans=116 123"},
    )

    lan: bool = field(
        default=False,
        metadata={
            "env": "LAN",
            "about": "1 on a venue's own network without TLS: only watching and voting from other devices",
        },
    )

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Config":
        """Read and check every setting.

        Makes DATA_DIR (mode 0700) and, when SECRET_KEY is unset, a secret in it.

        :raises BadSetting: the first variable that cannot be used, with what was found and expected
        """
        data_dir = _data_dir(env.get("DATA_DIR") or "var")
        return cls(
            host=env.get("HOST") or "127.0.0.1",
            port=_whole(env, "PORT", 8000, least=1, most=65535),
            database_url=_database_url(env.get("DATABASE_URL"), data_dir),
            redis_url=_url(env, "REDIS_URL", ("redis", "rediss", "unix")),
            data_dir=data_dir,
            secret_key=_secret(env.get("SECRET_KEY"), data_dir),
            signing_key=_signing_key(env.get("SIGNING_KEY") or ""),
            public_url=(_url(env, "PUBLIC_URL", ("http", "https")) or "").rstrip("/") or None,
            site_name=env.get("SITE_NAME") or "Eastmere Together",
            suppress_below=_whole(env, "SUPPRESS_BELOW", LEAST_SUPPRESS_BELOW, least=LEAST_SUPPRESS_BELOW),
            mail_url=_url(env, "MAIL_URL", ("smtp", "smtps")),
            trusted_proxies=_whole(env, "TRUSTED_PROXIES", 0, least=0, most=8),
            log_level=_choice(env, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
            metrics_token=env.get("METRICS_TOKEN") or None,
            time_zone=_time_zone(env.get("TIME_ZONE") or "Europe/London"),
            retention_hours=_whole(env, "RETENTION_HOURS", 24, least=1, most=24 * 30),
            draft_days=_whole(env, "DRAFT_DAYS", 30, least=1, most=365),
            help_lines=_help_lines(env.get("HELP_LINES") or ""),
            lan=_choice(env, "LAN", "0", ("0", "1")) == "1",
        )

    @property
    def own_url(self) -> str:
        """Where this machine itself reaches the server: one that listens everywhere is reached at home.

        >>> Config(host="0.0.0.0", port=80).own_url, Config(host="::1", port=80).own_url
        ('http://127.0.0.1:80', 'http://[::1]:80')
        >>> Config(host="hall.example").own_url
        'http://hall.example:8000'
        """
        try:
            address = ip_address(self.host)
        except ValueError:
            return f"http://{self.host}:{self.port}"
        if address.is_unspecified:
            return f"http://127.0.0.1:{self.port}"
        host = f"[{self.host}]" if isinstance(address, IPv6Address) else self.host
        return f"http://{host}:{self.port}"

    @property
    def on_sqlite(self) -> bool:
        """Whether everything lives in one file (and so in one process)."""
        return self.database_url.startswith("sqlite")


def _whole(env: Mapping[str, str], name: str, default: int, *, least: int, most: int | None = None) -> int:
    raw = env.get(name) or str(default)
    wanted = f"a whole number of at least {least}" + (f" and at most {most}" if most else "")
    if not re.fullmatch(r"-?\d{1,9}", raw.strip()):
        raise BadSetting(name, repr(raw), wanted)
    number = int(raw)
    if number < least or (most is not None and number > most):
        raise BadSetting(name, str(number), wanted)
    return number


def _help_lines(raw: str) -> tuple[tuple[str, str], ...]:
    wanted = "up to eight of NAME=NUMBER with | between, such as NHS 111=111|Samaritans=116 123"
    lines = [
        tuple(piece.strip() for piece in line.partition("=")[::2]) for line in raw.split("|") if line.strip()
    ]
    for name, number in lines:
        if not name or not re.fullmatch(r"\+?[0-9][0-9 -]{1,20}", number):
            raise BadSetting("HELP_LINES", repr(f"{name}={number}"), wanted)
    if len(lines) > 8:
        raise BadSetting("HELP_LINES", f"{len(lines)} lines", wanted)
    return tuple((name, number) for name, number in lines)


def _time_zone(name: str) -> str:
    if name not in pytz.all_timezones_set:
        raise BadSetting("TIME_ZONE", repr(name), "a name like Europe/London")
    return name


def _choice(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = (env.get(name) or default).upper()
    if value not in choices:
        raise BadSetting(name, repr(value), "one of " + ", ".join(choices))
    return value


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    raw = env.get(name)
    if not raw:
        return None
    expected = " or ".join(f"{known}://..." for known in schemes)
    # A URL may hold a password: say what kind it is, never the whole.
    try:
        scheme = urlsplit(raw).scheme
    except ValueError:
        raise BadSetting(name, "an address that cannot be read", expected) from None
    if scheme not in schemes:
        raise BadSetting(name, f"an address starting {scheme!r}", expected)
    return raw


def _database_url(raw: str | None, data_dir: Path) -> str:
    if not raw:
        return f"sqlite:///{data_dir.resolve() / 'scenario.db'}"
    scheme, _colon, rest = raw.partition(":")
    if scheme in ("postgresql", "postgres"):  # as hosting services give it
        scheme = "postgresql+psycopg"
    expected = "sqlite:///FILE or postgresql://..."
    if scheme not in ("sqlite", "postgresql+psycopg"):
        raise BadSetting("DATABASE_URL", f"an address starting {scheme[:20]!r}", expected)
    try:
        make_url(address := f"{scheme}:{rest}")
    except (ArgumentError, ValueError):
        raise BadSetting("DATABASE_URL", "an address that cannot be read", expected) from None
    return address


def _data_dir(raw: str) -> Path:
    folder = Path(raw)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as problem:
        raise BadSetting(
            "DATA_DIR", f"{raw} ({problem.strerror})", "a folder that can be written to"
        ) from None
    return folder


def _secret(raw: str | None, data_dir: Path) -> str:
    wanted = f"at least {LEAST_SECRET_CHARACTERS} characters that nobody can guess, or unset to have one made"
    if raw:
        if len(raw) < LEAST_SECRET_CHARACTERS or raw.lower() in _KNOWN_BAD_SECRETS or len(set(raw)) < 8:
            raise BadSetting("SECRET_KEY", f"{len(raw)} characters", wanted)
        return raw
    keeper = data_dir / "secret"
    if keeper.exists():
        return _kept_secret(keeper)
    made = secrets.token_urlsafe(48)
    # Written aside and linked: of two processes starting at once, both end with the same secret.
    aside = data_dir / f"secret.{secrets.token_hex(4)}"
    aside.touch(mode=0o600)
    aside.write_text(made, encoding="ascii")
    try:
        keeper.hardlink_to(aside)
    except FileExistsError:
        made = _kept_secret(keeper)
    finally:
        aside.unlink()
    return made


def _signing_key(raw: str) -> str:
    if raw and not re.fullmatch(r"[0-9a-f]{64}", raw):
        raise BadSetting("SIGNING_KEY", f"{len(raw)} characters", "64 hex digits (openssl rand -hex 32)")
    return raw


def _kept_secret(keeper: Path) -> str:
    try:
        kept = keeper.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSetting("SECRET_KEY", f"{keeper}, which cannot be read", "the secret made there") from None
    if len(kept) < LEAST_SECRET_CHARACTERS:
        raise BadSetting("SECRET_KEY", f"{keeper} with {len(kept)} characters", "the secret made there")
    return kept
