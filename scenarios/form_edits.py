"""The form view: what its two pages send, applied to the text of the script. Values in, a text out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.script import decision_editing, editing
from scenarios.script.extents import one_line
from scenarios.script.parts import Decision, Ending, Scene
from scenarios.script.script import Script, UnknownScene

FIELDS = ("id", "stage", "content_notes", "question", "minutes", "setting", "when", "written_by", "start")
NEW_SCENE, NEW_ENDING = "+scene", "+ending"
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edited:
    """The text as it is now, and where to go on: the number of a scene (None: the list), a place on its page."""

    text: str
    number: int | None
    anchor: str = ""


def edited_about(text: str, form: Form) -> Edited:
    """Return the text with what the page of the whole script sends."""
    for character in reversed(Script.parse(text).characters):
        name = form.get(f"name-{character.line}", character.name) or character.name
        text = editing.set_character(
            text, character.line, name, form.get(f"who-{character.line}", character.who)
        )
    if form.get("title", "").strip():
        text = editing.set_title(text, form["title"])
    for key in FIELDS:
        if key in form:
            text = editing.set_field(text, key, form[key])
    do, number = _asked(form)
    if form.get("new_name", "").strip():
        text = editing.add_character(text, form["new_name"], form.get("new_who", ""))
    if do == "add_person":
        return Edited(text, None, "new_name")
    if do in ("add_scene", "add_ending"):
        add = editing.add_scene if do == "add_scene" else editing.add_ending
        text, key = add(text, form.get("new_title", ""))
        if not Script.parse(text).front.said("start") and do == "add_scene":
            text = editing.set_field(text, "start", key)
        return Edited(text, _number_of(text, key), "words")
    if do in ("up", "down"):
        by = -1 if do == "up" else 1
        text = editing.move_place(text, place_numbered(Script.parse(text), number).line, by)
        return Edited(text, None, f"place-{min(max(1, number + by), len(Script.parse(text).reading.places))}")
    return Edited(text, None)


def edited_place(text: str, number: int, form: Form) -> Edited:
    """Return the text with what the page of one scene or ending sends.

    :raises UnknownScene: there is no scene of this number
    """
    do, which = _asked(form)
    place = place_numbered(Script.parse(text), number)
    if do == "remove_place":
        return Edited(editing.remove_place(text, place.line), None)
    if isinstance(place, Scene):
        text = _with_ways_on(text, number, form)
    text = editing.set_words(text, place.line, form.get("words", editing.words_of(text, place.line)))
    if form.get("title", "").strip():
        text = editing.set_heading(text, place.line, form["title"])
    decision = _decision(text, number)
    if do == "add_decision" and isinstance(place, Scene) and decision is None:
        people = Script.parse(text).characters
        asks = form.get("asks") or (people[0].key if people else "")
        text = decision_editing.add_decision(text, place.line, form.get("question") or place.title, asks)
        return Edited(text, number, "question")
    if decision is None:
        return Edited(text, number)
    if do == "add_response":
        text = decision_editing.add_response(text, decision.line, "", "")
        return Edited(text, number, f"label-{len(decision.responses) + 1}")
    if do == "remove_decision":
        return Edited(decision_editing.remove_decision(text, decision.line), number, "ways")
    if do in ("up", "down", "remove") and 1 <= which <= len(decision.responses):
        line = decision.responses[which - 1].line
        if do == "remove":
            return Edited(decision_editing.remove_response(text, line), number, "ways")
        by = -1 if do == "up" else 1
        text = decision_editing.move_response(text, line, by)
        return Edited(text, number, f"response-{min(max(1, which + by), len(decision.responses))}")
    return Edited(text, number)


def place_numbered(script: Script, number: int) -> Scene | Ending:
    """Return a scene or ending by its place in the text, from 1.

    :raises UnknownScene: there are not so many
    """
    places = script.reading.places
    if not 1 <= number <= len(places):
        raise UnknownScene(number=number)
    return places[number - 1]


def begun(title: str) -> str:
    """Return the first words of a script of this title.

    >>> begun("The gate").splitlines()[1]
    'title: The gate'
    """
    rows = ["---", f"title: {one_line(title)}", "stage:", "minutes: 30", "content_notes:", "start:"]
    return "\n".join([*rows, "question:", "language: en", "---", ""])


# --- within ---------------------------------------------------------------------------------------------------


def _with_ways_on(text: str, number: int, form: Form) -> str:
    place, decision = place_numbered(Script.parse(text), number), _decision(text, number)
    if decision is None:
        if "goes_to" in form:
            text, target = _target(text, form["goes_to"], "")
            text = editing.set_arrow(text, place.line, target)
        return text
    # from the last to the first, so that no line moves before it is used; new places come after them all
    for which in range(len(decision.responses), 0, -1):
        response = decision.responses[which - 1]
        label = form.get(f"label-{which}", response.label)
        wanted = form.get(f"target-{which}", response.target or "")
        for note, said in (("costs", response.costs), ("helps", response.helps)):
            text = decision_editing.set_note(text, response.line, note, form.get(f"{note}-{which}", said))
        text, target = _target(text, wanted, label)
        line = _line_of_response(text, number, which)
        text = decision_editing.set_response(text, line, label, target)
    if re.fullmatch("[0-9]{1,2}", form.get("happened", "")):
        which = int(form["happened"])
        if 1 <= which <= len(decision.responses):
            text = decision_editing.set_as_it_happened(text, _line_of_response(text, number, which))
    text = decision_editing.set_asks(text, decision.line, form.get("asks", decision.asks))
    if form.get("question", "").strip():
        text = editing.set_heading(text, decision.line, form["question"])
    return text


def _target(text: str, wanted: str, label: str) -> tuple[str, str]:
    """Return the key that is meant, and the text with the scene or ending that is asked for."""
    if wanted == NEW_SCENE:
        return editing.add_scene(text, label)
    if wanted == NEW_ENDING:
        return editing.add_ending(text, label)
    return text, wanted


def _decision(text: str, number: int) -> Decision | None:
    place = place_numbered(Script.parse(text), number)
    return place.decision if isinstance(place, Scene) else None


def _line_of_response(text: str, number: int, which: int) -> int:
    decision = _decision(text, number)
    if decision is None:
        raise UnknownScene(number=number)
    return decision.responses[which - 1].line


def _number_of(text: str, key: str) -> int:
    return [place.key for place in Script.parse(text).reading.places].index(key) + 1


def _asked(form: Form) -> tuple[str, int]:
    """Return what the button asks for, and of which response or scene.

    >>> _asked({"do": "up:3"}), _asked({})
    (('up', 3), ('save', 0))
    """
    do, _, number = form.get("do", "save").partition(":")
    return do, int(number) if re.fullmatch("[0-9]{1,4}", number) else 0
