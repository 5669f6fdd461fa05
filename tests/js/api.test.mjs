import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, runCommand } from "../../static/js/shared/api.js";
import { createUuid } from "../../static/js/shared/uuid.js";

// A fake fetch that returns `answers` in turn. An Error is a missing answer.
function wire(...answers) {
  const sent = [];
  const fetch = async (url, request) => {
    sent.push({ url, ...request, body: JSON.parse(request.body) });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return Response.json(answer.body, { status: answer.status });
  };
  return { sent, run: (params = {}) => runCommand("v3:a/b", "fork_start", params, { csrfToken: "token", fetch }) };
}

const accepted = { status: 202, body: { command: { id: "1", name: "fork_start", status: "accepted" } } };

test("a command carries its parameters, an id and the token", async () => {
  const { sent, run } = wire(accepted);
  assert.equal((await run({ rx: "udp:1" })).status, "accepted");
  const [{ url, headers, body }] = sent;
  assert.equal(url, "/api/calls/v3%3Aa%2Fb/actions/fork_start");
  assert.equal(headers["X-CSRF-Token"], "token");
  assert.equal(body.rx, "udp:1");
  assert.match(body.command_id, /^[0-9a-f-]{36}$/);
});

test("a command without an answer is repeated once, with its id", async () => {
  const { sent, run } = wire(new Error("reset"), accepted);
  await run();
  assert.equal(sent.length, 2);
  assert.equal(sent[0].body.command_id, sent[1].body.command_id);
});

test("a second missing answer is an error", async () => {
  const { sent, run } = wire(new Error("reset"), new Error("reset"));
  await assert.rejects(run(), (error) => error instanceof ApiError && /did not answer/.test(error.title));
  assert.equal(sent.length, 2);
});

test("an error keeps its title, hint and code", async () => {
  const error = { code: "provider_refused", message: "Not while streaming", hint: "Stop streaming first.", details: { provider_code: "90045" } };
  await assert.rejects(wire({ status: 409, body: { error } }).run(), { title: "Not while streaming", text: "Stop streaming first.", code: "Telnyx 90045" });
});

test("an error names the fields", async () => {
  const fields = [{ field: "rx", reason: "is required" }];
  const error = { code: "bad_parameters", message: "rx: is required", hint: "Correct it.", details: { fields } };
  await assert.rejects(wire({ status: 422, body: { error } }).run(), { fields });
});

test("an answer that is no JSON is an error", async () => {
  const fetch = async () => new Response("<html>", { status: 502 });
  await assert.rejects(runCommand("v3:a", "hangup", {}, { csrfToken: "", fetch }), { title: "The server answered 502" });
});

test("an id is a version 4 UUID where the browser has no randomUUID", () => {
  const plain = { getRandomValues: (bytes) => globalThis.crypto.getRandomValues(bytes) };
  for (let turn = 0; turn < 50; turn += 1) assert.match(createUuid(plain), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
