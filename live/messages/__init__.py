"""Everything that is said on the sockets and the JSON API, in both directions. docs/PROTOCOL.md is tested against this.

To the server: imperative values with `parse(raw)`, which takes anything at all and raises `BadMessage`
rather than guess. From the server: whole values with `as_json()`, each with `"v": 1`.
"""

from live.messages.cue import *  # noqa: F403 - this package is one vocabulary in four files
from live.messages.desk import *  # noqa: F403
from live.messages.phone import *  # noqa: F403
