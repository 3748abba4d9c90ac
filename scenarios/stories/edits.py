"""What a de-identifying edit is, and what words become by it. Pure: values in, values or refusals out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scenario_app.kernel.errors import Invalid
from scenarios.stories.rules import clean_answer


class EditKind(StrEnum):
    """What kind of detail is taken out."""

    NAME = "name"
    PLACE = "place"
    DATE = "date"
    AGE = "age"
    SERVICE = "service"
    OTHER = "other"


class EditReason(StrEnum):
    """Why it is taken out. A fixed list: reasons are public, and free words could tell of the story."""

    SHOWS_TELLER = "shows_teller"
    SHOWS_OTHERS = "shows_others"
    NAMES_STAFF = "names_staff"
    WAY_OF_HARM = "way_of_harm"


class DeclineReason(StrEnum):
    """Why a story is not used. A fixed list, as for edits."""

    SHOWS_WHO = "shows_who"
    NOT_THEIRS = "not_theirs"
    WAY_OF_HARM = "way_of_harm"
    HATE = "hate"
    NO_STORY = "no_story"


class BadEdit(Invalid):
    """An edit is of no words that are there, or two edits are of the same words."""

    code = "bad_edit"


class NothingToEdit(Invalid):
    """No edit was asked for."""

    code = "nothing_to_edit"


@dataclass(frozen=True, slots=True)
class Edit:
    """Words of one answer, from `start` up to `end` in characters, to be taken out; what stands there instead."""

    question: str
    start: int
    end: int
    kind: EditKind
    put_instead: str
    reason: EditReason


def check_edits(answers: Mapping[str, str], edits: Sequence[Edit]) -> None:
    """Refuse edits that do not fit these words.

    :raises NothingToEdit: there are none
    :raises BadEdit: one is of an answer or a place that is not there, or overlaps another
    """
    if not edits:
        raise NothingToEdit
    ends: dict[str, int] = {}
    for edit in sorted(edits, key=lambda edit: (edit.question, edit.start)):
        length = len(answers.get(edit.question, ""))
        if not max(0, ends.get(edit.question, 0)) <= edit.start < edit.end <= length:
            raise BadEdit(question=edit.question, start=edit.start, end=edit.end)
        ends[edit.question] = edit.end


def edited(answers: Mapping[str, str], edits: Sequence[Edit]) -> dict[str, str]:
    """Return the answers after edits that were checked. An answer of which nothing is left is left out.

    >>> taken = Edit("first", 7, 14, EditKind.NAME, "the doctor", EditReason.NAMES_STAFF)
    >>> edited({"first": "I rang Dr Aziz."}, [taken])
    {'first': 'I rang the doctor.'}
    """
    changed = dict(answers)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        before = changed[edit.question]
        changed[edit.question] = before[: edit.start] + edit.put_instead + before[edit.end :]
    clean = {question: clean_answer(text) for question, text in changed.items()}
    return {question: text for question, text in clean.items() if text}


def everywhere(
    answers: Mapping[str, str], words: str, *, kind: EditKind, put_instead: str, reason: EditReason
) -> list[Edit]:
    """Return the edits that take words out wherever they stand, exactly as typed, in every answer.

    >>> found = everywhere({"a": "Ann, Ann"}, "Ann", kind=EditKind.NAME, put_instead="she",
    ...                    reason=EditReason.SHOWS_OTHERS)
    >>> [(edit.start, edit.end) for edit in found]
    [(0, 3), (5, 8)]
    """
    edits = []
    for question, text in answers.items():
        start = text.find(words) if words else -1
        while start >= 0:
            edits.append(Edit(question, start, start + len(words), kind, put_instead, reason))
            start = text.find(words, start + len(words))
    return edits
