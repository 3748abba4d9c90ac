"""The alternative vote: held against a plain model that recounts everything from the ballots at every step."""

import itertools
import random

import pytest

from live.ranking import counts


def model_winners(ballots, responses):
    """The rule, said once more in the plainest way: one person, one paper, hand over hand."""
    papers = [order for order, people in ballots.items() for _person in range(people)]
    if not papers:
        return []
    piles_before = []
    inside = list(responses)
    while True:
        piles = dict.fromkeys(inside, 0)
        for paper in papers:
            for response in paper:
                if response in inside:
                    piles[response] += 1
                    break
        on_the_table = sum(piles.values())
        most = max(piles.values())
        if most * 2 > on_the_table or len(inside) <= 2:
            return [response for response in inside if piles[response] == most]
        piles_before.append(piles)
        losers = list(inside)
        for pile in reversed(piles_before):
            least = min(pile[response] for response in losers)
            losers = [response for response in losers if pile[response] == least]
        inside.remove(losers[-1])


def leaders(told):
    last = told[-1].votes
    return [response for response, votes in last.items() if votes == max(last.values())]


@pytest.mark.parametrize("seed", range(400))
def test_the_winner_is_that_of_a_plain_recount(seed):
    chance = random.Random(seed)
    responses = [f"r{number}" for number in range(chance.randint(1, 6))]
    ballots = {
        tuple(chance.sample(responses, chance.randint(1, len(responses)))): chance.randint(1, 4)
        for _order in range(chance.randint(1, 9))
    }

    told = counts(ballots, responses)

    assert leaders(told) == model_winners(ballots, responses)


@pytest.mark.parametrize("seed", range(60))
def test_no_ballot_is_lost_between_two_counts(seed):
    chance = random.Random(seed)
    responses = list("abcdef")
    ballots = {tuple(chance.sample(responses, chance.randint(1, 6))): 3 for _order in range(8)}

    told = counts(ballots, responses)

    cast = sum(ballots.values())
    assert [sum(count.votes.values()) + count.exhausted for count in told] == [cast] * len(told)
    assert [count.left for count in told[:-1]] == [
        next(iter(before.votes.keys() - after.votes.keys())) for before, after in itertools.pairwise(told)
    ]


def test_without_a_ballot_there_is_nothing_to_count():
    assert counts({}, ["a", "b"]) == []
