"""Change one thing of a decision and leave every other byte of the text alone: see `editing`."""

import re
from collections.abc import Callable
from dataclasses import replace as with_changes

from scenarios.script.decision_reader import AS_IT_HAPPENED
from scenarios.script.extents import (
    DecisionExtent,
    ResponseExtent,
    Rows,
    last_filled,
    one_line,
    place_at,
    places_of,
)
from scenarios.script.outline import rows_of
from scenarios.script.parts import Decision, Response
from scenarios.script.script import Script, UnknownResponse, UnknownScene

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def add_decision(text: str, line: int, question: str, asks: str) -> str:
    """Let a scene end in a decision, in the place of its arrow."""
    place = place_at(text, line)
    if place.decisions:
        return text
    keys = {decision.key for decision in Script.parse(text).decisions}
    number = next(number for number in range(1, len(keys) + 2) if f"d{number}" not in keys)
    rows = Rows(text)
    if place.arrows:
        rows.replace(place.arrows[0], place.arrows[0], [])
    place, written = place_at(rows.text, line), rows_of(rows.text)
    last = last_filled(written, place)
    block = ["", f"### Decision d{number}: {one_line(question)}", f"asks: {asks}"]
    return rows.replace(last + 1, last, block).text


def remove_decision(text: str, line: int) -> str:
    """Take out the decision that starts in this line, with its responses."""
    decision = _decision(text, line)
    return Rows(text).replace(decision.first, decision.last, []).text


def set_asks(text: str, line: int, key: str) -> str:
    """Say who decides, for the decision that starts in this line."""
    decision = _decision(text, line)
    if decision.asks is None:
        return Rows(text).replace(line + 1, line, [f"asks: {key}"]).text if key else text
    before, _, value = rows_of(text)[decision.asks - 1].partition(":")
    if value.strip() == key:
        return text
    return Rows(text).replace(decision.asks, decision.asks, [f"{before}: {key}"]).text


def add_response(text: str, line: int, label: str, target: str) -> str:
    """Add a response to the decision that starts in this line. The first one is what happened."""
    extent, decision = _decision(text, line), _parsed_decision(text, line)
    taken = {response.key.upper() for response in decision.responses}
    letter = next((letter for letter in LETTERS if letter not in taken), "Z")
    mark = "" if decision.responses else " [as it happened]"
    arrow = f" -> {target}" if target else ""
    block = [f"- {letter}) {one_line(label)}{arrow}{mark}", "  - helps:", "  - costs:"]
    last = extent.responses[-1].last if extent.responses else extent.last
    return Rows(text).replace(last + 1, last, block).text


def remove_response(text: str, line: int) -> str:
    """Take out the response that starts in this line, with what it helps and costs."""
    found = _response(text, line)
    return Rows(text).replace(found.bullet.first, found.last, []).text


def move_response(text: str, line: int, by: int) -> str:
    """Change the places of a response and the one before it (-1) or after it (1). Each keeps its letter."""
    for place in places_of(text):
        for decision in place.decisions:
            found = [one.bullet.first for one in decision.responses]
            if line in found and 0 <= found.index(line) + by < len(found):
                here = found.index(line)
                upper, lower = (decision.responses[at] for at in sorted((here, here + by)))
                spans = ((upper.bullet.first, upper.last), (lower.bullet.first, lower.last))
                return Rows(text).swap(*spans).text
    return text


def set_response(text: str, line: int, label: str, target: str | None) -> str:
    """Write other words into the response that starts in this line, and lead it elsewhere."""
    label = one_line(label)
    return _set_bullet(text, line, lambda one: with_changes(one, label=label, target=target or None))


def set_as_it_happened(text: str, line: int) -> str:
    """Mark the response that starts in this line as what happened, and no other of its decision."""
    responses = next(
        decision.responses
        for decision in _all_decisions(text)
        if any(response.line == line for response in decision.responses)
    )
    for response in reversed(responses):  # a wrapped one comes to stand in one row
        happened = response.line == line
        text = _set_bullet(text, response.line, _marked if happened else _unmarked)
    return text


def take_mark(text: str, line: int) -> str:
    """Take “[as it happened]” from the response that starts in this line."""
    return _set_bullet(text, line, _unmarked)


def set_note(text: str, line: int, note: str, words: str) -> str:
    """Say what the response that starts in this line `helps` or `costs`."""
    found, words = _response(text, line), one_line(words)
    response = _parsed_response(text, line)
    if (response.helps if note == "helps" else response.costs) == words:
        return text
    written = [bullet for bullet in found.notes if bullet.note == note]
    rows = Rows(text)
    if not written:
        after = (
            found.bullet.last
            if note == "helps"
            else max(bullet.last for bullet in (found.bullet, *found.notes))
        )
        return rows.replace(after + 1, after, [f"  - {note}: {words}"]).text
    for extra in reversed(written[1:]):
        rows.replace(extra.first, extra.last, [])
    first = written[0]
    return rows.replace(first.first, first.last, [f"{first.start} {words}".rstrip()]).text


def retarget_responses(text: str, old: str, key: str) -> str:
    """Lead every response that leads to one key to another one."""
    # from the end, so that no line moves before it is used
    aimed = [one for decision in _all_decisions(text) for one in decision.responses if one.target == old]
    for response in sorted(aimed, key=lambda one: -one.line):
        bullet, rows = _response(text, response.line).bullet, Rows(text)
        for line in range(bullet.last, bullet.first - 1, -1):
            new = re.sub(rf"((?:->|→)[ \t]*){re.escape(old)}(?=[ \t]*(?:\[|$))", rf"\g<1>{key}", rows[line])
            if new != rows[line]:
                text = rows.replace(line, line, [new]).text
                break
        else:
            text = set_response(text, response.line, response.label, key)
    return text


# --- within ---------------------------------------------------------------------------------------------------


def _set_bullet(text: str, line: int, change: Callable[[Response], Response]) -> str:
    bullet, response = _response(text, line).bullet, _parsed_response(text, line)
    changed = change(response)
    if changed == with_changes(response, target=response.target or None):
        return text
    label = AS_IT_HAPPENED.sub("", changed.label).strip()
    arrow = f" -> {changed.target}" if changed.target else ""
    if not arrow and re.search("->|→", label):
        arrow = " ->"  # or the last arrow of the words would be taken for the way on
    mark = " [as it happened]" if changed.as_it_happened else ""
    return Rows(text).replace(bullet.first, bullet.last, [f"{bullet.start} {label}{arrow}{mark}"]).text


def _decision(text: str, line: int) -> DecisionExtent:
    found = (decision for place in places_of(text) for decision in place.decisions if decision.first == line)
    decision = next(found, None)
    if decision is None:
        raise UnknownScene(line=line)
    return decision


def _response(text: str, line: int) -> ResponseExtent:
    decisions = (decision for place in places_of(text) for decision in place.decisions)
    found = (one for decision in decisions for one in decision.responses if one.bullet.first == line)
    response = next(found, None)
    if response is None:
        raise UnknownResponse(line=line)
    return response


def _all_decisions(text: str) -> list[Decision]:
    return [decision for scene in Script.parse(text).scenes for decision in scene.decisions]


def _parsed_decision(text: str, line: int) -> Decision:
    return next(decision for decision in _all_decisions(text) if decision.line == line)


def _parsed_response(text: str, line: int) -> Response:
    return next(one for decision in _all_decisions(text) for one in decision.responses if one.line == line)


def _marked(response: Response) -> Response:
    return with_changes(response, as_it_happened=True)


def _unmarked(response: Response) -> Response:
    return with_changes(response, as_it_happened=False)
