"""Words of what came of it: where promises stand, what answers say, what the chain is made of."""

from flask_babel import gettext as _


def standing_words() -> dict[str, str]:
    """Return where a promise can stand, in words; and that something is not promised."""
    return {
        "overdue": _("Late"),
        "under_way": _("Under way"),
        "promised": _("Promised"),
        "done": _("Done"),
        "not_done": _("Will not be done"),
        "not_promised": _("Not promised"),
        "unanswered": _("Without an answer"),
    }


def verdict_words() -> dict[str, str]:
    """Return what an official answer can say, in words."""
    return {
        "influenced": _("It influenced what is done"),
        "not_changed": _("Nothing is changed, because"),
    }


def kind_words() -> dict[str, str]:
    """Return what each kind of thing in the chain is called."""
    return {
        "story": _("A story that somebody told"),
        "version": _("Scenario"),
        "scene": _("Scene"),
        "decision": _("Decision"),
        "round": _("Vote"),
        "stop": _("Stop!"),
        "intervention": _("What somebody tried"),
        "proposal": _("Proposal"),
        "amendment": _("Changed words"),
        "answer": _("Official answer"),
        "commitment": _("Promise"),
        "change": _("Change"),
    }
