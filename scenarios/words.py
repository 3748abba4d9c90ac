"""What the checker says, in the reader's language."""

from collections.abc import Collection, Iterable, Sequence

from flask_babel import gettext, ngettext

from scenarios.pages import ProblemShown
from scenarios.script.mending import MOST_MENDED, Mend, mends_for
from scenarios.script.problems import Problem
from scenarios.script.script import Script


def problems_shown(
    problems: Iterable[Problem], script: Script, stages: Collection[str] | None
) -> list[ProblemShown]:
    """Return problems as a page lists them: first what stops publication, each part in the order of its lines.

    The first 60 of them come with the answer that mends them, where there is one.
    """
    in_order = sorted(problems, key=lambda problem: not problem.stops_publication)
    return [
        _problem_shown(problem, mends_for(script, problem, stages) if place < MOST_MENDED else [])
        for place, problem in enumerate(in_order)
    ]


def summary_of(problems: Collection[Problem]) -> str:
    """Return how much there is to mend."""
    if not problems:
        return str(gettext("Nothing to fix"))
    errors = sum(problem.stops_publication for problem in problems)
    warnings = len(problems) - errors
    to_fix: str = ngettext("%(num)s thing to fix", "%(num)s things to fix", errors)
    to_think: str = ngettext("%(num)s to think about", "%(num)s to think about", warnings)
    return f"{to_fix}, {to_think}" if errors and warnings else to_fix if errors else to_think


def _problem_shown(problem: Problem, mends: Sequence[Mend]) -> ProblemShown:
    return ProblemShown(
        code=problem.code,
        line=problem.line,
        severity=problem.severity.value,
        words=gettext(problem.sentence, **problem.details),
        key=problem.details.get("key"),
        nearest=problem.details.get("nearest"),
        mend=_mend_words(mends[0]) if mends else "",
    )


def _mend_words(mend: Mend) -> str:
    key = mend.details.get("key", "")
    match mend.code:
        case "use":
            return str(gettext("Use “%(key)s”", key=key))
        case "lead_to":
            return str(gettext("Go on to “%(key)s”", key=key))
        case "add_responses":
            return str(gettext("Add the missing responses"))
        case "mark_first":
            return str(gettext("Mark the first response"))
        case "take_mark":
            return str(gettext("Take this mark out"))
        case "other_key":
            return str(gettext("Give it a key of its own"))
        case "take_out":
            return str(gettext("Take the character out"))
    return str(gettext("Put the block there"))
