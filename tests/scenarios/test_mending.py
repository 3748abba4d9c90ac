"""Twelve faults in a sample: each is named with its line, and its button puts it right or its sentence says how."""

import pytest

from scenarios.script import Script
from scenarios.script.mending import mended, mends_for
from tests.scenarios.scripts import THE_GATE, line_of, spoilt

STAGES = ("call-for-help", "leaving")
NO_ENDINGS = THE_GATE[: THE_GATE.index("## Ending ending-bed")]

# what is spoilt, the code, what stands in its line, and the whole text when its button has been pressed
FAULTS = {
    "a mistyped arrow": (spoilt("-> gate [as", "-> gaet [as"), "unknown_target", "- A) Walks", THE_GATE),
    "a mistyped start": (spoilt("start: shed", "start: shde"), "unknown_start", "start:", THE_GATE),
    "no start": (spoilt("start: shed\n", ""), "missing_start", "---", None),
    "a mistyped person": (spoilt("asks: huw", "asks: huv"), "unknown_character", "### Decision d2", THE_GATE),
    "a mistyped stage": (
        spoilt("call-for-help", "call-for-hlep"),
        "unknown_stage",
        "stage:",
        THE_GATE,
    ),
    "nothing happened": (
        spoilt("-> gate [as it happened]", "-> gate"),
        "as_it_happened",
        "### Decision d1",
        THE_GATE,
    ),
    "two things happened": (
        spoilt("straw -> word", "straw -> word [as it happened]"),
        "as_it_happened",
        "- B) Sits",
        THE_GATE,
    ),
    "no block at the top": (THE_GATE[THE_GATE.index("# The gate") :], "missing_front_matter", "# The gate", None),
    "one response": (
        spoilt(
            THE_GATE[THE_GATE.index("- B) All of it") : THE_GATE.index("\n## Ending ending-bed")],
            "",
        ),
        "too_few_responses",
        "### Decision d2",
        None,
    ),
    "a dead end": (spoilt("signal.\n\n-> word", "signal.\n"), "dead_end", "## Scene gate", None),
    "a key twice": (
        spoilt("## Ending ending-fence", "## Ending ending-bed"), "duplicate_key", "## Ending ending-bed: W", None
    ),
    "a control character": (spoilt("Nobody sleeps.", "Nobody\x07 sleeps."), "not_text", "Nobody", THE_GATE),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_with_its_line_and_its_button_mends_it(fault):
    wrong, code, where, right = FAULTS[fault]
    script = Script.parse(wrong)
    line = 1 if where == "---" else line_of(where, wrong)
    errors = [one for one in script.problems(STAGES) if one.stops_publication]
    found = [one for one in errors if one.code == code]

    [problem] = found
    text = mended(script, code, problem.line, STAGES)

    assert problem.line == (line + 1 if where == "---" else line)
    assert problem.words
    assert text is not None
    after = [one.code for one in Script.parse(text).problems(STAGES) if one.stops_publication]
    assert code not in after
    if right is not None:
        assert text == right
        assert after == []


def test_what_only_the_writer_can_know_has_a_sentence_and_no_button():
    for old, new, code in (
        ("-> gate [as", "-> zebra [as", "unknown_target"),
        ("- B) Sits down in the straw ->", "- B) ->", "bad_response"),
        ("-> word\n\n## Scene word", "-> shed\n\n## Scene word", "loop"),
    ):
        script = Script.parse(spoilt(old, new))
        problem = next(one for one in script.problems(STAGES) if one.code == code)

        assert mends_for(script, problem, STAGES) == []
        assert problem.words


def test_a_scene_that_leads_nowhere_gets_an_ending_when_there_is_none():
    script = Script.parse("---\nid: a\nstart: a\n---\n# A\n## Scene a: A\n*Rain.*\n")

    text = mended(script, "dead_end", 6)

    assert text is not None
    assert Script.parse(text).anti_model() == ("a", "the-end")
