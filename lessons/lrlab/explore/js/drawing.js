// Draw a schedule of your own: a handle at each epoch, straight lines between them.

import { number } from "./forms.js";

const KEYS = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
const HIGHEST = 0.3; // No handle goes above this lr.
const STEP = 0.001;

/** The lr of a drawing after a share of the run: `points` lie evenly from its start to its end. */
export function along(points, share) {
  const at = Math.min(share, 1) * (points.length - 1);
  const before = Math.min(Math.floor(at), points.length - 2);
  return points[before] + (points[before + 1] - points[before]) * (at - before);
}

/** Handles over `panel`; `moved(points)` is called with the new drawing. */
export function drawing(panel, moved) {
  const box = panel.plot.appendChild(document.createElement("div"));
  box.className = "lrlab-handles";
  let points = [];

  const move = (index, lr) => {
    const within = Math.min(Math.max(Math.round(lr / STEP) * STEP, 0), HIGHEST);
    moved(points.map((each, at) => (at === index ? Number(within.toFixed(3)) : each)));
  };
  const point = (event) => {
    const { left, top } = panel.svg.getBoundingClientRect();
    const { inner } = panel;
    const share = (event.clientX - left - panel.x(0)) / (panel.x(points.length - 1) - panel.x(0));
    const index = Math.round(Math.min(Math.max(share, 0), 1) * (points.length - 1));
    const [low, high] = panel.ylim;
    move(index, low + ((inner.bottom - (event.clientY - top)) / (inner.bottom - inner.top)) * (high - low));
  };
  panel.plot.addEventListener("pointerdown", (event) => {
    if (box.hidden) return;
    panel.plot.setPointerCapture(event.pointerId);
    point(event);
  });
  panel.plot.addEventListener("pointermove", (event) => {
    if (!box.hidden && event.buttons) point(event);
  });

  const handle = (index) => {
    const made = document.createElement("div");
    made.tabIndex = 0;
    made.setAttribute("role", "slider");
    made.setAttribute("aria-orientation", "vertical");
    made.setAttribute("aria-label", `Your lr after ${index} epoch${index === 1 ? "" : "s"}`);
    made.setAttribute("aria-valuemin", 0);
    made.setAttribute("aria-valuemax", HIGHEST);
    made.addEventListener("keydown", (event) => {
      const by = KEYS[event.key];
      const to = { ArrowLeft: made.previousSibling, ArrowRight: made.nextSibling }[event.key];
      if (by) move(index, points[index] + 5 * by * STEP);
      to?.focus();
      if (by || to) event.preventDefault();
    });
    return made;
  };

  /** Show a handle for each epoch's start and for the end; with null none. */
  return (drawn, epochs) => {
    box.hidden = drawn === null;
    if (box.hidden) return;
    points = Array.from({ length: epochs + 1 }, (_, epoch) => along(drawn, epoch / epochs));
    while (box.children.length > points.length) box.lastChild.remove();
    points.forEach((lr, index) => {
      const made = box.children[index] ?? box.appendChild(handle(index));
      made.style.left = `${panel.x(index)}px`;
      made.style.top = `${panel.y(lr)}px`;
      made.setAttribute("aria-valuenow", lr);
      made.setAttribute("aria-valuetext", number(lr));
    });
  };
}
