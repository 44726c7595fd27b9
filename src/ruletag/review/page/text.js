// A text with its paragraphs and words. Offsets are code points, as on the server, not the UTF-16 units of JavaScript.

const TOKEN = /[\p{L}\p{N}][\p{L}\p{M}\p{N}_]*(?:-[\p{L}\p{N}][\p{L}\p{M}\p{N}_]*)*['’]?|\S[\p{M}\uFE0F\u200D]*/gu;
const CAPITAL = "\\p{Lu}[\\p{L}\\p{M}\\p{N}]*(?:[-'’.][\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}]*)*";
const LINK = "(?:(?:de la|de l['’]|de|du|des|von|van|der|al|el|ben|bin)[ \\u00a0]|d['’])?";
const RUN = new RegExp(`(?<![\\p{L}\\p{N}])${CAPITAL}(?:[ \\u00a0]${LINK}${CAPITAL})*`, "gu");
const ELIDED = /^(?:[LDJMNSTC]|Qu)['’]/u;
const HEAD = /(?:^|[.!?…:;\n]["»”)]?\s*(?:[«"“(–—-]\s*)*)$/u;

export class Text {
  /** @param {string} string */
  constructor(string) {
    this.string = string;
    const units = new Uint32Array(string.length + 1);
    let point = 0;
    for (let unit = 0; unit < string.length; point++) {
      units[point] = unit;
      unit += string.codePointAt(unit) > 0xffff ? 2 : 1;
    }
    units[point] = string.length;
    this.length = point;
    this.units = units.subarray(0, point + 1);
    this.paragraphs = this.#cut();
  }

  /** @param {number} point @returns {number} the UTF-16 unit at which a code point begins */
  unit(point) {
    return this.units[point];
  }

  /** @param {number} unit @returns {number} the code point that a UTF-16 unit belongs to */
  point(unit) {
    let low = 0, high = this.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.units[middle] <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  slice(start, end) {
    return this.string.slice(this.units[start], this.units[end]);
  }

  /** The number of the paragraph that holds a code point. */
  paragraphAt(point) {
    let low = 0, high = this.paragraphs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.paragraphs[middle].start <= point) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #cut() {
    const paragraphs = [];
    let unit = 0, point = 0;
    for (const line of this.string.split("\n")) {
      const start = point;
      unit += line.length;
      point = this.point(unit);
      paragraphs.push({ start, end: point });
      unit += 1;
      point += 1;
    }
    return paragraphs;
  }

  /** The words and other tokens of the paragraph at a code point. */
  tokens(point) {
    const { start, end } = this.paragraphs[this.paragraphAt(point)];
    const from = this.unit(start), tokens = [];
    for (const match of this.slice(start, end).matchAll(TOKEN)) {
      const first = from + match.index, [text] = match;
      tokens.push({ start: this.point(first), end: this.point(first + text.length), text });
    }
    return tokens;
  }

  /** The word at a code point, or the next one. */
  word(point) {
    const tokens = this.tokens(point).filter((token) => /[\p{L}\p{N}]/u.test(token.text));
    return tokens.find((token) => token.end > point) ?? tokens.at(-1) ?? null;
  }

  /** The word after a range (`way` 1) or before it (-1), in this paragraph or the nearest one that has any. */
  wordBeside(start, end, way) {
    for (let number = this.paragraphAt(way > 0 ? end : start); this.paragraphs[number]; number += way) {
      const words = this.tokens(this.paragraphs[number].start).filter((token) => /[\p{L}\p{N}]/u.test(token.text));
      const nearest = way > 0 ? words.find((word) => word.start >= end) : words.findLast((word) => word.end <= start);
      if (nearest) return nearest;
    }
    return null;
  }

  /** The run of capitalised words around a range; the range itself if there is none. */
  runAround(start, end) {
    const around = this.runs().find((run) => run.start <= start && end <= run.end);
    return around ?? { start, end };
  }

  /** Every run of capitalised words, except single words that are capitalised only at the head of a sentence. */
  runs() {
    if (this.capitalised) return this.capitalised;
    const runs = [];
    for (const match of this.string.matchAll(RUN)) {
      const cut = ELIDED.exec(match[0])?.[0].length ?? 0;
      const first = match.index + cut, text = match[0].slice(cut).replace(/[.]$/u, "");
      if (!/\p{Lu}/u.test(text[0] ?? "")) continue;
      const isHead = cut === 0 && HEAD.test(this.string.slice(Math.max(0, match.index - 8), match.index));
      runs.push({ first, text, isHead });
    }
    const inside = new Set(runs.filter((run) => !run.isHead).map((run) => run.text));
    this.capitalised = runs
      .filter((run) => !run.isHead || /[\s]/u.test(run.text) || inside.has(run.text))
      .map((run) => ({ start: this.point(run.first), end: this.point(run.first + run.text.length) }));
    return this.capitalised;
  }

  /** The range with one border moved by a token, or by a character, in a direction; null if that is not possible. */
  moved(start, end, side, way, byCharacter) {
    const border = side === "end" ? end : start;
    const target = byCharacter ? this.#character(border, way) : this.#tokenBorder(border, side, way);
    if (target === null) return null;
    const moved = side === "end" ? { start, end: target } : { start: target, end };
    return moved.start < moved.end ? moved : null;
  }

  #tokenBorder(border, side, way) {
    const tokens = this.tokens(side === "end" && border > 0 ? border - 1 : border);
    const borders = tokens.map((token) => (side === "end" ? token.end : token.start));
    return (way > 0 ? borders.find((other) => other > border) : borders.findLast((other) => other < border)) ?? null;
  }

  /** The border moved by one grapheme: a letter with its accents, a whole emoji; null at the end of the paragraph. */
  #character(border, way) {
    const { start, end } = this.paragraphs[this.paragraphAt(way < 0 && border > 0 ? border - 1 : border)];
    if (way > 0 ? border >= end : border <= start) return null;
    const piece = way > 0 ? this.slice(border, end) : this.slice(start, border);
    const characters = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(piece)];
    const length = [...(way > 0 ? characters[0] : characters.at(-1)).segment].length;
    return border + way * length;
  }

  /** The places of a surface as a whole word. */
  places(surface) {
    const places = [];
    if (!surface) return places;
    for (let unit = this.string.indexOf(surface); unit >= 0; unit = this.string.indexOf(surface, unit + 1)) {
      if (!this.#isInsideWord(unit) && !this.#isInsideWord(unit + surface.length)) {
        places.push({ start: this.point(unit), end: this.point(unit + surface.length) });
      }
    }
    return places;
  }

  #isInsideWord(unit) {
    const isWord = (text) => /[\p{L}\p{N}]/u.test(text);
    if (unit <= 0 || unit >= this.string.length) return false;
    const before = this.string.codePointAt(this.units[this.point(unit - 1)]);
    return isWord(String.fromCodePoint(before)) && isWord(String.fromCodePoint(this.string.codePointAt(unit)));
  }
}
