// A sound and a notice when a watched word is said. Both are off until somebody wants them; a browser asks for its
// permission only then.
import { is } from "../shared/preferences.js";
import { partyOf } from "./call_text.js";

const TONE_HZ = 880;
const TONE_S = 0.18;
const QUIET_MS = 1500; // a sentence full of watched words is one sound

let audio = null;
let lastAt = -QUIET_MS;

export function startAlerts(live) {
  const notices = document.querySelector('[data-preference="notices"]');
  if (!notices) return;
  document.querySelector('[data-preference="sound"]').addEventListener("change", ({ target }) => target.checked && beep());
  notices.disabled = !("Notification" in window);
  notices.addEventListener("change", () => notices.checked && askPermission(notices));
  live.addEventListener("hit", ({ detail }) => announce(detail));
}

function announce({ call, segment }) {
  if (performance.now() - lastAt < QUIET_MS) return;
  lastAt = performance.now();
  if (is("sound")) beep();
  if (is("notices") && !document.hasFocus() && Notification.permission === "granted") notify(call, segment.keywords);
}

// Says which word, and nothing else of what was said: a notice is seen by whoever sees the screen.
function notify(call, keywords) {
  const notice = new Notification([...new Set(keywords)].join(", "), { body: partyOf(call), tag: call.id });
  notice.addEventListener("click", () => {
    window.focus();
    location.assign(`/calls/${encodeURIComponent(call.id)}`);
  });
}

async function askPermission(box) {
  if ((await Notification.requestPermission()) === "granted") return;
  box.checked = false;
  box.dispatchEvent(new Event("change"));
}

// Browsers keep a page silent until somebody has pressed something on it: then this makes no sound, and no harm.
function beep() {
  audio ??= new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: TONE_HZ });
  const volume = new GainNode(audio, { gain: 0.08 });
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + TONE_S);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
}
