"""The documents of a pack that people read: README.md and report.html, written from templates.

They have a Jinja environment of their own: a pack is made once and read for years, so nothing in it may depend
on the language, the clock or the settings of a request.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from evidence.data_package import LICENCE
from evidence.keys import ROLE_GROUPS, TIE_RULES
from evidence.material import Material
from evidence.schema import TABLES
from evidence.telling import Telling
from live.disclosure import LEAST_BALLOTS, LEAST_VALUES, ROUNDED_TO

_MARKDOWN = frozenset("\\`*_{}[]<>#|!")


def readme(material: Material, *, reference: str, telling: Telling) -> bytes:
    """Return README.md: who was asked, how, how many, what was left out, who decides, what it cannot show."""
    return _rendered("pack/README.md", material, reference, telling)


def report(material: Material, *, reference: str, telling: Telling) -> bytes:
    """Return report.html: one file that needs no other, without scripts, to be read or printed."""
    return _rendered("pack/report.html", material, reference, telling)


def day_of(moment: datetime) -> str:
    """Return a day as people write it.

    >>> day_of(datetime(2026, 10, 3))
    '3 October 2026'
    """
    return f"{moment.day} {moment:%B %Y}"


def plain(text: str) -> str:
    r"""Return text so that Markdown shows it as it is.

    >>> print(plain("*Stop!* <b>"))
    \*Stop\!\* \<b\>
    """
    return "".join(f"\\{character}" if character in _MARKDOWN else character for character in text)


def _rendered(name: str, material: Material, reference: str, telling: Telling) -> bytes:
    words = (
        _environment()
        .get_template(name)
        .render(
            reference=reference,
            material=material,
            telling=telling,
            groups=ROLE_GROUPS,
            tie_rules=TIE_RULES,
            licence=LICENCE,
            least_ballots=LEAST_BALLOTS,
            least_values=LEAST_VALUES,
            rounded_to=ROUNDED_TO,
            tables=TABLES,
            practice_rounds=sum(section.practice_rounds for section in material.sections),
            redacted=[played.path for played in material.scenarios if played.redacted],
            overruled=[round_ for round_ in material.rounds if round_.overruled],
        )
    )
    return (words.strip() + "\n").encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("evidence"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    # English for now; a pack in another language hands its own catalogue in here.
    install: Callable[..., None] = environment.install_null_translations  # type: ignore[attr-defined]
    install(newstyle=True)
    environment.filters.update(day=day_of, plain=plain)
    return environment
