"""Markdown that somebody typed → clean HTML, bounded in size and in time.

The renderer's time grows with the square of some texts, so it works in a process of its own: one that hangs is
stopped, and costs nobody else anything. It is for saving a text once, never for a request that many make.
"""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import markdown
import nh3

from scenario_app.kernel.errors import Invalid

MOST_CHARACTERS = 60_000
MOST_ROWS = 5_000
# For each group of marks: the most of each in one paragraph, and of all together in the whole.
BRACKETS, EMPHASIS = "[!<`", "*_\\"
MOST_MARKS = {BRACKETS: (200, 1_000), EMPHASIS: (1_000, 6_000)}
# Lists and quotations within one another, opened in one row: seven deep.
NESTED = re.compile(r"^[ \t]*(?:>[ \t]*|[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+){7}", re.MULTILINE)
LIMIT_SECONDS = 2.0

_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "hr", "code", "a"}
_MEGABYTES = 1024 * 1024
_HOME = Path(__file__).resolve().parents[2]
_WORKER = [sys.executable, "-m", "scenario_app.kernel.markdown"]
# What a play has no use for: raw HTML, images, headings, code blocks, links that are defined somewhere else.
_PREPROCESSORS_LEFT_OUT = ("html_block",)
_BLOCKS_LEFT_OUT = ("reference", "code", "hashheader", "setextheader")
_INLINE_LEFT_OUT = (
    "reference",
    "short_reference",
    "image_link",
    "image_reference",
    "short_image_ref",
    "html",
    "entity",
    "automail",
)


class TooMuchMarkup(Invalid):
    """The text is too long, or has more marks than a person would write."""

    code = "too_much_markup"


class RenderingTooSlow(Invalid):
    """The renderer did not finish in time and was stopped. The text can be changed and tried again."""

    code = "rendering_too_slow"


def clean_html(texts: Sequence[str], *, limit_seconds: float = LIMIT_SECONDS) -> list[str]:
    """Render each text and return HTML that is safe to show: no raw HTML, no scripts, no images.

    Links go to http, https and mailto only. Starts one process, about 0.15 s for a whole script; call it
    outside of every transaction.

    :raises TooMuchMarkup: together too long, or too many marks
    :raises RenderingTooSlow: not done within the limit, in seconds
    """
    check_size(texts)
    if not any(text.strip() for text in texts):
        return ["" for _ in texts]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module; what was typed goes through stdin
        _WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
    ) as worker:
        try:
            answer, _ = worker.communicate(json.dumps(list(texts)).encode(), timeout=limit_seconds)
        except subprocess.TimeoutExpired:
            raise RenderingTooSlow(limit_seconds=limit_seconds) from None
        finally:
            if worker.poll() is None:
                worker.kill()
    if worker.returncode != 0:
        raise TooMuchMarkup
    return [str(html) for html in json.loads(answer)]


def check_size(texts: Sequence[str]) -> None:
    """Refuse texts that the renderer might be slow on.

    :raises TooMuchMarkup: with what was found and the most there may be
    """
    _at_most(MOST_CHARACTERS, sum(map(len, texts)), "characters")
    _at_most(MOST_ROWS, sum(text.count("\n") + 1 for text in texts), "rows")
    for marks, (in_a_paragraph, in_all) in MOST_MARKS.items():
        _at_most(in_all, sum(text.count(mark) for text in texts for mark in marks), marks)
        for text in texts:
            for mark in marks:
                if text.count(mark) > in_a_paragraph:
                    _at_most(in_a_paragraph, max(block.count(mark) for block in _paragraphs(text)), mark)
    if any(NESTED.search(text) for text in texts):
        raise TooMuchMarkup(what="nested")


def _at_most(most: int, found: int, what: str) -> None:
    if found > most:
        raise TooMuchMarkup(what=what, found=found, most=most)


def _paragraphs(text: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    for row in text.split("\n"):
        if row.strip():
            blocks[-1].append(row)
        elif blocks[-1]:
            blocks.append([])
    return ["\n".join(block) for block in blocks]


def _environment() -> dict[str, str]:
    # No secret of ours is in reach of the process that reads what strangers typed.
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return {**kept, "PYTHONPATH": str(_HOME), "PYTHONDONTWRITEBYTECODE": "1"}


# --- within the process of its own ----------------------------------------------------------------------------


def render(text: str) -> str:
    """Return clean HTML, however long it takes.

    >>> render("**Jo:** *(softly)* <b>Yes</b>? [no](javascript:alert(1))")
    '<p><strong>Jo:</strong> <em>(softly)</em> &lt;b&gt;Yes&lt;/b&gt;? <a rel="noopener noreferrer nofollow">no</a></p>'
    """
    html = _markdown().convert(text)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
    )


def _markdown() -> markdown.Markdown:
    renderer = markdown.Markdown(output_format="html")
    for name in _PREPROCESSORS_LEFT_OUT:
        renderer.preprocessors.deregister(name)
    for name in _BLOCKS_LEFT_OUT:
        renderer.parser.blockprocessors.deregister(name)
    for name in _INLINE_LEFT_OUT:
        renderer.inlinePatterns.deregister(name)
    return renderer


def _work() -> None:
    with suppress(
        ValueError, OSError
    ):  # a bound that this system does not know; the caller's clock still holds
        resource.setrlimit(resource.RLIMIT_AS, (512 * _MEGABYTES, 512 * _MEGABYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    texts = json.load(sys.stdin)
    json.dump([render(text) for text in texts], sys.stdout)


if __name__ == "__main__":
    _work()
