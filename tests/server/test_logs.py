"""A flood of log lines is counted instead of written."""

from __future__ import annotations

import io
import logging

from dashboard.server.logs import FloodControlHandler


class Log:
    """A log with a clock of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self._stream = io.StringIO()
        self.handler = FloodControlHandler(self._stream, clock=lambda: self.now)

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    def write(self, text: str, *values: object, name: str = "dashboard.test") -> None:
        self.handler.handle(logging.LogRecord(name, logging.WARNING, __file__, 1, text, values, None))


def test_few_lines_are_all_written() -> None:
    log = Log()
    for number in range(5):
        log.write("webhook refused: number=%d", number)
    assert log.lines == [f"webhook refused: number={number}" for number in range(5)]


def test_flood_is_one_line_a_second_with_a_count() -> None:
    log = Log()
    for number in range(10_000):
        log.now = number / 1_000
        log.write("webhook refused: number=%d", number)
    assert 13 <= len(log.lines) <= 15
    assert log.lines[-1].startswith("webhook refused: number=") and log.lines[-1].endswith(" (and 999 more like this)")


def test_other_lines_are_written_during_a_flood() -> None:
    log = Log()
    for _ in range(100):
        log.write("flood")
    log.write("important: %s", "yes")
    log.write("flood", name="dashboard.other")
    assert log.lines[5:] == ["important: yes", "flood"]


def test_lines_are_written_again_after_a_flood() -> None:
    log = Log()
    for _ in range(100):
        log.write("flood: %s", "a")
    log.now = 60
    for _ in range(5):
        log.write("flood: %s", "b")
    assert log.lines[5:] == ["flood: b (and 95 more like this)", *["flood: b"] * 4]


def test_end_of_a_flood_is_counted_before_the_next_line() -> None:
    log = Log()
    for number in range(100):
        log.write("flood: %d", number)
    log.now = 0.5
    log.write("early")
    log.now = 1.5
    log.write("late")
    log.write("later")
    assert log.lines[5:] == ["early", "flood: 99 (and 94 more like this)", "late", "later"]


def test_end_of_a_flood_is_counted_when_the_log_is_closed() -> None:
    log = Log()
    for number in range(6):
        log.write("flood: %d", number)
    log.handler.close()
    log.handler.close()
    assert log.lines[5:] == ["flood: 5"]


def test_other_handlers_get_the_record_as_it_was() -> None:
    log = Log()
    record = logging.LogRecord("dashboard.test", logging.WARNING, __file__, 1, "flood: %d", (7,), None)
    for _ in range(10):
        log.handler.handle(record)
    log.now = 60
    log.handler.handle(record)
    assert log.lines[-1] == "flood: 7 (and 5 more like this)"
    assert (record.msg, record.args) == ("flood: %d", (7,))


def test_kinds_of_lines_are_bounded() -> None:
    log = Log()
    for number in range(5_000):
        log.write(f"text of a bug: {number}")
    assert len(log.handler._kinds) <= 1_000
