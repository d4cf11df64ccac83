// Lesson 3: ReduceLROnPlateau stepped through call by call.

import { heard } from "../../hear.js";
import { reduceLROnPlateau } from "./forms.js";
import { answers, assign, choice, frame, presets, read, row, snap, words } from "./frame.js";
import { callPanels } from "./calls.js";

const CONFIG = ["patience", "factor", "threshold", "cooldown"];
const SETTINGS = ["metric", "call", ...CONFIG];
const USUAL = { factor: 0.1, threshold: 0.0001, cooldown: 0 };
const TRY = [
  ["patience 0", { ...USUAL, metric: "flat", patience: 0, call: 5 }],
  ["threshold too large", { ...USUAL, metric: "improves slowly", patience: 1, threshold: 0.1, call: 12 }],
  ["cooldown", { ...USUAL, metric: "flat", patience: 1, factor: 0.5, cooldown: 3, call: 20 }],
  ["noise, patience 0", { ...USUAL, metric: "noisy", patience: 0, factor: 0.5, call: 20 }],
  ["noise, patience 4", { ...USUAL, metric: "noisy", patience: 4, factor: 0.5, call: 20 }],
];

export default {
  initialize({ model }) {
    const there = (call) => Math.min(call, model.get("metrics")[model.get("metric")].length);
    return snap(model, "change:call change:metric", "call", there);
  },

  render: heard(({ model, el }) => {
    const { root, dispose } = frame(model, el, SETTINGS, draw);
    const all = model.get("metrics");
    presets(root, model, TRY);
    const metric = choice(row(root), "metric", Object.keys(all), (name) => assign(model, { metric: name }));
    const drawCalls = callPanels(root);
    const say = words(root);

    function draw(width) {
      const config = read(model, CONFIG);
      const lr0 = model.get("lr0");
      const metrics = all[model.get("metric")];
      metric.value = model.get("metric");
      const states = reduceLROnPlateau(metrics, { ...config, lr0 });
      const torch = answers(model.get("torch"), model) ? model.get("torch").lrs : null;
      const call = Math.min(model.get("call"), metrics.length);
      say(drawCalls(width, { ...config, lr0, metrics, states, torch, call }));
    }

    return dispose;
  }),
};
