"""Blocking database work beside a green server's event loop."""

from __future__ import annotations

import subprocess
import sys
import textwrap

PROGRAM = """
    import warnings
    warnings.simplefilter("ignore")
    import eventlet
    eventlet.monkey_patch()
    import eventlet.tpool, os, sys
    from dashboard.store import queries
    from dashboard.store.database import Database

    for _ in range(20):
        database = Database(sys.argv[1], run_blocking=eventlet.tpool.execute)
        first = [eventlet.spawn(database.read, queries.is_reachable) for _ in range(4)]
        with eventlet.Timeout(5):
            assert all(read.wait() for read in first)
        database.close()
    print("all answered", flush=True)
    os._exit(0)
"""


def test_concurrent_first_reads_do_not_deadlock(database_url: str) -> None:
    program = textwrap.dedent(PROGRAM)
    process = subprocess.run([sys.executable, "-c", program, database_url], capture_output=True, text=True, timeout=30)
    assert process.stdout == "all answered\n", process.stderr
