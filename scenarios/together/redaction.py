"""Take a story's words out of a script, and leave its scenes, decisions and responses standing. Pure.

What was woven from a story cannot be told apart by its co-writers' memory, so it is told apart by the words: each
piece of a script (a paragraph, a title, a response, what it helps or costs) that has four words in a row of the
story, or is three of its words and no more, is replaced whole. Source: docs/DECISIONS.md, withdrawal.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

TAKEN_BACK = "Words taken back by the person who told them."
RUN = 4
COPIED = 7  # words in a row that two people do not write by chance
_SHORTEST = 3
_KEYS_KEPT = {"id", "stage", "also_touches", "start", "language", "minutes", "ifid"}
_ARROWS = ("->", "→")
_FIELD = re.compile(r"[ \t]*([A-Za-z_][\w-]*)[ \t]*:[ \t]*")
_HEADING = re.compile(
    r"#{1,6}[ \t]*(?:(?:scene|ending|decision)\b[ \t]*[\w-]*[ \t]*:?[ \t]*|characters\b|for the facilitator\b)?",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[ \t]*asks[ \t]*:[ \t]*[\w-]*", re.IGNORECASE)
_ARROW = re.compile(r"[ \t]*(?:->|→)[ \t]*[\w-]*")
_BULLET = re.compile(
    r"[ \t]*[-*+][ \t]+(?:[A-Za-z][).][ \t]+|(?:helps|costs)[ \t]*:[ \t]*|\w[\w-]*[ \t]*:[ \t]*)?",
    re.IGNORECASE,
)
_SPEECH = re.compile(r"[ \t]*\*\*[^*\n]{1,80}(?::\*\*|\*\*:)[ \t]*")
_MARKS = str.maketrans("", "", "*_~`\\’'")
_AS_IT_HAPPENED = "[as it happened]"


@dataclass(frozen=True, slots=True)
class StoryWords:
    """Runs of words of a story, by which its pieces are known again. Pieces shorter than `shortest` never are."""

    runs: frozenset[tuple[str, ...]]
    run: int = RUN
    shortest: int = _SHORTEST

    @classmethod
    def of(cls, texts: Iterable[str]) -> "StoryWords":
        """Return the runs of all texts of a story: every answer, every revision, whatever was edited out."""
        return cls(_runs_in(texts, (_SHORTEST, RUN)))

    @classmethod
    def copied(cls, texts: Iterable[str]) -> "StoryWords":
        """Return what shows that words were carried into a script that is not known to be woven from the story.

        >>> far = StoryWords.copied(["I waited on the cold stairs until six, and nobody came."])
        >>> far.are_in("She waited on the cold stairs until six, and slept."), far.are_in("waited on the cold")
        (True, False)
        """
        return cls(_runs_in(texts, (COPIED,)), COPIED, COPIED)

    def without(self, others: "StoryWords") -> "StoryWords":
        """Return these words but those that stood elsewhere before."""
        return replace(self, runs=self.runs - others.runs)

    def are_in(self, piece: str) -> bool:
        """Say whether a piece of a script has words of the story.

        >>> ada = StoryWords.of(["I waited on the cold stairs until six."])
        >>> ada.are_in("She waited on the cold, hard floor"), ada.are_in("She waited on the phone")
        (True, False)
        """
        words = words_of(piece)
        length = min(self.run, len(words))
        if length < self.shortest:
            return False
        return any(tuple(words[at : at + length]) in self.runs for at in range(len(words) - length + 1))


def _runs_in(texts: Iterable[str], lengths: Iterable[int]) -> frozenset[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    wanted = tuple(lengths)
    for text in texts:
        words = words_of(text)
        for length in wanted:
            found.update(tuple(words[at : at + length]) for at in range(len(words) - length + 1))
    return frozenset(found)


def words_of(text: str) -> list[str]:
    """Return the words of a text without case, marks of Markdown and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_MARKS)
    return re.findall(r"[^\W_]+", plain)


def without_words(text: str, taken: StoryWords) -> str:
    r"""Return a script without the pieces that have words of a story. Keys, arrows and line ends stay.

    >>> ada = StoryWords.of(["I waited on the cold stairs"])
    >>> without_words("## Scene a: Six\nShe waited on the\ncold stairs.\n\n-> b\n", ada)
    '## Scene a: Six\nWords taken back by the person who told them.\n\n-> b\n'
    """
    rows = text.splitlines(keepends=True)
    out: list[str] = []
    piece: list[str] = []
    fence = next((at for at, row in enumerate(rows) if row.strip()), 0)
    in_front = False
    for at, row in enumerate(rows):
        if row.strip() == "---" and (at == fence or in_front):
            in_front = at == fence
            out.append(row)
        elif in_front and not row.startswith("#"):
            out.append(_field(row, taken))
        else:
            in_front = False
            if piece and (not row.strip() or _begins_a_piece(row) or _stands_alone(piece[0])):
                out += _redacted(piece, taken)
                piece = []
            piece.append(row)
    return "".join([*out, *_redacted(piece, taken)])


def _begins_a_piece(row: str) -> bool:
    return bool(_stands_alone(row) or _BULLET.match(row))


def _stands_alone(row: str) -> bool:
    return not row.strip() or row.startswith("#") or bool(_ASKS.match(row) or _ARROW.match(row))


def _field(row: str, taken: StoryWords) -> str:
    found = _FIELD.match(row)
    if not taken.are_in(row) or (found and found[1] in _KEYS_KEPT and not taken.are_in(row[found.end() :])):
        return row
    return (found[0] if found else "") + TAKEN_BACK + _end_of(row)


def _redacted(piece: list[str], taken: StoryWords) -> list[str]:
    """Return a piece as it was, or what of it says where it stands and where it leads."""
    whole = "".join(piece)
    if not piece or not taken.are_in(whole):
        return piece
    row = piece[0]
    if leads := _ASKS.match(row) or _ARROW.match(row):
        return [leads[0] + _end_of(whole)]
    heads = (_HEADING,) if row.startswith("#") else (_BULLET, _SPEECH)
    head = next((found[0] for pattern in heads if (found := pattern.match(row))), "")
    if not words_of(row[len(head) :]) and len(piece) == 1:
        return piece  # a key alone
    return [head + TAKEN_BACK + _tail_of(whole, head) + _end_of(whole)]


def _tail_of(whole: str, head: str) -> str:
    """Return the arrow of a response with its key, and that it is what happened."""
    if not re.match(r"[ \t]*[-*+]", head):
        return ""
    at = max(whole.rfind(arrow) for arrow in _ARROWS)
    arrow = f" {found[0].strip()}" if at >= 0 and (found := _ARROW.match(whole[at:])) else ""
    return arrow + (f" {_AS_IT_HAPPENED}" if _AS_IT_HAPPENED in whole.lower() else "")


def _end_of(row: str) -> str:
    return row[len(row.rstrip("\r\n")) :]
