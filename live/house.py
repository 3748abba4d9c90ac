"""Questions of the house's own, asked beside a play. In English: a page says them in its reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from live.choices import SCALE, RoundKind
from live.rules import About


@dataclass(frozen=True, slots=True)
class HouseQuestion:
    """A question with its answers by key; `kind` is how it is answered. No `question`: somebody words it."""

    question: str
    answers: Mapping[str, str]
    kind: RoundKind = RoundKind.CHOOSE_ONE


HOUSE: Final[Mapping[About, HouseQuestion]] = MappingProxyType(
    {
        About.PRACTICE: HouseQuestion(
            "What would you like in the interval?",
            {"a": "Tea", "b": "Coffee", "c": "Water", "d": "Nothing, thank you"},
        ),
        About.BELIEVABLE: HouseQuestion(
            "Is this story believable?", {"yes": "Yes", "partly": "Partly", "no": "No"}
        ),
        About.SCALE: HouseQuestion(
            "How safe would you feel?",
            dict(zip(SCALE, ("Not at all", "A little", "Somewhat", "Quite", "Very"), strict=True)),
            RoundKind.SCALE,
        ),
        About.PROPOSAL: HouseQuestion("", {"yes": "Yes", "no": "No", "abstain": "I would rather not say"}),
    }
)
