import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import "./page_labels.mjs";
import { formatDuration, formatPhoneNumber, formatTime } from "../../static/js/shared/format.js";
import { partiesText, routeText, speakerOf } from "../../static/js/console/call_text.js";
import { APPEARANCES, conflictingSwitch, lockReason, resultText, switchProblem } from "../../static/js/console/switches.js";
import { call } from "./fixtures.mjs";

test("times and numbers read as the server writes them", () => {
  assert.equal(formatTime("2026-08-21T10:15:30.123456Z"), "10:15:30");
  assert.deepEqual([0, 258.9, 3723, -1].map(formatDuration), ["00:00", "04:18", "1:02:03", "00:00"]);
  assert.deepEqual(["+15550100142", "+442079460000", "sip:a@b", null].map(formatPhoneNumber), ["+1 555 010 0142", "+442079460000", "sip:a@b", "Unknown number"]);
});

test("a switch has the same icon when the server draws it", () => {
  const template = readFileSync(new URL("../../templates/console/_control.html", import.meta.url), "utf8");
  const icons = Object.entries(APPEARANCES).map(([state, { icon }]) => `"${state}": "${icon}"`);
  assert.ok(template.includes(`{% set icons = {${icons.join(", ")}} %}`));
});

test("the heading names the parties that are known", () => {
  const numbers = { from: "+15550100142", to: null };
  assert.equal(partiesText({ ...numbers, direction: "inbound" }), "Inbound call from +1 555 010 0142 to Unknown number");
  assert.equal(partiesText({ ...numbers, direction: null }), "Call from +1 555 010 0142 to Unknown number");
});

test("the inbound track is this leg's own party", () => {
  assert.equal(speakerOf("inbound", "inbound"), "caller");
  assert.equal(speakerOf("outbound", "inbound"), "callee");
  assert.equal(speakerOf("inbound", "outbound"), "callee");
  assert.equal(speakerOf(null, "inbound"), "unknown");
  assert.equal(speakerOf("inbound", null), "unknown");
});

test("an ended call shows its length, or that it was not answered", () => {
  const ended = { state: "ended", ended_at: "2026-03-12T14:08:12Z", lines: 62 };
  assert.equal(routeText(call(1, { ...ended, answered_at: "2026-03-12T14:02:00Z" })), "06:12, 62 lines");
  assert.equal(routeText(call(1, { ...ended, answered_at: null })), "Not answered");
});

test("switches are locked before the answer, after the end, and for viewers", () => {
  assert.ok(lockReason(call(1, { state: "ringing" }), "operator"));
  assert.ok(lockReason(call(1, { state: "ended" }), "operator"));
  assert.ok(lockReason(call(1), "viewer"));
  assert.equal(lockReason(call(1), "operator"), null);
});

test("a call carries a stream or a fork, not both", () => {
  const on = { state: "on" };
  const off = { state: "off" };
  assert.equal(conflictingSwitch("fork", { transcription: on, streaming: on, fork: off }), "streaming");
  assert.equal(conflictingSwitch("streaming", { transcription: on, streaming: off, fork: { state: "starting" } }), "fork");
  assert.equal(conflictingSwitch("fork", { transcription: on, streaming: off, fork: off }), null);
  assert.equal(conflictingSwitch("transcription", { transcription: off, streaming: on, fork: on }), null);
});

test("a result names the duration and the requester", () => {
  assert.equal(resultText("transcription", { state: "on", by: "operator" }, { elapsedMs: 211.7 }), "Accepted in 212 ms, by an operator");
  assert.equal(resultText("transcription", { state: "on", by: "rule" }, { isSilent: true }), "Accepted by Telnyx, no words yet");
  assert.equal(resultText("fork", { state: "on", by: "rule" }), "Confirmed by Telnyx, by a rule");
  assert.equal(resultText("fork", { state: "on", by: null }), "Confirmed by Telnyx");
  assert.equal(resultText("fork", { state: "off", by: "rule" }), null);
  const stopped_because = "A rule stopped it: no speech for 2 minutes.";
  assert.equal(resultText("transcription", { state: "off", by: "rule", stopped_because }), stopped_because);
});

test("a failure keeps Telnyx's code and says what to do", () => {
  const failed = switchProblem("streaming", { state: "failed", reason: "connection_failed" });
  assert.equal(failed.title, "Streaming failed");
  assert.equal(failed.code, "connection_failed");
  assert.match(failed.text, /reached from the internet/);
  assert.deepEqual(switchProblem("fork", { state: "failed", reason: "Nobody answered." }), { title: "Fork failed", text: "Nobody answered." });
  assert.equal(switchProblem("fork", { state: "on", reason: "busy" }).title, "Could not stop");
  assert.equal(switchProblem("fork", { state: "off", reason: null }), null);
});
