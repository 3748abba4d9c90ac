"""Every language says everything that English says, with the same places to fill in."""

import re
from functools import cache
from gettext import c2py
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from tests.real_servers import HERE

CATALOGUES = HERE / "scenario_app" / "translations"
LANGUAGES = ("ar", "cy", "pl")
PACKAGES = ("scenario_app", "live", "evidence", "scenarios")
PLACE = re.compile(r"%\(\w+\)s|%[a-z]")


@cache
def said_in_english() -> Catalog:
    """What `make words` collects now."""
    with TemporaryDirectory() as folder:
        found = Path(folder) / "words.pot"
        settings = str(HERE / "requirements" / "babel.cfg")
        packages = [str(HERE / package) for package in PACKAGES]
        CommandLineInterface().run(["pybabel", "-q", "extract", "-F", settings, "-o", str(found), *packages])
        with found.open("rb") as text:
            return read_po(text)


@cache
def catalogue(code: str) -> Catalog:
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as text:
        return read_po(text, locale=code)


def english() -> list[Message]:
    return [message for message in said_in_english() if message.id]


def forms(words: str | tuple[str, ...]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def places(words: str) -> set[str]:
    return set(PLACE.findall(words))


def test_the_languages_are_those_of_the_design():
    assert sorted(path.name for path in CATALOGUES.iterdir() if path.is_dir()) == list(LANGUAGES)
    assert len(english()) > 500


@pytest.mark.parametrize("code", LANGUAGES)
def test_everything_said_in_english_is_said(code):
    theirs = catalogue(code)

    lacking = [
        message.id
        for message in english()
        if message.id not in theirs or not all(forms(theirs[message.id].string))
    ]

    assert lacking == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_kept_that_is_not_said_any_more_and_nothing_is_a_guess(code):
    theirs = catalogue(code)

    assert [message.id for message in theirs if message.id and message.id not in said_in_english()] == []
    assert [message.id for message in theirs if message.id and message.fuzzy] == []
    assert theirs.obsolete == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_translation_has_the_places_of_its_source(code):
    for message in catalogue(code):
        if not message.id:
            continue
        wanted = places(forms(message.id)[-1])
        for form in forms(message.string):
            # A form for exactly one number ("two votes") may say it in words.
            spared = {"%(num)s"} if message.pluralizable else set()
            assert wanted - spared <= places(form) <= wanted, (message.id, form)


@pytest.mark.parametrize("code", LANGUAGES)
def test_plurals_have_as_many_forms_as_the_language(code):
    theirs, rule = catalogue(code), get_plural(code)

    assert (theirs.num_plurals, theirs.plural_expr) == (rule.num_plurals, rule.plural_expr)
    for message in theirs:
        if message.pluralizable:
            assert len(forms(message.string)) == rule.num_plurals, message.id


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_form_that_serves_several_numbers_says_the_number(code):
    theirs = catalogue(code)
    served: dict[int, set[int]] = {}
    for number in range(201):
        served.setdefault(form_of(theirs, number), set()).add(number)

    for message in theirs:
        if message.pluralizable:
            for form, numbers in served.items():
                if len(numbers) > 1:
                    assert "%(num)s" in message.string[form], (message.id, form)


def form_of(theirs: Catalog, number: int) -> int:
    return c2py(theirs.plural_expr)(number)


@pytest.mark.parametrize("code", LANGUAGES)
def test_spaces_at_the_ends_of_words_that_join_others_are_kept(code):
    for message in catalogue(code):
        if isinstance(message.id, str) and message.id and message.id != message.id.strip():
            assert message.string[0] == message.string[-1] == " ", message.id
