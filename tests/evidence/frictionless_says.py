"""What frictionless says of a data package: in a process of its own, since it warns about things of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def verdict(files: dict[str, bytes], folder: Path) -> dict[str, Any]:
    """Write the files into a folder, validate its datapackage.json, and return the report."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said
