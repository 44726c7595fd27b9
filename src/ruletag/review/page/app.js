// The page: keys and buttons become actions, actions become operations, which go to the screen at once and to the server.

import { claim, get, post, Refused, send, Writer } from "./api.js";
import * as dialogs from "./dialogs.js";
import { Doc, isLive, isProposed } from "./document.js";
import { button, byId, make } from "./dom.js";
import { action } from "./keys.js";
import { Lessons } from "./lessons.js";
import { Panel } from "./panel.js";
import { language, say } from "./strings.js";
import { View } from "./view.js";

const TOOLS = ["undo", "redo", "done", "search", "list", "flag", "comment", "lessons", "guide", "help"];
const MEASURE_EVERY = 10; // documents done, after which suggestions are measured

class App {
  constructor() {
    this.panel = new Panel((does) => this.act(does));
    this.view = new View({ select: (id) => this.point(this.doc.item(id)), rebound: (id, start, end) => this.rebound(id, start, end) });
    this.teaching = new Lessons({
      counted: (number) => this.counted(number), adopted: (record) => this.adopted(record), failed: (error) => this.failed(error),
    });
    this.writer = new Writer((waiting) => this.waiting(waiting));
    this.selection = null;
    this.look = null;
    this.rules = new Map();
    this.totals = new Map();
    this.trail = [];
    this.moving = 0;
    this.queued = [];
  }

  /** Do work that changes the document, or its state; actions of keys that are pressed meanwhile wait for it. */
  async move(work) {
    this.moving += 1;
    try {
      return await this.writer.then(work);
    } catch (error) {
      return await this.failed(error);
    } finally {
      this.moving -= 1;
      while (!this.moving && this.queued.length && !dialogs.isOpen()) this.act(this.queued.shift());
      if (dialogs.isOpen()) this.queued = [];
    }
  }

  async start() {
    document.documentElement.lang = language;
    for (const element of document.querySelectorAll("[data-string]")) element.textContent = say(element.dataset.string);
    byId("text").setAttribute("aria-label", say("skip"));
    byId("keys").textContent = say("keysLine");
    byId("tools").append(...TOOLS.map((does) => button(say(`do.${does}`), () => this.act(does), { "data-tool": does, title: say(`act.${does}`) })));
    addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("pointerup", () => setTimeout(() => this.picked()));
    document.addEventListener("dblclick", () => setTimeout(() => this.picked()));
    addEventListener("pagehide", () => claim("leave").catch(() => {}));
    this.prepareSearch();
    if (!(await claim("ask")).mine) return dialogs.taken(() => this.takeOver());
    return this.begin();
  }

  async takeOver() {
    await claim("take");
    if (this.doc) return this.reload();
    return this.begin();
  }

  async begin() {
    this.session = await get("/api/session");
    await this.goOn(null);
  }

  /** Show whether everything is saved. */
  waiting(number) {
    byId("saved").textContent = say(number ? "saving" : "saved");
    byId("saved").dataset.waiting = number;
  }

  // Documents.

  /** Go to the next document that is not done. */
  async goOn(after) {
    const { id } = await get("/api/next", { after });
    if (id !== null) return this.load(id);
    await this.progress();
    if (!this.doc) {
      const page = await get("/api/documents", {});
      if (page.documents.length) await this.load(page.documents[0].id);
    }
    dialogs.allDone();
    return null;
  }

  async load(id, { remember = true } = {}) {
    if (remember && this.doc && this.doc.id !== id) this.trail.push(this.doc.id);
    this.doc = new Doc(await get(`/api/documents/${id}`));
    this.selection = this.look = this.position = null;
    this.view.show(this.doc, this.session.pair);
    byId("name").textContent = this.doc.record.name;
    document.title = `${this.doc.record.name} · ruletag review`;
    scrollTo(0, 0);
    this.header();
    const first = this.doc.items().find((item) => this.doc.isOpen(item));
    if (first) this.point(first);
    else {
      this.panel.showNothing(this.doc);
      byId("text").focus({ preventScroll: true });
    }
    this.writer.send(this.doc, [{ op: "open" }]).catch((error) => this.failed(error));
    await this.progress();
  }

  /** Read the state of the document again, because the server has changed it. */
  async reload() {
    this.doc.setState(await get(`/api/documents/${this.doc.id}/state`));
    const current = this.view.current;
    this.view.show(this.doc, this.session.pair);
    this.point(current ? this.doc.item(current) : null);
    this.header();
    await this.progress();
  }

  header() {
    const marks = [this.doc.status === "done" ? say("done") : null, this.doc.flagged ? say("flagged") : null].filter(Boolean);
    byId("name").replaceChildren(make("bdi", {}, this.doc.record.name), ...marks.map((mark) => make("span", { class: "badge" }, mark)));
  }

  async progress() {
    const figures = await get("/api/progress"), { done, total, seconds_left: seconds } = figures;
    this.doneCount = done;
    byId("progress").max = total || 1;
    byId("progress").value = done;
    byId("progress").setAttribute("aria-label", say("position", { place: "", ...figures }));
    byId("position").textContent = say("position", { place: this.doc?.record.place ?? "-", total, done });
    byId("left").textContent = seconds === null ? "" : say("minutesLeft", { minutes: Math.ceil(seconds / 60) });
  }

  // The current span, or the selection.

  point(item, options) {
    this.selection = this.look = null;
    getSelection().removeAllRanges();
    this.view.point(item, options);
    if (!item) return this.panel.showNothing(this.doc);
    this.position = item.start;
    this.showItem(item);
    this.ask(item);
  }

  showItem(item) {
    const [span] = item.spans, source = this.doc.sources[span.source];
    const why = source?.kind === "rule" ? (this.rules.get(source.name) ?? "") : "";
    const total = this.totals.get(this.doc.surface(span)) ?? null;
    this.panel.showItem(this.doc, item, this.session.pair, { why, total });
  }

  /** Ask the server for what the panel lacks about a span: the reason for its rule, its number of places in the pile. */
  ask(item) {
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      const [span] = item.spans, source = this.doc.sources[span.source], surface = this.doc.surface(span);
      if (source?.kind === "rule" && !this.rules.has(source.name)) {
        this.rules.set(source.name, (await get("/api/why", { rule: source.name })).why);
      }
      if (!this.totals.has(surface)) this.totals.set(surface, (await get("/api/same", { surface })).total);
      const current = this.current;
      if (current && current.id === item.id) this.showItem(current);
    }, 200);
  }

  get current() {
    return this.view.current && !this.selection ? this.doc.item(this.view.current) : null;
  }

  select(start, end, look = null) {
    this.view.point(null);
    this.selection = { start, end };
    this.position = start;
    this.look = look;
    this.view.select(start, end);
    this.panel.showSelection(this.doc, this.selection, look);
    this.tell(this.doc.text.slice(start, end));
  }

  /** The browser's own selection, made with the mouse. */
  picked() {
    if (dialogs.isOpen() || !this.doc) return;
    const range = this.view.selection();
    if (!range) return;
    const { start, end } = range;
    this.position = start;
    if (start < end && !(this.selection?.start === start && this.selection?.end === end)) this.select(start, end);
  }

  tell(text) {
    byId("said").textContent = text;
  }

  // Keys.

  pressed(event) {
    if (dialogs.isOpen() || !this.doc) return;
    const field = event.target.closest?.("input, textarea, select");
    if (field) return;
    const inText = byId("text").contains(document.activeElement) || document.activeElement === document.body;
    const onButton = document.activeElement?.closest?.("button") && !inText;
    if (onButton && (event.key === "Enter" || event.key === " ")) return;
    const does = action(event, inText ? "text" : "page");
    if (!does) return;
    if (this.moving) {
      this.queued.push(does);
      event.preventDefault();
    } else if (this.act(does, event) !== false) event.preventDefault();
  }

  /** Do the action of a key or a button; false if the key is left to the browser. */
  act(does, event) {
    const label = /^label(\w+)$/u.exec(does)?.[1];
    if (label) return this.label(label);
    const [, side, direction, character] = /^(start|end)(Left|Right)(Character)?$/u.exec(does) ?? [];
    if (side) return this.moveBorder(side, direction === "Right" ? 1 : -1, Boolean(character));
    const choice = /^choice(\d)$/u.exec(does)?.[1];
    if (choice) return this.choose(Number(choice));
    return this[does](event);
  }

  choose(number) {
    const item = this.current;
    if (item && isProposed(item.spans[0])) return this.settle(item, ["first", "second"][number - 1] ?? "neither");
    return this.label(this.session.labels[number - 1]);
  }

  /** Apply operations here, announce them and send them. */
  perform(operations, message) {
    const ids = operations.map((operation) => operation.id).filter(Boolean);
    const before = ids.map((id) => this.doc.spans.get(id)).filter(Boolean);
    const items = before.map((span) => this.doc.item(span.id)).filter(Boolean);
    for (const operation of operations) this.doc.apply(operation);
    const after = ids.map((id) => this.doc.spans.get(id)).filter(Boolean);
    this.view.redraw([...before, ...items, ...after]);
    this.tell(message);
    const doc = this.doc;
    this.writer.send(doc, operations).catch((error) => this.failed(error, doc));
    return true;
  }

  async failed(error, doc = this.doc) {
    if (!(error instanceof Refused)) {
      byId("saved").textContent = say("failed");
      return dialogs.isOpen() ? null : dialogs.lost();
    }
    if (error.status === 409 && error.answer?.error) return dialogs.isOpen() ? null : dialogs.taken(() => this.takeOver());
    this.tell(error.status === 409 ? say("stale") : error.message);
    if (doc === this.doc) await this.reload();
    return null;
  }

  label(label) {
    if (this.selection) return this.addName(label);
    const item = this.current, span = item?.spans[0];
    if (!span || isProposed(span) || span.state === "locked") return this.tell(say("noSpan"));
    const surface = this.doc.surface(span), operations = [];
    if (!isLive(span)) operations.push({ op: "accept", id: span.id });
    if (span.label !== label) operations.push({ op: "relabel", id: span.id, label });
    else if (span.state === "seed") operations.push({ op: "accept", id: span.id });
    if (operations.length) this.perform(operations, say("did.label", { surface, label: say(label) }));
    return this.refresh(span.id);
  }

  /** Make the selection a name; spans that overlap it are deleted. */
  addName(label) {
    const { start, end } = this.selection;
    const overlapping = this.doc.overlapping(start, end);
    if (overlapping.some((span) => span.state === "locked")) return this.tell(say("overlaps"));
    const id = this.doc.newId();
    const operations = [...overlapping.map((span) => ({ op: "delete", id: span.id })), { op: "add", id, start, end, label }];
    this.perform(operations, say("did.label", { surface: this.doc.text.slice(start, end), label: say(label) }));
    this.refresh(id);
  }

  /** Redraw a span and its panel, and make it the current one. */
  refresh(id) {
    const item = this.doc.item(id);
    this.point(item);
  }

  accept() {
    const item = this.current, span = item?.spans[0];
    if (!span) return this.nextOpen();
    if (isProposed(span)) return this.nextOpen();
    if (span.state === "seed" || span.state === "deleted") {
      if (span.state === "deleted" && this.doc.overlapping(span.start, span.end).length) return this.tell(say("overlaps"));
      this.perform([{ op: "accept", id: span.id }], say("did.accept", { surface: this.doc.surface(span) }));
    }
    return this.stepToOpen() || this.point(this.doc.item(span.id));
  }

  remove() {
    const item = this.current, span = item?.spans[0];
    if (!span || !isLive(span) || span.state === "locked") return null;
    this.perform([{ op: "delete", id: span.id }], say("did.delete", { surface: this.doc.surface(span) }));
    return this.stepToOpen() || this.point(this.doc.item(span.id));
  }

  /** Decide between two reviewers: `side` is "first", "second" or "neither". */
  settle(item, side) {
    const operations = item.spans.filter((span) => span.state !== side).map((span) => ({ op: "delete", id: span.id }));
    operations.push(...item.spans.filter((span) => span.state === side).map((span) => ({ op: "accept", id: span.id })));
    const chosen = item.spans.find((span) => span.state === side) ?? item.spans[0];
    this.perform(operations, this.view.describe(item));
    return this.stepToOpen() || this.point(this.doc.item(chosen.id));
  }

  // Walking.

  /** Go to the next (`way` 1) or previous (-1) item that fits. @returns {boolean} whether there is one */
  step(fits, way) {
    const items = this.doc.items();
    const from = this.current ? this.current.start : (this.position ?? (way > 0 ? -1 : this.doc.text.length));
    const target = way > 0 ? items.find((item) => item.start > from && fits(item)) : items.findLast((item) => item.start < from && fits(item));
    if (target) {
      this.point(target);
      this.tell(this.view.describe(target));
    }
    return Boolean(target);
  }

  stepToOpen() {
    return this.step((item) => this.doc.isOpen(item), 1);
  }

  nextOpen(event) {
    if (this.stepToOpen()) return true;
    this.tell(say("noMoreOpen"));
    return event?.key !== "Tab";
  }

  previousOpen(event) {
    return this.step((item) => this.doc.isOpen(item), -1) || event?.key !== "Tab";
  }

  nextSpan() {
    this.step(() => true, 1);
  }

  previousSpan() {
    this.step(() => true, -1);
  }

  // Borders, words, second look.

  moveBorder(side, way, byCharacter) {
    const base = this.selection ?? this.current?.spans[0];
    if (!base || (base.state && (!isLive(base) || base.state === "locked"))) return this.tell(say("noSpan"));
    const moved = this.doc.text.moved(base.start, base.end, side, way, byCharacter);
    if (!moved) return this.tell(say("noFurther"));
    if (this.selection) return this.select(moved.start, moved.end, this.look);
    return this.rebound(base.id, moved.start, moved.end);
  }

  rebound(id, start, end) {
    if (this.doc.overlapping(start, end, id).length) return this.tell(say("overlaps"));
    const span = this.doc.spans.get(id);
    if (span.start === start && span.end === end) return null;
    this.perform([{ op: "rebound", id, start, end }], say("did.border", { surface: this.doc.text.slice(start, end) }));
    return this.refresh(id);
  }

  word() {
    const caret = this.view.selection();
    if (this.selection) {
      const run = this.doc.text.runAround(this.selection.start, this.selection.end);
      return this.select(run.start, run.end, this.look);
    }
    const word = this.doc.text.word(caret?.start ?? this.position ?? 0);
    return word ? this.select(word.start, word.end) : null;
  }

  besideWord(way) {
    const base = this.selection ?? this.current ?? { start: this.position ?? 0, end: this.position ?? 0 };
    const word = this.doc.text.wordBeside(base.start, base.end, way);
    if (word) this.select(word.start, word.end);
  }

  nextWord() {
    this.besideWord(1);
  }

  previousWord() {
    this.besideWord(-1);
  }

  secondLook() {
    const places = this.doc.secondLook();
    const from = this.selection ? this.selection.start : this.look ? this.position : (this.position ?? -1);
    const index = places.findIndex((place) => place.start > from);
    const chosen = index < 0 ? (places[0]?.start < from ? 0 : -1) : index;
    if (chosen < 0) return this.tell(say("noMoreLook"));
    const place = places[chosen];
    return this.select(place.start, place.end, { ...place, left: places.length - 1 });
  }

  leave() {
    const { position } = this;
    getSelection().removeAllRanges();
    this.point(null);
    this.position = position;
    byId("text").focus({ preventScroll: true });
  }

  // Other readings, equal surfaces.

  alternative() {
    const span = this.current?.spans[0];
    if (!span || !isLive(span) || !span.alternatives?.length) return this.tell(say("noAlternative"));
    const readings = [span.origin, ...span.alternatives.map(([start, end, label]) => [start, end, label])];
    const distinct = readings.filter((reading, index) => readings.findIndex((other) => String(other) === String(reading)) === index);
    const current = distinct.findIndex((reading) => String(reading) === String([span.start, span.end, span.label]));
    const [start, end, label] = distinct[(current + 1) % distinct.length];
    if (distinct.length < 2) return this.tell(say("noAlternative"));
    const overlapping = this.doc.overlapping(start, end, span.id);
    if (overlapping.some((other) => other.state === "locked")) return this.tell(say("overlaps"));
    const operations = overlapping.map((other) => ({ op: "delete", id: other.id }));
    if (start !== span.start || end !== span.end) operations.push({ op: "rebound", id: span.id, start, end });
    if (label !== span.label) operations.push({ op: "relabel", id: span.id, label });
    this.perform(operations, say("did.label", { surface: this.doc.text.slice(start, end), label: say(label) }));
    return this.refresh(span.id);
  }

  alike() {
    const span = this.current?.spans[0];
    if (!span || isProposed(span)) return this.tell(say("noSpan"));
    const operations = this.doc.alike(span);
    if (!operations.length) return this.tell(say("nothingAlike"));
    const number = operations.filter(({ op }) => op !== "delete" || span.state === "deleted").length;
    this.perform(operations, say("did.alike", { number }));
    return this.refresh(span.id);
  }

  alikeInPile() {
    const span = this.current?.spans[0], base = this.selection ?? span;
    if (!base || (span && isProposed(span))) return this.tell(say("noSpan"));
    const surface = this.doc.text.slice(base.start, base.end);
    const label = base.label ?? "MISC", isDeleted = base.state === "deleted";
    const isExact = (hit) => hit.span && hit.span.start === hit.start && hit.span.end === hit.end;
    const changes = (hit) => {
      if (isDeleted) return isExact(hit);
      if (!hit.span) return true;
      return isExact(hit) ? hit.span.label !== label : hit.start <= hit.span.start && hit.span.end <= hit.end;
    };
    const what = isDeleted ? say("asNone") : say("asName", { label }), op = isDeleted ? { op: "delete" } : { op: "add", label };
    return dialogs.same(surface, what, changes, (hits) => this.bulk(hits, op));
  }

  bulk(hits, op) {
    if (!hits.length) return null;
    const places = hits.map(({ document, start, end }) => ({ document, start, end }));
    return this.move(async () => {
      const answer = await post("/api/bulk", { hits: places, op });
      this.tell(say("did.alike", { number: hits.length }));
      if (answer.documents.includes(this.doc.id)) await this.reload();
    });
  }

  // The document as a whole.

  turn(how) {
    return this.move(async () => {
      const { documents } = await post(`/api/${how}`, {});
      if (!documents.length) return this.tell(say(how === "undo" ? "nothingToUndo" : "nothingToRedo"));
      if (documents.includes(this.doc.id)) await this.reload();
      else await this.load(documents[0]);
      return this.tell(say(`did.${how}`));
    });
  }

  undo() {
    return this.turn("undo");
  }

  redo() {
    return this.turn("redo");
  }

  done() {
    const left = this.doc.items().filter((item) => isProposed(item.spans[0])).length;
    if (left) return this.tell(say("undecided", { number: left }));
    const { doc } = this;
    return this.move(async () => {
      if (doc.status !== "done") {
        doc.apply({ op: "done" });
        await send(doc, [{ op: "done" }]);
      }
      const before = this.doneCount;
      await this.goOn(doc.id);
      this.tell(say("did.done"));
      const isDue = this.doneCount > before && this.doneCount % MEASURE_EVERY === 0;
      if (isDue && !this.session.pair.length) this.teaching.measure().catch(() => {});
    });
  }

  // Suggestions.

  lessons() {
    if (this.session.pair.length) return this.tell(say("lessonsPair"));
    if (!this.doneCount) return this.tell(say("lessonsNoDocument"));
    return this.teaching.open().catch((error) => this.failed(error));
  }

  /** Show the number of suggestions. */
  counted(number) {
    const tool = document.querySelector("[data-tool=lessons]");
    tool.textContent = number ? `${say("do.lessons")} (${number})` : say("do.lessons");
    if (number && !dialogs.isOpen()) this.tell(say("lessonsFound", { number }));
  }

  /** Suggestions were written: load the document tagged again, in which decisions stay. */
  adopted(record) {
    return this.move(async () => {
      await get(`/api/documents/${this.doc.id}`);
      await this.reload();
      const { number, files, dropped } = record;
      this.tell([say("did.write", { number, files: files.join(", ") }), dropped ? say("lessonsDropped", record) : ""].join(" "));
    });
  }

  nextDocument() {
    return this.move(() => this.goOn(this.doc.id));
  }

  previousDocument() {
    const id = this.trail.pop();
    return id === undefined ? null : this.move(() => this.load(id, { remember: false }));
  }

  flag() {
    const on = !this.doc.flagged;
    this.perform([{ op: "flag", on }], say(on ? "did.flag" : "did.unflag"));
    this.header();
  }

  comment() {
    return dialogs.comment((text) => {
      this.perform([{ op: "comment", text }], say("did.comment"));
      const item = this.current;
      if (item) this.showItem(item);
      else this.panel.showNothing(this.doc);
    });
  }

  // Questions.

  async whyNothing() {
    const at = this.selection?.start ?? this.current?.start ?? this.position ?? 0;
    const { misses } = await get(`/api/explain/${this.doc.id}`, { at });
    this.panel.showMisses(misses);
    byId("misses").scrollIntoView({ block: "nearest" });
  }

  propose() {
    const base = this.selection ?? this.current?.spans[0];
    if (!base) return this.tell(say("noSpan"));
    return dialogs.propose(this.doc.id, { start: base.start, end: base.end, label: base.label ?? "MISC" });
  }

  list() {
    return dialogs.documents(this.session, (id) => this.move(() => this.load(id)));
  }

  guide() {
    return dialogs.guide();
  }

  help() {
    return dialogs.help();
  }

  search() {
    byId("search").hidden = false;
    byId("query").focus();
    byId("query").select();
  }

  prepareSearch() {
    const form = byId("search"), query = byId("query");
    query.setAttribute("aria-description", say("searchHelp"));
    query.addEventListener("input", () => this.find(0));
    query.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.find(event.shiftKey ? -1 : 1);
      else if (event.key === "Escape") this.endSearch();
      else return;
      event.preventDefault();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Select the next (`way` 1), previous (-1) or first (0) hit of the search; the focus stays in its field. */
  find(way) {
    const query = byId("query").value.toLowerCase(), text = this.doc.text, hits = [];
    const lower = text.string.toLowerCase();
    if (query && lower.length === text.string.length) {
      for (let unit = lower.indexOf(query); unit >= 0; unit = lower.indexOf(query, unit + query.length)) {
        hits.push({ start: text.point(unit), end: text.point(unit + query.length) });
      }
    }
    this.hit = way ? ((this.hit ?? -1) + way + hits.length) % (hits.length || 1) : 0;
    byId("hits").textContent = hits.length ? say("hitsFound", { at: this.hit + 1, total: hits.length }) : query ? say("noHits") : "";
    if (!hits.length) return;
    const { start, end } = hits[this.hit];
    this.select(start, end);
    byId("query").focus();
  }

  endSearch() {
    byId("search").hidden = true;
    byId("text").focus({ preventScroll: true });
    if (this.selection) this.view.select(this.selection.start, this.selection.end);
  }
}

const app = new App();
app.start().catch((error) => app.failed(error));
