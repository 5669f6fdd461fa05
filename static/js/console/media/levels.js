// How loud the two sides of a streamed call have been lately, and how well the line carries it. No DOM: shapes as text.
import { numeral, t } from "../../shared/i18n.js";

export const BARS = 48;
export const VIEW = { width: 288, height: 40 };

const STEP = VIEW.width / BARS;
const WIDTH = 3.4;
const AXIS = 20;
const REACH = 18; // of a full-scale bar
const QUIETEST_DB = -60;
const LEAST = 1; // so that silence is a line too

const GOOD = t("Good line");

// [lost at most, jitter at most in ms, bars, word]
const QUALITIES = [
  [0.005, 30, 4, GOOD],
  [0.02, 60, 3, GOOD],
  [0.05, 120, 2, t("Fair line")],
  [Infinity, Infinity, 1, t("Poor line")],
];

export class Levels {
  #streamId = null;
  #heights = { inbound: [], outbound: [] };

  // Takes a `stream` of the live protocol. Another stream begins anew.
  hear({ stream_id, tracks }) {
    if (stream_id !== this.#streamId) this.#heights = { inbound: [], outbound: [] };
    this.#streamId = stream_id;
    for (const [track, heights] of Object.entries(this.#heights)) {
      heights.push(heightOf(tracks[track]?.level_db));
      if (heights.length > BARS) heights.shift();
    }
  }

  // The bars of a track as the `d` of a path, newest at the right: above the axis or below it.
  path(track, isAbove) {
    const heights = this.#heights[track];
    const first = BARS - heights.length;
    return heights.map((height, index) => bar((first + index) * STEP, height, isAbove)).join("");
  }
}

// {bars, words} of a stream, or null if nothing has been measured: "Good line, 0.1 % lost, 6 ms jitter".
export function qualityOf({ tracks }) {
  const told = Object.values(tracks);
  const frames = framesOf({ tracks });
  if (!frames) return null;
  const gaps = told.reduce((sum, { gaps: lost }) => sum + lost, 0);
  const lost = gaps / (frames + gaps);
  const jitters = told.map(({ jitter_ms }) => jitter_ms).filter((jitter) => jitter != null);
  const jitter = jitters.length ? Math.max(...jitters) : null;
  const [, , bars, word] = QUALITIES.find(([lostAtMost, jitterAtMost]) => lost <= lostAtMost && (jitter ?? 0) <= jitterAtMost);
  const figures = { quality: word, lost: percent(lost), jitter: Math.round(jitter) };
  if (jitter === null) return { bars, words: t("%(quality)s, %(lost)s %% lost", figures) };
  return { bars, words: t("%(quality)s, %(lost)s %% lost, %(jitter)s ms jitter", figures) };
}

export function framesOf({ tracks }) {
  return Object.values(tracks).reduce((sum, { frames }) => sum + frames, 0);
}

const percent = (share) => (share === 0 ? "0" : share < 0.0005 ? t("under %(limit)s", { limit: 0.1 }) : numeral(share * 100, 1));

function heightOf(level) {
  if (level == null) return LEAST;
  return Math.max(LEAST, REACH * Math.min(1, Math.max(0, 1 - level / QUIETEST_DB)));
}

function bar(x, height, isAbove) {
  const top = isAbove ? AXIS - 0.5 - height : AXIS + 0.5;
  return `M${x} ${top.toFixed(1)}h${WIDTH}v${height.toFixed(1)}h-${WIDTH}z`;
}
