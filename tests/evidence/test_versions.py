"""Two versions of a pack together tell no more of small groups than each of them alone."""

from collections import Counter

from evidence.rules import NothingNew, TooLittleChanged, check_new_version
from tests.evidence.random_versions import THRESHOLD, Version, pairs, read_both
from tests.live.random_rooms import Found


def is_published(first: Version, second: Version) -> bool:
    try:
        check_new_version(first.tables, second.tables, threshold=THRESHOLD)
    except (NothingNew, TooLittleChanged):
        return False
    return True


def test_no_hidden_cell_of_two_thousand_pairs_of_versions_can_be_narrowed():
    """Long form: `python -m bench.disclosure`, 20,000 pairs."""
    found, published = Found(), Counter()
    for how, first, second in pairs(500, seed=41):
        if is_published(first, second):
            published[how] += 1
            found += read_both(first, second)
            # Once a round was shown by role it is never given in another form.
            assert None in (first.shown[0], second.shown[0]) or first.shown[0] == second.shown[0]

    assert found.narrowed == 0
    assert found.protected > 2_000
    assert published["another round"] > 150


def test_a_publisher_without_the_rule_on_versions_is_caught():
    found: dict[str, Found] = {}
    for how, first, second in pairs(500, seed=42):
        found[how] = found.get(how, Found()) + read_both(first, second)

    assert found["another round"].narrowed == 0
    assert found["a ballot taken out"].narrowed > 20
    assert found["other groups"].narrowed + found["another threshold"].narrowed > 20
