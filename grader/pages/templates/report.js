"use strict";
// Sorts, filters and searches the table of students, and hides names. Every row was written by the
// grader: nothing is made from text here, rows are only moved, so no learner's text can become code.
(() => {
  const AT_ONCE = 200;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const by = (id) => document.getElementById(id);
  const table = document.querySelector("table.students");
  if (!table) return;
  const body = table.tBodies[0];
  const more = by("more");
  const rows = all("tr", body).concat(more ? all("tr", more.content) : []);
  const heads = [...table.tHead.rows[0].cells];
  const search = by("search"), filter = by("filter"), section = by("section");
  const names = new Map(rows.map((row) => [row.dataset.s, row.cells[0].textContent.toLowerCase()]));
  const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  let only = null; // the learners of one mistake
  let shown = rows;
  let drawn = 0;

  // --- which rows, in which order -------------------------------------------------------------

  function draw() {
    body.append(...shown.slice(drawn, drawn + AT_ONCE));
    drawn = Math.min(drawn + AT_ONCE, shown.length);
  }

  function choose() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = rows.filter((row) =>
      (!only || only.has(row.dataset.s)) &&
      (!filter.value || (row.dataset.f || "").split(" ").includes(filter.value)) &&
      (!section?.value || "=" + row.dataset.g === section.value) &&
      words.every((word) => names.get(row.dataset.s).includes(word)));
    by("shown").value = `${shown.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    by("everybody").hidden = shown.length === rows.length;
    body.replaceChildren();
    drawn = 0;
    draw();
  }

  function key(row, column) {
    const cell = row.cells[column];
    const value = cell.dataset.v ?? cell.textContent;
    return heads[column].dataset.kind === "text" ? value : Number(value);
  }

  function sort(column, up) {
    const text = heads[column].dataset.kind === "text";
    const keyed = rows.map((row) => [key(row, column), row]);
    keyed.sort(([a], [b]) => (up ? 1 : -1) * (text ? compare(a, b) : a - b));
    keyed.forEach(([, row], place) => { rows[place] = row; });
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
    choose();
  }

  heads.forEach((head, column) => {
    const ofLesson = rows.some((row) => "v" in row.cells[column].dataset);
    head.dataset.kind = ofLesson || head.classList.contains("number") ? "number" : "text";
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      sort(column, before ? before === "descending" : !head.textContent.startsWith("Behind"));
    });
  });

  new IntersectionObserver((seen) => {
    if (seen[0].isIntersecting && drawn < shown.length) draw();
  }, { root: by("end").parentElement, rootMargin: "600px" }).observe(by("end"));
  addEventListener("beforeprint", () => { while (drawn < shown.length) draw(); });

  search.addEventListener("input", choose);
  filter.addEventListener("input", choose);
  by("everybody").addEventListener("click", () => {
    only = null;
    search.value = filter.value = "";
    if (section) { section.value = ""; chooseSection(); }
    choose();
  });

  // --- the learners of a mistake, and one section ---------------------------------------------

  all("button.show").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      only = new Set(button.dataset.numbers.split(" "));
      choose();
      by("students").scrollIntoView();
      by("everybody").focus({ preventScroll: true });
    });
  });

  const elsewhere = all(".heat tr[data-s], .stopped tr[data-s], .comments div[data-s]");
  const sectionOf = new Map(rows.map((row) => [row.dataset.s, "=" + row.dataset.g]));

  function chooseSection() {
    const chosen = section.value;
    all("[data-section]").forEach((part) => { part.hidden = part.dataset.section !== chosen; });
    elsewhere.forEach((each) => { each.hidden = chosen && sectionOf.get(each.dataset.s) !== chosen; });
  }

  if (section) {
    section.addEventListener("input", () => { chooseSection(); choose(); });
    chooseSection();
  }

  // --- names ----------------------------------------------------------------------------------

  const outside = all("a[data-s], span[data-s]");
  const links = all("a[data-s]").concat(rows.flatMap((row) => all("a", row)));
  const labels = outside.map((each) => [each.querySelector("bdi"), each.dataset.s])
    .concat(rows.map((row) => [row.cells[0].querySelector("bdi"), row.dataset.s]));
  const given = new Map(); // element → where it led or what it said, while names are hidden

  function hideNames() {
    const numbers = rows.map((_, place) => place + 1);
    for (let last = numbers.length - 1; last > 0; last--) {
      const other = Math.floor(Math.random() * (last + 1));
      [numbers[last], numbers[other]] = [numbers[other], numbers[last]];
    }
    const alias = new Map(rows.map((row, place) => [row.dataset.s, `Learner ${numbers[place]}`]));
    links.forEach((link) => {
      given.set(link, link.getAttribute("href"));
      link.removeAttribute("href");
    });
    labels.forEach(([label, who]) => {
      given.set(label, label.textContent);
      label.textContent = alias.get(who);
    });
    // Rows that are equal in what they are sorted by would else tell the order of the names.
    rows.sort((a, b) => compare(a.cells[0].textContent, b.cells[0].textContent));
  }

  function showNames() {
    given.forEach((before, each) => {
      if (each.localName === "a") each.setAttribute("href", before);
      else each.textContent = before;
    });
    given.clear();
  }

  function setHidden(hidden) {
    document.body.classList.toggle("anonymous", hidden);
    by("hide-names").setAttribute("aria-pressed", hidden);
    search.value = "";
    search.disabled = hidden;
    if (hidden) hideNames();
    else showNames();
    sort(heads.findIndex((head) => head.textContent.startsWith("Total")), true);
  }

  by("hide-names").addEventListener("click", () => {
    const hide = !document.body.classList.contains("anonymous");
    if (!hide && location.hash === "#anonymous") location.hash = "";
    setHidden(hide);
  });

  all(".tools").forEach((tools) => { tools.hidden = false; });
  by("first-rows")?.remove();
  choose();
  if (location.hash === "#anonymous") setHidden(true);
})();
