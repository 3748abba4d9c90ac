"""Read one scene or ending: its heading, its words, then a choice or an arrow."""

import re

from scenarios.script.decision_reader import ARROWS, read_decision
from scenarios.script.outline import Part
from scenarios.script.paragraphs import body_of, numbered_lines, paragraphs
from scenarios.script.parts import Arrow, Decision, Ending, Scene
from scenarios.script.problems import (
    BAD_DECISION_HEADING,
    BAD_ENDING_HEADING,
    BAD_SCENE_HEADING,
    HEADING_IN_SCENE,
    SECOND_WAY_ON,
    TEXT_AFTER_ARROW,
    TWO_DECISIONS,
    WAY_ON_FROM_ENDING,
    Findings,
    Kind,
)

KEY = re.compile(r"\w[\w-]{0,63}")
DECISION = re.compile(r"###(?!#)[ \t]*decision\b[ \t]*(.*)", re.IGNORECASE)
_OTHER_HEADING = re.compile(r"(?:#[ \t]|###(?!#))[ \t]*(.*)")


def read_scene(part: Part, findings: Findings) -> Scene:
    """Return the scene of this part; of two arrows the first."""
    key, title = _key_and_words(part.words, part.line, findings, BAD_SCENE_HEADING)
    words, decisions = _cut(part)
    spoken, arrows = _words_and_arrows(words, findings)
    for decision in decisions[1:]:
        findings.add(TWO_DECISIONS, decision.line, scene=key)
    if decisions:
        arrows += [arrow for decision in decisions for arrow in _arrows_at_margin(decision)]
    for arrow in arrows if decisions else arrows[1:]:
        findings.add(SECOND_WAY_ON, arrow.line)
    return Scene(
        key=key,
        title=title,
        body=body_of(spoken),
        lines=numbered_lines(spoken),
        decisions=tuple(_read_decision(decision, findings) for decision in decisions),
        arrow=arrows[0] if arrows and not decisions else None,
        line=part.line,
    )


def read_ending(part: Part, findings: Findings) -> Ending:
    """Return the ending of this part; it has no way on."""
    key, title = _key_and_words(part.words, part.line, findings, BAD_ENDING_HEADING)
    words, decisions = _cut(part)
    spoken, arrows = _words_and_arrows(words, findings)
    for line in [arrow.line for arrow in arrows] + [decision.line for decision in decisions]:
        findings.add(WAY_ON_FROM_ENDING, line)
    return Ending(key, title, body_of(spoken), numbered_lines(spoken), part.line)


def _key_and_words(heading: str, line: int, findings: Findings, kind: Kind) -> tuple[str, str]:
    key, _, words = (piece.strip() for piece in heading.partition(":"))
    if not KEY.fullmatch(key) or not words:
        findings.add(kind, line)
    return key, words or key


def _cut(part: Part) -> tuple[Part, list[Part]]:
    """Return what stands before the first decision, and each decision with what stands under it."""
    headings = [
        (line, heading[1])
        for line, words in part.numbered()
        if words.startswith("#") and (heading := DECISION.match(words))
    ]
    ends = [line - 1 for line, _ in headings] + [part.last_line]
    before = part._replace(rows=part.rows[: ends[0] - part.line])
    decisions = [
        Part(part.kind, words, line, part.rows[line - part.line : end - part.line])
        for (line, words), end in zip(headings, ends[1:], strict=True)
    ]
    return before, decisions


def _words_and_arrows(part: Part, findings: Findings) -> tuple[list[str], list[Arrow]]:
    """Return the paragraphs of a scene and the arrows after them."""
    written: list[str] = []
    arrows: list[Arrow] = []
    for line, row in part.numbered():
        words = row.strip()
        if not words:
            written.append("")
        elif words.startswith(ARROWS):
            arrows.append(_arrow(words, line))
        elif arrows:
            findings.add(TEXT_AFTER_ARROW, line)
        else:
            written.append(row)
            if words.startswith("#") and (heading := _OTHER_HEADING.match(row)):
                findings.add(HEADING_IN_SCENE, line, heading=heading[1])
    return list(paragraphs(written)), arrows


def _arrows_at_margin(decision: Part) -> list[Arrow]:
    """Return the arrows that stand for themselves; one further in belongs to the response above it."""
    return [_arrow(words, line) for line, words in decision.numbered() if words.startswith(ARROWS)]


def _arrow(words: str, line: int) -> Arrow:
    return Arrow(words.removeprefix("->").removeprefix("→").strip(), line)


def _read_decision(part: Part, findings: Findings) -> Decision:
    key, question = _key_and_words(part.words, part.line, findings, BAD_DECISION_HEADING)
    return read_decision(key, question, part, findings)
