// Recorded runs of one setting: the mean over seeds, and a band from the lowest to the highest.

import { number } from "./forms.js";

export const FIELDS = { val_accuracy: "Validation accuracy (%)", val_loss: "Validation loss" };

export const NOTHING_RECORDED = "No recorded runs lie beside this lesson. Train live.";

/** Draw the first epochs of a recorded curve. */
export function drawRecorded(panel, { mean, low, high }, epochs, seeds, what = "recorded") {
  const at = mean.map((_, epoch) => epoch).slice(0, epochs);
  const label = `${what}: ${seeds} seeds, mean and range`;
  panel.band("seeds", at, low, high, { colour: "green" });
  panel.line("recorded", at, mean.slice(0, epochs), { colour: "green", marker: "square", label });
}

/** Say how a recorded curve begins and where it is at the last of the first epochs. */
export function sayRecorded({ mean, low, high }, epochs, field, seeds) {
  const what = field === "val_accuracy" ? "accuracy (%)" : "loss";
  const last = Math.min(epochs, mean.length) - 1;
  return (
    `On MNIST, validation ${what} went from ${number(mean[0])} to ${number(mean[last])} at epoch ${last} ` +
    `(mean of ${seeds} seeds; ${number(low[last])} to ${number(high[last])}).`
  );
}
