"""The promise behind every 200, tested with `kill -9`."""

from __future__ import annotations

from pathlib import Path

from tests.system import crash


def test_no_acknowledged_final_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    report = crash.run_crash_test(4, folder=tmp_path, seed=20260821)
    print(report)
    assert report.kills == 4 and len(report.acknowledged) > 50, report
    assert report.is_good, report
