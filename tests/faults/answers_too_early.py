"""A broken variant of the server: it acknowledges a ballot first and writes it a moment later.

The fault tests must catch it, or they prove nothing.
"""

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402

from live.ballot_box import BallotBox, Counted  # noqa: E402

right = BallotBox.submit


def early(self, cast, answer):  # type: ignore[no-untyped-def]
    """Answer now, write later."""
    answer(Counted("EARL", cast.rev))
    gevent.spawn_later(5, right, self, cast, lambda _outcome: None)


BallotBox.submit = early  # type: ignore[method-assign]

from scenario_app.wsgi import main  # noqa: E402

main()
