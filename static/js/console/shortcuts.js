// The keyboard. Never inside a field or a dialog, and single keys can be turned off (WCAG 2.1.4).

const SWITCH_KEYS = { T: "transcription", S: "streaming", F: "fork" };
const STORED = "single-keys";

const isOff = () => localStorage.getItem(STORED) === "off";
const control = (name) => document.querySelector(`call-control[data-name="${name}"]`);

// The next link of the rail, or the previous one.
function step(by) {
  const links = [...document.querySelectorAll(":not([hidden]) > .call:not([hidden]) .call__link")];
  const at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  const link = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
  link?.click();
}

function showKeys() {
  document.getElementById("account").hidePopover?.();
  document.getElementById("keys").showModal();
}

const ACTIONS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => document.querySelector("new-call")?.open(),
  "/": () => document.querySelector("[data-filter] input").focus(),
  f: () => document.querySelector("find-bar")?.focus(),
  End: () => document.querySelector("live-transcript")?.toEnd(),
  "?": showKeys,
};

function act(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return false;
  const name = event.shiftKey && SWITCH_KEYS[event.key];
  if (name) control(name)?.press();
  const action = ACTIONS[event.key];
  action?.();
  return Boolean(name || action);
}

export function startKeys() {
  const choice = document.querySelector("[data-single-keys]");
  choice.checked = !isOff();
  choice.addEventListener("change", () => localStorage.setItem(STORED, choice.checked ? "on" : "off"));
  document.querySelector("[data-show-keys]").addEventListener("click", showKeys);
  document.addEventListener("keydown", (event) => {
    if (!isOff() && act(event)) event.preventDefault();
  });
}
