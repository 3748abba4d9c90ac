"""Languages: a catalogue beside the others is enough, and right to left is said to the browser."""

import os

import pytest
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import gettext

from scenario_app.kernel import language
from scenario_app.kernel.language import available, compile_catalogues, current_language, speak

ARABIC = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: ar\\n"

msgid "Events"
msgstr "الفعاليات"
"""


@pytest.fixture
def catalogues(tmp_path):
    """A folder with one Arabic catalogue, as text."""
    folder = tmp_path / "translations"
    (folder / "ar" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "ar" / "LC_MESSAGES" / "messages.po").write_text(ARABIC, encoding="utf-8")
    return folder


@pytest.fixture
def app(catalogues, tmp_path):
    app = Flask("languages")
    speak(app, catalogues=catalogues, compiled=tmp_path / "compiled", time_zone="Europe/London")
    return app


def test_a_catalogue_in_the_folder_is_a_language(catalogues):
    assert available(catalogues) == ["en", "ar"]


def test_a_page_speaks_what_was_chosen_then_what_the_browser_asks_for(app):
    def spoken(**headers: str) -> tuple[str, str, str]:
        with app.test_request_context("/", headers=headers):
            language = current_language()
            return language.code, language.direction, gettext("Events")

    assert spoken() == ("en", "ltr", "Events")
    assert spoken(**{"Accept-Language": "ar-EG, en;q=0.5"}) == ("ar", "rtl", "الفعاليات")
    assert spoken(**{"Accept-Language": "ar", "Cookie": "language=en"}) == ("en", "ltr", "Events")
    assert spoken(Cookie="language=../../etc") == ("en", "ltr", "Events")


def test_a_catalogue_is_compiled_when_its_text_is_newer_and_only_then(catalogues, tmp_path):
    compiled = tmp_path / "compiled"
    compile_catalogues(catalogues, compiled)
    binary = compiled / "ar" / "LC_MESSAGES" / "messages.mo"
    os.utime(binary, (2_000_000_000, 2_000_000_000))

    compile_catalogues(catalogues, compiled)
    assert binary.stat().st_mtime == 2_000_000_000

    os.utime(catalogues / "ar" / "LC_MESSAGES" / "messages.po", (2_100_000_000, 2_100_000_000))
    compile_catalogues(catalogues, compiled)
    assert binary.stat().st_mtime != 2_000_000_000
    assert [path.name for path in binary.parent.iterdir()] == ["messages.mo"]


def test_two_processes_that_start_at_once_both_end_with_the_whole_catalogue(
    catalogues, tmp_path, monkeypatch
):
    compiled = tmp_path / "compiled"

    def write_while_another_starts(binary, catalogue):
        monkeypatch.setattr(language, "write_mo", write_mo)
        compile_catalogues(catalogues, compiled)
        write_mo(binary, catalogue)

    monkeypatch.setattr(language, "write_mo", write_while_another_starts)

    compile_catalogues(catalogues, compiled)

    folder = compiled / "ar" / "LC_MESSAGES"
    assert [path.name for path in folder.iterdir()] == ["messages.mo"]
    assert "الفعاليات".encode() in (folder / "messages.mo").read_bytes()
