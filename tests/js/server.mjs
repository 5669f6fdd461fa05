// Values of the server's own code, so that a test does not compare with a copy.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const python = existsSync(`${root}.venv/bin/python`) ? `${root}.venv/bin/python` : "python3";

// The value that an expression has after `imports`.
export function fromServer(imports, expression) {
  const code = `import json; ${imports}; print(json.dumps(${expression}))`;
  return JSON.parse(execFileSync(python, ["-c", code], { cwd: root, maxBuffer: 1 << 24 }));
}
