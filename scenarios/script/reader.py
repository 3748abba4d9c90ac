"""Read a text as a script. Nothing is refused: what does not fit is noted, and the reading goes on."""

import re
from dataclasses import dataclass, replace

from scenarios.script.front_matter import read_front_matter
from scenarios.script.outline import Part, PartKind, Row, outline
from scenarios.script.parts import Character, Ending, FrontMatter, Scene
from scenarios.script.problems import BAD_CHARACTER, UNKNOWN_HEADING, Findings, Problem
from scenarios.script.scene_reader import read_ending, read_scene

_CHARACTER = re.compile(r"[ \t]*[-*+][ \t]+(\w[\w-]*)[ \t]*:(.*)")


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was found in a text, in its order, and what did not fit."""

    front: FrontMatter
    has_front: bool
    titles: tuple[Row, ...]
    characters: tuple[Character, ...]
    scenes: tuple[Scene, ...]
    endings: tuple[Ending, ...]
    facilitator_parts: tuple[Part, ...]
    problems: tuple[Problem, ...]

    @property
    def places(self) -> list[Scene | Ending]:
        """Scenes and endings together, in the order of the text."""
        both: list[Scene | Ending] = [*self.scenes, *self.endings]
        return sorted(both, key=lambda place: place.line)


def read(text: str) -> Reading:
    """Return everything found in the text. Time grows with its length and with nothing else."""
    cut = outline(text)
    findings = Findings()
    front = read_front_matter(cut, findings)
    characters: list[Character] = []
    scenes: list[Scene] = []
    endings: list[Ending] = []
    for part in cut.parts:
        match part.kind:
            case PartKind.CHARACTERS:
                characters.extend(_characters(part, findings))
            case PartKind.SCENE:
                scenes.append(read_scene(part, findings))
            case PartKind.ENDING:
                endings.append(read_ending(part, findings))
            case PartKind.UNKNOWN:
                findings.add(UNKNOWN_HEADING, part.line, heading=part.words)
    return Reading(
        front=front,
        has_front=cut.front is not None,
        titles=tuple(cut.titles),
        characters=tuple(characters),
        scenes=tuple(scenes),
        endings=tuple(endings),
        facilitator_parts=tuple(part for part in cut.parts if part.kind is PartKind.FACILITATOR),
        problems=tuple(findings.problems),
    )


def _characters(part: Part, findings: Findings) -> list[Character]:
    found: list[Character] = []
    for line, words in part.numbered():
        if character := _CHARACTER.match(words):
            name, _, who = character[2].partition(",")
            found.append(Character(character[1], name.strip() or character[1], who.strip(), line))
        elif found and words[:1].isspace() and words.strip():
            latest = found[-1]
            found[-1] = replace(latest, who=f"{latest.who} {words.strip()}".strip())
        elif words.strip():
            findings.add(BAD_CHARACTER, line)
    return found
