"""The script: what it is made of, where it leads, and that its text stays as it was written."""

from itertools import pairwise

import pytest

from scenarios.samples import sample_texts
from scenarios.script import (
    DecisionToMake,
    LineKind,
    Script,
    Step,
    UnknownResponse,
    UnknownScene,
    read_script,
)
from tests.scenarios.scripts import THE_GATE, line_of, spoilt

STAGES = [
    "recognise",
    "call-for-help",
    "first-response",
    "place-of-safety",
    "assessment",
    "stay-or-home",
    "leaving",
    "follow-up",
]


@pytest.fixture
def gate() -> Script:
    return Script.parse(THE_GATE)


def test_the_six_samples_have_no_problem_and_248_paths():
    scripts = [Script.parse(text) for text in sample_texts()]

    assert [script.problems(STAGES) for script in scripts] == [()] * 6
    assert [script.path_count() for script in scripts] == [48, 32, 61, 41, 23, 43]
    assert [len(list(script.paths())) for script in scripts] == [48, 32, 61, 41, 23, 43]


@pytest.mark.parametrize("text", sample_texts(), ids=lambda text: text.split("\n")[1])
def test_every_path_of_a_sample_can_be_walked_with_next_scene(text):
    script = Script.parse(text)
    endings = {ending.key for ending in script.endings}

    for path in script.paths():
        for here, there in pairwise(path):
            assert script.next_scene(here.scene, here.response) == there.scene
        assert path[-1].scene in endings


@pytest.mark.parametrize("text", sample_texts(), ids=lambda text: text.split("\n")[1])
def test_the_anti_model_follows_the_marked_responses_from_the_start_to_an_ending(text):
    script = Script.parse(text)

    keys = script.anti_model()

    assert keys[0] == script.start
    assert keys[-1] in {ending.key for ending in script.endings}
    for key, after in pairwise(keys):
        decision = getattr(script.at(key), "decision", None)
        marked = [r.key for r in decision.responses if r.as_it_happened] if decision else [None]
        assert [script.next_scene(key, response) for response in marked] == [after]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("before", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("after", ["", "\n", "\n\n  \n"], ids=["no last line end", "one", "several"])
def test_a_text_comes_out_byte_for_byte_and_reads_the_same_whatever_ends_its_lines(ends, before, after):
    written = before + THE_GATE.rstrip("\n").replace("\n", ends) + after.replace("\n", ends)

    script = read_script(written.encode())

    assert script.to_text().encode() == written.encode()
    assert script.problems(STAGES) == ()
    same = Script.parse(THE_GATE)
    assert (script.front, script.scenes, script.endings) == (same.front, same.scenes, same.endings)
    assert script.facilitator_notes.strip() == same.facilitator_notes


def test_the_parts_are_found_with_their_keys_and_lines(gate):
    assert gate.title == "The gate"
    assert (gate.minutes, gate.language, gate.start) == (20, "en", "shed")
    assert [(c.key, c.name, c.who) for c in gate.characters] == [
        ("gwen", "Gwen", "61, farms"),
        ("huw", "Huw", "her husband"),
    ]
    assert [scene.key for scene in gate.scenes] == ["shed", "gate", "word"]
    assert [ending.title for ending in gate.endings] == ["The light off", "Walking the fence"]
    assert [decision.key for decision in gate.decisions] == ["d1", "d2"]
    assert gate.scene_of("d2").key == "word"
    assert gate.scene_of("d2").line == line_of("## Scene word")


def test_a_response_has_its_letter_words_target_and_what_it_helps_and_costs(gate):
    first, _, third = gate.decisions[0].responses

    assert (first.key, first.label, first.target) == ("a", "Walks to the top gate", "gate")
    assert (first.helps, first.costs) == ("someone will be sent", "he is alone with the key")
    assert first.as_it_happened
    assert (third.key, third.target, third.as_it_happened) == ("c", "ending-bed", False)
    assert third.line == line_of("- C) Goes to bed")


def test_lines_are_numbered_within_their_scene_and_hold_plain_words(gate):
    assert [(line.number, line.kind, line.who, line.text) for line in gate.lines("shed")] == [
        (1, LineKind.DIRECTION, None, "A lamp. A ewe."),
        (2, LineKind.SPEECH, "Gwen", "Give us the key, love."),
    ]
    assert [line.text for line in gate.lines("ending-bed")] == ["Nobody sleeps."]


def test_two_people_who_speak_without_a_blank_line_between_them_have_a_line_each():
    script = Script.parse(spoilt("**Gwen:** Give us the key, love.", "**Gwen:** Huw.\n**Huw:** What?"))

    assert [(line.who, line.text) for line in script.lines("shed")[1:]] == [
        ("Gwen", "Huw."),
        ("Huw", "What?"),
    ]
    assert "**Gwen:** Huw.\n\n**Huw:** What?" in script.scenes[0].body


def test_what_is_wrapped_over_two_rows_is_one_response():
    wrapped = "- B) Sits down\n  in the straw\n  -> word\n  - helps: she is here,\n    and he knows it"
    script = Script.parse(spoilt("- B) Sits down in the straw -> word\n  - helps: she is here", wrapped))

    response = script.decisions[0].response("b")

    assert response is not None
    assert (response.label, response.target) == ("Sits down in the straw", "word")
    assert response.helps == "she is here, and he knows it"
    assert script.problems() == ()


def test_a_scene_leads_on_by_its_arrow_by_a_response_and_from_an_ending_nowhere(gate):
    assert gate.next_scene("gate") == "word"
    assert gate.next_scene("shed", "c") == "ending-bed"
    assert gate.next_scene("ending-bed") is None


def test_what_cannot_be_answered_is_refused_by_name(gate):
    with pytest.raises(DecisionToMake):
        gate.next_scene("shed")
    with pytest.raises(UnknownResponse):
        gate.next_scene("shed", "z")
    with pytest.raises(UnknownResponse):
        gate.next_scene("gate", "a")
    with pytest.raises(UnknownScene):
        gate.next_scene("nowhere")
    with pytest.raises(UnknownScene):
        gate.scene_of("d9")
    with pytest.raises(UnknownScene):
        gate.part_of("nobody")
    with pytest.raises(UnknownResponse):
        Script.parse(spoilt("-> gate [as", "-> nowhere [as")).next_scene("shed", "a")


def test_a_path_says_each_scene_decision_and_response(gate):
    assert next(gate.paths()) == (
        Step("shed", "d1", "a"),
        Step("gate"),
        Step("word", "d2", "a"),
        Step("ending-bed"),
    )


def test_an_actors_part_has_every_scene_they_are_in_whole_with_their_lines_marked(gate):
    parts = gate.part_of("huw")

    assert [(part.scene.key, sorted(part.spoken), part.decides) for part in parts] == [("word", [2], True)]
    assert [part.scene.key for part in gate.part_of("gwen")] == ["shed", "gate"]


def test_an_actor_who_is_only_shown_has_that_scene_too():
    script = Script.parse(spoilt("*A lamp. A ewe.*", "*A lamp. Huw looks at it.*"))

    assert [part.scene.key for part in script.part_of("huw")] == ["shed", "word"]


def test_what_is_written_for_the_facilitator_stays_apart(gate):
    assert gate.facilitator_notes == "- Keep the key in sight."
    assert "Keep the key" not in gate.text_for_everyone()
    assert gate.text_for_everyone() == THE_GATE[: THE_GATE.index("## For the facilitator")]


def test_headings_within_the_facilitators_notes_do_not_end_them_but_a_scene_does():
    notes = "## For the facilitator\n### First\nSecret one.\n## Then\nSecret two.\n"
    script = Script.parse(
        notes.join(THE_GATE.split("## Scene word", 1)).replace(notes, f"{notes}## Scene word")
    )

    assert "Secret one." in script.facilitator_notes
    assert "Secret two." in script.facilitator_notes
    assert "Secret" not in script.text_for_everyone()
    assert script.at("word").title == "The word"
    assert script.problems() == ()


def test_a_script_that_goes_in_circles_is_walked_without_going_in_circles():
    script = Script.parse(spoilt("-> word\n\n## Scene word", "-> shed\n\n## Scene word"))

    assert script.path_count() is None
    assert script.anti_model() == ("shed", "gate")
    assert [len(path) for path in script.paths()] == [3, 3, 3, 2]


def test_more_paths_than_anybody_can_walk_are_counted_and_begun_at_once():
    scenes = "".join(
        f"## Scene s{number}: S\n### Decision d{number}: Q?\nasks: a\n"
        f"- A) x -> s{number + 1} [as it happened]\n- B) y -> s{number + 1}\n"
        for number in range(600)
    )
    script = Script.parse(f"---\nstart: s0\n---\n{scenes}## Ending s600: End\n")

    assert script.path_count() == 2**600
    assert len(next(script.paths())) == 601
    assert len(script.anti_model()) == 601


def test_an_arrow_may_be_the_one_that_phones_make_of_two_characters():
    script = Script.parse(THE_GATE.replace("->", "→"))

    assert script.problems() == ()
    assert script.path_count() == Script.parse(THE_GATE).path_count()


def test_the_first_of_two_parts_with_one_key_is_the_one_that_is_played():
    script = Script.parse(spoilt("## Scene gate: One bar", "## Scene word: Another word"))

    assert script.at("word").title == "Another word"
