// Small helpers to build DOM without innerHTML: text is always text, so nothing a server sends can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** h("button.primary", {onclick, title, "aria-label"}, child, ...) */
export function h(spec, props, ...children) {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  return fill(element, props, children);
}

export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

const CAN_HAVE_FOCUS = "button, a[href], input, select, summary";

/** As `replace`, for what is built anew while somebody may be in it with the keyboard: the focus stays on the same control. */
export function redraw(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.focus;
  const place = focused ? [...element.querySelectorAll(CAN_HAVE_FOCUS)].indexOf(focused) : -1;
  replace(element, ...children);
  const again = key ? element.querySelector(`[data-focus="${CSS.escape(key)}"]`) : element.querySelectorAll(CAN_HAVE_FOCUS)[place];
  again?.focus({ preventScroll: true });
  return element;
}

/** A sign from the sprite in index.html. Decoration only: the word beside it says the same. */
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true", viewBox: "0 0 16 16" }, svg("use", { href: `#i-${name}` }));
}

export const byId = (id) => document.getElementById(id);

/** Set text only when it differs, so that screen readers and the layout are left alone. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let spoken = null;
/** Say it politely to assistive technology. */
export function announce(text) {
  const region = byId("announcer");
  clearTimeout(spoken);
  region.textContent = "";
  spoken = setTimeout(() => { region.textContent = text; }, 60);
}
