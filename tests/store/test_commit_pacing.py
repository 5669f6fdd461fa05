"""The pause between commits follows cost and load."""

from __future__ import annotations

from dashboard.store.commit_thread import NO_PAUSE_BATCH, CommitPacing

MAX_PAUSE_S = 0.01


def pacing_after(*, commits: int, writes: int, cost_s: float, interval_s: float) -> CommitPacing:
    pacing, now = CommitPacing(MAX_PAUSE_S), 100.0
    for _ in range(commits):
        now += interval_s
        pacing.observe_commit(writes, cost_s, at=now)
    return pacing


def test_first_commit_is_followed_by_no_pause() -> None:
    assert pacing_after(commits=1, writes=1, cost_s=0.05, interval_s=5.0).pause_s(1) == 0


def test_a_quick_disk_needs_no_pause() -> None:
    assert pacing_after(commits=500, writes=1, cost_s=0.002, interval_s=0.01).pause_s(1) == 0


def test_writes_that_would_keep_the_disk_busy_share_commits() -> None:
    pacing = pacing_after(commits=500, writes=4, cost_s=0.002, interval_s=0.004)
    assert pacing.pause_s(1) == MAX_PAUSE_S
    assert 0 < pacing.pause_s(4) < MAX_PAUSE_S
    assert pacing.pause_s(NO_PAUSE_BATCH + 1) == 0


def test_pause_grows_with_the_load_up_to_its_limit() -> None:
    pauses = [
        pacing_after(commits=500, writes=1, cost_s=0.004, interval_s=interval_s).pause_s(1)
        for interval_s in (0.1, 0.012, 0.008, 0.006, 0.004)
    ]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0 and 0 < pauses[2] < MAX_PAUSE_S and pauses[-1] == MAX_PAUSE_S


def test_load_that_ends_is_forgotten_within_some_commits() -> None:
    pacing, now = pacing_after(commits=500, writes=4, cost_s=0.002, interval_s=0.004), 200.0
    for _ in range(30):
        now += 0.1
        pacing.observe_commit(1, 0.002, at=now)
    assert pacing.pause_s(1) == 0
