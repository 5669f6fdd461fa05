"""Starts the server: `python wsgi.py`. Eventlet is in maintenance mode, so the library can be changed here."""

# Or "gevent" (to be installed) or "threading". A green library has to patch Python before any other import.
ASYNC_MODE = "eventlet"

if ASYNC_MODE == "eventlet":
    import warnings

    warnings.filterwarnings("ignore", category=DeprecationWarning, module="eventlet")
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()
elif ASYNC_MODE == "gevent":
    import gevent.monkey

    gevent.monkey.patch_all()

import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

from dashboard import create_app  # noqa: E402
from dashboard.demo import SimulatorProcess  # noqa: E402
from dashboard.errors import DashboardError  # noqa: E402
from dashboard.server.launch import make_server  # noqa: E402
from dashboard.server.logs import configure_logging  # noqa: E402
from dashboard.settings import Settings  # noqa: E402
from dashboard.startup import prepare  # noqa: E402
from dashboard.web.context import context_of  # noqa: E402

# How long a thread keeps the interpreter when another waits. The commit thread asks for it after every statement, and
# with Python's 5 ms a commit would wait ten times longer for its turn than for the disk.
THREAD_SWITCH_INTERVAL_S = 0.0005

log = logging.getLogger("dashboard")


def main() -> int:
    configure_logging()
    sys.setswitchinterval(THREAD_SWITCH_INTERVAL_S)
    simulator = SimulatorProcess()
    try:
        settings = Settings.from_env()
        address, proxies = (settings.host, settings.port), settings.trusted_proxies
        server = make_server(ASYNC_MODE, address, fast_paths=settings.server_fast_paths, trusted_proxies=proxies)
        settings = prepare(settings, port=server.port, simulator=simulator)
        app = create_app(settings, async_mode=ASYNC_MODE, run_blocking=server.run_blocking)
    except (DashboardError, OSError) as error:
        print(f"Cannot start. {error}", file=sys.stderr)
        simulator.stop()
        return 1
    services = context_of(app).services
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    log.info("serving on http://%s:%d%s", host, server.port, " (demo)" if settings.demo else "")
    try:
        server.serve(app, receiver=services.webhook_receiver, socketio=app.extensions["socketio"])
    except KeyboardInterrupt:
        pass
    finally:
        services.close()
        simulator.stop()
    log.info("finished")
    return 0


if __name__ == "__main__":
    code = 1
    try:
        code = main()
    except Exception:
        log.exception("unhandled exception")
    logging.shutdown()
    sys.stdout.flush()
    # Everything accepted is on disk. A database call that hangs in an OS thread must not keep the process alive.
    os._exit(code)
