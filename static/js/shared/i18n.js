// Translates the texts of scripts. The English text is the key and the fallback. The catalogue is set before any module
// runs: `texts` is {messages: {English: text, or a list of plural forms}}.
const language = globalThis.document?.documentElement.lang || "en";
const messages = globalThis.texts?.messages ?? {};

const pluralRules = new Intl.PluralRules(language);
const CATEGORIES = /** @type {Intl.LDMLPluralRule[]} */ (["zero", "one", "two", "few", "many", "other"]);
const pluralCategories = CATEGORIES.filter((category) => pluralRules.resolvedOptions().pluralCategories.includes(category));
// Decimals → format.
const numberFormats = new Map();

// Writes a number in the user's language. Without `decimals` it has up to three.
export function formatNumber(value, decimals) {
  if (!numberFormats.has(decimals)) {
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    // The server groups digits in the same way.
    numberFormats.set(decimals, new Intl.NumberFormat(language, { ...digits, useGrouping: "always" }));
  }
  return numberFormats.get(decimals).format(value);
}

// `t("Copied %(count)s", { count: 3 })`. A percent sign is written `%%`. The text must be one literal, because the
// catalogue is made from the source.
export function t(text, values = {}) {
  return interpolate(messages[text] ?? text, values);
}

// `tn("%(num)s line", "%(num)s lines", count)`: the form for a number.
export function tn(one, many, count, values = {}) {
  const text = one in messages ? pluralForm(messages[one], count) : count === 1 ? one : many;
  return interpolate(text, { num: count, ...values });
}

// Forms are in the order of the categories. A catalogue may lack the forms for fractions and millions; its last form
// serves for them.
function pluralForm(forms, count) {
  return forms[Math.min(pluralCategories.indexOf(pluralRules.select(count)), forms.length - 1)];
}

function interpolate(text, values) {
  return text.replace(/%(?:\((\w+)\)s|%)/g, (_, name) => (name ? formatValue(values[name]) : "%"));
}

const formatValue = (value) => (typeof value === "number" ? formatNumber(value) : value);
