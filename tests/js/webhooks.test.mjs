import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { APPEARANCES, cursorAfter, formatHandlingTime, formatSize, matchesFilter, repeatedEventId, resultLink } from "../../static/js/events/webhooks.js";

const EVENT = { id: "e1", event_id: "e1", verdict: "accepted", type: "call.transcription", call_id: "v3:a", reason: null, handling_ms: 1.94, size: 1412 };
const ANY = { verdict: "", type: "", call_id: "", q: "" };

test("a filter takes what the server would list", () => {
  assert.ok(matchesFilter(EVENT, ANY));
  assert.ok(matchesFilter(EVENT, { ...ANY, verdict: "refused,accepted", type: "call.transcription", call_id: "v3:a", q: "E1" }));
  for (const other of [{ verdict: "interim" }, { type: "call.hangup" }, { call_id: "v3:b" }, { q: "e2" }]) {
    assert.ok(!matchesFilter(EVENT, { ...ANY, ...other }), JSON.stringify(other));
  }
});

test("a refused webhook is found by its reason", () => {
  const refused = { id: "seen-1", event_id: null, verdict: "refused", type: null, call_id: null, reason: "wrong_signature" };
  assert.ok(matchesFilter(refused, { ...ANY, q: "wrong_sig" }));
  assert.equal(resultLink(refused), null);
});

test("finals lead to their line, other webhooks to the call", () => {
  assert.equal(resultLink(EVENT).href, "/calls/v3%3Aa#line-e1");
  assert.equal(resultLink({ ...EVENT, verdict: "duplicate", id: "seen-2" }).href, "/calls/v3%3Aa#line-e1");
  assert.equal(resultLink({ ...EVENT, verdict: "interim" }).href, "/calls/v3%3Aa");
  assert.equal(resultLink({ ...EVENT, type: "call.answered" }).href, "/calls/v3%3Aa");
});

test("a repeated webhook names the first one", () => {
  assert.equal(repeatedEventId(EVENT), null);
  assert.equal(repeatedEventId({ ...EVENT, verdict: "duplicate", id: "seen-2" }), "e1");
  assert.equal(repeatedEventId({ ...EVENT, verdict: "replayed", id: "e1:replay:0123" }), "e1");
});

test("sizes and times read as the templates write them", () => {
  assert.deepEqual([formatSize(999), formatSize(1412), formatSize(null), formatHandlingTime(EVENT), formatHandlingTime({ handling_ms: null })], ["999 B", "1.4 kB", "", "1.9 ms", ""]);
});

test("a verdict has the same icon and variant when the server draws it", () => {
  const template = readFileSync(new URL("../../templates/events/_row.html", import.meta.url), "utf8");
  const drawn = [...template.matchAll(/"(\w+)": \{"icon": "(\w+)", "variant": "(\w*)"\}/g)];
  assert.deepEqual(
    Object.fromEntries(drawn.map(([, verdict, icon, variant]) => [verdict, { icon, variant }])),
    Object.fromEntries(Object.entries(APPEARANCES).map(([verdict, appearance]) => [verdict, { variant: "", ...appearance }])),
  );
});

test("the cursor after a webhook is the server's", () => {
  // As dashboard/web/request_parsing.py writes it: microseconds since 1970, a bar, the id, in base64 for addresses.
  const cursor = cursorAfter({ at: "2026-08-21T10:00:00.000250Z", id: "e-1" });
  assert.equal(Buffer.from(cursor, "base64url").toString(), "1787306400000250|e-1");
});
