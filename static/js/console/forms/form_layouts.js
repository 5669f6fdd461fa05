// Order of parameters in the form of each command. Some have their place elsewhere, or none.
import { t } from "../../shared/i18n.js";

const HIDDEN_FIELDS = ["command_id"];
const LAST_FIELDS = ["client_state"];

const CONFIG = "transcription_engine_config";

const STREAM_FIELDS = [
  "stream_url", "stream_track", "stream_codec", "stream_bidirectional_mode", "stream_bidirectional_codec",
  "stream_bidirectional_target_legs", "stream_bidirectional_sampling_rate", "stream_auth_token",
  "stream_establish_before_call_originate", "enable_dialogflow", "dialogflow_config.",
];

export const FORM_LAYOUTS = {
  transcription_start: {
    common: [
      "transcription_engine", `${CONFIG}.transcription_model`, `${CONFIG}.model`, `${CONFIG}.region`, `${CONFIG}.language`,
      "transcription_tracks", `${CONFIG}.interim_results`,
    ],
    last: LAST_FIELDS,
    hidden: HIDDEN_FIELDS,
    titles: { [`${CONFIG}.transcription_model`]: t("Model") },
  },
  streaming_start: { common: ["stream_url", "stream_track", "stream_codec"], last: LAST_FIELDS, hidden: HIDDEN_FIELDS },
  fork_start: { common: ["rx", "tx"], last: LAST_FIELDS, hidden: HIDDEN_FIELDS },
  // Streaming and transcription are chosen beside these forms, with the settings of their own controls.
  answer: { common: ["record", "preferred_codecs"], last: LAST_FIELDS, hidden: [...HIDDEN_FIELDS, ...STREAM_FIELDS, "transcription", "transcription_config."] },
  dial: {
    common: ["connection_id", "from_display_name", "timeout_secs", "time_limit_secs", "answering_machine_detection"],
    last: LAST_FIELDS,
    hidden: [...HIDDEN_FIELDS, ...STREAM_FIELDS, "to", "from", "transcription", "transcription_config."],
  },
};

// Differences of single fields from their type. Wide fields hold addresses. Outdated options are older names of others.
// A field with an empty hint explains itself.
export const FIELD_APPEARANCES = {
  transcription_engine: { outdated: ["A", "B"], hint: "" },
  [`${CONFIG}.language`]: { hint: "" },
  [`${CONFIG}.interim_results`]: { hint: "" },
  stream_url: { isWide: true },
  rx: { isWide: true, hint: "" },
  tx: { isWide: true, hint: "" },
  webhook_url: { isWide: true },
  audio_url: { isWide: true },
};
