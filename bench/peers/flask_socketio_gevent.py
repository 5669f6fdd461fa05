"""Flask-SocketIO on gevent, as installed. Verifies, tells all, stores nothing."""

import gevent.monkey

gevent.monkey.patch_all()

from flask_socketio_app import serve  # noqa: E402

serve("gevent")
