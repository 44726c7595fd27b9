// All keys, in one table. `key` is what the key writes, in lower case; `code` is where it stands, for digits, which an
// AZERTY keyboard writes with Shift. `shift` and `alt` must be as said; where `shift` is left out it does not matter.
// `where: "text"`: only while the text has the focus, so that Tab leaves it behind the last span; "lessons": only while
// suggestions are looked through.

export const KEYS = [
  { key: "Tab", shift: false, does: "nextOpen", where: "text" },
  { key: "Tab", shift: true, does: "previousOpen", where: "text" },
  { key: "n", shift: false, does: "nextOpen" },
  { key: "n", shift: true, does: "previousOpen" },
  { key: "j", does: "nextSpan" },
  { key: "k", does: "previousSpan" },
  { key: " ", shift: false, does: "accept" },
  { key: "x", does: "remove" },
  { code: "Digit1", does: "choice1" },
  { code: "Digit2", does: "choice2" },
  { code: "Digit3", does: "choice3" },
  { code: "Digit4", does: "choice4" },
  { key: "p", does: "labelPER" },
  { key: "l", does: "labelLOC" },
  { key: "o", does: "labelORG" },
  { key: "m", does: "labelMISC" },
  { key: "ArrowRight", shift: false, does: "endRight", where: "text" },
  { key: "ArrowLeft", shift: false, does: "endLeft", where: "text" },
  { key: "ArrowRight", shift: true, does: "endRightCharacter", where: "text" },
  { key: "ArrowLeft", shift: true, does: "endLeftCharacter", where: "text" },
  { key: "ArrowRight", alt: true, shift: false, does: "startRight", where: "text" },
  { key: "ArrowLeft", alt: true, shift: false, does: "startLeft", where: "text" },
  { key: "ArrowRight", alt: true, shift: true, does: "startRightCharacter", where: "text" },
  { key: "ArrowLeft", alt: true, shift: true, does: "startLeftCharacter", where: "text" },
  { key: "ArrowDown", shift: false, does: "nextWord", where: "text" },
  { key: "ArrowUp", shift: false, does: "previousWord", where: "text" },
  { key: "a", does: "alternative" },
  { key: "=", does: "alike" },
  { key: "+", does: "alikeInPile" },
  { key: "w", does: "word" },
  { key: "s", does: "secondLook" },
  { key: "u", shift: false, does: "undo" },
  { key: "u", shift: true, does: "redo" },
  { key: "z", ctrl: true, shift: false, does: "undo" },
  { key: "z", ctrl: true, shift: true, does: "redo" },
  { key: "Enter", does: "done" },
  { key: ">", does: "nextDocument" },
  { key: "<", does: "previousDocument" },
  { key: "g", does: "whyNothing" },
  { key: "e", does: "propose" },
  { key: "f", does: "flag" },
  { key: "c", does: "comment" },
  { key: "/", does: "search" },
  { key: "i", does: "list" },
  { key: "h", does: "guide" },
  { key: "?", does: "help" },
  { key: "t", does: "lessons" },
  { key: "Escape", does: "leave" },
  { key: "j", does: "nextLesson", where: "lessons" },
  { key: "ArrowDown", does: "nextLesson", where: "lessons" },
  { key: "k", does: "previousLesson", where: "lessons" },
  { key: "ArrowUp", does: "previousLesson", where: "lessons" },
  { key: " ", does: "tickLesson", where: "lessons" },
  { key: "x", does: "refuseLesson", where: "lessons" },
  { key: "Enter", does: "showLesson", where: "lessons" },
  { key: "w", does: "writeLessons", where: "lessons" },
];

/** Whether a key counts at a place: "text", "page" or "lessons". */
const counts = (each, where) => (each.where === "lessons" || where === "lessons" ? each.where === where : each.where !== "text" || where === "text");

/** What a keyboard event does, or null. @param {KeyboardEvent} event @param {string} where the focus is */
export function action(event, where) {
  const control = event.ctrlKey || event.metaKey;
  const found = KEYS.find(
    (each) =>
      (each.code ? each.code === event.code : each.key === (event.key.length === 1 ? event.key.toLowerCase() : event.key)) &&
      Boolean(each.ctrl) === control &&
      Boolean(each.alt) === event.altKey &&
      (each.shift === undefined || each.shift === event.shiftKey) &&
      counts(each, where),
  );
  return found ? found.does : null;
}

/** A key as it is shown. */
export function shown(each) {
  const names = { " ": "␣", ArrowRight: "→", ArrowLeft: "←", ArrowDown: "↓", ArrowUp: "↑", Enter: "⏎", Escape: "Esc", Tab: "⇥" };
  const name = each.code ? each.code.replace("Digit", "") : (names[each.key] ?? each.key);
  return `${each.ctrl ? "Ctrl+" : ""}${each.alt ? "Alt+" : ""}${each.shift ? "⇧" : ""}${name}`;
}
