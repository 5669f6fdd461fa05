import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { Live } from "../../static/js/live/client.js";
import { Calls } from "../../static/js/live/calls.js";
import { Sequence } from "../../static/js/live/sequence.js";
import { Transcript } from "../../static/js/live/transcript.js";
import { call, CALL_ID, FakeSocket, interim, permutations, segment } from "./speech.mjs";

// A page that was drawn when the call stood at `seq`, and everything its feed tells.
async function page(server, { seq = 0 } = {}) {
  const socket = new FakeSocket(server);
  const open = { id: CALL_ID, transcript: new Transcript(), sequence: new Sequence(seq) };
  const live = new Live({ socket, calls: new Calls(), open });
  const told = [];
  for (const type of ["state", "call", "line", "interims", "caughtup"]) live.addEventListener(type, (event) => told.push([type, event.detail]));
  live.start();
  await settled();
  return { socket, open, live, told, lines: () => open.transcript.segments.map((line) => line.text) };
}

const final = (seq, at = seq) => ({ type: "segment.final", segment: segment(seq, at) });

test("a page that opens gets what was said since it was drawn", async () => {
  const { live, lines, socket } = await page({ calls: [call(3)], lines: [segment(1, 1), segment(2, 2), segment(3, 3)] }, { seq: 1 });
  assert.deepEqual(socket.said.at(-1), { call_id: CALL_ID, after_seq: 1 });
  assert.deepEqual(lines(), ["line 2", "line 3"]);
  assert.equal(live.state, "live");
});

test("a call in a list does not hide a line that was missed", async () => {
  const server = { calls: [call(1)], lines: [segment(1, 1)] };
  const { socket, lines, told } = await page(server);
  socket.drop();
  Object.assign(server, { calls: [call(2)], lines: [segment(1, 1), segment(2, 2)] });
  socket.connect();
  await settled();
  assert.deepEqual(lines(), ["line 1", "line 2"]);
  assert.deepEqual(told.at(-1), ["caughtup", { lines: 1 }]);
});

test("any order and any repetition of changes ends the same", async () => {
  const changes = [final(2), final(3), { type: "call.updated", call: call(4) }, { type: "segment.interim", interim: interim(9, "so") }];
  for (const order of permutations(changes)) {
    const { socket, lines, open } = await page({ calls: [call(1)], lines: [segment(1, 1)] });
    for (const change of order) socket.hear("changes", [change, change]);
    assert.deepEqual(lines(), ["line 1", "line 2", "line 3"]);
    assert.equal(open.sequence.mark, 4);
    assert.equal(open.transcript.interims.length, 1);
  }
});

test("a gap that stays is asked for", async (context) => {
  const server = { calls: [call(1)], lines: [segment(1, 1)] };
  const { socket, lines } = await page(server);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(server, { calls: [call(3)], lines: [segment(1, 1), segment(2, 2), segment(3, 3)] });
  socket.hear("changes", [final(3)]);
  assert.deepEqual(lines(), ["line 1", "line 3"]);
  context.mock.timers.tick(1000);
  await settled();
  assert.deepEqual(socket.said.at(-1), { call_id: CALL_ID, after_seq: 1 });
  assert.deepEqual(lines(), ["line 1", "line 2", "line 3"]);
});

test("a gap that closes by itself is not asked for", async (context) => {
  const { socket } = await page({ calls: [call(1)], lines: [segment(1, 1)] });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = socket.said.length;
  socket.hear("changes", [final(3)]);
  socket.hear("changes", [final(2)]);
  context.mock.timers.tick(1000);
  await settled();
  assert.equal(socket.said.length, asked);
});

test("a change of an unknown kind is ignored", async () => {
  const { socket, lines } = await page({ calls: [call(1)], lines: [] });
  socket.hear("changes", [{ type: "call.scored", score: 5 }, final(2)]);
  assert.deepEqual(lines(), ["line 2"]);
});

test("the end of the call clears what is being said", async () => {
  const { socket, open, told } = await page({ calls: [call(1)], lines: [] });
  socket.hear("changes", [{ type: "segment.interim", interim: interim(9, "so") }]);
  socket.hear("changes", [{ type: "call.updated", call: call(2, { state: "ended" }) }]);
  assert.deepEqual(open.transcript.interims, []);
  assert.ok(told.some(([type, detail]) => type === "call" && detail.call.state === "ended"));
});

test("a page that the server cut off comes back by itself", async (context) => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  socket.drop("io server disconnect");
  assert.equal(live.state, "waiting");
  context.mock.timers.tick(2000);
  await settled();
  assert.equal(live.state, "live");
});

test("a refusal at the door is told apart from an absence", async () => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  socket.drop();
  socket.active = false;
  socket.hear("connect_error", new Error("Sign in first"));
  assert.equal(live.state, "refused");
});

test("an absence is counted from its beginning", async (context) => {
  const { socket, live } = await page({ calls: [call(1)], lines: [] });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  socket.drop();
  const { since } = live;
  socket.hear("connect_error", new Error("unreachable"));
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
  socket.hear("connect_error", new Error("unreachable"));
  assert.equal(live.state, "offline");
  live.tryNow();
  await settled();
  assert.equal(live.state, "live");
});

test("a line tells the words of its call, and not that the call is another", async () => {
  const { socket, live, told } = await page({ calls: [call(1)], lines: [] });
  const words = [];
  live.addEventListener("words", ({ detail }) => words.push([detail.call.lines, detail.call.last_words.text]));
  const before = told.filter(([type]) => type === "call").length;
  socket.hear("changes", [final(2), final(2)]);
  assert.deepEqual(words, [[1, "line 2"]]);
  assert.equal(told.filter(([type]) => type === "call").length, before);
});
