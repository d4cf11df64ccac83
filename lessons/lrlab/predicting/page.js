// One prediction in the page: a form first; what it hides and its answer after it is committed.
// This stands in a notebook's saved output, so it is short and needs nothing else.
window.lrlabPredict = root => {
  root.dataset.ready = "";
  root.closest(".jp-Notebook")?.classList.add("lrlab-lesson");
  const bytes = Uint8Array.from(atob(root.dataset.prediction), c => c.charCodeAt(0));
  const asked = JSON.parse(new TextDecoder().decode(bytes));
  const { id, kind, answer, choices, within, unit, levels, first } = asked;
  const add = (host, tag, attributes = {}, text = "") => {
    const svg = host instanceof SVGElement || tag === "svg";
    const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return host.appendChild(made);
  };
  const number = value => String(value).replace("-", "−");
  const list = items => items.join(", ") || "none";

  // Each kind: how it is asked, what was said (undefined while it is incomplete), how it is judged.
  const closed = () => "said" in asked;
  let said = () => undefined;
  let show = () => {};
  let put = () => {};
  const choose = (form, several) => {
    const inputs = choices.map(choice => {
      const label = add(form, "label");
      const input = add(label, "input", { type: several ? "checkbox" : "radio", name: "lrlab-" + id, value: choice });
      label.append(" " + choice);
      return input;
    });
    const ticked = () => inputs.filter(input => input.checked).map(input => input.value);
    said = () => (several ? ticked() : ticked()[0]);
    put = value => inputs.forEach(input => (input.checked = [].concat(value ?? []).includes(input.value)));
  };
  const count = form => {
    const inputs = Object.keys(answer).map(name => {
      const label = add(form, "label", {}, name + ": ");
      const input = add(label, "input", { type: "number", step: "any" });
      label.append(" " + unit);
      return [name, input];
    });
    said = () => inputs.some(([, input]) => input.value === "") ? undefined
      : Object.fromEntries(inputs.map(([name, input]) => [name, Number(input.value)]));
    put = value => inputs.forEach(([name, input]) => (input.value = value?.[name] ?? ""));
  };
  const draw = form => {
    const [left, right, top, bottom] = [56, 470, 12, 176];
    const x = i => left + 14 + (i * (right - left - 28)) / Math.max(answer.length - 1, 1);
    const y = level => top + 8 + (level * (bottom - top - 16)) / Math.max(levels.length - 1, 1);
    const at = answer.map(() => 0);
    const svg = add(form, "svg", { viewBox: "0 0 480 206", role: "group", "aria-label": `${asked.y} by ${asked.x}` });
    const misses = add(svg, "g");
    levels.forEach((value, level) => {
      add(svg, "line", { x1: left, x2: right, y1: y(level), y2: y(level), stroke: "currentColor", opacity: .15 });
      add(svg, "text", { x: left - 6, y: y(level) + 4, "text-anchor": "end" }, number(value));
    });
    answer.forEach((_, i) => add(svg, "text", { x: x(i), y: 190, "text-anchor": "middle" }, first + i));
    add(svg, "text", { x: right, y: 204, "text-anchor": "end" }, asked.x);
    add(svg, "text", { x: 0, y: 10 }, asked.y);
    const line = (colour, dash) => add(svg, "polyline", { fill: "none", stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash });
    const [truth, yours] = [line("#0072b2", ""), line("#d55e00", "5 4")];
    const points = values => values.map((level, i) => `${x(i)},${y(level)}`).join(" ");
    const dots = at.map((_, i) => {
      const dot = add(svg, "circle", { r: 7, fill: "#d55e00", tabindex: 0, role: "slider", "aria-orientation": "vertical",
        "aria-label": `${asked.y} in ${asked.x} ${first + i}`, "aria-valuemin": 0, "aria-valuemax": levels.length - 1 });
      dot.addEventListener("keydown", event => {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        const to = { ArrowLeft: i - 1, ArrowRight: i + 1 }[event.key];
        if (by) move(i, at[i] + by);
        if (to !== undefined) dots[to]?.focus();
        if (by || to !== undefined) event.preventDefault();
      });
      return dot;
    });
    const redraw = () => {
      dots.forEach((dot, i) => {
        dot.setAttribute("cx", x(i));
        dot.setAttribute("cy", y(at[i]));
        dot.setAttribute("aria-valuenow", levels.length - 1 - at[i]);
        dot.setAttribute("aria-valuetext", number(levels[at[i]]));
      });
      yours.setAttribute("points", points(at));
    };
    // A point takes those after it along: a schedule, once drawn, mostly stays where it is.
    const move = (i, level) => {
      if (closed()) return;
      at.fill(Math.min(Math.max(level, 0), levels.length - 1), i);
      redraw();
    };
    const nearest = (count, place, value) =>
      [...Array(count).keys()].reduce((best, i) => (Math.abs(place(i) - value) < Math.abs(place(best) - value) ? i : best), 0);
    const point = event => {
      const box = svg.getBoundingClientRect();
      const [px, py] = [((event.clientX - box.left) * 480) / box.width, ((event.clientY - box.top) * 206) / box.height];
      move(nearest(answer.length, x, px), nearest(levels.length, y, py));
    };
    svg.addEventListener("pointerdown", event => {
      svg.setPointerCapture(event.pointerId);
      point(event);
      event.preventDefault();
    });
    svg.addEventListener("pointermove", event => event.buttons && point(event));
    said = () => at.map(level => levels[level]);
    put = value => {
      value?.forEach((each, i) => (at[i] = Math.max(levels.indexOf(each), 0)));
      redraw();
    };
    show = value => {
      truth.setAttribute("points", points(answer.map(each => levels.indexOf(each))));
      dots.forEach(dot => dot.remove());
      if (!value) yours.remove();
      missed(value ?? []).forEach(i => add(misses, "rect", { x: x(i) - 12, y: top, width: 24, height: bottom - top, fill: "#d55e00", opacity: .25 }));
    };
    redraw();
  };
  const missed = value => value.flatMap((each, i) =>
    Math.abs(levels.indexOf(each) - levels.indexOf(answer[i])) > within ? [i] : []);

  const numbers = values => Object.entries(values).map(([name, each]) =>
    (Object.keys(answer).length > 1 ? name + ": " : "") + number(each) + (unit && " " + unit)).join(", ");
  const result = value => {
    const is = { choice: () => answer, choices: () => list(answer), curve: () => "the solid line",
      numbers: () => numbers(answer) }[kind]();
    if (value == null) return `It is: ${is}.`;
    if (kind === "curve") {
      const off = missed(value);
      const score = `Yours is dashed. You are right in ${answer.length - off.length} of ${answer.length} places`;
      const i = off[0];
      return off.length ? `${score}; what you missed is shaded. First, at ${asked.x} ${first + i}: you said `
        + `${number(value[i])}; it is ${number(answer[i])}.` : `${score}.`;
    }
    const right = { choice: () => value === answer, choices: () => list(value) === list(choices.filter(each => answer.includes(each))),
      numbers: () => Object.keys(answer).every(name => Math.abs(value[name] - answer[name]) <= within) }[kind]();
    const yours = kind === "numbers" ? numbers(value) : list([].concat(value));
    return right ? `Right. You said: ${yours}.` : `You said: ${yours}. It is: ${is}.`;
  };

  root.textContent = "";
  const form = add(root, "form");
  const fields = add(form, "fieldset");
  add(fields, "legend", {}, "Your prediction");
  ({ choice: () => choose(fields, false), choices: () => choose(fields, true), numbers: () => count(fields), curve: () => draw(fields) })[kind]();
  const buttons = add(form, "div");
  add(buttons, "button", { type: "submit" }, "Commit");
  const reveal = add(buttons, "button", { type: "button", class: "lrlab-reveal" }, "Show without predicting");
  const spoken = add(root, "p", { class: "lrlab-result", role: "status", tabindex: -1 });

  const close = () => {
    root.dataset.state = "committed";
    buttons.remove();
    put(asked.said);
    for (const input of fields.querySelectorAll("input")) input.disabled = true;
    show(asked.said);
    spoken.textContent = result(asked.said);
  };
  // The folds right after the cells that this prediction and its neighbours have hidden.
  const unfold = () => {
    const code = cell => cell?.classList.contains("jp-CodeCell");
    const waits = cell => cell.querySelector('.lrlab-predict[data-state="waiting"]');
    let cell = root.closest(".jp-Cell");
    while (code(cell?.previousElementSibling)) cell = cell.previousElementSibling;
    while (code(cell) && !waits(cell)) cell = cell.nextElementSibling;
    const fold = cell => (code(cell) ? null : cell?.querySelector("details"));
    for (; fold(cell); cell = cell.nextElementSibling) fold(cell).open = true;
  };
  const commit = value => {
    asked.said = value;
    close();
    unfold();
    window.lrlabPredicted = id;
    spoken.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("lrlab-predicted", { detail: { id, said: value } }));
  };
  form.addEventListener("submit", event => {
    event.preventDefault();
    const value = said();
    if (value === undefined) spoken.textContent = "Say something first, or have it shown.";
    else commit(value);
  });
  reveal.addEventListener("click", () => commit(null));
  // Some pages take keys for shortcuts of their own before they look where they were pressed.
  root.addEventListener("keydown", event => event.stopPropagation());

  root.dataset.state = "waiting";
  if (closed()) close();
  // The kernel has replaced the form by its committed state: the focus stays where it was.
  if (closed() && window.lrlabPredicted === id && document.activeElement === document.body) spoken.focus({ preventScroll: true });
};
// Those that the page has shown before this code came.
document.querySelectorAll(".lrlab-predict:not([data-ready])").forEach(window.lrlabPredict);
