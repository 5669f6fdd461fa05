"""What a simulated voice sounds like: PCMU frames of 20 ms, syllable-like bursts or silence. Pure arithmetic.

µ-law is ITU-T G.711; 160 bytes at 8 kHz make 20 ms.
"""

from __future__ import annotations

import base64
import math

FRAME_MS = 20
FRAME_SAMPLES = 160
SILENCE = b"\xff" * FRAME_SAMPLES
SILENCE_BASE64 = base64.b64encode(SILENCE).decode("ascii")
_SAMPLE_RATE_HZ = 8_000
# A voice repeats after this many frames (1.2 s), which no meter or ear-free test can tell from speech.
_LOOP_FRAMES = 60
_PITCH_HZ = {"inbound": 132.0, "outbound": 208.0}
_SYLLABLE_S = 0.2


def encode_mulaw(sample: int) -> int:
    """One 16-bit linear sample as a µ-law byte."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32_635) + 132
    exponent = max(magnitude.bit_length() - 8, 0)
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def _voice_sample(moment_s: float, pitch_hz: float) -> int:
    # Two harmonics of the pitch, swelling once per syllable; every third syllable is a short breath.
    syllable, within = divmod(moment_s, _SYLLABLE_S)
    if syllable % 3 == 2 and within > _SYLLABLE_S / 2:
        return 0
    swell = math.sin(math.pi * within / _SYLLABLE_S) ** 2
    phase = 2 * math.pi * pitch_hz * moment_s
    return int(9_000 * swell * (0.7 * math.sin(phase) + 0.3 * math.sin(3 * phase)))


def _voice_frames(pitch_hz: float) -> list[bytes]:
    samples = bytes(
        encode_mulaw(_voice_sample(n / _SAMPLE_RATE_HZ, pitch_hz)) for n in range(_LOOP_FRAMES * FRAME_SAMPLES)
    )
    return [samples[at : at + FRAME_SAMPLES] for at in range(0, len(samples), FRAME_SAMPLES)]


_VOICES = {track: _voice_frames(pitch_hz) for track, pitch_hz in _PITCH_HZ.items()}
_VOICES_BASE64 = {
    track: [base64.b64encode(frame).decode("ascii") for frame in frames] for track, frames in _VOICES.items()
}


def frame_bytes(track: str, number: int, *, is_speaking: bool) -> bytes:
    """Frame `number` of a track as raw PCMU."""
    return _VOICES[track][number % _LOOP_FRAMES] if is_speaking else SILENCE


def frame_base64(track: str, number: int, *, is_speaking: bool) -> str:
    """The same in base64, encoded once for all calls."""
    return _VOICES_BASE64[track][number % _LOOP_FRAMES] if is_speaking else SILENCE_BASE64
