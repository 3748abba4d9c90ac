"""What was changed in a story, by words: nothing is lost in showing it, and nothing makes it slow."""

import time

from hypothesis import given
from hypothesis import strategies as st

from scenarios.stories.pages import pieces_of
from scenarios.stories.rules import LONGEST_ANSWER

TEXTS = st.lists(st.sampled_from(["the", "nurse", " ", "\n", ".", "رنّ", "👩‍👧", ",", "a", "Aziz", "  "])).map(
    "".join
)


@given(before=TEXTS, after=TEXTS)
def test_both_sets_of_words_can_be_read_back_from_the_difference(before, after):
    pieces = pieces_of(before, after)

    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after


def test_no_answer_takes_long_to_compare():
    def many(step: int, words: int) -> str:
        return "".join(f"w{number * step % words} " for number in range(1_600))[:LONGEST_ANSWER]

    started = time.process_time()
    for words in (1, 2, 26, 45, 1_600):
        pieces_of(many(1, words), many(7, words))

    assert time.process_time() - started < 5
