"""Every code of the checker: a script spoilt in one place names that place."""

import re
from pathlib import Path

import pytest

from scenarios.script import MOST_CHARACTERS, Script, read_script
from scenarios.script.problems import KINDS
from scenarios.script.text_checker import MOST_ROWS
from tests.scenarios.scripts import THE_GATE, line_of, spoilt

STAGES = ("call-for-help", "leaving")


def found(text: str, code: str, stages=None) -> list[int]:
    """Return the lines in which a script has problems of one code."""
    return [problem.line for problem in Script.parse(text).problems(stages) if problem.code == code]


def test_the_script_that_these_tests_spoil_has_no_problem():
    assert Script.parse(THE_GATE).problems(STAGES) == ()


@pytest.mark.parametrize(
    ("code", "old", "new", "at"),
    [
        ("bad_front_matter", "stage: call-for-help", "just words", "just words"),
        ("bad_front_matter", "minutes: 20", "minutes: soon", "minutes: soon"),
        ("bad_front_matter", "minutes: 20", "id: again", "id: again"),
        ("bad_front_matter", "id: the-gate", "id: The Gate!", "id: The Gate!"),
        ("bad_front_matter", "minutes: 20", "language: <b>", "language: <b>"),
        ("bad_front_matter", "minutes: 20\n---", "minutes: 20", "---"),
        ("missing_start", "start: shed\n", "", "id: the-gate"),
        ("unknown_start", "start: shed", "start: shad", "start: shad"),
        ("duplicate_key", "## Scene gate", "## Scene word", "## Scene word: The word"),
        ("duplicate_key", "## Ending ending-fence", "## Ending ending-bed", "## Ending ending-bed: Walking"),
        ("duplicate_key", "### Decision d2", "### Decision d1", "### Decision d1: What does Huw"),
        ("duplicate_key", "- B) Sits", "- A) Sits", "- A) Sits"),
        ("duplicate_key", "- huw: Huw", "- gwen: Huw", "- gwen: Huw"),
        ("unknown_target", "-> gate [as", "-> gaet [as", "- A) Walks"),
        ("unknown_target", "-> word\n\n## Scene", "-> wrod\n\n## Scene", "-> wrod"),
        ("missing_target", " -> gate [as it happened]", " [as it happened]", "- A) Walks"),
        ("unreachable", "-> gate [as", "-> word [as", "## Scene gate"),
        (
            "unreachable",
            "## Ending ending-bed",
            "## Ending lost: Lost\n\n## Ending ending-bed",
            "## Ending lost",
        ),
        ("dead_end", "\n-> word\n", "\n", "## Scene gate"),
        ("loop", "-> word\n\n## Scene", "-> shed\n\n## Scene", "## Scene shed"),
        ("loop", "-> word\n\n## Scene", "-> gate\n\n## Scene", "## Scene gate"),
        ("as_it_happened", " [as it happened]", "", "### Decision d1"),
        ("as_it_happened", "-> word\n  - helps", "-> word [as it happened]\n  - helps", "- B) Sits"),
        ("unknown_character", "asks: gwen", "asks: gewn", "### Decision d1"),
        ("unknown_character", "asks: gwen\n", "", "### Decision d1"),
        ("missing_helps", "  - helps: she is here\n", "", "- B) Sits"),
        ("missing_costs", "  - costs: nobody knows\n", "", "- B) Sits"),
        ("bad_heading", "## Scene gate: One bar", "## Scene gate", "## Scene gate"),
        ("bad_heading", "## Scene gate: One bar", "## Scene the gate: One bar", "## Scene the gate"),
        ("bad_heading", "### Decision d1: What does Gwen do?", "### Decision d1", "### Decision d1"),
        ("unknown_heading", "## Ending ending-bed", "## Endings ending-bed", "## Endings"),
        ("unknown_heading", "### Decision d1:", "### Descision d1:", "### Descision"),
        ("bad_character", "- huw: Huw, her husband", "Huw, her husband", "Huw, her husband"),
        ("bad_response", "- B) Sits", "- Sits", "- Sits"),
        ("bad_response", "- B) Sits down in the straw ->", "- B) ->", "- B) ->"),
        ("stray_text", "asks: gwen\n", "asks: gwen\n\nShe stands.\n", "She stands."),
        ("stray_text", "\n-> word\n", "\n-> word\n\nHe stands.\n", "He stands."),
        ("stray_text", "  - helps: sleep", "  - helps: sleep\n  - risk: fire", "  - risk: fire"),
        ("misplaced", "Nobody sleeps.\n", "Nobody sleeps.\n\n-> word\n", "-> word\n\n## Ending ending-fence"),
        ("misplaced", "\n-> word\n", "\n-> word\n-> ending-bed\n", "-> ending-bed\n\n## Scene word"),
        ("misplaced", "## Scene gate", "-> gate\n\n## Scene gate", "-> gate\n\n## Scene gate"),
        ("missing_title", "title: The gate\n", "", None),
        ("title_differs", "# The gate", "# The shed", "# The shed"),
        ("unknown_key", "minutes: 20", "colour: red", "colour: red"),
        ("missing_field", "question: Who is near?\n", "", "id: the-gate"),
        ("missing_field", "content_notes: a man in despair", "content_notes:", "content_notes:"),
    ],
)
def test_a_spoilt_line_is_named_with_its_code(code, old, new, at):
    text = spoilt(old, new)
    text = text.replace("# The gate\n", "", 1) if code == "missing_title" else text
    sound = found(THE_GATE, code)

    lines = found(text, code)

    assert sound == []
    assert lines
    if at is not None:
        assert line_of(at, text) in lines


def test_no_front_matter_is_named():
    assert found(THE_GATE.split("---\n", 2)[2], "missing_front_matter") == [1]


def test_a_stage_is_looked_at_when_the_pathway_is_known():
    text = spoilt("stage: call-for-help", "stage: calling")

    assert found(text, "unknown_stage") == []
    assert found(text, "unknown_stage", STAGES) == [line_of("stage: calling", text)]
    assert found(spoilt("stage: call-for-help\n", ""), "unknown_stage", STAGES) == [2]
    assert found(spoilt("minutes: 20", "also_touches: leaving, lost"), "unknown_stage", STAGES) == [8]


def test_two_decisions_in_one_scene_are_named_at_the_second():
    second = "### Decision d3: And then?\nasks: huw\n- A) x -> word [as it happened]\n- B) y -> word\n\n## Scene gate"
    text = spoilt("## Scene gate", second)

    assert found(text, "two_decisions") == [line_of("### Decision d3", text)]


@pytest.mark.parametrize(
    ("count", "code", "severity"),
    [
        (0, "too_few_responses", "error"),
        (1, "too_few_responses", "error"),
        (2, "too_few_responses", "warning"),
    ]
    + [(count, "too_many_responses", "warning") for count in (5, 6)]
    + [(count, "too_many_responses", "error") for count in (7, 26)],
)
def test_responses_are_counted(count, code, severity):
    text = THE_GATE[: THE_GATE.index("- A) Walks")] + "".join(
        f"- {chr(65 + number)}) x -> ending-bed\n" for number in range(count)
    )

    problems = [problem for problem in Script.parse(text).problems() if problem.code == code]

    assert [(problem.severity, problem.line) for problem in problems] == [
        (severity, line_of("### Decision d1"))
    ]


@pytest.mark.parametrize("count", [3, 4])
def test_three_or_four_responses_are_right(count):
    text = THE_GATE[: THE_GATE.index("- A) Walks")] + "".join(
        f"- {chr(65 + number)}) x -> ending-bed\n" for number in range(count)
    )

    assert not {"too_few_responses", "too_many_responses"} & {p.code for p in Script.parse(text).problems()}


def test_a_script_of_the_most_characters_is_not_too_long_and_one_more_is():
    room = MOST_CHARACTERS - len(THE_GATE)
    row = "words " * 20 + "\n"
    filling = (row * (room // len(row) + 1))[:room]

    assert found(filling + THE_GATE, "too_long") == []
    long = f"{filling}x{THE_GATE}"
    assert found(long, "too_long") == [long[:MOST_CHARACTERS].count("\n") + 1]


def test_a_script_of_too_many_lines_is_too_long():
    assert found("\n" * MOST_ROWS, "too_long") == [MOST_ROWS + 1]


@pytest.mark.parametrize("mark", "[!<`")
def test_more_than_200_of_a_mark_in_one_paragraph_are_too_many(mark):
    fits = spoilt("Give us the key", f"{mark}" * 200)
    over = spoilt("Give us the key", f"{mark}" * 201)
    spread = spoilt("Give us the key", f"{mark}" * 200 + "\n\n" + f"{mark}" * 200)

    assert found(fits, "too_many_brackets") == []
    assert found(over, "too_many_brackets") == [line_of("**Gwen:**")]
    assert found(spoilt("Give us the key", f"{mark}" * 200 + f"\n{mark}"), "too_many_brackets") == [
        line_of("**Gwen:**")
    ]
    assert found(spread, "too_many_brackets") == []


def test_too_many_marks_in_the_whole_are_named_where_they_get_too_many():
    paragraphs = "\n\n".join("[" * 200 for _ in range(6))
    text = spoilt("*A lamp. A ewe.*", paragraphs)

    assert found(text, "too_many_brackets") == [line_of("*A lamp") + 10]


def test_quotations_in_quotations_can_be_too_deep():
    assert found(spoilt("*A lamp.", ">>>>>>> *A lamp."), "too_many_brackets") == [line_of("*A lamp")]
    assert found(spoilt("*A lamp.", "> > > *A lamp."), "too_many_brackets") == []


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x1b", "\x85", "\ud800", "\u202e", "\u2066", "\uffff", "e\u0301\u0301\u0301\u0301"],
    ids=ascii,
)
def test_characters_that_cannot_be_shown_are_named(character):
    assert found(spoilt("A ewe.", f"A{character}ewe."), "not_text") == [line_of("A ewe.")]


@pytest.mark.parametrize("character", ["\t", "é", "e\u0301", "ع", "\u200f", "🐑", "\u2028"], ids=ascii)
def test_characters_of_any_language_are_text(character):
    assert found(spoilt("A ewe.", f"A{character}ewe."), "not_text") == []


def test_bytes_that_are_not_utf8_are_a_problem_of_their_line_and_come_out_again():
    data = THE_GATE.replace("A ewe.", "A caf\xe9.").encode("latin-1")

    script = read_script(data)

    assert [(p.code, p.line) for p in script.problems()] == [("not_text", line_of("A ewe."))]
    assert script.to_text().encode("utf-8", "surrogateescape") == data


def test_a_mistyped_key_brings_the_nearest_one():
    text = spoilt("-> ending-fence", "-> endign-fence")

    (problem,) = [p for p in Script.parse(text).problems() if p.code == "unknown_target"]

    assert problem.details["nearest"] == "ending-fence"
    assert "ending-fence" in problem.words


def test_a_key_like_no_other_brings_none():
    (problem,) = [
        p for p in Script.parse(spoilt("asks: gwen", "asks: zzz")).problems() if p.code == "unknown_character"
    ]

    assert "nearest" not in problem.details


def test_all_problems_are_found_in_one_pass_in_the_order_of_lines():
    text = spoilt("asks: gwen", "asks: nobody")
    text = spoilt("-> ending-fence", "-> nowhere", text)
    text = spoilt("start: shed", "start: nowhere", text)
    text = spoilt("  - helps: sleep\n", "", text)

    problems = Script.parse(text).problems()

    assert [p.code for p in problems] == [
        "unknown_start",
        "unknown_character",
        "missing_helps",
        "unknown_target",
    ]
    assert [p.line for p in problems] == sorted(p.line for p in problems)


def test_only_the_first_200_problems_of_a_code_are_listed_and_no_code_is_lost():
    text = "".join(f"## Scen {number}\n" for number in range(1000)) + "## Scene x: X\n"

    codes = [problem.code for problem in Script.parse(text).problems()]

    assert codes.count("unknown_heading") == 200
    assert "dead_end" in codes


def test_every_sentence_can_be_filled_and_every_code_is_in_the_guide():
    guide = (Path(__file__).parents[2] / "docs" / "SCRIPT.md").read_text(encoding="utf-8")

    for kind in KINDS:
        names = re.findall(r"%\((\w+)\)s", kind.sentence)
        words = kind.at(1, **dict.fromkeys(names, "x")).words
        assert "%" not in words
        assert f"`{kind.code}`" in guide, f"docs/SCRIPT.md does not explain {kind.code}"
