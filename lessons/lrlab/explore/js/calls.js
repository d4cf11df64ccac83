// ReduceLROnPlateau one call at a time: the metric and its best, the bad calls, and lr after each.

import { number } from "./forms.js";
import { Panel, around } from "./draw.js";

/** Three panels that share the axis of calls; `draw` returns what the present call does in words. */
export function callPanels(host) {
  const above = new Panel(host, { name: "metric", title: "Metric", height: 170 });
  const middle = new Panel(host, { name: "bad", title: "Bad calls", height: 110 });
  const below = new Panel(host, { name: "lr", title: "lr after the call", height: 120 });

  /** `books` are what is held after each call of `metrics`; torch's lrs are null while unknown. */
  function draw(width, { metrics, books, torch, call, ...config }) {
    const calls = metrics.map((_, index) => index + 1);
    const now = calls.slice(0, call);
    const so = (name) => books.slice(0, call).map((book) => book[name]);
    const axis = { x: [0.5, calls.length + 0.5], xlabel: "call" };
    const here = { x: call, colour: "grey", dash: "2 3", thin: true, label: "" };
    const said = describe({ metrics, books, call, ...config });

    const best = books.map((book) => book.best);
    const bounds = best.map((value) => value * (1 - config.threshold));
    above.begin(width, { ...axis, y: around([...metrics, ...bounds, 0.8 * Math.max(...metrics)]) });
    const later = [calls.slice(call - 1), metrics.slice(call - 1)];
    above.line("future", ...later, { colour: "grey", thin: true, dash: "2 3", label: "still to come" });
    const band = { colour: "orange", step: true, label: "within the threshold" };
    above.band("threshold", now, bounds.slice(0, call), best.slice(0, call), band);
    above.line("best", now, best.slice(0, call), { colour: "orange", dash: "7 3", step: true });
    above.rule("this call", here);
    above.line("metric", now, metrics.slice(0, call), { colour: "blue", marker: "circle" });
    above.end(`The metric of each call. ${said}`);

    const { patience, cooldown } = config;
    const highest = Math.max(patience + 1, ...books.map(reached));
    const top = highest * 1.1 + 0.6;
    const counts = Array.from({ length: highest + 1 }, (_, count) => count);
    const yticks = counts.filter((count) => count % Math.ceil(highest / 4) === 0);
    middle.begin(width, { ...axis, y: [0, top], yticks });
    rests(books.slice(0, call)).forEach(([from, to], index) => {
      const forgiven = { colour: "pink", label: index ? "" : "cooldown: bad calls are forgotten" };
      const ends = [from - 0.5, to + 0.5];
      middle.band(`cooldown ${index + 1}`, ends, [0, 0], [top, top], forgiven);
    });
    const limit = { y: patience + 0.5, colour: "grey", dash: "7 3", label: `patience ${patience}` };
    middle.rule("patience", limit);
    middle.rule("this call", here);
    const pips = now.flatMap((at) => counts.slice(1, 1 + books[at - 1].bad).map((count) => [at, count]));
    const columns = now.filter((at) => books[at - 1].exceeded);
    for (const at of columns) pips.push(...counts.slice(1, 1 + patience).map((count) => [at, count]));
    const pip = { colour: "red", marker: "square", own: true, label: "a bad call" };
    middle.dots("bad", pips.map(([at]) => at), pips.map(([, count]) => count), pip);
    const tops = columns.map(() => patience + 1);
    middle.dots("too many", columns, tops, { ...pip, marker: "down", label: "one too many" });
    middle.end(`Bad calls in a row, with patience ${patience} and cooldown ${cooldown}. ${said}`);

    const lrs = books.map((book) => book.lr);
    const span = [Math.min(...lrs, config.lr0 / 10) / 1.6, config.lr0 * 1.6];
    below.begin(width, { ...axis, y: span, yscale: "log" });
    const rest = [calls.slice(call - 1), lrs.slice(call - 1)];
    below.line("future lr", ...rest, { colour: "grey", thin: true, dash: "2 3", step: true, label: "" });
    below.rule("this call", here);
    below.line("lr", now, so("lr"), { colour: "green", step: true });
    const dots = { colour: "orange", marker: "circle", own: true, label: "torch's ReduceLROnPlateau" };
    below.dots("torch", now, torch?.slice(0, call) ?? now.map(() => NaN), dots);
    below.end(`The learning rate after each call. ${said}`);
    return said;
  }

  return draw;
}

/** The bad calls that a call was judged by: torch forgets them as soon as lr falls. */
function reached(book, index, books) {
  return book.exceeded ? (books[index - 1]?.bad ?? 0) + 1 : book.bad;
}

/** [first, last] call of each cooldown. */
function rests(books) {
  const resting = books.flatMap((_, index) => (index && books[index - 1].resting > 0 ? [index + 1] : []));
  const starts = resting.filter((call) => books[call - 2].exceeded || !resting.includes(call - 1));
  return starts.map((from) => {
    let to = from;
    while (resting.includes(to + 1) && !starts.includes(to + 1)) to += 1;
    return [from, to];
  });
}

/** What one call does, and at which calls lr has fallen so far. */
function describe({ metrics, books, call, patience, cooldown, threshold, lr0 }) {
  const book = books[call - 1];
  const before = books[call - 2] ?? { best: Infinity, bad: 0, resting: 0, lr: lr0 };
  const metric = exact(metrics[call - 1]);
  const judged = call === 1 ? `the first metric, ${metric}, is always the best so far.` : judge();
  const lrs = [lr0, ...books.slice(0, call).map(({ lr }) => lr)];
  const falls = lrs.flatMap((lr, at) => (lr < lrs[at - 1] ? [at] : []));
  const seen = falls.length && falls[0] < call;
  const so = seen ? ` So far lr has fallen at call${falls.length > 1 ? "s" : ""} ${falls.join(", ")}.` : "";
  return `Call ${call} of ${metrics.length}: ${judged} ${count()} ${effect()}${so}`;

  function judge() {
    const { best } = before;
    const bound = `${exact(best * (1 - threshold))} (best ${exact(best)}, threshold ${threshold})`;
    if (book.better) return `the metric ${metric} is below ${bound}, so it is the new best.`;
    return `the metric ${metric} is not below ${bound}: a bad call.`;
  }
  function count() {
    if (before.resting > 0) {
      const left = book.resting ? `${book.resting} more to come` : "the last one";
      return `It lies in the cooldown (${left}), so bad calls stay 0.`;
    }
    if (book.exceeded) return `Bad calls: ${before.bad + 1}, more than patience ${patience}.`;
    return `Bad calls: ${book.bad}, patience ${patience}.`;
  }
  function effect() {
    if (book.lr < before.lr) {
      const rest = cooldown ? `, and a cooldown of ${cooldown} begins` : "";
      return `lr falls from ${number(before.lr)} to ${number(book.lr)} for the next epoch${rest}.`;
    }
    const held = book.exceeded ? ": it would fall by no more than eps, 1e-8" : "";
    return `lr stays ${number(book.lr)}${held}.`;
  }
}

function exact(value) {
  return String(Number(value.toPrecision(5)));
}
