"""The drawing says what the words say, and nothing lies on top of anything else."""

from itertools import combinations

import pytest

from scenarios.drawing import BOX_HEIGHT, BOX_WIDTH, Drawing, drawing_of, labels_of
from scenarios.samples import sample_texts
from scenarios.script import Script
from tests.scenarios.scripts import THE_GATE, spoilt


@pytest.fixture(params=sample_texts(), ids=lambda text: text.split("\n")[1])
def script(request) -> Script:
    """Each sample."""
    return Script.parse(request.param)


def drawn(script: Script) -> Drawing:
    """Return the drawing of a script that can be drawn."""
    drawing = drawing_of(script)
    assert drawing is not None
    return drawing


def test_every_scene_and_ending_has_one_box_with_its_label(script):
    boxes = drawn(script).boxes

    assert {box.key: box.label for box in boxes} == labels_of(script)
    assert len(boxes) == len(script.scenes) + len(script.endings)


def test_every_response_is_on_a_way_once(script):
    letters = sorted(letter for way in drawn(script).ways for letter in way.letters.split())

    assert letters == sorted(r.key.upper() for decision in script.decisions for r in decision.responses)


def test_no_box_lies_on_another_and_all_are_within_the_drawing(script):
    drawing = drawn(script)

    for one, other in combinations(drawing.boxes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    for box in drawing.boxes:
        assert BOX_WIDTH / 2 <= box.x <= drawing.width - BOX_WIDTH / 2
        assert BOX_HEIGHT / 2 <= box.y <= drawing.height - BOX_HEIGHT / 2


def test_what_leads_to_a_box_stands_before_it_and_endings_stand_last(script):
    boxes = {box.key: box for box in drawn(script).boxes}

    for scene in script.scenes:
        assert all(boxes[scene.key].x < boxes[target].x for target in scene.ways_on)
    assert {boxes[ending.key].x for ending in script.endings} == {max(box.x for box in boxes.values())}


def test_the_way_played_first_is_the_anti_model_and_lies_on_top(script):
    ways = drawn(script).ways

    first = [way.played_first for way in ways]
    assert first.count(True) == len(script.anti_model()) - 1
    assert first == sorted(first)


def test_the_same_script_gives_the_same_drawing(script):
    assert drawing_of(script) == drawing_of(Script.parse(script.text))


@pytest.mark.parametrize(
    ("old", "new"),
    [("start: shed", "start: nowhere"), ("-> word\n\n## Scene", "-> shed\n\n## Scene")],
    ids=["no start", "a loop"],
)
def test_what_cannot_be_drawn_has_no_drawing(old, new):
    assert drawing_of(Script.parse(spoilt(old, new))) is None


def test_a_long_title_is_cut_with_an_ellipsis():
    script = Script.parse(spoilt("One bar", "Onebarofsignalatthetopgate and more and more and more"))

    (rows,) = [box.rows for box in drawn(script).boxes if box.key == "gate"]

    assert rows == ("Onebarofsignal…", "and more and…")


def test_a_script_of_one_ending_is_one_box():
    drawing = drawn(Script.parse("---\nstart: a\n---\n## Ending a: A\nEnd.\n"))

    assert [box.key for box in drawing.boxes] == ["a"]
    assert drawing.ways == ()


def test_the_gate_is_drawn():
    assert len(drawn(Script.parse(THE_GATE)).ways) == 6
