"""What may become of a script: when it may be published, and which saves of a draft go together."""

import re
import unicodedata
from collections.abc import Collection

from scenario_app.kernel.errors import Conflict, Invalid
from scenarios.script.problems import Problem
from scenarios.script.script import Script

LONGEST_DRAFT = (
    200_000  # characters; more than a script may have, so that words too many can be saved and cut
)
_LONGEST_SLUG = 80


class NotPublishable(Invalid):
    """The script has problems that stop publication."""

    code = "not_publishable"

    def __init__(self, problems: Collection[Problem]) -> None:
        super().__init__(problems=[(problem.line, problem.code, problem.words) for problem in problems])
        self.problems = tuple(problems)


class DraftMoved(Conflict):
    """Somebody saved this draft since these words were read from it. Both sets of words are kept."""

    code = "draft_moved"


class WordsTakenBack(Conflict):
    """Since these words were read, somebody took back words of a story that may be in them. Go on from the newest."""

    code = "words_taken_back"


class DraftTooLong(Invalid):
    """The draft has more characters than are kept."""

    code = "too_long"


class NotText(Invalid):
    """The draft has characters that no database of ours keeps: the NUL character, halves of characters."""

    code = "not_text"


def check_publishable(script: Script, *, stages: Collection[str]) -> None:
    """Refuse a script that cannot be played.

    :raises NotPublishable: with every problem of severity error

    >>> check_publishable(Script.parse("Once upon a time"), stages=["leaving"])
    Traceback (most recent call last):
    scenarios.rules.NotPublishable: ...
    """
    problems = [problem for problem in script.problems(stages) if problem.stops_publication]
    if problems:
        raise NotPublishable(problems)


def check_draft_text(text: str) -> None:
    """Refuse words that cannot be kept. A draft may have any problem that a script can have, but these.

    :raises DraftTooLong: longer than 200,000 characters
    :raises NotText: it holds NUL or half of a character
    """
    if len(text) > LONGEST_DRAFT:
        raise DraftTooLong(found=len(text), most=LONGEST_DRAFT)
    if re.search("[\x00\ud800-\udfff]", text):
        raise NotText


def check_revision(current: int, *, read: int) -> None:
    """Refuse words written upon an older revision of a draft than the current one.

    :raises DraftMoved: with the current revision

    >>> check_revision(4, read=4)
    """
    if current != read:
        raise DraftMoved(current=current, read=read)


def check_not_taken_back(redacted_at_revision: int | None, *, read: int) -> None:
    """Refuse words written upon a revision from before words of a story were taken back.

    :raises WordsTakenBack: they would bring them back

    >>> check_not_taken_back(None, read=4)
    >>> check_not_taken_back(5, read=5)
    """
    if redacted_at_revision is not None and read < redacted_at_revision:
        raise WordsTakenBack(revision=redacted_at_revision, read=read)


def slug_of(script: Script) -> str:
    """Return the scenario's address: its `id`, or one made from the title.

    >>> slug_of(Script.parse("# Où est l’aide?"))
    'ou-est-l-aide'
    """
    return script.front.said("id") or slug_from(script.title) or "scenario"


def slug_from(words: str) -> str:
    """Return words as small letters, digits and hyphens, at most 80 of them; empty when nothing is left.

    >>> slug_from("Friday, four o'clock")
    'friday-four-o-clock'
    """
    letters = unicodedata.normalize("NFKD", words.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")


def in_style_of(text: str, older: str) -> str:
    r"""Return a text with the line ends of an older one: a text box turns all of them into one kind.

    >>> in_style_of("one\ntwo\n", "one\r\n")
    'one\r\ntwo\r\n'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if plain == older.replace("\r\n", "\n").replace("\r", "\n"):
        return older
    ends_in_two = "\r\n" in older and "\n" not in older.replace("\r\n", "")
    if "\r" in text and "\r" in older and not ends_in_two:
        return text  # no text box sends that: these are the older words, ends of several kinds and all, changed in part
    return plain.replace("\n", "\r\n") if ends_in_two else plain
