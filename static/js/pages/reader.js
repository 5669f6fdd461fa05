// The reading view of one call: live captions, and Escape to go back.
import "../console/transcript/live-transcript.js";
import { startLive } from "../live/connect.js";
import { callsOfPage, openCallOfPage } from "../live/hydrate.js";
import "../shared/connection-banner.js";
import { startPreferences } from "../shared/preferences.js";

startPreferences();
startLive(["live-transcript", "connection-banner"], { calls: callsOfPage(), open: openCallOfPage() });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) location.assign(document.querySelector("[data-back]").href);
});
document.querySelector("live-transcript").focus({ preventScroll: true });
