import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandPresets, DEFAULT, LAST_USED, presetKey } from "../../static/js/console/forms/presets.js";

function memory() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) };
}

const FORK = { rx: "udp:198.51.100.20:40000" };
const preset = { command: "fork_start", name: "Lab", parameters: { rx: "udp:198.51.100.21:40000" } };
const page = (storage = memory(), more = {}) => new CommandPresets({ defaults: { fork_start: FORK }, presets: [preset], ...more }, storage);

test("a command starts with the defaults until one is selected", () => {
  const presets = page(memory(), { last_used: { fork_start: { rx: "other" } } });
  assert.equal(presets.selectedKey("fork_start"), DEFAULT);
  assert.deepEqual(presets.paramsFor("fork_start"), FORK);
  assert.deepEqual(presets.optionsFor("fork_start").map(({ label }) => label), ["Default", "Last used", "Lab"]);
});

test("a selection stays in this browser", () => {
  const storage = memory();
  page(storage).selectKey("fork_start", presetKey("Lab"));
  assert.deepEqual(page(storage).paramsFor("fork_start"), preset.parameters);
});

test("a deleted preset is no longer selected", () => {
  const presets = page();
  presets.selectKey("fork_start", presetKey("Lab"));
  presets.replacePresets([]);
  assert.deepEqual(presets.paramsFor("fork_start"), FORK);
});

test("the last used settings hold no secret and nothing of one call", () => {
  const presets = page();
  presets.recordUse("streaming_start", { stream_url: "wss://a", stream_auth_token: "hush", client_state: "desk 4" });
  presets.selectKey("streaming_start", LAST_USED);
  assert.deepEqual(presets.paramsFor("streaming_start"), { stream_url: "wss://a" });
});
