"""All that is wrong with a script, in one pass. The reader noted what did not fit; this adds the rest."""

from collections.abc import Collection, Iterable

from scenarios.script.graph import Ways, in_loops, reached
from scenarios.script.parts import Decision, Scene
from scenarios.script.problems import (
    DEAD_END,
    DUPLICATE_KEY,
    FEW_RESPONSES,
    LOOP,
    MANY_RESPONSES,
    MISSING_CONTENT_NOTES,
    MISSING_COSTS,
    MISSING_HELPS,
    MISSING_ID,
    MISSING_MINUTES,
    MISSING_QUESTION,
    MISSING_STAGE,
    MISSING_START,
    MISSING_TARGET,
    MISSING_TITLE,
    NO_STAGE,
    NOBODY_ASKED,
    NOTHING_HAPPENED,
    TITLE_DIFFERS,
    TOO_FEW_RESPONSES,
    TOO_MANY_RESPONSES,
    TWO_HAPPENED,
    UNKNOWN_CHARACTER,
    UNKNOWN_CHARACTER_NEAR,
    UNKNOWN_STAGE,
    UNKNOWN_START,
    UNKNOWN_START_NEAR,
    UNKNOWN_TARGET,
    UNKNOWN_TARGET_NEAR,
    UNREACHABLE,
    Findings,
    Kind,
)
from scenarios.script.reader import Reading
from scenarios.script.spelling import Spelling

FEWEST_RESPONSES, FEWEST_ADVISED, MOST_ADVISED, MOST_RESPONSES = 2, 3, 4, 6


def check_script(reading: Reading, stages: Collection[str] | None, findings: Findings) -> None:
    """Note what is wrong with what was read. Without `stages` the pathway is not looked at."""
    _check_about(reading, findings)
    _check_stages(reading, stages, findings)
    _check_keys(reading, findings)
    people = Spelling(character.key for character in reading.characters)
    places = Spelling(place.key for place in reading.places)
    for scene in reading.scenes:
        for decision in scene.decisions:
            _check_decision(decision, people, findings)
        _check_ways_on(scene, places, findings)
    _check_graph(reading, places, findings)


_WISHED_FOR = {
    "id": MISSING_ID,
    "content_notes": MISSING_CONTENT_NOTES,
    "question": MISSING_QUESTION,
    "minutes": MISSING_MINUTES,
}


def _check_about(reading: Reading, findings: Findings) -> None:
    front = reading.front
    titles = [front.said("title"), *(row.words for row in reading.titles)]
    shown = next((title for title in titles if title), "")
    if not shown:
        findings.add(MISSING_TITLE, front.line)
    for row in reading.titles:
        if row.words != shown:
            findings.add(TITLE_DIFFERS, row.line, title=shown)
    if not reading.has_front:
        return
    for key, kind in _WISHED_FOR.items():
        if not front.said(key):
            findings.add(kind, front.line_of(key))


def _check_stages(reading: Reading, stages: Collection[str] | None, findings: Findings) -> None:
    front = reading.front
    if stages is None:
        if reading.has_front and not front.said("stage"):
            findings.add(MISSING_STAGE, front.line_of("stage"))
        return
    if not front.said("stage"):
        findings.add(NO_STAGE, front.line_of("stage"), stages=", ".join(stages))
    also = [("also_touches", stage) for stage in front.listed("also_touches")]
    for key, stage in [("stage", front.said("stage")), *also]:
        if stage and stage not in stages:
            findings.add(UNKNOWN_STAGE, front.line_of(key), stage=stage, stages=", ".join(stages))


def _check_keys(reading: Reading, findings: Findings) -> None:
    decisions = [decision for scene in reading.scenes for decision in scene.decisions]
    _find_taken(((place.line, place.key) for place in reading.places), findings)
    _find_taken(((decision.line, decision.key) for decision in decisions), findings)
    _find_taken(((character.line, character.key) for character in reading.characters), findings)
    for decision in decisions:
        _find_taken(((response.line, response.key) for response in decision.responses), findings)


def _find_taken(keys: Iterable[tuple[int, str]], findings: Findings) -> None:
    first_lines: dict[str, int] = {}
    for line, key in sorted(keys):
        first = first_lines.setdefault(key, line)
        if key and first != line:
            findings.add(DUPLICATE_KEY, line, key=key, first=first)


def _check_decision(decision: Decision, people: Spelling, findings: Findings) -> None:
    _check_count(decision, findings)
    marked = [response for response in decision.responses if response.as_it_happened]
    if not marked:
        findings.add(NOTHING_HAPPENED, decision.line)
    for response in marked[1:]:
        findings.add(TWO_HAPPENED, response.line)
    if not decision.asks:
        findings.add(NOBODY_ASKED, decision.line)
    elif decision.asks not in people:
        _add_unknown(
            findings, decision.line, decision.asks, people, UNKNOWN_CHARACTER, UNKNOWN_CHARACTER_NEAR
        )
    for response in decision.responses:
        if not response.helps:
            findings.add(MISSING_HELPS, response.line)
        if not response.costs:
            findings.add(MISSING_COSTS, response.line)


def _check_count(decision: Decision, findings: Findings) -> None:
    count = len(decision.responses)
    if count < FEWEST_RESPONSES:
        findings.add(TOO_FEW_RESPONSES, decision.line)
    elif count < FEWEST_ADVISED:
        findings.add(FEW_RESPONSES, decision.line)
    elif count > MOST_RESPONSES:
        findings.add(TOO_MANY_RESPONSES, decision.line, count=count)
    elif count > MOST_ADVISED:
        findings.add(MANY_RESPONSES, decision.line, count=count)


def _check_ways_on(scene: Scene, places: Spelling, findings: Findings) -> None:
    if not scene.decisions and scene.arrow is None:
        findings.add(DEAD_END, scene.line, scene=scene.key)
    responses = [response for decision in scene.decisions for response in decision.responses]
    targets: list[tuple[int, str | None]] = [(response.line, response.target) for response in responses]
    if scene.arrow is not None:
        targets.append((scene.arrow.line, scene.arrow.target))
    for line, target in targets:
        if not target:
            findings.add(MISSING_TARGET, line)
        elif target not in places:
            _add_unknown(findings, line, target, places, UNKNOWN_TARGET, UNKNOWN_TARGET_NEAR)


def _check_graph(reading: Reading, places: Spelling, findings: Findings) -> None:
    front = reading.front
    start = front.said("start")
    if not start:
        findings.add(MISSING_START, front.line_of("start"))
    elif start not in places:
        _add_unknown(findings, front.line_of("start"), start, places, UNKNOWN_START, UNKNOWN_START_NEAR)
    ways = ways_of(reading.scenes)
    looping = in_loops(ways)
    for scene in reading.scenes:
        if scene.key in looping:
            findings.add(LOOP, scene.line, scene=scene.key)
    if start not in places:
        return  # from nowhere, everything is out of reach: saying so of each scene helps nobody
    found = reached(ways, start)
    for place in reading.places:
        if place.key not in found:
            findings.add(UNREACHABLE, place.line, key=place.key)


def ways_of(scenes: Iterable[Scene]) -> Ways:
    """Return where each scene leads; of two scenes with one key, the first."""
    ways: dict[str, tuple[str, ...]] = {}
    for scene in scenes:
        ways.setdefault(scene.key, scene.ways_on)
    return ways


def _add_unknown(
    findings: Findings, line: int, key: str, known: Spelling, kind: Kind, kind_with_nearest: Kind
) -> None:
    nearest = known.nearest(key)
    if nearest is None:
        findings.add(kind, line, key=key)
    else:
        findings.add(kind_with_nearest, line, key=key, nearest=nearest)
