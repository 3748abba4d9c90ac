"""The long form of the promise on packs: `python -m bench.tampering [EDITS]` (10,000 random edits of one pack).

Flips bits, deletes, inserts and swaps bytes anywhere in the zip, and edits files inside it before zipping it
again. Ends with status 1 when `verify` misses one.
"""

import sys
import time
from collections import Counter
from random import Random

from evidence.exports import files_in, zip_bytes
from evidence.pack import Edition, compile_pack
from evidence.verify import differences_in
from tests.evidence.an_event import NOON, an_event


def main(edits: int) -> int:
    """Edit, verify, count; return the exit status."""
    pack = zip_bytes(compile_pack(an_event(), Edition(version=1, generated_at=NOON, app_version="0.1.0")))
    dice, missed, made = Random(2026), Counter[str](), Counter[str]()
    started = time.perf_counter()
    for _ in range(edits):
        kind = dice.choice(("flip", "delete", "insert", "swap", "edit a file"))
        edited = _inside(pack, dice) if kind == "edit a file" else _anywhere(pack, kind, dice)
        if edited == pack:
            continue
        made[kind] += 1
        missed[kind] += not differences_in(edited)
    took = (time.perf_counter() - started) / max(1, made.total()) * 1000
    print(
        f"{made.total()} edits ({dict(made)}), {missed.total()} missed; {took:.1f} ms for each of {len(pack)} bytes"
    )
    return 1 if missed.total() else 0


def _anywhere(data: bytes, kind: str, dice: Random) -> bytes:
    place, other = dice.randrange(len(data)), dice.randrange(len(data))
    match kind:
        case "flip":
            return data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :]
        case "delete":
            return data[:place] + data[place + dice.randint(1, 40) :]
        case "insert":
            return data[:place] + dice.randbytes(dice.randint(1, 40)) + data[place:]
        case _:
            swapped = bytearray(data)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            return bytes(swapped)


def _inside(pack: bytes, dice: Random) -> bytes:
    files = files_in(pack)
    path = dice.choice(list(files))
    return zip_bytes(
        {**files, path: _anywhere(files[path], dice.choice(("flip", "delete", "insert", "swap")), dice)}
    )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
