// What went wrong, whose code it is, and what to do about it: beside the control that failed.
import { say, show } from "./dom.js";
import { t } from "./i18n.js";

const SENTENCE_END = /[.!?…]$/;

// A problem {title, text} where there is one place for both.
export function inOneLine({ title, text }) {
  const said = SENTENCE_END.test(title) ? title : t("%(sentence)s.", { sentence: title });
  return text ? `${said} ${text}` : said;
}

// `problem` is {title, text, code} or null for none.
export function drawProblem(parts, problem) {
  show(parts.problem, Boolean(problem));
  if (!problem) return;
  say(parts["problem-title"], problem.title);
  say(parts["problem-text"], problem.text ?? "");
  show(parts["problem-text"], Boolean(problem.text));
  say(parts["problem-code"], problem.code ?? "");
  show(parts["problem-code"], Boolean(problem.code));
}
