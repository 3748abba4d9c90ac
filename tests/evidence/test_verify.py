"""`verify` names what differs, offline, whatever it is given, and believes nothing it is told about sizes."""

import io
import json
import random
import struct
import tracemalloc
import zipfile

import pytest
from click.testing import CliRunner

from evidence.exports import files_in, zip_bytes
from evidence.pack import MANIFEST, Edition, compile_pack, sealed
from evidence.signing import PackKey
from evidence.verify import MOST_BYTES, WHOLE_FILE, Difference, Finding, differences_in
from scenario_app.cli import cli
from tests.evidence.an_event import NOON, an_event

KEY = PackKey(b"k" * 32)


@pytest.fixture(scope="module")
def pack() -> bytes:
    return zip_bytes(compile_pack(an_event(), Edition(1, generated_at=NOON, app_version="0.1.0", key=KEY)))


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return out.getvalue()


def test_an_intact_pack_has_no_difference(pack):
    assert differences_in(pack) == ()


def test_one_flipped_bit_in_any_file_is_named(pack):
    files = files_in(pack)
    dice = random.Random(4)

    for path, data in files.items():
        place = dice.randrange(len(data))
        flipped = data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :]

        found = differences_in(zip_bytes({**files, path: flipped}))

        named = [difference.path for difference in found]
        # A flipped fingerprint in the manifest accuses its file as well.
        assert path in named if path == MANIFEST else named == [path]


def test_one_flipped_bit_anywhere_in_the_zip_is_found(pack):
    dice = random.Random(5)
    for _ in range(600):
        place = dice.randrange(len(pack))

        assert differences_in(
            pack[:place] + bytes([pack[place] ^ 1 << dice.randrange(8)]) + pack[place + 1 :]
        )


def test_bytes_cut_out_put_in_or_swapped_are_found(pack):
    dice = random.Random(6)
    for _ in range(200):
        one, two = sorted(dice.sample(range(len(pack)), 2))

        assert differences_in(pack[:one] + pack[one + 1 :])
        assert differences_in(pack[:one] + dice.randbytes(3) + pack[one:])
        assert differences_in(pack[:one])
        if pack[one] != pack[two]:
            swapped = bytearray(pack)
            swapped[one], swapped[two] = swapped[two], swapped[one]
            assert differences_in(bytes(swapped))


def test_a_file_taken_away_put_in_or_renamed_is_named(pack):
    files = files_in(pack)
    report = files.pop("report.html")

    assert differences_in(zip_bytes(files)) == (Difference("report.html", Finding.MISSING),)
    assert differences_in(zip_bytes({**files, "report.html": report, "notes.txt": b"x"})) == (
        Difference("notes.txt", Finding.ADDED),
    )
    assert differences_in(zip_bytes({**files, "story.html": report})) == (
        Difference("report.html", Finding.MISSING),
        Difference("story.html", Finding.ADDED),
    )


def test_two_files_that_changed_places_are_both_named(pack):
    files = files_in(pack)
    one, two = "tables/path.csv", "tables/results.csv"

    found = differences_in(zip_bytes({**files, one: files[two], two: files[one]}))

    assert [difference.path for difference in found] == [one, two]


@pytest.mark.parametrize(
    "key", ["reference", "version", "generated_at", "app_version", "rules", "audit", "sha256"]
)
def test_an_edited_line_of_the_manifest_is_found(pack, key):
    files = files_in(pack)
    manifest = json.loads(files["manifest.json"])
    manifest[key] = "another"

    edited = json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"

    assert differences_in(zip_bytes({**files, "manifest.json": edited})) == (
        Difference("manifest.json", Finding.CHANGED),
    )


def test_a_pack_that_was_zipped_anew_says_so_and_that_its_files_are_intact(pack):
    assert differences_in(zipped(files_in(pack))) == (Difference(WHOLE_FILE, Finding.REWRAPPED),)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"PK",
        b"PK\x05\x06" + b"\0" * 18,
        b"<html>not a zip</html>",
        b"\0" * 10_000,
        zipped({"hello.txt": b"x"}),
    ],
    ids=["nothing", "two letters", "empty zip", "a page", "zeros", "another zip"],
)
def test_what_is_no_pack_is_called_so(junk):
    assert differences_in(junk) == (Difference(WHOLE_FILE, Finding.NO_PACK),)


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"files": 5}',
        b'{"files": [{"path": 1}]}',
        b'{"files": {}}',
        b"\xff",
        b"[" * 100_000,
        b'{"files": [], "x": "\\ud800"}',
    ],
)
def test_a_manifest_that_makes_no_sense_is_named(pack, manifest):
    found = differences_in(zip_bytes({**files_in(pack), "manifest.json": manifest}))

    assert Difference("manifest.json", Finding.CHANGED) in found


def test_a_manifest_that_is_nested_without_end_is_named_though_its_seal_fits(pack):
    files = files_in(pack)
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    manifest = sealed({**json.loads(files[MANIFEST]), "deep": deep})
    files[MANIFEST] = json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"

    assert differences_in(zip_bytes(files)) == (Difference(MANIFEST, Finding.CHANGED),)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "C:\\x", "a/../b", "tables//results.csv", "x\x1b[2J", "folder/"],
)
def test_a_name_that_points_elsewhere_is_named_and_never_followed(pack, name):
    out = io.BytesIO(pack)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")

    found = differences_in(out.getvalue())

    assert [(difference.path, difference.finding) for difference in found] == [(name, Finding.BAD_NAME)]
    assert str(found[0]).isprintable()


def test_a_file_that_stands_twice_is_named(pack):
    out = io.BytesIO(pack)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("report.html", b"another one")

    assert Difference("report.html", Finding.TWICE) in differences_in(out.getvalue())


def claiming(size: int, pack: bytes) -> bytes:
    """A pack whose last entry claims another size than it has."""
    place = pack.rindex(b"PK\x01\x02")
    return pack[: place + 24] + struct.pack("<I", size) + pack[place + 28 :]


def test_a_pack_that_claims_too_much_is_refused_before_it_is_unpacked(pack):
    assert differences_in(claiming(MOST_BYTES, pack)) == (Difference(WHOLE_FILE, Finding.TOO_LARGE),)


def test_a_bomb_that_claims_too_little_is_read_no_further_than_it_said(pack):
    bomb = claiming(10, zipped({**files_in(pack), "bomb.txt": b"\0" * 50_000_000}))
    tracemalloc.start()

    found = differences_in(bomb)

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [difference.path for difference in found] == ["bomb.txt"]
    assert peak < 5_000_000


def test_thousands_of_entries_are_refused(pack):
    crowd = zipped(
        {**files_in(pack), **{f"{number}.txt": b"" for number in range(2_000)}}, zipfile.ZIP_STORED
    )

    assert differences_in(crowd) == (Difference(WHOLE_FILE, Finding.TOO_LARGE),)


def test_an_encrypted_or_strangely_packed_entry_is_named(pack):
    # Where the list of entries begins: the workbook in the pack is a zip too, with a list of its own.
    place = int.from_bytes(pack[-6:-2], "little")
    encrypted, method = bytearray(pack), bytearray(pack)
    encrypted[place + 8] |= 1
    method[place + 10] = 99

    assert differences_in(bytes(encrypted)) == (Difference("README.md", Finding.UNREADABLE),)
    assert differences_in(bytes(method)) == (Difference("README.md", Finding.UNREADABLE),)


def test_sealing_twice_changes_nothing():
    assert sealed(sealed({"a": 1})) == sealed({"a": 1})


def test_the_command_ends_with_0_for_an_intact_pack_and_1_with_names_otherwise(pack, tmp_path):
    intact, broken = tmp_path / "intact.zip", tmp_path / "broken.zip"
    intact.write_bytes(pack)
    files = files_in(pack)
    broken.write_bytes(zip_bytes({**files, "tables/results.csv": files["tables/results.csv"] + b" "}))

    assert CliRunner().invoke(cli, ["evidence", "verify", str(intact)]).exit_code == 0
    said = CliRunner().invoke(cli, ["evidence", "verify", str(broken)])
    assert said.exit_code == 1
    assert said.output == "tables/results.csv is not what was published\n"
