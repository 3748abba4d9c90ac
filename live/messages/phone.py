"""What a phone may say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from live.choices import Choice, chosen
from live.messages.reading import (
    LONGEST_LABEL,
    Parsed,
    keys,
    mapping,
    may,
    must,
    one_of,
    response_key,
    tap,
    text_of,
    whole,
    word,
    words,
)
from scenario_app.kernel.errors import BadMessage

_LARGEST_REV: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CastBallot:
    """`cast`: place or replace this seat's choice in a round."""

    round_id: int
    response: str
    key: str
    rev: int

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read `{"round", "response" | "responses" | "scale" | "ranking", "key", "rev"}`.

        `response` of what is returned is the choice as a ballot keeps it (`live.choices`).

        >>> CastBallot.parse({"round": 7, "response": "a", "key": "tap-00001", "rev": 1})
        CastBallot(round_id=7, response='a', key='tap-00001', rev=1)
        >>> CastBallot.parse({"round": 7, "ranking": ["c", "a"], "key": "tap-00001", "rev": 1}).response
        '>c>a'
        >>> CastBallot.parse({"round": True, "response": "a", "key": "tap-00001", "rev": 1})
        Traceback (most recent call last):
        ...
        scenario_app.kernel.errors.BadMessage: ('bad_message', {'field': 'round', 'expected': 'a whole number from 1'})

        :raises BadMessage: any other shape
        """
        fields = mapping(raw)
        key = tap(fields, "key")
        rev = whole(fields, "rev")
        if rev > _LARGEST_REV:
            raise BadMessage(field="rev", expected="1, 2, 3 ...")
        return cls(round_id=whole(fields, "round"), response=_kept_choice(fields), key=key, rev=rev)


def _kept_choice(fields: Mapping[object, object]) -> str:
    if (
        len(fields) == 4 and fields.get("response") is not None
    ):  # the other three are there: nearly every ballot
        response: str = response_key(fields, "response")
        return response
    return _choice(fields).kept


def _choice(fields: Mapping[object, object]) -> Choice:
    match [name for name in ("response", "responses", "scale", "ranking") if fields.get(name) is not None]:
        case ["response"]:
            return chosen(response_key(fields, "response"))
        case ["responses"]:
            return Choice.approval(keys(fields, "responses"))
        case ["ranking"]:
            return Choice.ranking(keys(fields, "ranking"))
        case ["scale"]:
            step = whole(fields, "scale")
            if step <= 5:
                return Choice.scale(step)
    raise BadMessage(expected="one of response, responses, scale (1 to 5), ranking")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneMessage(Parsed):
    """What every other message of a phone carries: a key of its own, so that twice sent is once done."""

    name: ClassVar[str]
    key: str = must(tap)


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseStop(PhoneMessage):
    """`stop`: raise a hand at a scene, and at a line of it."""

    name = "stop"
    scene: str = must(word)
    line: int | None = may(whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackStop(PhoneMessage):
    """`take_back_stop`: put the hand down again."""

    name = "take_back_stop"
    stop_id: int = must(whole, "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveReason(PhoneMessage):
    """`give_reason`: say in one line why this seat chose as it did."""

    name = "give_reason"
    round_id: int = must(whole, "round")
    text: str = must(text_of(280))


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestResponse(PhoneMessage):
    """`suggest_response`: say what else somebody could do at a decision."""

    name = "suggest_response"
    decision: str = must(word)
    text: str = must(text_of(LONGEST_LABEL))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighIntervention(PhoneMessage):
    """`weigh_intervention`: could it be done here, or is that magic?"""

    name = "weigh_intervention"
    intervention_id: int = must(whole, "intervention")
    verdict: str = must(one_of("here", "magic", "unsure"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWords(PhoneMessage):
    """`offer_words`: a proposal, other words for one, or an answer to one of the four public questions."""

    name = "offer_words"
    kind: str = must(one_of("proposal", "amendment", "heard_before", "excites", "worries", "steps"))
    proposal_id: int | None = may(whole, name="proposal")
    text: str = must(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedMinute(PhoneMessage):
    """`need_minute`: ask the supporter on duty to come, or to be found. Never shown to the room."""

    name = "need_minute"
    where: str | None = may(text_of(80))


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteOver(PhoneMessage):
    """`minute_over`: nobody needs to come any more. `key` is that of the asking; nothing of it stays."""

    name = "minute_over"


PHONE_MESSAGES: Final[tuple[type[PhoneMessage], ...]] = (
    RaiseStop,
    TakeBackStop,
    GiveReason,
    SuggestResponse,
    WeighIntervention,
    OfferWords,
    NeedMinute,
    MinuteOver,
)

# What holds free text, and so has a budget of its own.
WORDED: Final = (GiveReason, SuggestResponse, OfferWords)
