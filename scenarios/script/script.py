"""A script: a text, and every question that can be asked of it. Every answer comes from the text."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scenario_app.kernel.errors import Forbidden, Invalid, NotFound
from scenarios.script.checker import check_script, ways_of
from scenarios.script.front_matter import minutes_of
from scenarios.script.graph import count_paths
from scenarios.script.outline import rows_of, without_lines
from scenarios.script.parts import Character, Decision, Ending, FrontMatter, Line, Scene
from scenarios.script.problems import Findings, Problem
from scenarios.script.reader import Reading, read
from scenarios.script.text_checker import check_text


class UnknownScene(NotFound):
    """The script has no scene, ending or decision of this key."""

    code = "unknown_scene"


class UnknownResponse(Invalid):
    """The decision has no response of this key, or it leads nowhere."""

    code = "unknown_response"


class DecisionToMake(Forbidden):
    """The scene ends in a decision: without a response nobody can say what comes next."""

    code = "not_allowed"


@dataclass(frozen=True, slots=True)
class Step:
    """One scene of a path and the response that led on from it; no response at an arrow or an ending."""

    scene: str
    decision: str | None = None
    response: str | None = None


@dataclass(frozen=True, slots=True)
class PartScene:
    """One scene of an actor's script: which of its lines are theirs, and whether they decide at its end."""

    scene: Scene | Ending
    spoken: frozenset[int]
    decides: bool


def read_script(data: bytes) -> "Script":
    r"""Return the script of a file. What is not UTF-8 is a problem of the script, not an exception.

    `to_text().encode("utf-8", "surrogateescape")` gives the same bytes back.

    >>> script = read_script(b"---\nstart: a\n---\n# Caf\xe9")
    >>> [(problem.line, problem.code) for problem in script.problems() if problem.line > 3]
    [(4, 'not_text')]
    """
    return Script.parse(data.decode("utf-8", "surrogateescape"))


@dataclass(frozen=True)
class Script:
    """A scenario parsed: a graph of scenes.

    Any text is a script; whether it can be played is for `problems` to say. Of two parts with one key, every
    question but `problems` sees the first.

    >>> script = Script.parse('''---
    ... title: The gate
    ... start: gate
    ... ---
    ... ## Characters
    ... - gwen: Gwen, 61, farms
    ... ## Scene gate: One bar
    ... **Gwen:** I had to come up for the signal.
    ... ### Decision d1: Whom does she ring?
    ... asks: gwen
    ... - A) Nobody -> home [as it happened]
    ... - B) The vet -> shed
    ... ## Scene shed: Straw
    ... *A lamp, a ewe.*
    ... -> home
    ... ## Ending home: The kitchen
    ... ''')
    >>> script.anti_model()
    ('gate', 'home')
    >>> script.next_scene("gate", "b"), script.next_scene("shed"), script.next_scene("home")
    ('shed', 'home', None)
    >>> script.lines("gate")[0].text
    'I had to come up for the signal.'
    >>> [(problem.line, problem.code) for problem in script.problems() if problem.line > 8]
    ... # doctest: +NORMALIZE_WHITESPACE
    [(9, 'too_few_responses'), (11, 'missing_helps'), (11, 'missing_costs'),
     (12, 'missing_helps'), (12, 'missing_costs')]
    """

    text: str
    reading: Reading = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> "Script":
        """Return the script of a text. Never raises: what is wrong with the text is in `problems`."""
        return cls(text, read(text))

    def to_text(self) -> str:
        """Return the text as it came, byte for byte."""
        return self.text

    def text_for_everyone(self) -> str:
        """Return the text without what is written for the facilitator."""
        parts = self.reading.facilitator_parts
        return without_lines(self.text, [(part.line, part.last_line) for part in parts])

    def problems(self, stages: Collection[str] | None = None) -> tuple[Problem, ...]:
        """Return everything wrong with the script, in the order of its lines.

        `stages` are the keys of the pathway's stages; without them the stage is not looked at.
        """
        findings = Findings()
        check_text(self.text, findings)
        check_script(self.reading, stages, findings)
        return tuple(sorted((*self.reading.problems, *findings.problems), key=lambda problem: problem.line))

    # --- what it says about itself --------------------------------------------------------------------------

    @property
    def front(self) -> FrontMatter:
        """The block at the top, with keys that nothing reads too."""
        return self.reading.front

    @property
    def title(self) -> str:
        """The title in the front matter, or the first heading."""
        return self.front.said("title") or next((row.words for row in self.reading.titles if row.words), "")

    @property
    def minutes(self) -> int | None:
        """How long it takes to play; None when it does not say."""
        return minutes_of(self.front)

    @property
    def language(self) -> str:
        """The language it is written in, BCP 47."""
        return self.front.said("language") or "en"

    @property
    def start(self) -> str | None:
        """The key of the scene that is played first; None when there is no such scene."""
        start = self.front.said("start")
        return start if start in self._places else None

    @property
    def facilitator_notes(self) -> str:
        """What is written for the facilitator, as Markdown. Never for audience or screen."""
        rows = rows_of(self.text)
        notes = ("\n".join(rows[part.line : part.last_line]) for part in self.reading.facilitator_parts)
        return "\n\n".join(notes).strip("\n")

    # --- what it is made of ---------------------------------------------------------------------------------

    @property
    def characters(self) -> tuple[Character, ...]:
        """The people in it."""
        return self.reading.characters

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes, in the order of the text."""
        return self.reading.scenes

    @property
    def endings(self) -> tuple[Ending, ...]:
        """The endings, in the order of the text."""
        return self.reading.endings

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions, one for each scene that ends in a choice."""
        return tuple(scene.decision for scene in self.scenes if scene.decision is not None)

    @property
    def places(self) -> tuple[Scene | Ending, ...]:
        """Return every scene, then every ending."""
        return (*self.scenes, *self.endings)

    def at(self, key: str) -> Scene | Ending:
        """Return the scene or the ending of this key.

        :raises UnknownScene: there is neither
        """
        if key not in self._places:
            raise UnknownScene(scene=key)
        return self._places[key]

    def scene_of(self, decision: str) -> Scene:
        """Return the scene that ends in this decision.

        :raises UnknownScene: there is no such decision
        """
        for scene in self.scenes:
            if scene.decision is not None and scene.decision.key == decision:
                return scene
        raise UnknownScene(decision=decision)

    def character(self, key: str) -> Character | None:
        """Return the character of this key."""
        return next((character for character in self.characters if character.key == key), None)

    def lines(self, scene: str) -> tuple[Line, ...]:
        """Return the lines of a scene or ending, numbered from 1: a stop is pinned to one of them.

        :raises UnknownScene: there is neither
        """
        return self.at(scene).lines

    def part_of(self, character: str) -> tuple[PartScene, ...]:
        """Return the actor's script of a character: every scene they are in, whole.

        :raises UnknownScene: the script has no such character
        """
        found = self.character(character)
        if found is None:
            raise UnknownScene(character=character)
        parts = []
        for scene in self.reading.places:
            spoken = frozenset(line.number for line in scene.lines if _speaks(line, found))
            decides = isinstance(scene, Scene) and any(asked.asks == character for asked in scene.decisions)
            if spoken or decides or any(found.name in line.text for line in scene.lines):
                parts.append(PartScene(scene, spoken, decides))
        return tuple(parts)

    # --- where it leads -------------------------------------------------------------------------------------

    def next_scene(self, scene: str, response: str | None = None) -> str | None:
        """Return the key of what is played after this scene; None after an ending.

        :raises UnknownScene: there is no such scene
        :raises DecisionToMake: the scene ends in a decision and no response is given
        :raises UnknownResponse: the decision has no such response, or nothing is where it leads
        """
        here = self.at(scene)
        if isinstance(here, Ending):
            return None
        target = here.arrow.target if here.arrow else None
        if here.decision is not None:
            if response is None:
                raise DecisionToMake(scene=scene, decision=here.decision.key)
            chosen = here.decision.response(response)
            target = chosen.target if chosen else None
        elif response is not None:
            raise UnknownResponse(scene=scene, response=response)
        if target not in self._places:
            raise UnknownResponse(scene=scene, response=response)
        return target

    def anti_model(self) -> tuple[str, ...]:
        """Return the keys from the start along every response marked as it happened, to the ending.

        Stops early where a script with problems leads nowhere, or back.
        """
        keys: list[str] = []
        key = self.start
        while key is not None and key in self._places and key not in keys:
            keys.append(key)
            key = _as_it_happened(self._places[key])
        return tuple(keys)

    def paths(self) -> Iterator[tuple[Step, ...]]:
        """Yield every path from the start to where nothing leads on, in the order of the responses.

        A path is not followed back to a scene it has been through. They come one at a time: a script can have
        more paths than anybody can walk, so ask `path_count` first.
        """
        if self.start is None:
            return
        taken: list[Step] = []
        walk = [iter(self._steps_from(self.start))]
        while walk:
            del taken[len(walk) - 1 :]
            onward = next(walk[-1], None)
            if onward is None:
                walk.pop()
                continue
            step, target = onward
            taken.append(step)
            if target is None:
                yield tuple(taken)
            elif all(target != before.scene for before in taken):
                walk.append(iter(self._steps_from(target)))

    def path_count(self) -> int | None:
        """Return how many paths there are, without walking them; None when a loop makes them endless."""
        if self.start is None:
            return 0
        ways = ways_of(self.scenes)
        there = {key: [way for way in ways[key] if way in self._places] for key in ways}
        return count_paths(there, self.start)

    # --- within ---------------------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> Mapping[str, Scene | Ending]:
        places: dict[str, Scene | Ending] = {}
        for place in self.reading.places:
            places.setdefault(place.key, place)
        return places

    def _steps_from(self, key: str) -> list[tuple[Step, str | None]]:
        """Return each step out of a scene and where it leads; one step to nowhere when there is none."""
        here = self._places[key]
        found: list[tuple[Step, str | None]] = []
        if isinstance(here, Scene) and here.decision is not None:
            for response in here.decision.responses:
                found.append((Step(key, here.decision.key, response.key), response.target))
        elif isinstance(here, Scene) and here.arrow is not None:
            found = [(Step(key), here.arrow.target)]
        return [onward for onward in found if onward[1] in self._places] or [(Step(key), None)]


def _speaks(line: Line, character: Character) -> bool:
    return line.who is not None and line.who.casefold() == character.name.casefold()


def _as_it_happened(place: Scene | Ending) -> str | None:
    """Return where the play goes when nobody stops it."""
    if isinstance(place, Ending):
        return None
    if place.decision is not None:
        marked = (response for response in place.decision.responses if response.as_it_happened)
        response = next(marked, None)
        return response.target if response else None
    return place.arrow.target if place.arrow else None
