"""One keep-alive connection that posts bytes and tells what came back. It follows no redirect and never raises."""

from __future__ import annotations

import http.client
import socket
import ssl
from urllib.parse import SplitResult, urlsplit


class HttpSender:
    """Belongs to one thread; only `abort` may be called from another."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._origin: tuple[str, str] | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._is_aborted = False

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int | None, str | None]:
        """The status of the answer, or None and one word for the reason: `timeout`, `connection`."""
        address = urlsplit(url)
        for _ in range(2):
            if self._is_aborted:
                break
            connection, reused = self._get_connection(address)
            try:
                return self._send_request(connection, address, body, headers), None
            except TimeoutError:
                self.close()
                return None, "timeout"
            except (OSError, http.client.HTTPException):
                self.close()
                # An idle connection may have been closed in the meantime: that says nothing of the target.
                if not reused:
                    return None, "connection"
        return None, "connection"

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def abort(self) -> None:
        """Wake the thread that waits for an answer."""
        self._is_aborted = True
        connection = self._connection
        waiting = connection.sock if connection is not None else None
        if waiting is not None:
            try:
                waiting.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # already closed by the other side

    def _get_connection(self, address: SplitResult) -> tuple[http.client.HTTPConnection, bool]:
        origin = (address.scheme, address.netloc)
        if self._connection is not None and self._origin == origin:
            return self._connection, self._connection.sock is not None
        self.close()
        host = address.hostname or ""
        if address.scheme == "https":
            self._connection = http.client.HTTPSConnection(
                host, address.port, timeout=self._timeout_s, context=ssl.create_default_context()
            )
        else:
            self._connection = http.client.HTTPConnection(host, address.port, timeout=self._timeout_s)
        self._origin = origin
        return self._connection, False

    def _send_request(
        self, connection: http.client.HTTPConnection, address: SplitResult, body: bytes, headers: dict[str, str]
    ) -> int:
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.putrequest("POST", path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read()
        if answer.will_close:
            self.close()
        return answer.status
