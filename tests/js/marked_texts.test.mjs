import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../static/js/", import.meta.url);
const LITERAL = String.raw`"(?:[^"\\\n]|\\.)*"`;
const MARKED = new RegExp(String.raw`\btn\(\s*${LITERAL},\s*${LITERAL}|\bt\(\s*${LITERAL}`, "g");
const COMMENT = /(?<=^|\s)\/\/.*$/gm;

// What looks like words for people: "Two words", or a value with a word beside it.
const LOOKS_SAID = /["`][A-Z][a-z]+ [a-z]+[^"`]*["`]|`[^`]*(?:\$\{[^}]*\} [a-z]{3,}|[a-z]{3,} \$\{)[^`]*`/g;

const NOT_SAID = [
  "`settings of ${command}`", // a key of localStorage
  "`Telnyx ${details.provider_code}`", // a name and its code
  "`Telnyx ${provider_code}`",
];

const sources = readdirSync(FOLDER, { recursive: true })
  .filter((name) => name.endsWith(".js"))
  .map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8").replace(COMMENT, "")]);

test("all that is said to people can be said in another language", () => {
  for (const [name, text] of sources) {
    const unmarked = text.replace(MARKED, "").match(LOOKS_SAID) ?? [];
    assert.deepEqual(unmarked.filter((words) => !NOT_SAID.includes(words)), [], name);
  }
});

test("words are marked as one literal, which is how the catalogue is made", () => {
  for (const [name, text] of sources) {
    const calls = text.replace(MARKED, "").match(/(?<!function )\btn?\(.{0,40}/g) ?? [];
    assert.deepEqual(calls, [], name);
  }
});

test("a text is either counted or not: the catalogue has one entry for it", () => {
  const all = sources.map(([, text]) => text).join("\n");
  const of = (mark) => new Set([...all.matchAll(new RegExp(String.raw`\b${mark}\(\s*(${LITERAL})`, "g"))].map(([, text]) => text));
  const counted = of("tn");
  assert.deepEqual([...of("t")].filter((text) => counted.has(text)), []);
});
