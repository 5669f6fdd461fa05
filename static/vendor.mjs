// Copies the browser build of the one library to vendor/, which git ignores. Runs after every npm install.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";

const built = new URL("node_modules/socket.io-client/dist/socket.io.min.js", import.meta.url);
const vendor = new URL("vendor/", import.meta.url);

// npm runs this after `npm install --package-lock-only` too, which installs nothing.
if (existsSync(built)) {
  mkdirSync(vendor, { recursive: true });
  copyFileSync(built, new URL("socket.io.min.js", vendor));
}
