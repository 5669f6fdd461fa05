// The calls the page knows, each with its last words. An older state of a call never replaces a newer one.
import { compareInstants } from "../shared/instants.js";
import { compareSegments } from "./transcript.js";

// Live calls stand in order of start, so a new one is added below and nothing above it moves.
export const byStart = (a, b) => compareInstants(a.started_at, b.started_at) || (a.id < b.id ? -1 : 1);

// Repeats follow each other closely, and a page that stays open for days must not grow for days.
const IDS_KEPT = 5000;

export class Calls {
  #calls = new Map();
  #countedTo = new Map(); // the number of the newest change that the server's own count of lines covers
  #last = new Map();
  #ids = new Set();

  get(id) {
    return this.#calls.get(id) ?? null;
  }

  get all() {
    return [...this.#calls.values()];
  }

  // Takes a call as the server tells it. Returns it as kept, or null if it says nothing new.
  put(call) {
    const known = this.#calls.get(call.id);
    const isCounted = call.lines !== undefined;
    if (known && (call.seq < known.seq || (call.seq === known.seq && !isCounted))) return null;
    const kept = { lines: 0, last_words: null, keyword_hits: [], ...known, ...call };
    this.#calls.set(call.id, kept);
    if (isCounted) this.#countedTo.set(call.id, call.seq);
    return kept;
  }

  // Takes a final of any call. Returns the call with its new last words, or null if that changes nothing.
  hear(segment) {
    const call = this.#calls.get(segment.call_id);
    if (!call || segment.seq <= (this.#countedTo.get(call.id) ?? 0) || this.#isRepeat(segment)) return null;
    const last = this.#last.get(call.id);
    const isNewest = !last || compareSegments(last, segment) < 0;
    if (isNewest) this.#last.set(call.id, segment);
    const last_words = isNewest ? { text: segment.text, speaker: segment.speaker } : call.last_words;
    const keyword_hits = withHits(call.keyword_hits, segment.keywords);
    const kept = { ...call, lines: call.lines + 1, last_words, keyword_hits };
    this.#calls.set(call.id, kept);
    return kept;
  }

  // The page is in two rooms and may hear a final of the open call twice.
  #isRepeat(segment) {
    if (this.#ids.has(segment.event_id)) return true;
    this.#ids.add(segment.event_id);
    if (this.#ids.size > IDS_KEPT) this.#ids.delete(this.#ids.values().next().value);
    return false;
  }
}

// The counts of a call's keywords, [{word, count}] in order of the words, after one more line.
function withHits(hits, words = []) {
  const counts = new Map(hits.map(({ word, count }) => [word, count]));
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([word, count]) => ({ word, count }));
}
