// The reading view of one call: live captions, and Escape to go back.
import "../elements/connection-banner.js";
import "../elements/live-transcript.js";
import { startLive } from "./connection.js";
import { callsOfPage, openCallOfPage } from "./drawn.js";
import { startPreferences } from "./preferences.js";

startPreferences();
startLive(["live-transcript", "connection-banner"], { calls: callsOfPage(), open: openCallOfPage() });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) location.assign(document.querySelector("[data-back]").href);
});
document.querySelector("live-transcript").focus({ preventScroll: true });
