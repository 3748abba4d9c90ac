"""report.pdf says what report.html says, to eyes and to screen readers, in any script, whatever anybody typed."""

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pikepdf
import pytest

from evidence.html_tree import Node, tree_of
from evidence.pack import Edition, compile_pack
from evidence.report_pdf import report_pdf
from scenario_app.kernel.typesetting import printable
from scenario_app.kernel.wording import wording_of
from tests.evidence.an_event import NOON, an_event


def edition(language: str = "en") -> Edition:
    return Edition(version=1, generated_at=NOON, app_version="0.1.0", language=language)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(compile_pack(an_event(), edition()))


def read(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def tags(document: pikepdf.Pdf) -> list[str]:
    """The structure's tags, in reading order."""

    def walk(node: pikepdf.Object) -> Iterator[str]:
        if isinstance(node, pikepdf.Array):
            for kid in node:
                yield from walk(kid)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            yield str(node.S)[1:]
            yield from walk(node.get("/K", pikepdf.Array()))

    return list(walk(document.Root.StructTreeRoot.K))


def from_page(body: str, language: str = "en") -> bytes:
    return report_pdf(body.encode(), reference="x-v1", title="A title", wording=wording_of(language))


def test_it_is_tagged_with_a_title_a_language_and_bookmarks(files):
    document = read(files["report.pdf"])

    assert document.Root.MarkInfo.Marked
    assert str(document.Root.Lang) == "en"
    assert str(document.docinfo["/Title"]) == "Spring rehearsal: who comes when you call?"
    assert document.Root.ViewerPreferences.DisplayDocTitle
    with document.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
    with document.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Spring rehearsal: who comes when you call?"]
        assert "In short" in [item.title for item in outline.root[0].children]


def test_headings_go_down_step_by_step_and_tables_have_headers(files):
    found = tags(read(files["report.pdf"]))

    levels = [int(tag[1:]) for tag in found if tag[0] == "H" and tag[1:].isdigit()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    page = files["report.html"].decode()
    assert levels.count(2) == page.count("<h2")
    assert levels.count(3) == page.count("<h3")
    assert found.count("Table") == page.count("<table")
    assert found.count("TH") >= page.count('<th scope="col"')


def test_the_same_material_gives_the_same_bytes_and_no_date(files):
    assert compile_pack(an_event(), edition())["report.pdf"] == files["report.pdf"]
    document = read(files["report.pdf"])
    assert not {"/CreationDate", "/ModDate"} & set(document.docinfo.keys())


@pytest.mark.parametrize("language", ["ar", "cy", "pl"])
def test_it_is_in_the_language_of_the_pack(language):
    document = read(compile_pack(an_event(), edition(language))["report.pdf"])

    assert str(document.Root.Lang) == language
    fonts = {str(name) for page in document.pages for name in _fonts(page)}
    assert all("+NotoSans" in name or "+DejaVuSans" in name for name in fonts)
    assert any("NotoSansArabic" in name for name in fonts) is (language == "ar")


def _fonts(page: pikepdf.Page) -> list[pikepdf.Object]:
    return [font.BaseFont for font in page.Resources.Font.values()]


@pytest.mark.parametrize(
    "words",
    [
        '#panic("x") $x$ @ref <label> \\u{41} `raw` *bold* = heading',
        "</script> & &amp; ]] #[ ",
        "\N{OWL}\N{ZERO WIDTH JOINER}\N{SPARKLES} 日本語 हिन्दी ᚠ \x07 \u202e \ufeff",
        "שלום مرحبا Привіт Γειά",
        "x" * 5000,
        "word " * 3000,
    ],
)
def test_whatever_was_typed_is_set_as_words(words):
    event = an_event(reason=words)
    event = replace(event, title=words[:200], place=words[:200], decision_statement=words)

    assert len(read(compile_pack(event, edition())["report.pdf"]).pages) >= 4


def test_signs_that_no_font_has_are_named_and_letters_are_said_to_be_left_out():
    plain = from_page("<h1>A</h1><p>Ada</p>")
    other = from_page("<h1>A</h1><p>日本語</p>")

    assert printable("\N{OWL}") == "[owl]"
    assert printable("日本語 and Ada\t") == "[…] and Ada"
    assert printable("é ç ł ŵ ع ✓ → − “”") == "é ç ł ŵ ع ✓ → − “”"
    assert tags(read(other)).count("P") == tags(read(plain)).count("P") + 1


def test_links_lead_only_to_places_and_each_place_is_there_once():
    page = '<h1>A</h1><p><a href="#b">b</a> <a href="#no">no</a> <a href="https://evil.example">out</a></p>'

    document = read(from_page(page + '<p id="b">B</p><p id="b">again</p>'))

    notes = [note for page in document.pages for note in page.get("/Annots", [])]
    assert len(notes) == 1
    assert "/A" not in notes[0] or "/URI" not in notes[0].A


def test_white_space_is_as_a_browser_shows_it_and_what_is_only_heard_is_left_out():
    tree = tree_of(
        '<table><caption class="vh">x <b>y</b></caption><tr>\n<td> a <i> b </i>\n</td></tr></table>'
    )

    (table,) = kids(tree)
    (row,) = kids(table)
    (cell,) = kids(row)
    assert kids(cell) == ["a ", {"tag": "i", "kids": ["b"]}]


def kids(node: Node) -> list[Node]:
    return list(node["kids"])


@pytest.mark.parametrize("words", ["\x0b\x0c\x1f", "\ufffe\uffff", " ", "\U0010ffff", "\u2066 \u200b"])
def test_a_title_in_which_nothing_can_be_seen_is_set_as_left_out(words):
    wording = wording_of("en")

    pdf = report_pdf(f"<h1>{words}</h1><p>Ada</p>".encode(), reference="a-v1", title=words, wording=wording)

    document = read(pdf)
    assert str(document.docinfo["/Title"]) == "[…]"
