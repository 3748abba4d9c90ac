"""What the pages of a teller say, in the reader's language. Short words: many read them at night, on a phone."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from scenarios.stories.pages import Choice, QuestionWords, Step
from scenarios.stories.questions import UNSURE, ToldFor
from scenarios.stories.rules import StoryState, Use


def question_words() -> dict[str, QuestionWords]:
    """Return what is asked, and the hint under it, by the key of the question."""
    return {
        "who": QuestionWords(
            _("Whose story is it?"),
            _(
                "We ask for no names. If it is somebody else’s story, it is theirs. They say what we may do with it."
            ),
        ),
        "stage": QuestionWords(
            _("Which part of getting help is it about?"),
            _("Pick the one that fits best. It is fine not to be sure."),
        ),
        "when": QuestionWords(
            _("Roughly when was it?"),
            _("“Last winter” or “some years ago” is enough. Please leave out the exact date."),
        ),
        "where": QuestionWords(
            _("What kind of place was it?"),
            _("“A flat in a town” or “a farm” is enough. Please leave out the address."),
        ),
        "first": QuestionWords(
            _("What happened first?"),
            _(
                "Start where it starts for you. Short is fine. Please leave out real names: “my son”, "
                "“the nurse”, “the man on the phone”."
            ),
        ),
        "people": QuestionWords(
            _("Who was there?"),
            _(
                "Say what kind of people: “me”, “my son”, “a nurse”. No names. You can put each on a new line."
            ),
        ),
        "then": QuestionWords(
            _("Then what?"), _("What came next, up to the point where it could have turned.")
        ),
        "moment": QuestionWords(
            _("Was there a moment it could have gone another way?"),
            _("Say what was going on just then."),
        ),
        "one": QuestionWords(
            _("What could one person have done?"),
            _("Say who, and what. A small thing is fine."),
        ),
        "other": QuestionWords(
            _("What could somebody else have done?"),
            _("Say who, and what. It may be the same person, in another way."),
        ),
        "ended": QuestionWords(_("How did it end?"), _("How things were after that. It may not be over.")),
        "different": QuestionWords(
            _("What should be different?"), _("Think of the next person this happens to.")
        ),
        "notes": QuestionWords(
            _("What should people know before they read it?"),
            _(
                "Is there something hard in it, such as harm or death? Then people can choose if they read on."
            ),
        ),
    }


def answer_labels() -> dict[str, str]:
    """Return the name of each answer, by its key: that of its question, or of the part that it is."""
    labels = {key: words.heading for key, words in question_words().items()}
    helps, costs = _("What would that help?"), _("What would it cost them, or you?")
    return {**labels, "one_helps": helps, "one_costs": costs, "other_helps": helps, "other_costs": costs}


def draft_headings() -> dict[str, str]:
    """Return what fills a script made from answers: each question as its teller read it, somebody without a name."""
    return {**answer_labels(), "somebody": _("Somebody"), "as_it_was": _("It goes on as it did")}


def whose_choices() -> list[Choice]:
    """Return whose story it can be."""
    return [
        Choice(ToldFor.SELF, _("It is mine")),
        Choice(ToldFor.SOMEBODY_WHO_KNOWS, _("It is somebody else’s, and they know that I write it")),
        Choice(ToldFor.SOMEBODY_UNASKED, _("It is somebody else’s, and I have not asked them")),
    ]


def stage_choices(stages: Sequence[tuple[str, str]]) -> list[Choice]:
    """Return the stages of the pathway, keys and titles, and that somebody is not sure."""
    return [*(Choice(key, title) for key, title in stages), Choice(UNSURE, _("I am not sure"))]


def use_words() -> dict[Use, str]:
    """Return what is asked for each use. What somebody has read here is kept with their answer."""
    return {
        Use.KEEP: _("Keep my story, so that people who make care better can learn from it."),
        Use.PERFORM: _("Make it part of a play, with details changed, and play it in front of people."),
        Use.QUOTE: _("Use short parts of it in a report, with details changed."),
    }


def said_by_words() -> dict[str, str]:
    """Return whose consent it is."""
    return {
        ToldFor.SELF: _("said by the person whose story it is"),
        ToldFor.SOMEBODY_WHO_KNOWS: _("said for somebody else, who knows"),
        ToldFor.SOMEBODY_UNASKED: _("said for somebody else, who has not been asked"),
    }


def edit_kind_words() -> dict[str, str]:
    """Return what kind of detail an edit took out."""
    return {
        "name": _("a name"),
        "place": _("a place"),
        "date": _("a date"),
        "age": _("an age"),
        "service": _("a service"),
        "other": _("another detail"),
    }


def steps_of(state: StoryState) -> list[Step]:
    """Return the way of a story as far as it has come, and the next step. What is done comes first."""
    if state is StoryState.WITHDRAWN:
        return [Step("withdrawn", _("It was taken back. We do not keep its words."), done=True)]
    words: Mapping[StoryState, str] = {
        StoryState.SENT: _("You sent it"),
        StoryState.BEING_READ: _("Somebody reads it and takes out what could show who you are"),
        StoryState.APPROVED: _("It is agreed, and can become part of a play if you said yes to that"),
        StoryState.DECLINED: _("We decided not to use it"),
    }
    way = [StoryState.SENT, StoryState.BEING_READ]
    way.append(StoryState.DECLINED if state is StoryState.DECLINED else StoryState.APPROVED)
    come = way.index(state) if state in way else -1
    return [
        Step(step.value, words[step], done=place <= come, here=place == come)
        for place, step in enumerate(way)
    ]
