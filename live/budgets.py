"""What one seat may send, counted in one place, whether it comes by socket, by plain form or through the JSON API.

In memory: a seat that comes back on another connection finds what it has left, a process that starts again forgets.
"""

from dataclasses import dataclass, field

from scenario_app.kernel.budget import Budget
from scenario_app.kernel.errors import DomainError

VOTES_IN_A_BURST = 10
VOTES_A_SECOND = 2.0
# Free text: one in 20 seconds; three in a row, since a reason and a suggestion often come together.
WORDS_IN_A_BURST = 3
WORDS_A_SECOND = 1 / 20
# Three in a row are somebody who changed their mind; a desk needs no more cards of one phone than one a minute.
MINUTES_IN_A_BURST = 3
MINUTES_A_SECOND = 1 / 60
# The equality form: once. It is kept apart from the seat, so only this memory knows who has sent it.
FORMS_A_SECOND = 1 / 86_400
MOST_SEATS = 50_000


class TooFast(DomainError):
    """This seat sends more than anybody taps or types; wait as long as `retry_after_ms` says."""

    code = "rate"
    status = 429


@dataclass(frozen=True, slots=True)
class _Said:
    """What a seat has left of what most seats never say.

    Leaving has its own, as large as that of texts: who has just said something to the room may still say how it was.
    """

    words: Budget = field(default_factory=lambda: Budget(WORDS_IN_A_BURST, WORDS_A_SECOND))
    minutes: Budget = field(default_factory=lambda: Budget(MINUTES_IN_A_BURST, MINUTES_A_SECOND))
    leaving: Budget = field(default_factory=lambda: Budget(WORDS_IN_A_BURST, WORDS_A_SECOND))
    about_you: Budget = field(default_factory=lambda: Budget(1, FORMS_A_SECOND))


@dataclass(slots=True)
class SeatBudgets:
    """What one seat has left: taps; and, from the first time on, texts, calls for a minute, leaving, the form."""

    votes: Budget = field(default_factory=lambda: Budget(VOTES_IN_A_BURST, VOTES_A_SECOND))
    _said: _Said | None = None

    @property
    def said(self) -> _Said:
        """Return what it has left of words and calls: thousands sit in a hall, and few say anything."""
        self._said = self._said or _Said()
        return self._said

    def spend_minute(self) -> bool:
        """Spend one call for a minute, and say whether it was left."""
        return self.said.minutes.spend()

    def spend_vote(self) -> None:
        """Spend one tap.

        :raises TooFast: none is left
        """
        if not self.votes.spend():
            raise TooFast(retry_after_ms=int(1000 / VOTES_A_SECOND))

    def spend_words(self) -> None:
        """Spend one text.

        :raises TooFast: none is left
        """
        if not self.said.words.spend():
            raise TooFast(retry_after_ms=int(1000 / WORDS_A_SECOND))

    def spend_leaving(self) -> None:
        """Spend one saying of how it was.

        :raises TooFast: none is left
        """
        if not self.said.leaving.spend():
            raise TooFast(retry_after_ms=int(1000 / WORDS_A_SECOND))

    def spend_about_you(self) -> None:
        """Spend the one equality form of a day.

        :raises TooFast: it was sent already
        """
        if not self.said.about_you.spend():
            raise TooFast(retry_after_ms=int(1000 / FORMS_A_SECOND))


class Budgets:
    """The budgets of every seat that was heard of lately; of so many seats and no more.

    >>> budgets = Budgets(most=2)
    >>> first = budgets.of(1)
    >>> first is budgets.of(1), budgets.of(2) is budgets.of(3), len(budgets)
    (True, False, 2)
    >>> first is budgets.of(1)
    False
    """

    def __init__(self, most: int = MOST_SEATS) -> None:
        self._most = most
        self._seats: dict[int, SeatBudgets] = {}

    def __len__(self) -> int:
        return len(self._seats)

    def of(self, seat_id: int) -> SeatBudgets:
        """Return what a seat has left. Who was not heard of for longest makes room for somebody new."""
        found = self._seats.pop(seat_id, None) or SeatBudgets()
        while len(self._seats) >= self._most:
            self._seats.pop(next(iter(self._seats)), None)
        self._seats[seat_id] = found
        return found
