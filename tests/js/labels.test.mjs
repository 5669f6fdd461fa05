import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { LABELS } from "./page_labels.mjs";
import { getLabel, valueLabel } from "../../static/js/shared/labels.js";

const FOLDER = new URL("../../static/js/", import.meta.url);

test("a code has the label that the server prints", () => {
  for (const [table, labels] of Object.entries(LABELS)) {
    for (const [code, label] of Object.entries(labels)) assert.equal(getLabel(table, code), label);
  }
});

test("a code without a label is readable, as the server would show it", () => {
  assert.equal(getLabel("hangup_cause", "recovery_on_timer_expire"), "Recovery on timer expire");
  assert.equal(getLabel("webhook_reason", "brand_new"), "brand new");
  assert.equal(getLabel("requester", "R2-D2"), "R2-D2");
  assert.deepEqual([getLabel("hangup_cause", null), getLabel("hangup_cause", "")], ["", ""]);
});

test("values are called by readable names", () => {
  assert.deepEqual(["both_tracks", "deepgram/nova-3", "xAI", "PCMU", 8000, "brand_new"].map(valueLabel), ["Both tracks", "nova-3", "xAI", "PCMU", "8000", "Brand new"]);
});

test("every table that a script names exists", () => {
  const sources = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".js")).map((name) => readFileSync(new URL(name, FOLDER), "utf8"));
  const tables = sources.flatMap((text) => [...text.matchAll(/getLabel\("(\w+)"/g)].map(([, table]) => table));
  assert.ok(tables.length > 0);
  assert.deepEqual(tables.filter((table) => !(table in LABELS)), []);
});
