// The page: keys and buttons to actions, actions to operations, operations to the screen at once and to the server.

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
const AGAIN = 10; // documents done, after which suggestions are measured

class App {
  constructor() {
    this.panel = new Panel((does) => this.act(does));
    this.view = new View({ select: (id) => this.point(this.doc.item(id)), rebound: (id, start, end) => this.rebound(id, start, end) });
    this.teaching = new Lessons({
      found: (number) => this.found(number), adopted: (told) => this.adopted(told), failed: (error) => this.failed(error),
    });
    this.writer = new Writer((waiting) => this.waiting(waiting));
    this.selection = null;
    this.look = null;
    this.rules = new Map();
    this.totals = new Map();
    this.trail = [];
    this.moving = 0;
    this.typed = [];
  }

  /** Work after which the document, or its state, is another: keys that are pressed meanwhile wait for it. */
  async move(work) {
    this.moving += 1;
    try {
      return await this.writer.then(work);
    } catch (error) {
      return await this.failed(error);
    } finally {
      this.moving -= 1;
      while (!this.moving && this.typed.length && !dialogs.isOpen()) this.act(this.typed.shift());
      if (dialogs.isOpen()) this.typed = [];
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

  /** Show whether everything is in the file. */
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

  /** Read the state of the document again, after something that this window did not do. */
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
    const told = await get("/api/progress");
    this.number = told.done;
    byId("progress").max = told.total || 1;
    byId("progress").value = told.done;
    byId("progress").setAttribute("aria-label", say("position", { place: "", ...told }));
    byId("position").textContent = say("position", { place: this.doc?.record.place ?? "-", total: told.total, done: told.done });
    byId("left").textContent = told.seconds_left === null ? "" : say("minutesLeft", { minutes: Math.ceil(told.seconds_left / 60) });
  }

  // Where the reviewer is.

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

  /** Ask the server what the panel does not know yet about a span: the reason of its rule, its places in the pile. */
  ask(item) {
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      const [span] = item.spans, source = this.doc.sources[span.source], surface = this.doc.surface(span);
      if (source?.kind === "rule" && !this.rules.has(source.name)) {
        this.rules.set(source.name, (await get("/api/why", { rule: source.name })).why);
      }
      if (!this.totals.has(surface)) this.totals.set(surface, (await get("/api/same", { surface })).total);
      const now = this.current;
      if (now && now.id === item.id) this.showItem(now);
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
    const found = this.view.selection();
    if (!found) return;
    this.position = found.start;
    if (found.start < found.end && !(this.selection?.start === found.start && this.selection?.end === found.end)) {
      this.select(found.start, found.end);
    }
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
    const pressedButton = document.activeElement?.closest?.("button") && !inText;
    if (pressedButton && (event.key === "Enter" || event.key === " ")) return;
    const does = action(event, inText ? "text" : "page");
    if (!does) return;
    if (this.moving) {
      this.typed.push(does);
      event.preventDefault();
    } else if (this.act(does, event) !== false) event.preventDefault();
  }

  /** Do what a key or a button stands for; false where the key is left to the browser. */
  act(does, event) {
    const label = /^label(\w+)$/u.exec(does)?.[1];
    if (label) return this.label(label);
    const border = /^(start|end)(Left|Right)(Character)?$/u.exec(does);
    if (border) return this.moveBorder(border[1], border[2] === "Right" ? 1 : -1, Boolean(border[3]));
    const choice = /^choice(\d)$/u.exec(does)?.[1];
    if (choice) return this.choose(Number(choice));
    return this[does](event);
  }

  choose(number) {
    const item = this.current;
    if (item && isProposed(item.spans[0])) return this.settle(item, ["first", "second"][number - 1] ?? "neither");
    return this.label(this.session.labels[number - 1]);
  }

  /** Do operations here and send them. @returns {boolean} whether the screen changed */
  perform(operations, said) {
    const ids = operations.map((operation) => operation.id).filter(Boolean);
    const before = ids.map((id) => this.doc.spans.get(id)).filter(Boolean);
    const items = before.map((span) => this.doc.item(span.id)).filter(Boolean);
    for (const operation of operations) this.doc.apply(operation);
    const after = ids.map((id) => this.doc.spans.get(id)).filter(Boolean);
    this.view.redraw([...before, ...items, ...after]);
    this.tell(said);
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

  /** The selection becomes a name; spans in its way give way. */
  addName(label) {
    const { start, end } = this.selection;
    const over = this.doc.overlapping(start, end);
    if (over.some((span) => span.state === "locked")) return this.tell(say("overlaps"));
    const id = this.doc.newId();
    const operations = [...over.map((span) => ({ op: "delete", id: span.id })), { op: "add", id, start, end, label }];
    this.perform(operations, say("did.label", { surface: this.doc.text.slice(start, end), label: say(label) }));
    this.refresh(id);
  }

  /** Draw the current span and its panel anew. */
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
    return this.step((each) => this.doc.isOpen(each), 1) || this.point(this.doc.item(span.id));
  }

  remove() {
    const item = this.current, span = item?.spans[0];
    if (!span || !isLive(span) || span.state === "locked") return null;
    const said = say("did.delete", { surface: this.doc.surface(span) });
    this.perform([{ op: "delete", id: span.id }], said);
    return this.step((each) => this.doc.isOpen(each), 1) || this.point(this.doc.item(span.id));
  }

  /** Decide between two reviewers: one's spans, the other's, or none. */
  settle(item, side) {
    const operations = item.spans.filter((span) => span.state !== side).map((span) => ({ op: "delete", id: span.id }));
    operations.push(...item.spans.filter((span) => span.state === side).map((span) => ({ op: "accept", id: span.id })));
    const kept = item.spans.find((span) => span.state === side) ?? item.spans[0];
    this.perform(operations, this.view.describe(item));
    return this.step((each) => this.doc.isOpen(each), 1) || this.point(this.doc.item(kept.id));
  }

  // Walking.

  step(wanted, way) {
    const items = this.doc.items();
    const at = this.current ? this.current.start : (this.position ?? (way > 0 ? -1 : this.doc.text.length));
    const found = way > 0 ? items.find((item) => item.start > at && wanted(item)) : items.findLast((item) => item.start < at && wanted(item));
    if (found) {
      this.point(found);
      this.tell(this.view.describe(found));
    }
    return Boolean(found);
  }

  nextOpen(event) {
    if (this.step((item) => this.doc.isOpen(item), 1)) return true;
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
    const found = this.doc.text.word(caret?.start ?? this.position ?? 0);
    return found ? this.select(found.start, found.end) : null;
  }

  besideWord(way) {
    const base = this.selection ?? this.current ?? { start: this.position ?? 0, end: this.position ?? 0 };
    const found = this.doc.text.wordBeside(base.start, base.end, way);
    if (found) this.select(found.start, found.end);
  }

  nextWord() {
    this.besideWord(1);
  }

  previousWord() {
    this.besideWord(-1);
  }

  secondLook() {
    const places = this.doc.secondLook();
    const at = this.selection ? this.selection.start : this.look ? this.position : (this.position ?? -1);
    const index = places.findIndex((place) => place.start > at);
    const chosen = index < 0 ? (places[0]?.start < at ? 0 : -1) : index;
    if (chosen < 0) return this.tell(say("noMoreLook"));
    const place = places[chosen];
    return this.select(place.start, place.end, { ...place, left: places.length - 1 });
  }

  leave() {
    const before = this.position;
    getSelection().removeAllRanges();
    this.point(null);
    this.position = before;
    byId("text").focus({ preventScroll: true });
  }

  // Other readings, equal surfaces.

  alternative() {
    const span = this.current?.spans[0];
    if (!span || !isLive(span) || !span.alternatives?.length) return this.tell(say("noAlternative"));
    const readings = [span.origin, ...span.alternatives.map(([start, end, label]) => [start, end, label])];
    const distinct = readings.filter((one, index) => readings.findIndex((other) => String(other) === String(one)) === index);
    const now = distinct.findIndex((each) => String(each) === String([span.start, span.end, span.label]));
    const [start, end, label] = distinct[(now + 1) % distinct.length];
    if (distinct.length < 2) return this.tell(say("noAlternative"));
    const over = this.doc.overlapping(start, end, span.id);
    if (over.some((each) => each.state === "locked")) return this.tell(say("overlaps"));
    const operations = over.map((each) => ({ op: "delete", id: each.id }));
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
    const changed = operations.filter((each) => each.op !== "delete" || span.state === "deleted").length;
    this.perform(operations, say("did.alike", { number: changed }));
    return this.refresh(span.id);
  }

  alikeInPile() {
    const span = this.current?.spans[0], base = this.selection ?? span;
    if (!base || (span && isProposed(span))) return this.tell(say("noSpan"));
    const surface = this.doc.text.slice(base.start, base.end);
    const label = base.label ?? "MISC", none = base.state === "deleted";
    const exact = (hit) => hit.span && hit.span.start === hit.start && hit.span.end === hit.end;
    const changes = (hit) => {
      if (none) return exact(hit);
      if (!hit.span) return true;
      return exact(hit) ? hit.span.label !== label : hit.start <= hit.span.start && hit.span.end <= hit.end;
    };
    return dialogs.same(surface, none ? say("asNone") : say("asName", { label }), changes, (hits) => this.bulk(hits, none ? { op: "delete" } : { op: "add", label }));
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
      const before = this.number;
      await this.goOn(doc.id);
      this.tell(say("did.done"));
      if (this.number > before && this.number % AGAIN === 0 && !this.session.pair.length) this.teaching.measure().catch(() => {});
    });
  }

  // What corrections teach.

  lessons() {
    if (this.session.pair.length) return this.tell(say("lessonsPair"));
    if (!this.number) return this.tell(say("lessonsNoDocument"));
    return this.teaching.open().catch((error) => this.failed(error));
  }

  /** So many suggestions are there. */
  found(number) {
    const tool = document.querySelector("[data-tool=lessons]");
    tool.textContent = number ? `${say("do.lessons")} (${number})` : say("do.lessons");
    if (number && !dialogs.isOpen()) this.tell(say("lessonsFound", { number }));
  }

  /** Suggestions were written: the document is tagged again, and what was decided in it stays. */
  adopted(told) {
    return this.move(async () => {
      await get(`/api/documents/${this.doc.id}`);
      await this.reload();
      this.tell([say("did.write", { number: told.number, files: told.files.join(", ") }), told.dropped ? say("lessonsDropped", told) : ""].join(" "));
    });
  }

  nextDocument() {
    return this.move(() => this.goOn(this.doc.id));
  }

  previousDocument() {
    const before = this.trail.pop();
    return before === undefined ? null : this.move(() => this.load(before, { remember: false }));
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

  /** Walk the places of what is searched for; the text keeps the selection, the field the focus. */
  find(way) {
    const wanted = byId("query").value.toLowerCase(), text = this.doc.text, found = [];
    const lower = text.string.toLowerCase();
    if (wanted && lower.length === text.string.length) {
      for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
        found.push({ start: text.point(at), end: text.point(at + wanted.length) });
      }
    }
    this.hit = way ? ((this.hit ?? -1) + way + found.length) % (found.length || 1) : 0;
    byId("hits").textContent = found.length ? say("hitsFound", { at: this.hit + 1, total: found.length }) : wanted ? say("noHits") : "";
    if (!found.length) return;
    const { start, end } = found[this.hit];
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
