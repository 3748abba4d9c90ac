"""Which language a page speaks, which way it runs, and how it says numbers and dates."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, format_decimal, get_locale

from scenario_app.kernel.wording import RIGHT_TO_LEFT

COOKIE = "language"


@dataclass(frozen=True, slots=True)
class Language:
    """One language that pages can be read in."""

    code: str
    name: str
    direction: str


def language_of(code: str) -> Language:
    """Return a language with its own name for itself.

    >>> language_of("ar")
    Language(code='ar', name='العربية', direction='rtl')
    """
    return Language(
        code, (Locale.parse(code).get_display_name(code) or code).capitalize(), direction_of(code)
    )


def direction_of(code: str) -> str:
    """Return `rtl` or `ltr` for a BCP 47 code.

    >>> direction_of("ar-EG"), direction_of("cy")
    ('rtl', 'ltr')
    """
    return "rtl" if re.split("[-_]", code)[0].lower() in RIGHT_TO_LEFT else "ltr"


def available(folder: Path) -> list[str]:
    """Return the codes that pages can be read in: English, then every catalogue in the folder."""
    return ["en", *sorted(po.parent.parent.name for po in folder.glob("*/LC_MESSAGES/messages.po"))]


def compile_catalogues(folder: Path, into: Path) -> None:
    """Write the binary form of every catalogue whose text form is newer. Only the text form is kept in the project."""
    for source in folder.glob("*/LC_MESSAGES/messages.po"):
        target = into / source.relative_to(folder).with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as text:
            catalogue = read_po(text)
        # Other processes may be reading, or starting and writing the same: a name of one's own, then replace whole.
        aside = target.with_name(f"{secrets.token_hex(8)}.new")
        with aside.open("wb") as binary:
            write_mo(binary, catalogue)
        aside.replace(target)


def speak(app: Flask, *, catalogues: Path, compiled: Path, time_zone: str) -> None:
    """Give the application its languages, and templates the words for them."""
    compile_catalogues(catalogues, compiled)
    codes = available(catalogues)
    languages = [language_of(code) for code in codes]
    app.config.update(
        BABEL_TRANSLATION_DIRECTORIES=str(compiled.resolve()),
        BABEL_DEFAULT_LOCALE="en",
        BABEL_DEFAULT_TIMEZONE=time_zone,
    )

    def choose() -> str:
        asked = request.cookies.get(COOKIE) if has_request_context() else "en"
        if asked not in codes:
            # ar-EG is served by ar before a second choice is looked at.
            asked = negotiate_locale(list(request.accept_languages.values()), codes, sep="-")
        # Dates are said as they are in Britain; the words are English either way.
        return "en_GB" if asked in (None, "en") else str(asked)

    Babel(app, locale_selector=choose)
    app.jinja_env.globals.update(languages=languages, direction_of=direction_of)
    app.context_processor(lambda: {"language": current_language()})
    app.jinja_env.filters.update(
        number=format_decimal,
        date=format_date,
        moment=format_datetime,
        day=lambda day: format_date(day, "long"),
    )


def current_language() -> Language:
    """Return the language of the answer being made."""
    if "language" not in g:
        g.language = language_of((get_locale() or Locale("en")).language)
    found: Language = g.language
    return found
