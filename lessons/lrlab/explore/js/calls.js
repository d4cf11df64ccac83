// ReduceLROnPlateau one call at a time: the metric and its best, the bad calls, and lr after each.

import { number } from "./forms.js";
import { Panel, around } from "./draw.js";

const BAD_HEIGHT = 66; // Of the panel of bad calls, in pixels.
const BAD_AREA = 34; // Of its plotting area.
const TICK = 14; // Two ticks of an axis stand at least so far apart.

/** Three panels that share the axis of calls.
 *
 *  Returns `draw(width, {metrics, states, torch, call, ...config})`, which draws them and returns in
 *  words what call number `call` does. `states` are the scheduler's after each call of `metrics`;
 *  `torch` has torch's lrs, or is null while they are not known. */
export function callPanels(host) {
  const metric = new Panel(host, { name: "metric", title: "Metric", height: 108 });
  const bad = new Panel(host, { name: "bad", title: "Bad calls", height: BAD_HEIGHT });
  const lr = new Panel(host, { name: "lr", title: "lr after the call", height: 80 });

  return (width, shown) => {
    const said = describe(shown);
    const axis = { x: [0.5, shown.metrics.length + 0.5], xlabel: "call" };
    drawMetric(metric, width, axis, shown);
    metric.end(`The metric of each call. ${said}`);
    drawBad(bad, width, axis, shown);
    const { patience, cooldown } = shown;
    bad.end(`Bad calls in a row, with patience ${patience} and cooldown ${cooldown}. ${said}`);
    drawLr(lr, width, axis, shown);
    lr.end(`The learning rate after each call. ${said}`);
    return said;
  };
}

/** The metric of each call, the best so far, and what is not better by more than the threshold. */
function drawMetric(panel, width, axis, { metrics, states, call, threshold }) {
  const calls = numbered(metrics);
  const now = calls.slice(0, call);
  const best = states.map((state) => state.best);
  const bounds = best.map((value) => value * (1 - threshold));
  panel.begin(width, { ...axis, y: around([...metrics, ...bounds, 0.8 * Math.max(...metrics)]) });
  const later = [calls.slice(call - 1), metrics.slice(call - 1)];
  panel.line("future", ...later, { colour: "grey", thin: true, dash: "2 3", label: "still to come" });
  const band = { colour: "orange", step: true, label: "within the threshold" };
  panel.band("threshold", now, bounds.slice(0, call), best.slice(0, call), band);
  panel.line("best", now, best.slice(0, call), { colour: "orange", dash: "7 3", step: true });
  panel.rule("this call", here(call));
  panel.line("metric", now, metrics.slice(0, call), { colour: "blue", marker: "circle" });
}

/** A pip for each bad call in a row, the line that patience draws, and the cooldowns. */
function drawBad(panel, width, axis, { states, call, patience }) {
  const highest = Math.max(patience + 1, ...states.map(reached));
  const top = highest * 1.1 + 0.6;
  const counts = Array.from({ length: highest + 1 }, (_, count) => count);
  const each = Math.ceil((TICK * top) / BAD_AREA);
  const yticks = counts.filter((count) => count % each === 0);
  panel.begin(width, { ...axis, y: [0, top], yticks });
  const past = states.slice(0, call);
  cooldowns(past).forEach(([from, to], index) => {
    const forgiven = { colour: "pink", label: index ? "" : "cooldown: bad calls are forgotten" };
    panel.band(`cooldown ${index + 1}`, [from - 0.5, to + 0.5], [0, 0], [top, top], forgiven);
  });
  const limit = { y: patience + 0.5, colour: "grey", dash: "7 3", label: `patience ${patience}` };
  panel.rule("patience", limit);
  panel.rule("this call", here(call));
  const column = (at, height) => counts.slice(1, 1 + height).map((count) => [at, count]);
  const full = numbered(past).filter((at) => past[at - 1].exceeded);
  const pips = past.flatMap((state, index) => column(index + 1, state.bad));
  pips.push(...full.flatMap((at) => column(at, patience)));
  const pip = { colour: "red", marker: "square", own: true, label: "a bad call" };
  panel.dots("bad", pips.map(([at]) => at), pips.map(([, count]) => count), pip);
  const tops = full.map(() => patience + 1);
  panel.dots("too many", full, tops, { ...pip, marker: "down", label: "one too many" });
}

/** lr after each call, by the rules and by torch. */
function drawLr(panel, width, axis, { states, torch, call, lr0 }) {
  const calls = numbered(states);
  const now = calls.slice(0, call);
  const lrs = states.map((state) => state.lr);
  const span = [Math.min(...lrs, lr0 / 10) / 1.6, lr0 * 1.6];
  panel.begin(width, { ...axis, y: span, yscale: "log" });
  panel.rule("this call", here(call));
  panel.line("lr", now, lrs.slice(0, call), { colour: "green", step: true });
  const dots = { colour: "orange", marker: "circle", own: true, label: "torch's ReduceLROnPlateau" };
  panel.dots("torch", now, torch?.slice(0, call) ?? now.map(() => NaN), dots);
}

/** Calls are counted from 1. */
function numbered(calls) {
  return calls.map((_, index) => index + 1);
}

/** The mark of the present call in every panel. */
function here(call) {
  return { x: call, colour: "grey", dash: "2 3", thin: true, label: "" };
}

/** The number of bad calls by which a call was judged: the scheduler forgets them when lr falls. */
function reached(state, index, states) {
  return state.exceeded ? (states[index - 1]?.bad ?? 0) + 1 : state.bad;
}

/** The [first, last] call of each cooldown. */
function cooldowns(states) {
  const resting = states.flatMap((_, index) => (index && states[index - 1].resting > 0 ? [index + 1] : []));
  const starts = resting.filter((call) => states[call - 2].exceeded || !resting.includes(call - 1));
  return starts.map((from) => {
    let to = from;
    while (resting.includes(to + 1) && !starts.includes(to + 1)) to += 1;
    return [from, to];
  });
}

/** One call in words, and the calls at which lr has fallen so far. */
function describe({ metrics, states, call, patience, cooldown, threshold, lr0 }) {
  const state = states[call - 1];
  const before = states[call - 2] ?? { best: Infinity, bad: 0, resting: 0, lr: lr0 };
  const metric = exact(metrics[call - 1]);
  const judged = call === 1 ? `the first metric, ${metric}, is always the best so far.` : judge();
  const lrs = [lr0, ...states.slice(0, call).map(({ lr }) => lr)];
  const falls = lrs.flatMap((lr, at) => (lr < lrs[at - 1] ? [at] : []));
  const seen = falls.length && falls[0] < call;
  const fallen = seen ? ` So far lr has fallen at call${falls.length > 1 ? "s" : ""} ${falls.join(", ")}.` : "";
  return `Call ${call} of ${metrics.length}: ${judged} ${count()} ${effect()}${fallen}`;

  function judge() {
    const { best } = before;
    const bound = `${exact(best * (1 - threshold))} (best ${exact(best)}, threshold ${threshold})`;
    if (state.better) return `the metric ${metric} is below ${bound}, so it is the new best.`;
    return `the metric ${metric} is not below ${bound}: a bad call.`;
  }
  function count() {
    if (before.resting > 0) {
      const left = state.resting ? `${state.resting} more to come` : "the last one";
      return `It lies in the cooldown (${left}), so bad calls stay 0.`;
    }
    if (state.exceeded) return `Bad calls: ${before.bad + 1}, more than patience ${patience}.`;
    return `Bad calls: ${state.bad}, patience ${patience}.`;
  }
  function effect() {
    if (state.lr < before.lr) {
      const rest = cooldown ? `, and a cooldown of ${cooldown} begins` : "";
      return `lr falls from ${number(before.lr)} to ${number(state.lr)} for the next epoch${rest}.`;
    }
    const held = state.exceeded ? ": it would fall by no more than eps, 1e-8" : "";
    return `lr stays ${number(state.lr)}${held}.`;
  }
}

function exact(value) {
  return String(Number(value.toPrecision(5)));
}
