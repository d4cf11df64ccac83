// Compares what each card has judged with what the notebook's cells say now. It has no view.

import { hear } from "../hear.js";

// The last definition of a name at the top level of a cell's text; null if there is none.
function definition(text, name) {
  const lines = text.split("\n");
  const begins = new RegExp(`^(?:(?:async +)?def|class) +${name}(?!\\p{ID_Continue})|^${name} *(?::[^=]*)?=(?!=)`, "u");
  let first = lines.findLastIndex((line) => begins.test(line));
  if (first < 0) return null;
  let end = first + 1;
  // A text in three quotes may have lines that begin like a new statement.
  const quoted = () => lines.slice(first, end).join("\n").split('"""').length % 2 === 0;
  while (end < lines.length && (/^(?:[\s)\]}#]|$)/.test(lines[end]) || quoted())) end += 1;
  while (/^(?:#.*|\s*)$/.test(lines[end - 1])) end -= 1;
  while (lines[first - 1]?.startsWith("@")) first -= 1;
  return lines.slice(first, end).map((line) => line.trimEnd()).join("\n");
}

const codeCells = (notebook) =>
  [...notebook.cells].flatMap((cell, index) =>
    cell.type === "code" ? [{ index, id: cell.id, source: cell.sharedModel.getSource() }] : [],
  );

/** Where a card's texts stand now: the cells to run for it, and what to say if they differ. */
function compare(texts, ran, atFirst, cells) {
  let home = [];
  for (const [name, text] of Object.entries(texts)) {
    const judged = definition(text, name);
    if (judged === null) {
      // The cell was run, but defined it no longer: the card names what went wrong.
      if (!home.length) home = cells.filter(({ source }) => source === text);
      continue;
    }
    const defining = cells
      .filter(({ source }) => source.includes(name))
      .map((cell) => ({ ...cell, now: definition(cell.source, name) }))
      .filter(({ now }) => now !== null);
    if (defining.length === 0) return { said: "gone", name, run: [] };
    // Changed is what differs from what was run, or from what stood there when this began; a cell
    // that is older and was never run is nobody's answer today.
    const changed = defining.filter(({ id, now }) => {
      const before = ran[id] ?? atFirst.get(id);
      return now !== (before === undefined ? judged : definition(before, name));
    });
    const same = defining.filter(({ now }) => now === judged);
    if (changed.length || !same.length) {
      return { said: "changed", name, run: changed.length ? changed : defining };
    }
    if (!home.length) home = same.slice(-1);
  }
  return { run: home };
}

function styles(card, { said, name, run }, words, scope) {
  const its = `[${scope}] .lrlab-card[data-check="${card}"]`;
  const button = `${its} .lrlab-run{display:inline-block!important}`;
  const sentence = JSON.stringify(words[said]?.replace("NAME", name) ?? "");
  const stale = `${its}>:not(.lrlab-rerun){display:none!important}${its}{border-left-color:${words.colour}!important}
    ${its}::before{content:${sentence};display:block;font-weight:600}`;
  return (run.length ? button : "") + (said ? stale : "");
}

// The page's own keyboard shortcut is the one way to run a cell that every page has.
function press(cell) {
  for (const type of ["mousedown", "mouseup"]) {
    cell.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
  }
  const notebook = cell.closest(".jp-Notebook");
  notebook.focus();
  const keys = { key: "Enter", code: "Enter", keyCode: 13, shiftKey: true };
  notebook.dispatchEvent(new KeyboardEvent("keydown", { ...keys, bubbles: true, cancelable: true }));
}

const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));

/** The cell at this place of a notebook's `panel`, scrolled to where a page has only the cells that
 *  were near the screen, each with its number; undefined if it is not found. */
async function cellAt(panel, index, count) {
  const scrolled = panel.querySelector(".jp-WindowedPanel-outer");
  for (let tries = 0; tries < 20 + count; tries += 1) {
    const there = [...panel.querySelectorAll(".jp-Cell")];
    if (there.length === count) return there[index];
    const numbers = there.map((cell) => Number(cell.dataset.windowedListIndex));
    if (numbers.includes(index) || !scrolled) return there[numbers.indexOf(index)];
    const shown = numbers.filter((_, at) => there[at].checkVisibility());
    scrolled.scrollTop += (index < Math.min(...shown) ? -1 : 1) * scrolled.clientHeight;
    await frame(); // The page learns that it was scrolled,
    await frame(); // and puts the cells into it.
  }
}

export default {
  initialize({ model }) {
    const notebook = model.widget_manager.context?.model;
    if (!notebook?.cells) return; // A console, or another kind of page.
    const atFirst = new Map(codeCells(notebook).map(({ id, source }) => [id, source]));
    const sheet = document.head.appendChild(document.createElement("style"));
    const found = new Map();
    const scope = `data-lrlab-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    let own;
    let waiting = 0;
    const look = () => {
      waiting = 0;
      // A copy of the notebook may be open beside it, with the same cards in it: the notebook of
      // this kernel is known by a card that no other one has.
      own ??= Object.keys(model.get("cards"))
        .map((card) => document.querySelectorAll(`.jp-Notebook:has([data-check="${card}"])`))
        .find(({ length }) => length === 1)?.[0];
      own?.setAttribute(scope, "");
      const cells = codeCells(notebook);
      found.clear();
      for (const [card, texts] of Object.entries(model.get("cards"))) {
        found.set(card, compare(texts, model.get("ran"), atFirst, cells));
      }
      const words = model.get("words");
      const text = `.lrlab-run::after{content:${JSON.stringify(words.run)}}${[...found].map((each) => styles(...each, words, scope)).join("")}`;
      if (sheet.textContent !== text) sheet.textContent = text;
    };
    const later = () => {
      waiting ||= requestAnimationFrame(look);
    };
    // Far from the screen no card may be in the page, and so nothing that the notebook is known by.
    const scrolled = () => {
      if (!own) later();
    };
    const clicked = async ({ target }) => {
      const button = target.closest?.(".lrlab-run");
      const its = found.get(button?.closest(".lrlab-card").dataset.check);
      if (!its || !own?.contains(button)) return;
      const check = button.closest(".jp-Cell");
      const count = [...notebook.cells].length;
      for (const { index } of its.run) {
        const cell = await cellAt(own, index, count);
        if (!cell) return;
        if (cell === check) continue;
        press(cell);
        await new Promise((pressed) => setTimeout(pressed, 50));
      }
      press(check);
    };
    model.on("change:cards", look);
    hear(model);
    notebook.contentChanged.connect(later);
    document.addEventListener("click", clicked);
    document.addEventListener("scroll", scrolled, { capture: true, passive: true });
    look();
    return () => {
      notebook.contentChanged.disconnect(later);
      document.removeEventListener("click", clicked);
      document.removeEventListener("scroll", scrolled, { capture: true });
      cancelAnimationFrame(waiting);
      own?.removeAttribute(scope);
      sheet.remove();
    };
  },
};
