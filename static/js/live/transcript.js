// The transcript of one call: finals and open interims. Changes lead to the same result in any order and with any
// repetition. Segments are ordered by (occurred_at, event_id). Each lane has at most one interim; a lane is a track, or
// the missing track.
import { compareInstants } from "../shared/instants.js";

export function compareSegments(a, b) {
  return compareInstants(a.occurred_at, b.occurred_at) || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);
}

const isLater = (a, b) => compareInstants(a.occurred_at, b.occurred_at) > 0;
const earliest = (a, b) => (compareInstants(a, b) <= 0 ? a : b);

export class Transcript {
  #segments = [];
  #eventIds = new Set();
  #lanes = new Map();
  #isClosed = false;

  get segments() {
    return this.#segments;
  }

  // Open interims with text, in the order they began.
  get interims() {
    const interims = [...this.#lanes.values()].map((lane) => lane.interim).filter((interim) => interim?.text);
    return interims.sort((a, b) => compareInstants(a.began_at, b.began_at));
  }

  // When the newest text occurred, final or not; null without any.
  get lastTextAt() {
    const instants = [this.#segments.at(-1), ...this.interims].filter(Boolean).map((line) => line.occurred_at);
    return instants.sort(compareInstants).at(-1) ?? null;
  }

  // Inserts a final. Returns {segment, next}; `next` is the segment after it, or null. Returns null for a repeat.
  addSegment(segment) {
    if (this.#eventIds.has(segment.event_id)) return null;
    this.#eventIds.add(segment.event_id);
    const index = this.#findIndex(segment);
    const next = this.#segments[index] ?? null;
    if (next) this.#segments.splice(index, 0, segment);
    else this.#segments.push(segment);
    this.#closeLane(segment);
    return { segment, next };
  }

  // The first segment later than an instant, or null.
  firstSegmentAfter(at) {
    const segments = this.#segments;
    let [low, high] = [0, segments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareInstants(segments[middle].occurred_at, at) <= 0) low = middle + 1;
      else high = middle;
    }
    return segments[low] ?? null;
  }

  // Takes an interim. Returns whether the visible interims change. An interim without text clears its lane.
  updateInterim(interim) {
    const lane = this.#getLane(interim.track);
    if (this.#isClosed || (lane.final && !isLater(interim, lane.final))) return false;
    const current = lane.interim;
    const began_at = current?.text ? earliest(current.began_at, interim.occurred_at) : interim.occurred_at;
    if (current && !isLater(interim, current)) {
      current.began_at = began_at;
      return false;
    }
    lane.interim = { ...interim, began_at };
    return Boolean(current?.text || interim.text);
  }

  // Takes the server's complete list of open interims. Other lanes are cleared.
  replaceInterims(interims) {
    const tracks = new Set(interims.map((interim) => interim.track ?? ""));
    for (const [track, lane] of this.#lanes) if (!tracks.has(track)) lane.interim = null;
    for (const interim of interims) this.updateInterim(interim);
  }

  // Ends the call: all interims are cleared. Late finals still count.
  close() {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) lane.interim = null;
  }

  #getLane(track) {
    const key = track ?? "";
    if (!this.#lanes.has(key)) this.#lanes.set(key, { interim: null, final: null });
    return this.#lanes.get(key);
  }

  #closeLane(segment) {
    const lane = this.#getLane(segment.track);
    if (!lane.final || isLater(segment, lane.final)) lane.final = segment;
    const interim = lane.interim;
    if (!interim) return;
    if (!isLater(interim, lane.final)) lane.interim = null;
    else if (compareInstants(interim.began_at, lane.final.occurred_at) <= 0) interim.began_at = interim.occurred_at;
  }

  // Nearly always the end, so check there first; otherwise search by halves.
  #findIndex(segment) {
    const segments = this.#segments;
    if (!segments.length || compareSegments(segments.at(-1), segment) < 0) return segments.length;
    let [low, high] = [0, segments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareSegments(segments[middle], segment) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
