"""How loud a piece of sound is, by codec. It keeps sums, never sound, and it is fast: 10,000 frames come each second.

G.711 is never decoded. Each byte stands for one of 128 magnitudes (ITU-T G.711), so tables turn a frame into bytes
that C code can add up.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Callable
from operator import mul
from typing import Protocol

# What digital silence is called: the floor of 16 bits, and a number where JSON knows no minus infinity.
SILENCE_DB = -96.0

FULL_SCALE = 32_768
# Squares lose their lowest six bits, far below one step of G.711, to fit into three bytes.
_SQUARE_SHIFT = 6
_PLANES = 3


class LevelMeter(Protocol):
    """Measures RMS and peak in dBFS between two readings; None without frames."""

    def add_payload(self, payload: bytes) -> None: ...

    def read_and_reset(self) -> tuple[float, float] | None: ...


def level_meter_for(codec: str | None) -> LevelMeter | None:
    """A meter for a codec; None if its frames need decoding (G722, OPUS, AMR-WB)."""
    match codec:
        case "PCMU":
            return _G711Meter(_MU_LAW_TABLES)
        case "PCMA":
            return _G711Meter(_A_LAW_TABLES)
        case "L16":
            return _LinearPcmMeter()
        case _:
            return None


class _CompandingTables:
    """The magnitudes of the 256 bytes of a companding law."""

    __slots__ = ("magnitudes", "not_louder", "ranks", "squares")

    def __init__(self, magnitude_of: Callable[[int], int]) -> None:
        magnitude = [magnitude_of(byte) for byte in range(256)]
        self.magnitudes = sorted(set(magnitude))
        rank = [self.magnitudes.index(one) for one in magnitude]
        self.ranks = bytes(rank)
        self.squares = [
            bytes((one * one >> _SQUARE_SHIFT + 8 * plane) & 0xFF for one in magnitude) for plane in range(_PLANES)
        ]
        self.not_louder = [bytes(byte for byte in range(256) if rank[byte] <= most) for most in range(len(rank) // 2)]


def _mu_law_magnitude(byte: int) -> int:
    inverted = ~byte & 0xFF
    return (((inverted & 0x0F) << 3) + 132 << (inverted >> 4 & 0x07)) - 132


def _a_law_magnitude(byte: int) -> int:
    toggled = byte ^ 0x55
    segment = toggled >> 4 & 0x07
    magnitude = ((toggled & 0x0F) << 4) + 8
    return magnitude if segment == 0 else magnitude + 256 << segment - 1


_MU_LAW_TABLES = _CompandingTables(_mu_law_magnitude)
_A_LAW_TABLES = _CompandingTables(_a_law_magnitude)


class _G711Meter:
    __slots__ = ("_peak", "_samples", "_squares", "_tables")

    def __init__(self, tables: _CompandingTables) -> None:
        self._tables = tables
        self._reset_sums()

    def _reset_sums(self) -> None:
        self._samples = 0
        self._squares = 0
        self._peak = -1

    def add_payload(self, payload: bytes) -> None:
        low, middle, high = self._tables.squares
        self._squares += (
            sum(payload.translate(low))
            + (sum(payload.translate(middle)) << 8)
            + (sum(payload.translate(high)) << 16)
        )  # fmt: skip
        self._samples += len(payload)
        # Only bytes above the peak so far can raise it: after a first frame there are few, and max() is slow.
        louder = payload if self._peak < 0 else payload.translate(None, self._tables.not_louder[self._peak])
        if louder:
            self._peak = max(louder.translate(self._tables.ranks))

    def read_and_reset(self) -> tuple[float, float] | None:
        if not self._samples:
            return None
        mean_square = (self._squares << _SQUARE_SHIFT) / self._samples
        levels = _to_decibels(math.sqrt(mean_square)), _to_decibels(self._tables.magnitudes[self._peak])
        self._reset_sums()
        return levels


class _LinearPcmMeter:
    """Reads 16-bit little-endian samples. RFC 3551 says big-endian, but live streams are little-endian."""

    __slots__ = ("_peak", "_samples", "_squares")

    def __init__(self) -> None:
        self._reset_sums()

    def _reset_sums(self) -> None:
        self._samples = 0
        self._squares = 0
        self._peak = 0

    def add_payload(self, payload: bytes) -> None:
        samples = array("h", payload[: len(payload) & ~1])
        if sys.byteorder == "big":
            samples.byteswap()
        if samples:
            self._squares += sum(map(mul, samples, samples))
            self._samples += len(samples)
            self._peak = max(self._peak, max(samples), -min(samples))

    def read_and_reset(self) -> tuple[float, float] | None:
        if not self._samples:
            return None
        levels = _to_decibels(math.sqrt(self._squares / self._samples)), _to_decibels(self._peak)
        self._reset_sums()
        return levels


def _to_decibels(magnitude: float) -> float:
    if magnitude <= 0:
        return SILENCE_DB
    return round(max(SILENCE_DB, 20 * math.log10(magnitude / FULL_SCALE)), 1)
