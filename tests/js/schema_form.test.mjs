import assert from "node:assert/strict";
import { test } from "node:test";
import { FIELD_APPEARANCES, FORM_LAYOUTS } from "../../static/js/console/forms/form_layouts.js";
import { buildFields, findField, readParams } from "../../static/js/console/forms/schema_form.js";
import { fromServer } from "./server.mjs";

// The schemas that the server validates with, not a copy.
const SCHEMAS = fromServer("from dashboard.telnyx.commands import command_schemas", "command_schemas()");

const CONFIG = "transcription_engine_config";
const formOf = (command, values = {}) => buildFields(SCHEMAS[command], values, FORM_LAYOUTS[command]);
const pathsOf = (fields) => fields.map(({ path }) => path);
const asDrawn = (fields) => Object.fromEntries(fields.map(({ path, value }) => [path, value]));
const sent = (command, filled, values = {}) => readParams(formOf(command, values), { ...asDrawn(formOf(command, values)), ...filled });

test("every engine can be chosen and has its own settings", () => {
  const engines = formOf("transcription_start")[0].options.filter((name) => !FIELD_APPEARANCES.transcription_engine.outdated.includes(name));
  assert.equal(engines.length, 12);
  const settings = engines.map((transcription_engine) => pathsOf(formOf("transcription_start", { transcription_engine })).filter((path) => path.startsWith(CONFIG)));
  assert.ok(settings.every((paths) => paths.length > 0));
  assert.ok(settings[engines.indexOf("Azure")].includes(`${CONFIG}.region`));
  assert.ok(!settings[engines.indexOf("Telnyx")].includes(`${CONFIG}.interim_results`));
});

test("a model has its own settings too", () => {
  const of = (transcription_model) => pathsOf(formOf("transcription_start", { transcription_engine: "Deepgram", [CONFIG]: { transcription_model } }));
  assert.ok(of("deepgram/nova-3").includes(`${CONFIG}.keyterms`) && !of("deepgram/nova-3").includes(`${CONFIG}.hints`));
  assert.ok(of("deepgram/nova-2").includes(`${CONFIG}.hints`) && !of("deepgram/nova-2").includes(`${CONFIG}.keyterms`));
});

test("Deepgram always gets a model, for it has no default", () => {
  assert.deepEqual(sent("transcription_start", {}, { transcription_engine: "Deepgram" }), {
    transcription_engine: "Deepgram",
    [CONFIG]: { transcription_model: "deepgram/nova-3" },
  });
});

test("an engine named in its settings alone is the chosen one", () => {
  const [engine] = formOf("transcription_start", { [CONFIG]: { transcription_engine: "Soniox" } });
  assert.equal(engine.value, "Soniox");
});

test("common fields come first, rare ones after, hidden ones never", () => {
  const fields = formOf("transcription_start", { transcription_engine: "Deepgram" });
  assert.deepEqual(pathsOf(fields).slice(0, 3), ["transcription_engine", `${CONFIG}.transcription_model`, `${CONFIG}.language`]);
  assert.equal(fields.at(-1).path, "client_state");
  assert.deepEqual(fields.map(({ isRare }) => isRare), fields.map(({ isRare }) => isRare).toSorted());
  assert.ok(!pathsOf(fields).includes("command_id"));
});

test("a required field is never rare", () => {
  for (const command of Object.keys(FORM_LAYOUTS)) {
    for (const field of formOf(command, { transcription_engine: "Azure" })) assert.ok(!field.isRequired || !field.isRare, `${command} ${field.path}`);
  }
});

test("every name in a layout is a parameter", () => {
  for (const [command, { common, last, hidden }] of Object.entries(FORM_LAYOUTS)) {
    const engines = command === "transcription_start" ? SCHEMAS[command].properties.transcription_engine.enum : [undefined];
    const known = new Set(engines.flatMap((transcription_engine) => pathsOf(buildFields(SCHEMAS[command], { transcription_engine }))));
    for (const path of [...common, ...last]) assert.ok(known.has(path), `${command} has no ${path}`);
    for (const path of hidden) assert.ok(path.split(".")[0] in SCHEMAS[command].properties || command === "answer", `${command} has no ${path}`);
  }
});

test("empty fields are not sent", () => {
  for (const command of ["transcription_start", "streaming_start", "fork_start", "answer", "dial"]) assert.deepEqual(sent(command, {}), {});
});

test("values go to a form and come back", () => {
  const values = {
    transcription_engine: "Deepgram",
    transcription_tracks: "both",
    client_state: "desk 4",
    [CONFIG]: {
      transcription_model: "deepgram/nova-3",
      language: "en-GB",
      interim_results: true,
      smart_format: false,
      utterance_end_ms: 1500,
      keyterms: ["Harbor and Pine", "Northgate"],
      keywords_boosting: { Northgate: 2.5 },
    },
  };
  assert.deepEqual(sent("transcription_start", {}, values), values);
  const stream = { stream_url: "wss://a/b", custom_parameters: [{ name: "desk", value: "a=b" }], dialogflow_config: { analyze_sentiment: true }, stream_bidirectional_sampling_rate: 16000 };
  assert.deepEqual(sent("streaming_start", {}, stream), stream);
});

test("another engine gets only its own settings", () => {
  const before = { transcription_engine: "Deepgram", [CONFIG]: { transcription_model: "deepgram/nova-3", language: "de", interim_results: true, smart_format: false } };
  const values = sent("transcription_start", { transcription_engine: "Telnyx" }, before);
  assert.deepEqual(sent("transcription_start", {}, values), { transcription_engine: "Telnyx", [CONFIG]: { language: "de" } });
});

test("a number is sent as one, other input as typed", () => {
  const values = { transcription_engine: "Deepgram" };
  assert.equal(sent("transcription_start", { [`${CONFIG}.utterance_end_ms`]: "900" }, values)[CONFIG].utterance_end_ms, 900);
  assert.equal(sent("transcription_start", { [`${CONFIG}.utterance_end_ms`]: "soon" }, values)[CONFIG].utterance_end_ms, "soon");
});

test("a secret is never filled in", () => {
  const schema = structuredClone(SCHEMAS.streaming_start);
  schema.properties.stream_auth_token.writeOnly = true;
  const token = buildFields(schema, { stream_auth_token: "hush" }).find(({ path }) => path === "stream_auth_token");
  assert.deepEqual([token.type, token.value], ["secret", ""]);
});

test("a problem belongs to the nearest field", () => {
  const fields = formOf("streaming_start");
  assert.equal(findField(fields, "custom_parameters.0.name").path, "custom_parameters");
  assert.equal(findField(fields, "stream_url").path, "stream_url");
  assert.equal(findField(fields, "stream"), null);
});
