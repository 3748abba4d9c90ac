"""How old somebody must be to read the form, by two measures; a grade is reached at about its number + 5 years of age.

Flesch and Kincaid (1975): grade = 0.39 words per sentence + 11.8 syllables per word - 15.59. Coleman and Liau (1975):
grade = 5.88 letters per word - 29.6 sentences per word - 15.8. The older of the two ages counts.
"""

import re

import pytest

from scenarios.stories.words import answer_labels, question_words, stage_choices, use_words, whose_choices
from tests.application import make_app
from tests.real_servers import HERE

AGE_WANTED = 9.5  # years; of everything together
HARDEST = 13.0  # years; of no page more, so that no hard one hides behind easy ones
PAGES = ("start", "question", "check", "sent", "return", "kept")
ENDINGS_UNSAID = re.compile(r"(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$")


def syllables(word: str) -> int:
    """Count sounded vowels; a final e and a final -ed or -es mostly are not."""
    word = re.sub("[^a-z]", "", word.lower())
    if len(word) <= 3:
        return 1
    return max(1, len(re.findall(r"[aeiouy]+", ENDINGS_UNSAID.sub("", word))))


def age(text: str) -> float:
    """Return the reading age of a text in years: the older of the two."""
    return max(ages(text))


def ages(text: str) -> tuple[float, float]:
    """Return the reading age by syllables and by letters."""
    sentences = [part for part in re.split(r"[.?!:]+(?:\s|$|”)", text) if re.search(r"\w", part)]
    words = re.findall(r"[A-Za-z’'-]+", text)
    per_sentence, per_word = len(words) / len(sentences), sum(map(syllables, words)) / len(words)
    letters = sum(len(re.sub("[^A-Za-z]", "", word)) for word in words) / len(words)
    by_letters = 5.88 * letters - 29.6 / per_sentence - 15.8
    return 0.39 * per_sentence + 11.8 * per_word - 15.59 + 5, by_letters + 5


def words_of_page(name: str) -> list[str]:
    """Return what a page says in English."""
    source = (HERE / "scenarios" / "templates" / "stories" / f"{name}.html").read_text()
    said = re.findall(r'_\("((?:[^"\\]|\\.)*)"', source)
    return [re.sub(r"%\(\w+\)s", "7", words).rstrip(".:") + "." for words in said]


@pytest.fixture
def form(database, config, clock) -> list[str]:
    """Every question with its hint, every choice, every use."""
    with make_app(config, database, clock).test_request_context():
        asked = [f"{words.heading} {words.hint}" for words in question_words().values()]
        labels = list(dict.fromkeys(answer_labels().values()))
        choices = [choice.words + "." for choice in (*whose_choices(), *stage_choices([]))]
        return [*asked, *labels, *choices, *use_words().values()]


def test_known_words_have_the_syllables_that_people_say():
    said = {"story": 2, "people": 2, "changed": 1, "moment": 2, "started": 2, "use": 1, "like": 1}

    assert {word: syllables(word) for word in said} == said


def test_a_hard_sentence_is_told_from_an_easy_one():
    assert age("The cat sat on the mat. It was warm.") < 7
    assert (
        age("Notwithstanding organisational considerations, practitioners facilitate multidisciplinary care.")
        > 20
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_form_can_be_read_at_nine(form):
    pages = [words for name in PAGES for words in words_of_page(name)]

    hard = {words: round(found, 1) for words in form if (found := age(words)) > HARDEST}
    print(
        "by syllables and by letters:",
        *(f"{years:.1f}" for years in (*ages(" ".join(form)), *ages(" ".join(pages)))),
    )

    assert age(" ".join(form)) <= AGE_WANTED, hard
    assert age(" ".join(pages)) <= AGE_WANTED
    assert hard == {}
