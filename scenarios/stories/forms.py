"""What a teller types, as values. Whatever is missing counts as left empty: every question may be skipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Literal

from scenario_app.kernel.errors import BadMessage, Invalid
from scenarios.stories.questions import Kind, Question
from scenarios.stories.rules import Use

Way = Literal["on", "back", "check"]
MOST_EMAIL = 254


class BadEmail(Invalid):
    """This cannot be an e-mail address."""

    code = "bad_email"


@dataclass(frozen=True, slots=True)
class Typed:
    """One page as it was sent: answers by name, the choice of a question that has some, where to go next."""

    answers: Mapping[str, str]
    choice: str
    way: Way

    @property
    def says_something(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.choice) or any(text.strip() for text in self.answers.values())

    @classmethod
    def from_form(cls, question: Question, form: Mapping[str, str]) -> "Typed":
        """Return what a form holds for one question."""
        way: Way = "back" if "back" in form else "check" if form.get("checking") else "on"
        choice = form.get("choice", "")[:80] if question.kind is Kind.CHOICE else ""
        return cls({name: form.get(name, "") for name in question.answers}, choice, way)

    @classmethod
    def from_json(cls, question: Question, raw: object) -> "Typed":
        """Return what the script of the page sends while somebody types.

        :raises BadMessage: not an object of texts
        """
        match raw:
            case {"answers": dict(answers)} if all(isinstance(text, str) for text in answers.values()):
                return cls({name: answers.get(name, "") for name in question.answers}, "", "on")
        raise BadMessage(expected='{"answers": {"first": "..."}}')


def consents_of_form(form: Mapping[str, str]) -> dict[Use, bool]:
    """Return every use: allowed when its box is ticked."""
    return {use: f"use_{use.value}" in form for use in Use}


def email_of(form: Mapping[str, str]) -> str:
    """Return the address to send letters to, one that a letter can be addressed to.

    >>> email_of({"email": " ada@home.example "})
    'ada@home.example'
    >>> email_of({"email": "b@=,"})
    Traceback (most recent call last):
    ...
    scenarios.stories.forms.BadEmail: ('bad_email', {})

    :raises BadEmail: no @ with something on both sides, a line end in it, or nothing that a letter's head can hold
    """
    typed = form.get("email", "").strip()
    name, at, host = typed.partition("@")
    if not (name and at and host) or len(typed) > MOST_EMAIL or not typed.isprintable() or " " in typed:
        raise BadEmail
    try:
        Address(addr_spec=typed)
    except Exception:  # noqa: BLE001 - the parser falls over some in ways of its own: none of those is an address
        raise BadEmail from None
    return typed
