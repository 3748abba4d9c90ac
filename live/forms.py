"""Read what plain forms send into the same values that the sockets send."""

from collections.abc import Mapping
from typing import Any

from live import messages
from live.choices import RoundKind
from scenario_app.kernel.errors import BadMessage

_ACTIONS: Mapping[str, type[messages.DeskAction]] = {action.name: action for action in messages.DESK_ACTIONS}
_NUMBERS = {
    *("expects", "performance", "round", "stop", "line", "intervention", "minute", "proposal", "commitment"),
    *("text_id", "heads"),
}
_FLAGS = {"open", "frozen", "practice", "stops", "promised"}

# What was written of an intervention can be taken out again: a blank empties it.
_MAY_BE_EMPTIED = {"tried", "others_did", "happened", "would_have_to_change"}


def desk_action(name: str, form: Mapping[str, str]) -> messages.DeskAction:
    """Return a desk action from a form: the same parse as on the socket, after text has become numbers and flags.

    :raises BadMessage: no such action, or a field that it cannot take
    """
    kind: Any = _ACTIONS.get(name)
    if kind is None:
        raise BadMessage(found=name[:40], expected=", ".join(_ACTIONS))
    action: messages.DeskAction = kind.parse(
        {
            field: _typed(field, value or " ")
            for field, value in form.items()
            if value or field in _MAY_BE_EMPTIED
        }
    )
    return action


def cast_ballot(form: Mapping[str, str]) -> messages.CastBallot:
    """Return a ballot from the phone's plain form.

    :raises BadMessage: a field is missing or is not what it should be
    """
    raw = {name: form.get(name, "") for name in ("response", "key")}
    return messages.CastBallot.parse(
        {**raw, "round": _typed("round", form.get("round", "")), "rev": _typed("rev", form.get("rev", ""))}
    )


def _typed(field: str, value: str) -> object:
    if field in _NUMBERS or field == "rev":
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else value
    if field in _FLAGS:
        return value in ("1", "true", "on", "yes")
    return value
