"""What the checker says, in the reader's language."""

from collections.abc import Collection, Iterable

from flask_babel import gettext, ngettext

from scenarios.pages import ProblemShown
from scenarios.script.problems import Problem


def problems_shown(problems: Iterable[Problem]) -> list[ProblemShown]:
    """Return problems as a page lists them: first what stops publication, each part in the order of its lines."""
    return [
        _problem_shown(problem)
        for problem in sorted(problems, key=lambda problem: not problem.stops_publication)
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


def _problem_shown(problem: Problem) -> ProblemShown:
    return ProblemShown(
        code=problem.code,
        line=problem.line,
        severity=problem.severity.value,
        words=gettext(problem.sentence, **problem.details),
        key=problem.details.get("key"),
        nearest=problem.details.get("nearest"),
    )
