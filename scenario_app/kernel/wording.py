"""Words, days and numbers in one language for what is written once and kept: a document, not a page. No web."""

import gettext
import io
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.core import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

CATALOGUES = Path(__file__).parents[1] / "translations"
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur"})


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language says things. `translations` has `gettext` and `ngettext`."""

    code: str
    translations: gettext.NullTranslations

    @property
    def direction(self) -> str:
        """Return `rtl` or `ltr`."""
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"

    def day(self, value: date | datetime) -> str:
        """Return a day as people write it.

        >>> wording_of("en").day(date(2026, 10, 3))
        '3 October 2026'
        """
        return format_date(value, format="long", locale=self._locale)

    def number(self, value: int | float) -> str:
        """Return a number as people write it.

        >>> wording_of("en").number(12345)
        '12,345'
        """
        return format_decimal(value, locale=self._locale)

    @property
    def _locale(self) -> Locale:
        # Dates are said as they are in Britain; the words of English are the same either way.
        return Locale.parse("en_GB" if self.code == "en" else self.code)


def languages() -> list[str]:
    """Return the codes of the languages that there are words in: English first."""
    return ["en", *sorted(po.parent.parent.name for po in CATALOGUES.glob("*/LC_MESSAGES/messages.po"))]


@cache
def wording_of(code: str) -> Wording:
    """Return a language's words. Reads the whole catalogue the first time: under a second.

    :raises ValueError: there are no words in this language
    """
    if code not in languages():
        raise ValueError(f"no words in {code!r}")
    if code == "en":
        return Wording(code, gettext.NullTranslations())
    with (CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as text:
        catalogue = read_po(text, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Wording(code, Translations(compiled))
