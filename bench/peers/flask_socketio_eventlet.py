"""What most people would write: Flask-SocketIO on eventlet, as installed. Verifies, tells all, stores nothing."""

import warnings

warnings.filterwarnings("ignore")

import eventlet  # noqa: E402

eventlet.monkey_patch()

from flask_socketio_app import serve  # noqa: E402

serve("eventlet")
