"""`scenario-app script check FILE`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scenario_app.cli_script import script
from scenarios import samples
from scenarios.script.script import Script
from scenarios.script.twee_writer import to_twee
from tests.scenarios.scripts import THE_GATE, line_of, spoilt


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Write a file and check it."""
    monkeypatch.chdir(tmp_path)

    def check(data: bytes, *options: str) -> Result:
        (tmp_path / "script.md").write_bytes(data)
        return CliRunner().invoke(script, ["check", "script.md", *options])

    return check


def test_a_sound_script_ends_with_0_and_says_nothing(check):
    done = check(THE_GATE.encode())

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_each_problem_has_its_line_and_an_error_ends_with_1(check):
    wrong = spoilt("-> gate [as", "-> gaet [as", spoilt("  - helps: sleep\n", ""))

    done = check(wrong.encode())

    line = line_of("- A) Walks", wrong)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == (
        f"script.md:{line}: unknown_target: “gaet” is not a scene or an ending. Did you mean “gate”?"
    )
    assert len(done.stdout.splitlines()) == 3


def test_a_warning_alone_ends_with_0(check):
    done = check(spoilt("  - helps: sleep\n", "").encode())

    assert done.exit_code == 0
    assert ": missing_helps: (to think about) " in done.stdout


def test_programs_get_one_json_object(check):
    done = check(spoilt("-> gate [as", "-> gaet [as").encode(), "--json")

    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["ok"]) == (1, False)
    assert [(problem["code"], problem["severity"]) for problem in answer["problems"]] == [
        ("unknown_target", "error"),
        ("unreachable", "error"),
    ]


def test_stages_can_be_looked_at(check):
    assert check(THE_GATE.encode(), "--stage", "leaving").exit_code == 1
    assert check(THE_GATE.encode(), "--stage", "leaving", "--stage", "call-for-help").exit_code == 0


def test_what_is_not_text_is_a_problem_and_not_a_traceback(check):
    done = check(b"\xff\xfe\x00")

    assert done.exit_code == 1
    assert "script.md:1: not_text: " in done.stdout
    assert done.stderr == ""


def test_at_a_real_command_line_it_ends_with_0_or_1_and_an_unreadable_file_is_one_sentence(tmp_path):
    (tmp_path / "wrong.md").write_text("Once upon a time")
    sound = next(Path(samples.__file__).parent.glob("*.md"))
    command = [str(Path(sys.executable).parent / "scenario-app"), "script", "check"]

    def run(file: str) -> tuple[int, str]:
        done = subprocess.run([*command, file], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr.strip()

    assert run(str(sound)) == (0, "")
    assert run("wrong.md") == (1, "")
    assert run("nowhere.md") == (1, "Error: nowhere.md cannot be read: No such file or directory.")


def test_all_samples_are_sound():
    files = sorted(str(file) for file in Path(samples.__file__).parent.glob("*.md"))

    done = [CliRunner().invoke(script, ["check", file]) for file in files]

    assert [(one.exit_code, one.stdout) for one in done] == [(0, "")] * 6


def test_a_twee_file_is_read_as_twee(tmp_path):
    script_of_it = Script.parse(spoilt("-> gate [as", "-> gaet [as"))
    (tmp_path / "gate.twee").write_text(to_twee(script_of_it, "X"))

    done = CliRunner().invoke(script, ["check", str(tmp_path / "gate.twee")])

    assert done.exit_code == 1
    assert "unknown_target: “gaet” is not a scene" in done.stdout
