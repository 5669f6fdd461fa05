// The reading view: captions of one call. Escape goes back.
import "../console/transcript/live-transcript.js";
import { connectPage } from "../live/connect.js";
import { hydrateCalls, hydrateOpenCall } from "../live/hydrate.js";
import "../shared/connection-banner.js";
import { startPreferences } from "../shared/preferences.js";

startPreferences();
connectPage(["live-transcript", "connection-banner"], { calls: hydrateCalls(), openCall: hydrateOpenCall() });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) location.assign(document.querySelector("[data-back]").href);
});
document.querySelector("live-transcript").focus({ preventScroll: true });
