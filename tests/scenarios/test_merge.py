"""Two people saved: their words are put together, and nothing of either is dropped."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.samples import sample_texts
from scenarios.together.merge import Clash, merged

LINES = st.lists(st.sampled_from(["one\n", "two\n", "three\n", "\n", "- A) go -> x\n"]), max_size=12)
TEXTS = LINES.map("".join)


def test_two_scenes_changed_by_two_people_are_both_kept():
    before = sample_texts()[0]
    ours = before.replace("minutes:", "minutes: 1", 1)
    theirs = before + "\nOne more thing for the facilitator.\n"

    merge = merged(before, ours, theirs)

    assert merge.clashes == ()
    assert merge.text() == ours + "\nOne more thing for the facilitator.\n"


def test_one_line_changed_by_both_is_left_to_a_person_and_both_are_shown():
    merge = merged("a\nwait\nz\n", "a\nring\nz\n", "a\nrun\nz\n")

    assert merge.clashes == (Clash(1, ("wait\n",), ("ring\n",), ("run\n",)),)
    assert merge.text([["ring\n", "run\n"]]) == "a\nring\nrun\nz\n"


def test_words_taken_out_by_one_and_changed_by_the_other_are_a_clash():
    assert merged("a\nb\n", "a\n", "a\nB\n").clashes == (Clash(1, ("b\n",), (), ("B\n",)),)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(before=TEXTS, changed=TEXTS)
def test_what_one_person_changed_alone_is_taken_as_it_is(before, changed):
    assert merged(before, changed, before).text() == changed
    assert merged(before, before, changed).text() == changed
    assert merged(before, changed, changed).text() == changed


@settings(deadline=None, derandomize=True, max_examples=300)
@given(before=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_choosing_one_side_everywhere_drops_no_line_that_only_that_side_has(before, ours, theirs):
    merge = merged(before, ours, theirs)

    mine = merge.text([clash.ours for clash in merge.clashes])

    new = [line for line in ours.splitlines(keepends=True) if line not in before.splitlines(keepends=True)]
    assert all(mine.splitlines(keepends=True).count(line) >= 1 for line in new)
