"""Whatever a teller answers, the script that it makes has nothing that stops publication, and says what they said."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scenarios.rendering import render_script
from scenarios.script.script import Script
from scenarios.stories.drafting import script_of_answers
from scenarios.stories.questions import ANSWERS
from scenarios.stories.rules import LONGEST_ANSWER

STAGES = ("recognise", "call-for-help", "leaving")
HEADINGS = {key: f"About {key}?" for key in (*ANSWERS, "somebody", "as_it_was")}
PIECES = [
    *("---", "-> then", "→", "## Scene first: Again", "### Decision d1: What?", "## Ending", "# Title"),
    *(
        "- A) No -> first [as it happened]",
        "asks: p9",
        "  - helps: me",
        "**Ann:** Hello",
        "title: x",
        "*",
        "_",
    ),
    *(
        "[as it happened]",
        "[a](javascript:b)",
        "<script>",
        "```",
        "> > > > > > > >",
        "- - - - - - - -",
        "1. 1. 1.",
    ),
    *(
        "\n",
        "\r",
        "\t",
        "\u2028",
        "\x85",
        "\ufeff",
        "\u202e",
        "\x00",
        "e" + "\u0301" * 9,
        "===",
        "\\",
        "&lt;",
        "!",
    ),
    *(
        "كان الليل طويلاً",
        "👩‍👧‍👦",
        "ألو؟",
        "He rang.",
        ",",
        ";",
        "for the facilitator",
        "characters",
        " ",
        "word " * 90,
    ),
]
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.text(max_size=200))
answers_of_anybody = st.dictionaries(st.sampled_from(ANSWERS), texts)


def draft(answers, *, stage=None, title="A night", language="en", stages=STAGES):
    return script_of_answers(
        answers, headings=HEADINGS, title=title, language=language, stage=stage, stages=stages
    )


def stops(text, stages=STAGES):
    return [problem for problem in Script.parse(text).problems(stages) if problem.stops_publication]


@settings(max_examples=400, deadline=None)
@given(
    answers=answers_of_anybody, title=texts, stage=st.sampled_from([None, "leaving", "gone"]), language=texts
)
@example(answers={}, title="", stage=None, language="")
def test_no_answers_make_a_script_that_cannot_be_published(answers, title, stage, language):
    text = draft(answers, title=title, stage=stage, language=language)

    assert stops(text) == []


@pytest.mark.parametrize(
    "filling", ["a\n", "[", "*a* ", "\\", "ه ", "👩", "e\u0301\u0302\u0303\u0304", "> ", "# a\n", "_", "!`<["]
)
def test_the_longest_answers_fit_too(filling):
    whole = (filling * LONGEST_ANSWER)[:LONGEST_ANSWER]

    text = draft(dict.fromkeys(ANSWERS, whole))

    assert stops(text) == []


def test_what_was_answered_is_played_as_it_was_said():
    said = {
        "first": "He rang *twice*.\n# Nobody came.\n\n-> I waited.\n1. Then he slept.",
        "people": "me, my son\na nurse",
        "then": "**Ann:** was what he called me.",
        "moment": "When he rang, who could have come?",
        "one": "The nurse comes -> at once [as it happened]",
        "one_helps": "He is not alone",
        "one_costs": "Her break",
        "ended": "He slept.",
        "where": "A flat",
        "notes": "somebody is very low",
    }

    script = Script.parse(draft(said, stage="leaving"))

    assert [line.text for line in script.lines("first")] == [
        "He rang *twice*.",
        "# Nobody came.",
        "-> I waited.",
        "1. Then he slept.",
    ]
    [line, *_rest] = script.lines("then")
    assert (line.who, line.text) == (None, "**Ann:** was what he called me.")
    decision = script.decisions[0]
    assert decision.question == "When he rang, who could have come?"
    assert [response.label for response in decision.responses] == [
        "About as_it_was?",
        "The nurse comes – at once (as it happened)",
        "About other?",
    ]
    assert [response.as_it_happened for response in decision.responses] == [True, False, False]
    assert (decision.responses[1].helps, decision.responses[1].costs) == ("He is not alone", "Her break")
    assert [person.name for person in script.characters] == ["me", "my son", "a nurse"]
    assert script.anti_model() == ("first", "then", "ending-as-it-was")
    assert script.front.said("content_notes") == "somebody is very low"
    assert script.front.said("stage") == "leaving"


def test_hostile_answers_render_as_words_alone():
    hostile = (
        "<script>alert(1)</script> [a](javascript:alert(1)) <http://evil.example> ![x](y) `code` **b** _c_"
    )

    rendered = render_script(Script.parse(draft(dict.fromkeys(ANSWERS, hostile))))

    html = "".join(rendered.html_by_scene.values())
    assert "<a" not in html
    assert "<strong" not in html
    assert "<em" not in html
    assert "<code" not in html


def test_a_draft_is_made_in_no_time():
    started = time.process_time()
    for filling in ("-> ", "[as it happened]", "\u0301", "1. ", "a\n", "(,;"):
        draft(dict.fromkeys(ANSWERS, (filling * LONGEST_ANSWER)[:LONGEST_ANSWER]))

    assert time.process_time() - started < 2
