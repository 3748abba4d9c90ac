"""What is printed for the day: scripts as actors need them, paper ballots. Plain values from a script."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.queries import PublishedVersion
from scenarios.script.parts import Decision, Ending, Scene
from scenarios.script.script import PartScene, Script


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line of a scene. `mine`: the actor whose script this is says it; `cue`: they speak right after it."""

    who: str
    text: str
    mine: bool
    cue: bool


@dataclass(frozen=True, slots=True)
class PrintedResponse:
    """One thing a character could do, with its letter and where it leads; `was`: so it happened."""

    letter: str
    label: str
    leads_to: str
    was: bool


@dataclass(frozen=True, slots=True)
class PrintedDecision:
    """The choice at the end of a scene."""

    question: str
    asks: str
    responses: Sequence[PrintedResponse]


@dataclass(frozen=True, slots=True)
class PrintedScene:
    """One scene or ending; `place` is its number, or an ending's letter."""

    place: str
    title: str
    ending: bool
    lines: Sequence[PrintedLine]
    decision: PrintedDecision | None
    leads_to: str


@dataclass(frozen=True, slots=True)
class PrintedScript:
    """A script on paper, whole or for one character (`part`: their name)."""

    title: str
    number: int
    question: str
    content_notes: str
    minutes: int | None
    part: str
    characters: Sequence[tuple[str, str]]
    scenes: Sequence[PrintedScene]


def printed_script(version: PublishedVersion, character: str = "") -> PrintedScript:
    """Return a version as it is printed, without what is written for the facilitator.

    With the key of a character: the scenes they are in, whole, with their lines and cues marked.

    :raises UnknownScene: the script has no such character
    """
    script = version.script
    places = _places(script)
    if character:
        parts = script.part_of(character)
        found = script.character(character)
    else:
        parts = tuple(PartScene(place, frozenset(), decides=False) for place in script.reading.places)
        found = None
    return PrintedScript(
        title=version.title,
        number=version.number,
        question=version.question,
        content_notes="" if version.content_notes.casefold() == "none" else version.content_notes,
        minutes=script.minutes,
        part=found.name if found else "",
        characters=[(one.name, one.who) for one in script.characters],
        scenes=[_scene(part, places, script) for part in parts],
    )


def printed_decisions(version: PublishedVersion) -> list[PrintedDecision]:
    """Return the decisions of a version, as its paper ballots say them."""
    script = version.script
    return [_decision(decision, _places(script), script) for decision in script.decisions]


def _places(script: Script) -> dict[str, str]:
    """Return how a reader finds each scene: its number, or an ending's letter, and its title."""
    places: dict[str, str] = {}
    scenes = endings = 0
    for place in script.reading.places:
        if isinstance(place, Ending):
            number, endings = chr(ord("a") + endings % 26), endings + 1
        else:
            scenes += 1
            number = str(scenes)
        places.setdefault(place.key, f"{number}, {place.title}")
    return places


def _scene(part: PartScene, places: dict[str, str], script: Script) -> PrintedScene:
    place = part.scene
    decision = place.decision if isinstance(place, Scene) else None
    arrow = place.arrow if isinstance(place, Scene) and decision is None else None
    return PrintedScene(
        place=places[place.key].split(",")[0],
        title=place.title,
        ending=isinstance(place, Ending),
        lines=[
            PrintedLine(
                who=line.who or "",
                text=line.text,
                mine=line.number in part.spoken,
                cue=line.number + 1 in part.spoken and line.number not in part.spoken,
            )
            for line in place.lines
        ],
        decision=_decision(decision, places, script) if decision else None,
        leads_to=places.get(arrow.target, "") if arrow else "",
    )


def _decision(decision: Decision, places: dict[str, str], script: Script) -> PrintedDecision:
    asked = script.character(decision.asks)
    return PrintedDecision(
        question=decision.question,
        asks=asked.name if asked else "",
        responses=[
            PrintedResponse(
                letter=response.key.upper(),
                label=response.label,
                leads_to=places.get(response.target or "", ""),
                was=response.as_it_happened,
            )
            for response in decision.responses
        ],
    )
