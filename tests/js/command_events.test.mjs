import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";
import { waitForCall } from "../../static/js/console/command_events.js";
import { call, CALL_ID } from "./fixtures.mjs";

function feed(known) {
  const live = new EventTarget();
  const calls = { get: () => known };
  const tell = (next) => {
    known = next;
    live.dispatchEvent(new Event("call"));
  };
  return { tell, watched: { live, calls, id: CALL_ID } };
}

const isEnded = ({ state }) => state === "ended";

test("a state that holds already needs no waiting", async () => {
  await waitForCall(feed(call(1, { state: "ended" })).watched, isEnded);
});

test("waiting lasts until the feed reports the state", async () => {
  const { tell, watched } = feed(call(1));
  let done = false;
  const waiting = waitForCall(watched, isEnded).then(() => (done = true));
  tell(call(2));
  await settled();
  assert.equal(done, false);
  tell(call(3, { state: "ended" }));
  await waiting;
});

test("waiting ends with a timeout", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const waiting = waitForCall(feed(call(1)).watched, isEnded);
  context.mock.timers.tick(12_000);
  await assert.rejects(waiting, { title: "It did not stop" });
});
