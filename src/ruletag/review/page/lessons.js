// Suggestions from corrections: measured while the reviewer goes on, then reviewed in a dialog, one key for each action.

import { get, post } from "./api.js";
import * as dialogs from "./dialogs.js";
import { button, list, make } from "./dom.js";
import { action, KEYS, shown } from "./keys.js";
import { say } from "./strings.js";

const BUSY = ["measuring", "writing"];
const signed = (number, digits = 0) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(digits);
const keyOf = (does) => shown(KEYS.find((binding) => binding.does === does));

/** The record of the suggestions, once the server is idle. @param {(record: object) => void} report gets each earlier one */
async function settled(report = () => {}) {
  for (;;) {
    const record = await get("/api/suggest");
    if (!BUSY.includes(record.state)) return record;
    report(record);
  }
}

/** A surface with its label, before (`was`) or after the change. */
function side(name, value) {
  if (!value) return null;
  const [surface, label] = value;
  return name === "was"
    ? make("del", {}, surface, make("small", {}, ` ${label} `))
    : make("mark", { "data-label": label, "data-letter": label[0], "data-state": "accepted" }, surface);
}

/** A span that changes, in its context. */
function change(record) {
  return make("span", { dir: "auto" }, record.before, side("was", record.was), side("is", record.is), record.after);
}

export class Lessons {
  /** @param {{ counted: (number: number) => void, adopted: (record: object) => void, failed: (error: Error) => void }} page */
  constructor(page) {
    this.page = page;
    this.refused = new Set();
  }

  /** Have suggestions measured in the background; the page gets their number. */
  async measure() {
    await post("/api/suggest", {});
    const record = await settled();
    if (record.state === "measured") this.page.counted(record.suggestions.length);
  }

  async open() {
    await post("/api/suggest", {});
    this.box = make("div", { id: "lessons" });
    this.box.addEventListener("keydown", (event) => this.#pressed(event));
    const closed = dialogs.open(say("lessons"), this.box, dialogs.closer());
    this.#show(await settled((record) => this.#wait(record)));
    return closed;
  }

  /** Show the progress of measuring or writing. */
  #wait({ state, weighed, proposed, found }) {
    const text = state === "writing" ? say("lessonsWriting") : say("lessonsMeasuring", { weighed, proposed, found });
    const bar = make("progress", { max: proposed || 1, value: proposed ? weighed : null, "aria-label": say("lessons") });
    this.box.replaceChildren(make("p", { role: "status" }, bar, " ", text));
  }

  /** Show all measured suggestions, those that reach most documents first. */
  #show(record) {
    if (!this.box.isConnected) return;
    this.page.counted(record.suggestions.length);
    this.rows = record.suggestions.map((suggestion) => this.#row(suggestion));
    const parts = [make("p", {}, say(record.suggestions.length ? "lessonsFrom" : "lessonsNothing", record))];
    if (record.error) parts.push(make("p", { role: "alert", class: "risk" }, record.error));
    if (this.rows.length) {
      const hint = ["tickLesson", "refuseLesson", "showLesson", "writeLessons"].map((does) => `${keyOf(does)} ${say(`act.${does}`)}`);
      parts.push(make("ul", { class: "lessons" }, ...this.rows.map(({ row }) => row)),
        make("div", { class: "write" }, button(make("span", {}, say("do.writeLessons"), " ", make("kbd", {}, keyOf("writeLessons"))), () => this.writeLessons(), { id: "write" }),
          make("small", {}, say("lessonsFolder", record))), make("p", { class: "figure" }, hint.join(" · ")),
        make("p", { id: "lessons-said", role: "status" }));
    }
    this.box.replaceChildren(...parts);
    this.rows[0]?.box.focus();
  }

  #row(suggestion, index) {
    const box = make("input", { type: "checkbox", id: `lesson-${index}`, checked: suggestion.ticked, "aria-describedby": `figures-${index}` });
    const all = make("section", { hidden: true });
    const { gain, reach } = suggestion;
    const gained = say("lessonGain", { ...gain, f1: signed(gain.f1, 4), low: signed(gain.low, 4), high: signed(gain.high, 4) });
    const row = make("li", { "data-kind": suggestion.kind },
      make("label", { for: box.id }, box, " ", make("bdi", {}, this.#sentence(suggestion))),
      make("div", { id: `figures-${index}`, class: "figures" }, make("p", {}, say("lessonReach", reach)), make("p", {}, gained),
        make("p", {}, say("lessonCorrections", suggestion)),
        suggestion.risk ? make("p", { class: "risk" }, say(`risk.${suggestion.risk}`)) : null),
      list(suggestion.examples.map(change)));
    const entry = { suggestion, box, row, all };
    entry.show = button(say("do.showLesson"), () => this.#toggle(entry), { "aria-expanded": "false" });
    entry.never = button(say("do.refuseLesson"), () => this.#refuse(entry), { "aria-pressed": "false" });
    row.append(make("div", { class: "actions" }, entry.show, entry.never), all);
    box.addEventListener("change", () => box.checked && this.refused.has(suggestion.id) && this.#refuse(entry));
    return entry;
  }

  /** A suggestion as a sentence. */
  #sentence({ kind, key, name, others }) {
    return say(`lesson.${kind}`, { name, key, label: say.has(key) ? say(key) : key, other: others.map((label) => say(label)).join(", ") });
  }

  #pressed(event) {
    const does = action(event, "lessons");
    if (!does || event.target.closest("button")) return;
    if (does === "tickLesson" && event.target.matches("input")) return; // the browser does it
    event.preventDefault();
    this[does]();
  }

  get #current() {
    return this.rows?.find(({ row }) => row.contains(document.activeElement)) ?? this.rows?.[0];
  }

  #walk(way) {
    const index = this.rows?.indexOf(this.#current) ?? -1;
    const next = this.rows?.[Math.min(Math.max(index + way, 0), this.rows.length - 1)];
    next?.box.focus();
    next?.row.scrollIntoView({ block: "nearest" });
  }

  nextLesson() {
    this.#walk(1);
  }

  previousLesson() {
    this.#walk(-1);
  }

  tickLesson() {
    this.#current?.box.click();
  }

  refuseLesson() {
    if (this.#current) this.#refuse(this.#current).catch((error) => this.page.failed(error));
  }

  showLesson() {
    if (this.#current) this.#toggle(this.#current).catch((error) => this.page.failed(error));
  }

  /** Refuse a suggestion for good, or take the refusal back. */
  async #refuse({ suggestion, box, row, never }) {
    const on = !this.refused.has(suggestion.id);
    await post("/api/suggest/refuse", { id: suggestion.id, on });
    if (on) {
      this.refused.add(suggestion.id);
      box.checked = false;
    } else this.refused.delete(suggestion.id);
    row.toggleAttribute("data-refused", on);
    never.setAttribute("aria-pressed", String(on));
    this.#tell(say(on ? "did.refuse" : "did.unrefuse", suggestion));
  }

  /** Show or hide every span that a suggestion would change. */
  async #toggle({ suggestion, all, show }) {
    if (all.hidden && !all.childElementCount) {
      const { changes, most } = await get("/api/suggest/changes", { id: suggestion.id });
      const lines = changes.map((record) => make("span", {}, make("b", {}, make("bdi", {}, record.document)), ": ", change(record)));
      all.append(make("h3", {}, say(changes.length < most ? "lessonChanges" : "lessonFirst", { number: changes.length })), list(lines));
    }
    all.hidden = !all.hidden;
    show.setAttribute("aria-expanded", String(!all.hidden));
  }

  /** Write the ticked suggestions; the reviewer can go on meanwhile. */
  async writeLessons() {
    const ids = this.rows?.filter(({ box }) => box.checked).map(({ suggestion }) => suggestion.id) ?? [];
    if (!ids.length) return this.#tell(say("lessonsNoneTicked"));
    try {
      const { dropped } = await post("/api/suggest/accept", { ids });
      const record = await settled((earlier) => this.#wait(earlier));
      if (record.error) return this.#show(record);
      if (this.box.isConnected && dialogs.isOpen()) dialogs.close();
      this.page.counted(0);
      return await this.page.adopted({ ...record, number: ids.length - dropped.length, dropped: dropped.length });
    } catch (error) {
      return this.page.failed(error);
    }
  }

  #tell(text) {
    this.box.querySelector("#lessons-said").textContent = text;
  }
}
