"""What a rule answers when it will not do what was asked: a refusal with a code, never a sentence.

Words are written in templates; programs match on `code`. Four families give the HTTP status.
"""

from typing import ClassVar


class DomainError(Exception):
    """A refusal. `code` is stable; `details` are plain values that help somebody to mend what they sent.

    >>> class RoundClosed(Conflict):
    ...     code = "round_closed"
    >>> RoundClosed(round_id=7).code, RoundClosed.status, RoundClosed(round_id=7).details
    ('round_closed', 409, {'round_id': 7})
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, **details: object) -> None:
        super().__init__(self.code, details)
        self.details = details


class NotFound(DomainError):
    """There is no such thing (for this caller)."""

    code = "not_found"
    status = 404


class Forbidden(DomainError):
    """There is such a thing, and this caller may not do that with it."""

    code = "not_allowed"
    status = 403


class Invalid(DomainError):
    """What was sent cannot be used as it is; `details` say what was found and what is expected."""

    code = "invalid"
    status = 422


class Conflict(DomainError):
    """It could have been done at another moment; the state of the world has moved."""

    code = "conflict"
    status = 409


class BadMessage(Invalid):
    """What came over a socket or the JSON API has not the shape that docs/PROTOCOL.md gives."""

    code = "bad_message"


class BadParameter(DomainError):
    """A parameter of an address has not the form that it must have; `details` name it."""

    code = "bad_parameter"
    status = 400
