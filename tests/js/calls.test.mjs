import assert from "node:assert/strict";
import { test } from "node:test";
import { Calls, compareByStart } from "../../static/js/live/calls.js";
import { call, CALL_ID, permutations, segment } from "./fixtures.mjs";

test("an older state of a call never replaces a newer one", () => {
  for (const order of permutations([call(1, { state: "ringing" }), call(2), call(3, { state: "ended" })])) {
    const calls = new Calls();
    for (const each of order) calls.upsert(each);
    assert.equal(calls.get(CALL_ID).state, "ended");
  }
});

test("a live change keeps the counts and words of the list", () => {
  const calls = new Calls();
  calls.upsert(call(5, { lines: 3, last_words: { text: "hello", speaker: "caller" } }));
  const kept = calls.upsert(call(6, { state: "ended" }));
  assert.equal(kept.lines, 3);
  assert.equal(kept.last_words.text, "hello");
});

test("a repeated line is counted once", () => {
  const calls = new Calls();
  calls.upsert(call(5, { lines: 3, last_words: null }));
  assert.equal(calls.addSegment(segment(5, 10)), null);
  assert.equal(calls.addSegment(segment(6, 11)).lines, 4);
  assert.equal(calls.addSegment(segment(6, 11)), null);
  calls.upsert(call(7, { lines: 5, last_words: null }));
  assert.equal(calls.addSegment(segment(7, 12)), null);
  assert.equal(calls.get(CALL_ID).lines, 5);
});

test("a late line is not the last word", () => {
  const calls = new Calls();
  calls.upsert(call(1));
  calls.addSegment(segment(2, 20));
  assert.equal(calls.addSegment(segment(3, 10)).last_words.text, "line 2");
});

test("calls stand in order of start", () => {
  const at = (id, started_at) => ({ id, started_at });
  const sorted = [at("c", null), at("b", "2026-03-12T14:02:05.5Z"), at("a", "2026-03-12T14:02:05Z")].sort(compareByStart);
  assert.deepEqual(sorted.map(({ id }) => id), ["a", "b", "c"]);
});
