"""Six scenarios of a fictional town: the demo's content and the tests' real input."""

from importlib.resources import files


def sample_texts() -> list[str]:
    """Return the texts of the samples, byte for byte, in the order of their file names."""
    folder = files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".md"))
    return [(folder / name).read_bytes().decode("utf-8") for name in names]
