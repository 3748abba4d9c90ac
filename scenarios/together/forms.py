"""Read what somebody chose where two people's words clash."""

from collections.abc import Mapping

from scenarios.together.merge import Clash, Merge


def chosen_lines(form: Mapping[str, str], merge: Merge) -> list[tuple[str, ...]] | None:
    """Return the lines chosen for each clash; None while one of them has no choice yet."""
    chosen = [_chosen(form.get(f"clash-{clash.number}", ""), clash) for clash in merge.clashes]
    return None if None in chosen else [lines for lines in chosen if lines is not None]


def _chosen(choice: str, clash: Clash) -> tuple[str, ...] | None:
    match choice:
        case "mine":
            return clash.ours
        case "theirs":
            return clash.theirs
        case "both":
            return (*_ended(clash.theirs), *clash.ours)
    return None


def _ended(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines with an end at the last one, so that another may follow."""
    if lines and not lines[-1].endswith("\n"):
        return (*lines[:-1], lines[-1] + "\n")
    return lines
