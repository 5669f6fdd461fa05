// Says on this page that a command to a call was answered, whoever sent it: the list of commands is out of date then.

const answers = new EventTarget();

export function told(callId) {
  answers.dispatchEvent(new CustomEvent("answer", { detail: { callId } }));
}

export function onAnswer(callId, look) {
  answers.addEventListener("answer", ({ detail }) => detail.callId === callId && look());
}
