"""Measure the live room: `python -m bench [--phones 1000,4000,8000] [--compare] [--json FILE]`.

Not a test: nothing fails here, the figures are for docs/MEASURED.md. Each size gets a server of its own with the
demo town; everything is said through the public contract, and the load runs on the same machine.
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.compare import echo_server, measure_echo
from bench.crowd import Measured, measure
from bench.first_visit import first_visit
from bench.town import town
from scenario_app.kernel.serving import raise_open_files

say = Console(highlight=False)

ROWS: Sequence[tuple[str, Callable[[Measured], str]]] = (
    ("connects per second", lambda m: f"{m.connects_per_second:,.0f}"),
    ("CPU per connect, µs", lambda m: f"{m.connect_cpu_us:,.0f}"),
    ("memory per phone, KB", lambda m: f"{m.phone_kb:.1f}"),
    ("acknowledged votes per second", lambda m: f"{m.votes_per_second:,.0f}"),
    ("CPU per acknowledged vote, µs", lambda m: f"{m.vote_cpu_us:,.0f}"),
    ("ack p50, ms", lambda m: f"{m.ack_p50_ms:.1f}"),
    ("ack p99, ms", lambda m: f"{m.ack_p99_ms:.1f}"),
    ("slowest ack, ms", lambda m: f"{m.ack_worst_ms:.1f}"),
    ("votes refused", lambda m: f"{m.refused}"),
    ("cue to the last phone, s", lambda m: f"{m.cue_to_last:.3f}"),
    ("size of that cue, bytes", lambda m: f"{m.cue_bytes:,}"),
)


def main() -> None:
    """Measure what was asked for, and print it."""
    asked = argparse.ArgumentParser(prog="python -m bench", description="Measure the live room.")
    asked.add_argument("--phones", default="1000,4000,8000", help="sizes of room, with commas")
    asked.add_argument("--compare", action="store_true", help="also measure a bare Node Socket.IO echo")
    asked.add_argument("--json", type=Path, help="write the figures to this file as well")
    options = asked.parse_args()
    sizes = [int(size) for size in options.phones.split(",")]
    if (warning := raise_open_files(max(sizes))) is not None:
        say.print(warning)
    gc.set_threshold(100_000, 50, 1000)  # the load's own collections would be measured as the server's delay
    say.print(
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors shared with the load"
    )
    rooms = [_measured(size) for size in sizes]
    _print("scenario-app: durable votes on SQLite, synchronous=FULL", rooms)
    echoes = _echoes(sizes) if options.compare else []
    if options.json:
        figures = {
            "scenario-app": [asdict(room) for room in rooms],
            "node": [asdict(echo) for echo in echoes],
        }
        options.json.write_text(json.dumps(figures, indent=1))


def _measured(size: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder, town(Path(folder), seats=size) as running:
        if size <= 1000:
            pages, font = first_visit(running)
            say.print(f"first visit of a phone: {pages / 1024:.1f} KB, and {font / 1024:.1f} KB of font")
        with say.status(f"{size} phones: taking seats (200 a second at most), connecting, voting"):
            return asyncio.run(measure(running, size))


def _echoes(sizes: Sequence[int]) -> list[Measured]:
    echoes = []
    try:
        for size in sizes:
            with echo_server() as (process, address), say.status(f"{size} phones at the echo"):
                echoes.append(asyncio.run(measure_echo(process, address, size)))
    except RuntimeError as missing:
        say.print(f"no comparison: {missing}")
    else:
        _print("bare Node Socket.IO echo: nothing is stored", echoes)
    return echoes


def _print(title: str, rooms: Sequence[Measured]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("phones")
    for room in rooms:
        table.add_column(f"{room.phones:,}", justify="right")
    for name, shown in ROWS:
        table.add_row(name, *(shown(room) for room in rooms))
    say.print(table)
    if len(rooms) > 1:
        first, last = rooms[0], rooms[-1]
        say.print(f"from {first.phones:,} to {last.phones:,} phones:", end=" ")
        say.print(f"cost per vote × {last.vote_cpu_us / first.vote_cpu_us:.2f},", end=" ")
        say.print(f"per connect × {last.connect_cpu_us / first.connect_cpu_us:.2f},", end=" ")
        say.print(f"cue to the last phone × {last.cue_to_last / first.cue_to_last:.1f}")


if __name__ == "__main__":
    main()
