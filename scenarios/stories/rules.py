"""What may become of a story, and when. Pure: values in, values or refusals out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scenario_app.kernel.errors import Conflict, Invalid
from scenario_app.kernel.typed import plain

LONGEST_ANSWER = 8_000  # characters; an answer of this length is read aloud in ten minutes


class StoryState(StrEnum):
    """Where a story is, as its teller is told."""

    BEGUN = "begun"
    SENT = "sent"
    BEING_READ = "being_read"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a moderator says of one revision."""

    APPROVED = "approved"
    DECLINED = "declined"
    SECOND_WANTED = "second_wanted"


class Use(StrEnum):
    """What a story may be used for; each is allowed, or not, by itself."""

    KEEP = "keep"
    PERFORM = "perform"
    QUOTE = "quote"


class AnswerTooLong(Invalid):
    """An answer is longer than is kept. Nothing of it was cut."""

    code = "too_long"


class NothingToSend(Invalid):
    """A story without a word cannot be sent."""

    code = "nothing_to_send"


class StoryClosed(Conflict):
    """The story was sent or withdrawn; its words are not changed any more."""

    code = "story_closed"


@dataclass(frozen=True, slots=True)
class Judged:
    """One review, as far as the state of a story depends on it."""

    revision: int
    sha256: str
    verdict: Verdict


def state_of(
    *,
    sent_at: datetime | None,
    withdrawn_at: datetime | None,
    claimed: bool,
    newest: tuple[int, str] | None,
    reviews: Sequence[Judged],
) -> StoryState:
    """Return where a story is. `newest` is the number and digest of its newest revision.

    Only a judgement of exactly these words counts: an edit after an approval makes the story unapproved.

    >>> from datetime import UTC
    >>> sent = datetime(2026, 5, 4, tzinfo=UTC)
    >>> approved = Judged(1, "aa", Verdict.APPROVED)
    >>> known = {"sent_at": sent, "withdrawn_at": None, "claimed": False, "reviews": [approved]}
    >>> str(state_of(newest=(1, "aa"), **known)), str(state_of(newest=(2, "bb"), **known))
    ('approved', 'sent')
    """
    if withdrawn_at is not None:
        return StoryState.WITHDRAWN
    if sent_at is None or newest is None:
        return StoryState.BEGUN
    verdicts = [r.verdict for r in reviews if (r.revision, r.sha256) == newest]
    final = [v for v in verdicts if v is not Verdict.SECOND_WANTED]
    if final:
        return StoryState.APPROVED if final[-1] is Verdict.APPROVED else StoryState.DECLINED
    return StoryState.BEING_READ if claimed else StoryState.SENT


def digest_of(answers: Mapping[str, str]) -> str:
    """Return the sha256 of answers, in hex: the same for the same words in any order of questions.

    >>> digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"})
    True
    """
    canonical = json.dumps(dict(answers), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def clean_answer(typed: str) -> str:
    r"""Return what was typed as it is kept: see `scenario_app.kernel.typed`.

    >>> clean_answer("I called\r\n111\u202e ")
    'I called\n111'

    :raises AnswerTooLong: more than 8,000 characters; nothing is cut
    """
    clean = plain(typed).strip()
    if len(clean) > LONGEST_ANSWER:
        raise AnswerTooLong(found=len(clean), most=LONGEST_ANSWER)
    return clean


def check_open(*, sent_at: datetime | None, withdrawn_at: datetime | None) -> None:
    """Refuse to change the answers of a story that was sent or withdrawn.

    :raises StoryClosed: it was
    """
    if sent_at is not None or withdrawn_at is not None:
        raise StoryClosed
