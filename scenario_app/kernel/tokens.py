"""Door codes, seat secrets, sign-in codes, receipts: make, hash, compare, sign.

Secrets are stored as hashes only. They are random and long (or short-lived and rate-limited), so a fast
hash keyed with the site's secret is enough; a slow one would stall every phone of the room.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

# No 0 O 1 I L: what people mix up when they read a code from a screen at the back of a hall.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DOOR_CODE_CHARACTERS = 6


def new_door_code() -> str:
    """Return 6 characters of the 31-letter alphabet: 887 million codes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(DOOR_CODE_CHARACTERS))


def clean_door_code(typed: str) -> str:
    """Return what was typed as a code: any case, spaces and hyphens let go.

    >>> clean_door_code(" ktm-4rw ")
    'KTM4RW'
    """
    return "".join(ch for ch in typed.upper() if ch.isalnum())[:12]


def shown_door_code(code: str) -> str:
    """Return the code as people read it aloud.

    >>> shown_door_code("KTM4RW")
    'KTM 4RW'
    """
    return f"{code[:3]} {code[3:]}"


def new_secret() -> str:
    """Return 192 random bits, safe in a header, a cookie and an address."""
    return secrets.token_urlsafe(24)


def new_sign_in_code() -> str:
    """Return six digits, for a person to type."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hashed(secret: str, *, key: str) -> bytes:
    """Return what is stored instead of the secret: 32 bytes, the same for the same secret and key."""
    return hmac.digest(key.encode(), secret.encode("utf-8", "replace"), "sha256")


def same(left: bytes, right: bytes) -> bool:
    """Compare without telling by the time taken how much was right."""
    return hmac.compare_digest(left, right)


def receipt_of(round_id: int, seat_id: int, rev: int, *, key: str) -> str:
    """Return the 4 characters that show a ballot was counted. The same ballot has the same receipt.

    Nobody can go from a receipt to a seat: the site's secret is in it.

    >>> receipt_of(1, 2, 3, key="k") == receipt_of(1, 2, 3, key="k")
    True
    """
    digest = hashlib.blake2b(
        f"{round_id}.{seat_id}.{rev}".encode(), key=key.encode()[:64], digest_size=4
    ).digest()
    number = int.from_bytes(digest, "big")
    out = ""
    for _ in range(4):
        number, place = divmod(number, len(ALPHABET))
        out += ALPHABET[place]
    return out


def signed(payload: Mapping[str, object], *, key: str, purpose: str) -> str:
    """Return the payload as a signed token that only serves its `purpose`."""
    return URLSafeTimedSerializer(key, salt=purpose).dumps(dict(payload))


def unsigned(token: str, *, key: str, purpose: str, max_age_seconds: int) -> dict[str, object] | None:
    """Return the payload of a token signed here for this purpose and not too old; else None.

    One from the future is taken: the clock was set back, and nobody is sent away for that.
    """
    serializer = URLSafeTimedSerializer(key, salt=purpose)
    try:
        payload, signed_at = serializer.loads(token, return_timestamp=True)
    except (BadData, UnicodeEncodeError):
        return None
    age = TimestampSigner(key).get_timestamp() - signed_at.timestamp()
    return payload if isinstance(payload, dict) and age <= max_age_seconds else None


# --- words that a browser holds for us without being able to read them ----------------------------------------

_SEALED_BYTES = 64  # of one size, so that the length tells nothing


def sealed(words: str, *, key: str, purpose: str) -> str:
    """Return a token that only this site can open: at most 64 bytes of words, encrypted, then signed.

    A key stream of the site's secret and a nonce that is drawn anew each time; nothing is ever sealed twice with
    the same one. No library for so little: docs/DECISIONS.md, the cookie of a story.

    :raises ValueError: more than 64 bytes
    """
    plain = words.encode()
    if len(plain) > _SEALED_BYTES:
        raise ValueError("too long to be sealed")
    nonce = secrets.token_bytes(16)
    hidden = _mixed(plain.ljust(_SEALED_BYTES, b"\0"), nonce, key, purpose)
    return signed({"sealed": nonce.hex() + hidden.hex()}, key=key, purpose=purpose)


def unsealed(token: str, *, key: str, purpose: str, max_age_seconds: int) -> str | None:
    """Return the words of a token sealed here for this purpose and not too old; else None."""
    payload = unsigned(token, key=key, purpose=purpose, max_age_seconds=max_age_seconds)
    if payload is None or not isinstance(payload.get("sealed"), str):
        return None
    raw = bytes.fromhex(str(payload["sealed"]))
    return _mixed(raw[16:], raw[:16], key, purpose).rstrip(b"\0").decode()


def _mixed(data: bytes, nonce: bytes, key: str, purpose: str) -> bytes:
    blocks = (
        hmac.digest(key.encode(), f"{purpose}:{block}:".encode() + nonce, "sha256")
        for block in range(_SEALED_BYTES // 32)
    )
    return bytes(one ^ other for one, other in zip(data, b"".join(blocks), strict=True))
