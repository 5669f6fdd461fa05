// Sound levels and line quality of a streamed call. No DOM: the shapes are texts.
import { formatNumber, t } from "../../shared/i18n.js";

export const BARS = 48;
export const VIEW = { width: 288, height: 40 };

const STEP = VIEW.width / BARS;
const BAR_WIDTH = 3.4;
const AXIS_Y = 20;
// Height of a bar at full scale.
const MAX_HEIGHT = 18;
const MIN_LEVEL_DB = -60;
// Makes silence a visible line.
const MIN_HEIGHT = 1;

const GOOD_LINE = t("Good line");

// [share of lost frames at most, jitter at most in ms, bars, label]
const QUALITIES = [
  [0.005, 30, 4, GOOD_LINE],
  [0.02, 60, 3, GOOD_LINE],
  [0.05, 120, 2, t("Fair line")],
  [Infinity, Infinity, 1, t("Poor line")],
];

export class Levels {
  #streamId = null;
  #heights = { inbound: [], outbound: [] };

  // Adds a `stream` of the live protocol. A new stream clears the levels.
  add({ stream_id, tracks }) {
    if (stream_id !== this.#streamId) this.#heights = { inbound: [], outbound: [] };
    this.#streamId = stream_id;
    for (const [track, heights] of Object.entries(this.#heights)) {
      heights.push(heightOf(tracks[track]?.level_db));
      if (heights.length > BARS) heights.shift();
    }
  }

  // The bars of a track as the `d` of a path, newest at the right, above or below the axis.
  path(track, isAbove) {
    const heights = this.#heights[track];
    const first = BARS - heights.length;
    return heights.map((height, index) => barPath((first + index) * STEP, height, isAbove)).join("");
  }
}

// {bars, text} of a stream, such as "Good line, 0.1 % lost, 6 ms jitter". Null before anything was measured.
export function qualityOf({ tracks }) {
  const figuresOfTracks = Object.values(tracks);
  const frames = countFrames({ tracks });
  if (!frames) return null;
  const gaps = figuresOfTracks.reduce((sum, { gaps }) => sum + gaps, 0);
  const lost = gaps / (frames + gaps);
  const jitters = figuresOfTracks.map(({ jitter_ms }) => jitter_ms).filter((jitter) => jitter != null);
  const jitter = jitters.length ? Math.max(...jitters) : null;
  const [, , bars, label] = QUALITIES.find(([lostAtMost, jitterAtMost]) => lost <= lostAtMost && (jitter ?? 0) <= jitterAtMost);
  const figures = { quality: label, lost: formatPercent(lost), jitter: Math.round(jitter) };
  if (jitter === null) return { bars, text: t("%(quality)s, %(lost)s %% lost", figures) };
  return { bars, text: t("%(quality)s, %(lost)s %% lost, %(jitter)s ms jitter", figures) };
}

export function countFrames({ tracks }) {
  return Object.values(tracks).reduce((sum, { frames }) => sum + frames, 0);
}

const formatPercent = (share) => (share === 0 ? "0" : share < 0.0005 ? t("under %(limit)s", { limit: 0.1 }) : formatNumber(share * 100, 1));

function heightOf(level) {
  if (level == null) return MIN_HEIGHT;
  return Math.max(MIN_HEIGHT, MAX_HEIGHT * Math.min(1, Math.max(0, 1 - level / MIN_LEVEL_DB)));
}

function barPath(x, height, isAbove) {
  const top = isAbove ? AXIS_Y - 0.5 - height : AXIS_Y + 0.5;
  return `M${x} ${top.toFixed(1)}h${BAR_WIDTH}v${height.toFixed(1)}h-${BAR_WIDTH}z`;
}
