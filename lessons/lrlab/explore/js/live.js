// Live training: the kernel trains, this page asks for it and draws each epoch as it comes.

import { number } from "./forms.js";
import { write } from "./draw.js";
import { button, row } from "./frame.js";

const SILENCE_MS = 3000;
const LOOKS = [
  { colour: "red", dash: "7 3", marker: "square" },
  { colour: "pink", dash: "2 3", marker: "triangle" },
  { colour: "orange", dash: "9 3 2 3", marker: "diamond" },
  { colour: "blue", dash: "4 2", marker: "circle" },
];
const SILENT = "The kernel does not answer: it is busy with another cell. What is drawn stays.";

/** The buttons, the progress bar and the sentence below them; returns how to stop all of it. */
export function liveBar(host, model) {
  const bar = row(host, "lrlab-live");
  // The settings go along, because the sliders' own messages may still be on their way.
  const settings = () => Object.keys(model.get("start")).map((name) => [name, model.get(name)]);
  const start = () => ask({ do: "train", settings: Object.fromEntries(settings()) });
  const train = button(bar, "Train live", start);
  const stop = button(bar, "Stop", () => ask({ do: "stop" }));
  const clear = button(bar, "Clear my runs", () => ask({ do: "clear" }));
  train.classList.add("lrlab-primary");
  const progress = bar.appendChild(document.createElement("progress"));
  progress.max = 1;
  progress.setAttribute("aria-label", "Training progress");
  const drawDigits = digitsStrip(bar, model);
  const said = host.appendChild(document.createElement("p"));
  said.className = "lrlab-message";
  said.setAttribute("role", "status");
  let silence;

  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      write(said, SILENT);
    }, SILENCE_MS);
  };
  const ask = (message) => {
    listen();
    send(model, message);
  };
  const update = () => {
    const { state, share, text } = model.get("progress");
    const running = state === "running";
    clearTimeout(silence);
    if (running) listen();
    stop.disabled = !running;
    clear.disabled = running || model.get("runs").length === 0;
    progress.hidden = !running;
    progress.value = share;
    drawDigits();
    write(said, text);
  };
  const seen = () => {
    if (model.get("progress").state === "running") send(model, { do: "seen" });
  };
  model.on("change:progress change:runs", update);
  model.on("change:progress", seen);
  update();
  return () => {
    clearTimeout(silence);
    model.off("change:progress change:runs", update);
    model.off("change:progress", seen);
    send(model, { do: "gone" });
  };
}

/** A few validation digits, each marked as the network of the latest run reads it. */
function digitsStrip(bar, model) {
  const strip = bar.appendChild(document.createElement("div"));
  strip.className = "lrlab-digits";
  strip.setAttribute("role", "img");
  return () => {
    const { read } = model.get("progress");
    const { labels, strip: picture } = model.get("digits");
    strip.hidden = read.length === 0;
    if (strip.hidden) return;
    while (strip.childElementCount < read.length) {
      const ink = strip.appendChild(document.createElement("span")).appendChild(document.createElement("i"));
      ink.style.setProperty("--lr-place", strip.childElementCount - 1);
    }
    strip.style.setProperty("--lr-strip", `url(${picture})`);
    strip.style.setProperty("--lr-count", read.length);
    read.forEach((guess, place) => {
      const right = guess === labels[place];
      const digit = strip.children[place];
      digit.className = right ? "lrlab-read" : "lrlab-misread";
      digit.title = right ? `${guess}, and so it is read` : `${labels[place]}, read as ${guess}`;
    });
    strip.setAttribute("aria-label", sayDigits(labels, read));
  };
}

/** The row of digits in words. */
function sayDigits(labels, read) {
  const misread = read.flatMap((guess, place) => (guess === labels[place] ? [] : [`${labels[place]} as ${guess}`]));
  const count = `${read.length - misread.length} of ${read.length} hard validation digits are read rightly`;
  return misread.length ? `${count}; misread: ${misread.join(", ")}.` : `${count}.`;
}

/** Draw a field, such as "val_accuracy" or "lr", of each live run by epoch. */
export function drawRuns(panel, runs, field, step = false) {
  for (const { name, label, look, [field]: values } of runs) {
    const at = values.map((_, epoch) => epoch);
    panel.line(name, at, values, { ...LOOKS[look % LOOKS.length], step, label });
  }
}

/** Say the last value of a field of each live run. */
export function sayRuns(runs, field) {
  const unit = field === "val_accuracy" ? " %" : "";
  return runs
    .filter((run) => run[field].length)
    .map((run) => ` ${run.label}: ${number(run[field].at(-1) ?? NaN)}${unit} at epoch ${run[field].length - 1}.`)
    .join("");
}

function send(model, message) {
  try {
    model.send(message);
  } catch (error) {
    console.warn("The kernel is gone:", error); // The page explains the silence that follows.
  }
}
