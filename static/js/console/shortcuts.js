// Keyboard shortcuts. They do not act inside fields and dialogs, and single keys can be switched off (WCAG 2.1.4).

const SWITCH_KEYS = { T: "transcription", S: "streaming", F: "fork" };
// Stored: do not rename.
const STORAGE_KEY = "single-keys";

const isDisabled = () => localStorage.getItem(STORAGE_KEY) === "off";
const findControl = (name) => document.querySelector(`call-control[data-name="${name}"]`);

// Opens the next call of the list, or the previous one.
function openNeighbour(offset) {
  const links = [...document.querySelectorAll(":not([hidden]) > .call:not([hidden]) .call__link")];
  const index = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  const link = links[index < 0 ? (offset > 0 ? 0 : links.length - 1) : index + offset];
  link?.click();
}

function showHelp() {
  document.getElementById("account").hidePopover?.();
  document.getElementById("keys").showModal();
}

const ACTIONS = {
  j: () => openNeighbour(1),
  k: () => openNeighbour(-1),
  n: () => document.querySelector("new-call")?.openDialog(),
  "/": () => document.querySelector("[data-filter] input").focus(),
  f: () => document.querySelector("find-bar")?.focus(),
  End: () => document.querySelector("live-transcript")?.jumpToEnd(),
  "?": showHelp,
};

function handleKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return false;
  const name = event.shiftKey && SWITCH_KEYS[event.key];
  if (name) findControl(name)?.toggle();
  const action = ACTIONS[event.key];
  action?.();
  return Boolean(name || action);
}

export function startShortcuts() {
  const checkbox = document.querySelector("[data-single-keys]");
  checkbox.checked = !isDisabled();
  checkbox.addEventListener("change", () => localStorage.setItem(STORAGE_KEY, checkbox.checked ? "on" : "off"));
  document.querySelector("[data-show-keys]").addEventListener("click", showHelp);
  document.addEventListener("keydown", (event) => {
    if (!isDisabled() && handleKey(event)) event.preventDefault();
  });
}
