import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

let pages = 0;

// The module as a page in a language loads it, with the catalogue of that page.
async function loadModule(lang, messages = undefined) {
  globalThis.document = { documentElement: { lang } };
  globalThis.texts = messages && { messages };
  pages += 1;
  return import(`../../static/js/shared/i18n.js?page=${pages}`);
}

afterEach(() => {
  delete globalThis.document;
  delete globalThis.texts;
});

test("without a catalogue or page texts are English", async () => {
  const { formatNumber, t, tn } = await import("../../static/js/shared/i18n.js");
  assert.equal(t("Copied"), "Copied");
  assert.equal(t("%(position)s of %(count)s", { position: 3, count: 1200 }), "3 of 1,200");
  assert.deepEqual([0, 1, 1200].map((count) => tn("%(num)s line", "%(num)s lines", count)), ["0 lines", "1 line", "1,200 lines"]);
  assert.deepEqual([formatNumber(2.5), formatNumber(2, 1), formatNumber(1234.56, 1)], ["2.5", "2.0", "1,234.6"]);
});

test("a value is inserted as it is", async () => {
  const { t } = await loadModule("en");
  assert.equal(t("%(field)s: %(reason)s.", { field: "%(reason)s", reason: "$& %% <b>" }), "%(reason)s: $& %% <b>.");
  assert.equal(t("%(share)s %% of it", { share: "40" }), "40 % of it");
});

test("texts come from the catalogue, else English", async () => {
  const { t } = await loadModule("es", { "to %(number)s": "a %(number)s" });
  assert.equal(t("to %(number)s", { number: "+1" }), "a +1");
  assert.equal(t("Copied"), "Copied");
});

test("numbers are written as the language writes them", async () => {
  const { formatNumber, t, tn } = await loadModule("es", { "%(num)s line": ["%(num)s línea", "%(num)s líneas"] });
  assert.deepEqual([formatNumber(1204.5, 1), formatNumber(0.025, 3)], ["1.204,5", "0,025"]);
  assert.equal(t("%(ms)s ms", { ms: 1204 }), "1.204 ms");
  assert.deepEqual([1, 2, 1204, 1_000_000].map((count) => tn("%(num)s line", "%(num)s lines", count)), [
    "1 línea", "2 líneas", "1.204 líneas", "1.000.000 líneas",
  ]);
});

// Forms as the server puts them: in the order zero, one, two, few, many, other, those of whole numbers.
const PLURALS = [
  ["ja", ["other"], { 0: "other", 1: "other", 5: "other" }],
  ["pl", ["one", "few", "many"], { 1: "one", 2: "few", 5: "many", 22: "few", 112: "many" }],
  ["cs", ["one", "few", "other"], { 1: "one", 3: "few", 5: "other" }],
  ["lv", ["zero", "one", "other"], { 0: "zero", 1: "one", 2: "other", 11: "zero", 21: "one" }],
  ["fr", ["one", "other"], { 0: "one", 1: "one", 2: "other", 1_000_000: "other" }],
  ["ar", ["zero", "one", "two", "few", "many", "other"], { 0: "zero", 1: "one", 2: "two", 3: "few", 11: "many", 100: "other" }],
];

for (const [lang, forms, expected] of PLURALS) {
  test(`the plural forms of ${lang} are all used`, async () => {
    const { tn } = await loadModule(lang, { line: forms });
    for (const [count, form] of Object.entries(expected)) assert.equal(tn("line", "lines", Number(count)), form, count);
  });
}

test("English that is not translated keeps its own plural", async () => {
  const { tn } = await loadModule("ja", {});
  assert.deepEqual([1, 2].map((count) => tn("line", "lines", count)), ["line", "lines"]);
});
