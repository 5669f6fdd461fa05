// What the page says, in the reader's language. The English words are the keys, and what is said where a catalogue has no
// other. The catalogue is there before any module runs: `texts` is {messages: {English: text, or a list of plural forms}}.
const language = globalThis.document?.documentElement.lang || "en";
const messages = globalThis.texts?.messages ?? {};

const pluralRules = new Intl.PluralRules(language);
const pluralCategories = ["zero", "one", "two", "few", "many", "other"].filter((category) => pluralRules.resolvedOptions().pluralCategories.includes(category));
const numberFormats = new Map(); // decimals → format

// A number as the language writes it, with exactly as many decimals; by default as many as it has, up to three.
export function formatNumber(value, decimals) {
  if (!numberFormats.has(decimals)) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    numberFormats.set(decimals, new Intl.NumberFormat(language, { ...digits, useGrouping: "always" })); // as the server groups
  }
  return numberFormats.get(decimals).format(value);
}

// `t("Copied %(count)s", { count: 3 })`; a sign of its own is written `%%`. Write the words as one literal: the catalogue
// is made by reading the source.
export function t(text, values = {}) {
  return interpolate(messages[text] ?? text, values);
}

// `tn("%(num)s line", "%(num)s lines", count)`: the form that fits the number.
export function tn(one, many, count, values = {}) {
  const text = one in messages ? pluralForm(messages[one], count) : count === 1 ? one : many;
  return interpolate(text, { num: count, ...values });
}

// Forms stand in the order of the categories. Where a catalogue has fewer of them, for it leaves those of fractions and
// millions out, the last one serves for the rest.
function pluralForm(forms, count) {
  return forms[Math.min(pluralCategories.indexOf(pluralRules.select(count)), forms.length - 1)];
}

function interpolate(text, values) {
  return text.replace(/%(?:\((\w+)\)s|%)/g, (_, name) => (name ? formatValue(values[name]) : "%"));
}

const formatValue = (value) => (typeof value === "number" ? formatNumber(value) : value);
