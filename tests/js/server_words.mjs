// What the server calls the codes that it shows: {code: word}, read from its source.
import { readFileSync } from "node:fs";

const source = readFileSync(new URL("../../dashboard/web/words.py", import.meta.url), "utf8");

export function serverWords(filter) {
  const [, words] = new RegExp(`"${filter}": \\{(.*?)\\}`, "s").exec(source);
  return Object.fromEntries([...words.matchAll(/"(\w+)": said\("([^"]+)"\)/g)].map(([, code, word]) => [code, word]));
}
