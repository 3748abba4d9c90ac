"""A site's own key signs each pack's manifest (Ed25519); its public half says that a pack is from there."""

import hashlib
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

_HEX_KEY = re.compile(r"[0-9a-f]{64}")


class NoKey(ValueError):
    """This is no Ed25519 public key, in hex or as PEM."""


@dataclass(frozen=True, slots=True)
class PackKey:
    """A key to sign with, made from 32 secret bytes.

    >>> key = PackKey(bytes(32))
    >>> is_signed(key.public_key, b"manifest", key.sign(b"manifest"))
    True
    >>> is_signed(key.public_key, b"another", key.sign(b"manifest"))
    False
    """

    seed: bytes = field(repr=False)

    @property
    def public_key(self) -> str:
        """Return the public half, in hex."""
        return self._private().public_key().public_bytes_raw().hex()

    def sign(self, manifest: bytes) -> bytes:
        """Return what `manifest.sig` holds: 128 hex digits, always the same for the same bytes."""
        return self._private().sign(manifest).hex().encode()

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def is_signed(public_key: str, manifest: bytes, signature: bytes) -> bool:
    """Say whether a signature is this key's, of these bytes. Takes any bytes as a signature.

    `public_key` is 64 hex digits.
    """
    if re.fullmatch(rb"[0-9a-f]{128}", signature) is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(
            bytes.fromhex(signature.decode()), manifest
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint_of(public_key: str) -> str:
    """Return the SHA-256 of a public key's 32 bytes, in hex: what two people compare."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()


def pem_of(public_key: str) -> str:
    """Return a public key as other programs read it."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_key_in(text: str) -> str:
    """Return the public key that stands in a text, in hex: 64 hex digits, or PEM with anything around it.

    >>> public_key_in("  " + "AB" * 32 + "\\n") == "ab" * 32
    True

    :raises NoKey: there is none
    """
    if (found := re.search("-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", text, re.DOTALL)) is None:
        bare = "".join(text.split()).lower()
        if _HEX_KEY.fullmatch(bare) is None:
            raise NoKey
        return bare
    try:
        key = load_pem_public_key(found[0].encode())
    except ValueError:
        raise NoKey from None
    if not isinstance(key, Ed25519PublicKey):
        raise NoKey
    return key.public_bytes_raw().hex()
