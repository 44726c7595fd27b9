// A document as the page shows it: its spans, and the effect of operations on them. The rules are those of the server;
// where they differ, the server is right and the state is read again.

import { Text } from "./text.js";

const LIVE = new Set(["seed", "accepted", "changed", "added", "locked"]);
const PROPOSED = new Set(["first", "second"]);

export const isLive = (span) => LIVE.has(span.state);
export const isProposed = (span) => PROPOSED.has(span.state);

export class Doc {
  constructor(record) {
    this.record = record;
    this.id = record.id;
    this.text = new Text(record.text);
    this.setState(record);
  }

  /** Take over a state from the server. */
  setState(state) {
    this.seq = state.seq;
    this.status = state.status;
    this.flagged = state.flagged;
    this.comments = state.comments;
    this.sources = state.sources;
    this.spans = new Map(state.spans.map((span) => [span.id, span]));
    this.sorted = null;
  }

  surface(span) {
    return this.text.slice(span.start, span.end);
  }

  live() {
    return [...this.spans.values()].filter(isLive).sort((a, b) => a.start - b.start);
  }

  /** The items to draw, in reading order and without overlaps: live spans; deleted ones that overlap no other item; and
   * differences of two reviewers, where overlapping spans are one item. */
  items() {
    if (this.sorted) return this.sorted;
    const items = this.live().map((span) => ({ id: span.id, start: span.start, end: span.end, spans: [span] }));
    const rest = [...this.spans.values()].filter((span) => !isLive(span)).sort((a, b) => a.start - b.start);
    for (const span of rest.filter(isProposed)) {
      const before = items.find((item) => isProposed(item.spans[0]) && item.start < span.end && span.start < item.end);
      if (before) {
        before.spans.push(span);
        before.start = Math.min(before.start, span.start);
        before.end = Math.max(before.end, span.end);
      } else items.push({ id: span.id, start: span.start, end: span.end, spans: [span] });
    }
    items.sort((a, b) => a.start - b.start);
    const deleted = this.status === "done" ? [] : rest.filter((span) => span.state === "deleted");
    for (const span of deleted) {
      if (!items.some((item) => item.start < span.end && span.start < item.end)) {
        items.push({ id: span.id, start: span.start, end: span.end, spans: [span] });
      }
    }
    this.sorted = items.sort((a, b) => a.start - b.start);
    return this.sorted;
  }

  item(id) {
    return this.items().find((item) => item.id === id || item.spans.some((span) => span.id === id)) ?? null;
  }

  isOpen(item) {
    return item.spans.some((span) => span.open && (span.state === "seed" || isProposed(span)));
  }

  overlapping(start, end, except = "") {
    return this.live().filter((span) => span.id !== except && span.start < end && start < span.end);
  }

  /** Apply an operation here, before the server has it. */
  apply(operation) {
    const span = this.spans.get(operation.id);
    this.sorted = null;
    if (operation.op === "add") {
      const { id, start, end, label } = operation;
      this.spans.set(id, { id, start, end, label, state: "added", origin: null, open: false });
    } else if (operation.op === "delete") this.#put(span, { state: "deleted" });
    else if (operation.op === "relabel") this.#decide(span, { label: operation.label });
    else if (operation.op === "rebound") this.#decide(span, { start: operation.start, end: operation.end });
    else if (operation.op === "accept") this.#decide(span, {});
    else if (operation.op === "done") {
      this.status = "done";
      for (const seed of [...this.spans.values()]) if (seed.state === "seed") this.#decide(seed, {});
    } else if (operation.op === "reopen") this.status = "open";
    else if (operation.op === "flag") this.flagged = operation.on;
    else if (operation.op === "comment") this.comments = [...this.comments, operation.text];
  }

  #put(span, changes) {
    this.spans.set(span.id, { ...span, ...changes, open: false });
  }

  #decide(span, changes) {
    const decided = { ...span, ...changes };
    const [start, end, label] = decided.origin ?? [];
    const isSame = decided.start === start && decided.end === end && decided.label === label;
    this.#put(span, { ...changes, state: decided.origin ? (isSame ? "accepted" : "changed") : "added" });
  }

  /** The operations that give every equal surface the decision about a span: its label, or no name. */
  alike(span) {
    const surface = this.surface(span), operations = [];
    for (const { start, end } of this.text.places(surface)) {
      const overlapping = this.overlapping(start, end, span.id);
      const exact = overlapping.find((other) => other.start === start && other.end === end);
      if (span.state === "deleted") {
        if (exact) operations.push({ op: "delete", id: exact.id });
      } else if (exact) {
        if (exact.label !== span.label) operations.push({ op: "relabel", id: exact.id, label: span.label });
      } else if (start !== span.start && overlapping.every((other) => start <= other.start && other.end <= end)) {
        operations.push(...overlapping.map((other) => ({ op: "delete", id: other.id })));
        operations.push({ op: "add", id: this.newId(), start, end, label: span.label });
      }
    }
    return operations;
  }

  /** An id that no span of the document has, in this window or another. */
  newId() {
    this.made = (this.made ?? 0) + 1;
    return `n${Date.now().toString(36)}-${this.made}`;
  }

  /** Places without a name that might be one: capitalised runs, and ambiguous entries that no rule asked for. */
  secondLook() {
    const live = this.live();
    const places = [
      ...this.text.runs().map((run) => ({ ...run, label: "", name: "" })),
      ...this.record.unused.map(([start, end, label, name]) => ({ start, end, label, name })),
    ].sort((a, b) => a.start - b.start || Number(!a.label) - Number(!b.label));
    let index = 0, lastEnd = -1;
    return places.filter((place) => {
      while (index < live.length && live[index].end <= place.start) index++;
      const isFree = index === live.length || live[index].start >= place.end;
      const isNew = place.start >= lastEnd;
      if (isFree && isNew) lastEnd = place.end;
      return isFree && isNew;
    });
  }
}
