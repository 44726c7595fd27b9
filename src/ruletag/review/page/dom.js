// Elements are made here and nowhere else. Strings become text, never markup, whatever a document or entry contains.

/** @returns {HTMLElement} an element with attributes and children; `on…` attributes are listeners, null is left out */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined).map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function button(text, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, text);
}

export function list(items) {
  return make("ul", {}, ...items.map((item) => make("li", {}, item)));
}
