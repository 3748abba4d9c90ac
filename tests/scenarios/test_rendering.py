"""The HTML of a script's scenes, and that the checker sees what the renderer would refuse."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_app.kernel import markdown
from scenario_app.kernel.markdown import TooMuchMarkup, check_size
from scenarios.rendering import render_script
from scenarios.script import Script, text_checker
from tests.scenarios.scripts import THE_GATE, spoilt


def test_each_scene_and_ending_has_its_html_by_its_key():
    rendered = render_script(Script.parse(THE_GATE))

    assert rendered.html_by_scene["gate"] == "<p><strong>Gwen:</strong> I had to come up for the signal.</p>"
    assert rendered.html_by_scene["ending-bed"] == "<p>Nobody sleeps.</p>"


def test_neither_responses_nor_the_facilitators_notes_are_in_the_html():
    rendered = render_script(Script.parse(THE_GATE))

    everything = " ".join(rendered.html_by_scene.values())
    assert "key in sight" not in everything
    assert "Walks to the top gate" not in everything


def test_html_in_a_script_is_shown_as_the_words_it_is():
    rendered = render_script(Script.parse(spoilt("A ewe.", "<b>A ewe</b><script>x</script>")))

    assert "&lt;b&gt;A ewe&lt;/b&gt;&lt;script&gt;" in rendered.html_by_scene["shed"]


def test_of_two_scenes_with_one_key_the_first_is_rendered():
    rendered = render_script(Script.parse(spoilt("## Scene gate: One bar", "## Scene word: One bar")))

    assert "signal" in rendered.html_by_scene["word"]


def test_checker_and_renderer_have_the_same_limits():
    assert text_checker.MOST_CHARACTERS == markdown.MOST_CHARACTERS
    assert text_checker.MOST_ROWS == markdown.MOST_ROWS
    assert text_checker.MOST_MARKS == markdown.MOST_MARKS


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["[", "!", "<", "`", "*", "_", "\\", "> ", "- ", "1. ", "a", "\n", "\n\n"]),
            st.integers(1, 700),
        ),
        max_size=12,
    )
)
def test_what_the_checker_lets_through_the_renderer_takes(pieces):
    text = spoilt("A ewe.", "".join(piece * count for piece, count in pieces))
    script = Script.parse(text)
    bodies = [place.body for place in script.reading.places]
    codes = {problem.code for problem in script.problems()}

    try:
        check_size(bodies)
    except TooMuchMarkup:
        assert codes & {"too_long", "too_many_brackets"}
