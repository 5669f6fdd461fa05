// Where a text stands in a transcript: every match in order, and the one the reader is at.
import { compareSegments } from "../../live/transcript.js";

// What to look for, as people write it: upper and lower case alike, any run of spaces for a space. Null for nothing.
export function patternOf(query) {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  return new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("\\s+"), "giu");
}

const comesAfter = (match, other) => compareSegments(match.segment, other.segment) || match.start - other.start;

export class Finder {
  #pattern = null;
  #current = null;
  matches = []; // {segment, start, end}: UTF-16 positions in the text of the segment

  get isSeeking() {
    return this.#pattern !== null;
  }

  get current() {
    return this.#current;
  }

  // Which match the reader is at, counted from 1; 0 while there is none.
  get position() {
    return this.#current ? this.matches.indexOf(this.#current) + 1 : 0;
  }

  // Looks for something else. The reader is then at no match until `step` or `goTo`.
  seek(query, segments) {
    this.#pattern = patternOf(query);
    this.matches = this.#pattern ? segments.flatMap((segment) => this.#in(segment)) : [];
    this.#current = null;
  }

  // A line came. Returns its matches; the reader stays where he is.
  add(segment) {
    const found = this.#pattern ? this.#in(segment) : [];
    if (!found.length) return found;
    const last = this.matches.at(-1);
    const isNewest = !last || comesAfter(last, found[0]) < 0;
    const index = isNewest ? this.matches.length : this.matches.findIndex((match) => comesAfter(match, found[0]) > 0);
    this.matches.splice(index, 0, ...found);
    return found;
  }

  goTo(match) {
    this.#current = match;
  }

  // The next match, or the one before; after the last comes the first.
  step(by) {
    const count = this.matches.length;
    if (!count) return null;
    const from = this.#current ? this.position - 1 : by > 0 ? -1 : count;
    this.#current = this.matches[(from + by + count) % count];
    return this.#current;
  }

  #in(segment) {
    return Array.from(segment.text.matchAll(this.#pattern), ({ 0: text, index }) => ({ segment, start: index, end: index + text.length }));
  }
}
