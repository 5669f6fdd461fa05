// Small choices of whoever sits at this browser, kept there: each a checkbox `data-preference`, on unless turned off or
// marked `data-off`. What depends on one looks at `is`, or at the attribute of <html>.
const storageKey = (name) => `preference:${name}`;
const changes = new EventTarget();

const findCheckbox = (name) => document.querySelector(`[data-preference="${name}"]`);

// A page without the checkbox has what was chosen where there is one, or what it would say if nobody had touched it.
export function isPreferenceOn(name) {
  return findCheckbox(name)?.checked ?? localStorage.getItem(storageKey(name)) !== "off";
}

export function onPreferenceChange(name, callback) {
  changes.addEventListener(name, callback);
  callback();
}

export function startPreferences() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(storageKey(""))) applyPreference(key.slice(storageKey("").length), localStorage[key] === "on");
  for (const checkbox of document.querySelectorAll("[data-preference]")) {
    const name = checkbox.dataset.preference;
    const storedValue = localStorage.getItem(storageKey(name));
    checkbox.checked = storedValue ? storedValue === "on" : !("off" in checkbox.dataset);
    applyPreference(name, checkbox.checked);
    checkbox.addEventListener("change", () => {
      localStorage.setItem(storageKey(name), checkbox.checked ? "on" : "off");
      applyPreference(name, checkbox.checked);
      changes.dispatchEvent(new Event(name));
    });
  }
}

function applyPreference(name, isOn) {
  document.documentElement.toggleAttribute(`data-no-${name}`, !isOn);
}
