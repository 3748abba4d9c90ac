"""The long form of the promise on hostile frames: `python -m bench.hostile [FRAMES]`, by default 1,000,000.

Prints how long an honest phone waited meanwhile, what the server's memory grew by, and what it logged. Ends with
status 1 when anything was raised.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.kernel.hall_process import hall
from tests.kernel.test_hostile_frames import assault

WARM_UP = 2_000


def main(frames: int) -> int:
    """Measure and print; return the exit status."""
    with tempfile.TemporaryDirectory() as folder, hall(Path(folder)) as house:
        asyncio.run(assault(house, WARM_UP, seed=1))
        memory, files = house.memory_kb, house.files
        waits = sorted(asyncio.run(assault(house, frames, seed=2)))
        said = house.said()
        print(f"{frames:,} hostile frames")
        print(
            f"honest ack p50 {waits[len(waits) // 2] * 1000:.1f} ms, p99 {waits[int(len(waits) * 0.99)] * 1000:.1f} ms"
        )
        print(f"memory +{(house.memory_kb - memory) / 1024:.1f} MB, descriptors {files} to {house.files}")
        print(
            f"log {len(said) / 1024:.1f} KB, tracebacks {said.count('Traceback')}, bugs {said.count('bug')}"
        )
        return int("Traceback" in said or "bug" in said)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
