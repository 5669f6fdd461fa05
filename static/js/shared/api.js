// Requests to the server. All attempts of a command share one `command_id`, by which the server and Telnyx recognise a
// repeat.
import { t } from "./i18n.js";
import { createUuid } from "./uuid.js";

// A failed request. `title` is what happened, `text` what to do, `fields` [{field, reason, allowed}], `code` the code
// with its owner, `elapsedMs` how long Telnyx took.
export class ApiError extends Error {
  constructor({ title, text = "", code = null, fields = [], providerCode = null, elapsedMs = null }) {
    super(title);
    Object.assign(this, { title, text, code, fields, providerCode, elapsedMs });
  }
}

const NO_RESPONSE = {
  title: t("The server did not answer"),
  text: t("It was asked twice. Check the connection, then press again."),
};

// Sends a command to a call. Returns it as accepted, {id, status, elapsed_ms, notes, …}; throws ApiError.
export async function runCommand(callId, name, params, options) {
  return sendCommand(`/api/calls/${encodeURIComponent(callId)}/actions/${name}`, params, options).then((result) => result.command);
}

// Places a call. Returns {command, call}; throws ApiError.
export async function dialCall(params, options) {
  return sendCommand("/api/calls", params, options);
}

// Sends a request that is no command. Returns the JSON of the answer; throws ApiError.
export async function requestJson(method, url, body, { csrfToken = null, fetch = globalThis.fetch } = {}) {
  const headers = { Accept: "application/json", ...(csrfToken && { "X-CSRF-Token": csrfToken }) };
  const request = body === undefined ? { method, headers } : { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return parseResponse(await fetch(url, request).catch(throwNoResponse));
}

export function getCsrfToken() {
  return document.querySelector('meta[name="csrf-token"]').getAttribute("content");
}

async function sendCommand(url, params, { csrfToken, fetch = globalThis.fetch, newId = createUuid }) {
  const request = {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken },
    body: JSON.stringify({ ...params, command_id: newId() }),
  };
  const response = await fetch(url, request)
    .catch(() => fetch(url, request))
    .catch(throwNoResponse);
  const result = await parseResponse(response);
  if (result.command?.status === "failed") throw new ApiError({ title: t("Telnyx refused the command") });
  return result;
}

function throwNoResponse() {
  throw new ApiError(NO_RESPONSE);
}

async function parseResponse(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok || body.error) throw createApiError(response, body.error);
  return body;
}

function createApiError(response, error) {
  if (!error) {
    const title = t("The server answered %(status)s", { status: response.status });
    return new ApiError({ title, text: t("Reload the page and try again.") });
  }
  const details = error.details ?? {};
  return new ApiError({
    title: error.message,
    text: error.hint ?? "",
    code: details.provider_code ? `Telnyx ${details.provider_code}` : null,
    providerCode: details.provider_code ?? null,
    elapsedMs: details.elapsed_ms ?? null,
    fields: details.fields ?? [],
  });
}
