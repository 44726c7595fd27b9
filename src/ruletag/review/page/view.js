// The text on the screen: a paragraph element for each line, a mark for each span, redrawn paragraph by paragraph.

import { isProposed } from "./document.js";
import { byId, make } from "./dom.js";
import { say } from "./strings.js";

export class View {
  /** @param {{ select: (id: string) => void, rebound: (id: string, start: number, end: number) => void }} acts */
  constructor(acts) {
    this.box = byId("text");
    this.acts = acts;
    this.box.addEventListener("click", (event) => this.#clicked(event));
    this.box.addEventListener("pointerdown", (event) => this.#grabbed(event));
  }

  /** Draw a document. `who` are the two reviewers between whom this one decides, if any. */
  show(doc, who) {
    this.doc = doc;
    this.who = who;
    this.current = null;
    this.elements = doc.text.paragraphs.map(() => make("p", { dir: "auto" }));
    const items = doc.items();
    let next = 0;
    doc.text.paragraphs.forEach((paragraph, number) => {
      while (next < items.length && items[next].end <= paragraph.start) next++;
      const here = [];
      for (let index = next; index < items.length && items[index].start < paragraph.end; index++) here.push(items[index]);
      this.#fill(number, here);
    });
    this.box.replaceChildren(...this.elements);
  }

  /** Redraw the paragraphs in which some ranges are. */
  redraw(ranges) {
    const numbers = new Set();
    for (const { start, end } of ranges) {
      const last = this.doc.text.paragraphAt(Math.max(start, end - 1));
      for (let number = this.doc.text.paragraphAt(start); number <= last; number++) numbers.add(number);
    }
    const items = this.doc.items();
    for (const number of numbers) {
      const { start, end } = this.doc.text.paragraphs[number];
      this.#fill(number, items.filter((item) => item.start < end && start < item.end));
    }
  }

  #fill(number, items) {
    const { text } = this.doc, { start, end } = text.paragraphs[number];
    const pieces = [];
    let position = start;
    for (const item of items) {
      const first = Math.max(item.start, start), last = Math.min(item.end, end);
      if (first > position) pieces.push(text.slice(position, first));
      pieces.push(this.#mark(item, text.slice(first, last), first === item.start, last === item.end));
      position = last;
    }
    if (end > position) pieces.push(text.slice(position, end));
    this.elements[number].replaceChildren(...pieces, ...(pieces.length ? [] : [make("br")]));
  }

  #mark(item, piece, begins, ends) {
    const [span] = item.spans;
    const open = this.doc.isOpen(item), differs = isProposed(span);
    const mark = make("mark", {
      role: begins ? "button" : null,
      "aria-label": begins ? this.describe(item) : null,
      tabindex: begins ? (item.id === this.current ? 0 : -1) : null,
      id: begins ? `span-${item.id}` : null,
      "data-id": item.id,
      "data-label": differs ? "both" : span.label,
      "data-letter": ends ? (differs ? "?" : span.label[0]) : null,
      "data-state": differs ? "differs" : span.state,
      "data-open": open,
      "data-current": item.id === this.current,
      dir: "auto",
    }, piece);
    if (item.id === this.current && !differs && span.state !== "deleted" && span.state !== "locked") {
      if (begins) mark.prepend(make("span", { class: "handle", "data-side": "start", "aria-hidden": "true" }));
      if (ends) mark.append(make("span", { class: "handle", "data-side": "end", "aria-hidden": "true" }));
    }
    return mark;
  }

  /** A span in words: its surface, its label, its state and who proposed it. */
  describe(item) {
    return item.spans.map((span) => {
      const words = [this.doc.surface(span), say(span.label), this.state(span)];
      const source = this.doc.sources[span.source];
      if (source && span.state === "seed") words[2] = say("by", { source: source.name });
      if (this.doc.isOpen(item) && !isProposed(span)) words.push(say("open"));
      return words.join(", ");
    }).join("; ");
  }

  state(span) {
    return say(`state.${span.state}`, { who: span.state === "first" ? this.who[0] : this.who[1] });
  }

  /** Make an item the current one, bring it into view and give it the focus. */
  point(item, { focus = true } = {}) {
    const previous = this.current ? this.doc.item(this.current) : null;
    this.current = item?.id ?? null;
    this.redraw([previous, item].filter(Boolean));
    if (!item) return;
    const mark = byId(`span-${item.id}`);
    this.reveal(mark);
    if (focus) mark?.focus({ preventScroll: true });
  }

  reveal(element) {
    const box = element?.getBoundingClientRect();
    if (box && (box.top < 120 || box.bottom > innerHeight - 160)) element.scrollIntoView({ block: "center" });
  }

  /** Make a range of the text the browser's selection. */
  select(start, end) {
    const from = this.#place(start, false), to = this.#place(end, true);
    if (!from || !to) return;
    getSelection().setBaseAndExtent(from.node, from.offset, to.node, to.offset);
    this.reveal(from.node.parentElement);
    this.box.focus({ preventScroll: true });
  }

  /** The browser's selection in code points; null if there is none in the text. */
  selection() {
    const selection = getSelection();
    if (!selection.rangeCount || !this.box.contains(selection.anchorNode)) return null;
    const range = selection.getRangeAt(0);
    const start = this.#offset(range.startContainer, range.startOffset);
    const end = this.#offset(range.endContainer, range.endOffset);
    return start === null || end === null ? null : { start, end };
  }

  #place(point, atEnd) {
    const number = this.doc.text.paragraphAt(atEnd && point > 0 ? point - 1 : point);
    let left = this.doc.text.unit(point) - this.doc.text.unit(this.doc.text.paragraphs[number].start);
    const walker = document.createTreeWalker(this.elements[number], NodeFilter.SHOW_TEXT);
    let last = null;
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (left < node.length || (atEnd && left === node.length)) return { node, offset: left };
      left -= node.length;
      last = node;
    }
    return last ? { node: last, offset: last.length } : null;
  }

  #offset(node, offset) {
    const paragraph = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("p");
    const number = this.elements.indexOf(paragraph);
    if (number < 0) return null;
    const range = document.createRange();
    range.setStart(paragraph, 0);
    range.setEnd(node, offset);
    const unit = this.doc.text.unit(this.doc.text.paragraphs[number].start) + range.toString().length;
    return this.doc.text.point(unit);
  }

  #clicked(event) {
    const mark = event.target.closest("mark");
    if (mark && getSelection().isCollapsed) this.acts.select(mark.dataset.id);
  }

  /** Drag a border, by words, or by characters with Alt. */
  #grabbed(event) {
    const handle = event.target.closest(".handle");
    if (!handle) return;
    event.preventDefault();
    const item = this.doc.item(handle.closest("mark").dataset.id), { side } = handle.dataset;
    const [span] = item.spans;
    let target = null;
    const move = (motion) => {
      const point = this.#under(motion.clientX, motion.clientY);
      if (point === null) return;
      const border = motion.altKey ? point : this.#snapped(point, side);
      target = side === "end" ? { start: span.start, end: border } : { start: border, end: span.end };
      if (target.start < target.end) getSelection().setBaseAndExtent(...this.#ends(target));
    };
    const drop = () => {
      removeEventListener("pointermove", move);
      getSelection().removeAllRanges();
      if (target && target.start < target.end) this.acts.rebound(span.id, target.start, target.end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", drop, { once: true });
  }

  #ends({ start, end }) {
    const from = this.#place(start, false), to = this.#place(end, true);
    return [from.node, from.offset, to.node, to.offset];
  }

  #under(x, y) {
    const caret = document.caretPositionFromPoint?.(x, y);
    const range = caret ? null : document.caretRangeFromPoint?.(x, y);
    const node = caret?.offsetNode ?? range?.startContainer;
    return node && this.box.contains(node) ? this.#offset(node, caret?.offset ?? range.startOffset) : null;
  }

  #snapped(point, side) {
    const borders = this.doc.text.tokens(point).map((token) => (side === "end" ? token.end : token.start));
    return borders.reduce((best, border) => (Math.abs(border - point) < Math.abs(best - point) ? border : best), borders[0] ?? point);
  }
}
