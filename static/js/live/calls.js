// The calls of a page, each with its last words. An older version of a call never replaces a newer one.
import { compareInstants } from "../shared/instants.js";
import { compareSegments } from "./transcript.js";

// Compares by start. A new call then comes last and moves no other.
export const compareByStart = (a, b) => compareInstants(a.started_at, b.started_at) || (a.id < b.id ? -1 : 1);

// Repeated segments come close together, so a limited memory recognises them.
const MAX_SEGMENT_IDS = 5000;

export class Calls {
  #calls = new Map();
  // Call id → seq up to which the server has counted the lines.
  #countedUpTo = new Map();
  #newestSegments = new Map();
  #segmentIds = new Set();

  get(id) {
    return this.#calls.get(id) ?? null;
  }

  get all() {
    return [...this.#calls.values()];
  }

  // Takes a call from the server. Returns the merged call, or null if it is not newer.
  upsert(call) {
    const previous = this.#calls.get(call.id);
    const isCounted = call.lines !== undefined;
    if (previous && (call.seq < previous.seq || (call.seq === previous.seq && !isCounted))) return null;
    const merged = { lines: 0, last_words: null, keyword_hits: [], ...previous, ...call };
    this.#calls.set(call.id, merged);
    if (isCounted) this.#countedUpTo.set(call.id, call.seq);
    return merged;
  }

  // Takes a final of any call. Returns the call with its new last words, or null if nothing changes.
  addSegment(segment) {
    const call = this.#calls.get(segment.call_id);
    if (!call || segment.seq <= (this.#countedUpTo.get(call.id) ?? 0) || this.#isRepeat(segment)) return null;
    const newest = this.#newestSegments.get(call.id);
    const isNewest = !newest || compareSegments(newest, segment) < 0;
    if (isNewest) this.#newestSegments.set(call.id, segment);
    const last_words = isNewest ? { text: segment.text, speaker: segment.speaker } : call.last_words;
    const keyword_hits = addHits(call.keyword_hits, segment.keywords);
    const updated = { ...call, lines: call.lines + 1, last_words, keyword_hits };
    this.#calls.set(call.id, updated);
    return updated;
  }

  // A page is in two rooms and may receive a final of the open call twice.
  #isRepeat(segment) {
    if (this.#segmentIds.has(segment.event_id)) return true;
    this.#segmentIds.add(segment.event_id);
    if (this.#segmentIds.size > MAX_SEGMENT_IDS) this.#segmentIds.delete(this.#segmentIds.values().next().value);
    return false;
  }
}

// The keyword counts of a call after one more line, [{word, count}] in order of the words.
function addHits(hits, words = []) {
  const counts = new Map(hits.map(({ word, count }) => [word, count]));
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([word, count]) => ({ word, count }));
}
