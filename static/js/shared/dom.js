// Writes to the DOM that skip unchanged values. A needless write costs time and may be announced.

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Sets the text for screen readers.
export function setLabel(element, text) {
  if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
}

export function setVisible(element, isVisible) {
  if (element.hidden === isVisible) element.hidden = !isVisible;
}

// Sets the classes `block--variant` to exactly these variants.
export function setVariants(element, block, ...variants) {
  const classes = [...element.classList].filter((className) => !className.startsWith(`${block}--`));
  const name = [...classes, ...variants.filter(Boolean).map((variant) => `${block}--${variant}`)].join(" ");
  if (element.className !== name) element.className = name;
}

// Disables a button without taking it out of the tab order.
export function setBusy(button, isBusy) {
  if (isBusy) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

export const isBusy = (button) => button.getAttribute("aria-disabled") === "true";

export function setIcon(svg, name) {
  const use = svg.querySelector("use");
  if (use.getAttribute("href") !== `#icon-${name}`) use.setAttribute("href", `#icon-${name}`);
}

export function cloneTemplate(templateId) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(templateId));
  return /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
}

// The elements with `data-part`, by name.
export function getParts(element) {
  return Object.fromEntries([...element.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
}
