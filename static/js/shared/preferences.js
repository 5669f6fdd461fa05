// Small choices of whoever sits at this browser, kept there: each a checkbox `data-preference`, on unless turned off or
// marked `data-off`. What depends on one looks at `is`, or at the attribute of <html>.
const stored = (name) => `preference:${name}`;
const changes = new EventTarget();

const boxOf = (name) => document.querySelector(`[data-preference="${name}"]`);

// A page without the checkbox has what was chosen where there is one, or what it would say if nobody had touched it.
export function is(name) {
  return boxOf(name)?.checked ?? localStorage.getItem(stored(name)) !== "off";
}

export function onPreference(name, look) {
  changes.addEventListener(name, look);
  look();
}

export function startPreferences() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(stored(""))) show(key.slice(stored("").length), localStorage[key] === "on");
  for (const box of document.querySelectorAll("[data-preference]")) {
    const name = box.dataset.preference;
    const known = localStorage.getItem(stored(name));
    box.checked = known ? known === "on" : !("off" in box.dataset);
    show(name, box.checked);
    box.addEventListener("change", () => {
      localStorage.setItem(stored(name), box.checked ? "on" : "off");
      show(name, box.checked);
      changes.dispatchEvent(new Event(name));
    });
  }
}

function show(name, isOn) {
  document.documentElement.toggleAttribute(`data-no-${name}`, !isOn);
}
