"""Words of the equality form, in the reader's language. A test holds them equal to the English of the rules."""

from flask_babel import gettext as _


def equality_questions() -> dict[str, str]:
    """Return what is asked, by question."""
    return {
        "age": _("How old are you?"),
        "gender": _("How do you describe yourself?"),
        "ethnicity": _("What is your ethnic group?"),
        "disability": _(
            "Do you have a condition or illness that has lasted, or will last, 12 months or more?"
        ),
        "orientation": _("Which of these describes you?"),
        "religion": _("What is your religion or belief?"),
    }


def equality_answers() -> dict[str, str]:
    """Return the words of every answer."""
    return {
        "under_18": _("Under 18"),
        "18_24": _("18 to 24"),
        "25_44": _("25 to 44"),
        "45_64": _("45 to 64"),
        "65_over": _("65 or over"),
        "woman": _("Woman"),
        "man": _("Man"),
        "other_gender": _("In another way"),
        "asian": _("Asian or Asian British"),
        "black": _("Black, Black British, Caribbean or African"),
        "mixed": _("Mixed or multiple ethnic groups"),
        "white": _("White"),
        "other_ethnicity": _("Another ethnic group"),
        "condition_a_lot": _("Yes, and it limits me a lot"),
        "condition_a_little": _("Yes, and it limits me a little or not at all"),
        "no_condition": _("No"),
        "straight": _("Straight or heterosexual"),
        "gay_lesbian": _("Gay or lesbian"),
        "bisexual_other": _("Bisexual, or in another way"),
        "no_religion": _("No religion"),
        "christian": _("Christian"),
        "muslim": _("Muslim"),
        "other_religion": _("Another religion or belief"),
    }
