"""What the checker says: a code for programs, a line to go to, words that tell a person how to mend it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """An error stops publication; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, or to think about.

    `sentence` is untranslated and has `%(name)s` places; `details` fill them.
    """

    code: str
    line: int
    severity: Severity
    sentence: str
    details: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def words(self) -> str:
        """The sentence in English, filled in.

        >>> UNKNOWN_KEY.at(4, key="colour").words
        '“colour” is kept as it is, but nothing reads it.'
        """
        return self.sentence % self.details if self.details else self.sentence

    @property
    def stops_publication(self) -> bool:
        """Whether this must be mended first."""
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem. A code may have several kinds, each with its own words."""

    code: str
    severity: Severity
    sentence: str

    def at(self, line: int, **details: object) -> Problem:
        """Return a problem of this kind in a line."""
        shown = {name: _quoted(str(value)) for name, value in details.items()}
        return Problem(self.code, line, self.severity, self.sentence, shown)


class Findings:
    """Problems as they are found, the first 200 of each code: beyond that they say nothing new."""

    MOST_OF_A_CODE = 200

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._counts: Counter[str] = Counter()

    def add(self, kind: Kind, line: int, **details: object) -> None:
        """Note a problem of this kind in a line."""
        self._counts[kind.code] += 1
        if self._counts[kind.code] <= self.MOST_OF_A_CODE:
            self.problems.append(kind.at(line, **details))


def _quoted(typed: str) -> str:
    # A key as long as a page would drown the sentence around it.
    return typed if len(typed) <= 200 else typed[:199] + "…"


# Marks words for translation where they are written; the page that shows them translates.
N_ = str
ERROR, WARNING = Severity.ERROR, Severity.WARNING

# --- the block at the top -----------------------------------------------------------------------------------

MISSING_FRONT_MATTER = Kind(
    "missing_front_matter",
    ERROR,
    N_("Start with a line of three hyphens (---), lines such as “title: ...”, and three hyphens again."),
)
OPEN_FRONT_MATTER = Kind(
    "bad_front_matter", ERROR, N_("Close the block at the top with a line of three hyphens (---).")
)
BAD_FRONT_MATTER = Kind("bad_front_matter", ERROR, N_("Write this line as “key: value”."))
FIELD_TWICE = Kind("bad_front_matter", ERROR, N_("“%(key)s” is written twice. Keep one of the two lines."))
BAD_ID = Kind(
    "bad_front_matter",
    ERROR,
    N_("“id” is the scenario's address: small letters, digits and hyphens, at most 80 of them."),
)
BAD_MINUTES = Kind("bad_front_matter", ERROR, N_("“minutes” is a whole number, from 1 to 600."))
BAD_LANGUAGE = Kind("bad_front_matter", ERROR, N_("“language” is a code such as en, cy, pl or ar."))
UNKNOWN_KEY = Kind("unknown_key", WARNING, N_("“%(key)s” is kept as it is, but nothing reads it."))
MISSING_ID = Kind(
    "missing_field", WARNING, N_("Add “id: short-name”, its address. Without it the title is made into one.")
)
MISSING_CONTENT_NOTES = Kind(
    "missing_field",
    WARNING,
    N_("Add “content_notes: ...”: what people should know before they read or watch."),
)
MISSING_QUESTION = Kind(
    "missing_field", WARNING, N_("Add “question: ...”: the open question that the scenario asks.")
)
MISSING_MINUTES = Kind("missing_field", WARNING, N_("Add “minutes: ...”: how long it takes to play."))
MISSING_STAGE = Kind("missing_field", WARNING, N_("Add “stage: ...”: a stage of the pathway."))
NO_STAGE = Kind("unknown_stage", ERROR, N_("Add “stage: ...”, one of: %(stages)s."))
UNKNOWN_STAGE = Kind(
    "unknown_stage",
    ERROR,
    N_("“%(stage)s” is not a stage of this pathway. Its stages are: %(stages)s."),
)
MISSING_START = Kind(
    "missing_start",
    ERROR,
    N_("Add “start: scene-key” to the block at the top: the scene that is played first."),
)
UNKNOWN_START = Kind("unknown_start", ERROR, N_("The start, “%(key)s”, is not a scene."))
UNKNOWN_START_NEAR = Kind(
    "unknown_start", ERROR, N_("The start, “%(key)s”, is not a scene. Did you mean “%(nearest)s”?")
)

# --- headings and people ------------------------------------------------------------------------------------

MISSING_TITLE = Kind("missing_title", ERROR, N_("Give it a title: “# Title”, below the block at the top."))
TITLE_DIFFERS = Kind("title_differs", WARNING, N_("The title shown is “%(title)s”, not this one."))
UNKNOWN_HEADING = Kind(
    "unknown_heading",
    WARNING,
    N_("“%(heading)s” is not a heading that we know, so what stands under it is not played."),
)
HEADING_IN_SCENE = Kind(
    "unknown_heading",
    WARNING,
    N_("“%(heading)s” is read as words of the scene. A decision starts “### Decision d1: the question”."),
)
BAD_SCENE_HEADING = Kind("bad_heading", ERROR, N_("Write this heading as “## Scene scene-key: Title”."))
BAD_ENDING_HEADING = Kind("bad_heading", ERROR, N_("Write this heading as “## Ending ending-key: Title”."))
BAD_DECISION_HEADING = Kind(
    "bad_heading", ERROR, N_("Write this heading as “### Decision d1: the question”.")
)
BAD_CHARACTER = Kind("bad_character", ERROR, N_("Write each of the people as “- key: Name, who they are”."))
DUPLICATE_KEY = Kind(
    "duplicate_key", ERROR, N_("“%(key)s” is taken already, in line %(first)s. Choose another key.")
)

# --- scenes and where they lead -----------------------------------------------------------------------------

DEAD_END = Kind(
    "dead_end", ERROR, N_("Nothing follows the scene “%(scene)s”. End it with a decision or “-> scene-key”.")
)
MISSING_TARGET = Kind("missing_target", ERROR, N_("Say what happens next: “-> scene-key”."))
UNKNOWN_TARGET = Kind("unknown_target", ERROR, N_("“%(key)s” is not a scene or an ending."))
UNKNOWN_TARGET_NEAR = Kind(
    "unknown_target", ERROR, N_("“%(key)s” is not a scene or an ending. Did you mean “%(nearest)s”?")
)
UNREACHABLE = Kind(
    "unreachable", ERROR, N_("No path from the start comes to “%(key)s”. Lead an arrow here, or take it out.")
)
LOOP = Kind(
    "loop", ERROR, N_("The scene “%(scene)s” can lead back to itself, so a performance might never end.")
)
SECOND_WAY_ON = Kind(
    "misplaced", ERROR, N_("A scene has one way on: a decision or one arrow. Take this arrow out.")
)
WAY_ON_FROM_ENDING = Kind(
    "misplaced", ERROR, N_("The play stops at an ending. For a decision or an arrow, make it a scene.")
)
TEXT_AFTER_ARROW = Kind(
    "stray_text", WARNING, N_("Nobody will see this: the scene ends with its arrow. Put it before the arrow.")
)

# --- decisions ----------------------------------------------------------------------------------------------

TWO_DECISIONS = Kind(
    "two_decisions",
    ERROR,
    N_("The scene “%(scene)s” has a decision already. Start a new scene for this one."),
)
TEXT_IN_DECISION = Kind(
    "stray_text",
    WARNING,
    N_("Nobody will see this: it is no part of the decision. Put it before the decision."),
)
BAD_RESPONSE = Kind(
    "bad_response", ERROR, N_("Write this response as “- A) what they do -> scene-key”, with its own letter.")
)
EMPTY_RESPONSE = Kind(
    "bad_response", ERROR, N_("Say in a few words what they do, between the letter and the arrow.")
)
TOO_FEW_RESPONSES = Kind(
    "too_few_responses", ERROR, N_("Give this decision two responses at least; three or four are best.")
)
FEW_RESPONSES = Kind("too_few_responses", WARNING, N_("Two responses are few; three or four are best."))
MANY_RESPONSES = Kind(
    "too_many_responses", WARNING, N_("%(count)s responses are many; three or four are best.")
)
TOO_MANY_RESPONSES = Kind(
    "too_many_responses", ERROR, N_("%(count)s responses are too many: six at most, three or four are best.")
)
NOTHING_HAPPENED = Kind(
    "as_it_happened", ERROR, N_("Mark one response with “[as it happened]” at its end: it is played first.")
)
TWO_HAPPENED = Kind(
    "as_it_happened", ERROR, N_("Only one response of a decision is “[as it happened]”. Take one mark out.")
)
NOBODY_ASKED = Kind(
    "unknown_character",
    ERROR,
    N_("Say who decides: “asks: key”, below the heading, the key of one of the people."),
)
UNKNOWN_CHARACTER = Kind("unknown_character", ERROR, N_("“%(key)s” is not the key of one of the people."))
UNKNOWN_CHARACTER_NEAR = Kind(
    "unknown_character",
    ERROR,
    N_("“%(key)s” is not the key of one of the people. Did you mean “%(nearest)s”?"),
)
MISSING_HELPS = Kind("missing_helps", WARNING, N_("Say what this response helps: “  - helps: ...”."))
MISSING_COSTS = Kind("missing_costs", WARNING, N_("Say what this response costs: “  - costs: ...”."))

# --- the text as text ---------------------------------------------------------------------------------------

TOO_LONG = Kind(
    "too_long", ERROR, N_("The script has %(found)s characters; %(most)s is the most. It gets too long here.")
)
TOO_MANY_ROWS = Kind(
    "too_long", ERROR, N_("The script has %(found)s lines; %(most)s is the most. It gets too long here.")
)
TOO_MANY_BRACKETS = Kind(
    "too_many_brackets",
    ERROR,
    N_("This paragraph has more than %(most)s of the mark “%(mark)s”. Take some out, or split it."),
)
TOO_MANY_MARKS = Kind(
    "too_many_brackets",
    ERROR,
    N_("The script has more than %(most)s of the marks “%(marks)s”. From here on there are too many."),
)
NESTED_TOO_DEEP = Kind(
    "too_many_brackets",
    ERROR,
    N_("Lists and quotations are nested too deep here. Start the line with words."),
)
NOT_TEXT = Kind(
    "not_text", ERROR, N_("A character here cannot be shown. Type the line again instead of pasting it.")
)
NOT_UTF8 = Kind("not_text", ERROR, N_("This file is not text in UTF-8 from here on. Save it again as UTF-8."))

KINDS = tuple(value for value in list(globals().values()) if isinstance(value, Kind))
