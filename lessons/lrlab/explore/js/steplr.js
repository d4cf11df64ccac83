// Lesson 2: StepLR's staircase, and below it what MNIST did with the same settings.

import { heard } from "../../hear.js";
import { BATCHES, number, stepLR } from "./forms.js";
import { Panel, around, whole, write } from "./draw.js";
import { answers, assign, choice, frame, pair, presets, read, row, toggle, words } from "./frame.js";
import { drawRuns, liveBar, sayRuns } from "./live.js";
import { FIELDS, NOTHING_RECORDED, drawRecorded, sayRecorded } from "./recorded.js";
import { prediction } from "./prediction.js";

const SETTINGS = ["step_size", "gamma", "lr0", "epochs", "bug"];
const ANEW = "made anew each epoch";
const BUGS = ["none", "after every batch", "before the batches", ANEW];
const TRY = [
  ["(3, 0.1)", { step_size: 3, gamma: 0.1, lr0: 0.2, bug: "none" }],
  ["gentle", { step_size: 2, gamma: 0.7, lr0: 0.2, bug: "none" }],
  ["too early", { step_size: 1, gamma: 0.1, lr0: 0.2, bug: "none" }],
  ["too late", { step_size: 8, gamma: 0.1, lr0: 0.2, bug: "none" }],
  ["rescue", { step_size: 3, gamma: 0.1, lr0: 0.3, bug: "none" }],
];

export default {
  render: heard(({ model, el }) => {
    const view = { scale: "linear", field: "val_accuracy" };
    const { root, redraw, dispose } = frame(model, el, SETTINGS, draw);
    const change = (name) => (value) => {
      view[name] = value;
      redraw();
    };
    presets(root, model, TRY);
    const tools = row(root);
    toggle(tools, "lr axis", [["linear", "linear"], ["log", "log"]], change("scale"));
    toggle(tools, "MNIST", [["val_accuracy", "accuracy"], ["val_loss", "loss"]], change("field"));
    const bugs = choice(tools, "scheduler stepped with a bug:", BUGS, (bug) => assign(model, { bug }));
    const both = pair(root);
    const lrs = new Panel(both.box, { name: "lr", title: "Learning rate", height: 190 });
    const predicted = prediction(tools, lrs, redraw);
    const mnist = new Panel(both.box, { name: "mnist", title: FIELDS.val_accuracy, height: 190 });
    const say = words(root);
    const stopLive = liveBar(root, model);
    const recorded = byKey(model.get("recorded"));

    function draw(width) {
      const settings = read(model, SETTINGS);
      const { epochs, lr0 } = settings;
      const truth = Array.from({ length: epochs }, (_, epoch) => stepLR(settings, epoch));
      const torch = answers(model.get("torch"), model) ? model.get("torch").lrs : truth.map(() => NaN);
      const axis = { x: [-0.5, epochs - 0.5], xticks: whole(epochs), xlabel: "epoch" };
      const half = both.fit(width);
      const intended = truth.map((_, epoch) => stepLR({ ...settings, bug: "none" }, epoch));
      const ghost = settings.bug === "none" ? [] : intended;
      bugs.value = settings.bug;

      const rates = predicted.begin(settings, truth);
      drawLrs(lrs, half, axis, { truth, ghost, torch, predicted, rates, lr0, scale: view.scale });
      const sentence = predicted.open ? predicted.invitation : describe(settings, truth);
      lrs.end(sentence);

      const runs = model.get("runs");
      mnist.begin(half, { ...axis, y: recorded.range(lr0, view.field, runs) });
      const below = predicted.open ? "" : drawMnist(mnist, settings, recorded, runs, view.field);
      mnist.end(`${FIELDS[view.field]}. ${below}`);
      write(lrs.title, `Learning rate${predicted.open ? " (on a log axis)" : ""}`);
      const later = predicted.open ? ": shown when you compare" : "";
      write(mnist.title, `${FIELDS[view.field]}${later}`);
      say(`${predicted.score}${sentence} ${below}`);
    }

    return () => {
      stopLive();
      dispose();
    };
  }),
};

/** Draw lr in each epoch, by the closed form and by torch, or the prediction that is being made. */
function drawLrs(panel, width, axis, { truth, ghost, torch, predicted, rates, lr0, scale }) {
  const lowest = Math.min(...rates, ...[...truth, ...ghost].filter((lr) => lr > lr0 * 1e-12));
  const log = scale === "log" || predicted.open;
  const y = log ? [lowest / 1.6, lr0 * 1.6] : [0, lr0 * 1.1];
  const yticks = predicted.open ? rates : undefined;
  panel.begin(width, { ...axis, y, yticks, yscale: log ? "log" : "linear" });
  const epochs = truth.map((_, epoch) => epoch);
  if (!predicted.open) {
    const meant = { colour: "grey", step: true, dash: "6 3", label: "as it was meant" };
    if (ghost.length) panel.line("meant", epochs, ghost, meant);
    panel.line("closed form", epochs, truth, { colour: "blue", step: true });
    const dots = { colour: "orange", marker: "circle", own: true, label: "torch's StepLR" };
    panel.dots("torch", epochs, torch, dots);
  }
  predicted.draw(epochs);
}

/** Draw the recorded curve of these settings and the live runs; returns both in words. */
function drawMnist(panel, settings, recorded, runs, field) {
  const { epochs } = settings;
  const found = recorded.find(settings);
  let sentence = notRecorded(settings, recorded, runs);
  if (found) {
    drawRecorded(panel, found[field], epochs, found.seeds);
    sentence = sayRecorded(found[field], epochs, field, found.seeds);
  }
  drawRuns(panel, runs, field);
  return `${sentence}${sayRuns(runs, field)}`;
}

/** The schedule in words. */
function describe({ lr0, step_size, gamma, epochs, bug }, truth) {
  const drops = truth.flatMap((lr, epoch) => (epoch && lr < truth[epoch - 1] ? [epoch] : []));
  const start = `StepLR from ${lr0} with step_size ${step_size} and gamma ${gamma}`;
  const how = bug === "none" ? "" : `, stepped with a bug (${bug})`;
  if (gamma === 1) return `${start}${how}: gamma 1 never changes the rate, so this is a constant lr.`;
  if (!drops.length) return `${start}${how}: no drop within ${epochs} epochs, so this is a constant lr.`;
  if (bug === "after every batch") {
    const times = Math.floor(BATCHES / step_size);
    return `${start}${how}: ${times} drops within one epoch of ${BATCHES} batches, and training freezes.`;
  }
  const first = truth[0] < lr0 ? " It is too low from the very first epoch." : "";
  const where = `lr falls at epoch${drops.length > 1 ? "s" : ""} ${drops.join(", ")}`;
  return `${start}${how}: ${where} and ends at ${number(truth.at(-1))}.${first}`;
}

/** The reason why there is no recorded curve. */
function notRecorded({ lr0, bug }, recorded, runs) {
  if (!recorded.size) return NOTHING_RECORDED;
  const live = runs.length ? "" : ": train it live and see";
  if (bug !== "none") return `This bug is not recorded on MNIST${live}.`;
  return `This setting is not recorded (from lr ${lr0})${live}. All settings are recorded from lr 0.2.`;
}

/** The recorded runs, found by their settings. */
function byKey(entries) {
  const key = (lr0, stepSize, gamma) => `${lr0}|${stepSize}|${gamma}`;
  const known = new Map(entries.map((each) => [key(each.lr0, each.step_size, each.gamma), each]));
  const epochs = entries[0]?.val_loss.mean.length ?? 0;
  return {
    size: known.size,
    find({ lr0, step_size, gamma, bug }) {
      if (bug !== "none" && bug !== ANEW) return undefined;
      const never = gamma === 1 || step_size >= epochs || (bug !== "none" && step_size > 1);
      return known.get(never ? key(lr0, null, null) : key(lr0, step_size, gamma));
    },
    /** One range for all settings from this lr: there a better curve is seen to be higher. */
    range(lr0, field, runs) {
      const same = entries.filter((each) => each.lr0 === lr0);
      const values = same.flatMap((each) => [...each[field].low, ...each[field].high]);
      values.push(...runs.flatMap((run) => run[field]));
      return around(values, field === "val_accuracy" ? [0, 100] : [0, 2.5]);
    },
  };
}
