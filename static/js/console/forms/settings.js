// The settings a command would start with now: as its form on this page shows them, else as chosen.
export function currentParams(choices, command) {
  return document.querySelector(`command-form[data-command="${command}"]`)?.params ?? choices.paramsOf(command);
}
