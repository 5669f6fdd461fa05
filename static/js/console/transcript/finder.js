// Matches of a query in a transcript, and the selected one.
import { compareSegments } from "../../live/transcript.js";

// The pattern of a query, or null if it is empty. Case is ignored, and a space matches any white space.
export function searchPattern(query) {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  return new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("\\s+"), "giu");
}

const compareMatches = (match, other) => compareSegments(match.segment, other.segment) || match.start - other.start;

export class Finder {
  #pattern = null;
  #current = null;
  // {segment, start, end}: UTF-16 positions in the text of the segment.
  matches = [];

  get isActive() {
    return this.#pattern !== null;
  }

  get current() {
    return this.#current;
  }

  // The position of the selected match, counted from 1; 0 without one.
  get position() {
    return this.#current ? this.matches.indexOf(this.#current) + 1 : 0;
  }

  // Starts a new search. No match is selected until `selectNext` or `selectMatch`.
  search(query, segments) {
    this.#pattern = searchPattern(query);
    this.matches = this.#pattern ? segments.flatMap((segment) => this.#matchesIn(segment)) : [];
    this.#current = null;
  }

  // Adds a new line. Returns its matches; the selection stays.
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

  // Selects the next or the previous match, and wraps around.
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
