"""Frames of one stream in every order, and what the meter tells about them."""

from __future__ import annotations

import math
import random
import struct
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.calls.events import Track
from dashboard.live.feed import Batch, VolatileUpdate, call_room
from dashboard.media.levels import SILENCE_DB, level_meter_for
from dashboard.media.meter import MAX_DIGITS, StreamLevels, StreamMeter, TrackLevel
from dashboard.media.sequence import FrameOrder, SequenceWindow
from dashboard.simulator.media.voice import encode_mulaw
from dashboard.web.serializers import change_to_json

INBOUND, OUTBOUND = Track.INBOUND, Track.OUTBOUND
QUIET = b"\xff" * 160
FRAME_S = 0.02
SINE = [int(32_124 * math.sin(2 * math.pi * 440 * n / 8_000)) for n in range(8_000)]


def meter(codec: str | None = "PCMU") -> StreamMeter:
    return StreamMeter(call_id="v3:call", stream_id="S", codec=codec, sample_rate_hz=8_000)


def heard(numbers: Iterable[int | None], *, meter_: StreamMeter | None = None, track: Track = INBOUND) -> TrackLevel:
    """Frames 20 ms apart with these numbers, and long enough afterwards what the meter says."""
    listening = meter_ or meter()
    at_s = 0.0
    for number in numbers:
        at_s += FRAME_S
        stamp = None if number is None else number * 20
        listening.add_frame(track, QUIET, number=number, timestamp_ms=stamp, at_s=at_s)
    return listening.take_snapshot(at_s + 1).tracks[track]


def a_law(sample: int) -> int:
    """One 16-bit linear sample as an A-law byte (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(abs(sample), 32_767) >> 4
    segment = max(magnitude.bit_length() - 4, 0)
    mantissa = magnitude >> max(segment - 1, 0) & 0x0F
    return (sign | segment << 4 | mantissa) ^ 0x55


# --- order ----------------------------------------------------------------------------------------------------------


def test_frames_in_order_have_neither_gaps_nor_late_ones() -> None:
    level = heard(range(1, 101))

    assert (level.frames, level.gaps, level.late, level.bytes) == (100, 0, 0, 16_000)
    assert level.jitter_ms == pytest.approx(0, abs=0.05)


def test_frames_that_swap_places_within_the_window_are_no_loss() -> None:
    level = heard([1, 3, 2, 4, 8, 7, 6, 5, 9, 10])

    assert (level.gaps, level.late) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_any_order_within_the_window_counts_the_same(seed: int) -> None:
    choose = random.Random(seed)
    numbers = sorted(range(1, 400), key=lambda number: number + choose.uniform(0, 4))
    numbers = [1, *(number for number in numbers if number != 1)]  # what comes before the first was never due

    level = heard(numbers)

    assert (level.frames, level.gaps, level.late) == (399, 0, 0)


def test_missing_frames_are_gaps() -> None:
    assert heard([1, 2, 5, 6, 7, 8, 9, 10, 30, 31]).gaps == 2 + 19


def test_a_missing_frame_at_the_end_is_given_up_when_its_time_is_over() -> None:
    listening = meter()
    listening.add_frame(INBOUND, QUIET, number=1, timestamp_ms=0, at_s=0.0)
    listening.add_frame(INBOUND, QUIET, number=3, timestamp_ms=40, at_s=0.04)

    assert listening.take_snapshot(0.05).tracks[INBOUND].gaps == 0
    assert listening.take_snapshot(0.2).tracks[INBOUND].gaps == 1


def test_a_frame_that_comes_after_it_was_given_up_is_late() -> None:
    level = heard([1, 3, 4, 5, 6, 7, 8, 2, 9])

    assert (level.gaps, level.late) == (1, 1)


def test_repeated_frames_count_as_late_and_are_not_measured_twice() -> None:
    listening = meter()
    loud = bytes(encode_mulaw(sample) for sample in SINE[:160])
    listening.add_frame(INBOUND, QUIET, number=1, timestamp_ms=0, at_s=0.0)
    listening.add_frame(INBOUND, loud, number=1, timestamp_ms=0, at_s=0.001)

    level = listening.take_snapshot(0.01).tracks[INBOUND]

    assert (level.frames, level.gaps, level.late) == (2, 0, 1)
    assert level.level_db == SILENCE_DB


def test_frames_without_numbers_are_measured_and_have_no_gaps() -> None:
    level = heard([None] * 10)

    assert (level.frames, level.gaps, level.late, level.jitter_ms) == (10, 0, 0, None)
    assert level.level_db == SILENCE_DB


def test_one_stray_number_moves_nothing() -> None:
    level = heard([1, 2, 9_000_000_000, 3, 4])

    assert (level.gaps, level.late) == (0, 1)


def test_counting_that_begins_anew_is_followed() -> None:
    level = heard([50_000, 50_001, 50_002, 1, 2, 3, 4, 5])

    assert (level.gaps, level.late) == (0, 1)


def test_a_window_remembers_what_came_and_not_what_did_not() -> None:
    window = SequenceWindow()
    for number in (10, 11, 14, 13):
        window.classify_frame(number, 0.0)

    assert [number for number in range(5, 20) if window.was_received(number)] == [10, 11, 13, 14]
    assert window.classify_frame(12, 0.0) is FrameOrder.FILLED


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([INBOUND, OUTBOUND]), st.integers(0, 40) | st.integers(0, 2**53))))
def test_no_numbers_break_the_count(frames: list[tuple[Track, int]]) -> None:
    listening = meter()
    for count, (track, number) in enumerate(frames):
        listening.add_frame(track, QUIET, number=number, timestamp_ms=number, at_s=count * FRAME_S)

    levels = listening.take_snapshot(1e6).tracks

    assert sum(level.frames for level in levels.values()) == len(frames)
    assert all(level.late <= level.frames and level.gaps >= 0 for level in levels.values())


# --- two tracks -----------------------------------------------------------------------------------------------------


def both_tracks(numbers: Iterable[tuple[Track, int]]) -> StreamLevels:
    listening = meter()
    at_s = 0.0
    for count, (track, number) in enumerate(numbers):
        at_s = count * FRAME_S / 2
        listening.add_frame(track, QUIET, number=number, timestamp_ms=int(at_s * 1_000), at_s=at_s)
    return listening.take_snapshot(at_s + 1)


def test_tracks_that_count_each_for_itself_have_no_gaps() -> None:
    tracks = both_tracks((track, number) for number in range(200) for track in (INBOUND, OUTBOUND)).tracks

    assert [(level.frames, level.gaps, level.late) for level in tracks.values()] == [(200, 0, 0)] * 2


def test_tracks_that_count_together_have_no_gaps() -> None:
    tracks = both_tracks(((INBOUND, OUTBOUND)[number % 2], number) for number in range(400)).tracks

    assert [(level.frames, level.gaps, level.late) for level in tracks.values()] == [(200, 0, 0)] * 2


def test_a_loss_shows_when_tracks_count_together() -> None:
    numbers = (number for number in range(400) if number not in (300, 301, 305))
    tracks = both_tracks(((INBOUND, OUTBOUND)[number % 2], number) for number in numbers).tracks

    assert sum(level.gaps for level in tracks.values()) == 3


def test_a_track_that_begins_much_later_counts_for_itself() -> None:
    alone = [(INBOUND, number) for number in range(500)]
    together = [(track, number + first) for number in range(50) for track, first in ((INBOUND, 500), (OUTBOUND, 1))]

    tracks = both_tracks([*alone, *together]).tracks

    assert (tracks[INBOUND].gaps, tracks[OUTBOUND].gaps) == (0, 0)
    assert (tracks[INBOUND].late, tracks[OUTBOUND].late) == (0, 0)


# --- time -----------------------------------------------------------------------------------------------------------


def test_jitter_is_that_of_rfc_3550() -> None:
    listening = meter()
    choose = random.Random(1)
    jitter_ms, previous = 0.0, None
    for number in range(200):
        at_s = number * FRAME_S + choose.uniform(0, 0.008)
        if previous is not None:
            jitter_ms += (abs((at_s - previous) * 1_000 - 20) - jitter_ms) / 16
        previous = at_s
        listening.add_frame(INBOUND, QUIET, number=number, timestamp_ms=number * 20, at_s=at_s)

    told = listening.take_snapshot(10).tracks[INBOUND].jitter_ms

    assert told == pytest.approx(jitter_ms, abs=0.06)
    assert 1 < jitter_ms < 6


def test_a_snapshot_is_due_ten_times_a_second_and_only_with_news() -> None:
    listening = meter()
    told = 0
    for number in range(500):
        listening.add_frame(INBOUND, QUIET, number=number, timestamp_ms=number * 20, at_s=number * FRAME_S)
        told += listening.snapshot_if_due(number * FRAME_S) is not None

    last, taken_back, nothing = (listening.snapshot_if_due(20.0 + second) for second in range(3))

    assert 90 <= told <= 101
    assert last is not None
    assert taken_back is not None
    assert nothing is None


def test_levels_are_taken_back_when_nothing_comes() -> None:
    listening = meter()
    listening.add_frame(INBOUND, QUIET, number=1, timestamp_ms=0, at_s=0.0)

    first, second = listening.snapshot_if_due(0.0), listening.snapshot_if_due(1.0)

    assert first is not None and first.tracks[INBOUND].level_db == SILENCE_DB
    assert second is not None and second.tracks[INBOUND].level_db is None
    assert second.tracks[INBOUND].frames == 1


# --- level ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "sound"),
    [
        ("PCMU", bytes(map(encode_mulaw, SINE))),
        ("PCMA", bytes(map(a_law, SINE))),
        ("L16", struct.pack("<8000h", *SINE)),
    ],
)
def test_a_full_sine_is_three_decibels_below_full_scale(codec: str, sound: bytes) -> None:
    listening = meter(codec)
    for at in range(0, len(sound), 160):
        listening.add_frame(INBOUND, sound[at : at + 160], number=at, timestamp_ms=None, at_s=0.0)

    level = listening.take_snapshot(0.0).tracks[INBOUND]

    assert level.level_db == pytest.approx(-3.1, abs=0.15)
    assert level.peak_db == pytest.approx(-0.1, abs=0.15)


@pytest.mark.parametrize("quieter_db", [6, 20, 40])
@pytest.mark.parametrize(("codec", "encode"), [("PCMU", encode_mulaw), ("PCMA", a_law)])
def test_the_level_follows_the_loudness(codec: str, encode: object, quieter_db: int) -> None:
    assert callable(encode)
    loudness = level_meter_for(codec)
    assert loudness is not None
    loudness.add_payload(bytes(encode(int(sample * 10 ** (-quieter_db / 20))) for sample in SINE))

    assert loudness.read_and_reset() == pytest.approx((-3.1 - quieter_db, -0.1 - quieter_db), abs=0.3)


@pytest.mark.parametrize(
    ("codec", "silence", "at_most"),
    [("PCMU", b"\xff\x7f", SILENCE_DB), ("PCMA", b"\xd5\x55", -72.0), ("L16", b"\x00\x00", SILENCE_DB)],
)
def test_silence_is_at_the_floor(codec: str, silence: bytes, at_most: float) -> None:
    loudness = level_meter_for(codec)
    assert loudness is not None
    loudness.add_payload(silence * 80)

    level, peak = loudness.read_and_reset() or (0.0, 0.0)

    assert max(level, peak) <= at_most


@pytest.mark.parametrize("codec", ["G722", "OPUS", "AMR-WB", "SOMETHING NEW", None])
def test_a_codec_that_would_have_to_be_decoded_has_no_level(codec: str | None) -> None:
    level = heard(range(5), meter_=meter(codec))

    assert (level.level_db, level.peak_db, level.frames) == (None, None, 5)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "L16"])
@pytest.mark.parametrize("payload", [b"", b"\x00", b"\x00\x80\x01", bytes(range(256)) * 200])
def test_no_payload_breaks_a_level(codec: str, payload: bytes) -> None:
    listening = meter(codec)
    listening.add_frame(INBOUND, payload, number=1, timestamp_ms=0, at_s=0.0)

    level = listening.take_snapshot(0.0).tracks[INBOUND]

    assert level.level_db is None or SILENCE_DB <= level.level_db <= 0
    assert level.peak_db is None or SILENCE_DB <= level.peak_db <= 0


def test_a_peak_in_a_later_frame_is_seen() -> None:
    loudness = level_meter_for("PCMU")
    assert loudness is not None
    for frame in (QUIET, bytes([*QUIET[:-1], 0x80]), QUIET):
        loudness.add_payload(frame)

    assert loudness.read_and_reset() == (pytest.approx(-27, abs=1), pytest.approx(-0.2, abs=0.1))


# --- keys, memory, wire ---------------------------------------------------------------------------------------------


def test_the_last_keys_are_told_in_the_order_they_were_pressed() -> None:
    listening = meter()
    began = datetime(2026, 8, 21, 10, 15, tzinfo=UTC)
    for second in (1, 0, *range(2, 12)):
        listening.add_digit(str(second % 10), began + timedelta(seconds=second))

    digits = listening.take_snapshot(0.0).digits

    assert "".join(key.digit for key in digits) == "45678901"
    assert len(digits) == MAX_DIGITS


def kept_by_the_room() -> int:
    """Bytes, of what this room has allocated: threads of other tests allocate too."""
    ours = tracemalloc.Filter(True, "*/dashboard/live/*")
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([ours]).traces)


def test_ten_minutes_of_sound_leave_nothing_behind() -> None:
    listening = meter()
    choose = random.Random(3)
    sound = [choose.randbytes(160) for _ in range(50)]

    def minutes(first: int, last: int) -> None:
        for number in range(first * 3_000, last * 3_000):
            if number % 97:
                for track in (INBOUND, OUTBOUND):
                    listening.add_frame(
                        track, sound[number % 50], number=number, timestamp_ms=number * 20, at_s=number * FRAME_S
                    )
            if number % 500 == 0:
                listening.add_digit("5", datetime(2026, 8, 21, tzinfo=UTC))
            listening.snapshot_if_due(number * FRAME_S)

    minutes(0, 1)
    tracemalloc.start()
    try:
        minutes(1, 2)
        before = kept_by_the_room()
        minutes(2, 11)
        after = kept_by_the_room()
    finally:
        tracemalloc.stop()

    assert after - before < 4_096


def test_a_measured_stream_is_told_to_those_who_watch_the_call() -> None:
    listening = meter()
    listening.add_frame(INBOUND, QUIET, number=1, timestamp_ms=0, at_s=0.0)
    listening.add_digit("7", datetime(2026, 8, 21, 10, 15, tzinfo=UTC))

    assert change_to_json(listening.take_snapshot(0.0)) == {
        "type": "stream.level",
        "stream": {
            "call_id": "v3:call",
            "stream_id": "S",
            "codec": "PCMU",
            "sample_rate_hz": 8_000,
            "tracks": {
                "inbound": {
                    "level_db": SILENCE_DB,
                    "peak_db": SILENCE_DB,
                    "frames": 1,
                    "gaps": 0,
                    "late": 0,
                    "jitter_ms": 0.0,
                    "bytes": 160,
                }
            },
            "dtmf": [{"digit": "7", "occurred_at": "2026-08-21T10:15:00.000000Z"}],
        },
    }


def test_a_frame_to_browsers_carries_only_the_newest_of_a_stream() -> None:
    listening, other = meter(), StreamMeter(call_id="v3:call", stream_id="T", codec=None, sample_rate_hz=None)
    frame = Batch()
    for measured in (listening.take_snapshot(0.0), other.take_snapshot(0.0), newest := listening.take_snapshot(1.0)):
        frame.add(VolatileUpdate(call_room(measured.call_id), measured.stream_id, measured))

    updates = [change for change in frame.items() if isinstance(change, VolatileUpdate)]
    assert [update.value for update in updates if update.key == "S"] == [newest]
    assert len(list(frame.items())) == 2
