// Lesson 3: ReduceLROnPlateau stepped through call by call, and below it what it does on MNIST.

import { number, reduceLROnPlateau } from "./forms.js";
import { Panel, around, whole } from "./draw.js";
import { answers, assign, choice, frame, pair, presets, read, row, snap, words } from "./frame.js";
import { drawRuns, liveBar, sayRuns, watch } from "./live.js";
import { NOTHING_RECORDED } from "./recorded.js";
import { callPanels } from "./calls.js";

const CONFIG = ["patience", "factor", "threshold", "cooldown"];
const SETTINGS = ["metric", "call", ...CONFIG];
const EPOCHS = 9;
const EPOCH_AXIS = { x: [-0.5, EPOCHS - 0.5], xticks: whole(EPOCHS), xlabel: "epoch" };
const USUAL = { factor: 0.1, threshold: 0.0001, cooldown: 0 };
const TRY = [
  ["patience 0", { ...USUAL, metric: "flat", patience: 0, call: 5 }],
  ["threshold too large", { ...USUAL, metric: "improves slowly", patience: 1, threshold: 0.1, call: 12 }],
  ["cooldown", { ...USUAL, metric: "flat", patience: 1, factor: 0.5, cooldown: 3, call: 20 }],
  ["noise, patience 0", { ...USUAL, metric: "noisy", patience: 0, factor: 0.5, call: 20 }],
  ["noise, patience 4", { ...USUAL, metric: "noisy", patience: 4, factor: 0.5, call: 20 }],
];
const SCHEDULES = [
  { colour: "blue", dash: "2 3", marker: "circle" },
  { colour: "orange", dash: "7 3", marker: "diamond" },
  { colour: "green", dash: "", marker: "triangle" },
];

export default {
  initialize({ model }) {
    const there = (call) => Math.min(call, model.get("metrics")[model.get("metric")].length);
    const stops = [snap(model, "change:call change:metric", "call", there), watch(model)];
    return () => {
      for (const stop of stops) stop();
    };
  },

  render({ model, el }) {
    const { root, dispose } = frame(model, el, SETTINGS, draw);
    const all = model.get("metrics");
    presets(root, model, TRY);
    const metric = choice(row(root), "metric", Object.keys(all), (name) => assign(model, { metric: name }));
    const drawCalls = callPanels(root);
    const say = words(root);
    const both = pair(root);
    const title = "MNIST: validation accuracy (%)";
    const accuracy = new Panel(both.box, { name: "mnist", title, height: 230 });
    const rates = new Panel(both.box, { name: "mnist lr", title: "lr in each epoch", height: 230 });
    const tell = words(root, "lrlab-mnist");
    const stopLive = liveBar(root, model);
    const recorded = model.get("recorded");

    function draw(width) {
      const config = read(model, CONFIG);
      const lr0 = model.get("lr0");
      const metrics = all[model.get("metric")];
      metric.value = model.get("metric");
      const states = reduceLROnPlateau(metrics, { ...config, lr0 });
      const torch = answers(model.get("torch"), model) ? model.get("torch").lrs : null;
      const call = Math.min(model.get("call"), metrics.length);
      say(drawCalls(width, { ...config, lr0, metrics, states, torch, call }));

      const half = both.fit(width);
      const runs = model.get("runs");
      const came = sayAccuracy(recorded, runs, lr0);
      const fell = runs.map(sayFalls).join("");
      drawAccuracy(accuracy, half, recorded, runs);
      accuracy.end(`Validation accuracy. ${came}`);
      drawRates(rates, half, recorded, runs, lr0);
      rates.end(`The learning rate in each epoch.${fell}`);
      tell(`${came}${fell}`);
    }

    return () => {
      stopLive();
      dispose();
    };
  },
};

/** Validation accuracy of the recorded schedules and of the live runs. */
function drawAccuracy(panel, width, recorded, runs) {
  const values = recorded.flatMap(({ val_accuracy: { low, high } }) => [...low, ...high]);
  const y = around([...values, ...runs.flatMap((run) => run.val_accuracy)], [0, 100]);
  panel.begin(width, { ...EPOCH_AXIS, y });
  recorded.forEach(({ label, val_accuracy: { mean, low, high } }, index) => {
    const at = mean.map((_, epoch) => epoch);
    panel.band(`${label} seeds`, at, low, high, SCHEDULES[index]);
    panel.line(label, at, mean, SCHEDULES[index]);
  });
  drawRuns(panel, runs, "val_accuracy");
}

/** lr in each epoch: of every recorded seed, because a mean would be a rate that no run used. */
function drawRates(panel, width, recorded, runs, lr0) {
  const lowest = [...recorded.flatMap(({ lrs }) => lrs.flat()), ...runs.flatMap(({ lr }) => lr)];
  const span = [Math.min(...lowest, lr0 / 10) / 1.6, lr0 * 1.6];
  panel.begin(width, { ...EPOCH_AXIS, y: span, yscale: "log" });
  recorded.forEach(({ label, lrs }, index) => {
    lrs.forEach((lr, seed) => {
      const look = { ...SCHEDULES[index], marker: undefined, thin: true, step: true };
      const at = lr.map((_, epoch) => epoch);
      panel.line(`${label}, seed ${seed}`, at, lr, { ...look, label: seed ? "" : label });
    });
  });
  drawRuns(panel, runs, "lr", true);
}

/** Say how far the recorded schedules came, and the live runs. */
function sayAccuracy(recorded, runs, lr0) {
  const last = ({ label, val_accuracy: { mean } }) => `${label} ${number(mean.at(-1))} %`;
  const end = recorded.length
    ? `Recorded on MNIST from lr ${lr0}, mean of ${recorded[0].seeds} seeds at epoch ${EPOCHS - 1}: ` +
      `${recorded.map(last).join(", ")}.`
    : NOTHING_RECORDED;
  return `${end}${sayRuns(runs, "val_accuracy") || " Train live adds a run with your settings."}`;
}

/** Say when a live run's lr fell. */
function sayFalls({ name, lr }) {
  const falls = lr.flatMap((each, epoch) => (epoch && each < lr[epoch - 1] ? [epoch] : []));
  return falls.length ? ` ${name} has a lower lr from epoch ${falls.join(", ")} on.` : "";
}
