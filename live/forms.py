"""Read what plain forms send into the same values that the sockets send."""

from collections.abc import Mapping
from typing import Any

from flask import flash, session
from flask_babel import gettext as _

from live import messages
from live.budgets import TooFast
from live.choices import RoundKind
from scenario_app.kernel.errors import BadMessage, DomainError

_ACTIONS: Mapping[str, type[messages.DeskAction]] = {action.name: action for action in messages.DESK_ACTIONS}
_NUMBERS = {
    *("expects", "performance", "round", "stop", "line", "intervention", "minute", "proposal", "commitment"),
    *("text_id", "heads"),
}
_FLAGS = {"as_it_happened", "open", "frozen", "practice", "stops", "promised"}

# What was written of an intervention can be taken out again: a blank empties it.
_MAY_BE_EMPTIED = {"tried", "others_did", "happened", "would_have_to_change"}


def desk_action(name: str, form: Mapping[str, str]) -> messages.DeskAction:
    """Return a desk action from a form: the same parse as on the socket, after text has become numbers and flags.

    :raises BadMessage: no such action, or a field that it cannot take
    """
    kind: Any = _ACTIONS.get(name)
    if kind is None:
        raise BadMessage(found=name[:40], expected=", ".join(_ACTIONS))
    fields = {
        field: _typed(field, value or " ")
        for field, value in form.items()
        if value or field in _MAY_BE_EMPTIED
    }
    # A number for each response comes as fields of its own: `votes-a`, `votes-b`.
    if votes := {
        name.partition("-")[2]: fields.pop(name) for name in list(fields) if name.startswith("votes-")
    }:
        fields["votes"] = votes
    action: messages.DeskAction = kind.parse(fields)
    return action


def cast_ballot(form: Any) -> messages.CastBallot:
    """Return a ballot from the phone's plain form, a MultiDict; `kind` says how the question is answered.

    :raises BadMessage: a field is missing or is not what it should be
    """
    raw = {"key": form.get("key", ""), **_choice(form)}
    return messages.CastBallot.parse(
        {**raw, "round": _typed("round", form.get("round", "")), "rev": _typed("rev", form.get("rev", ""))}
    )


def says_nothing(form: Any) -> bool:
    """Say whether nothing was chosen in a phone's plain form. To approve of none is to choose."""
    choice = _choice(form)
    return "responses" not in choice and not any(choice.values())


def _choice(form: Any) -> dict[str, object]:
    match form.get("kind", RoundKind.CHOOSE_ONE.value):
        case RoundKind.APPROVE.value:
            return {"responses": form.getlist("responses")}
        case RoundKind.SCALE.value:
            return {"scale": _typed("scale", form.get("scale", ""))}
        case RoundKind.RANK.value:
            places = {name[5:]: value for name, value in form.items() if name.startswith("rank-") and value}
            if len(set(places.values())) != len(places):
                raise BadMessage(expected="each place once")
            return {"ranking": sorted(places, key=lambda key: places[key].zfill(2))}
    return {"response": form.get("response", "")}


def _typed(field: str, value: str) -> object:
    if field in _NUMBERS or field in ("rev", "scale") or field.startswith("votes-"):
        number = number_typed(value)
        return value if number is None else number
    if field in _FLAGS:
        return value in ("1", "true", "on", "yes")
    return value


def number_typed(value: str) -> int | None:
    """Return the number that came in a plain form, or None: words, and digits that no number of ours has.

    >>> number_typed("12"), number_typed("twelve"), number_typed("9" * 5000)
    (12, None, None)
    """
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def not_taken(refusal: DomainError, typed: Mapping[str, str]) -> None:
    """Say that a phone's words were not taken, and keep them in its own browser until the next page shows them."""
    session["typed"] = dict(typed)
    if isinstance(refusal, TooFast):
        flash(_("One text every 20 seconds. Your words are still here."))
    else:
        flash(_("That could not be taken just now. The room may have gone on."))


def typed_before() -> Mapping[str, str]:
    """Return the words that were not taken just now, once, by the name of their field."""
    return dict(session.pop("typed")) if "typed" in session else {}
