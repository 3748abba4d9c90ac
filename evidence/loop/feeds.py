"""Atom feeds (RFC 4287) of what changed and of published packs: no person is named in them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from scenario_app.kernel.tokens import hashed

# What a feed says of itself while nothing stands in it.
_BEFORE_ANYTHING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing that happened. `name` is its own for ever (`update:7`); `address` is the whole address of its page."""

    name: str
    title: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with the addresses of itself and of the page it belongs to."""

    name: str
    title: str
    author: str
    language: str
    address: str
    page: str
    entries: Sequence[FeedEntry]


def atom(feed: Feed, *, key: str) -> bytes:
    """Return a feed as Atom 1.0, the newest entry first. `key` is the site's secret: ids stay, and are this site's own.

    >>> moment = datetime(2026, 11, 9, 12, tzinfo=UTC)
    >>> entry = FeedEntry("update:7", "Done: a <line> & more", "https://a.example/x", moment)
    >>> told = atom(Feed("changes", "What changed", "Eastmere", "en", "/a", "/b", [entry]), key="k").decode()
    >>> "<title>Done: a &lt;line&gt; &amp; more</title>" in told, told.count("<updated>2026-11-09T12:00:00Z</updated>")
    (True, 2)
    """
    entries = sorted(feed.entries, key=lambda entry: (entry.at, entry.name), reverse=True)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(feed.language)}>',
        f"<id>{_id(feed.name, key)}</id>",
        f"<title>{_words(feed.title)}</title>",
        f"<updated>{_moment(entries[0].at if entries else _BEFORE_ANYTHING)}</updated>",
        f"<author><name>{_words(feed.author)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(feed.address)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(feed.page)}/>',
    ]
    for entry in entries:
        lines += [
            "<entry>",
            f"<id>{_id(entry.name, key)}</id>",
            f"<title>{_words(entry.title)}</title>",
            f"<updated>{_moment(entry.at)}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(entry.address)}/>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""]).encode()


def _id(name: str, key: str) -> str:
    return f"urn:uuid:{uuid.UUID(bytes=hashed(f'feed:{name}', key=key)[:16], version=4)}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _words(words: str) -> str:
    # What XML has no way to write at all is left out.
    return escape("".join(ch for ch in words if ch.isprintable() or ch == "\n"))
