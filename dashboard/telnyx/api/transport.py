"""Sends one REST request: time-outs, retries, and failures as values.

No error carries the key, a body, a path or an exception of the HTTP library.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Literal

import requests
import urllib3

from dashboard import __version__
from dashboard.telnyx.api import errors, retry
from dashboard.telnyx.api.errors import FailureKind, HttpResponse

DEFAULT_BASE_URL = "https://api.telnyx.com/v2"
# (connect, read) in seconds. The first is off the multiples of 3 s at which TCP sends again.
DEFAULT_TIMEOUT_S = (3.05, 10.0)
_USER_AGENT = f"call-console/{__version__}"
# A list of 250 calls is about 100 kB; whatever is far larger is not the API.
_MAX_RESPONSE_BYTES = 4 * 1024 * 1024
_OVERSIZED_BODY = b"too large to be JSON of the API"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """A 2xx answer. `document` is its JSON object, empty if there was no body."""

    status: int
    document: Mapping[str, Any] = field(repr=False)
    attempts: int
    elapsed_ms: int


class Transport:
    """Sends requests over one session, each at most three times."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = DEFAULT_BASE_URL,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        timeout: tuple[float, float] = DEFAULT_TIMEOUT_S,
    ) -> None:
        """`timeout` is (connect, read) in seconds. ValueError for a key that no HTTP header can carry."""
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ValueError("the Telnyx API key is empty or has characters that no key has")
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        self._session = session or requests.Session()
        # Neither a proxy nor a .netrc of the machine may see or replace the key.
        self._session.trust_env = False
        # All requests share the session, so no response may leave a cookie behind in it.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._sleep = sleep
        self._monotonic = monotonic
        self._timeout = timeout

    def request(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> ApiResponse:
        """The response to one request below the base address. Raises ProviderError."""
        content = None if body is None else json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
        started = self._monotonic()
        attempt = 0
        while True:
            attempt += 1
            result = self._attempt(method, path, query, content)
            pause_s = self._pause_before_next(result, attempt)
            if pause_s is None or self._monotonic() - started + pause_s > retry.MAX_TOTAL_S:
                break
            self._sleep(pause_s)
        elapsed_ms = round((self._monotonic() - started) * 1000)
        return self._result_or_error(result, attempt, elapsed_ms)

    def _attempt(
        self, method: str, path: str, query: Mapping[str, str] | None, content: bytes | None
    ) -> HttpResponse | FailureKind:
        # Failures are values: an exception of the HTTP library holds the whole request, with the key in its headers,
        # and would stay attached to ours.
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._api_key}",
            "User-Agent": _USER_AGENT,
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            with self._session.request(
                method,
                self._base_url + path,
                params=query,
                data=content,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return HttpResponse(
                    status=response.status_code, headers=response.headers, body=self._read_body(response)
                )
        except (requests.ConnectTimeout, requests.exceptions.SSLError):
            return "unreachable"
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            return "timed_out"
        except ValueError:  # requests' InvalidURL, InvalidSchema, MissingSchema, InvalidHeader
            return "misaddressed"
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return "unreachable" if _was_refused(error) else "interrupted"

    def _read_body(self, response: requests.Response) -> bytes:
        """The body. The read time-out bounds each wait for bytes; this bounds the whole, against a trickle."""
        deadline = self._monotonic() + self._timeout[1]
        body = bytearray()
        # read1 returns what is there; read, and requests' iter_content, would wait for a full piece.
        while piece := response.raw.read1(64 * 1024, decode_content=True):
            body += piece
            if len(body) > _MAX_RESPONSE_BYTES:
                return _OVERSIZED_BODY
            if self._monotonic() > deadline:
                raise requests.ReadTimeout("the answer did not end")
        return bytes(body)

    def _pause_before_next(self, result: HttpResponse | FailureKind, attempt: int) -> float | None:
        """The pause before a retry, in seconds; None if a retry is useless or forbidden."""
        if attempt >= retry.MAX_ATTEMPTS or result == "misaddressed":
            return None
        if not isinstance(result, HttpResponse):
            return retry.back_off_s(attempt)
        if not retry.is_retryable(result.status):
            return None
        asked_s = errors.retry_after_s(result)
        if asked_s is None:
            return retry.back_off_s(attempt)
        return asked_s if asked_s <= retry.MAX_PAUSE_S else None

    def _result_or_error(self, result: HttpResponse | FailureKind, attempts: int, elapsed_ms: int) -> ApiResponse:
        if not isinstance(result, HttpResponse):
            raise errors.connection_error(result, attempts=attempts, elapsed_ms=elapsed_ms)
        document = errors.parse_json_object(result.body)
        if document is not None and 200 <= result.status < 300:
            return ApiResponse(status=result.status, document=document, attempts=attempts, elapsed_ms=elapsed_ms)
        raise errors.api_error(result, document or {}, attempts=attempts, elapsed_ms=elapsed_ms, key=self._api_key)


def _was_refused(error: Exception) -> bool:
    """Whether no connection was made. requests hides urllib3's reason one level down."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), urllib3.exceptions.NewConnectionError)
