// Says on this page that a command to a call was answered, whoever sent it: the list of commands is out of date then.
// And waits for something that only the feed can tell.
import { CommandRefused } from "../shared/api.js";
import { t } from "../shared/i18n.js";

const answers = new EventTarget();

export function told(callId) {
  answers.dispatchEvent(new CustomEvent("answer", { detail: { callId } }));
}

export function onAnswer(callId, look) {
  answers.addEventListener("answer", ({ detail }) => detail.callId === callId && look());
}

const PATIENCE_MS = 12_000; // the server itself gives an unconfirmed press up after ten seconds

// Resolves as soon as `isSo(call)`, raises CommandRefused if that takes too long.
export function becomes({ live, calls, id }, isSo) {
  return new Promise((resolve, reject) => {
    const end = (settle) => {
      clearTimeout(timer);
      live.removeEventListener("call", look);
      settle();
    };
    const look = () => isSo(calls.get(id)) && end(resolve);
    const timer = setTimeout(() => end(() => reject(new CommandRefused(TOO_LONG))), PATIENCE_MS);
    live.addEventListener("call", look);
    look();
  });
}

const TOO_LONG = { title: t("It did not stop"), text: t("Nothing was started. Look at its own switch, then press again.") };
