"""What the two pages of the form view show."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.drawing import Drawing
from scenarios.pages import ProblemShown
from scenarios.queries import DraftView, PathwayView
from scenarios.script.editing import words_of
from scenarios.script.parts import Character, Ending, Scene
from scenarios.script.script import Script


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A scene or ending in the list; what is wrong with the map there is said beside it."""

    number: int
    key: str
    title: str
    is_ending: bool
    is_dead_end: bool
    is_unreachable: bool
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class FormAboutPage:
    """The whole script as a form: what it says about itself, the people, the list of scenes."""

    draft: DraftView
    script: Script
    pathway: PathwayView | None
    places: Sequence[PlaceRow]
    problems: Sequence[ProblemShown]
    summary: str
    may_publish: bool
    drawing: Drawing | None

    def said(self, key: str) -> str:
        """What the block at the top says."""
        return self.script.title if key == "title" else self.script.front.said(key)

    def place_of(self, line: int) -> PlaceRow | None:
        """The scene or ending in whose lines a problem stands; None above the first."""
        starts = [place.line for place in self.script.reading.places]
        number = sum(start <= line for start in starts)  # they come in the order of the text
        return self.places[number - 1] if number else None


@dataclass(frozen=True, slots=True)
class FormPlacePage:
    """One scene or ending as a form."""

    draft: DraftView
    number: int
    place: Scene | Ending
    words: str
    is_ending: bool
    places: Sequence[PlaceRow]
    people: Sequence[Character]
    problems: Sequence[ProblemShown]


def place_rows(script: Script) -> list[PlaceRow]:
    """Return the scenes and endings in the order of the text."""
    problems = {(one.code, one.line) for one in script.problems()}
    places = script.reading.places
    return [
        PlaceRow(
            number=number,
            key=place.key,
            title=place.title,
            is_ending=isinstance(place, Ending),
            is_dead_end=("dead_end", place.line) in problems,
            is_unreachable=("unreachable", place.line) in problems,
            is_first=number == 1,
            is_last=number == len(places),
        )
        for number, place in enumerate(places, start=1)
    ]


def form_place_page(
    draft: DraftView, script: Script, number: int, place: Scene | Ending, problems: Sequence[ProblemShown]
) -> FormPlacePage:
    """Return the page of one scene, with the problems that stand in its lines."""
    after = [other.line for other in script.reading.places if other.line > place.line]
    end = min(after, default=10**9)
    return FormPlacePage(
        draft=draft,
        number=number,
        place=place,
        words=words_of(script.text, place.line),
        is_ending=isinstance(place, Ending),
        places=place_rows(script),
        people=script.characters,
        problems=[one for one in problems if place.line <= one.line < end],
    )
