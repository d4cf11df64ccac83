// Lesson 3: what ReduceLROnPlateau does on MNIST, beside recorded schedules.

import { heard } from "../../hear.js";
import { number } from "./forms.js";
import { Panel, around, whole } from "./draw.js";
import { frame, pair, presets, words } from "./frame.js";
import { drawRuns, liveBar, sayRuns } from "./live.js";
import { NOTHING_RECORDED } from "./recorded.js";

const CONFIG = ["patience", "factor", "threshold", "cooldown"];
const EPOCHS = 9;
const EPOCH_AXIS = { x: [-0.5, EPOCHS - 0.5], xticks: whole(EPOCHS), xlabel: "epoch" };
const USUAL = { factor: 0.1, threshold: 0.0001, cooldown: 0 };
const TRY = [
  ["patience 0", { ...USUAL, patience: 0 }],
  ["patience 2", { ...USUAL, patience: 2 }],
  ["gentle", { ...USUAL, patience: 0, factor: 0.5 }],
];
const SCHEDULES = [
  { colour: "blue", dash: "2 3", marker: "circle" },
  { colour: "orange", dash: "7 3", marker: "diamond" },
  { colour: "green", dash: "", marker: "triangle" },
];

export default {
  render: heard(({ model, el }) => {
    const { root, dispose } = frame(model, el, CONFIG, draw);
    presets(root, model, TRY);
    const both = pair(root);
    const title = "MNIST: validation accuracy (%)";
    const accuracy = new Panel(both.box, { name: "mnist", title, height: 220 });
    const rates = new Panel(both.box, { name: "mnist lr", title: "lr in each epoch", height: 220 });
    const tell = words(root);
    const stopLive = liveBar(root, model);
    const recorded = model.get("recorded");

    function draw(width) {
      const half = both.fit(width);
      const runs = model.get("runs");
      const lr0 = model.get("lr0");
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
  }),
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
