"""Who watches what. A browser says the last number it has and gets exactly the rest; rooms do the telling.

Joining comes before reading: a change in between is seen twice, which is harmless, and never missed, which is not.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, join_room, leave_room
from pydantic_core import PydanticSerializationError, from_json, to_json
from socketio.packet import Packet

from dashboard.bootstrap import Services, Sockets
from dashboard.errors import CallNotFoundError, DashboardError
from dashboard.live.feed import CALLS_ROOM, EVENTS_ROOM, call_room
from dashboard.live.interims import InterimTracker
from dashboard.store import Store
from dashboard.web.call_list import call_list_json
from dashboard.web.cooperative import yielding
from dashboard.web.serializers import JSON, call_json, change_to_json, error_json, segment_json

log = logging.getLogger(__name__)

# Frames a browser may lag behind before it is cut off; it comes back and asks for what it missed.
MAX_LAG_FRAMES = 256

NAMESPACE = "/"

# From the opening of a socket to its Socket.IO CONNECT, which browsers send at once.
JOIN_TIMEOUT_S = 10.0


def sockets_of(socketio: SocketIO, *, is_shared: bool) -> Sockets:
    """What services may ask of the sockets. With `is_shared` other processes may have watchers this one cannot see."""
    return Sockets(
        emit=lambda rooms, changes: socketio.emit("changes", changes, to=rooms),
        count_watchers=lambda room: count_watchers(socketio, room),
        is_watched=(lambda room: True) if is_shared else lambda room: is_watched(socketio, room),
        longest_queue=lambda: longest_queue(socketio),
        disconnect_slow_clients=SocketSweeper(socketio).run,
    )


def init_app(socketio: SocketIO, services: Services, *, is_allowed: Callable[[], bool]) -> None:
    """Add the handlers to `socketio`. `is_allowed` judges the connecting request, as it does for pages."""
    store, interims = services.store, services.interims

    @socketio.on("connect")
    def connect(auth: Any = None) -> None:
        if not is_allowed():
            raise Refused("Sign in first, or send the API token as a bearer.")

    @socketio.on("watch")
    def watch(wish: Any = None) -> JSON:
        try:
            if _wants_events(wish):
                join_room(EVENTS_ROOM)
                return {}
            call_id, after_seq = _parse_watch(wish)
        except ValueError as error:
            return error_json("bad_watch", str(error), "Send {call_id?: text, after_seq?: number} or {events: true}.")
        try:
            if call_id is None:
                return _watch_list(lambda: call_list_json(store))
            return _watch_call(store, interims, call_id, after_seq, sleep=socketio.sleep)
        except CallNotFoundError as error:
            leave_room(call_room(error.call_id))
            return error_json("call_not_found", str(error), "It may have been deleted. Go back to the list.")
        except DashboardError as error:
            return error_json("unavailable", str(error), "Try again in a moment.")

    @socketio.on("unwatch")
    def unwatch(wish: Any = None) -> JSON:
        try:
            if _wants_events(wish):
                leave_room(EVENTS_ROOM)
                return {}
            call_id, _ = _parse_watch(wish)
        except ValueError as error:
            return error_json("bad_watch", str(error), "Send {call_id?: text} or {events: true}.")
        leave_room(CALLS_ROOM if call_id is None else call_room(call_id))
        return {}


class SocketSweeper:
    """Disconnects clients that lag behind or never join. `run` is to be called once a second."""

    def __init__(self, socketio: SocketIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._socketio = socketio
        self._clock = clock
        self._silent_since: dict[str, float] = {}

    def run(self) -> None:
        disconnect_slow_clients(self._socketio)
        self._disconnect_silent_clients()

    def _disconnect_silent_clients(self) -> None:
        """Close sockets that were opened and then never joined, because each costs memory and a place."""
        now, server = self._clock(), self._socketio.server
        silent = [
            socket
            for sid, socket in list(server.eio.sockets.items())
            if not socket.closed and server.manager.sid_from_eio_sid(sid, NAMESPACE) is None
        ]
        self._silent_since = {socket.sid: self._silent_since.get(socket.sid, now) for socket in silent}
        overdue = [socket for socket in silent if now - self._silent_since[socket.sid] >= JOIN_TIMEOUT_S]
        for socket in overdue:
            log.info("live socket closed: reason=never_joined")
            self._socketio.start_background_task(socket.close, wait=False, abort=True)


def frames_behind(socket: Any) -> int:
    """How many frames a socket has not taken yet."""
    return int(socket.queue.qsize())


def disconnect_slow_clients(socketio: SocketIO, *, frames_limit: int = MAX_LAG_FRAMES) -> int:
    """Close every socket that lags too far behind. Returns their number.

    Its queue would grow without limit.
    """
    sockets = list(socketio.server.eio.sockets.values())
    lagging = [socket for socket in sockets if frames_behind(socket) > frames_limit]
    for socket in lagging:
        log.warning("a browser lags %d frames behind and is cut off", frames_behind(socket))
        socketio.start_background_task(socket.close, wait=False, abort=True)
    return len(lagging)


def count_watchers(socketio: SocketIO, room: str | None = None) -> int:
    """The number of sockets of this process in a room, or of all."""
    return len(socketio.server.manager.rooms.get(NAMESPACE, {}).get(room, ()))


def longest_queue(socketio: SocketIO) -> int:
    """How many frames the slowest browser lags behind."""
    return max(map(frames_behind, list(socketio.server.eio.sockets.values())), default=0)


def is_watched(socketio: SocketIO, room: str) -> bool:
    return room in socketio.server.manager.rooms.get(NAMESPACE, ())


def _wants_events(wish: Any) -> bool:
    told = wish.get("events") if isinstance(wish, Mapping) else None
    if told not in (None, True, False):
        raise ValueError("events must be true, or left out.")
    return told is True


def _parse_watch(wish: Any) -> tuple[str | None, int]:
    if wish is None:
        return None, 0
    if not isinstance(wish, Mapping):
        raise ValueError("A watch is an object.")
    call_id, after_seq = wish.get("call_id"), wish.get("after_seq")
    if call_id is not None and (not isinstance(call_id, str) or not 0 < len(call_id) <= 512):
        raise ValueError("call_id must be a text of 1 to 512 characters.")
    after_seq = 0 if after_seq is None else after_seq
    if not isinstance(after_seq, int) or isinstance(after_seq, bool) or not 0 <= after_seq < 2**31:
        raise ValueError("after_seq must be a whole number, 0 or more.")
    return call_id, after_seq


def _watch_list(call_list: Callable[[], list[JSON]]) -> JSON:
    join_room(CALLS_ROOM)
    return {"calls": call_list(), "seq": None}


def _watch_call(
    store: Store, interims: InterimTracker, call_id: str, after_seq: int, *, sleep: Callable[[float], Any]
) -> JSON:
    join_room(call_room(call_id))
    known = store.get_transcript(call_id, after_seq=after_seq)
    return {
        "call": call_json(known.call),
        "segments": [segment_json(segment, known.call.direction) for segment in yielding(known.segments, sleep)],
        "interims": [change_to_json(heard)["interim"] for heard in interims.for_call(call_id)],
        "seq": known.call.seq,
    }


class _JsonModule:
    """What python-socketio asks of a JSON module."""

    @staticmethod
    def dumps(data: Any, **_: Any) -> str:
        try:
            return to_json(data).decode()
        except PydanticSerializationError:
            # Half a surrogate pair is no UTF-8. The provider's error texts may hold one, and JSON can escape it.
            return json.dumps(data, separators=(",", ":"))

    @staticmethod
    def loads(text: str) -> Any:
        return from_json(text)


class TextPacket(Packet):  # type: ignore[misc]
    uses_binary_events = False
    json = _JsonModule
