// Events of commands on this page.
import { ApiError } from "../shared/api.js";
import { t } from "../shared/i18n.js";

// The feed normally reports an accepted command within milliseconds. After this time a control shows the last reported
// state again.
export const FEED_TIMEOUT_MS = 10_000;

const commandEvents = new EventTarget();

export function notifyCommandDone(callId) {
  commandEvents.dispatchEvent(new CustomEvent("done", { detail: { callId } }));
}

export function onCommandDone(callId, callback) {
  commandEvents.addEventListener("done", ({ detail }) => detail.callId === callId && callback());
}

// The server expires an unconfirmed command after ten seconds.
const WAIT_TIMEOUT_MS = 12_000;

// Resolves as soon as `predicate(call)` holds. Rejects with ApiError after a timeout.
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
