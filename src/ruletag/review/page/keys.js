// All keys, in one table. `key` is the character or name of the key, in lower case; `code` is its position, for digits,
// which need Shift on an AZERTY keyboard. `ctrl`, `alt` and `shift` must match; without `shift`, both states do.
// `where: "text"`: only while the text has the focus, so that Tab leaves it after the last span; "lessons": only while
// suggestions are reviewed.

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

/** Whether a binding applies where the focus is: "text", "page" or "lessons". */
const applies = (binding, where) => (binding.where === "lessons" || where === "lessons" ? binding.where === where : binding.where !== "text" || where === "text");

/** The name of the action of a keyboard event, or null. @param {KeyboardEvent} event @param {string} where the focus is */
export function action(event, where) {
  const isControl = event.ctrlKey || event.metaKey;
  const match = KEYS.find(
    (binding) =>
      (binding.code ? binding.code === event.code : binding.key === (event.key.length === 1 ? event.key.toLowerCase() : event.key)) &&
      Boolean(binding.ctrl) === isControl &&
      Boolean(binding.alt) === event.altKey &&
      (binding.shift === undefined || binding.shift === event.shiftKey) &&
      applies(binding, where),
  );
  return match ? match.does : null;
}

/** A key as the page shows it. */
export function shown(binding) {
  const names = { " ": "␣", ArrowRight: "→", ArrowLeft: "←", ArrowDown: "↓", ArrowUp: "↑", Enter: "⏎", Escape: "Esc", Tab: "⇥" };
  const name = binding.code ? binding.code.replace("Digit", "") : (names[binding.key] ?? binding.key);
  return `${binding.ctrl ? "Ctrl+" : ""}${binding.alt ? "Alt+" : ""}${binding.shift ? "⇧" : ""}${name}`;
}
