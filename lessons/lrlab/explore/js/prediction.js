// Draw your own staircase before you see the true one, then compare.

import { number } from "./forms.js";
import { write } from "./draw.js";
import { button } from "./frame.js";

const LOWEST_LEVELS = 4;
const MOST_LEVELS = 12;

/** Handles, one for each epoch, over the panel `lrs`; `redraw` is called when one was moved. */
export function prediction(tools, lrs, redraw) {
  const handles = lrs.plot.appendChild(document.createElement("div"));
  handles.className = "lrlab-handles";
  const state = { open: false, level: [], rates: [], truth: [], scored: false };
  const start = button(tools, "Predict first", () => {
    Object.assign(state, { open: !state.open, level: [], scored: false });
    redraw();
    if (state.open) handles.firstChild?.focus();
  });
  const compare = button(tools, "Compare with the truth", () => {
    Object.assign(state, { open: false, scored: true });
    redraw();
    start.focus();
  });
  compare.classList.add("lrlab-primary");

  /** Set an epoch and all after it, because a schedule seldom comes back. */
  const move = (epoch, level) => {
    const most = state.rates.length - 1;
    const to = Math.min(Math.max(level, 0), most);
    for (let each = epoch; each < state.level.length; each += 1) state.level[each] = to;
    redraw();
  };
  const point = (event) => {
    const { left, top } = lrs.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const nearest = (pixels, at) =>
      pixels.reduce((best, each, i) => (Math.abs(each - at) < Math.abs(pixels[best] - at) ? i : best), 0);
    move(nearest(state.level.map((_, e) => lrs.x(e)), x), nearest(state.rates.map((r) => lrs.y(r)), y));
  };
  lrs.plot.addEventListener("pointerdown", (event) => {
    if (!state.open) return;
    lrs.plot.setPointerCapture(event.pointerId);
    point(event);
  });
  lrs.plot.addEventListener("pointermove", (event) => {
    if (state.open && event.buttons) point(event);
  });

  const handle = (epoch) => {
    const made = document.createElement("div");
    made.tabIndex = 0;
    made.setAttribute("role", "slider");
    made.setAttribute("aria-orientation", "vertical");
    made.setAttribute("aria-label", `Your lr in epoch ${epoch}`);
    made.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const to = { ArrowLeft: made.previousSibling, ArrowRight: made.nextSibling }[event.key];
      if (by) move(epoch, state.level[epoch] + by);
      to?.focus();
      if (by || to) event.preventDefault();
    });
    return made;
  };

  return {
    get open() {
      return state.open;
    },
    invitation:
      "Your turn: lower the handles to where lr will be in each epoch (drag, or the arrow keys), " +
      "then compare. The lines are the first lr times gamma, once, twice, …",
    score: "",

    /** Take up new settings; returns the rates that can be chosen while predicting. */
    begin({ lr0, gamma, epochs }, truth) {
      const key = [lr0, gamma, epochs, truth.join()].join();
      if (state.scored && key !== state.key) state.scored = false;
      const most = gamma === 1 ? 0 : Math.round(Math.log(truth.at(-1) / lr0) / Math.log(gamma));
      const levels = Math.min(Math.max(most + 1, LOWEST_LEVELS), MOST_LEVELS);
      Object.assign(state, { key, truth });
      state.rates = Array.from({ length: gamma === 1 ? 1 : levels + 1 }, (_, k) => lr0 * gamma ** k);
      state.level = truth.map((_, epoch) => Math.min(state.level[epoch] ?? 0, state.rates.length - 1));
      write(start, state.open ? "Stop predicting" : "Predict first");
      compare.hidden = !state.open;
      return state.open ? state.rates : [lr0];
    },

    draw(epochs) {
      const drawn = state.level.map((level) => state.rates[level]);
      this.score = "";
      handles.hidden = !state.open;
      if (state.open) {
        while (handles.children.length > epochs.length) handles.lastChild.remove();
        epochs.forEach((epoch) => {
          const made = handles.children[epoch] ?? handles.appendChild(handle(epoch));
          made.style.left = `${lrs.x(epoch)}px`;
          made.style.top = `${lrs.y(drawn[epoch])}px`;
          made.setAttribute("aria-valuemin", 0);
          made.setAttribute("aria-valuemax", state.rates.length - 1);
          made.setAttribute("aria-valuenow", state.level[epoch]);
          made.setAttribute("aria-valuetext", number(drawn[epoch]));
        });
      }
      if (!state.open && !state.scored) return;
      lrs.line("your prediction", epochs, drawn, { colour: "pink", dash: "5 4", step: true });
      if (state.scored) this.score = `${score(drawn, state)} `;
    },
  };
}

function score(drawn, { truth, rates }) {
  const lowest = rates.at(-1);
  const right = (epoch) => {
    const said = drawn[epoch];
    const is = Math.max(truth[epoch], lowest); // The lowest level stands for all rates below it.
    return Math.abs(said - is) <= 1e-9 * is;
  };
  const missed = truth.findIndex((_, epoch) => !right(epoch));
  if (missed < 0) return `Your prediction is right in all ${truth.length} epochs.`;
  const hits = truth.filter((_, epoch) => right(epoch)).length;
  return (
    `Your prediction is right in ${hits} of ${truth.length} epochs. The first that differs is epoch ` +
    `${missed}: you said ${number(drawn[missed])}, it is ${number(truth[missed])}.`
  );
}
