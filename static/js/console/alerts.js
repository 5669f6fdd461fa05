// A sound and a notice when a watched word is said. Both are off until somebody wants them; a browser asks for its
// permission only then.
import { isPreferenceOn } from "../shared/preferences.js";
import { partyOf } from "./call_text.js";

const TONE_HZ = 880;
const TONE_S = 0.18;
const MIN_PAUSE_MS = 1500; // a sentence full of watched words is one sound

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

// Says which word, and nothing else of what was said: a notice is seen by whoever sees the screen.
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

// Browsers keep a page silent until somebody has pressed something on it: then this makes no sound, and no harm.
function playTone() {
  audio ??= new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: TONE_HZ });
  const volume = new GainNode(audio, { gain: 0.08 });
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + TONE_S);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
}
