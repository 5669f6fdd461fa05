// Sounds and notifications for watched words. Both are off by default. The browser is asked for its permission when a
// user switches notifications on.
import { isPreferenceOn } from "../shared/preferences.js";
import { partyOf } from "./call_text.js";

const TONE_HZ = 880;
const TONE_S = 0.18;
// A sentence full of watched words makes one sound.
const MIN_PAUSE_MS = 1500;

let audio = null;
let lastAlertAt = -MIN_PAUSE_MS;

export function startAlerts(live) {
  const checkbox = document.querySelector('[data-preference="notices"]');
  if (!checkbox) return;
  document.querySelector('[data-preference="sound"]').addEventListener("change", ({ target }) => target.checked && playTone());
  checkbox.disabled = !("Notification" in window);
  checkbox.addEventListener("change", () => checkbox.checked && requestPermission(checkbox));
  live.addEventListener("keyword", ({ detail }) => alertKeyword(detail));
}

function alertKeyword({ call, segment }) {
  if (performance.now() - lastAlertAt < MIN_PAUSE_MS) return;
  lastAlertAt = performance.now();
  if (isPreferenceOn("sound")) playTone();
  if (isPreferenceOn("notices") && !document.hasFocus() && Notification.permission === "granted") showNotification(call, segment.keywords);
}

// Shows the keyword and nothing else that was said, because other people may see the screen.
function showNotification(call, keywords) {
  const notification = new Notification([...new Set(keywords)].join(", "), { body: partyOf(call), tag: call.id });
  notification.addEventListener("click", () => {
    window.focus();
    location.assign(`/calls/${encodeURIComponent(call.id)}`);
  });
}

async function requestPermission(checkbox) {
  if ((await Notification.requestPermission()) === "granted") return;
  checkbox.checked = false;
  checkbox.dispatchEvent(new Event("change"));
}

// Browsers play no sound before the first click on a page. The call is harmless then.
function playTone() {
  audio ??= new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: TONE_HZ });
  const volume = new GainNode(audio, { gain: 0.08 });
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + TONE_S);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
}
