"""From a call at the provider to the line on a watcher's screen, over real sockets."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import websocket
from socketio.exceptions import ConnectionError as ConnectionRefused

from dashboard.simulator import DeliveryOptions, Simulator, parse_script
from tests.conftest import CALL_ID, Signer, transcription_payload
from tests.system.conftest import TOKEN
from tests.system.server import Server, Watcher

WATCHED = "v3:watched"
Start = Callable[..., tuple[Server, Simulator]]
WORDS = """
> Hello, this is the reception, how can I help?
< I would like a room for two nights, please.
> Of course, from when on?
< From Friday, if there is one left.
"""


def test_what_is_said_on_a_call_reaches_the_watcher_and_stays_in_the_store(simulated: Start) -> None:
    server, simulator = simulated(speed=8.0, seed=4)
    with Watcher(server, token=TOKEN) as watcher:
        assert watcher.request("watch") == {"calls": [], "seq": None}
        call = simulator.place_call(parse_script(WORDS), auto_answer=0.4, transcribe=True)
        assert watcher.wait_for(lambda seen: seen.changes and seen.changes[0]["type"] == "call.updated")
        snapshot = watcher.watch_call(call.call_control_id)
        assert snapshot["call"]["from"] == call.from_number
        assert watcher.wait_for(lambda seen: seen.call is not None and seen.call["state"] == "ended")
        assert simulator.drain()
        told = [
            webhook.event["payload"]["transcription_data"]["transcript"]
            for webhook in simulator.webhooks
            if webhook.event_type == "call.transcription" and webhook.event["payload"]["transcription_data"]["is_final"]
        ]
        assert len(told) >= 4
        assert watcher.wait_for(lambda seen: len(seen.segments) == len(told))
        interims = [change["interim"] for change in watcher.changes if change["type"] == "segment.interim"]
        assert {interim["speaker"] for interim in interims} == {"caller", "callee"}
        detail = server.get_json(f"/api/calls/{quote(call.call_control_id)}", {"Authorization": f"Bearer {TOKEN}"})
        assert [segment["text"] for segment in detail["segments"]] == told
        assert sorted(watcher.segments, key=_by_number) == sorted(detail["segments"], key=_by_number)
        assert (detail["call"]["state"], detail["interims"]) == ("ended", [])
    assert {webhook.state for webhook in simulator.webhooks} == {"delivered"}
    assert "Traceback" not in server.log


def test_bad_manners_of_the_provider_end_in_the_same_transcript(simulated: Start) -> None:
    manners = DeliveryOptions(late=0.2, late_s=0.6, duplicate=0.5, shuffle=0.5, shuffle_s=0.3)
    server, simulator = simulated(speed=8.0, seed=5, delivery_options=manners)
    call = simulator.place_call(parse_script(WORDS), auto_answer=0.1, transcribe=True)
    assert call.wait_until(lambda seen: not seen.is_alive, 20)
    assert simulator.drain(10)
    finals = [
        webhook.event
        for webhook in simulator.webhooks
        if webhook.event_type == "call.transcription" and webhook.event["payload"]["transcription_data"]["is_final"]
    ]
    expected = [event["id"] for event in sorted(finals, key=lambda event: (event["occurred_at"], event["id"]))]
    detail = server.get_json(f"/api/calls/{quote(call.call_control_id)}")
    assert [segment["event_id"] for segment in detail["segments"]] == expected
    assert detail["call"]["state"] == "ended"


def test_watching_begins_and_ends_when_asked(shared_server: Server, signer: Signer) -> None:
    shared_server.deliver_webhook(signer, "call.initiated", call_id=WATCHED)
    with Watcher(shared_server) as watcher, Watcher(shared_server) as other:
        snapshot = watcher.watch_call(WATCHED)
        other.watch_call(WATCHED)
        assert set(snapshot) == {"call", "segments", "interims", "seq"}
        shared_server.deliver_webhook(signer, "call.transcription", transcription_payload("one"), call_id=WATCHED)
        assert watcher.wait_for(lambda seen: seen.segment_texts() == ["one"])
        assert watcher.request("unwatch", {"call_id": WATCHED}) == {}
        shared_server.deliver_webhook(signer, "call.transcription", transcription_payload("two"), call_id=WATCHED)
        assert other.wait_for(lambda seen: seen.segment_texts() == ["one", "two"])
        rest = watcher.request("watch", {"call_id": WATCHED, "after_seq": watcher.last_seq})
        assert [segment["text"] for segment in rest["segments"]] == ["two"]
        assert watcher.segment_texts() == ["one"]


def test_watch_says_what_is_wrong_with_it(shared_server: Server, signer: Signer) -> None:
    shared_server.deliver_webhook(signer, "call.initiated")
    with Watcher(shared_server) as watcher:
        wrong: list[tuple[Any, str]] = [
            ({"call_id": 7}, "bad_watch"),
            ({"call_id": CALL_ID, "after_seq": -1}, "bad_watch"),
            ({"call_id": CALL_ID, "after_seq": True}, "bad_watch"),
            ({"call_id": CALL_ID, "after_seq": 2**40}, "bad_watch"),
            ({"call_id": "x" * 513}, "bad_watch"),
            ({"call_id": "v3:unknown"}, "call_not_found"),
        ]
        for wish, code in wrong:
            answer = watcher.request("watch", wish)
            assert answer["error"]["code"] == code, wish
            assert set(answer["error"]) == {"code", "message", "hint", "details"}
        assert watcher.request("watch", {"call_id": CALL_ID})["call"]["id"] == CALL_ID
    assert "Traceback" not in shared_server.log


def test_watcher_of_a_server_that_dies_gets_every_line_once_and_in_order(server: Server, signer: Signer) -> None:
    server.deliver_webhook(signer, "call.initiated")
    said: list[str] = []

    def say(times: int) -> None:
        for _ in range(times):
            said.append(f"line {len(said)}")
            event_id = str(uuid.uuid4())
            assert (
                server.deliver_webhook(signer, "call.transcription", transcription_payload(said[-1]), event_id=event_id)
                == 200
            )

    with Watcher(server) as watcher:
        watcher.watch_call(CALL_ID)
        for _ in range(3):
            say(5)
            # Whatever was on its way to the watcher when the server died is lost; the store has it.
            server.restart()
            say(5)
        assert watcher.wait_for(lambda seen: len(seen.segments) == len(said), timeout_s=20)
        # What is said while a watch is being answered may overtake the answer: the numbers tell the order.
        in_order = sorted(watcher.segments, key=_by_number)
        assert [segment["text"] for segment in in_order] == said
        assert len({segment["seq"] for segment in in_order}) == len(said)


def test_socket_without_the_login_is_refused(new_server: Callable[..., Server]) -> None:
    with new_server(DASHBOARD_PASSWORD="the operators' password") as server:
        status, _ = server.request("GET", "/socket.io/?EIO=4&transport=polling")
        assert status == 401  # no session is made for it
        with pytest.raises(ConnectionRefused), Watcher(server):
            raise AssertionError("a stranger was let in")
        with Watcher(server, token=TOKEN) as welcome:
            assert welcome.request("watch") == {"calls": [], "seq": None}


def test_websocket_compression_is_declined(shared_server: Server) -> None:
    address = f"ws://127.0.0.1:{shared_server.port}/socket.io/?EIO=4&transport=websocket"
    offer = ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]
    connection = websocket.create_connection(address, header=offer, timeout=5)
    try:
        assert "sec-websocket-extensions" not in {name.lower() for name in connection.getheaders() or {}}
    finally:
        connection.close()


def test_other_sites_cannot_open_the_socket(shared_server: Server) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    assert shared_server.request("GET", path, headers={"Origin": shared_server.base_url})[0] == 200
    assert shared_server.request("GET", path, headers={"Origin": "https://evil.example"})[0] == 400


def _by_number(segment: dict[str, Any]) -> int:
    return int(segment["seq"])
