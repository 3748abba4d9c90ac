"""Walk through a script alone: where a path of responses has come to. Pure; nothing of a walk is kept anywhere."""

from dataclasses import dataclass

from scenarios.script.parts import Ending, Response, Scene
from scenarios.script.script import Script, UnknownResponse, UnknownScene

GO_ON = "-"
LONGEST_PATH = 2_000  # characters of an address


@dataclass(frozen=True, slots=True)
class Taken:
    """A scene on the way here; what was chosen there, and what happened there the first time."""

    place: Scene | Ending
    chosen: Response | None
    happened: Response | None


@dataclass(frozen=True, slots=True)
class Walk:
    """The way to a scene or ending, and the steps that led to it, as an address holds them."""

    taken: tuple[Taken, ...]
    place: Scene | Ending
    steps: tuple[str, ...]

    @property
    def back(self) -> str | None:
        """The path without its last step; None at the start."""
        return ".".join(self.steps[:-1]) if self.steps else None

    def on(self, step: str) -> str:
        """Return the path with one more step."""
        return ".".join([*self.steps, step])


def walk(script: Script, path: str) -> Walk:
    """Return where a path leads: letters of responses and `-` for going on, joined by dots.

    >>> script = Script.parse("---\\nstart: a\\n---\\n## Scene a: A\\n-> b\\n## Ending b: B")
    >>> walk(script, "").place.key, walk(script, "-").place.key
    ('a', 'b')

    :raises UnknownScene: the script has no start
    :raises UnknownResponse: a step that cannot be taken there
    """
    if script.start is None or len(path) > LONGEST_PATH:
        raise UnknownScene(path=path[:80])
    key, taken = script.start, []
    steps = tuple(path.split(".")) if path else ()
    for step in steps:
        place = script.at(key)
        decision = place.decision if isinstance(place, Scene) else None
        onward = script.next_scene(key, step if decision else None) if decision or step == GO_ON else None
        if onward is None:
            raise UnknownResponse(scene=key, response=step[:20])
        responses = decision.responses if decision else ()
        happened = next((one for one in responses if one.as_it_happened), None)
        taken.append(Taken(place, decision.response(step) if decision else None, happened))
        key = onward
    return Walk(tuple(taken), script.at(key), steps)
