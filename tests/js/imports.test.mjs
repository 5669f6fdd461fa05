// Where a script belongs, and what it may import.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { test } from "node:test";

const FOLDER = new URL("../../static/js/", import.meta.url);
const IMPORT = /^import (?:\{[^}]*\} from )?"(\.[^"]+)";$/gm;
const ELEMENT = /customElements\.define\("([\w-]+)"/g;

// What the files of a folder may import from, besides their own folder. A page also starts the elements of its own folder.
const ALLOWED = { shared: [], live: ["shared"], console: ["live", "shared"], events: ["live", "shared"], search: ["live", "shared"], setup: ["live", "shared"] };
const OF_PAGES = { reader: ["console/transcript"] };

const files = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith(".js"));
const sources = new Map(files.map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8")]));
const importsOf = (name) => [...sources.get(name).matchAll(IMPORT)].map(([, path]) => join(dirname(name), path));

function allowedFolders(name) {
  const [room, file] = name.split("/");
  if (room !== "pages") return [room, ...ALLOWED[room]];
  const page = file.replace(".js", "");
  return ["live", "shared", ...(OF_PAGES[page] ?? [page])];
}

test("no file imports from the folder of another page", () => {
  for (const name of files.filter((name) => name.includes("/"))) {
    const allowed = allowedFolders(name);
    const others = importsOf(name).filter((path) => !allowed.some((folder) => path.startsWith(`${folder}/`)));
    assert.deepEqual(others, [], name);
  }
});

test("a file that defines an element is named after it, and no other file has a hyphen", () => {
  for (const [name, text] of sources) {
    const file = name.split("/").at(-1).replace(".js", "");
    const elements = [...text.matchAll(ELEMENT)].map(([, element]) => element);
    assert.deepEqual(elements, file.includes("-") ? [file] : [], name);
  }
});

test("every import names a file, and every file is imported or is an entry point", () => {
  const imported = new Set(files.flatMap(importsOf));
  assert.deepEqual([...imported].filter((name) => !sources.has(name)), []);
  const entries = files.filter((name) => name.startsWith("pages/") || !name.includes("/"));
  assert.deepEqual(files.filter((name) => !imported.has(name) && !entries.includes(name)), []);
});
