"""Several processes: `gunicorn --config python:scenario_app.gunicorn_settings scenario_app.wsgi:app`.

Put nginx in front (docs/nginx.conf). The number of workers is gunicorn's own WEB_CONCURRENCY.
"""

import os
import sys
from typing import Any

from scenario_app.kernel.config import BadSetting, Config

try:
    _config = Config.from_env(os.environ)
except BadSetting as problem:
    sys.exit(f"scenario-app: {problem}")

bind = f"{_config.host}:{_config.port}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "gevent"
worker_connections = 12_000
backlog = 4096
keepalive = 5
timeout = 30
graceful_timeout = 2
accesslog = None  # an address must not reach a line
errorlog = "-"
loglevel = _config.log_level.lower()
control_socket_disable = True

if workers > 1 and _config.on_sqlite:
    sys.exit(
        "scenario-app: WEB_CONCURRENCY: found more than 1 on SQLite, expected 1, or DATABASE_URL of a PostgreSQL"
    )
if workers > 1 and not _config.redis_url:
    sys.exit("scenario-app: REDIS_URL: found nothing with WEB_CONCURRENCY above 1, expected redis://...")


def post_worker_init(_worker: Any) -> None:
    """Raise the number of open files and keep the collector away from what stays."""
    from scenario_app.kernel.serving import settle_in

    settle_in()


def worker_exit(_server: Any, worker: Any) -> None:
    """Answer the ballots that wait and send the phones away, spread, before this worker goes."""
    application = getattr(worker, "wsgi", None)
    if application is None:  # it never came up: what it says of that must not be drowned
        return
    application.extensions["live"].leave(0.8)
    application.extensions["socketio"].server.eio.drain(0.7)
