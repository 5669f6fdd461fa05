// What the words of the provider and of this server are called where people read them: the choices of a command's
// parameters, and the commands themselves. What is a name, as of a model or a region, stays what it is.
import { t } from "./i18n.js";

const VALUES = {
  Australia: t("Australia"),
  Canada: t("Canada"),
  Europe: t("Europe"),
  "Middle East": t("Middle East"),
  barge: t("Barge"),
  both: t("Both"),
  both_tracks: t("Both tracks"),
  command_and_search: t("Command and search"),
  decrypted: t("Decrypted"),
  default: t("Default"),
  detect: t("Detect"),
  detect_beep: t("Detect beep"),
  detect_words: t("Detect words"),
  disabled: t("Disabled"),
  dual: t("Dual"),
  greeting_end: t("Greeting end"),
  inbound: t("Inbound"),
  inbound_track: t("Inbound track"),
  latest_long: t("Latest long"),
  latest_short: t("Latest short"),
  medical_conversation: t("Medical conversation"),
  medical_dictation: t("Medical dictation"),
  monitor: t("Monitor"),
  none: t("None"),
  opposite: t("Opposite"),
  outbound: t("Outbound"),
  outbound_track: t("Outbound track"),
  phone_call: t("Phone call"),
  premium: t("Premium"),
  premium_ios_call_screening_detection: t("Premium, with detection of iOS call screening"),
  raw: t("Raw"),
  "record-from-answer": t("Record from answer"),
  self: t("Self"),
  single: t("Single"),
  "trim-silence": t("Trim silence"),
  video: t("Video"),
  whisper: t("Whisper"),
};

const COMMANDS = {
  answer: t("Answer"),
  dial: t("Dial"),
  fork_start: t("Fork start"),
  fork_stop: t("Fork stop"),
  hangup: t("Hangup"),
  reject: t("Reject"),
  streaming_start: t("Streaming start"),
  streaming_stop: t("Streaming stop"),
  transcription_start: t("Transcription start"),
  transcription_stop: t("Transcription stop"),
};

const STATUSES = { accepted: t("Accepted"), failed: t("Failed"), sent: t("Sent") };

// Who asked for a command: a role of dashboard/web/access.py, a script with the token, or a rule.
const REQUESTERS = { operator: t("by operator"), rule: t("by rule"), script: t("by script"), viewer: t("by viewer") };

export const commandWords = (name) => COMMANDS[name] ?? plainWords(name);
export const statusWords = (status) => STATUSES[status] ?? plainWords(status);
export const requesterWords = (requester) => REQUESTERS[requester] ?? requester;

// `both_tracks` is "Both tracks", `deepgram/nova-3` is "nova-3".
export function wordsOf(value) {
  const text = String(value);
  return VALUES[text] ?? plainWords(text.split("/").at(-1));
}

function plainWords(text) {
  if (!/^[a-z]+(_[a-z]+)*$/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1).replaceAll("_", " ");
}
