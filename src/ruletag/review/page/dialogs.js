// The dialogs: keys, documents, the label guide, places in the pile, a comment, knowledge to copy.

import { get } from "./api.js";
import { button, byId, list, make } from "./dom.js";
import { KEYS, shown } from "./keys.js";
import { say, language } from "./strings.js";

const dialog = byId("dialog");

/** Show a dialog. @returns {Promise<void>} resolved when it is closed */
export function open(title, ...children) {
  dialog.replaceChildren(make("h2", { id: "dialog-title", tabindex: -1, autofocus: true }, title), ...children);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(), { once: true }));
}

export const close = () => dialog.close();
export const isOpen = () => dialog.open;
export const closer = () => button(say("close"), close, { class: "closer" });

export function help() {
  const rows = new Map();
  for (const binding of KEYS) rows.set(binding.does, [...(rows.get(binding.does) ?? []), shown(binding)]);
  const body = [...rows].map(([does, keys]) => make("tr", {},
    make("th", { scope: "row" }, ...keys.flatMap((key, index) => [index ? " " : null, make("kbd", {}, key)])),
    make("td", {}, say(`act.${does}`))));
  return open(say("keys"), make("table", {}, make("tbody", {}, ...body)), closer());
}

export async function guide() {
  const { labels, rule } = await (await fetch("/assets/labels.json")).json();
  const parts = labels.flatMap((section) => [
    make("h3", {}, `${section.label} · ${say(section.label)}`),
    make("p", {}, section[language].replaceAll("*", "")),
    list(section.sentences.map(marked)),
  ]);
  return open(say("guide"), make("p", {}, rule[language]), ...parts, closer());
}

/** A sentence of the guide with its names (`[Paris](LOC)`) as marks, and its note if it has one. */
function marked({ text, en, fr }) {
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(/\[([^\]]+)\]\((\w+)\)/gu)) {
    const [markup, surface, label] = match;
    pieces.push(text.slice(end, match.index));
    pieces.push(make("mark", { "data-label": label, "data-letter": label[0], "data-state": "accepted" }, surface));
    end = match.index + markup.length;
  }
  const note = { en, fr }[language]?.replaceAll("*", "");
  return make("span", {}, make("span", { lang: "fr" }, ...pieces, text.slice(end)), note ? make("small", {}, ` ${note}`) : null);
}

/** The list of documents. @param {(id: number) => void} choose */
export async function documents(session, choose) {
  const rows = make("tbody", {}), more = button(say("more"), () => load(next), { hidden: true });
  const query = make("input", { id: "list-query", type: "search", autocomplete: "off" });
  const status = make("select", { id: "list-status" },
    ...["", "new", "open", "done", "flagged"].map((value) => make("option", { value }, say(`status.${value}`))));
  let next = 0, lastRequest = 0;
  async function load(after) {
    const request = ++lastRequest;
    const page = await get("/api/documents", { after, status: status.value, q: query.value });
    if (request !== lastRequest) return;
    if (!after) rows.replaceChildren();
    rows.append(...page.documents.map((record) => row(record)));
    next = page.next;
    more.hidden = next === null;
  }
  const row = (record) => make("tr", {},
    make("th", { scope: "row" }, button(record.name, () => (close(), choose(record.id)), { class: "link" })),
    make("td", {}, say(`status.${record.status}`) + (record.flagged ? ` · ${say("flagged")}` : "")),
    make("td", {}, record.words), make("td", {}, record.spans ?? ""), make("td", {}, record.open || ""));
  query.addEventListener("input", () => load(0));
  status.addEventListener("change", () => load(0));
  const heads = make("tr", {}, ...["list", "status", "words", "names", "openSpans"].map((name) => make("th", { scope: "col" }, say(name))));
  const form = make("p", { class: "fields" }, make("label", { for: "list-query" }, say("listHelp")), query,
    make("label", { for: "list-status" }, say("status")), status);
  const closed = open(say("list"), ...(await figures(session)), form,
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": say("list") }, make("table", { id: "documents" }, make("thead", {}, heads), rows)), more, closer());
  await load(0);
  query.focus();
  return closed;
}

async function figures(session) {
  const lines = [];
  if (session.skim) {
    const { shown: visible, hidden, remaining } = session.skim;
    lines.push(say("skim", { shown: visible, hidden, percent: (100 * remaining).toFixed(1) }));
  }
  const { pairs } = await get("/api/agreement");
  for (const pair of pairs) {
    lines.push(say("agreementOf", { ...pair, f1: pair.f1.toFixed(3), kappa: pair.kappa === null ? "-" : pair.kappa.toFixed(3) }));
  }
  const { actions } = await get("/api/progress");
  if (actions.length) lines.push(`${say("pace")}: ${actions.map(({ op, seconds }) => `${op} ${seconds}`).join(", ")}`);
  return lines.map((line) => make("p", { class: "figure" }, line));
}

/** The places of a surface in the pile that would change, all ticked. @param {(hits: object[]) => void} apply */
export async function same(surface, what, changes, apply) {
  const { hits, total } = await get("/api/same", { surface });
  const affected = hits.filter(changes);
  const boxes = affected.map((hit, index) => ({
    hit,
    box: make("input", { type: "checkbox", id: `hit-${index}`, checked: true }),
  }));
  const lines = boxes.map(({ hit, box }, index) => make("span", {}, box, " ",
    make("label", { for: `hit-${index}`, dir: "auto" }, hit.before, make("b", {}, hit.text), hit.after,
      hit.span ? make("small", {}, ` ${hit.span.label} ${hit.span.start},${hit.span.end}`) : null)));
  const send = button(say("apply"), () => (close(), apply(boxes.filter(({ box }) => box.checked).map(({ hit }) => hit))), { id: "apply" });
  const closed = open(say("samePile", { surface, what }),
    total > hits.length ? make("p", {}, say("firstOf", { number: hits.length, total })) : "",
    lines.length ? make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": surface }, list(lines)) : make("p", {}, say("nothingAlike")),
    lines.length ? send : "", closer());
  if (lines.length) send.focus();
  return closed;
}

/** A comment. @param {(text: string) => void} save */
export function comment(save) {
  const field = make("textarea", { id: "comment", rows: 4, maxlength: 4000 });
  const send = () => (close(), field.value.trim() && save(field.value.trim()));
  field.addEventListener("keydown", (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && send());
  const closed = open(say("comment"), make("label", { for: "comment" }, say("comment")), field, button(say("save"), send), closer());
  field.focus();
  return closed;
}

export async function propose(id, query) {
  const { entry, rule } = await get(`/api/documents/${id}/propose`, query);
  const field = (name, value) => [make("label", { for: name }, say(name)),
    make("textarea", { id: name, rows: value.split("\n").length, readonly: true, spellcheck: "false" }, value)];
  return open(say("propose"), make("p", {}, say("proposeHelp")), ...field("entry", entry), ...field("rule", rule), closer());
}

/** Another window writes. @param {() => void} take */
export function taken(take) {
  return open(say("taken"), make("p", {}, say("takenHelp")), button(say("takeOver"), () => (close(), take()), { id: "take" }));
}

export const lost = () => open(say("lost"), make("p", {}, say("lostHelp")), closer());
export const allDone = () => open(say("allDone"), make("p", {}, say("allDoneHelp")), closer());
