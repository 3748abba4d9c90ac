"""Sound scripts out of a seed, with what a script can have: unknown keys, odd words, both kinds of ways on."""

import random
from collections.abc import Iterator

WORDS = [
    "the",
    "key",
    "gate",
    "ewe",
    "straw",
    "she",
    "waits",
    "nobody",
    "[[",
    "]]",
    "::",
    "->",
    "|",
    "<-",
    "a|b",
    "(link:",
    "<<",
    ">>",
    "$x",
    "{b}",
    "\\",
    "\\::",
    "[\\[",
    "é",
    "ż",
    "ش",
    "我",
    "[x](y)",
    "*soft*",
    "**loud**",
    "snake_case",
    "3.",
    ">",
    "#",
    "&amp;",
    "<b>",
    '"quoted"',
    "it's",
    "→",
    "←",
    "/*",
    "*/",
    "%",
    "%(n)s",
    "{{",
    "}}",
]
ROW_STARTS = ("", "", "", "> ", "- ", "1. ", ":: ", "\\:: ", "# ", "*", "  ")


def generated_scripts(count: int, *, seed: int) -> Iterator[str]:
    """Yield texts without a problem of severity error."""
    dice = random.Random(seed)
    for _ in range(count):
        yield _script(dice)


def _words(dice: random.Random, most: int = 8) -> str:
    return "x" + " ".join(dice.choice(WORDS) for _ in range(dice.randint(1, most))) + " y"


def _script(dice: random.Random) -> str:
    people = [f"p{number}" for number in range(dice.randint(1, 4))]
    scenes = [f"s{number}-{dice.choice(['é', 'x', '_'])}" for number in range(dice.randint(1, 6))]
    if dice.random() < 0.1:
        scenes[-1] = "StoryData"
    endings = [f"end-{number}" for number in range(dice.randint(1, 3))]
    rows = ["---", "id: made", f"title: {_words(dice)}", "stage: leaving", f"content_notes: {_words(dice)}"]
    rows += [
        "minutes: 20",
        f"start: {scenes[0]}",
        f"question: {_words(dice)}",
        "colour: blue: and green",
        "empty:",
    ]
    rows += ["---", "", "# A heading", "", "## Characters"]
    rows += [f"- {key}: Name{key}, {_words(dice, 3)}" for key in people]
    arrived = set()
    for place, key in enumerate(scenes):
        onward = scenes[place + 1 :] + endings
        rows += ["", f"## Scene {key}: {_words(dice, 4)}", *_body(dice, people)]
        following = scenes[place + 1] if place + 1 < len(scenes) else endings[0]
        if dice.random() < 0.3:
            rows += ["", f"-> {following}"]
            arrived.add(following)
            continue
        rows += ["", f"### Decision d{place}: {_words(dice, 4)}", f"asks: {dice.choice(people)}"]
        count = dice.randint(2, 6)
        happened = dice.randrange(count)
        for number in range(count):
            # the first response keeps every scene within reach
            target = following if number == 0 else dice.choice(onward)
            arrived.add(target)
            mark = " [as it happened]" if number == happened else ""
            wrapped = "\n    " if dice.random() < 0.1 else " "
            rows.append(f"- {'ABCDEF'[number]}) {_words(dice)}{wrapped}-> {target}{mark}")
            rows += [f"  - {note}: {_words(dice, 5)}" for note in ("helps", "costs") if dice.random() < 0.9]
    for key in endings:
        if key in arrived:
            rows += ["", f"## Ending {key}: {_words(dice, 3)}", *_body(dice, people)]
    if dice.random() < 0.7:
        rows += ["", "## For the facilitator", "- Note [[x]]", "### A heading", ":: and more", _words(dice)]
    return "\n".join(rows) + ("\n" if dice.random() < 0.8 else "")


def _body(dice: random.Random, people: list[str]) -> list[str]:
    rows: list[str] = []
    for _ in range(dice.randint(0, 4)):
        who = f"**Name{dice.choice(people)}:** " if dice.random() < 0.5 else dice.choice(ROW_STARTS)
        rows += ["" for _ in range(dice.randint(0, 2))]
        rows.append(f"{who}{_words(dice)}")
    return rows
