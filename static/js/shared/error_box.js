// Shows a problem beside the control that failed.
import { setText, setVisible } from "./dom.js";
import { t } from "./i18n.js";

const SENTENCE_END = /[.!?…]$/;

// Title and text of a problem in one sentence.
export function problemText({ title, text }) {
  const sentence = SENTENCE_END.test(title) ? title : t("%(sentence)s.", { sentence: title });
  return text ? `${sentence} ${text}` : sentence;
}

// `problem` is {title, text, code}, or null for none.
export function drawProblem(parts, problem) {
  setVisible(parts.problem, Boolean(problem));
  if (!problem) return;
  setText(parts["problem-title"], problem.title);
  setText(parts["problem-text"], problem.text ?? "");
  setVisible(parts["problem-text"], Boolean(problem.text));
  setText(parts["problem-code"], problem.code ?? "");
  setVisible(parts["problem-code"], Boolean(problem.code));
}
