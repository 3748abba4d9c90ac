"""The house itself: documents that are true, budgets that hold, settings that are known."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from live import messages
from live.rules import NotAllowed
from live.sockets import AudienceNamespace, DeskNamespace, ScreenNamespace
from scenario_app.kernel.config import Config
from scenario_app.kernel.errors import DomainError
from tests.real_servers import HERE

LONGEST_FILE = 400
PACKAGES = ("scenario_app", "scenarios", "live", "evidence")


def sources() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in (HERE / package).rglob("*.py")
        if "versions" not in path.parts
    ]


def test_no_file_grows_past_what_one_head_can_hold():
    too_long = {
        str(path.relative_to(HERE)): lines
        for path in [*sources(), *(HERE / "static" / "js").glob("*.js")]
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }

    assert too_long == {}


def test_there_is_no_dumping_ground():
    names = {path.stem for path in sources()} | {
        path.name for path in HERE.rglob("*/") if path.parent == HERE
    }

    assert names.isdisjoint({"utils", "helpers", "common", "misc", "shared"})


def test_every_setting_stands_in_the_guide_with_its_default():
    guide = (HERE / "docs" / "DEPLOY.md").read_text()

    for setting in fields(Config):
        assert f"`{setting.metadata['env']}`" in guide, setting.name


def test_every_message_stands_in_the_protocol_and_the_reverse():
    protocol = (HERE / "docs" / "PROTOCOL.md").read_text()
    said = set(re.findall(r"^### `([a-z_]+)`", protocol, re.MULTILINE))
    taken = {
        name
        for namespace in (AudienceNamespace, DeskNamespace, ScreenNamespace)
        for name in dir(namespace)
        if hasattr(getattr(namespace, name), "taker")
    }
    sent = {"seat", "cue", "tally", "presence", "stops", "news"}

    assert said == taken | sent


def test_every_field_of_the_cue_stands_in_the_protocol():
    protocol = (HERE / "docs" / "PROTOCOL.md").read_text()
    cues = [value for name, value in vars(messages).items() if name.endswith("Cue") or name == "Cue"]

    for cue in cues:
        for field in fields(cue):
            assert f'"{field.name}"' in protocol, f"{cue.__name__}.{field.name}"


def refusals(kind: type = DomainError) -> set[type]:
    return {kind} | {found for child in kind.__subclasses__() for found in refusals(child)}


def test_every_refusal_of_the_live_room_stands_in_the_protocol():
    import live.ballot_box
    import live.voting

    assert live.ballot_box
    assert live.voting
    protocol = (HERE / "docs" / "PROTOCOL.md").read_text()
    codes = {found.code for found in refusals() if found.__module__.startswith("live.")}

    assert {code for code in codes if f"`{code}`" not in protocol} == set()
    assert NotAllowed.code == "not_allowed"


@pytest.mark.parametrize(
    "name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"]
)
def test_the_documents_are_there(name):
    assert len((HERE / name).read_text()) > 400


def test_the_documents_speak_only_of_the_project():
    told = [*HERE.glob("*.md"), *(HERE / "docs").glob("*.md"), HERE / "Makefile", HERE / "pyproject.toml"]

    for path in told:
        words = path.read_text()
        assert not re.search(r"pypi\.org|npmjs\.org|debian\.org|/work/|/root/", words), path.name


def test_every_feature_of_the_floor_is_shown_by_a_test_that_is_there():
    listed = re.findall(r"`(tests/\S+\.py)` `(test_\w+)`", (HERE / "docs" / "FEATURES.md").read_text())

    assert len(listed) > 30
    for file, name in listed:
        assert f"def {name}(" in (HERE / file).read_text(), name


def test_links_between_documents_lead_somewhere():
    for path in [*HERE.glob("*.md"), *(HERE / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_architecture_names_every_module():
    told = (HERE / "ARCHITECTURE.md").read_text()

    for package in ("live", "scenarios", "evidence"):
        for path in (HERE / package).glob("*.py"):
            if path.stem != "__init__":
                assert re.search(rf"\b{path.stem}\b", told), f"{package}/{path.name}"


def test_the_locks_name_no_host():
    for path in (HERE / "requirements").glob("*.lock"):
        assert "://" not in path.read_text(), path.name
