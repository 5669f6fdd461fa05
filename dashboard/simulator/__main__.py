"""The command line: `python -m dashboard.simulator --target http://127.0.0.1:5000 --calls 4`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

from .ids import new_api_key
from .scenarios import DemoScenario, LoadScenario
from .simulator import Simulator
from .webhooks.delivery import DeliveryOptions

# How long the last webhooks may take when the simulator is told to end.
_SHUTDOWN_DRAIN_S = 0.7


def _parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m dashboard.simulator", description="A Telnyx that runs on your machine."
    )
    parser.add_argument("--target", required=True, help="where webhooks go, e.g. http://127.0.0.1:5000")
    parser.add_argument("--calls", type=_parse_count, default=4, help="how many calls are alive at any time (4)")
    parser.add_argument("--listen", type=_parse_address, default=("127.0.0.1", 0), help="host:port of the REST API")
    parser.add_argument("--speed", type=_parse_positive, default=1.0, help="how fast people talk (1)")
    parser.add_argument("--seed", type=int, help="repeat the same choices (ids are always new)")
    parser.add_argument(
        "--late", type=_parse_probability, default=0.0, help="how many webhooks come seconds late, 0 to 1"
    )
    parser.add_argument("--duplicate", type=_parse_probability, default=0.0, help="how many come twice, 0 to 1")
    parser.add_argument("--shuffle", type=_parse_probability, default=0.0, help="how many are overtaken, 0 to 1")
    parser.add_argument("--api-key", help="the key that commands must carry (else a new one)")
    parser.add_argument("--private-key-seed", type=_parse_seed, help="32 bytes in hex: the same signing key every time")
    parser.add_argument("--announce", action="store_true", help="print one line of JSON for a parent process")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when the parent process does")
    parser.add_argument("--once", action="store_true", help="place each call once, then end")
    parser.add_argument("--rate", type=_parse_positive, help="load instead of a demo: transcription webhooks a second")
    parser.add_argument("--workers", type=_parse_count, default=8, help="how many webhooks are delivered at once (8)")
    parser.add_argument(
        "--wait", type=_parse_positive, default=60.0, help="how many seconds the target may take to come up"
    )
    return parser.parse_args(argv)


def _parse_count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def _parse_positive(text: str) -> float:
    if not (number := float(text)) > 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def _parse_probability(text: str) -> float:
    if not 0 <= (number := float(text)) <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


def _parse_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise argparse.ArgumentTypeError("must look like 127.0.0.1:0")
    return host, int(port)


def _parse_seed(text: str) -> bytes:
    seed = bytes.fromhex(text)
    if len(seed) != 32:
        raise argparse.ArgumentTypeError("must be 64 hexadecimal digits")
    return seed


def _print_line(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def _print_connection_settings(simulator: Simulator, as_json: bool) -> None:
    if as_json:
        facts = {name: getattr(simulator, name) for name in ("base_url", "public_key", "api_key", "connection_id")}
        print(json.dumps(facts), flush=True)
        return
    print("A simulated Telnyx is up. Start the dashboard with these in its environment:\n")
    print(f"  export TELNYX_BASE_URL={simulator.base_url}")
    print(f"  export TELNYX_API_KEY={simulator.api_key}")
    print(f"  export TELNYX_PUBLIC_KEY={simulator.public_key}")
    print(f"  export TELNYX_CONNECTION_ID={simulator.connection_id}\n", flush=True)


def _watch_stdin(stop_event: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4_096):
        continue
    stop_event.set()


def _wait_for_target(target: str, wait_s: float, stop_event: threading.Event) -> bool:
    address = urlsplit(target)
    where = (address.hostname or "", address.port or (443 if address.scheme == "https" else 80))
    give_up_at = time.monotonic() + wait_s
    while time.monotonic() < give_up_at and not stop_event.is_set():
        try:
            socket.create_connection(where, timeout=1.0).close()
            return True
        except OSError:
            stop_event.wait(0.1)
    return False


def _run_scenario(simulator: Simulator, options: argparse.Namespace, stop_event: threading.Event) -> int:
    if not _wait_for_target(options.target, options.wait, stop_event):
        if not stop_event.is_set():
            print(f"No server answers at {options.target}. Start the dashboard there and try again.", file=sys.stderr)
            return 1
        return 0
    play: DemoScenario | LoadScenario
    if options.rate:
        play = LoadScenario(simulator, calls=options.calls, per_second=options.rate)
    else:
        play = DemoScenario(simulator, calls=options.calls, once=options.once, seed=options.seed)
    play.start()
    while not stop_event.wait(0.1) and not play.is_over:
        continue
    play.stop()
    simulator.drain(_SHUTDOWN_DRAIN_S if stop_event.is_set() else 10.0)
    return 0


def main(argv: list[str] | None = None) -> int:
    options = _parse_arguments(argv)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    simulator = Simulator(
        options.target,
        host=options.listen[0],
        port=options.listen[1],
        api_key=options.api_key or new_api_key(),
        seed=options.seed,
        speed=options.speed,
        delivery_options=DeliveryOptions(late=options.late, duplicate=options.duplicate, shuffle=options.shuffle),
        private_key_seed=options.private_key_seed,
        workers=options.workers,
        history=1_000,
        log=(lambda line: None) if options.announce else _print_line,
    )
    if options.until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(ending,), daemon=True).start()
    with simulator:
        _print_connection_settings(simulator, options.announce)
        return _run_scenario(simulator, options, ending)


if __name__ == "__main__":
    sys.exit(main())
