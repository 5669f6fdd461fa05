import assert from "node:assert/strict";
import { test } from "node:test";
import "./page_labels.mjs";
import { Calls } from "../../static/js/live/calls.js";
import { DelayWindow, percentile, serverDelayMs } from "../../static/js/console/media/delays.js";
import { Finder, searchPattern } from "../../static/js/console/transcript/finder.js";
import { changedNames, hasSameNames, speakerName } from "../../static/js/shared/speaker_names.js";
import { talkSeconds, TalkShares } from "../../static/js/console/transcript/talk_shares.js";
import { Transcript } from "../../static/js/live/transcript.js";
import { call, CALL_ID, permutations, segment } from "./fixtures.mjs";

const lines = (...texts) => texts.map((text, index) => segment(index + 1, index + 1, { text }));
const found = (finder) => finder.matches.map(({ segment: { event_id }, start }) => `${event_id}@${start}`);

test("a query is text, whatever signs it has", () => {
  assert.equal("It costs $5.00 (plus tax).".match(searchPattern("$5.00  (PLUS")).length, 1);
  assert.equal("a+b".match(searchPattern(".+")), null);
  assert.equal(searchPattern("   "), null);
});

test("positions are those of the text, also where lower case has other lengths", () => {
  const finder = new Finder();
  finder.search("desk", lines("İİ 😀 Desk"));
  assert.deepEqual(found(finder), ["e1@6"]);
});

test("a late line is found in its place and the selection stays", () => {
  const [first, second, third] = lines("a desk", "no", "the desk, a desk");
  for (const order of permutations([first, second, third])) {
    const finder = new Finder();
    finder.search("desk", []);
    for (const line of order) finder.addSegment(line);
    assert.deepEqual(found(finder), ["e1@2", "e3@4", "e3@12"]);
  }
  const finder = new Finder();
  finder.search("desk", [third]);
  assert.equal(finder.selectNext(1).start, 4);
  finder.addSegment(first);
  assert.equal(finder.position, 2);
});

test("after the last match comes the first, and before it the last", () => {
  const finder = new Finder();
  finder.search("desk", lines("desk desk", "desk"));
  const selectNext = () => {
    finder.selectNext(1);
    return finder.position;
  };
  assert.deepEqual(Array.from({ length: 4 }, selectNext), [1, 2, 3, 1]);
  finder.selectNext(-1);
  assert.equal(finder.position, 3);
  finder.search("table", []);
  assert.equal(finder.selectNext(1), null);
  assert.equal(finder.position, 0);
});

test("a line lasts from its first interim, else as long as its text", () => {
  assert.equal(talkSeconds({ started_at: "2026-03-12T14:02:00Z", occurred_at: "2026-03-12T14:02:04Z", text: "x" }), 4);
  assert.equal(talkSeconds({ started_at: null, occurred_at: "2026-03-12T14:02:04Z", text: "x".repeat(30) }), 2);
  assert.equal(talkSeconds({ started_at: "2026-03-12T13:00:00Z", occurred_at: "2026-03-12T14:02:04Z", text: "x" }), 60);
});

test("the shares are whole percents of both, and go by the direction of the call", () => {
  const talk = new TalkShares();
  assert.equal(talk.percentages("inbound"), null);
  talk.addLine({ track: "inbound", started_at: null, text: "x".repeat(10) });
  talk.addLine({ track: "outbound", started_at: null, text: "x".repeat(20) });
  talk.addLine({ track: null, started_at: null, text: "x".repeat(500) });
  assert.deepEqual(talk.percentages("inbound"), { caller: 33, callee: 67 });
  assert.deepEqual(talk.percentages("outbound"), { caller: 67, callee: 33 });
  assert.equal(talk.percentages(null), null);
});

test("a speaker without a name has the default label", () => {
  const named = call(1, { speakers: { caller: "Daniel", callee: null } });
  assert.deepEqual(["caller", "callee", "unknown"].map((speaker) => speakerName(named, speaker)), ["Daniel", "Callee", "Speaker"]);
  assert.equal(speakerName(call(1), "caller"), "Caller");
  assert.ok(hasSameNames(call(1), call(2, { speakers: { caller: null, callee: null } })));
  assert.ok(!hasSameNames(call(1), named));
});

test("only changed names are sent", () => {
  const named = call(1, { speakers: { caller: "Daniel", callee: null } });
  assert.deepEqual(changedNames(named, { caller: " Daniel ", callee: "" }), {});
  assert.deepEqual(changedNames(named, { caller: "Daniel", callee: " Maya" }), { callee: "Maya" });
  assert.deepEqual(changedNames(named, { caller: " ", callee: "" }), { caller: "" });
});

test("an older version of a call does not remove a name", () => {
  const calls = new Calls();
  calls.upsert(call(6, { speakers: { caller: "Daniel", callee: null } }));
  assert.equal(calls.upsert(call(5, { speakers: { caller: null, callee: null } })), null);
  assert.equal(speakerName(calls.get(CALL_ID), "caller"), "Daniel");
});

test("delays are ranked by nearest rank and drawn inside their box", () => {
  assert.equal(percentile([], 50), null);
  assert.deepEqual([50, 95].map((percent) => percentile([40, 10, 30, 20], percent)), [20, 40]);
  assert.equal(serverDelayMs({ received_at: "2026-03-12T14:02:00.010000Z", sent_at: "2026-03-12T14:02:00.035000Z" }), 25);
  const delays = new DelayWindow();
  for (let delay = 1; delay <= 70; delay += 1) delays.add(delay);
  assert.equal(delays.stats.count, 60);
  const { points } = delays.plot(120, 32);
  for (const point of points.split(" ")) {
    const [x, y] = point.split(",").map(Number);
    assert.ok(x >= 0 && x <= 120 && y >= 0 && y <= 32, point);
  }
});

test("keywords are counted once, on top of the list's counts", () => {
  const calls = new Calls();
  calls.upsert(call(5, { lines: 3, last_words: null, keyword_hits: [{ word: "refund", count: 2 }] }));
  const line = segment(6, 11, { marks: [[0, 6], [8, 12]], keywords: ["refund", "desk"] });
  calls.addSegment(line);
  calls.addSegment(line);
  assert.deepEqual(calls.get(CALL_ID).keyword_hits, [{ word: "desk", count: 1 }, { word: "refund", count: 3 }]);
  assert.equal(calls.upsert(call(7)).keyword_hits.length, 2);
});

test("a timeline entry stands before the first later line", () => {
  const transcript = new Transcript();
  for (const line of [segment(1, 4), segment(2, 5), segment(3, 9)]) transcript.addSegment(line);
  assert.equal(transcript.firstSegmentAfter(segment(0, 5).occurred_at).event_id, "e3");
  assert.equal(transcript.firstSegmentAfter(segment(0, 1).occurred_at).event_id, "e1");
  assert.equal(transcript.firstSegmentAfter(segment(0, 9).occurred_at), null);
});
