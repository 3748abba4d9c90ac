"""What is wrong with a text as text, whatever it says: its size, its marks, its characters."""

import re
from itertools import islice

from scenarios.script.outline import rows_of
from scenarios.script.problems import (
    NESTED_TOO_DEEP,
    NOT_TEXT,
    NOT_UTF8,
    TOO_LONG,
    TOO_MANY_BRACKETS,
    TOO_MANY_MARKS,
    TOO_MANY_ROWS,
    Findings,
)

# The renderer refuses what goes beyond these: its time grows with their square. `rendering` checks that they agree.
MOST_CHARACTERS = 60_000
MOST_ROWS = 5_000
BRACKETS, EMPHASIS = "[!<`", "*_\\"
MOST_MARKS = {
    BRACKETS: (200, 1_000),
    EMPHASIS: (1_000, 6_000),
}  # of each in a paragraph, of all in the script
_NESTED = re.compile(r"[ \t]*(?:>[ \t]*|[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+){7}")

# Control characters, halves of characters, marks that turn the direction of the words around them.
_UNSHOWABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
_BURIED = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4}"
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how a byte that is not UTF-8 is read; see `read_script`
_NOT_TEXT = re.compile(f"{_UNSHOWABLE}|{_BURIED}")
UNSHOWABLE = re.compile(_UNSHOWABLE)


def check_text(text: str, findings: Findings) -> None:
    """Note every problem of the text as text."""
    rows = rows_of(text)
    if len(text) > MOST_CHARACTERS:
        line = len(rows_of(text[:MOST_CHARACTERS]))
        findings.add(TOO_LONG, line, found=len(text), most=MOST_CHARACTERS)
    if len(rows) > MOST_ROWS:
        findings.add(TOO_MANY_ROWS, MOST_ROWS + 1, found=len(rows), most=MOST_ROWS)
    if _NOT_TEXT.search(text):
        _check_characters(rows, findings)
    for line, row in enumerate(rows, start=1):
        if _NESTED.match(row):
            findings.add(NESTED_TOO_DEEP, line)
    for marks, (in_a_paragraph, in_all) in MOST_MARKS.items():
        counts = {mark: text.count(mark) for mark in marks}
        if sum(counts.values()) > in_all:
            findings.add(
                TOO_MANY_MARKS, _line_of_mark(marks, in_all, rows), marks=" ".join(marks), most=in_all
            )
        for mark, count in counts.items():
            if count > in_a_paragraph:
                _check_mark(mark, in_a_paragraph, rows, findings)


def _check_characters(rows: list[str], findings: Findings) -> None:
    bad_rows = ((line, row) for line, row in enumerate(rows, start=1) if _NOT_TEXT.search(row))
    for line, row in islice(bad_rows, Findings.MOST_OF_A_CODE):
        if _NOT_UTF8.search(row):
            findings.add(NOT_UTF8, line)
            return  # every line after it would say the same
        findings.add(NOT_TEXT, line)


def _check_mark(mark: str, most: int, rows: list[str], findings: Findings) -> None:
    count, first_line = 0, 1
    for line, row in enumerate(rows, start=1):
        if not row or row.isspace():
            count, first_line = 0, line + 1
        elif mark in row:
            before, count = count, count + row.count(mark)
            if before <= most < count:
                findings.add(TOO_MANY_BRACKETS, first_line, most=most, mark=mark)


def _line_of_mark(marks: str, place: int, rows: list[str]) -> int:
    """Return the line that holds the mark after the `place`th of these."""
    found = 0
    for line, row in enumerate(rows, start=1):
        found += sum(row.count(mark) for mark in marks)
        if found > place:
            return line
    return len(rows)
