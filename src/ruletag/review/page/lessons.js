// What your corrections teach: measured while the reviewer goes on, looked through here, one key for each suggestion.

import { get, post } from "./api.js";
import * as dialogs from "./dialogs.js";
import { button, list, make } from "./dom.js";
import { action, KEYS, shown } from "./keys.js";
import { say } from "./strings.js";

const BUSY = ["measuring", "writing"];
const signed = (number, digits = 0) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(digits);
const keyOf = (does) => shown(KEYS.find((each) => each.does === does));

/** How far it is, until nothing goes on any more. @param {(told: object) => void} tell is told again and again */
async function settled(tell = () => {}) {
  for (;;) {
    const told = await get("/api/suggest");
    if (!BUSY.includes(told.state)) return told;
    tell(told);
  }
}

/** A surface with its label, as it would be or as it was. */
function side(name, value) {
  if (!value) return null;
  const [surface, label] = value;
  return name === "was"
    ? make("del", {}, surface, make("small", {}, ` ${label} `))
    : make("mark", { "data-label": label, "data-letter": label[0], "data-state": "accepted" }, surface);
}

/** A span that changes, in its sentence. */
function change(each) {
  return make("span", { dir: "auto" }, each.before, side("was", each.was), side("is", each.is), each.after);
}

export class Lessons {
  /** @param {{ found: (number: number) => void, adopted: (told: object) => void, failed: (error: Error) => void }} page */
  constructor(page) {
    this.page = page;
    this.refused = new Set();
  }

  /** Have suggestions measured in the background; the page is told how many there are. */
  async measure() {
    await post("/api/suggest", {});
    const told = await settled();
    if (told.state === "measured") this.page.found(told.suggestions.length);
  }

  async open() {
    await post("/api/suggest", {});
    this.box = make("div", { id: "lessons" });
    this.box.addEventListener("keydown", (event) => this.#pressed(event));
    const closed = dialogs.open(say("lessons"), this.box, dialogs.closer());
    this.#show(await settled((told) => this.#wait(told)));
    return closed;
  }

  /** How far the measuring is. */
  #wait({ state, weighed, proposed, found }) {
    const text = state === "writing" ? say("lessonsWriting") : say("lessonsMeasuring", { weighed, proposed, found });
    const bar = make("progress", { max: proposed || 1, value: proposed ? weighed : null, "aria-label": say("lessons") });
    this.box.replaceChildren(make("p", { role: "status" }, bar, " ", text));
  }

  /** Everything that was measured, what reaches most documents first. */
  #show(told) {
    if (!this.box.isConnected) return;
    this.page.found(told.suggestions.length);
    this.rows = told.suggestions.map((each) => this.#row(each));
    const parts = [make("p", {}, say(told.suggestions.length ? "lessonsFrom" : "lessonsNothing", told))];
    if (told.error) parts.push(make("p", { role: "alert", class: "risk" }, told.error));
    if (this.rows.length) {
      const hint = ["tickLesson", "refuseLesson", "showLesson", "writeLessons"].map((does) => `${keyOf(does)} ${say(`act.${does}`)}`);
      parts.push(make("ul", { class: "lessons" }, ...this.rows.map(({ row }) => row)),
        make("div", { class: "write" }, button(make("span", {}, say("do.writeLessons"), " ", make("kbd", {}, keyOf("writeLessons"))), () => this.writeLessons(), { id: "write" }),
          make("small", {}, say("lessonsFolder", told))), make("p", { class: "figure" }, hint.join(" · ")),
        make("p", { id: "lessons-said", role: "status" }));
    }
    this.box.replaceChildren(...parts);
    this.rows[0]?.box.focus();
  }

  #row(each, index) {
    const box = make("input", { type: "checkbox", id: `lesson-${index}`, checked: each.ticked, "aria-describedby": `figures-${index}` });
    const all = make("section", { hidden: true });
    const { gain, reach } = each;
    const gained = say("lessonGain", { ...gain, f1: signed(gain.f1, 4), low: signed(gain.low, 4), high: signed(gain.high, 4) });
    const row = make("li", { "data-kind": each.kind },
      make("label", { for: box.id }, box, " ", make("bdi", {}, this.#sentence(each))),
      make("div", { id: `figures-${index}`, class: "figures" }, make("p", {}, say("lessonReach", reach)), make("p", {}, gained),
        make("p", {}, say("lessonCorrections", each)), each.risk ? make("p", { class: "risk" }, say(`risk.${each.risk}`)) : null),
      list(each.examples.map(change)));
    const entry = { each, box, row, all };
    entry.show = button(say("do.showLesson"), () => this.#toggle(entry), { "aria-expanded": "false" });
    entry.never = button(say("do.refuseLesson"), () => this.#refuse(entry), { "aria-pressed": "false" });
    row.append(make("div", { class: "actions" }, entry.show, entry.never), all);
    box.addEventListener("change", () => box.checked && this.refused.has(each.id) && this.#refuse(entry));
    return entry;
  }

  /** What a suggestion says. */
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
    const at = this.rows?.indexOf(this.#current) ?? -1;
    const next = this.rows?.[Math.min(Math.max(at + way, 0), this.rows.length - 1)];
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

  /** Never again, or after all. */
  async #refuse({ each, box, row, never }) {
    const on = !this.refused.has(each.id);
    await post("/api/suggest/refuse", { id: each.id, on });
    if (on) {
      this.refused.add(each.id);
      box.checked = false;
    } else this.refused.delete(each.id);
    row.toggleAttribute("data-refused", on);
    never.setAttribute("aria-pressed", String(on));
    this.#tell(say(on ? "did.refuse" : "did.unrefuse", each));
  }

  /** Every span that a suggestion would change, or none of them. */
  async #toggle({ each, all, show }) {
    if (all.hidden && !all.childElementCount) {
      const { changes, most } = await get("/api/suggest/changes", { id: each.id });
      const lines = changes.map((one) => make("span", {}, make("b", {}, make("bdi", {}, one.document)), ": ", change(one)));
      all.append(make("h3", {}, say(changes.length < most ? "lessonChanges" : "lessonFirst", { number: changes.length })), list(lines));
    }
    all.hidden = !all.hidden;
    show.setAttribute("aria-expanded", String(!all.hidden));
  }

  /** Write what is ticked; the reviewer can go on meanwhile. */
  async writeLessons() {
    const ids = this.rows?.filter(({ box }) => box.checked).map(({ each }) => each.id) ?? [];
    if (!ids.length) return this.#tell(say("lessonsNoneTicked"));
    try {
      const { dropped } = await post("/api/suggest/accept", { ids });
      const told = await settled((now) => this.#wait(now));
      if (told.error) return this.#show(told);
      if (this.box.isConnected && dialogs.isOpen()) dialogs.close();
      this.page.found(0);
      return await this.page.adopted({ ...told, number: ids.length - dropped.length, dropped: dropped.length });
    } catch (error) {
      return this.page.failed(error);
    }
  }

  #tell(text) {
    this.box.querySelector("#lessons-said").textContent = text;
  }
}
