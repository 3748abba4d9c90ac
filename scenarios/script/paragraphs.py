"""The words of a scene, paragraph by paragraph: numbered lines for the room, Markdown for the renderer.

Every pattern here looks at each character a bounded number of times, so a hostile text costs no more than
a long one.
"""

import re
from collections.abc import Iterable, Iterator

from scenarios.script.parts import Line, LineKind

_SPEAKER = re.compile(r"\*\*([^*:]+)(?::\*\*|\*\*:)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_STARS = re.compile(r"(?<!\\)\*+(?=\S)|(?<=\S)(?<!\\)\*+")
_UNDERSCORES = re.compile(r"(?<![\w\\])_++(?=\S)|(?<=[^\s_\\])_++(?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>-])")
_MARK_IN_FRONT = re.compile(r"(?:#{1,6}|>|[-*+]|\d{1,9}[.)])[ \t]+")


def paragraphs(written: Iterable[str]) -> Iterator[str]:
    """Yield each paragraph of these lines of text.

    A blank line ends a paragraph; so does somebody starting to speak.

    >>> list(paragraphs(["*Rain.*", "", "**Jo:** Hello,", "you.", "**Al:** Hm."]))
    ['*Rain.*', '**Jo:** Hello,\\nyou.', '**Al:** Hm.']
    """
    held: list[str] = []
    for row in written:
        blank = not row.strip()
        if held and (blank or (row.startswith("**") and _SPEAKER.match(row))):
            yield "\n".join(held)
            held = []
        if not blank:
            held.append(row)
    if held:
        yield "\n".join(held)


def numbered_lines(spoken: Iterable[str]) -> tuple[Line, ...]:
    """Return the paragraphs of a scene as its lines, numbered from 1.

    >>> [(line.number, line.kind.value, line.who, line.text)
    ...     for line in numbered_lines(["*It rings.*", "**Jo:** *(softly)* Yes?"])]
    [(1, 'direction', None, 'It rings.'), (2, 'speech', 'Jo', '(softly) Yes?')]
    """
    return tuple(_line(number, paragraph) for number, paragraph in enumerate(spoken, start=1))


def body_of(spoken: Iterable[str]) -> str:
    """Return the paragraphs as Markdown, one blank line between them, each speech a paragraph of its own."""
    return "\n\n".join(spoken)


def plain(markdown: str) -> str:
    r"""Return what is left to read when the marks of Markdown are gone, on one line.

    >>> plain("He *knows* the [plan](https://example.org), snake_case and 2 \\* 3.")
    'He knows the plan, snake_case and 2 * 3.'
    """
    in_front = _MARK_IN_FRONT.match(markdown)
    text = _LINK.sub(r"\1", markdown[in_front.end() :] if in_front else markdown)
    text = _UNDERSCORES.sub("", _STARS.sub("", text)).replace("`", "")
    return " ".join(_ESCAPED.sub(r"\1", text).split())


def _line(number: int, paragraph: str) -> Line:
    speaker = _SPEAKER.match(paragraph)
    if speaker is None:
        return Line(number, LineKind.DIRECTION, None, plain(paragraph))
    return Line(number, LineKind.SPEECH, plain(speaker[1]), plain(paragraph[speaker.end() :]))
