// Lesson 1: gradient descent in a bowl, ½·curvature·θ²: monotone, oscillating or diverging.

import { heard } from "../../hear.js";
import { number, quadraticPath } from "./forms.js";
import { Panel } from "./draw.js";
import { answers, assign, button, frame, pair, presets, read, rounded, words } from "./frame.js";

const STEPS = 20;
const STEP_MS = 300; // So long each step is looked at while it plays.
const EDGE = 3; // The axes of θ end here.
const DEPTH = 10; // The axis of the loss ends here, where the curvature can be set.
const RATES = [0.01, 10];
const STARTS = [-2, 2];
const GRIP = 7; // The handles' radius, in pixels.
const LABEL = 40; // A handle's name takes so many pixels.
const LETTER = 7; // No letter of a region's name is wider, in pixels.
const TRY = [
  ["slow", { lr: 0.1, curvature: 1 }],
  ["in one step", { lr: 1, curvature: 1 }],
  ["swing", { lr: 1.5, curvature: 1 }],
  ["the very edge", { lr: 2, curvature: 1 }],
  ["run away", { lr: 2.2, curvature: 1 }],
  ["lr 0.6, flat bowl", { lr: 0.6, curvature: 0.5 }],
  ["lr 0.6, steep bowl", { lr: 0.6, curvature: 4 }],
];

export default {
  render: heard(({ model, el }) => {
    const settings = Object.keys(model.get("start"));
    const free = settings.includes("curvature");
    const { root, redraw, dispose } = frame(model, el, settings, draw);
    presets(root, model, free ? TRY : []);
    const walk = walker(root, redraw);
    const rates = free && new Panel(root, { name: "lr", title: "Learning rate", height: 84 });
    const both = pair(root);
    const bowl = new Panel(both.box, { name: "bowl", title: "Loss by θ", height: 250 });
    const time = new Panel(both.box, { name: "theta", title: "θ by step", height: 250 });
    const say = words(root);
    const values = () => ({
      lr: rounded(model.get("lr")),
      theta0: read(model, ["theta0"]).theta0,
      curvature: rounded(model.get("curvature")),
    });
    handles(bowl, values, (wanted) => assign(model, wanted));

    function draw(width) {
      const { lr, theta0, curvature } = values();
      const whole = quadraticPath({ theta0, curvature, lr, steps: STEPS });
      const path = whole.slice(0, 1 + walk.taken(`${lr} ${theta0} ${curvature}`));
      const torch = model.get("torch");
      const half = both.fit(width);
      const sentence = describe(lr, curvature, whole);
      const here = free ? where(lr, curvature) : `lr ${number(lr)}.`;
      if (free) {
        drawRates(rates, width, lr, curvature);
        rates.end(here);
      }
      drawBowl(bowl, half, curvature, free ? DEPTH : (curvature * EDGE ** 2) / 2, path, whole[1]);
      bowl.end(sentence);
      drawTime(time, half, path, answers(torch, model) ? torch.path.slice(0, path.length) : path.map(() => NaN));
      time.end(sentence);
      say(`${here} ${sentence}`);
    }

    return () => {
      walk.stop();
      dispose();
    };
  }),
};

/** The buttons Play and Step, and a first play when the walk is first seen; `taken(settings)` is how
 *  many steps are shown: all, until one of them begins, and again when the settings change while
 *  nothing plays. */
function walker(root, redraw) {
  let [shown, known, timer] = [STEPS, "", null];
  const host = root.querySelector(".lrlab-presets");
  const pause = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ Play";
  };
  const step = () => {
    shown = shown < STEPS ? shown + 1 : 1;
    if (shown === STEPS) pause();
    redraw();
  };
  const begin = () => {
    if (shown === STEPS) shown = 0;
    timer = setInterval(step, STEP_MS);
    play.textContent = "Pause";
    redraw();
  };
  const play = button(host, "▶ Play", () => (timer === null ? begin() : pause()));
  play.classList.add("lrlab-primary", "lrlab-play");
  button(host, "Step", () => {
    pause();
    step();
  });
  const seen = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      seen.disconnect();
      if (timer === null) begin();
    },
    { threshold: 0.5 },
  );
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) seen.observe(root);
  const taken = (settings) => {
    if (settings !== known && timer === null) shown = STEPS;
    known = settings;
    return shown;
  };
  const stop = () => {
    seen.disconnect();
    clearInterval(timer);
  };
  return { taken, stop };
}

/** Drag the start along the bowl, or the end of the first step, which sets lr. By keyboard the
 *  sliders do both. */
function handles(panel, values, set) {
  let held = "";
  const at = ({ clientX }) => {
    const { left, right } = panel.inner;
    const share = (clientX - panel.svg.getBoundingClientRect().left - left) / (right - left);
    return EDGE * (2 * share - 1);
  };
  const within = (value, [low, high]) => Math.min(Math.max(value, low), high);
  const move = (event) => {
    const { theta0, curvature } = values();
    const theta = at(event);
    if (held === "theta0") set({ theta0: within(Math.round(theta * 10) / 10, STARTS) });
    else set({ lr: rounded(within((1 - theta / theta0) / curvature, RATES)) });
  };
  panel.plot.classList.add("lrlab-drag");
  panel.plot.addEventListener("pointerdown", (event) => {
    const { lr, theta0, curvature } = values();
    const [theta, first] = [at(event), theta0 * (1 - lr * curvature)];
    held = theta0 && Math.abs(theta - first) < Math.abs(theta - theta0) ? "lr" : "theta0";
    panel.plot.setPointerCapture(event.pointerId);
    move(event);
  });
  panel.plot.addEventListener("pointermove", (event) => {
    if (panel.plot.hasPointerCapture(event.pointerId)) move(event);
  });
}

/** The scale of rates with its three regions, and where lr is. */
function drawRates(panel, width, lr, curvature) {
  const [low, high] = RATES;
  const limits = [1 / curvature, 2 / curvature];
  panel.begin(width, { x: RATES, y: [0, 1], xscale: "log", yticks: [] });
  const regions = [
    ["monotone", low, limits[0], "green"],
    ["oscillating", limits[0], limits[1], "orange"],
    ["diverging", limits[1], high, "red"],
  ];
  const here = region(lr, curvature);
  let room = panel.inner.right;
  for (const [name, from, to, colour] of regions.reverse()) {
    panel.band(name, [from, to], [0, 0], [0.55, 0.55], { colour });
    const half = (name.length * LETTER) / 2;
    const x = Math.min((panel.x(from) + panel.x(to)) / 2, room - half);
    room = x - half - LETTER;
    const style = `lrlab-tick lrlab-middle${name === here ? " lrlab-here" : ""}`;
    panel.element("over", name, "text", { x, y: panel.y(0.72), class: style }, name);
  }
  const mark = (name, at, look) => {
    panel.line(name, [at, at], [0, 0.6], { ...look, label: `${name} = ${number(at)}` });
  };
  mark("1/curvature", limits[0], { colour: "orange", dash: "6 3" });
  mark("2/curvature", limits[1], { colour: "red", dash: "2 3" });
  panel.dots("lr", [lr], [0.28], { colour: "blue", marker: "down", own: true, label: `lr = ${number(lr)}` });
}

/** The loss, the steps that are taken down on it, and handles at the start and the first step. */
function drawBowl(panel, width, curvature, depth, path, first) {
  panel.begin(width, { x: [-EDGE, EDGE], y: [0, depth], xlabel: "θ" });
  const loss = (theta) => (curvature * theta ** 2) / 2;
  const walls = Array.from({ length: 61 }, (_, i) => -EDGE + (i * EDGE) / 30);
  panel.line("loss", walls, walls.map(loss), { colour: "grey", label: "the bowl" });
  panel.line("steps", path, path.map(loss), { colour: "blue", thin: true, marker: "circle" });
  for (const [name, theta] of [["start", path[0]], ["step 1", first]]) {
    if (Math.abs(theta) > EDGE || loss(theta) > depth) continue;
    const [x, y] = [panel.x(theta), panel.y(loss(theta))];
    panel.element("over", `grip ${name}`, "circle", { cx: x, cy: y, r: GRIP, class: "lrlab-grip" });
    const close = name !== "start" && Math.abs(x - panel.x(path[0])) < LABEL;
    const inside = { x: x + (theta < 0 ? 11 : -11), y: y - 8 };
    const style = `lrlab-tick${theta < 0 ? "" : " lrlab-end"}`;
    if (!close) panel.element("over", name, "text", { ...inside, class: style }, name);
  }
}

/** θ after each step, by the closed form and by torch. */
function drawTime(panel, width, path, torch) {
  const steps = path.map((_, step) => step);
  panel.begin(width, { x: [-0.8, STEPS + 0.4], y: [-EDGE, EDGE], xlabel: "step" });
  panel.rule("minimum", { y: 0, colour: "grey", dash: "2 4", label: "" });
  panel.line("closed form", steps, path, { colour: "blue", thin: true });
  const dots = { colour: "orange", marker: "circle", own: true, label: "torch's SGD" };
  panel.dots("torch", steps, torch, dots);
}

function region(lr, curvature) {
  if (lr <= 1 / curvature) return "monotone";
  return lr < 2 / curvature ? "oscillating" : "diverging";
}

function where(lr, curvature) {
  const limits = `1/curvature is ${number(1 / curvature)}, 2/curvature is ${number(2 / curvature)}`;
  return `lr ${number(lr)}, curvature ${number(curvature)}: ${region(lr, curvature)} (${limits}).`;
}

/** θ's way in words. */
function describe(lr, curvature, path) {
  if (path[0] === 0) return "At the minimum the slope is 0, so θ stays where it is. Move the start.";
  const factor = 1 - lr * curvature;
  const each = `Each step multiplies θ by ${number(Number(factor.toPrecision(6)))}:`;
  const end = `After ${STEPS} steps θ is ${number(path.at(-1))}.`;
  if (Math.abs(factor) < 1e-9) return `${each} the first one ends at the minimum, and θ stays there.`;
  if (factor > 0) return `${each} θ comes closer on one side. ${end}`;
  if (Math.abs(factor + 1) < 1e-9) return `${each} θ jumps from side to side for ever and comes no closer.`;
  if (factor > -1) return `${each} θ jumps from side to side, and closer each time. ${end}`;
  const gone = path.findIndex((theta) => Math.abs(theta) > EDGE);
  const left = gone < 0 ? "" : ` It leaves the chart at step ${gone}.`;
  return `${each} θ jumps from side to side, further out each time.${left} ${end}`;
}
