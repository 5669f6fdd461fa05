// What the page asks the server. A command is one `command_id`, however often it has to be sent: the server and Telnyx
// recognise a repeat by it.
import { t } from "./i18n.js";
import { uuid } from "./uuid.js";

// An answer that is not what was asked for. `title` says what happened, `text` what to do; `fields` is
// [{field, reason, allowed}], `code` whose code it is, `elapsedMs` how long Telnyx took to refuse.
export class CommandRefused extends Error {
  constructor({ title, text = "", code = null, fields = [], providerCode = null, elapsedMs = null }) {
    super(title);
    Object.assign(this, { title, text, code, fields, providerCode, elapsedMs });
  }
}

const NO_ANSWER = {
  title: t("The server did not answer"),
  text: t("It was asked twice. Check the connection, then press again."),
};

// Sends one command to a call and returns it as accepted, {id, status, elapsed_ms, notes, …}; raises CommandRefused.
export async function runCommand(callId, name, params, wire) {
  return command(`/api/calls/${encodeURIComponent(callId)}/actions/${name}`, params, wire).then((answer) => answer.command);
}

// Places a call: {command, call}. Raises CommandRefused.
export async function dial(params, wire) {
  return command("/api/calls", params, wire);
}

// Anything that is no command. Returns the answer; raises CommandRefused.
export async function ask(method, url, body, { csrfToken = null, fetch = globalThis.fetch } = {}) {
  const headers = { Accept: "application/json", ...(csrfToken && { "X-CSRF-Token": csrfToken }) };
  const request = body === undefined ? { method, headers } : { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return answerOf(await fetch(url, request).catch(noAnswer));
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

async function command(url, params, { csrfToken, fetch = globalThis.fetch, newId = uuid }) {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken },
    body: JSON.stringify({ ...params, command_id: newId() }),
  };
  const response = await fetch(url, request)
    .catch(() => fetch(url, request))
    .catch(noAnswer);
  const answer = await answerOf(response);
  if (answer.command?.status === "failed") throw new CommandRefused({ title: t("Telnyx refused the command") });
  return answer;
}

function noAnswer() {
  throw new CommandRefused(NO_ANSWER);
}

async function answerOf(response) {
  const answer = await response.json().catch(() => ({}));
  if (!response.ok || answer.error) throw refusal(response, answer.error);
  return answer;
}

function refusal(response, error) {
  if (!error) {
    const title = t("The server answered %(status)s", { status: response.status });
    return new CommandRefused({ title, text: t("Reload the page and try again.") });
  }
  const details = error.details ?? {};
  return new CommandRefused({
    title: error.message,
    text: error.hint ?? "",
    code: details.provider_code ? `Telnyx ${details.provider_code}` : null,
    providerCode: details.provider_code ?? null,
    elapsedMs: details.elapsed_ms ?? null,
    fields: details.fields ?? [],
  });
}
