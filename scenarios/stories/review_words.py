"""Words for what moderators choose from and what the public log says, in the reader's language."""

from flask_babel import gettext as _

from scenarios.stories.edits import DeclineReason, EditReason
from scenarios.stories.hints import What
from scenarios.stories.review_pages import ReviewWords
from scenarios.stories.rules import StoryState, Verdict
from scenarios.stories.words import edit_kind_words, use_words


def edit_reason_words() -> dict[str, str]:
    """Return why something was taken out."""
    return {
        EditReason.SHOWS_TELLER: _("it could show who wrote it"),
        EditReason.SHOWS_OTHERS: _("it could show who somebody else is"),
        EditReason.NAMES_STAFF: _("it could show who a member of staff is"),
        EditReason.WAY_OF_HARM: _("it tells of a way to hurt oneself"),
    }


def decline_reason_words() -> dict[str, str]:
    """Return why a story was declined."""
    return {
        DeclineReason.SHOWS_WHO: _("people could be recognised, whatever is taken out"),
        DeclineReason.NOT_THEIRS: _("it is somebody else’s story, and they have not agreed"),
        DeclineReason.WAY_OF_HARM: _("it tells of a way to hurt oneself"),
        DeclineReason.HATE: _("it speaks with hate of a group of people"),
        DeclineReason.NO_STORY: _("it is not a story"),
    }


def review_words() -> ReviewWords:
    """Return all of them."""
    return ReviewWords(
        kinds=edit_kind_words(),
        edit_reasons=edit_reason_words(),
        decline_reasons=decline_reason_words(),
        whats={
            What.NHS_NUMBER: _("NHS number"),
            What.EMAIL: _("e-mail address"),
            What.WEB: _("web address or handle"),
            What.POSTCODE: _("postcode"),
            What.PHONE: _("phone number"),
            What.DATE: _("date"),
            What.ADDRESS: _("street"),
            What.SERVICE: _("named service"),
            What.NAME: _("name"),
            What.AGE: _("age"),
        },
        states={
            StoryState.SENT: _("Waiting"),
            StoryState.BEING_READ: _("Being read"),
            StoryState.APPROVED: _("Approved"),
            StoryState.DECLINED: _("Declined"),
        },
        verdicts={
            Verdict.APPROVED: _("Approved"),
            Verdict.DECLINED: _("Declined"),
            Verdict.SECOND_WANTED: _("Second opinion wanted"),
        },
        uses=use_words(),
    )
