"""Words of the live room that more than one page says: roles, groups, tie rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from live.queries import SectionView
from live.rules import Role
from scenario_app.kernel.language import direction_of


def role_label(role: Role) -> str:
    """Return the words for a role, as somebody says it of themselves."""
    words = {
        Role.SERVICE_USER: _("I use, or have used, services"),
        Role.CARER: _("I care for somebody"),
        Role.EMERGENCY_CALLS: _("I answer 999 or 111, or work on an ambulance"),
        Role.MENTAL_HEALTH_STAFF: _("I work in mental health care"),
        Role.POLICE: _("Police"),
        Role.PRIMARY_CARE: _("GP or surgery"),
        Role.COMMISSIONER: _("I plan or pay for services"),
        Role.NEIGHBOUR: _("Neighbour, or something else"),
    }
    return str(words[role])


def group_label(group: str) -> str:
    """Return the words for a group of a breakdown, as others say it."""
    words = {
        Role.SERVICE_USER.value: _("People who have used services"),
        Role.CARER.value: _("Carers, family, friends"),
        Role.EMERGENCY_CALLS.value: _("999, 111 and ambulance"),
        Role.MENTAL_HEALTH_STAFF.value: _("Mental health staff"),
        Role.POLICE.value: _("Police"),
        Role.PRIMARY_CARE.value: _("GPs and surgeries"),
        Role.COMMISSIONER.value: _("People who plan or pay for services"),
        Role.NEIGHBOUR.value: _("Neighbours and others"),
        "other_roles": _("Other roles together"),
        "no_role": _("Would rather not say"),
    }
    return str(words.get(group, group))


def group_labels() -> dict[str, str]:
    """Return the words for every group that a breakdown can have."""
    return {group: group_label(group) for group in [*(role.value for role in Role), "other_roles", "no_role"]}


def tie_rule_words() -> dict[str, str]:
    """Return what each tie rule says to the room before it votes."""
    return {
        "first_listed": _("On a tie, the response listed first opens the next scene."),
        "as_it_happened": _("On a tie, the play goes on as it happened."),
        "joker_decides": _("On a tie, the joker decides, and says why."),
    }


def proposal_state_words() -> dict[str, str]:
    """Return where a proposal can stand, in words."""
    return {
        "open": _("not voted on yet"),
        "adopted": _("adopted"),
        "not_adopted": _("not adopted"),
        "withdrawn": _("withdrawn"),
    }


def public_question_words() -> dict[str, str]:
    """Return the four questions that are answered in public before a proposal is voted on."""
    return {
        "heard_before": _("Have we heard this before?"),
        "excites": _("What excites you about it?"),
        "worries": _("What worries you about it?"),
        "steps": _("What steps would it take?"),
    }


def passing_rule_words() -> dict[str, str]:
    """Return what each passing rule says to the room before it votes."""
    return {
        "majority": _("It is adopted when more say yes than no."),
        "two_thirds": _("It is adopted when two thirds of those who say yes or no say yes."),
        "consent": _("It is adopted when somebody says yes and nobody says no."),
    }


@dataclass(frozen=True, slots=True)
class AfterWords:
    """What phone and screen say of proposals, and of votes that were cast alone."""

    states: Mapping[str, str]
    questions: Mapping[str, str]
    channels: Mapping[str, str]


def after_words() -> AfterWords:
    """Return what phone and screen say of proposals."""
    channels = {"online_before": _("Online before the play"), "online_after": _("Online after the play")}
    return AfterWords(proposal_state_words(), public_question_words(), channels)


def channel_words() -> dict[str, str]:
    """Return what somebody who votes alone is told of where their vote counts."""
    return {
        "online_before": _("Your votes are counted apart, as online before the play."),
        "online_after": _("Your votes are counted apart, as online after the play."),
    }


def script_languages(section: SectionView) -> dict[str, tuple[str, str]]:
    """Return the language of each script of a section, by slug, and which way it runs."""
    return {played.slug: (played.language, direction_of(played.language)) for played in section.performances}


def here_words() -> dict[str, str]:
    """Return how a page says that `#` people are in, for each plural form that its language has."""
    forms: dict[str, str] = {}
    for number in (0, 1, 2, 3, 6, 11, 100):
        form = get_locale().plural_form(number)
        words = ngettext("%(num)s person is in", "%(num)s people are in", number)
        forms.setdefault(form, words.replace(str(number), "#"))
    return forms


def action_words() -> dict[str, str]:
    """Return what a desk action is called on the button that takes it back."""
    return {
        "start_performance": _("Start the play"),
        "go_on": _("Go on"),
        "replay_from": _("Replay"),
        "end_performance": _("End this play"),
        "note_improvised": _("Note what was improvised"),
        "set_door": _("The door"),
        "set_heads": _("Heads counted"),
        "show_on_screen": _("What the hall sees"),
        "open_round": _("Open the vote"),
        "enter_hand_count": _("Type in hands"),
        "take_branch": _("Open the next scene"),
        "overrule": _("Play a different scene"),
        "leave_question": _("Back to the play"),
        "decide_text": _("Decide about words"),
        "add_floor_response": _("Add a response"),
        "raise_stop": _("Raise a hand for somebody"),
        "pick_stop": _("Ask somebody in"),
        "pass_stop": _("Let a hand go"),
        "record_intervention": _("Keep what was tried"),
        "open_weighing": _("Ask whether it could happen here"),
        "close_weighing": _("Show what the room says"),
        "make_proposal": _("Make a proposal"),
        "note_answer": _("Note an answer"),
        "amend_proposal": _("Change the words of a proposal"),
        "withdraw_proposal": _("Withdraw a proposal"),
        "record_commitment": _("Write down a promise"),
    }
