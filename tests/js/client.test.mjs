import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { LiveClient } from "../../static/js/live/client.js";
import { Calls } from "../../static/js/live/calls.js";
import { Sequence } from "../../static/js/live/sequence.js";
import { Transcript } from "../../static/js/live/transcript.js";
import { call, CALL_ID, FakeSocket, interim, permutations, segment } from "./fixtures.mjs";

// A page rendered when the call was at `seq`, with all events of its client.
async function page(server, { seq = 0 } = {}) {
  const socket = new FakeSocket(server);
  const openCall = { id: CALL_ID, transcript: new Transcript(), sequence: new Sequence(seq) };
  const live = new LiveClient({ socket, calls: new Calls(), openCall });
  const events = [];
  for (const type of ["state", "call", "line", "interims", "caught-up"]) live.addEventListener(type, (event) => events.push([type, event.detail]));
  live.start();
  await settled();
  return { socket, openCall, live, events, lines: () => openCall.transcript.segments.map((line) => line.text) };
}

const final = (seq, at = seq) => ({ type: "segment.final", segment: segment(seq, at) });

test("a page that opens gets the lines since its rendering", async () => {
  const { live, lines, socket } = await page({ calls: [call(3)], lines: [segment(1, 1), segment(2, 2), segment(3, 3)] }, { seq: 1 });
  assert.deepEqual(socket.requests.at(-1), { call_id: CALL_ID, after_seq: 1 });
  assert.deepEqual(lines(), ["line 2", "line 3"]);
  assert.equal(live.state, "live");
});

test("a call in a list does not hide a missed line", async () => {
  const server = { calls: [call(1)], lines: [segment(1, 1)] };
  const { socket, lines, events } = await page(server);
  socket.drop();
  Object.assign(server, { calls: [call(2)], lines: [segment(1, 1), segment(2, 2)] });
  socket.connect();
  await settled();
  assert.deepEqual(lines(), ["line 1", "line 2"]);
  assert.deepEqual(events.at(-1), ["caught-up", { lines: 1 }]);
});

test("any order and any repetition of changes ends the same", async () => {
  const changes = [final(2), final(3), { type: "call.updated", call: call(4) }, { type: "segment.interim", interim: interim(9, "so") }];
  for (const order of permutations(changes)) {
    const { socket, lines, openCall } = await page({ calls: [call(1)], lines: [segment(1, 1)] });
    for (const change of order) socket.receive("changes", [change, change]);
    assert.deepEqual(lines(), ["line 1", "line 2", "line 3"]);
    assert.equal(openCall.sequence.contiguousUpTo, 4);
    assert.equal(openCall.transcript.interims.length, 1);
  }
});

test("a gap that stays is requested", async (context) => {
  const server = { calls: [call(1)], lines: [segment(1, 1)] };
  const { socket, lines } = await page(server);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(server, { calls: [call(3)], lines: [segment(1, 1), segment(2, 2), segment(3, 3)] });
  socket.receive("changes", [final(3)]);
  assert.deepEqual(lines(), ["line 1", "line 3"]);
  context.mock.timers.tick(1000);
  await settled();
  assert.deepEqual(socket.requests.at(-1), { call_id: CALL_ID, after_seq: 1 });
  assert.deepEqual(lines(), ["line 1", "line 2", "line 3"]);
});

test("a gap that closes by itself is not requested", async (context) => {
  const { socket } = await page({ calls: [call(1)], lines: [segment(1, 1)] });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const requestCount = socket.requests.length;
  socket.receive("changes", [final(3)]);
  socket.receive("changes", [final(2)]);
  context.mock.timers.tick(1000);
  await settled();
  assert.equal(socket.requests.length, requestCount);
});

test("a change of an unknown kind is ignored", async () => {
  const { socket, lines } = await page({ calls: [call(1)], lines: [] });
  socket.receive("changes", [{ type: "call.scored", score: 5 }, final(2)]);
  assert.deepEqual(lines(), ["line 2"]);
});

test("the end of the call clears the interims", async () => {
  const { socket, openCall, events } = await page({ calls: [call(1)], lines: [] });
  socket.receive("changes", [{ type: "segment.interim", interim: interim(9, "so") }]);
  socket.receive("changes", [{ type: "call.updated", call: call(2, { state: "ended" }) }]);
  assert.deepEqual(openCall.transcript.interims, []);
  assert.ok(events.some(([type, detail]) => type === "call" && detail.call.state === "ended"));
});

test("a page that the server disconnected reconnects", async (context) => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  socket.drop("io server disconnect");
  assert.equal(live.state, "waiting");
  context.mock.timers.tick(2000);
  await settled();
  assert.equal(live.state, "live");
});

test("a refused connection differs from a lost one", async () => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  socket.drop();
  socket.active = false;
  socket.receive("connect_error", new Error("Sign in first"));
  assert.equal(live.state, "refused");
});

test("a page without login stops trying", async () => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  socket.drop();
  socket.receive("connect_error", Object.assign(new Error("xhr poll error"), { description: 503 }));
  assert.equal(live.state, "waiting");
  socket.receive("connect_error", Object.assign(new Error("xhr poll error"), { description: 401 }));
  assert.equal(live.state, "refused");
  assert.equal(socket.active, false);
});

test("an absence is counted from its beginning", async (context) => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  socket.drop();
  const { since } = live;
  socket.receive("connect_error", new Error("unreachable"));
  assert.equal(live.since, since);
  assert.equal(live.state, "waiting");
});

test("a long absence is called offline, and stays so through failed attempts", async (context) => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  socket.drop();
  context.mock.timers.tick(29_999);
  assert.equal(live.state, "waiting");
  context.mock.timers.tick(1);
  socket.receive("connect_error", new Error("unreachable"));
  assert.equal(live.state, "offline");
  live.reconnect();
  await settled();
  assert.equal(live.state, "live");
});

test("a line emits new last words, not a new call", async () => {
  const { socket, live, events } = await page({ calls: [call(1)], lines: [] });
  const words = [];
  live.addEventListener("last-words", ({ detail }) => words.push([detail.call.lines, detail.call.last_words.text]));
  const before = events.filter(([type]) => type === "call").length;
  socket.receive("changes", [final(2), final(2)]);
  assert.deepEqual(words, [[1, "line 2"]]);
  assert.equal(events.filter(([type]) => type === "call").length, before);
});
