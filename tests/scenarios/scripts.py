"""A script without a problem, to be spoilt one line at a time."""

THE_GATE = """---
id: the-gate
title: The gate
stage: call-for-help
content_notes: a man in despair
start: shed
question: Who is near?
minutes: 20
---

# The gate

## Characters
- gwen: Gwen, 61, farms
- huw: Huw, her husband

## Scene shed: Straw
*A lamp. A ewe.*

**Gwen:** Give us the key, love.

### Decision d1: What does Gwen do?
asks: gwen
- A) Walks to the top gate -> gate [as it happened]
  - helps: someone will be sent
  - costs: he is alone with the key
- B) Sits down in the straw -> word
  - helps: she is here
  - costs: nobody knows
- C) Goes to bed -> ending-bed
  - helps: sleep
  - costs: the key

## Scene gate: One bar
**Gwen:** I had to come up for the signal.

-> word

## Scene word: The word
*He looks up.*

**Huw:** I'm thinking I'm tired.

### Decision d2: What does Huw say?
asks: huw
- A) Nothing -> ending-bed [as it happened]
  - helps: quiet
  - costs: alone
- B) All of it -> ending-fence
  - helps: she hears
  - costs: she hears
- C) Some of it -> ending-fence
  - helps: a start
  - costs: half

## Ending ending-bed: The light off
Nobody sleeps.

## Ending ending-fence: Walking the fence
They mend some of it.

## For the facilitator
- Keep the key in sight.
"""


def line_of(words: str, text: str = THE_GATE) -> int:
    """Return the line that these words stand in."""
    return text[: text.index(words)].count("\n") + 1


def spoilt(old: str, new: str, text: str = THE_GATE) -> str:
    """Return the script with the first of these words replaced."""
    assert old in text
    return text.replace(old, new, 1)
