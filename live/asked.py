"""What a vote asks, and what can be answered: a decision with what the room added, or a question of the house's."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from live.house import HOUSE
from live.models import Round
from live.rules import About
from live.talk.added import AddedResponse, added_responses
from scenarios.script.parts import Decision
from scenarios.script.script import Script


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that can be chosen. `opens` is the scene it leads to; `floor`: the room added it, `by` a role."""

    key: str
    label: str
    helps: str = ""
    costs: str = ""
    opens: str | None = None
    floor: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, who in the play could act (empty beside the play), and the answers in the order they are offered."""

    question: str
    asks: str
    answers: Sequence[Answer]

    def answer(self, key: str | None) -> Answer | None:
        """Return an answer by its key, or None."""
        return next((answer for answer in self.answers if answer.key == key), None)


def asked_in(session: Session, script: Script, round_: Round) -> Asked:
    """Return what a round asks, as it stood when it was opened. One query for a decision, none beside the play."""
    if round_.about != About.DECISION:
        house = HOUSE[About(round_.about)]
        answers = [Answer(key, words) for key, words in house.answers.items() if key in round_.responses]
        return Asked(round_.question or house.question, "", answers)
    decision = decision_of(script, round_.decision)
    added = added_responses(session, [round_.performance_id], decision=decision.key)
    asks = script.character(decision.asks)
    return Asked(
        decision.question,
        asks.name if asks else "",
        [answer for answer in answers_of(decision, added) if answer.key in round_.responses],
    )


def answers_of(decision: Decision, added: Sequence[AddedResponse]) -> list[Answer]:
    """Return everything that a decision offers from its next round on: the script's responses, then the room's."""
    of_script = [Answer(r.key, r.label, r.helps, r.costs, r.target) for r in decision.responses]
    from_floor = [
        Answer(each.key, each.label, opens=each.opens, floor=True, by=each.role or "")
        for each in added
        if each.decision == decision.key
    ]
    return [*of_script, *from_floor]


def decision_of(script: Script, key: str) -> Decision:
    """Return a decision by its key.

    :raises scenarios.script.script.UnknownScene: the script has no such decision
    """
    decision = script.scene_of(key).decision
    assert decision is not None
    return decision


def scene_title(script: Script, scene: str, added: Sequence[AddedResponse]) -> str:
    """Return the title of a scene: of one that is made up on the spot, the words of the response that opened it."""
    improvised = next((each for each in added if each.opens == scene and each.leads_to is None), None)
    return improvised.label if improvised else script.at(scene).title
