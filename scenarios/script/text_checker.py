"""What is wrong with a text as text, whatever it says: its size, its marks, its characters."""

import re
from itertools import islice

from scenarios.script.outline import rows_of
from scenarios.script.problems import NOT_TEXT, NOT_UTF8, TOO_LONG, TOO_MANY_BRACKETS, Findings

MOST_CHARACTERS = 60_000
MOST_MARKS = 200  # of each, in one paragraph: the renderer's time grows with their square
GUARDED_MARKS = "[!<`"

# Control characters, halves of characters, marks that turn the direction of the words around them.
_UNSHOWABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
_BURIED = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4}"
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how a byte that is not UTF-8 is read; see `read_script`
_NOT_TEXT = re.compile(f"{_UNSHOWABLE}|{_BURIED}")


def check_text(text: str, findings: Findings) -> None:
    """Note every problem of the text as text."""
    if len(text) > MOST_CHARACTERS:
        line = len(rows_of(text[:MOST_CHARACTERS]))
        findings.add(TOO_LONG, line, found=len(text), most=MOST_CHARACTERS)
    if _NOT_TEXT.search(text):
        _check_characters(text, findings)
    for mark in GUARDED_MARKS:
        if text.count(mark) > MOST_MARKS:
            _check_mark(mark, text, findings)


def _check_characters(text: str, findings: Findings) -> None:
    bad_rows = ((line, words) for line, words in enumerate(rows_of(text), start=1) if _NOT_TEXT.search(words))
    for line, words in islice(bad_rows, Findings.MOST_OF_A_CODE):
        if _NOT_UTF8.search(words):
            findings.add(NOT_UTF8, line)
            return  # every line after it would say the same
        findings.add(NOT_TEXT, line)


def _check_mark(mark: str, text: str, findings: Findings) -> None:
    count, first_line = 0, 1
    for line, words in enumerate(rows_of(text), start=1):
        if not words or words.isspace():
            count, first_line = 0, line + 1
        elif mark in words:
            before, count = count, count + words.count(mark)
            if before <= MOST_MARKS < count:
                findings.add(TOO_MANY_BRACKETS, first_line, most=MOST_MARKS, mark=mark)
