import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../static/js/", import.meta.url);
const LITERAL = String.raw`"(?:[^"\\\n]|\\.)*"`;
const MARKED = new RegExp(String.raw`\btn\(\s*${LITERAL},\s*${LITERAL}|\bt\(\s*${LITERAL}`, "g");
const COMMENT = /(?<=^|\s)\/\/.*$/gm;

// Looks like a text for users: "Two words", or a value with a word beside it.
const LOOKS_LIKE_TEXT = /["`][A-Z][a-z]+ [a-z]+[^"`]*["`]|`[^`]*(?:\$\{[^}]*\} [a-z]{3,}|[a-z]{3,} \$\{)[^`]*`/g;

const NOT_TEXT = [
  "`settings of ${command}`", // a key of localStorage
  "`Telnyx ${details.provider_code}`", // a name and its code
  "`Telnyx ${provider_code}`",
];

const sources = readdirSync(FOLDER, { recursive: true })
  .filter((name) => name.endsWith(".js"))
  .map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8").replace(COMMENT, "")]);

test("every text for users is marked for translation", () => {
  for (const [name, text] of sources) {
    const unmarked = text.replace(MARKED, "").match(LOOKS_LIKE_TEXT) ?? [];
    assert.deepEqual(unmarked.filter((words) => !NOT_TEXT.includes(words)), [], name);
  }
});

test("marked texts are single literals", () => {
  for (const [name, text] of sources) {
    const calls = text.replace(MARKED, "").match(/(?<!function )\btn?\(.{0,40}/g) ?? [];
    assert.deepEqual(calls, [], name);
  }
});

test("a text is marked either with a plural or without", () => {
  const all = sources.map(([, text]) => text).join("\n");
  const of = (mark) => new Set([...all.matchAll(new RegExp(String.raw`\b${mark}\(\s*(${LITERAL})`, "g"))].map(([, text]) => text));
  const counted = of("tn");
  assert.deepEqual([...of("t")].filter((text) => counted.has(text)), []);
});
