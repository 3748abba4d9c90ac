"""A token bucket: so many at once, so many a second afterwards. On the monotonic clock, in memory."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Budget:
    """What one caller may spend. `burst` at once, then `per_second`.

    >>> budget = Budget(burst=2, per_second=1.0)
    >>> budget.spend(), budget.spend(), budget.spend()
    (True, True, False)
    """

    burst: float
    per_second: float
    left: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.burst
        self.at = time.monotonic()

    def spend(self, cost: float = 1.0) -> bool:
        """Take `cost` out of the bucket if it is there, and say whether it was."""
        moment = time.monotonic()
        self.left = min(self.burst, self.left + (moment - self.at) * self.per_second)
        self.at = moment
        if self.left < cost:
            return False
        self.left -= cost
        return True
