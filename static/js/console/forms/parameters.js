// Parameters of commands: their schemas and current values.
import { requestJson } from "../../shared/api.js";

let commandSchemas = null;

// Loads the schema of a command's parameters. Rejects with ApiError; the next call tries again.
export async function loadSchema(command) {
  commandSchemas ??= requestJson("GET", "/api/commands").catch((error) => {
    commandSchemas = null;
    throw error;
  });
  return (await commandSchemas).commands[command];
}

// The parameters that a command would start with now: from its form, else from the selected preset.
export function currentParams(presets, command) {
  return document.querySelector(`command-form[data-command="${command}"]`)?.params ?? presets.paramsFor(command);
}
