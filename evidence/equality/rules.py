"""The questions of the equality form, and how many gave which answer, as it may be shown. Pure.

Questions and answers follow the harmonised standards of the United Kingdom's statistical service, shortened to
the groups that an event is large enough to show; a community that needs others changes them here.
Source: docs/DECISIONS.md, equality answers.
"""

from collections.abc import Mapping
from typing import Final

from live.disclosure import LEAST_VALUES, ROUNDED_TO, rounded
from scenario_app.kernel.errors import Conflict, Invalid

EQUALITY_QUESTIONS: Final = {
    "age": "How old are you?",
    "gender": "How do you describe yourself?",
    "ethnicity": "What is your ethnic group?",
    "disability": "Do you have a condition or illness that has lasted, or will last, 12 months or more?",
    "orientation": "Which of these describes you?",
    "religion": "What is your religion or belief?",
}
EQUALITY_ANSWERS: Final = {
    "under_18": "Under 18",
    "18_24": "18 to 24",
    "25_44": "25 to 44",
    "45_64": "45 to 64",
    "65_over": "65 or over",
    "woman": "Woman",
    "man": "Man",
    "other_gender": "In another way",
    "asian": "Asian or Asian British",
    "black": "Black, Black British, Caribbean or African",
    "mixed": "Mixed or multiple ethnic groups",
    "white": "White",
    "other_ethnicity": "Another ethnic group",
    "condition_a_lot": "Yes, and it limits me a lot",
    "condition_a_little": "Yes, and it limits me a little or not at all",
    "no_condition": "No",
    "straight": "Straight or heterosexual",
    "gay_lesbian": "Gay or lesbian",
    "bisexual_other": "Bisexual, or in another way",
    "no_religion": "No religion",
    "christian": "Christian",
    "muslim": "Muslim",
    "other_religion": "Another religion or belief",
}
ANSWERS_TO: Final[Mapping[str, tuple[str, ...]]] = {
    "age": ("under_18", "18_24", "25_44", "45_64", "65_over"),
    "gender": ("woman", "man", "other_gender"),
    "ethnicity": ("asian", "black", "mixed", "white", "other_ethnicity"),
    "disability": ("condition_a_lot", "condition_a_little", "no_condition"),
    "orientation": ("straight", "gay_lesbian", "bisexual_other"),
    "religion": ("no_religion", "christian", "muslim", "other_religion"),
}


class EqualityClosed(Conflict):
    """The event has ended: what was counted stays as it is."""

    code = "equality_closed"


def check_equality(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that were given, without the questions that were skipped.

    >>> check_equality({"age": "25_44", "gender": ""})
    {'age': '25_44'}

    :raises Invalid: an answer that its question does not have
    """
    given = {}
    for question, answer in answers.items():
        if not answer:
            continue
        if answer not in ANSWERS_TO.get(question, ()):
            raise Invalid(field=question, found=answer[:40], expected="one of the answers, or none")
        given[question] = answer
    return given


def protect_question(people: Mapping[str, int], *, threshold: int) -> dict[str, int | None] | None:
    """Return how many gave each answer to one question, as it may be shown; None where nothing may.

    `threshold` is a number of people, from Config.suppress_below. 0 is exact, 1 to `threshold` - 1 are hidden
    (None), the rest is rounded to the nearest 5. Fewer than `threshold` answers, or all of them the same, are not
    shown: that would say it of everybody who answered. No sum is given; but should a reader know how many people
    answered, each hidden number must still have `LEAST_VALUES` values that it could be, or nothing is shown.

    >>> protect_question({"woman": 22, "man": 13, "other_gender": 2}, threshold=8)
    {'woman': 20, 'man': 15, 'other_gender': None}
    >>> protect_question({"woman": 22, "man": 0, "other_gender": 0}, threshold=8) is None
    True
    >>> protect_question({"woman": 8, "man": 1}, threshold=8) is None  # of 9 who answered, 8 at the least
    True
    """
    answered = sum(people.values())
    if answered < threshold or sum(count > 0 for count in people.values()) < 2:
        return None
    shown = {answer: None if 0 < count < threshold else rounded(count) for answer, count in people.items()}
    bounds = {answer: _bounds(figure, threshold) for answer, figure in shown.items()}
    for answer, figure in shown.items():
        if figure is not None:
            continue
        others = [bound for other, bound in bounds.items() if other != answer]
        least = max(1, answered - sum(most for _least, most in others))
        most = min(threshold - 1, answered - sum(least for least, _most in others))
        if most - least + 1 < LEAST_VALUES:
            return None
    return shown


def _bounds(figure: int | None, threshold: int) -> tuple[int, int]:
    """Return between which numbers the true one lies, for whoever knows these rules."""
    if figure is None:
        return 1, threshold - 1
    if figure == 0:
        return 0, 0
    return max(threshold, figure - ROUNDED_TO // 2), figure + ROUNDED_TO // 2
