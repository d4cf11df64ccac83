// All explorers share these around their panels: controls, words, names for sliders, links in prose.

import { unique, write } from "./draw.js";

const SHOWN_MS = 1500;
const REST_MS = 50; // A value that has stood for so long is where the hand wanted it,
const HELD_MS = 400; // or for so long while the mouse still holds something.
const HAND = ["pointerdown", "pointerup", "pointercancel"];
const SIDE_BY_SIDE = 560; // Two panels stand side by side from this width on, in pixels.
const GAP = 20; // So many pixels lie between them.
const STRIDES = { ArrowRight: 1, ArrowUp: 1, PageUp: 5, ArrowLeft: -1, ArrowDown: -1, PageDown: -5 };
const LOST =
  "This chart has lost its kernel, which was restarted or shut down. The chart still follows the " +
  "sliders; for torch's values and for training run the first code cell, then this one.";

/** Set up an explorer's chart in `el`; `draw(width)` is called whenever something has changed.
 *  `settings` are the traits that sliders, presets and links in the prose may set. A link sets all
 *  of them: those that it does not name are as `usual(wanted)` says, else as the cell started. */
export function frame(model, el, settings, draw, usual = () => model.get("start")) {
  const root = el.appendChild(document.createElement("div"));
  root.className = "lrlab-chart";
  root.dataset.settings = settings.join(" ");

  const lost = root.appendChild(document.createElement("p"));
  lost.className = "lrlab-lost";
  lost.setAttribute("role", "status");

  // It is kept, because to ask for it would make the browser lay out the page at every move.
  let width = 0;
  const redraw = () => {
    if (width > 0) draw(width);
  };
  const resized = new ResizeObserver(([{ contentRect }]) => {
    width = Math.floor(contentRect.width);
    redraw();
  });
  resized.observe(root);
  const named = new MutationObserver(() => nameSliders(explorerOf(root)));
  const connected = new MutationObserver(() => {
    const gone = explorerOf(root).classList.contains("jupyter-widgets-disconnected");
    lost.textContent = gone ? LOST : "";
  });
  const attached = new ResizeObserver(() => {
    const explorer = explorerOf(root);
    if (!explorer) return;
    attached.disconnect();
    explorer.addEventListener("focusin", keepKeys);
    explorer.addEventListener("keydown", stride, true);
    nameSliders(explorer);
    const changed = { childList: true, characterData: true, subtree: true };
    named.observe(explorer.querySelector(".lrlab-sliders"), changed);
    connected.observe(explorer, { attributes: true, attributeFilter: ["class"] });
  });
  attached.observe(root);
  const follow = (event) => followLink(event, model, root, usual);
  document.addEventListener("click", follow, true);
  for (const event of HAND) document.addEventListener(event, heedHand, true);
  model.on("change", redraw);
  holdBack(model);

  const dispose = () => {
    for (const observer of [resized, attached, named, connected]) observer.disconnect();
    document.removeEventListener("click", follow, true);
    for (const event of HAND) document.removeEventListener(event, heedHand, true);
    model.off("change", redraw);
  };
  return { root, redraw, dispose };
}

const waiting = new Map(); // What is to be told to the kernel, and the timer that will do it.
let held = false;

/** Tell the kernel what a slider has set only once it rests. JupyterLab draws its toolbar anew when
 *  a message makes the kernel busy and when it is idle again: that takes longer than the chart. */
async function holdBack(model) {
  for (const id of model.get("senders")) {
    const sender = await model.widget_manager.get_model(id);
    if (Object.hasOwn(sender, "save_changes")) continue; // Another view of this explorer did it.
    const send = sender.save_changes;
    let last = [];
    const tell = () => send.apply(sender, last);
    sender.save_changes = (...callbacks) => {
      last = callbacks;
      later(tell);
    };
  }
}

function later(tell) {
  const due = () => {
    waiting.delete(tell);
    tell();
  };
  clearTimeout(waiting.get(tell));
  waiting.set(tell, setTimeout(due, held ? HELD_MS : REST_MS));
}

function heedHand({ type }) {
  held = type === "pointerdown";
  if (!held) [...waiting.keys()].forEach(later);
}

/** Give the model new values; linked sliders follow. */
export function assign(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

/** A fine slider's value in three digits: its 0.1 is 0.09999999999999995. */
export function rounded(value) {
  return Number(value.toPrecision(3));
}

/** The settings with these names. A slider adds its steps up: its 0.3 is 0.30000000000000004. */
export function read(model, names) {
  const plain = (value) => (typeof value === "number" ? Number(value.toFixed(6)) : value);
  return Object.fromEntries(names.map((name) => [name, plain(model.get(name))]));
}

/** On these events, move a value to `snapped(value)`, once the control that set it is done. */
export function snap(model, events, name, snapped) {
  const look = () => {
    const value = snapped(model.get(name));
    if (value !== model.get(name)) queueMicrotask(() => assign(model, { [name]: value }));
  };
  model.on(events, look);
  return () => model.off(events, look);
}

/** Hide the controls that the chart does not need: `show(names)` leaves those with these names. */
export function controls(root) {
  let names = [];
  let done = "";
  const arrange = () => {
    const panel = explorerOf(root)?.querySelector(".lrlab-sliders");
    const key = `${panel?.childElementCount} ${names.join(" ")}`;
    if (!panel || key === done) return;
    if (!done) new MutationObserver(arrange).observe(panel, { childList: true });
    done = key;
    for (const child of panel.children) {
      child.hidden = !names.some((name) => child.classList.contains(`lrlab-sets-${name}`));
    }
  };
  return (wanted) => {
    names = wanted;
    arrange();
  };
}

export function row(host, className = "lrlab-row") {
  const made = host.appendChild(document.createElement("div"));
  made.className = className;
  return made;
}

/** A row for two panels in `box`; `fit(width)` lays them out and returns the width of each. */
export function pair(host) {
  const box = row(host, "lrlab-pair");
  box.style.columnGap = `${GAP}px`;
  const fit = (width) => {
    const wide = width >= SIDE_BY_SIDE;
    box.classList.toggle("lrlab-side-by-side", wide);
    return wide ? (width - GAP) / 2 : width;
  };
  return { box, fit };
}

/** True if torch's values belong to the settings of now: they come from the kernel a little later. */
export function answers({ of }, model) {
  return Object.entries(of).every(([name, value]) => model.get(name) === value);
}

/** A paragraph for the text alternative: it follows the values, and screen readers are told. */
export function words(host, className = "lrlab-words") {
  const said = host.appendChild(document.createElement("p"));
  said.className = className;
  said.setAttribute("aria-live", "polite");
  return (text) => write(said, text);
}

export function button(host, text, act) {
  const made = host.appendChild(document.createElement("button"));
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

/** A drop-down list; `options` are the texts that can be chosen. */
export function choice(host, label, options, act) {
  const wrap = host.appendChild(document.createElement("label"));
  wrap.className = "lrlab-choice";
  wrap.append(`${label} `);
  const select = wrap.appendChild(document.createElement("select"));
  for (const text of options) select.add(new Option(text, text));
  select.addEventListener("change", () => act(select.value));
  return select;
}

/** A few options side by side, of which one is on. */
export function toggle(host, legend, options, act) {
  const group = host.appendChild(document.createElement("fieldset"));
  group.className = "lrlab-toggle";
  group.appendChild(document.createElement("legend")).textContent = legend;
  const name = unique();
  options.forEach(([value, text], index) => {
    const label = group.appendChild(document.createElement("label"));
    const radio = label.appendChild(document.createElement("input"));
    Object.assign(radio, { type: "radio", name, value, checked: index === 0 });
    radio.addEventListener("change", () => act(value));
    label.appendChild(document.createElement("span")).textContent = text;
  });
  return group;
}

/** Buttons that set the traits to values worth seeing, [text, values] each, and Reset. */
export function presets(host, model, entries) {
  const group = row(host, "lrlab-presets");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Settings worth seeing");
  if (entries.length) group.appendChild(document.createElement("span")).textContent = "Try";
  for (const [text, values] of entries) button(group, text, () => assign(model, values));
  button(group, "Reset", () => assign(model, model.get("start")));
}

/** JupyterLab takes arrow keys and letters for its shortcuts, but not from elements so marked. */
function keepKeys(event) {
  event.target.dataset.lmSuppressShortcuts = "true";
}

/** The keys of a fine slider move it by a thirtieth of its way: its own steps are tiny. */
function stride(event) {
  const by = STRIDES[event.key];
  const slider = event.target.closest(".lrlab-fine .noUi-target")?.noUiSlider;
  if (!slider || !by) return;
  event.preventDefault();
  event.stopPropagation();
  const { min, max } = slider.options.range;
  const long = (max - min) / 30;
  slider.set(min + long * (Math.round((slider.get(true) - min) / long) + by));
}

function explorerOf(root) {
  return root.closest(".lrlab-explorer");
}

/** ipywidgets shows a slider's name and value beside it but tells screen readers neither: of a
 *  log slider they hear the power of ten. This is called again whenever a readout changes. */
function nameSliders(explorer) {
  for (const slider of explorer?.querySelectorAll(".widget-slider") ?? []) {
    const name = slider.querySelector(".widget-label")?.textContent ?? "";
    const handle = slider.querySelector("[role=slider]");
    const readout = slider.querySelector(".widget-readout");
    handle?.setAttribute("aria-label", name);
    handle?.setAttribute("aria-valuetext", readout?.textContent ?? "");
    if (readout?.getAttribute("role") === "textbox") continue;
    if (!readout) continue;
    readout.setAttribute("role", "textbox");
    readout.setAttribute("aria-label", `${name}: type a value`);
    keepText(readout);
  }
}

/** ipywidgets gives a readout a new text node for each value: here it goes into the old one. */
function keepText(readout) {
  const { get, set } = Object.getOwnPropertyDescriptor(Node.prototype, "textContent");
  const put = function (text) {
    if (this.childNodes.length === 1) write(this, text);
    else set.call(this, text); // Somebody has typed into it.
  };
  Object.defineProperty(readout, "textContent", { get, set: put, configurable: true });
}

/** A link such as #step_size=4&gamma=0.5 in the prose sets the nearest explorer, all of it. */
function followLink(event, model, root, usual) {
  const link = event.target.closest?.('a[href^="#"]');
  const wanted = Object.fromEntries(new URLSearchParams(link?.getAttribute("href").slice(1) ?? ""));
  const names = Object.keys(wanted);
  const sets = (chart) => names.every((name) => chart.dataset.settings.split(" ").includes(name));
  if (!names.length || Object.values(wanted).includes("")) return;
  const page = link.closest(".jp-Notebook") ?? document;
  const able = [...page.querySelectorAll(".lrlab-chart")].filter(sets);
  const cells = [...page.querySelectorAll(".jp-Cell")];
  const place = (element) => cells.indexOf(element.closest(".jp-Cell"));
  const away = (chart) => Math.abs(place(chart) - place(link));
  const nearest = Math.min(...able.map(away));
  if (able.findLast((chart) => away(chart) === nearest) !== root) return;
  event.preventDefault();
  event.stopPropagation();
  const typed = (name) => (typeof model.get(name) === "number" ? Number(wanted[name]) : wanted[name]);
  const named = Object.fromEntries(names.map((name) => [name, typed(name)]));
  assign(model, { ...usual(wanted), ...named });
  show(explorerOf(root) ?? root, names[0], link);
}

/** Bring an explorer's top and its control into view, mark it for a moment, and leave a way back. */
function show(explorer, name, link) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const behavior = calm ? "auto" : "smooth";
  explorer.scrollIntoView({ block: "start", behavior });
  explorer.querySelector(`[role=slider][aria-label="${name}"]`)?.focus({ preventScroll: true });
  explorer.classList.add("lrlab-shown");
  setTimeout(() => explorer.classList.remove("lrlab-shown"), SHOWN_MS);
  explorer.querySelector(".lrlab-back")?.remove();
  const back = button(explorer.querySelector(".lrlab-presets"), "↩ back to where you were", () => {
    back.remove();
    link.scrollIntoView({ block: "center", behavior });
    link.focus({ preventScroll: true });
  });
  back.classList.add("lrlab-back");
}
