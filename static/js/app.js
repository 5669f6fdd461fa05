// The page comes to life here: the models are filled from what the server drew, and each element is given the feed.
import "./elements/call-chips.js";
import "./elements/call-control.js";
import "./elements/call-delay.js";
import "./elements/call-foot.js";
import "./elements/call-head.js";
import "./elements/call-list.js";
import "./elements/command-form.js";
import "./elements/command-log.js";
import "./elements/connection-banner.js";
import "./elements/connection-status.js";
import "./elements/copy-box.js";
import "./elements/find-bar.js";
import "./elements/keyword-list.js";
import "./elements/live-transcript.js";
import "./elements/new-call.js";
import "./elements/preset-bar.js";
import "./elements/rail-foot.js";
import "./elements/segment-tools.js";
import "./elements/stream-meter.js";
import "./elements/talk-time.js";
import { Choices } from "./models/choices.js";
import { startAlerts } from "./page/alerts.js";
import { startClocks } from "./page/clocks.js";
import { startLive } from "./page/connection.js";
import { callsOfPage, openCallOfPage } from "./page/drawn.js";
import { startKeys } from "./page/keys.js";
import { showLinkedLine } from "./page/linked_line.js";
import { startPreferences } from "./page/preferences.js";
import { startTitle } from "./page/title.js";

const LIVE_ELEMENTS = [
  "call-list", "rail-foot", "call-head", "live-transcript", "call-control", "stream-meter", "command-log", "call-delay", "call-foot",
  "call-chips", "talk-time", "find-bar", "segment-tools", "new-call", "connection-status", "connection-banner",
];

const calls = callsOfPage();
const open = openCallOfPage();
const choices = new Choices(JSON.parse(document.getElementById("main").dataset.settings), localStorage);

startClocks();
startKeys();
startPreferences();
const live = startLive(LIVE_ELEMENTS, { calls, open, choices });
startTitle(live, calls);
startAlerts(live);
showLinkedLine();
window.addEventListener("hashchange", showLinkedLine);
