"""The command line: `python -m dashboard migrate` and `check`."""

from __future__ import annotations

import sys

from dashboard.errors import SettingsError
from dashboard.settings import Settings
from dashboard.store.migrate import upgrade

USAGE = "usage: python -m dashboard migrate | check"


def main(arguments: list[str]) -> int:
    if arguments not in (["migrate"], ["check"]):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments == ["migrate"]:
        upgrade(settings.database_url)
        print("The database is up to date.")
    else:
        print("The settings can be used.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
