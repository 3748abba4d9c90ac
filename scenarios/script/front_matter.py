"""Read the block between two `---` lines: what a script says about itself."""

import re

from scenarios.script.outline import Outline, Row
from scenarios.script.parts import Field, FrontMatter
from scenarios.script.problems import (
    BAD_FRONT_MATTER,
    BAD_ID,
    BAD_LANGUAGE,
    BAD_MINUTES,
    FIELD_TWICE,
    MISSING_FRONT_MATTER,
    OPEN_FRONT_MATTER,
    UNKNOWN_KEY,
    Findings,
)

KNOWN_KEYS = (
    "id",
    "title",
    "stage",
    "also_touches",
    "setting",
    "when",
    "written_by",
    "minutes",
    "content_notes",
    "start",
    "question",
    "language",
    "translation_of",
    "easy_read_of",
    "large_type_of",
    "ifid",
)
_FIELD = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(.*)")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")
_LONGEST_SLUG = 80
_MOST_MINUTES = 600


def read_front_matter(cut: Outline, findings: Findings) -> FrontMatter:
    """Return the fields as written, the first of two with one key; add to `findings` what is wrong."""
    if cut.front is None:
        findings.add(MISSING_FRONT_MATTER, 1)
        return FrontMatter()
    if not cut.front_closed:
        findings.add(OPEN_FRONT_MATTER, 1)
    fields: dict[str, Field] = {}
    for row in cut.front:
        _read_field(row, fields, findings)
    front = FrontMatter(fields, cut.front[0].line if cut.front else 1)
    _check_values(front, findings)
    return front


def _read_field(row: Row, fields: dict[str, Field], findings: Findings) -> None:
    found = _FIELD.match(row.words.strip())
    if found is None:
        findings.add(BAD_FRONT_MATTER, row.line)
        return
    key, value = found[1], found[2].strip()
    if key in fields:
        findings.add(FIELD_TWICE, row.line, key=key)
        return
    if key not in KNOWN_KEYS:
        findings.add(UNKNOWN_KEY, row.line, key=key)
    fields[key] = Field(value, row.line)


def _check_values(front: FrontMatter, findings: Findings) -> None:
    slug, minutes, language = front.said("id"), front.said("minutes"), front.said("language")
    if slug and (not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG):
        findings.add(BAD_ID, front.line_of("id"))
    if minutes and minutes_of(front) is None:
        findings.add(BAD_MINUTES, front.line_of("minutes"))
    if language and not _LANGUAGE.fullmatch(language):
        findings.add(BAD_LANGUAGE, front.line_of("language"))


def minutes_of(front: FrontMatter) -> int | None:
    """Return how many minutes the script takes to play; None when it gives no whole number."""
    words = front.said("minutes")
    if not re.fullmatch(r"[0-9]{1,3}", words) or not 1 <= int(words) <= _MOST_MINUTES:
        return None
    return int(words)
