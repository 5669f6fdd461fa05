"""What both Flask-SocketIO peers serve."""

import base64
import os

from flask import Flask, abort, request
from flask_socketio import SocketIO
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


def serve(async_mode: str) -> None:
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode=async_mode)
    key = VerifyKey(base64.b64decode(os.environ["TELNYX_PUBLIC_KEY"]))

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/webhooks/telnyx")
    def receive() -> str:
        signature = base64.b64decode(request.headers["telnyx-signature-ed25519"])
        stamp = request.headers["telnyx-timestamp"].encode()
        try:
            key.verify(stamp + b"|" + request.get_data(), signature)
        except BadSignatureError:
            abort(401)
        event = request.get_json()["data"]
        payload = event["payload"]
        heard = payload.get("transcription_data", {})
        socketio.emit(
            "transcription",
            {
                "call_control_id": payload["call_control_id"],
                "occurred_at": event["occurred_at"],
                "track": heard.get("transcription_track"),
                "is_final": heard.get("is_final"),
                "text": heard.get("transcript"),
            },
        )
        return "ok"

    socketio.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
