// What the page says, in the reader's language. The English words are the keys, and what is said where a catalogue has no
// other. The catalogue is there before any module runs: `texts` is {messages: {English: text, or a list of plural forms}}.
const language = globalThis.document?.documentElement.lang || "en";
const messages = globalThis.texts?.messages ?? {};

const rules = new Intl.PluralRules(language);
const categories = ["zero", "one", "two", "few", "many", "other"].filter((each) => rules.resolvedOptions().pluralCategories.includes(each));
const formats = new Map(); // decimals → format

// A number as the language writes it, with exactly as many decimals; by default as many as it has, up to three.
export function numeral(value, decimals) {
  if (!formats.has(decimals)) {
    const length = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    formats.set(decimals, new Intl.NumberFormat(language, { ...length, useGrouping: "always" })); // as the server groups
  }
  return formats.get(decimals).format(value);
}

// `t("Copied %(count)s", { count: 3 })`; a sign of its own is written `%%`. Write the words as one literal: the catalogue
// is made by reading the source.
export function t(text, values = {}) {
  return filled(messages[text] ?? text, values);
}

// `tn("%(num)s line", "%(num)s lines", count)`: the form that fits the number.
export function tn(one, many, count, values = {}) {
  const text = one in messages ? formFor(messages[one], count) : count === 1 ? one : many;
  return filled(text, { num: count, ...values });
}

// Forms stand in the order of the categories. Where a catalogue has fewer of them, for it leaves those of fractions and
// millions out, the last one serves for the rest.
function formFor(forms, count) {
  return forms[Math.min(categories.indexOf(rules.select(count)), forms.length - 1)];
}

function filled(text, values) {
  return text.replace(/%(?:\((\w+)\)s|%)/g, (_, name) => (name ? written(values[name]) : "%"));
}

const written = (value) => (typeof value === "number" ? numeral(value) : value);
