import assert from "node:assert/strict";
import { test } from "node:test";
import { Transcript } from "../../static/js/live/transcript.js";
import { interim, permutations, segment } from "./fixtures.mjs";

const take = (transcript, change) => (change.seq ? transcript.addSegment(change) : transcript.updateInterim(change));
const texts = (lines) => lines.map((line) => line.text);

test("any order of the same changes ends in the same transcript", () => {
  const changes = [segment(1, 10), segment(2, 20), segment(3, 15, { track: "outbound" }), interim(9, "so"), interim(19, "so if"), interim(25, "and then")];
  for (const order of permutations(changes)) {
    const transcript = new Transcript();
    for (const change of order) take(transcript, change);
    assert.deepEqual(texts(transcript.segments), ["line 1", "line 3", "line 2"]);
    assert.deepEqual(texts(transcript.interims), ["and then"]);
    assert.equal(transcript.interims[0].began_at, interim(25, "").occurred_at);
  }
});

test("a repeated change changes nothing", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "so"));
  assert.equal(transcript.updateInterim(interim(9, "so")), false);
  assert.ok(transcript.addSegment(segment(1, 10)));
  assert.equal(transcript.addSegment(segment(1, 10)), null);
  assert.equal(transcript.segments.length, 1);
});

test("a late final stands before the line it came after", () => {
  const transcript = new Transcript();
  transcript.addSegment(segment(1, 10));
  transcript.addSegment(segment(2, 30));
  const { next } = transcript.addSegment(segment(3, 20));
  assert.equal(next.event_id, "e2");
  assert.deepEqual(texts(transcript.segments), ["line 1", "line 3", "line 2"]);
});

test("two finals of one instant stand in order of their ids", () => {
  for (const order of permutations([segment(1, 10, { event_id: "b" }), segment(2, 10, { event_id: "a" })])) {
    const transcript = new Transcript();
    for (const line of order) transcript.addSegment(line);
    assert.deepEqual(texts(transcript.segments), ["line 2", "line 1"]);
  }
});

test("instants with and without a fraction are compared as times", () => {
  const transcript = new Transcript();
  transcript.addSegment(segment(1, 0, { occurred_at: "2026-03-12T14:02:05.1Z" }));
  transcript.addSegment(segment(2, 0, { occurred_at: "2026-03-12T14:02:05Z" }));
  transcript.addSegment(segment(3, 0, { occurred_at: "2026-03-12T14:02:05.000001Z" }));
  assert.deepEqual(texts(transcript.segments), ["line 2", "line 3", "line 1"]);
  assert.equal(transcript.updateInterim({ ...interim(0, "of the same instant"), occurred_at: "2026-03-12T14:02:05.100Z" }), false);
});

test("a final closes the interim before it and leaves one that is newer", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "so"));
  transcript.updateInterim(interim(12, "the next"));
  transcript.addSegment(segment(1, 10));
  assert.deepEqual(texts(transcript.interims), ["the next"]);
  transcript.addSegment(segment(2, 12));
  assert.deepEqual(transcript.interims, []);
});

test("a final leaves the interim of the other track", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "mine", "outbound"));
  transcript.updateInterim(interim(9, "untold", null));
  transcript.addSegment(segment(1, 20));
  assert.deepEqual(texts(transcript.interims), ["mine", "untold"]);
});

test("an interim older than the current text is ignored", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "newer"));
  assert.equal(transcript.updateInterim(interim(8, "older")), false);
  transcript.addSegment(segment(1, 20));
  assert.equal(transcript.updateInterim(interim(20, "of the same instant")), false);
  assert.deepEqual(transcript.interims, []);
});

test("an interim without words clears its lane and outlives an older one", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "so"));
  assert.equal(transcript.updateInterim(interim(11, "")), true);
  assert.equal(transcript.updateInterim(interim(10, "so if")), false);
  assert.deepEqual(transcript.interims, []);
});

test("an interim keeps the time it began", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "so"));
  transcript.updateInterim(interim(10, "so if"));
  assert.equal(transcript.interims[0].began_at, interim(9, "").occurred_at);
});

test("after the end interims are ignored and finals count", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "so"));
  transcript.close();
  assert.equal(transcript.updateInterim(interim(10, "so if")), false);
  assert.deepEqual(transcript.interims, []);
  assert.ok(transcript.addSegment(segment(1, 10)));
});

test("a complete list of interims clears the other lanes", () => {
  const transcript = new Transcript();
  transcript.updateInterim(interim(9, "gone"));
  transcript.replaceInterims([interim(9, "here", "outbound")]);
  assert.deepEqual(texts(transcript.interims), ["here"]);
});

test("the newest text may be final or not", () => {
  const transcript = new Transcript();
  assert.equal(transcript.lastTextAt, null);
  transcript.addSegment(segment(1, 10));
  transcript.updateInterim(interim(12, "so", "outbound"));
  assert.equal(transcript.lastTextAt, interim(12, "").occurred_at);
});
