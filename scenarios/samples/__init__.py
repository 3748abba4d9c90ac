"""Six scenarios of a fictional town: what the demo shows and the tests read."""

from pathlib import Path

HERE = Path(__file__).parent


def sample_texts() -> list[str]:
    """Return the texts in the order of their numbers, byte for byte."""
    return [file.read_bytes().decode() for file in sorted(HERE.glob("*.md"))]
