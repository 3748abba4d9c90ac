"""How well the finder finds, on sentences written for it; that it is never slow; what a danger phrase is."""

import re
import time
from collections import Counter

import pytest

from scenarios.stories.danger import danger_in
from scenarios.stories.danger_words import AT_FIRST
from scenarios.stories.hints import What, hints_in
from tests.scenarios.hint_cases import MARKED

_MARK = re.compile(r"\[(\w+)\|([^\]]+)\]")
# precision and recall, in per cent, below which the finder must not fall; docs/MEASURED.md has what they are
FLOORS = {
    What.NHS_NUMBER: (100, 100),
    What.EMAIL: (100, 100),
    What.WEB: (100, 80),
    What.POSTCODE: (100, 100),
    What.PHONE: (95, 95),
    What.DATE: (85, 85),
    What.ADDRESS: (95, 85),
    What.SERVICE: (95, 85),
    What.NAME: (95, 90),
    What.AGE: (95, 90),
}


def cases() -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Every sentence as people write it, with the places that are marked in it."""
    found = []
    for row in MARKED.strip().splitlines():
        plain, marks = "", []
        done = 0
        for mark in _MARK.finditer(row):
            plain += row[done : mark.start()]
            marks.append((len(plain), len(plain) + len(mark[2]), mark[1]))
            plain += mark[2]
            done = mark.end()
        found.append((plain + row[done:], marks))
    return found


def measured() -> dict[str, tuple[int, int, int]]:
    """Hits, false finds and misses, by what it is."""
    hits, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for sentence, marks in cases():
        hints = hints_in(sentence)
        for hint in hints:
            right = any(
                what == hint.what and hint.start < end and start < hint.end for start, end, what in marks
            )
            (hits if right else wrong)[hint.what.value] += 1
        for start, end, what in marks:
            if not any(what == h.what and h.start < end and start < h.end for h in hints):
                missed[what] += 1
    return {what.value: (hits[what], wrong[what], missed[what]) for what in What}


def test_there_are_enough_sentences_and_enough_hard_ones():
    found = cases()

    assert len(found) >= 150
    assert sum(not marks for _sentence, marks in found) >= 50


@pytest.mark.parametrize("what", list(What))
def test_the_finder_is_as_good_as_is_said(what):
    hits, wrong, missed = measured()[what]
    precision, recall = 100 * hits / (hits + wrong), 100 * hits / (hits + missed)

    assert (precision, recall) >= (FLOORS[what][0], 0), (precision, recall)
    assert recall >= FLOORS[what][1], (precision, recall)


PIECES = (
    *(
        "0",
        "a",
        "A",
        "Ab ",
        "1 ",
        "@",
        "a.",
        "Dr ",
        "+0",
        "1 Ab Ab ",
        "-",
        "12 ",
        "0 1-",
        "www.",
        "May ",
        "م ",
        "د.",
    ),
    *("1/", "(0", "my son ", "I am ", "a@b.", "https://", "\n", " ", "ul. Ab ", "Ward Ab", "'", "Éé "),
)


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_makes_the_finder_slow(piece):
    text = (piece * 8_000)[:8_000]
    begun = time.process_time()

    hints_in(text)

    # ten times what the slowest takes on a busy machine; a pattern that goes back on itself takes minutes
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("language", list(AT_FIRST))
def test_every_phrase_is_found_in_capitals_and_within_a_sentence(language):
    for phrase in AT_FIRST[language]:
        assert danger_in(f"… {phrase.upper()}, please.", [phrase]), phrase


@pytest.mark.parametrize(
    "words",
    [
        "I am going to kill myself",
        "i’m going to KILL\nmyself",
        "k\u200bill myself",
        "أُرِيدُ أَنْ أَمُوتَ",
        "وأريد أن أموت الليلة",
        "CHCĘ UMRZEĆ",
        "chce umrzec",
        "dw i isio marw",
    ],
)
def test_danger_is_seen_however_it_is_typed(words):
    assert danger_in(words, [phrase for phrases in AT_FIRST.values() for phrase in phrases])


@pytest.mark.parametrize(
    "words",
    [
        "The printer will end it all ways",
        "She was dying to see me",
        "He killed the engine",
        "My mother died in the spring",
        "skill myself",
        "I want to diet",
        "The police said he had a weapon",
        "",
    ],
)
def test_other_words_are_no_danger(words):
    phrases = [phrase for phrases in AT_FIRST.values() for phrase in phrases if phrase != "end it all"]

    assert not danger_in(words, phrases)
