"""The entry point works on every library that it names, with webhooks and live sockets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import websocket

from tests.conftest import Signer, transcription_payload
from tests.system.server import ROOT, Server, Watcher


@pytest.mark.parametrize("async_mode", ["gevent", "threading"])
def test_server_runs_without_eventlet(
    new_server: Callable[..., Server], signer: Signer, tmp_path: Path, async_mode: str
) -> None:
    entry_point = tmp_path / "wsgi.py"
    source = (ROOT / "wsgi.py").read_text(encoding="utf-8")
    entry_point.write_text(source.replace('ASYNC_MODE = "eventlet"', f'ASYNC_MODE = "{async_mode}"'), encoding="utf-8")
    assert entry_point.read_text(encoding="utf-8") != source
    server = new_server(PYTHONPATH=str(ROOT))
    server.command = [sys.executable, str(entry_point)]
    with server:
        assert server.deliver_webhook(signer, "call.initiated", call_id="v3:mode") == 200
        with Watcher(server) as watcher:
            watcher.watch_call("v3:mode")
            for text, final in (("hel", False), ("hello", True)):
                payload = transcription_payload(text, final=final)
                assert server.deliver_webhook(signer, "call.transcription", payload, call_id="v3:mode") == 200
            assert watcher.wait_for(lambda seen: seen.segment_texts() == ["hello"])
        with pytest.raises(websocket.WebSocketBadStatusException):
            websocket.create_connection(f"ws://127.0.0.1:{server.port}/media/telnyx", timeout=10)
        assert server.request("GET", "/")[0] in (200, 302)
        server.terminate()
        assert server.wait() == 0
        assert "finished" in server.log and "Traceback" not in server.log
