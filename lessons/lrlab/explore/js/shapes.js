// Lesson 4: any of torch's schedulers, lr by closed form and by torch, and momentum where it moves.

import { BATCHES, number } from "./forms.js";
import { Panel, around, whole } from "./draw.js";
import { answers, assign, controls, frame, presets, read, words } from "./frame.js";
import { schedule } from "./schedules.js";

const UPDATE = "update";
const MISTAKE = "update, counted in epochs";
const EVERY = 10; // Of the updates, each tenth is drawn: a pixel has more of them than one.
const HEIGHTS = { lr: 180, momentum: 84 };
const METRIC =
  "ReduceLROnPlateau has no curve of its own: it lowers lr when a metric no longer improves. " +
  "explore_plateau() of lesson 3 steps through it call by call.";
const INSTANCES = {
  LambdaLR: "lambda step: 1 / math.sqrt(step + 1)",
  MultiplicativeLR: "lambda step: 0.95",
};

export default {
  initialize({ model }) {
    // Another scheduler begins with its own settings; a link or preset then sets what it names.
    const chosen = () => assign(model, model.get("schedulers")[model.get("scheduler")]);
    model.on("change:scheduler", chosen);
    return () => model.off("change:scheduler", chosen);
  },

  render({ model, el }) {
    const schedulers = model.get("schedulers");
    const names = [...new Set(Object.values(schedulers).flatMap(Object.keys))];
    const settings = ["scheduler", "per", "epochs", ...names];
    const { root, dispose } = frame(model, el, settings, draw, (wanted) => ({
      ...model.get("start"),
      ...schedulers[wanted.scheduler],
    }));
    const show = controls(root);
    const code = root.appendChild(document.createElement("code"));
    code.className = "lrlab-code";
    const lrs = new Panel(root, { name: "lr", title: "Learning rate", height: HEIGHTS.lr });
    const momenta = new Panel(root, { name: "momentum", title: "Momentum", height: HEIGHTS.momentum });
    const say = words(root);
    presets(root, model, tries(schedulers));

    function draw(width) {
      const all = read(model, settings);
      const { scheduler, per, epochs } = all;
      const own = Object.keys(schedulers[scheduler]);
      show(["scheduler", "per", "epochs", ...own]);
      const given = inCalls(all, own, model.get("counts"));
      const shown = span(per, epochs);
      const values = shown.calls.map((call) => schedule(scheduler, given, call));
      const torch = answers(model.get("torch"), model) ? model.get("torch") : null;
      code.textContent = call(scheduler, given);
      const sentence = describe(scheduler, shown, values, torch);
      drawPanel(lrs, width, shown, values.map(({ lr }) => lr), torch && { at: torch.at, ys: torch.lrs });
      lrs.end(sentence);
      const moving = values.map(({ momentum }) => momentum ?? NaN);
      momenta.box.hidden = !moving.some(Number.isFinite);
      if (!momenta.box.hidden) {
        drawPanel(momenta, width, shown, moving, torch && { at: torch.at, ys: torch.momenta }, true);
        momenta.end(`Momentum goes from ${number(moving[0])} to ${number(moving.at(-1))}.`);
      }
      say(sentence);
    }

    return dispose;
  },
};

/** The counts in calls of step(), words for booleans as booleans. */
function inCalls(all, own, counts) {
  const times = all.per === UPDATE ? BATCHES : 1;
  const plain = { True: true, False: false };
  return Object.fromEntries(
    own.map((name) => [name, counts.includes(name) ? all[name] * times : (plain[all[name]] ?? all[name])]),
  );
}

/** Which calls are drawn, where each stands, and the axis. */
function span(per, epochs) {
  if (per === MISTAKE) {
    const calls = Array.from({ length: BATCHES }, (_, update) => update);
    return { per, calls, place: (call) => call, axis: { x: [-0.5, BATCHES], xlabel: "update" } };
  }
  const axis = { xticks: whole(epochs), xlabel: "epoch" };
  if (per === UPDATE) {
    const calls = Array.from({ length: (epochs * BATCHES) / EVERY }, (_, index) => index * EVERY);
    calls.push(epochs * BATCHES - 1);
    return { per, calls, place: (call) => call / BATCHES, axis: { ...axis, x: [0, epochs] } };
  }
  const calls = Array.from({ length: epochs }, (_, epoch) => epoch);
  return { per, calls, place: (call) => call, axis: { ...axis, x: [-0.5, epochs - 0.5] } };
}

/** One quantity by the closed form, and torch's values as dots once they are there. */
function drawPanel(panel, width, { per, calls, place, axis }, values, torch, close = false) {
  const there = [...values, ...(torch?.ys ?? [])].filter((value) => Number.isFinite(value));
  const y = close ? around(there, [0, 1]) : [Math.min(0, ...there), Math.max(...there, 1e-9) * 1.1];
  panel.begin(width, { ...axis, y });
  panel.line("closed form", calls.map(place), values, { colour: "blue", step: per === "epoch" });
  const at = torch ? torch.at.map(place) : calls.map(place);
  const dots = { colour: "orange", marker: "circle", own: true, label: "torch" };
  panel.dots("torch", at, torch ? torch.ys : calls.map(() => NaN), dots);
}

/** The scheduler as one would write it in Python. */
function call(name, given) {
  const text = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : python(value));
  const said = (names) => names.map((each) => `${each}=${text(given[each])}`).join(", ");
  if (INSTANCES[name]) return `${name}(optimizer, ${INSTANCES[name]})`;
  if (name === "ReduceLROnPlateau") return `${name}(optimizer)`;
  if (name === "MultiStepLR") {
    return `${name}(optimizer, [${given.milestone_1}, ${given.milestone_2}], ${said(["gamma"])})`;
  }
  if ("total_iters" in given && "step_size" in given) {
    const parts = [["start_factor", "total_iters"], ["step_size", "gamma"]].map(said);
    const pair = `[LinearLR(optimizer, ${parts[0]}), StepLR(optimizer, ${parts[1]})]`;
    if (name === "ChainedScheduler") return `${name}(${pair})`;
    return `${name}(optimizer, ${pair}, milestones=[${given.milestone}])`;
  }
  return `${name}(optimizer, ${said(Object.keys(given).filter((each) => each !== "lr0"))})`;
}

function python(value) {
  return typeof value === "string" ? `"${value}"` : String(value);
}

/** The schedule in words; torch's own where it refuses the settings. */
function describe(name, { per, calls, place, axis }, values, torch) {
  if (name === "ReduceLROnPlateau") return METRIC;
  const lrs = values.map(({ lr }) => lr);
  const there = lrs.filter(Number.isFinite);
  const refused = torch?.error ? ` torch stops ${torch.error}.` : "";
  if (!there.length) return `${name} has no lr with these settings.${refused}`;
  const where = (lr) => `${axis.xlabel} ${number(Number(place(calls[lrs.indexOf(lr)]).toFixed(2)))}`;
  const [most, least] = [Math.max(...there), Math.min(...there)];
  const ends = `lr starts at ${number(lrs[0])} and is ${number(there.at(-1))} in the end`;
  const range =
    most === least ? " (it never changes)" : `; highest ${number(most)} at ${where(most)}, lowest ${number(least)} at ${where(least)}`;
  const how = per === MISTAKE ? " These settings were meant for epochs: only the first epoch is drawn." : "";
  return `${name}, step() after every ${per === "epoch" ? per : UPDATE}: ${ends}${range}.${how}${refused}`;
}

/** Settings worth seeing: whole, because a preset of another scheduler may have been there before. */
function tries(schedulers) {
  const of = (scheduler, per, values = {}) => ({ scheduler, per, epochs: 9, ...schedulers[scheduler], ...values });
  return [
    ["linear", of("LinearLR", UPDATE, { start_factor: 1, end_factor: 0, total_iters: 9 })],
    ["cosine", of("CosineAnnealingLR", UPDATE)],
    ["past the end", of("CosineAnnealingLR", UPDATE, { T_max: 6 })],
    ["wrong unit", of("CosineAnnealingLR", MISTAKE)],
    ["one cycle", of("OneCycleLR", UPDATE)],
    ["warm-up, steps", of("SequentialLR", "epoch")],
    ["chained", of("ChainedScheduler", "epoch")],
  ];
}
