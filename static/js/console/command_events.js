// Says on this page that a command to a call was answered, whoever sent it: the list of commands is out of date then.
// And waits for something that only the feed can tell.
import { ApiError } from "../shared/api.js";
import { t } from "../shared/i18n.js";

const commandEvents = new EventTarget();

export function notifyCommandDone(callId) {
  commandEvents.dispatchEvent(new CustomEvent("done", { detail: { callId } }));
}

export function onCommandDone(callId, callback) {
  commandEvents.addEventListener("done", ({ detail }) => detail.callId === callId && callback());
}

const WAIT_TIMEOUT_MS = 12_000; // the server itself gives an unconfirmed press up after ten seconds

// Resolves as soon as `isSo(call)`, raises CommandRefused if that takes too long.
export function waitForCall({ live, calls, id }, predicate) {
  return new Promise((resolve, reject) => {
    const finish = (complete) => {
      clearTimeout(timer);
      live.removeEventListener("call", checkCall);
      complete();
    };
    const checkCall = () => predicate(calls.get(id)) && finish(resolve);
    const timer = setTimeout(() => finish(() => reject(new ApiError(TIMEOUT_ERROR))), WAIT_TIMEOUT_MS);
    live.addEventListener("call", checkCall);
    checkCall();
  });
}

const TIMEOUT_ERROR = { title: t("It did not stop"), text: t("Nothing was started. Look at its own switch, then press again.") };
