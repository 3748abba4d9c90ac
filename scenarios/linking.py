"""Which published scenarios are one and the same in another language or another form."""

from collections.abc import Iterable
from dataclasses import dataclass

from scenarios.queries import PublishedVersion

KINDS = ("translation", "easy_read", "large_type")


@dataclass(frozen=True, slots=True)
class LinkedVersion:
    """The same scenario in another language or form. `kind` is one of `KINDS`, or `original`."""

    version: PublishedVersion
    kind: str


def linked_versions(version: PublishedVersion, published: Iterable[PublishedVersion]) -> list[LinkedVersion]:
    """Return the others that are this scenario in another language or form, the original first."""
    _kind, original = _version_of(version)
    found = [
        LinkedVersion(other, kind)
        for other in published
        for kind, of in [_version_of(other)]
        if of == original
    ]
    others = (one for one in found if one.version.slug != version.slug)
    return sorted(others, key=lambda one: (one.kind != "original", one.version.title))


def _version_of(version: PublishedVersion) -> tuple[str, str]:
    """Return what kind of version a scenario is, and the address of the one that it is a version of."""
    front = version.script.front
    return next(
        ((kind, front.said(f"{kind}_of")) for kind in KINDS if front.said(f"{kind}_of")),
        ("original", version.slug),
    )
