// The JSON schemas of all commands, asked for when the first form opens.
import { ask } from "../../shared/api.js";

let asked = null;

// The schema of one command's parameters; raises CommandRefused, and asks again the next time.
export async function schemaOf(command) {
  asked ??= ask("GET", "/api/commands").catch((error) => {
    asked = null;
    throw error;
  });
  return (await asked).commands[command];
}

// The settings a command would start with now: as its form on this page shows them, else as chosen.
export function currentParams(choices, command) {
  return document.querySelector(`command-form[data-command="${command}"]`)?.params ?? choices.paramsOf(command);
}
