// User preferences kept in this browser. Each has a check box `data-preference`. It is on unless switched off or marked
// `data-off`. Scripts read `isPreferenceOn`, styles the attribute of <html>.
// Stored: do not rename.
const storageKey = (name) => `preference:${name}`;
const changes = new EventTarget();

/** @returns {NodeListOf<HTMLInputElement>} */
const findCheckboxes = (name = "") => document.querySelectorAll(`[data-preference${name && `="${name}"`}]`);

// Without a check box on the page, the stored value counts, else the default.
export function isPreferenceOn(name) {
  return findCheckboxes(name)[0]?.checked ?? localStorage.getItem(storageKey(name)) !== "off";
}

export function onPreferenceChange(name, callback) {
  changes.addEventListener(name, callback);
  callback();
}

export function startPreferences() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(storageKey(""))) applyPreference(key.slice(storageKey("").length), localStorage[key] === "on");
  for (const checkbox of findCheckboxes()) {
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
