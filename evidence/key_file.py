"""Where the site's signing key is kept: DATA_DIR, or SIGNING_KEY where the disk does not last."""

import os
import re
import secrets
from pathlib import Path

from evidence.signing import PackKey
from scenario_app.kernel.config import BadSetting, Config

KEPT_IN = "signing-key"


def signing_key(config: Config) -> PackKey:
    """Return the site's key: SIGNING_KEY where it is set, else the one in DATA_DIR, made at the first need.

    :raises BadSetting: the file in DATA_DIR cannot be read or is no key
    """
    if config.signing_key:
        return PackKey(bytes.fromhex(config.signing_key))
    keeper = config.data_dir / KEPT_IN
    if not keeper.exists():
        _make(keeper)
    return PackKey(_kept(keeper))


def _make(keeper: Path) -> None:
    keeper.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and linked: of two processes that need it at once, both end with the same key.
    aside = keeper.with_name(f"{KEPT_IN}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(32) + "\n")
            out.flush()
            os.fsync(out.fileno())
        keeper.hardlink_to(aside)
    except FileExistsError:
        pass  # the other process was quicker
    finally:
        aside.unlink()


def _kept(keeper: Path) -> bytes:
    try:
        kept = keeper.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        kept = ""
    if re.fullmatch("[0-9a-f]{64}", kept) is None:
        raise BadSetting("SIGNING_KEY", f"{keeper}, which holds no key", "the 64 hex digits made there")
    return bytes.fromhex(kept)
