// A panel is one SVG with axes and marks. Its units are pixels, so that letters keep their size.

import { number } from "./forms.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 58, right: 14, top: 8, bottom: 24 };
const MARKER_RADIUS = 4;

/** A name that nothing else on the page has. A counter would not do: each explorer is a module of
 *  its own, so that each would count from 0. */
export const unique = () => `lrlab-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

export class Panel {
  /** `name` is for tests and styles, `title` is what is measured, drawn `height` pixels high. */
  constructor(host, { name, title, height }) {
    this.height = height;
    this.box = host.appendChild(document.createElement("div"));
    this.box.className = "lrlab-panel";
    const head = this.box.appendChild(document.createElement("div"));
    head.className = "lrlab-head";
    this.title = head.appendChild(document.createElement("strong"));
    this.title.textContent = title;
    this.legend = head.appendChild(document.createElement("ul"));
    this.plot = this.box.appendChild(document.createElement("div"));
    this.plot.className = "lrlab-plot";
    this.svg = this.plot.appendChild(document.createElementNS(SVG, "svg"));
    this.svg.setAttribute("role", "img");
    this.svg.dataset.panel = name;
    this.nodes = new Map();
    this.clip = unique();
    this.layers = {};
    for (const layer of ["axes", "area", "over"]) {
      this.layers[layer] = this.svg.appendChild(document.createElementNS(SVG, "g"));
    }
    const clip = this.layers.axes.appendChild(document.createElementNS(SVG, "clipPath"));
    clip.id = this.clip;
    this.hole = clip.appendChild(document.createElementNS(SVG, "rect"));
    this.layers.area.setAttribute("clip-path", `url(#${this.clip})`);
    this.layers.area.dataset.area = "";
  }

  /** Start a drawing. `x` and `y` are [from, to]; `xlabel` stands left of the ticks: keep it short. */
  begin(width, { x, y, yscale = "linear", xscale = "linear", xlabel = "", xticks, yticks }) {
    this.touched = new Set();
    this.labels = [];
    const { left, right, top, bottom } = MARGIN;
    this.inner = { left, top, right: width - right, bottom: this.height - bottom };
    this.ylim = y;
    this.x = scale(xscale, x, [left, width - right]);
    this.y = scale(yscale, y, [this.height - bottom, top]);
    set(this.svg, { width, height: this.height, viewBox: `0 0 ${width} ${this.height}` });
    const area = {
      x: left,
      y: top,
      width: Math.max(width - left - right, 0),
      height: this.height - top - bottom,
    };
    set(this.hole, { ...area, x: left - 6, y: top - 6, width: area.width + 12, height: area.height + 12 });
    set(this.layers.area, {
      "data-xlim": JSON.stringify(x),
      "data-ylim": JSON.stringify(y),
      "data-xscale": xscale,
      "data-yscale": yscale,
    });
    this.element("area", "area", "rect", { ...area, class: "lrlab-area" });
    (yticks ?? ticks(yscale, y, area.height / 34)).forEach((tick, index) => this.yTick(tick, index));
    (xticks ?? ticks(xscale, x, area.width / 48)).forEach((tick, index) => this.xTick(tick, index));
    const at = { x: left - 12, y: this.inner.bottom + 16, class: "lrlab-tick lrlab-end lrlab-label" };
    this.element("axes", "xlabel", "text", at, xlabel);
  }

  yTick(value, index) {
    const y = this.y(value);
    const { left, right } = this.inner;
    this.element("axes", `yline ${index}`, "path", { d: `M${left} ${y}H${right}`, class: "lrlab-grid" });
    const at = { x: left - 6, y: y + 4, class: "lrlab-tick lrlab-end" };
    this.element("axes", `ytext ${index}`, "text", at, short(value));
  }

  xTick(value, index) {
    const x = this.x(value);
    const at = { x, y: this.inner.bottom + 16, class: "lrlab-tick lrlab-middle" };
    this.element("axes", `xtext ${index}`, "text", at, short(value));
    const d = `M${x} ${this.inner.bottom}v4`;
    this.element("axes", `xline ${index}`, "path", { d, class: "lrlab-grid" });
  }

  /** A line through points; with `step` a staircase whose stairs are centred on the x values.
   *  An empty label keeps it out of the legend. */
  line(name, xs, ys, { colour, dash = "", step = false, marker, thin = false, label = name }) {
    const points = xs.map((x, i) => [this.x(x), this.y(ys[i])]);
    const half = step && xs.length ? (this.x(xs[0] + 1) - this.x(xs[0])) / 2 : 0;
    const style = `lrlab-line lrlab-${colour}${thin ? " lrlab-thin" : ""}`;
    this.mark(name, xs, ys, { d: path(points, half), class: style, "stroke-dasharray": dash });
    if (marker) this.dots(`${name} markers`, xs, ys, { colour, marker });
    if (label) this.labels.push({ label, colour, dash, marker, line: true });
  }

  /** Markers at points. The legend lists them only when they are a mark of their own. */
  dots(name, xs, ys, { colour, marker, own = false, label = name }) {
    const at = xs.map((x, i) => [this.x(x), this.y(ys[i])]).filter((point) => point.every(Number.isFinite));
    const d = at.map(([x, y]) => shapes[marker](x, y, MARKER_RADIUS)).join("");
    this.mark(name, xs, ys, { d, class: `lrlab-marker lrlab-${colour}` });
    if (own) this.labels.push({ label, colour, marker });
  }

  /** The region between two lines, such as the lowest and the highest seed. */
  band(name, xs, lows, highs, { colour, step = false, label = "" }) {
    const half = step && xs.length ? (this.x(xs[0] + 1) - this.x(xs[0])) / 2 : 0;
    const there = xs.map((x, i) => [this.x(x), this.y(highs[i])]);
    const back = xs.map((x, i) => [this.x(x), this.y(lows[i])]);
    const d = xs.length ? `${path(there, half)}${path(back.reverse(), -half).replace("M", "L")}Z` : "";
    this.mark(name, xs, highs, { d, class: `lrlab-band lrlab-${colour}`, "data-low": JSON.stringify(lows) });
    if (label) this.labels.push({ label, colour, filled: true });
  }

  /** A straight line across the panel, at an x or at a y. */
  rule(name, { x, y, colour, dash = "", thin = false, label = name }) {
    const { left, right, top, bottom } = this.inner;
    const d = x === undefined ? `M${left} ${this.y(y)}H${right}` : `M${this.x(x)} ${top}V${bottom}`;
    const [xs, ys] = x === undefined ? [[], [y]] : [[x], []];
    const style = `lrlab-line lrlab-${colour}${thin ? " lrlab-thin" : ""}`;
    this.mark(name, xs, ys, { d, class: style, "stroke-dasharray": dash });
    if (label) this.labels.push({ label, colour, dash, line: true });
  }

  mark(name, xs, ys, attributes) {
    const values = { "data-mark": name, "data-x": JSON.stringify(xs), "data-y": JSON.stringify(ys) };
    return this.element("area", name, "path", { ...values, ...attributes });
  }

  element(layer, key, tag, attributes, text) {
    const id = `${layer} ${key}`;
    let node = this.nodes.get(id);
    if (!node) {
      node = this.layers[layer].appendChild(document.createElementNS(SVG, tag));
      this.nodes.set(id, node);
    }
    set(node, attributes);
    if (text !== undefined) write(node, text);
    this.touched.add(id);
    return node;
  }

  /** Finish a drawing. Marks that were not drawn again go; `alternative` says in words what there is.
   *  Ticks stay and are empty: they come and go while a slider moves, and `write` says what a node
   *  that comes or goes would cost. */
  end(alternative) {
    for (const [id, node] of this.nodes) {
      if (this.touched.has(id)) continue;
      if (node.parentNode === this.layers.axes) {
        if (node.localName === "text") write(node, "");
        else set(node, { d: "" });
        continue;
      }
      node.remove();
      this.nodes.delete(id);
    }
    set(this.svg, { "aria-label": alternative });
    const looks = JSON.stringify(this.labels.map(({ label, ...look }) => look));
    if (looks !== this.drawnLooks) this.legend.replaceChildren(...this.labels.map(legendEntry));
    this.drawnLooks = looks;
    this.labels.forEach(({ label }, index) => write(this.legend.children[index], label));
  }
}

function legendEntry({ colour, dash = "", marker, line = false, filled = false }) {
  const item = document.createElement("li");
  const drawn = line ? `<path d="M1 7H27" class="lrlab-line lrlab-${colour}" stroke-dasharray="${dash}"/>` : "";
  const dot = marker ? `<path d="${shapes[marker](14, 7, MARKER_RADIUS)}" class="lrlab-marker lrlab-${colour}"/>` : "";
  const area = filled ? `<path d="M1 2H27V12H1Z" class="lrlab-band lrlab-${colour}"/>` : "";
  item.innerHTML = `<svg width="28" height="14" aria-hidden="true">${area}${drawn}${dot}</svg>`;
  return item;
}

const shapes = {
  circle: (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  square: (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
  triangle: (x, y, r) => `M${x - r} ${y + r}h${2 * r}l${-r} ${-2 * r}Z`,
  diamond: (x, y, r) => `M${x - r} ${y}l${r} ${-r}l${r} ${r}l${-r} ${r}Z`,
  down: (x, y, r) => `M${x - 2 * r} ${y - 2 * r}h${4 * r}l${-2 * r} ${4 * r}Z`,
};

/** The SVG path through points, with a gap where a value is NaN. */
function path(points, half) {
  let pen = "M";
  let d = "";
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) {
      pen = "M";
      continue;
    }
    d += half ? `${pen}${x - half} ${y}H${x + half}` : `${pen}${x} ${y}`;
    pen = "L";
  }
  return d;
}

/** A function from values to pixels. Values far outside stay near the edge, where they are cut off. */
function scale(kind, [from, to], [start, end]) {
  const f = kind === "log" ? Math.log10 : (value) => value;
  const span = f(to) - f(from) || 1;
  return (value) => {
    if (value === null || Number.isNaN(value)) return NaN; // JSON has no NaN, so null stands for it.
    const share = (f(value) - f(from)) / span;
    return Math.round((start + (end - start) * Math.min(Math.max(share, -2), 3)) * 100) / 100;
  };
}

/** About `count` round numbers within [from, to]: two at least, because one tells no distance. */
function ticks(kind, [from, to], count) {
  if (kind === "log") {
    const first = Math.ceil(Math.log10(from) - 1e-9);
    const last = Math.floor(Math.log10(to) + 1e-9);
    const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(count, 2)));
    const within = [];
    if (last - first < 2) {
      for (let power = first - 1; power <= last; power += 1) {
        for (const digit of [1, 2, 5]) within.push(Number(`${digit}e${power}`));
      }
      const found = within.splice(0).filter((tick) => tick >= from * 0.999 && tick <= to * 1.001);
      if (found.length <= 2 * count || first === last) return found;
    }
    for (let power = last; power >= first; power -= every) within.push(Number(`1e${power}`));
    return within;
  }
  const rough = (to - from) / Math.max(count, 2);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k += 1) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found.length < 2 && to > from ? ticks(kind, [from, to], 2 * count) : found;
}

/** The epochs to write at an axis that begins with epoch 0. */
export function whole(epochs) {
  const every = Math.ceil(epochs / 12);
  return Array.from({ length: Math.ceil(epochs / every) }, (_, k) => k * every);
}

/** An axis on which all these values lie; `otherwise` if none of them is a number. */
export function around(values, otherwise) {
  const there = values.filter(Number.isFinite);
  if (!there.length) return otherwise;
  const [low, high] = [Math.min(...there), Math.max(...there)];
  const room = 0.06 * (high - low || 1);
  return [low - room, high + room];
}

function short(tick) {
  return number(tick).replace(/\.0$/, "");
}

/** Write a text behind an element's other children, into the text node that is there already: while a
 *  style sheet of the page has :has(), as JupyterLab's do, each node that comes or goes costs a frame
 *  a tenth of its time. */
export function write(element, text) {
  if (!(element.lastChild instanceof Text)) element.append("");
  if (element.lastChild.data !== text) element.lastChild.data = text;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}
