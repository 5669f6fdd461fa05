// The console: the call list, and one call with its controls.
import { startAlerts } from "../console/alerts.js";
import "../console/call-actions.js";
import "../console/call-control.js";
import "../console/call-header.js";
import "../console/call-list.js";
import "../console/calls-summary.js";
import { startClocks } from "../console/clocks.js";
import "../console/command-log.js";
import "../console/forms/command-form.js";
import "../console/forms/preset-picker.js";
import { CommandPresets } from "../console/forms/presets.js";
import "../console/keyword-list.js";
import "../console/media/call-latency.js";
import "../console/media/stream-meter.js";
import "../console/new-call.js";
import { startShortcuts } from "../console/shortcuts.js";
import "../console/switch-chips.js";
import { startTitle } from "../console/title.js";
import "../console/transcript/find-bar.js";
import { showLinkedLine } from "../console/transcript/linked_line.js";
import "../console/transcript/live-transcript.js";
import "../console/transcript/segment-tools.js";
import "../console/transcript/talk-time.js";
import { connectPage } from "../live/connect.js";
import { hydrateCalls, hydrateOpenCall } from "../live/hydrate.js";
import "../shared/connection-banner.js";
import "../shared/connection-status.js";
import "../shared/copy-field.js";
import { startPreferences } from "../shared/preferences.js";

const LIVE_ELEMENTS = [
  "call-list", "calls-summary", "call-header", "live-transcript", "call-control", "stream-meter", "command-log", "call-latency", "call-actions",
  "switch-chips", "talk-time", "find-bar", "segment-tools", "new-call", "connection-status", "connection-banner",
];

const calls = hydrateCalls();
const openCall = hydrateOpenCall();
const presets = new CommandPresets(JSON.parse(document.getElementById("main").dataset.settings), localStorage);

startClocks();
startShortcuts();
startPreferences();
const live = connectPage(LIVE_ELEMENTS, { calls, openCall, presets });
startTitle(live, calls);
startAlerts(live);
showLinkedLine();
window.addEventListener("hashchange", showLinkedLine);
