"""Problems that have one right answer, and the text with that answer."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from scenarios.script import decision_editing, editing
from scenarios.script.extents import Rows
from scenarios.script.outline import rows_of
from scenarios.script.parts import Ending, Scene
from scenarios.script.problems import Problem
from scenarios.script.script import Script
from scenarios.script.spelling import Spelling
from scenarios.script.text_checker import UNSHOWABLE

MOST_MENDED = 60  # problems of one script; whoever has more is helped by mending these first


@dataclass(frozen=True, slots=True)
class Mend:
    """An answer to a problem: what it is called, what it names, and the whole text as it would be."""

    code: str
    text: str
    details: Mapping[str, str] = field(default_factory=dict, hash=False)


def mends_for(script: Script, problem: Problem, stages: Collection[str] | None = None) -> list[Mend]:
    """Return the answers to a problem; none where only the writer can know.

    >>> script = Script.parse("---\\ntitle: A\\nstart: shet\\n---\\n## Ending shed: B\\nTea.")
    >>> [problem] = [one for one in script.problems() if one.code == "unknown_start"]
    >>> [(mend.code, dict(mend.details)) for mend in mends_for(script, problem)]
    [('use', {'key': 'shed'})]
    """
    answer = _ANSWERS.get(problem.code)
    return list(answer(script, problem, stages or ())) if answer else []


def mended(script: Script, code: str, line: int, stages: Collection[str] | None = None) -> str | None:
    """Return the text with the answer to the problem of this code in this line; None when there is none."""
    for problem in script.problems(stages):
        if (problem.code, problem.line) == (code, line):
            return next((mend.text for mend in mends_for(script, problem, stages)), None)
    return None


Answers = Iterator[Mend]


def _nearest_target(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    nearest = problem.details.get("nearest")
    if not nearest:
        return
    for decision in script.decisions:
        for response in decision.responses:
            if response.line == problem.line:
                text = decision_editing.set_response(script.text, problem.line, response.label, nearest)
                yield Mend("use", text, {"key": nearest})
    for scene in script.scenes:
        if scene.arrow is not None and scene.arrow.line == problem.line:
            yield Mend("use", editing.set_arrow(script.text, scene.line, nearest), {"key": nearest})


def _nearest_start(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    nearest = problem.details.get("nearest")
    if nearest:
        yield Mend("use", editing.set_field(script.text, "start", nearest), {"key": nearest})
    else:
        yield from _first_scene(script, problem, _stages)


def _first_scene(script: Script, _problem: Problem, _stages: Collection[str]) -> Answers:
    first = next((scene.key for scene in script.scenes), None)
    if first:
        yield Mend("use", editing.set_field(script.text, "start", first), {"key": first})


def _nearest_character(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    people = [one.key for one in script.characters]
    nearest = problem.details.get("nearest") or (people[0] if len(people) == 1 else None)
    if nearest:
        text = decision_editing.set_asks(script.text, problem.line, nearest)
        yield Mend("use", text, {"key": nearest})


def _nearest_stage(script: Script, problem: Problem, stages: Collection[str]) -> Answers:
    wrong, known = problem.details.get("stage", ""), Spelling(stages)
    nearest = known.nearest(wrong) if wrong else (next(iter(stages)) if len(stages) == 1 else None)
    if nearest is None:
        return
    if script.front.said("stage") in (wrong, ""):
        yield Mend("use", editing.set_field(script.text, "stage", nearest), {"key": nearest})
    else:
        also = [nearest if stage == wrong else stage for stage in script.front.listed("also_touches")]
        text = editing.set_field(script.text, "also_touches", ", ".join(dict.fromkeys(also)))
        yield Mend("use", text, {"key": nearest})


def _missing_responses(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    scene = next((one for one in script.scenes if one.decision and one.decision.line == problem.line), None)
    if not problem.stops_publication or scene is None or scene.decision is None:
        return
    text, target = script.text, _place_after(script, scene)
    for number in range(len(scene.decision.responses), 2):
        text = decision_editing.add_response(text, problem.line, f"Response {number + 1}", target)
    yield Mend("add_responses", text)


def _one_mark(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    for decision in script.decisions:
        if decision.line == problem.line and decision.responses:
            first = decision.responses[0].line
            yield Mend("mark_first", decision_editing.set_as_it_happened(script.text, first))
        elif any(response.line == problem.line for response in decision.responses):
            yield Mend("take_mark", decision_editing.take_mark(script.text, problem.line))


def _an_ending(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    text, key = script.text, next((one.key for one in script.endings if one.line > problem.line), "")
    if not key:
        text, key = editing.add_ending(text, "The end")
    yield Mend("lead_to", editing.set_arrow(text, problem.line, key), {"key": key})


def _another_key(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    if any(place.line == problem.line for place in script.reading.places):
        yield Mend("other_key", editing.rename_second(script.text, problem.line))


def _plain_characters(script: Script, problem: Problem, _stages: Collection[str]) -> Answers:
    row = rows_of(script.text)[problem.line - 1]
    plain = UNSHOWABLE.sub("", row)
    if plain != row:
        yield Mend("take_out", Rows(script.text).replace(problem.line, problem.line, [plain]).text)


def _a_block(script: Script, _problem: Problem, _stages: Collection[str]) -> Answers:
    first = next((scene.key for scene in script.scenes), "")
    block = ["---", f"title: {script.title}", "content_notes:", f"start: {first}", "language: en", "---", ""]
    yield Mend("add_block", Rows(script.text).replace(1, 0, block).text)


def _place_after(script: Script, here: Scene) -> str:
    """Return the key of the next place in the text, which closes no circle where the text runs forward."""
    places: list[Scene | Ending] = [place for place in script.reading.places if place.line > here.line]
    return places[0].key if places else ""


_ANSWERS: Mapping[str, Callable[[Script, Problem, Collection[str]], Answers]] = {
    "unknown_target": _nearest_target,
    "unknown_start": _nearest_start,
    "missing_start": _first_scene,
    "unknown_character": _nearest_character,
    "unknown_stage": _nearest_stage,
    "too_few_responses": _missing_responses,
    "as_it_happened": _one_mark,
    "dead_end": _an_ending,
    "duplicate_key": _another_key,
    "not_text": _plain_characters,
    "missing_front_matter": _a_block,
}
