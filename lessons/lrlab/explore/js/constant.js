// Lesson 1: constant rates on MNIST: one recorded curve in colour, all others in grey.

import { heard } from "../../hear.js";
import { number } from "./forms.js";
import { Panel, around, whole, write } from "./draw.js";
import { frame, presets, rounded, row, snap, toggle, words } from "./frame.js";
import { drawRuns, liveBar, sayRuns } from "./live.js";
import { FIELDS, NOTHING_RECORDED, drawRecorded, sayRecorded } from "./recorded.js";

const SETTINGS = ["lr", "epochs"];
const GUESSING = 15; // An accuracy below so many percent is no better than a guess, which gives 10.
const SAME = 0.06; // Rates whose logarithms differ by less are one: 0.0316 stands for 0.03.
const TRY = [
  ["0.001", { lr: 0.001 }],
  ["0.03", { lr: 0.03 }],
  ["0.2", { lr: 0.2 }],
  ["0.3", { lr: 0.3 }],
  ["1", { lr: 1 }],
  ["0.05, not recorded", { lr: 0.05 }],
];
const VIEWS = {
  all: { field: "val_accuracy", y: [0, 100], text: "accuracy" },
  close: { field: "val_accuracy", y: [90, 99], text: "90–99 %" },
  loss: { field: "val_loss", yscale: "log", yticks: [0.1, 0.2, 0.5, 1, 2], text: "loss" },
};

export default {
  initialize({ model }) {
    const recorded = (lr) => nearest(lr, model.get("recorded"));
    return snap(model, "change:lr", "lr", recorded);
  },

  render: heard(({ model, el }) => {
    let view = VIEWS.all;
    const { root, redraw, dispose } = frame(model, el, SETTINGS, draw);
    presets(root, model, TRY);
    const views = Object.entries(VIEWS).map(([name, { text }]) => [name, text]);
    toggle(row(root), "show", views, (name) => {
      view = VIEWS[name];
      redraw();
    });
    const mnist = new Panel(root, { name: "mnist", title: FIELDS.val_accuracy, height: 300 });
    const say = words(root);
    const stopLive = liveBar(root, model);
    const recorded = model.get("recorded");

    function draw(width) {
      const [lr, epochs] = [rounded(model.get("lr")), model.get("epochs")];
      const { field, yscale, yticks } = view;
      const runs = model.get("runs");
      const found = recorded.find((each) => each.lr === lr);
      const others = recorded.filter((each) => each !== found);
      write(mnist.title, FIELDS[field]);
      const axis = { x: [-0.5, epochs - 0.5], xticks: whole(epochs), xlabel: "epoch" };
      mnist.begin(width, { ...axis, y: view.y ?? losses(recorded, runs), yscale, yticks });
      others.forEach((each, index) => {
        const { mean } = each[field];
        const at = mean.map((_, epoch) => epoch).slice(0, epochs);
        const label = index ? "" : "the other recorded rates";
        mnist.line(`lr ${each.lr}`, at, mean.slice(0, epochs), { colour: "grey", thin: true, label });
      });
      let sentence = NOTHING_RECORDED;
      if (found) {
        drawRecorded(mnist, found[field], epochs, found.seeds, `lr ${lr}`);
        sentence = describe(found, others, epochs, view);
      } else if (recorded.length) {
        sentence = `lr ${number(lr)} is not recorded: train it live.`;
      }
      drawRuns(mnist, runs, field);
      const live = sayRuns(runs, field);
      mnist.end(`${FIELDS[field]}. ${sentence}${live}`);
      say(`${sentence}${live}`);
    }

    return () => {
      stopLive();
      dispose();
    };
  }),
};

/** The recorded rate that the slider stands near, or else its own. */
function nearest(lr, recorded) {
  return recorded.find((each) => Math.abs(Math.log(lr / each.lr)) < SAME)?.lr ?? lr;
}

/** One range of losses for all recorded and live runs. */
function losses(recorded, runs) {
  const values = recorded.flatMap(({ val_loss: { low, high } }) => [...low, ...high]);
  values.push(...runs.flatMap((run) => run.val_loss));
  const there = values.filter((value) => value > 0).map(Math.log10);
  return around(there, [-1.5, 1]).map((power) => 10 ** power);
}

/** The recorded curve in words, and how many of the others do better. */
function describe(found, others, epochs, { field, y }) {
  const curve = found[field];
  const start = `lr ${number(found.lr)}.`;
  const broken = curve.mean.indexOf(null);
  if (broken >= 0) return `${start} Training diverged; the loss is NaN from epoch ${broken} on.`;
  const last = Math.min(epochs, curve.mean.length) - 1;
  const mine = curve.mean[last];
  const better = others.filter(({ [field]: { mean } }) => {
    return mean[last] !== null && (field === "val_loss" ? mean[last] < mine : mean[last] > mine);
  }).length;
  const many = better === others.length ? "All" : `${better} of the`;
  const rank = better ? `${many} ${others.length} other rates are` : "No other recorded rate is";
  const hidden = y && mine < y[0] ? " The curve ends below this view." : "";
  const guess = found.val_accuracy.mean[last] < GUESSING;
  const aside = guess ? " It guesses: one digit in ten is right by chance." : "";
  return `${start} ${sayRecorded(curve, epochs, field, found.seeds)} ${rank} better there.${aside}${hidden}`;
}
