"""A server, its simulated Telnyx, and its callers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from dashboard.simulator import SimCall, Simulator
from tests.system.server import Server, free_port


class SimulatedServer:
    """A server and its simulator, whose callers say only what a test sends."""

    def __init__(self, folder: Path, **environment: str) -> None:
        port = free_port()
        self.simulator = Simulator(f"http://127.0.0.1:{port}", seed=7, auto_answer=None, dial_answer=0.2)
        self.server = Server(DATABASE_URL=f"sqlite:///{folder / 'dashboard.sqlite3'}", **environment)
        self.server.port = port
        self.server.environment |= {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}

    def __enter__(self) -> SimulatedServer:
        self.simulator.start()
        self.server.environment |= {
            "TELNYX_API_KEY": self.simulator.api_key,
            "TELNYX_BASE_URL": self.simulator.base_url,
            "TELNYX_CONNECTION_ID": self.simulator.connection_id,
            "TELNYX_PUBLIC_KEY": self.simulator.public_key,
        }
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.simulator.stop()
        self.server.kill()

    def call_page_url(self, call: SimCall) -> str:
        return f"{self.server.base_url}/calls/{quote(call.call_control_id, safe='')}"

    def place_ringing_call(self) -> SimCall:
        call = self.simulator.place_call(paced=False)
        assert self.simulator.drain()
        return call

    def place_answered_call(self, *, paced: bool = False, **options: Any) -> SimCall:
        call = self.simulator.place_call(auto_answer=0.0, paced=paced, **options)
        assert call.wait_until(lambda call: call.is_answered)
        assert self.simulator.drain()
        return call

    def send_transcription(
        self, call: SimCall, text: str, *, final: bool = True, track: str = "inbound", at: datetime | None = None
    ) -> None:
        """Send one transcription event. Returns when the server has it, or at once if it is down."""
        heard = {"transcript": text, "is_final": final, "confidence": 0.95, "transcription_track": track}
        occurred_at = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        told = {"transcription_data": heard}
        self.simulator.send_webhook("call.transcription", call, told, occurred_at=occurred_at)
        if self.server.process is not None and self.server.process.poll() is None:
            assert self.simulator.drain()

    def received_commands(self, call: SimCall, action: str) -> list[Any]:
        """The bodies of the commands of this name that reached Telnyx."""
        path = f"/{call.call_control_id}/actions/{action}"
        return [each.body for each in self.simulator.requests if each.path.endswith(path)]

    def received_actions(self, call: SimCall) -> list[str]:
        mine = [each.path for each in self.simulator.requests if f"/{call.call_control_id}/actions/" in each.path]
        return [path.rpartition("/")[2] for path in mine]

    def hang_up_calls(self) -> None:
        for call in self.simulator.active_calls:
            call.hang_up()
        self.simulator.drain()


def find_control(page: Page, name: str) -> Locator:
    return page.locator(f'call-control[data-name="{name}"]')


def find_switch(page: Page, name: str) -> Locator:
    return find_control(page, name).locator(".switch")


def open_options(page: Page, name: str) -> Locator:
    """Open the settings of a control."""
    details = find_control(page, name).locator("command-form > details")
    if details.get_attribute("open") is None:
        details.locator("> summary").click()
    expect(find_control(page, name).locator("[data-part='common'] .field").first).to_be_visible()
    return details


def find_lines(page: Page) -> Locator:
    return page.locator(".transcript__log .segment .segment__text")


def wait_for_status(page: Page, text: str = "Live") -> Page:
    expect(page.locator("connection-status")).to_contain_text(text)
    return page
