"""Codes of six words: easy to say, to write down and to type; hard to mix up, and to guess."""

import re
from itertools import pairwise

from scenario_app.kernel.word_codes import CODE_WORDS, WORDS, clean_word_code, new_word_code

# How English spells one sound, roughly: what is left is the same for words that sound alike.
SOUNDS = (
    *(("ph", "f"), ("ght", "t"), ("gh", ""), ("kn", "n"), ("wr", "r"), ("wh", "w"), ("ck", "k")),
    *(("dge", "j"), ("tch", "ch"), ("c(?=[eiy])", "s"), ("c(?!h)", "k"), ("q", "k"), ("x", "ks"), ("z", "s")),
    *(("mb$", "m"), ("our|ower|oar|ore|oor|aur", "or"), ("air|are|ear|ere|eir", "er"), ("er$|or$|ar$", "a")),
    *(("ai|ay|ei|ey|a(?=[^aeiou]e$)", "e"), ("ea|ee|ie|y$", "i"), ("oa|ow|ou|oe|o(?=[^aeiou]e$)", "o")),
    *(("oo|ew|ue|ui|u(?=[^aeiou]e$)", "u"), ("au|aw", "o"), ("e$", ""), (r"(.)\1+", r"\1")),
)


def sound_of(word: str) -> str:
    for spelling, sound in SOUNDS:
        word = re.sub(spelling, sound, word)
    return word


def holes_of(word: str) -> set[str]:
    """The word with each letter left out: two words that share one are a letter apart at most."""
    return {word[:at] + "_" + word[at + 1 :] for at in range(len(word))} | {
        word[:at] + "_" + word[at:] for at in range(len(word) + 1)
    }


def test_there_are_1024_words_of_four_to_eight_letters_in_order():
    assert len(WORDS) == 1024
    assert all(before < after for before, after in pairwise(WORDS))
    assert all(re.fullmatch("[a-z]{4,8}", word) for word in WORDS)


def test_no_two_words_begin_alike_sound_alike_or_are_one_letter_apart():
    beginnings = {word[:4] for word in WORDS}
    sounds = {sound_of(word) for word in WORDS}
    holes = [hole for word in WORDS for hole in holes_of(word)]

    assert len(beginnings) == len(sounds) == 1024
    assert len(holes) == len(set(holes))


def test_a_code_survives_being_typed_in_any_way():
    for _code in range(100):
        code = new_word_code()
        words = code.split(" ")

        assert len(words) == CODE_WORDS
        assert set(words) <= set(WORDS)
        for typed in (code.upper(), "-".join(words), ", ".join(words), "\r\n".join(words), f"  {code}. "):
            assert clean_word_code(typed) == code


def test_nothing_typed_becomes_more_than_short_words():
    for typed in ("", "\0\r\n", "A" * 50_000, "' OR 1=1 --", "\ud800", "كلمة", "ﬃ" * 300):
        assert re.fullmatch("([a-z]+( [a-z]+)*)?", clean_word_code(typed))
        assert len(clean_word_code(typed)) <= 600


def test_two_codes_are_never_the_same():
    assert len({new_word_code() for _ in range(2_000)}) == 2_000
