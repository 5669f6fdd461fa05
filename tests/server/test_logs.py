"""A flood of log lines is counted instead of written."""

from __future__ import annotations

import logging

from dashboard.server.logs import FloodFilter


class Log:
    """A logger with a clock of its own; `lines` are those that were let through."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self._filter = FloodFilter(lambda: self.now)

    def write(self, text: str, *values: object, name: str = "dashboard.test") -> None:
        record = logging.LogRecord(name, logging.WARNING, __file__, 1, text, values, None)
        if self._filter.filter(record):
            self.lines.append(record.getMessage())


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


def test_kinds_of_lines_are_bounded() -> None:
    log = Log()
    for number in range(5_000):
        log.write(f"text of a bug: {number}")
    assert len(log._filter._kinds) <= 1_000
