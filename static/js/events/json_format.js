// Formats JSON for reading. Only white space changes: JSON.parse would alter a number of twenty digits.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
const OPENING = "{[";
const CLOSING = "}]";

// The text in pieces [text, kind]; kind is key, text, value or null. A text that is no JSON is one piece.
export function formatJson(json) {
  if (!isJson(json)) return [[json, null]];
  const tokens = json.match(TOKEN) ?? [];
  const pieces = [];
  let depth = 0;
  const newLine = () => pieces.push([`\n${"  ".repeat(depth)}`, null]);
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (OPENING.includes(token)) {
      pieces.push([token, null]);
      depth += 1;
      if (!CLOSING.includes(next)) newLine();
    } else if (CLOSING.includes(token)) {
      depth -= 1;
      if (!OPENING.includes(tokens[index - 1])) newLine();
      pieces.push([token, null]);
    } else if (token === ",") {
      pieces.push([token, null]);
      newLine();
    } else if (token === ":") {
      pieces.push([": ", null]);
    } else {
      pieces.push([token, next === ":" ? "key" : token.startsWith('"') ? "text" : "value"]);
    }
  });
  return pieces;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
