// Lesson 4: any of torch's schedulers, lr by closed form and by torch, and momentum where it moves.

import { heard } from "../../hear.js";
import { BATCHES, number } from "./forms.js";
import { Panel, around, whole, write } from "./draw.js";
import { along, drawing } from "./drawing.js";
import { answers, assign, controls, frame, pair, presets, read, row, words } from "./frame.js";
import { drawRuns, liveBar } from "./live.js";
import { schedule } from "./schedules.js";

const OWN = "draw your own";
const UPDATE = "update";
const MISTAKE = "update, counted in epochs";
const EVERY = 10; // Of the updates, each tenth is drawn: a pixel has more of them than one.
const ROOM = 0.03; // A share of the axis beside the first handle, which would cover a tick's number.
const HEIGHTS = { alone: 216, lr: 124, momentum: 68, mnist: 136 };
const METRIC =
  "ReduceLROnPlateau has no curve of its own: it lowers lr when a metric no longer improves. " +
  "explore_plateau() of lesson 3 steps through it call by call.";
const INVITATION =
  "Your turn: drag the handles (or arrow keys: up and down move one, left and right go to the " +
  "next).";
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

  render: heard(({ model, el }) => {
    const schedulers = model.get("schedulers");
    const names = [...new Set(Object.values(schedulers).flatMap(Object.keys))];
    const settings = ["scheduler", "per", "epochs", ...names];
    const usual = ({ scheduler }) => {
      const drawn = model.get("drawing");
      return { ...model.get("start"), ...schedulers[scheduler], drawing: drawn };
    };
    const { root, dispose } = frame(model, el, settings, draw, usual);
    const show = controls(root);
    const code = root.appendChild(document.createElement("code"));
    code.className = "lrlab-code";
    const both = pair(root);
    const [left, right] = [row(both.box, "lrlab-column"), row(both.box, "lrlab-column")];
    const lrs = new Panel(left, { name: "lr", title: "Learning rate", height: HEIGHTS.alone });
    const momenta = new Panel(left, { name: "momentum", title: "Momentum", height: HEIGHTS.momentum });
    const title = "MNIST: validation accuracy (%)";
    const mnist = new Panel(right, { name: "mnist", title, height: HEIGHTS.mnist });
    const say = words(right);
    const handles = drawing(lrs, (points) => assign(model, { drawing: points }));
    presets(root, model, tries(schedulers));
    const stopLive = liveBar(root, model);
    const recorded = model.get("recorded");

    function draw(width) {
      const all = read(model, settings);
      const { scheduler, epochs } = all;
      const drawn = scheduler === OWN ? model.get("drawing") : null;
      const per = drawn ? UPDATE : all.per;
      const own = Object.keys(schedulers[scheduler]);
      show(["scheduler", ...(drawn ? [] : ["per"]), "epochs", ...own]);
      const given = inCalls(all, own, model.get("counts"));
      const shown = span(per, epochs, drawn ? ROOM * epochs : 0);
      const value = (call) =>
        drawn ? { lr: along(drawn, call / (epochs * BATCHES)) } : schedule(scheduler, given, call);
      const values = shown.calls.map(value);
      const torch = answers(model.get("torch"), model) ? model.get("torch") : null;
      const moving = values.map(({ momentum }) => momentum ?? NaN);
      const half = both.fit(width);

      write(code, drawn ? "" : pythonCall(scheduler, given));
      const sentence = drawn ? INVITATION : describe(scheduler, shown, values, torch);
      momenta.box.hidden = !moving.some(Number.isFinite);
      lrs.height = momenta.box.hidden ? HEIGHTS.alone : HEIGHTS.lr;
      const rates = { values: values.map(({ lr }) => lr), at: torch?.at, torch: torch?.lrs };
      drawPanel(lrs, half, shown, rates, drawn ? [0, Math.max(0.15, ...drawn) * 1.1] : undefined);
      handles(drawn, epochs);
      lrs.end(sentence);
      if (!momenta.box.hidden) {
        const momentum = { values: moving, at: torch?.at, torch: torch?.momenta };
        drawPanel(momenta, half, shown, momentum, around(moving, [0, 1]));
        momenta.end(`Momentum goes from ${number(moving[0])} to ${number(moving.at(-1))}.`);
      }
      const trained = drawMnist(mnist, half, recorded, model.get("runs"), model.get("best"));
      mnist.end(`${title}. ${trained}`);
      say(`${sentence} ${trained}`);
    }

    return () => {
      stopLive();
      dispose();
    };
  }),
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
function span(per, epochs, room) {
  if (per === MISTAKE) {
    const calls = Array.from({ length: BATCHES }, (_, update) => update);
    return { per, calls, place: (call) => call, axis: { x: [-0.5, BATCHES], xlabel: "update" } };
  }
  const axis = { xticks: whole(epochs), xlabel: "epoch" };
  if (per === UPDATE) {
    const calls = Array.from({ length: (epochs * BATCHES) / EVERY }, (_, index) => index * EVERY);
    calls.push(epochs * BATCHES - 1);
    return { per, calls, place: (call) => call / BATCHES, axis: { ...axis, x: [-room, epochs + room] } };
  }
  const calls = Array.from({ length: epochs }, (_, epoch) => epoch);
  return { per, calls, place: (call) => call, axis: { ...axis, x: [-0.5, epochs - 0.5] } };
}

/** One quantity by the closed form, and torch's values as dots once they are there. */
function drawPanel(panel, width, { per, calls, place, axis }, { values, at, torch }, range) {
  const there = [...values, ...(torch ?? [])].filter((value) => Number.isFinite(value));
  const y = range ?? [Math.min(0, ...there), Math.max(...there, 1e-9) * 1.1];
  panel.begin(width, { ...axis, y });
  panel.line("closed form", calls.map(place), values, { colour: "blue", step: per === "epoch", label: "" });
  if (at?.length === 0) return;
  const dots = { colour: "orange", marker: "circle", own: true };
  panel.dots("torch", (torch ? at : calls).map(place), torch ?? calls.map(() => NaN), dots);
}

/** The recorded runs, the best of them in green, below the live ones; returns it in words. */
function drawMnist(panel, width, recorded, runs, best) {
  const epochs = Math.max(9, ...runs.map((run) => run.val_accuracy.length));
  const ends = [...recorded.flatMap(({ val_accuracy: { mean } }) => mean), ...runs.flatMap((run) => run.val_accuracy)];
  const good = ends.filter((each) => each > 90);
  panel.begin(width, {
    x: [-0.5, epochs - 0.5],
    xticks: whole(epochs),
    xlabel: "epoch",
    y: around(good.length ? good : ends, [90, 99]),
  });
  recorded.slice(1).forEach(({ label, val_accuracy: { mean } }) => {
    const at = mean.map((_, epoch) => epoch);
    panel.line(label, at, mean, { colour: "grey", thin: true, label: "" });
  });
  const [first] = recorded;
  if (first) {
    const { mean, low, high } = first.val_accuracy;
    const at = mean.map((_, epoch) => epoch);
    panel.band("seeds", at, low, high, { colour: "green" });
    panel.line("recorded", at, mean, { colour: "green", marker: "square", label: "best recorded" });
  }
  drawRuns(panel, runs, "val_accuracy");
  if (best.name && !runs.some(({ name }) => name === best.name)) drawRuns(panel, [best], "val_accuracy");
  const yours = best.name ? `Your best: ${best.val_accuracy.at(-1).toFixed(2)} %, ${best.label}` : "";
  if (!first) return yours ? `${yours}.` : "";
  const theirs =
    `the best of ${recorded.length} recorded is ${first.label}, ` +
    `${first.end.mean.toFixed(2)}\u00a0±\u00a0${first.end.spread.toFixed(2)}\u00a0%`;
  return yours ? `${yours}; ${theirs}.` : `Train live; ${theirs}.`;
}

/** The scheduler as one would write it in Python. */
function pythonCall(name, given) {
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
  const ends = `lr from ${number(lrs[0])} to ${number(there.at(-1))}`;
  const range =
    most === least ? " (it never changes)" : `, highest ${number(most)} at ${where(most)}, lowest ${number(least)} at ${where(least)}`;
  const how = per === MISTAKE ? " The settings were meant for epochs; the first epoch is drawn." : "";
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
    ["warm-up", of("SequentialLR", "epoch")],
    [OWN, of(OWN, UPDATE)],
  ];
}
