// The page comes to life here: the models are filled from what the server drew, and each element is given the feed.
import "./elements/call-chips.js";
import "./elements/call-control.js";
import "./elements/call-foot.js";
import "./elements/call-head.js";
import "./elements/call-list.js";
import "./elements/command-form.js";
import "./elements/command-log.js";
import "./elements/connection-banner.js";
import "./elements/connection-status.js";
import "./elements/copy-box.js";
import "./elements/live-transcript.js";
import "./elements/new-call.js";
import "./elements/preset-bar.js";
import "./elements/rail-foot.js";
import "./elements/stream-meter.js";
import { Live } from "./live.js";
import { Calls } from "./models/calls.js";
import { Choices } from "./models/choices.js";
import { Sequence } from "./models/sequence.js";
import { Transcript } from "./models/transcript.js";
import { startClocks } from "./page/clocks.js";
import { startKeys } from "./page/keys.js";
import { startTitle } from "./page/title.js";

const LIVE_ELEMENTS = [
  "call-list", "rail-foot", "call-head", "live-transcript", "call-control", "stream-meter", "command-log", "call-foot",
  "call-chips", "new-call", "connection-status", "connection-banner",
].join();

function callsOfPage() {
  const calls = new Calls();
  for (const element of document.querySelectorAll("[data-call]")) calls.put(JSON.parse(element.dataset.call));
  return calls;
}

// The lines are in the page already, so the model needs only what orders them.
function openCallOfPage() {
  const { call: drawn } = document.getElementById("main").dataset;
  if (!drawn) return null;
  const { id, seq, state } = JSON.parse(drawn);
  const transcript = new Transcript();
  for (const row of document.querySelectorAll(".transcript__log > .segment")) transcript.add(drawnLine(row));
  for (const row of document.querySelectorAll(".transcript__now > .segment")) transcript.hear(drawnLine(row));
  if (state === "ended") transcript.close();
  return { id, transcript, sequence: new Sequence(seq) };
}

function drawnLine(row) {
  const { eventId, occurredAt, track } = row.dataset;
  return { event_id: eventId, occurred_at: occurredAt, track: track || null, text: row.querySelector(".segment__text").textContent };
}

const calls = callsOfPage();
const open = openCallOfPage();
const choices = new Choices(JSON.parse(document.getElementById("main").dataset.settings), localStorage);
const socket = window.io({ transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false });
const live = new Live({ socket, calls, open });

for (const element of document.querySelectorAll(LIVE_ELEMENTS)) element.follow({ live, calls, open, choices });
startClocks();
startKeys();
startTitle(live);
live.start();
