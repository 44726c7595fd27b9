// The side panel: the current span and its source, or the selection; every action of a key has a button here.

import { isLive, isProposed } from "./document.js";
import { button, byId, list, make } from "./dom.js";
import { KEYS, shown } from "./keys.js";
import { say } from "./strings.js";

const LABELS = ["PER", "LOC", "ORG", "MISC"];
const BORDERS = ["startLeft", "startRight", "endLeft", "endRight"];
const keyOf = (does) => shown(KEYS.find((binding) => binding.does === does));

export class Panel {
  /** @param {(does: string) => void} act performs the action with a name */
  constructor(act) {
    this.box = byId("panel");
    this.act = act;
  }

  #button(does) {
    const text = make("span", {}, say(`do.${does}`), " ", make("kbd", {}, keyOf(does)));
    return button(text, () => this.act(does), { "data-does": does, title: say(`act.${does}`) });
  }

  /** Buttons that move either border by one word. */
  #borders() {
    const arrows = BORDERS.map((does) => button(does.endsWith("Left") ? "←" : "→", () => this.act(does), {
      "aria-label": say(`act.${does}`), title: `${say(`act.${does}`)} (${keyOf(does)})`, "data-does": does,
    }));
    const parts = [say("start"), ...arrows.slice(0, 2), say("end"), ...arrows.slice(2)];
    return make("div", { class: "actions borders", role: "group", "aria-label": say("borders") }, ...parts);
  }

  #chips(label) {
    const chips = LABELS.map((choice) => button(make("span", {}, choice, " ", make("small", {}, say(choice))), () => this.act(`label${choice}`), {
      "aria-pressed": String(choice === label), "data-label": choice,
    }));
    return make("div", { class: "chips", role: "group", "aria-label": say("label") }, ...chips);
  }

  /** Replace the contents of the panel; null is left out. */
  #put(...parts) {
    this.box.replaceChildren(...parts.filter(Boolean));
  }

  /** Lines about the document itself: whether it is a control, and its comments. */
  #document(doc) {
    const lines = [];
    if (doc.record.blind) lines.push(make("p", { class: "note" }, say("blind")));
    if (doc.comments.length) lines.push(make("h3", {}, say("comments")), list(doc.comments));
    return lines;
  }

  showNothing(doc) {
    this.#put(make("h2", {}, say("nothingHere")), this.#actions(["nextOpen", "nextSpan", "word", "secondLook"]), ...this.#document(doc));
  }

  #actions(names) {
    return make("div", { class: "actions" }, ...names.map((name) => this.#button(name)));
  }

  /** @param {{ total: number|null, why: string }} more answers of the server, as far as they have come */
  showItem(doc, item, who, more) {
    const [span] = item.spans;
    if (isProposed(span)) return this.#showDifference(doc, item, who);
    const isLocked = span.state === "locked";
    const title = make("h2", { dir: "auto" }, doc.surface(span));
    const state = [say(`state.${span.state}`), doc.isOpen(item) ? say("open") : null].filter(Boolean).join(", ");
    const parts = [title, make("p", { class: "state" }, `${span.label} · ${say(span.label)} · ${state}`)];
    if (!isLocked) {
      parts.push(this.#chips(isLive(span) ? span.label : ""), this.#actions(["accept", "remove", "alike", "alikeInPile"]));
      if (isLive(span)) parts.push(this.#borders());
    }
    parts.push(...this.#why(doc, span, more), ...this.#others(doc, span), ...this.#same(doc, span, more));
    parts.push(this.#actions(["alternative", "propose", "whyNothing"]), ...this.#document(doc));
    return this.#put(...parts);
  }

  #why(doc, span, more) {
    const source = doc.sources[span.source];
    if (!source) return [];
    const kind = make("b", {}, say(`kind.${source.kind}`));
    const name = source.kind === "given" ? [kind] : [kind, " ", make("code", {}, source.name)];
    const lines = [make("p", {}, ...name)];
    if (more.why) lines.push(make("p", { class: "why" }, more.why));
    if (source.place) lines.push(make("p", {}, make("code", { class: "place" }, source.place)));
    if (span.via) lines.push(make("p", {}, say("via", { via: span.via })));
    const right = source.total - source.wrong;
    lines.push(make("p", { class: "record" }, source.total ? say("record", { right, total: source.total }) : say("noRecord")));
    return [make("h3", {}, say("why")), ...lines];
  }

  #others(doc, span) {
    if (!span.alternatives) return [];
    const lines = span.alternatives.map(([start, end, label, source, reason]) =>
      make("span", {}, make("b", {}, label), " ", make("bdi", {}, doc.text.slice(start, end)), " ", make("code", {}, source), `: ${reason}`));
    return [make("h3", {}, say("alternatives")), lines.length ? list(lines) : make("p", {}, say("noAlternatives"))];
  }

  #same(doc, span, more) {
    const here = doc.text.places(doc.surface(span)).length;
    const words = [say("inDocument", { number: here })];
    if (more.total !== null) words.push(say("inPile", { number: more.total }));
    return [make("h3", {}, say("elsewhere")), make("p", { id: "same" }, words.join(", "))];
  }

  #showDifference(doc, item, who) {
    const reading = (state) => item.spans.filter((span) => span.state === state).map((span) => `${doc.surface(span)} (${span.label})`).join(", ") || say("nothing");
    const left = doc.items().filter((difference) => doc.isOpen(difference)).length;
    const [first, second] = who;
    const choices = [
      button(say("firstSays", { who: first, what: reading("first") }), () => this.act("choice1")),
      button(say("secondSays", { who: second, what: reading("second") }), () => this.act("choice2")),
      button(say("neither"), () => this.act("choice3")),
    ];
    this.#put(make("h2", { dir: "auto" }, doc.text.slice(item.start, item.end)), make("div", { class: "actions" }, ...choices),
      make("p", {}, say("differences", { number: left })), ...this.#document(doc));
  }

  showSelection(doc, selection, look) {
    const parts = [make("h2", { dir: "auto" }, doc.text.slice(selection.start, selection.end)),
      make("p", {}, look ? say("lookAgain") : say("selectionHelp"))];
    if (look?.name) parts.push(make("p", {}, say("unusedEntry", look)));
    if (look) parts.push(make("p", { class: "state" }, say("lookLeft", { number: look.left })));
    parts.push(this.#chips(""), this.#borders(),
      this.#actions(["word", "nextWord", "previousWord", "secondLook", "alikeInPile", "whyNothing", "propose"]));
    this.#put(...parts, ...this.#document(doc));
  }

  showMisses(misses) {
    const lines = misses.map((miss) => make("span", {}, make("b", {}, miss.label), " ", make("code", {}, miss.rule), " ",
      say("wanted", miss), make("br"), make("small", {}, miss.why)));
    this.box.append(make("section", { id: "misses" }, make("h3", {}, say("whyNothing")), lines.length ? list(lines) : make("p", {}, say("noMisses"))));
  }
}
