"""`scenario-app script check FILE`: what is wrong with a script, a line each, for people and for programs."""

import json
import sys
from pathlib import Path

import click

from scenarios.script.problems import Problem
from scenarios.script.script import read_script
from scenarios.script.twee_reader import from_twee, looks_like_twee


@click.group()
def script() -> None:
    """Look at scripts."""


@script.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a line each.")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    help="A stage of the pathway; give each. Without any, the script's stage is not looked at.",
)
def check(file: Path, as_json: bool, stages: tuple[str, ...]) -> None:
    """Say what is wrong with FILE, Markdown or Twee. Exits with 1 when something stops its publication, else with 0.

    Lines of a Twee file are those of the script that it makes.
    """
    try:
        data = file.read_bytes()
    except OSError as failure:
        raise click.ClickException(f"{file} cannot be read: {failure.strerror}.") from None
    written = read_script(data)
    if looks_like_twee(file.name):
        written = from_twee(written.text)
    found = written.problems(stages or None)
    errors = sum(problem.stops_publication for problem in found)
    if as_json:
        rows = [_row(problem) for problem in found]
        click.echo(json.dumps({"ok": not errors, "file": str(file), "problems": rows}, ensure_ascii=False))
    else:
        for problem in found:
            click.echo(f"{file}:{problem.line}: {problem.code}: {_marked(problem)}")
    if errors:
        sys.exit(1)


def _row(problem: Problem) -> dict[str, object]:
    return {
        "line": problem.line,
        "code": problem.code,
        "severity": problem.severity.value,
        "words": problem.words,
    }


def _marked(problem: Problem) -> str:
    return problem.words if problem.stops_publication else f"(to think about) {problem.words}"
