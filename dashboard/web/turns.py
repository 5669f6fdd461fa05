"""Long answers in short turns, for whatever answers a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from flask import current_app

from dashboard.web import cooperative

T = TypeVar("T")


def in_turns(items: Iterable[T]) -> Iterator[T]:
    return cooperative.in_turns(items, current_app.extensions["socketio"].sleep)
