import assert from "node:assert/strict";
import { test } from "node:test";
import { formatJson } from "../../static/js/events/json_format.js";

const textOf = (json) => formatJson(json).map(([text]) => text).join("");
const kindsOf = (json) => formatJson(json).filter(([, kind]) => kind);

test("JSON is laid out with two spaces", () => {
  const value = { data: { id: "a", list: [1, [], {}, null, true], text: 'say "}{[]," \\' }, empty: {} };
  assert.equal(textOf(JSON.stringify(value)), JSON.stringify(value, null, 2));
});

test("a number of twenty digits stays what was sent", () => {
  assert.equal(textOf('{"connection_id":12345678901234567890,"level":1.50}'), '{\n  "connection_id": 12345678901234567890,\n  "level": 1.50\n}');
});

test("keys, texts and values have their kind", () => {
  assert.deepEqual(kindsOf('{"a": "b", "c": [null, -1e3]}'), [
    ['"a"', "key"], ['"b"', "text"], ['"c"', "key"], ["null", "value"], ["-1e3", "value"],
  ]);
});

test("a text that is no JSON stays as it is", () => {
  for (const text of ["", "<b>", '{"a":', "a, b"]) assert.deepEqual(formatJson(text), [[text, null]]);
});
