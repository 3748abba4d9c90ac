"""A story's words leave a script; its scenes, decisions and responses stay, and so do everybody else's words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.samples import sample_texts
from scenarios.script.script import Script
from scenarios.together.redaction import TAKEN_BACK, StoryWords, without_words

PHRASE = "the purple heron sang behind the boiler"


def skeleton(text: str) -> object:
    script = Script.parse(text)
    return (
        [scene.key for scene in script.scenes],
        [ending.key for ending in script.endings],
        [
            (d.key, d.asks, [(r.key, r.target, r.as_it_happened) for r in d.responses])
            for d in script.decisions
        ],
        [problem.code for problem in script.problems() if problem.stops_publication],
    )


def planted(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize("text", sample_texts())
def test_a_script_all_of_whose_words_were_a_story_keeps_its_bones_and_nothing_else(text):
    script = Script.parse(text)

    bare = without_words(text, StoryWords.of([text]))

    assert skeleton(bare) == skeleton(text)
    for scene in script.scenes:
        for line in scene.lines:
            if len(line.text.split()) > 4:
                assert line.text not in bare


@pytest.mark.parametrize(
    "piece",
    [
        "title: The bus shelter at ten to three",
        "# The bus shelter at ten to three",
        "in the empty end of the bench",
        "Ten to three",
        "What does PC Adeyemi do in the first five minutes?",
        "Detain him under section 136 now, and radio for transport",
        "he is out of the cold in minutes and cannot walk into the road",
        "on her sixth night out of seven",
        "All right mate?",
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_phrase_is_found_in_whatever_piece_it_was_woven_and_only_that_piece_goes(piece, ends):
    sample = next(text for text in sample_texts() if "id: bus-shelter" in text)
    if piece not in sample:
        piece = "to the empty end of the bench"
    old = piece.rpartition(": ")[2].removeprefix("# ")
    woven = planted(sample, old, f"and {PHRASE.title()}, twice").replace("\n", ends)

    bare = without_words(woven, StoryWords.of(["Noise.", f"I remember that {PHRASE} all night."]))

    assert "purple" not in bare.casefold()
    assert bare.count(TAKEN_BACK) == 1
    assert skeleton(bare) == skeleton(woven)
    kept = [line for line in woven.split(ends) if "Purple" not in line]
    assert [line for line in bare.split(ends) if TAKEN_BACK not in line] == kept


def test_a_script_without_words_of_the_story_is_left_as_it_is_to_the_byte():
    for text in sample_texts():
        assert without_words(text, StoryWords.of([PHRASE])) == text


@settings(deadline=None, derandomize=True, max_examples=300)
@given(text=st.text(alphabet="ab #-*>:\n\r)A", max_size=200))
def test_any_text_comes_through(text):
    assert without_words(text, StoryWords.of([])) == "".join(text.splitlines(keepends=True))
    without_words(text, StoryWords.of([text]))


SPELT_OTHERWISE = """---
title: T
start: a
---
## Characters
- ada: Ada, who {phrase}
- bo: {phrase}, alone

## scene a: {phrase}
_{phrase}_ and pur*ple* noise

### decision d1: What of {phrase}?
ASKS: ada
- A. {phrase}
  and more -> b [As it happened]
  - Helps: {phrase}, then
  - costs : {phrase}
- b) Go → a-long-key-of-four-words

## SCENE b: B
**Ada**: {phrase}

-> a-long-key-of-four-words

## Ending a-long-key-of-four-words: {phrase}
The end.

## For the Facilitator
- {phrase}
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_the_reader_of_scripts_takes_is_known_here_too(ends):
    woven = SPELT_OTHERWISE.replace("{phrase}", PHRASE).replace("\n", ends)
    other = SPELT_OTHERWISE.replace("{phrase}", "quiet").replace("\n", ends)

    bare = without_words(woven, StoryWords.of([f"I know {PHRASE}", "a long key of four words"]))

    assert "heron" not in bare
    assert "boiler" not in bare
    assert skeleton(bare) == skeleton(other)


def test_a_long_row_of_spaces_costs_nothing():
    hostile = "- a) x" + " " * 150_000 + "y\n" + "## scene" + " " * 50_000

    assert without_words(hostile, StoryWords.of([PHRASE])) == hostile
