"""The documents of a pack that people read: README.md and report.html, written from templates.

They have a Jinja environment of their own: a pack is made once and read for years, so nothing in it may depend
on the clock or the settings of a request. The report is in the language that was chosen for the pack; README.md,
like the codebook and the names of columns, is in English.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from evidence.correction import Correction
from evidence.data_package import LICENCE
from evidence.equality.rules import EQUALITY_ANSWERS, EQUALITY_QUESTIONS
from evidence.keys import ROLE_GROUPS, TIE_RULES
from evidence.material import Material
from evidence.schema import TABLES
from evidence.telling import Telling
from live.disclosure import LEAST_BALLOTS, LEAST_VALUES, ROUNDED_TO
from scenario_app.kernel.wording import Wording, wording_of

_MARKDOWN = frozenset("\\`*_{}[]<>#|!")


def readme(
    material: Material,
    *,
    reference: str,
    telling: Telling,
    fingerprint: str = "",
    correction: Correction | None = None,
) -> bytes:
    """Return README.md: who was asked, how, how many, what was left out, who decides, what it cannot show.

    `fingerprint` is that of the key that signs the pack; empty when none does. `correction` says what changed since
    the version before it, where there is one.
    """
    said = {"fingerprint": fingerprint, "correction": correction}
    return _rendered("pack/README.md", material, reference, telling, wording_of("en"), said)


def report(material: Material, *, reference: str, telling: Telling, wording: Wording) -> bytes:
    """Return report.html: one file that needs no other, without scripts, to be read or printed."""
    return _rendered("pack/report.html", material, reference, telling, wording)


def plain(text: str) -> str:
    r"""Return text so that Markdown shows it as it is.

    >>> print(plain("*Stop!* <b>"))
    \*Stop\!\* \<b\>
    """
    return "".join(f"\\{character}" if character in _MARKDOWN else character for character in text)


def _rendered(
    name: str,
    material: Material,
    reference: str,
    telling: Telling,
    wording: Wording,
    said: Mapping[str, object] = MappingProxyType({}),
) -> bytes:
    say = wording.translations.gettext
    words = (
        _environment(wording.code)
        .get_template(name)
        .render(
            reference=reference,
            **said,
            material=material,
            telling=telling,
            wording=wording,
            groups={key: say(words) for key, words in ROLE_GROUPS.items()},
            tie_rules={key: say(words) for key, words in TIE_RULES.items()},
            equality_questions={key: say(words) for key, words in EQUALITY_QUESTIONS.items()},
            equality_answers={key: say(words) for key, words in EQUALITY_ANSWERS.items()},
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
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("evidence"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    wording = wording_of(language)
    install: Callable[..., None] = environment.install_gettext_translations  # type: ignore[attr-defined]
    install(wording.translations, newstyle=True)
    environment.filters.update(day=wording.day, plain=plain)
    return environment
