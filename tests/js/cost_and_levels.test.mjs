import assert from "node:assert/strict";
import { test } from "node:test";
import { formatEstimate, formatEstimatePerMinute, runningSeconds, runningText, sumRunning } from "../../static/js/console/cost.js";
import { BARS, countFrames, Levels, qualityOf, VIEW } from "../../static/js/console/media/levels.js";
import { call } from "./fixtures.mjs";

const AT = "2026-03-12T14:02:00.000000Z";
const on = { state: "on" };
const off = { state: "off" };

test("a switch costs for all the time it ran on the call", () => {
  assert.equal(runningSeconds({ ran_s: 30, on_since: AT }, Date.parse(AT) + 15_000), 45);
  assert.equal(runningSeconds({ ran_s: 30, on_since: null }, Date.parse(AT)), 30);
  assert.equal(runningSeconds({ ran_s: 0, on_since: AT }, Date.parse(AT) - 5_000), 0);
  assert.equal(formatEstimate((257 / 60) * 0.025), "est. $0.11");
});

test("the summary counts what runs and its cost a minute", () => {
  const talking = call(1, { switches: { transcription: on, streaming: on, fork: off } });
  const ending = call(1, { switches: { transcription: { state: "stopping" }, streaming: off, fork: off } });
  const over = call(1, { state: "ended", switches: { transcription: on, streaming: off, fork: off } });
  const total = sumRunning([talking, ending, over], 0.025);
  assert.equal(runningText(total), "2 transcribing · 1 streaming");
  assert.equal(formatEstimatePerMinute(total.perMinute), "est. $0.05 a minute");
  assert.equal(formatEstimatePerMinute(0.025), "est. $0.025 a minute");
  assert.equal(runningText(sumRunning([over], 0.025)), "Nothing is running");
});

const track = (more = {}) => ({ level_db: -20, peak_db: -10, frames: 500, gaps: 0, late: 0, jitter_ms: 6.2, bytes: 80_000, ...more });
const stream = (tracks, stream_id = "s1") => ({ call_id: "c", stream_id, tracks });

test("a line is as good as its worst figure", () => {
  const words = (tracks) => qualityOf(stream(tracks))?.text;
  assert.equal(words({ inbound: track(), outbound: track() }), "Good line, 0 % lost, 6 ms jitter");
  assert.equal(words({ inbound: track({ frames: 999, gaps: 1, jitter_ms: null }) }), "Good line, 0.1 % lost");
  assert.equal(words({ inbound: track({ frames: 97, gaps: 3 }) }), "Fair line, 3.0 % lost, 6 ms jitter");
  assert.equal(words({ inbound: track({ jitter_ms: 400 }) }), "Poor line, 0 % lost, 400 ms jitter");
  assert.equal(words({ inbound: track({ frames: 0 }) }), undefined);
  assert.equal(countFrames(stream({ inbound: track(), outbound: track() })), 1000);
});

const barsOf = (path) => path.split("z").filter(Boolean);

test("the newest sound stands at the right, and old sound falls out", () => {
  const levels = new Levels();
  for (let turn = 0; turn < BARS + 5; turn += 1) levels.add(stream({ inbound: track(), outbound: track({ level_db: null }) }));
  const bars = barsOf(levels.path("inbound", true));
  assert.equal(bars.length, BARS);
  assert.equal(Number(/^M([\d.]+)/.exec(bars.at(-1))[1]), VIEW.width - VIEW.width / BARS);
  assert.match(barsOf(levels.path("outbound", false))[0], /^M0 20\.5h3\.4v1\.0/);
});

test("another stream clears the levels", () => {
  const levels = new Levels();
  levels.add(stream({ inbound: track() }));
  levels.add(stream({ inbound: track() }, "s2"));
  assert.equal(barsOf(levels.path("inbound", true)).length, 1);
});

test("no level reaches outside of the picture", () => {
  const levels = new Levels();
  for (const level_db of [0, 12, -60, -200, null]) levels.add(stream({ inbound: track({ level_db }) }));
  for (const bar of barsOf(levels.path("inbound", true))) {
    const [, top, height] = /^M[\d.]+ ([\d.]+)h3\.4v([\d.]+)/.exec(bar).map(Number);
    assert.ok(top >= 0 && height >= 1 && top + height <= VIEW.height / 2);
  }
});
