import assert from "node:assert/strict";
import { test } from "node:test";
import { startParams } from "../../static/js/models/params.js";

const DEFAULTS = {
  transcription_engine: "Deepgram",
  transcription_engine_config: { transcription_engine: "Deepgram", transcription_model: "deepgram/nova-3", smart_format: true },
  transcription_tracks: "both",
};
const FIELDS = { transcription_engine: "Deepgram", transcription_model: "deepgram/nova-2", language: "en-US", transcription_tracks: "inbound", interim_results: true };

test("the fields of the same engine go over its defaults", () => {
  assert.deepEqual(startParams("transcription", FIELDS, DEFAULTS), {
    transcription_engine: "Deepgram",
    transcription_engine_config: { transcription_engine: "Deepgram", transcription_model: "deepgram/nova-2", smart_format: true, language: "en-US", interim_results: true },
    transcription_tracks: "inbound",
  });
});

test("another engine gets nothing that it does not understand", () => {
  const { transcription_engine_config: config } = startParams("transcription", { ...FIELDS, transcription_engine: "Telnyx" }, DEFAULTS);
  assert.deepEqual(config, { transcription_engine: "Telnyx", language: "en-US" });
});

test("Deepgram always gets a model, for it has no default", () => {
  const fields = { transcription_engine: "Deepgram", language: "", transcription_tracks: "both" };
  const { transcription_engine_config: config } = startParams("transcription", fields, { transcription_engine: "Telnyx" });
  assert.equal(config.transcription_model, "deepgram/nova-3");
});

test("an empty field leaves the default to the server", () => {
  const defaults = { stream_track: "both_tracks", stream_codec: "PCMU" };
  assert.deepEqual(startParams("streaming", { stream_url: "", stream_track: "inbound_track" }, defaults), { stream_track: "inbound_track", stream_codec: "PCMU" });
});
