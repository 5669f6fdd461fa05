// Where a text stands in a transcript: every match in order, and the one the reader is at.
import { compareSegments } from "../../live/transcript.js";

// What to look for, as people write it: upper and lower case alike, any run of spaces for a space. Null for nothing.
export function searchPattern(query) {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  return new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("\\s+"), "giu");
}

const compareMatches = (match, other) => compareSegments(match.segment, other.segment) || match.start - other.start;

export class Finder {
  #pattern = null;
  #current = null;
  matches = []; // {segment, start, end}: UTF-16 positions in the text of the segment

  get isActive() {
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
  search(query, segments) {
    this.#pattern = searchPattern(query);
    this.matches = this.#pattern ? segments.flatMap((segment) => this.#matchesIn(segment)) : [];
    this.#current = null;
  }

  // A line came. Returns its matches; the reader stays where he is.
  addSegment(segment) {
    const newMatches = this.#pattern ? this.#matchesIn(segment) : [];
    if (!newMatches.length) return newMatches;
    const last = this.matches.at(-1);
    const isNewest = !last || compareMatches(last, newMatches[0]) < 0;
    const index = isNewest ? this.matches.length : this.matches.findIndex((match) => compareMatches(match, newMatches[0]) > 0);
    this.matches.splice(index, 0, ...newMatches);
    return newMatches;
  }

  selectMatch(match) {
    this.#current = match;
  }

  // The next match, or the one before; after the last comes the first.
  selectNext(offset) {
    const count = this.matches.length;
    if (!count) return null;
    const start = this.#current ? this.position - 1 : offset > 0 ? -1 : count;
    this.#current = this.matches[(start + offset + count) % count];
    return this.#current;
  }

  #matchesIn(segment) {
    return Array.from(segment.text.matchAll(this.#pattern), ({ 0: text, index }) => ({ segment, start: index, end: index + text.length }));
  }
}
