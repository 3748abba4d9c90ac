"""One thing of a script is changed, the script says so, and every byte that was not meant stays as it was."""

import random
import re

import pytest

from scenarios.samples import sample_texts
from scenarios.script import Scene, Script, editing
from scenarios.script import decision_editing as decisions
from scenarios.script.extents import places_of
from tests.scenarios.generated_scripts import generated_scripts
from tests.scenarios.scripts import THE_GATE, line_of, spoilt

ENDS = ("\n", "\r\n")


def rows(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$", text)


def changed(old: str, new: str) -> tuple[int, int, int]:
    """Return the first and last old line that is not as it was, and how many rows stand there now."""
    before, after = rows(old), rows(new)
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    end = 0
    while end < min(len(before), len(after)) - same and before[-1 - end] == after[-1 - end]:
        end += 1
    return same + 1, len(before) - end, len(after) - end - same


def texts() -> list[str]:
    """Return scripts of every kind, some with line ends of two kinds."""
    dice = random.Random(4)
    made = [*sample_texts(), THE_GATE, *(f"{text.rstrip()}\n" for text in generated_scripts(18, seed=99))]
    mixed = [re.sub("\n", lambda _: dice.choice(ENDS), text) for text in made[6::3]]
    return [*made, *mixed, made[0].replace("\n", "\r\n"), made[1].replace("\n", "\r"), "\ufeff" + THE_GATE]


@pytest.fixture(scope="module")
def scripts() -> list[Script]:
    return [Script.parse(text) for text in texts()]


def test_a_field_of_the_top_changes_its_row_alone(scripts):
    for script in scripts:
        line = script.front.line_of("question")

        new = editing.set_field(script.text, "question", "Who, then?")

        assert Script.parse(new).front.said("question") == "Who, then?"
        assert changed(script.text, new) == (line, line, 1)


def test_a_field_that_was_not_there_is_one_row_more():
    new = editing.set_field(THE_GATE, "setting", "A farm")

    assert Script.parse(new).front.said("setting") == "A farm"
    assert new.replace("setting: A farm\n", "") == THE_GATE
    assert editing.set_field("# A title\n", "start", "a") == "---\nstart: a\n---\n\n# A title\n"
    assert editing.set_field(THE_GATE, "setting", "") == THE_GATE


def test_titles_of_scenes_and_questions_change_their_heading_alone(scripts):
    for script in scripts:
        for line in [
            *(place.line for place in script.reading.places),
            *(one.line for one in script.decisions),
        ]:
            new = editing.set_heading(script.text, line, "Other: words")

            assert changed(script.text, new) == (line, line, 1)
            assert rows(new)[line - 1].rstrip("\r\n").endswith(": Other: words")


def test_words_change_between_the_heading_and_the_way_on_and_nowhere_else(scripts):
    for script in scripts:
        for place in script.reading.places:
            extent = next(one for one in places_of(script.text) if one.first == place.line)

            new = editing.set_words(
                script.text, place.line, "*Rain.*\n\n## Scene no: no\n-> nowhere\n**Al:** Hm."
            )

            again = Script.parse(new).at(place.key)
            assert again.body == "*Rain.*\n\n\\## Scene no: no\n\\-> nowhere\n\n**Al:** Hm."
            assert len(Script.parse(new).reading.places) == len(script.reading.places)
            first, last, _ = changed(script.text, new)
            assert first > place.line
            assert last <= max(extent.words[1], place.line + 1)


def test_what_is_the_same_already_stays_as_it_is_written(scripts):
    for script in scripts:
        text = script.text
        for place in script.reading.places:
            text = editing.set_words(text, place.line, editing.words_of(text, place.line))
            text = editing.set_heading(text, place.line, place.title)
        for one in script.decisions:
            text = decisions.set_asks(text, one.line, one.asks)
            for response in one.responses:
                text = decisions.set_response(text, response.line, response.label, response.target)
                text = decisions.set_note(text, response.line, "helps", response.helps)
                text = decisions.set_note(text, response.line, "costs", response.costs)
                if response.as_it_happened:
                    text = decisions.set_as_it_happened(text, response.line)
        for character in script.characters:
            text = editing.set_character(text, character.line, character.name, character.who)

        assert text == script.text


def test_a_response_says_helps_and_costs_something_else_and_no_other_does(scripts):
    for script in scripts:
        for at, one in enumerate(script.decisions):
            for number, response in enumerate(one.responses):
                text = decisions.set_note(script.text, response.line, "costs", "much")
                text = decisions.set_note(text, response.line, "helps", "little")
                text = decisions.set_response(text, response.line, "Goes -> away", "s0-x")

                found = Script.parse(text).decisions[at]
                now = found.responses[number]
                assert (now.label, now.target, now.helps, now.costs) == (
                    "Goes -> away",
                    "s0-x",
                    "little",
                    "much",
                )
                assert now.as_it_happened == response.as_it_happened
                others = [_said(other) for other in found.responses if other.key != response.key]
                assert others == [_said(other) for other in one.responses if other.key != response.key]
                first, last, _ = changed(script.text, text)
                extent = decisions._response(script.text, response.line)
                assert extent.bullet.first <= first
                assert last <= extent.last


def _said(response):
    return (
        response.key,
        response.label,
        response.target,
        response.helps,
        response.costs,
        response.as_it_happened,
    )


def test_what_happened_is_marked_once_and_only_marks_change(scripts):
    for script in scripts:
        for at, one in enumerate(script.decisions):
            chosen = one.responses[-1]

            new = decisions.set_as_it_happened(script.text, chosen.line)

            now = Script.parse(new).decisions[at].responses
            assert [response.key for response in now if response.as_it_happened] == [chosen.key]
            assert [_said(response)[:5] for response in now] == [
                _said(response)[:5] for response in one.responses
            ]


def test_a_new_scene_ending_decision_and_response_leave_every_row_that_was_there(scripts):
    for script in scripts:
        text, key = editing.add_scene(script.text, "The new: one")
        text, ending = editing.add_ending(text, "The new: one")
        line = Script.parse(text).at(key).line
        text = editing.set_arrow(text, line, ending)
        text = decisions.add_decision(text, line, "What now?", "p0")
        text = decisions.add_response(
            text,
            Script.parse(text).scene_of(Script.parse(text).at(key).decision.key).decision.line,
            "Go",
            ending,
        )

        again = Script.parse(text)
        scene = again.at(key)
        assert isinstance(scene, Scene)
        assert [_said(one) for one in scene.decision.responses] == [("a", "Go", ending, "", "", True)]
        assert len(again.scenes) == len(script.scenes) + 1
        assert len(again.endings) == len(script.endings) + 1
        assert [row.rstrip("\r\n") for row in rows(script.text)] == _without_new(
            rows(script.text), rows(text)
        )


def _without_new(before: list[str], after: list[str]) -> list[str]:
    """Return the rows of the first that are found, in order, in the second."""
    waiting = iter(row.rstrip("\r\n") for row in after)
    return [row.rstrip("\r\n") for row in before if row.rstrip("\r\n") in waiting]


def test_moving_there_and_back_changes_nothing_and_moving_loses_nothing(scripts):
    for script in scripts:
        places = script.reading.places
        for at in range(len(places) - 1):
            moved = editing.move_place(script.text, places[at].line, 1)
            keys = [place.key for place in Script.parse(moved).reading.places]

            assert keys == [
                place.key for place in (*places[:at], places[at + 1], places[at], *places[at + 2 :])
            ]
            back = editing.move_place(moved, Script.parse(moved).reading.places[at + 1].line, -1)
            assert back.rstrip("\r\n") == script.text.rstrip("\r\n")
        for at, one in enumerate(script.decisions):
            moved = decisions.move_response(script.text, one.responses[0].line, 1)
            keys = [response.key for response in Script.parse(moved).decisions[at].responses]
            assert keys[:2] == ["b", "a"]
            assert (
                decisions.move_response(moved, Script.parse(moved).decisions[at].responses[1].line, -1)
                == script.text
            )


def test_another_key_is_followed_by_every_arrow_and_the_start(scripts):
    for script in scripts:
        for place in script.reading.places:
            new = Script.parse(editing.rename_place(script.text, place.line, "another-name"))

            assert new.text.count("another-name") >= 1
            assert list(new.paths()) != [] or script.start is None
            assert new.path_count() == script.path_count()
            assert not [one for one in new.problems() if one.code in ("unknown_target", "unknown_start")]


def test_taking_out_takes_out_that_alone():
    scene = editing.remove_place(THE_GATE, line_of("## Scene gate"))
    response = decisions.remove_response(THE_GATE, line_of("- B) Sits"))
    decision = decisions.remove_decision(THE_GATE, line_of("### Decision d2"))

    assert scene == spoilt(
        "## Scene gate: One bar\n**Gwen:** I had to come up for the signal.\n\n-> word\n\n", ""
    )
    assert response == spoilt(
        "- B) Sits down in the straw -> word\n  - helps: she is here\n  - costs: nobody knows\n", ""
    )
    assert [one.key for one in Script.parse(decision).decisions] == ["d1"]


def test_somebody_is_added_and_described():
    text = editing.add_character(THE_GATE, "Nia, PC", "a constable")
    text = editing.set_character(text, line_of("- huw", text), "Huw", "66")

    assert [(one.key, one.name, one.who) for one in Script.parse(text).characters] == [
        ("gwen", "Gwen", "61, farms"),
        ("huw", "Huw", "66"),
        ("nia-pc", "Nia PC", "a constable"),
    ]


def test_a_script_from_nothing_is_without_a_problem_in_the_end():
    text = editing.set_title("", "Two chairs")
    text = editing.add_character(text, "Ann", "who waits")
    text, first = editing.add_scene(text, "The room")
    text, second = editing.add_scene(text, "The corridor")
    text, end = editing.add_ending(text, "Outside")
    text = editing.set_field(text, "start", first)
    text = editing.set_words(text, Script.parse(text).at(first).line, "*Two chairs.*")
    text = editing.set_arrow(text, Script.parse(text).at(second).line, end)
    text = decisions.add_decision(text, Script.parse(text).at(first).line, "Does she sit?", "ann")
    for label, target in (("Sits", end), ("Stands", second)):
        text = decisions.add_response(text, Script.parse(text).decisions[0].line, label, target)

    assert [one.code for one in Script.parse(text).problems() if one.stops_publication] == []
    assert Script.parse(text).path_count() == 2
