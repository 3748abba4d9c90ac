"""The entry of the server. Everything cooperative is put in place before anything else is imported."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402

from scenario_app.factory import create_app  # noqa: E402
from scenario_app.kernel.config import BadSetting, Config  # noqa: E402
from scenario_app.kernel.logs import set_up_logs  # noqa: E402
from scenario_app.kernel.serving import LEAVE_SECONDS, listen, serve  # noqa: E402


def main() -> None:
    """Serve from this one process until told to stop."""
    room = app.extensions["live"]
    engine = app.extensions["socketio"].server.eio
    try:
        listener = listen(config.host, config.port)
    except BadSetting as problem:
        sys.exit(f"scenario-app: {problem}")
    serve(app, listener, engine, leaving=lambda: room.leave(LEAVE_SECONDS / 2))


try:
    config = Config.from_env(os.environ)
except BadSetting as problem:
    sys.exit(f"scenario-app: {problem}")
set_up_logs(config.log_level)
app = create_app(config)
app.extensions["packer"].serve()

if __name__ == "__main__":
    main()
