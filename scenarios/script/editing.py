"""Change one thing of a script and leave every other byte of its text alone.

What is changed is named by the line it starts in. Each function returns the new text; what is the same already
stays exactly as it is written.
"""

import re

from scenarios.script.decision_editing import retarget_responses
from scenarios.script.extents import Rows, last_filled, one_line, place_at, places_of
from scenarios.script.outline import PartKind, outline, rows_of
from scenarios.script.script import Script, UnknownScene
from scenarios.script.twee_reader import as_words

_HEADING = re.compile(r"([^:]*:[ \t]*)(.*?)([ \t]*)")
_FIELD = re.compile(r"([ \t]*([A-Za-z_][\w-]*)[ \t]*:[ \t]*)(.*?)([ \t]*)")
_NOT_IN_KEY = re.compile(r"[^\w]+")


# --- the block at the top, the people -------------------------------------------------------------------------


def set_field(text: str, key: str, value: str) -> str:
    """Write `key: value` into the block at the top; an empty value is written only where the key stands already."""
    value, script = one_line(value), Script.parse(text)
    found = script.front.fields.get(key)
    if found is not None:
        return text if found.value == value else _set_after(text, found.line, _FIELD, value)
    if not value:
        return text
    cut = outline(text)
    if cut.front is None:
        return Rows(text).replace(1, 0, ["---", f"{key}: {value}", "---", ""]).text
    rows = rows_of(text)
    opened = next(line for line, row in enumerate(rows, start=1) if row.strip())
    line = cut.front[-1].line if cut.front else opened
    return Rows(text).replace(line + 1, line, [f"{key}: {value}"]).text


def set_title(text: str, title: str) -> str:
    """Give the script a title, in the block at the top and in the heading that says the same."""
    script, title = Script.parse(text), one_line(title)
    for row in script.reading.titles:
        if row.words == script.title and title != row.words:
            text = Rows(text).replace(row.line, row.line, [f"# {title}"]).text
    return set_field(text, "title", title)


def set_character(text: str, line: int, name: str, who: str) -> str:
    """Say who somebody is."""
    script = Script.parse(text)
    found = next((one for one in script.characters if one.line == line), None)
    if found is None:
        raise UnknownScene(line=line)
    name, who = one_line(name.replace(",", " ")), one_line(who)
    if (found.name, found.who) == (name, who):
        return text
    rows = rows_of(text)
    last = line
    while last < len(rows) and rows[last][:1].isspace() and rows[last].strip():
        last += 1
    start = rows[line - 1][: rows[line - 1].index(":") + 1]
    return Rows(text).replace(line, last, [f"{start} {name}, {who}".removesuffix(", ")]).text


def add_character(text: str, name: str, who: str) -> str:
    """Add somebody. Their key is made from the name."""
    script = Script.parse(text)
    key = _free(name, "person", {one.key for one in script.characters})
    row = f"- {key}: {one_line(name.replace(',', ' '))}, {one_line(who)}".removesuffix(", ")
    if script.characters:
        rows, line = rows_of(text), script.characters[-1].line
        while line < len(rows) and rows[line][:1].isspace() and rows[line].strip():
            line += 1
        return Rows(text).replace(line + 1, line, [row]).text
    part = next((part for part in outline(text).parts if part.kind is PartKind.CHARACTERS), None)
    if part is not None:
        return Rows(text).replace(part.line + 1, part.line, [row]).text
    return _insert_block(text, _first_place_line(text), ["## Characters", row])


# --- scenes and endings ---------------------------------------------------------------------------------------


def set_heading(text: str, line: int, words: str) -> str:
    """Write other words after the key of a scene's, an ending's or a decision's heading."""
    return _set_after(text, line, _HEADING, one_line(words))


def words_of(text: str, line: int) -> str:
    """Return the words of the scene or ending as they are written."""
    first, last = place_at(text, line).words
    return "\n".join(rows_of(text)[first - 1 : last])


def set_words(text: str, line: int, words: str) -> str:
    """Write other words into a scene or ending. They stay words: nothing in them starts a scene or leads anywhere."""
    place = place_at(text, line)
    first, last = place.words
    written = words.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if written.strip() == words_of(text, line).strip():
        return text
    rows = [as_words(row) for row in written.split("\n")] if written.strip() else []
    if last < first and rows:
        follows = rows_of(text)[place.first : place.first + 1]
        rows += [""] if follows and follows[0].strip() else []
    return Rows(text).replace(first, last, rows).text


def add_scene(text: str, title: str) -> tuple[str, str]:
    """Add a scene after the last one; return the text and the scene's key."""
    return _add_place(text, "Scene", title)


def add_ending(text: str, title: str) -> tuple[str, str]:
    """Add an ending after the last scene or ending; return the text and its key."""
    return _add_place(text, "Ending", title)


def remove_place(text: str, line: int) -> str:
    """Take a scene or ending out. Arrows to it stay, and are named by the checker."""
    place = place_at(text, line)
    return Rows(text).replace(place.first, place.last, []).text


def move_place(text: str, line: int, by: int) -> str:
    """Change the places of a scene or ending and the one before it (-1) or after it (1)."""
    places = places_of(text)
    here = places.index(place_at(text, line))
    if not 0 <= here + by < len(places):
        return text
    upper, lower = sorted((places[here], places[here + by]), key=lambda place: place.first)
    if lower.last == len(rows_of(text)) and rows_of(text)[lower.last - 1].strip():
        text += "\n"  # what comes after the last word must not run on from it
    rows = rows_of(text)
    ends = (last_filled(rows, upper), last_filled(rows, lower))
    return Rows(text).swap((upper.first, ends[0]), (lower.first, ends[1])).text


def set_arrow(text: str, line: int, target: str) -> str:
    """Let a scene without a decision go straight on to this key; with an empty one, lead nowhere."""
    place, rows = place_at(text, line), rows_of(text)
    if place.arrows:
        arrow = place.arrows[0]
        if rows[arrow - 1].strip().lstrip("->→").strip() == target:
            return text
        return Rows(text).replace(arrow, arrow, [f"-> {target}"] if target else []).text
    if not target:
        return text
    last = last_filled(rows, place)
    return Rows(text).replace(last + 1, last, ["", f"-> {target}"]).text


def rename_place(text: str, line: int, key: str) -> str:
    """Give a scene or ending another key, and lead every arrow there. A key that is taken stays with both."""
    place, old = place_at(text, line), _key_at(text, line)
    if key == old:
        return text
    rows = Rows(text)
    head, colon, rest = rows[place.first].partition(":")
    rows.replace(place.first, place.first, [f"{_last_word_replaced(head, old, key)}{colon}{rest}"])
    return _retarget(rows.text, old, key)


def rename_second(text: str, line: int) -> str:
    """Give the later one of two scenes with one key a key of its own; arrows stay with the first."""
    keys = {place.key for place in Script.parse(text).reading.places}
    old = _key_at(text, line)
    rows = Rows(text)
    head, colon, rest = rows[line].partition(":")
    return rows.replace(
        line, line, [f"{_last_word_replaced(head, old, _free(old, 'scene', keys))}{colon}{rest}"]
    ).text


# --- within ---------------------------------------------------------------------------------------------------


def _set_after(text: str, line: int, pattern: re.Pattern[str], words: str) -> str:
    rows = Rows(text)
    row = rows[line]
    found = pattern.fullmatch(row)
    if found is None:
        return rows.replace(line, line, [f"{row.rstrip()}: {words}"]).text
    before, was = found[1], found[found.lastindex - 1] if found.lastindex else ""
    if was == words:
        return text
    space = "" if before[-1:].isspace() or not words else " "
    return rows.replace(line, line, [f"{before}{space}{words}"]).text


def _retarget(text: str, old: str, key: str) -> str:
    script = Script.parse(text)
    if script.front.said("start") == old:
        text = set_field(text, "start", key)
    for scene in Script.parse(text).scenes:
        if scene.arrow is not None and scene.arrow.target == old and not scene.decisions:
            row = rows_of(text)[scene.arrow.line - 1]
            new = _last_word_replaced(row, old, key)
            text = Rows(text).replace(scene.arrow.line, scene.arrow.line, [new]).text
    return retarget_responses(text, old, key)


def _last_word_replaced(row: str, old: str, new: str) -> str:
    place = row.rfind(old)
    return f"{row[:place]}{new}{row[place + len(old) :]}"


def _add_place(text: str, kind: str, title: str) -> tuple[str, str]:
    title = one_line(title) or kind
    keys = {place.key for place in Script.parse(text).reading.places}
    key = _free(title, kind.lower(), keys)
    places = places_of(text)
    scenes = [place for place in places if not place.is_ending] if kind == "Scene" else places
    rows = rows_of(text)
    if scenes:
        line = last_filled(rows, scenes[-1]) + 1
        block = ["", f"## {kind} {key}: {title}"]
        return Rows(text).replace(line, line - 1, block).text, key
    return _insert_block(text, _first_place_line(text), [f"## {kind} {key}: {title}"]), key


def _insert_block(text: str, line: int, block: list[str]) -> str:
    """Put rows before a line, with a blank one on each side where there is none."""
    rows = rows_of(text)
    before = [""] if line > 1 and rows[line - 2].strip() else []
    after = [""] if line <= len(rows) and rows[line - 1].strip() else []
    return Rows(text).replace(line, line - 1, [*before, *block, *after]).text


def _first_place_line(text: str) -> int:
    """Return where the first scene starts, or the facilitator's part, or what comes after the last word."""
    kinds = (PartKind.SCENE, PartKind.ENDING, PartKind.FACILITATOR)
    rows = rows_of(text)
    found = (part.line for part in outline(text).parts if part.kind in kinds)
    filled = next((line for line in range(len(rows), 0, -1) if rows[line - 1].strip()), 0)
    return next(found, filled + 1)


def _free(words: str, kind: str, taken: set[str]) -> str:
    key = _NOT_IN_KEY.sub("-", words.lower()).strip("-_")[:40].strip("-_") or kind
    return next(
        one for one in [key, *(f"{key}-{number}" for number in range(2, len(taken) + 3))] if one not in taken
    )


def _key_at(text: str, line: int) -> str:
    return next(place.key for place in Script.parse(text).reading.places if place.line == line)
