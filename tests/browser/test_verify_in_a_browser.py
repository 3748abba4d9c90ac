"""A pack is checked in the browser: it stays there, and what is found is what the command finds."""

import base64
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Iterator, Sequence

import pytest

from evidence.data_package import json_bytes
from evidence.exports import files_in, zip_bytes
from evidence.pack import AUDIT_CHAIN, MANIFEST, SIGNATURE, Edition, compile_pack, sealed
from evidence.signing import PackKey
from evidence.verify import check
from tests.evidence.an_event import NOON, an_event

pytestmark = pytest.mark.browser
Edit = Sequence[tuple[int, int, str]]

KEY = PackKey(b"k" * 32)
HEAD = "ab" * 32
EDITS = 2_000
# Each edit is a list of [from, to, hex]; what is found in the edited bytes comes back.
IN_THE_BROWSER = """async ([pack, edits, wholes, options]) => {
  const page = document.querySelector('script[src$="js/verify.js"]').src;
  const { check } = await import(new URL("verify_pack.js", page).href);
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const whole = bytes(pack);
  const said = ({ differences, signedBy }) => [differences, signedBy];
  const found = [];
  for (const edit of edits) {
    const parts = [];
    let at = 0;
    for (const [from, to, hex] of edit) {
      parts.push(whole.subarray(at, from), Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)));
      at = to;
    }
    parts.push(whole.subarray(at));
    const edited = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let place = 0;
    for (const part of parts) { edited.set(part, place); place += part.length; }
    found.push(said(await check(edited, options)));
  }
  for (const other of wholes) found.push(said(await check(bytes(other), options)));
  return found;
}"""


def a_pack() -> bytes:
    return zip_bytes(compile_pack(an_event(), Edition(1, generated_at=NOON, app_version="0.1.0", key=KEY)))


def a_small_pack() -> bytes:
    """A pack of a few files, so that thousands of edits reach every corner of it."""
    whole = files_in(a_pack())
    files = {path: whole[path][:200] for path in ("README.md", "tables/path.csv")}
    files[AUDIT_CHAIN] = f"1 {HEAD}\n".encode()
    manifest = json.loads(whole[MANIFEST])
    listed = {entry["path"]: entry for entry in json.loads(whole[MANIFEST])["files"]}
    for path, data in files.items():
        listed[path] |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest["files"] = [listed[path] for path in files]
    sealed_manifest = json_bytes(sealed(manifest))
    return zip_bytes({**files, MANIFEST: sealed_manifest, SIGNATURE: KEY.sign(sealed_manifest)})


def edits(pack: bytes, count: int) -> Iterator[Edit]:
    """Flip a bit, cut out, put in, swap two bytes, write another letter: anywhere."""
    dice = random.Random(8)
    for number in range(count):
        one, two = sorted(dice.sample(range(len(pack) - 1), 2))
        match number % 5:
            case 0:
                yield [(one, one + 1, bytes([pack[one] ^ 1 << dice.randrange(8)]).hex())]
            case 1:
                yield [(one, min(two, one + dice.choice([1, 2, 5, 40])), "")]
            case 2:
                yield [(one, one, dice.randbytes(dice.choice([1, 2, 8])).hex())]
            case 3:
                yield [(one, one + 1, pack[two : two + 1].hex()), (two, two + 1, pack[one : one + 1].hex())]
            case _:
                yield [(one, one + 1, dice.choice('eE."{}[],0 -\\\xff').encode("latin-1").hex())]


def edited(pack: bytes, edit: Edit) -> bytes:
    parts, at = [], 0
    for first, last, text in edit:
        parts += [pack[at:first], bytes.fromhex(text)]
        at = last
    return b"".join([*parts, pack[at:]])


def wholes() -> Iterator[bytes]:
    """Packs that were changed file by file, packed otherwise, or are none."""
    pack = a_pack()
    files = files_in(pack)
    manifest = json.loads(files[MANIFEST])
    yield pack
    yield from (b"", b"PK", b"PK\5\6" + b"\0" * 18, b"\0" * 5000, pack[:-1], pack + b"x", b"MZ" + pack)
    for path in list(files)[::5]:
        yield zip_bytes({name: data for name, data in files.items() if name != path})
        yield zip_bytes({**files, path: files[path][:-1]})
    yield zip_bytes(dict(reversed(files.items())))
    strange = [
        "a/../b",
        "/etc/passwd",
        "x\x1b[2J",
        "notes é.txt",
        "folder/",
        "C:\\x",
        "\u202egnp.x",
        "𐀀",
        "\uff5e",
    ]
    yield zip_bytes({**files, **dict.fromkeys(strange, b"x")})
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for path, data in files.items():
                archive.writestr(path, data)
        yield out.getvalue()
        yield out.getvalue().replace(b"PK\1\2", b"PK\1\3", 1)
    listings = [
        [],
        {},
        None,
        [{"path": "README.md", "bytes": 1.0, "sha256": ""}],
        [{"path": "\ud800", "bytes": True, "sha256": ""}],
    ]
    for listing in listings:
        changed = json.dumps(sealed_ascii({**manifest, "files": listing}), indent=2)
        yield zip_bytes({**files, MANIFEST: changed.encode() + b"\n"})
    for text in (
        "NaN",
        "[" * 5000 + "]" * 5000,
        '{"files": [], "files": 1e400}',
        "\ufeff{}",
        '{"files": []}',
        "\xff",
    ):
        yield zip_bytes({**files, MANIFEST: text.encode("latin-1", "replace")})


def sealed_ascii(manifest: dict[str, object]) -> dict[str, object]:
    """Half of a character cannot be sealed: it has no bytes."""
    try:
        return sealed(manifest)
    except UnicodeEncodeError:
        return manifest


def found_by_the_command(pack: bytes, **options: str) -> list[object]:
    checked = check(pack, **options)
    return [[[each.path, str(each.finding)] for each in checked.differences], checked.signed_by]


def test_a_browser_finds_what_the_command_finds_and_sends_nothing(look):
    page = look.page("phone")
    page.goto(f"{look.server.url}/evidence/verify")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    pack = a_pack()

    def choose(data: bytes, key: str = "", head: str = "") -> str:
        page.set_input_files(
            "#pack", files=[{"name": "p.zip", "mimeType": "application/zip", "buffer": data}]
        )
        page.fill("#key", key)
        page.fill("#head", head)
        page.focus("main button")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-answer]:focus")
        return page.inner_text("[data-answer]")

    # The key of this site stands there before anybody types.
    assert page.input_value("#key") in page.request.get(f"{look.server.url}/evidence/public-key").text()
    on_its_own = choose(pack, head=HEAD)
    assert check(pack).fingerprint in on_its_own.replace(" ", "")
    # What a pack says of itself, and a head that it names, prove nothing.
    assert "as it was published" not in on_its_own
    assert "says nothing of the tables" in on_its_own
    look.check(page, "evidence-verify-intact")
    proved = choose(pack, key=KEY.public_key.upper(), head=f" {HEAD[:16]} ")
    assert "with the key that you gave" in proved
    assert "every file is as it was published" in proved
    assert "no public key" in choose(pack, key="abc")
    files = files_in(pack)
    broken = zip_bytes({**files, "tables/results.csv": files["tables/results.csv"] + b" "})
    said = choose(broken, head="cd" * 8)
    assert "tables/results.csv is not what was published" in said
    assert "The audit head that you kept is not in this pack" in said
    look.check(page, "evidence-verify-different")
    page.evaluate("Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true })")
    assert "as it was published" not in choose(pack, key=KEY.public_key)
    page.evaluate("delete crypto.subtle")

    small, others = a_small_pack(), list(wholes())
    changes = list(edits(small, EDITS))
    options = {"key": KEY.public_key, "auditHead": HEAD}
    sent = [base64.b64encode(small).decode(), changes, [base64.b64encode(each).decode() for each in others]]
    by_the_browser = page.evaluate(IN_THE_BROWSER, [*sent, options])

    everything = [*(edited(small, edit) for edit in changes), *others]
    by_the_command = [found_by_the_command(each, key=KEY.public_key, audit_head=HEAD) for each in everything]
    assert by_the_browser == by_the_command
    missed = [
        edit
        for edit, each, (differences, _) in zip(changes, everything, by_the_command, strict=False)
        if not differences and each != small
    ]
    assert missed == []
    # A font may still come; nothing is sent.
    assert [each for each in asked if not each.startswith(f"GET {look.server.url}/static/")] == []
