"""The script: a scenario as text, what is wrong with it, and where it leads. Pure: values in, values out."""

from scenarios.script.parts import (
    Arrow,
    Character,
    Decision,
    Ending,
    FrontMatter,
    Line,
    LineKind,
    Response,
    Scene,
)
from scenarios.script.problems import Problem, Severity
from scenarios.script.script import (
    DecisionToMake,
    PartScene,
    Script,
    Step,
    UnknownResponse,
    UnknownScene,
    read_script,
)
from scenarios.script.text_checker import MOST_CHARACTERS

__all__ = [
    "MOST_CHARACTERS",
    "Arrow",
    "Character",
    "Decision",
    "DecisionToMake",
    "Ending",
    "FrontMatter",
    "Line",
    "LineKind",
    "PartScene",
    "Problem",
    "Response",
    "Scene",
    "Script",
    "Severity",
    "Step",
    "UnknownResponse",
    "UnknownScene",
    "read_script",
]
