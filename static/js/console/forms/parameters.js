// The JSON schemas of all commands, asked for when the first form opens.
import { requestJson } from "../../shared/api.js";

let commandSchemas = null;

// The schema of one command's parameters; raises CommandRefused, and asks again the next time.
export async function loadSchema(command) {
  commandSchemas ??= requestJson("GET", "/api/commands").catch((error) => {
    commandSchemas = null;
    throw error;
  });
  return (await commandSchemas).commands[command];
}

// The settings a command would start with now: as its form on this page shows them, else as chosen.
export function currentParams(presets, command) {
  return document.querySelector(`command-form[data-command="${command}"]`)?.params ?? presets.paramsFor(command);
}
