// Lesson 3: ReduceLROnPlateau stepped through call by call, and below it what it does on MNIST.

import { number, reduceLROnPlateau } from "./forms.js";
import { Panel, around, whole } from "./draw.js";
import { answers, assign, choice, frame, mend, presets, row, words } from "./frame.js";
import { drawRuns, liveBar, sayRuns, send, watch } from "./live.js";
import { callPanels } from "./calls.js";

const CONFIG = ["patience", "factor", "threshold", "cooldown"];
const SETTINGS = ["metric", "call", ...CONFIG];
const EPOCHS = 9;
const SIDE_BY_SIDE = 560; // pixels
const GAP = 20;
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
    const leave = [mend(model, "change:call change:metric", "call", there), watch(model)];
    return () => leave.forEach((each) => each());
  },

  render({ model, el }) {
    const { root, leave } = frame(model, el, SETTINGS, draw);
    const all = model.get("metrics");
    presets(root, model, TRY);
    const metric = choice(row(root), "metric", Object.keys(all), (name) => assign(model, { metric: name }));
    const drawCalls = callPanels(root);
    const say = words(root);
    const pair = row(root, "lrlab-pair");
    const title = "MNIST: validation accuracy (%)";
    const accuracy = new Panel(pair, { name: "mnist", title, height: 230 });
    const rates = new Panel(pair, { name: "mnist lr", title: "lr in each epoch", height: 230 });
    const tell = words(root, "lrlab-mnist");
    const quiet = liveBar(root, model);
    const recorded = model.get("recorded");

    function draw(width) {
      const config = read(model);
      const metrics = all[model.get("metric")];
      metric.value = model.get("metric");
      const books = reduceLROnPlateau(metrics, config);
      const torch = answers(model.get("torch"), model) ? model.get("torch").lrs : null;
      const call = Math.min(model.get("call"), metrics.length);
      say(drawCalls(width, { ...config, metrics, books, torch, call }));

      const wide = width >= SIDE_BY_SIDE;
      pair.classList.toggle("lrlab-side-by-side", wide);
      tell(drawMnist(wide ? (width - GAP) / 2 : width, config.lr0));
    }

    function drawMnist(width, lr0) {
      const runs = model.get("runs");
      const axis = { x: [-0.5, EPOCHS - 0.5], xticks: whole(EPOCHS), xlabel: "epoch" };
      const values = recorded.flatMap(({ val_accuracy: { low, high } }) => [...low, ...high]);
      const y = around([...values, ...runs.flatMap((run) => run.val_accuracy)], [0, 100]);
      accuracy.begin(width, { ...axis, y });
      recorded.forEach(({ label, val_accuracy: { mean, low, high } }, index) => {
        const at = mean.map((_, epoch) => epoch);
        accuracy.band(`${label} seeds`, at, low, high, SCHEDULES[index]);
        accuracy.line(label, at, mean, SCHEDULES[index]);
      });
      drawRuns(accuracy, runs, "val_accuracy");

      const lowest = [...recorded.flatMap(({ lrs }) => lrs.flat()), ...runs.flatMap(({ lr }) => lr)];
      const span = [Math.min(...lowest, lr0 / 10) / 1.6, lr0 * 1.6];
      rates.begin(width, { ...axis, y: span, yscale: "log" });
      recorded.forEach(({ label, lrs }, index) => {
        lrs.forEach((lr, seed) => {
          const look = { ...SCHEDULES[index], marker: undefined, thin: true, step: true };
          const at = lr.map((_, epoch) => epoch);
          rates.line(`${label}, seed ${seed}`, at, lr, { ...look, label: seed ? "" : label });
        });
      });
      drawRuns(rates, runs, "lr", true);

      const last = ({ label, val_accuracy: { mean } }) => `${label} ${number(mean.at(-1))} %`;
      const end = recorded.length
        ? `Recorded on MNIST from lr ${lr0}, mean of ${recorded[0].seeds} seeds at epoch ${EPOCHS - 1}: ` +
          `${recorded.map(last).join(", ")}.`
        : "No recorded runs lie beside this lesson. Train live.";
      const invitation = " Train live adds a run with your settings.";
      const live = sayRuns(runs, "val_accuracy", " %", number) || invitation;
      const fell = runs.map(sayFalls).join("");
      accuracy.end(`Validation accuracy. ${end}${live}`);
      rates.end(`The learning rate in each epoch.${fell}`);
      return `${end}${live}${fell}`;
    }

    return () => {
      quiet();
      leave();
      send(model, { do: "gone" });
    };
  },
};

/** When a live run's lr fell. */
function sayFalls({ name, lr }) {
  const falls = lr.flatMap((each, epoch) => (epoch && each < lr[epoch - 1] ? [epoch] : []));
  return falls.length ? ` ${name} has a lower lr from epoch ${falls.join(", ")} on.` : "";
}

/** The sliders' values; a slider's 0.3 is 0.30000000000000004. */
function read(model) {
  const config = Object.fromEntries(CONFIG.map((name) => [name, model.get(name)]));
  for (const name of ["factor", "threshold"]) config[name] = Number(config[name].toFixed(6));
  return { ...config, lr0: model.get("lr0") };
}
