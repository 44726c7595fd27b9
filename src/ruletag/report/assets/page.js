// Sorting of tables, filters over the marks, a walk through the errors. The page says all it has to say without this.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/’/g, "'").replace(/\s+/g, " ").toLowerCase();

  // Tables

  const key = (row, column) => {
    const text = row.cells[column].textContent.trim();
    return text !== "" && !isNaN(text) ? Number(text) : text;
  };
  const french = new Intl.Collator("fr", { numeric: true });
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : french.compare(a, b));

  const sort = (table, column) => {
    const head = table.tHead.rows[0].cells[column];
    const numeric = head.classList.contains("number");
    const was = head.getAttribute("aria-sort");
    const order = was ? (was === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
    for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [key(row, column), row]);
    body.append(...rows.sort((a, b) => sign * compare(a[0], b[0])).map(([, row]) => row));
  };

  for (const table of all("table.sortable"))
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      button.addEventListener("click", () => sort(table, column));
      cell.append(button);
    });

  // Marks

  const form = document.querySelector(".filters");
  if (!form) return;
  const fields = form.elements;
  const causes = [...fields.cause];
  const walk = document.querySelector(".walk");
  const sources = all("#sources option").map((option) => fold(option.value));
  const marks = [];
  const pieces = [];
  const texts = all("article").map((element) => {
    const own = new Map();
    for (const chip of all(".chip", element)) {
      const note = chip.id ? document.getElementById(chip.getAttribute("aria-describedby")) : null;
      const mark = { chip, note, gold: "", predicted: "", cause: chip.dataset.c, pair: chip.dataset.l,
        source: sources[chip.dataset.s] ?? "", guideline: "guideline" in chip.dataset, on: true };
      own.set(chip.dataset.m, mark);
      marks.push(mark);
    }
    for (const piece of all("mark", element)) {
      const covering = new Set();
      for (const [side, numbers] of [["gold", piece.dataset.g], ["predicted", piece.dataset.p]])
        for (const number of numbers ? numbers.split(" ") : []) {
          own.get(number)[side] += piece.textContent;
          covering.add(own.get(number));
        }
      pieces.push({ element: piece, marks: [...covering], on: true });
    }
    return { element, marks: [...own.values()] };
  });
  for (const mark of marks) mark.surfaces = [fold(mark.gold), fold(mark.predicted)];
  let errors = marks.filter((mark) => mark.note);
  let current = null;

  // Filters; what differs from "show all" stands in the address

  const wanted = () => ({
    cause: causes.filter((box) => box.checked).map((box) => box.value).join(","),
    label: fields.label.value, guideline: fields.guideline.value, rule: fields.rule.value.trim(), q: fields.q.value.trim(),
  });
  const everything = causes.map((box) => box.value).join(",");

  const hasLabel = (mark, label) => label.includes(">") ? mark.pair === label : mark.pair.split(">").includes(label);

  const filter = () => {
    const want = wanted();
    const shown = new Set(want.cause.split(","));
    const rule = fold(want.rule);
    const surface = fold(want.q);
    const narrow = want.cause !== everything || want.label || want.guideline || rule || surface;
    for (const mark of marks) {
      const on = shown.has(mark.cause)
        && (!want.label || hasLabel(mark, want.label))
        && (!want.guideline || (mark.note && mark.guideline === (want.guideline === "yes")))
        && (!rule || mark.source.includes(rule))
        && (!surface || mark.surfaces.some((each) => each.includes(surface)));
      if (on !== mark.on) {
        mark.on = on;
        mark.chip.classList.toggle("off", !on);
        if (mark.note) mark.note.hidden = !on;
      }
    }
    for (const piece of pieces) {
      const on = piece.marks.some((mark) => mark.on);
      if (on !== piece.on) {
        piece.on = on;
        piece.element.classList.toggle("off", !on);
      }
    }
    let open = 0;
    for (const text of texts) {
      const on = !narrow || text.marks.some((mark) => mark.on);
      if (text.element.hidden === on) text.element.hidden = !on;
      open += on;
    }
    const count = marks.filter((mark) => mark.on).length;
    errors = marks.filter((mark) => mark.note && mark.on);
    form.querySelector("output").textContent = `${count} of ${marks.length} marks in ${open} of ${texts.length} texts`;
    if (current && !current.on) settle(null);
    else count_errors();
  };

  const address = () => {
    const want = wanted();
    const state = new URLSearchParams(Object.entries(want).filter(([name, value]) => name === "cause" ? value !== everything : value));
    if (current) state.set("at", current.chip.id);
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
  };

  const restore = () => {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) {
      const target = hash && document.getElementById(hash);
      if (!target || !target.closest("article")) return;
      if (target.closest("[hidden]") || target.matches(".off")) { form.reset(); filter(); }
      const mark = marks.find((each) => each.chip === target);
      if (mark) step(mark); else target.scrollIntoView();
      return;
    }
    const state = new URLSearchParams(hash);
    const ticked = (state.get("cause") ?? everything).split(",");
    for (const box of causes) box.checked = ticked.includes(box.value);
    for (const name of ["label", "guideline", "rule", "q"]) fields[name].value = state.get(name) ?? "";
    if (fields.label.selectedIndex < 0) fields.label.value = "";
    if (fields.guideline.selectedIndex < 0) fields.guideline.value = "";
    filter();
    const mark = marks.find((each) => each.note && each.on && each.chip.id === state.get("at"));
    if (mark) step(mark); else document.getElementById("texts").scrollIntoView();
  };

  // The walk

  const count_errors = () => {
    const position = errors.indexOf(current) + 1;
    walk.querySelector("output").textContent = `${position ? `${position} of ` : ""}${errors.length} error${errors.length === 1 ? "" : "s"}`;
    for (const button of all("button", walk)) button.disabled = !errors.length;
  };

  const settle = (mark) => {
    if (current) current.note.classList.remove("current");
    current = mark;
    if (mark) {
      mark.note.classList.add("current");
      const list = mark.note.parentElement;
      list.scrollTop = mark.note.offsetTop - list.clientHeight / 2;
    }
    walk.querySelector("p").textContent = mark ? mark.note.innerText.trim().replace(/\s*\n\s*/g, " · ") : "";
    count_errors();
  };

  const step = (mark) => {
    if (mark !== current) settle(mark);
    mark.chip.focus({ preventScroll: true });
    mark.chip.scrollIntoView({ block: "center" });
    address();
  };

  const move = (by) => {
    if (!errors.length) return;
    const from = errors.indexOf(current);
    step(errors[from < 0 ? (by > 0 ? 0 : errors.length - 1) : (from + by + errors.length) % errors.length]);
  };

  for (const button of all("button", walk)) button.addEventListener("click", () => move(Number(button.dataset.step)));
  document.addEventListener("keydown", (event) => {
    const by = { n: 1, p: -1 }[event.key];
    const writing = event.target.matches("input:not([type=checkbox]), select, textarea");
    if (!by || !fields.keys.checked || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(by);
  });
  document.addEventListener("focusin", (event) => {
    const mark = event.target.matches(".chip") && errors.find((each) => each.chip === event.target);
    if (mark && mark !== current) { settle(mark); address(); }
  });
  form.addEventListener("input", (event) => { if (event.target.name !== "keys") { filter(); address(); } });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { filter(); address(); }));
  addEventListener("hashchange", restore);

  form.hidden = walk.hidden = false;
  filter();
  restore();
})();
