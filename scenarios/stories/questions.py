"""The questions that a teller is asked, in order. Their words are in `words`; here is what they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scenario_app.kernel.errors import Invalid, NotFound

UNSURE = "unsure"  # an answer to which stage it is about


class ToldFor(StrEnum):
    """Whose story it is. The consent is theirs, whoever writes."""

    SELF = "self"
    SOMEBODY_WHO_KNOWS = "somebody_who_knows"
    SOMEBODY_UNASKED = "somebody_unasked"


class Kind(StrEnum):
    """How a question is answered: by a choice, in a line, in as many words as are wanted."""

    CHOICE = "choice"
    LINE = "line"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Question:
    """One page of the form. `answers` are the names under which what is typed is kept; a choice has none."""

    key: str
    kind: Kind
    answers: tuple[str, ...] = ()


class NoSuchQuestion(NotFound):
    """We do not ask this."""

    code = "no_such_question"


class NoSuchChoice(Invalid):
    """This is not among the choices."""

    code = "no_such_choice"


QUESTIONS = (
    Question("who", Kind.CHOICE),
    Question("stage", Kind.CHOICE),
    Question("when", Kind.LINE, ("when",)),
    Question("where", Kind.LINE, ("where",)),
    Question("first", Kind.WORDS, ("first",)),
    Question("people", Kind.WORDS, ("people",)),
    Question("then", Kind.WORDS, ("then",)),
    Question("moment", Kind.WORDS, ("moment",)),
    Question("one", Kind.WORDS, ("one", "one_helps", "one_costs")),
    Question("other", Kind.WORDS, ("other", "other_helps", "other_costs")),
    Question("ended", Kind.WORDS, ("ended",)),
    Question("different", Kind.WORDS, ("different",)),
    Question("notes", Kind.WORDS, ("notes",)),
)
ANSWERS = tuple(answer for question in QUESTIONS for answer in question.answers)


def asked(*, has_stages: bool) -> tuple[Question, ...]:
    """Return the questions that are asked: without a pathway there is no stage to ask for.

    >>> [question.key for question in asked(has_stages=False)][:3]
    ['who', 'when', 'where']
    """
    return tuple(question for question in QUESTIONS if has_stages or question.key != "stage")


def question_of(key: str, *, has_stages: bool) -> Question:
    """Return a question by its key.

    :raises NoSuchQuestion: it is not asked
    """
    for question in asked(has_stages=has_stages):
        if question.key == key:
            return question
    raise NoSuchQuestion(question=key)


def question_after(key: str, *, has_stages: bool) -> str | None:
    """Return the key of the next question; None after the last.

    >>> question_after("who", has_stages=True), question_after("notes", has_stages=True)
    ('stage', None)
    """
    keys = [question.key for question in asked(has_stages=has_stages)]
    return dict(zip(keys, [*keys[1:], None], strict=True)).get(key)


def question_before(key: str, *, has_stages: bool) -> str | None:
    """Return the key of the question before; None before the first."""
    keys = [question.key for question in asked(has_stages=has_stages)]
    return dict(zip(keys, [None, *keys], strict=False)).get(key)


def first_unanswered(answers: Mapping[str, str], *, has_stages: bool) -> str | None:
    """Return where to go on: the first question in words after the last one that was answered; None at the end.

    >>> first_unanswered({"first": "He rang."}, has_stages=True), first_unanswered({}, has_stages=True)
    ('people', 'who')
    """
    questions = asked(has_stages=has_stages)
    last = max(
        (place for place, question in enumerate(questions) if any(a in answers for a in question.answers)),
        default=-1,
    )
    return questions[last + 1].key if last + 1 < len(questions) else None
