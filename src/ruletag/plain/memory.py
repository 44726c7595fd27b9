"""Names learned in a document apply throughout it.

A full name licenses its family name alone, and its first word alone if that is unusual; a firm's name licenses the
same name without its legal form. A name or acronym that a rule found once is recognised everywhere. Each candidate
names the mention that licensed it. A guess teaches nothing, unless the document has it twice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import takewhile

from ruletag.confidence import GUESS
from ruletag.fold import Folded
from ruletag.guideline import opens_sentence
from ruletag.model import Candidate, Entry, Hit, Source
from ruletag.plain.lexicon import Lexicon
from ruletag.plain.text import Text

SHORTEST = 2  # letters; the single one that anonymised judgments leave is never licensed: M. A est venu. A cette date…
SHORTEST_FIRST = 3  # letters of a first word that is licensed
LONG = 4  # letters of a family name in capitals before the given name; shorter ones are often a stage name
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
# Before a name that is also that of a place or an organisation: la France, à Lyon, d'Orange.
ANNOUNCING = frozenset(b"a au aux d' dans de depuis des du en l' la le les vers".split())


def remember(
    text: Text, mentions: Iterable[Candidate], particles: Collection[str], common: Collection[bytes]
) -> list[Candidate]:
    """Candidates for the other places where surfaces learned from `mentions` occur in the text.

    `mentions` do not overlap and come in reading order; the first to teach a surface licenses it. `particles` (lower
    case) are words that are not family names by themselves; `common` are the words of the language, in lower folding.
    """
    taught: dict[str, tuple[Entry, Candidate]] = {}
    mentions = list(mentions)
    counts = Counter(text.folded.surface(mention.start, mention.end) for mention in mentions)
    for mention in mentions:
        if _is_guess(mention) and counts[text.folded.surface(mention.start, mention.end)] == 1:
            continue
        for surface in _taught_surfaces(text.folded, mention, particles, common):
            if surface not in taught:
                taught[surface] = Entry(surface, mention.label, mention.source, id=mention.id), mention
    if not taught:
        return []
    hits = Lexicon(entry for entry, _ in taught.values()).hits(text.folded, compounds=False).all
    starts = [mention.start for mention in mentions]
    free = [hit for hit in hits if not _is_covered(hit, mentions[max(0, bisect_right(starts, hit.start) - 1)])]
    free = [hit for hit in free if not _is_announced(text, hit)]
    names = {hit.entry.surface for hit in free if not _may_be_common(text.folded, hit, common)}
    return [_candidate(hit.start, hit.end, taught[hit.entry.surface][1]) for hit in free if hit.entry.surface in names]


def _is_guess(mention: Candidate) -> bool:
    """Whether a mention rests only on a guess. Given names are evidence enough: a guessed person does not count."""
    return mention.priority <= GUESS and not mention.confirmed and mention.label != "PER"


def _is_announced(text: Text, hit: Hit) -> bool:
    """Whether the text means an entry of another label with the same name: *la France* beside *Anatole France*."""
    return text.is_another(hit.start, hit.end, hit.entry.key) and text.word_before(hit.start) in ANNOUNCING


def _may_be_common(folded: Folded, hit: Hit, common: Collection[bytes]) -> bool:
    """Whether a hit may be a word of the language, capitalised because it begins a sentence: *Petit à petit*.

    A surface all of whose hits are such words is not taken for a name.
    """
    return folded.lower[hit.start : hit.end] in common and opens_sentence(folded.plain, hit.start)


def _taught_surfaces(
    folded: Folded, mention: Candidate, particles: Collection[str], common: Collection[bytes]
) -> list[str]:
    if mention.source.kind != "rule" and mention.label != "PER":
        return []
    full = folded.surface(mention.start, mention.end)
    surfaces = [full] if mention.source.kind == "rule" else []
    if mention.label == "PER":
        surfaces = [surface for surface in surfaces if len(surface) >= SHORTEST]
        surfaces += _family_names(full, mention.surname, particles)
        if mention.source.kind == "rule" and not mention.surname:
            surfaces += _first_words(full, folded.lower[mention.start : mention.end], particles, common)
        surfaces = list(dict.fromkeys(map(_as_in_text, surfaces)))
    forms = [part for part in mention.parts if part.name == "form"]
    if forms and mention.start < forms[0].start and forms[0].end == mention.end:
        surfaces.append(folded.surface(mention.start, forms[0].start).rstrip())
    return surfaces


def _as_in_text(name: str) -> str:
    """A name in capitals (`M. LE GALL`) as running text writes it; that surface also matches text in capitals."""
    return "".join(map(_inner_lower, ("", "", *name), ("", *name), name)) if name.isupper() else name


def _inner_lower(second_last: str, last: str, char: str) -> str:
    """A character, in lower case if the two before it show that it is inside a word: the `H` of `FLOC'H` is, that of
    `L'HERMITE` is not."""
    is_inside = last.isalnum() or (last in APOSTROPHES and second_last in "Cc" and char in "Hh")
    lower = char.lower()
    return lower if is_inside and len(lower) == 1 else char


def _family_names(full: str, surname: str | None, particles: Collection[str]) -> list[str]:
    """The stated family name; else the capitals that begin a name (`LE GOFF Anne`; not `DJ Kerbrat`); else everything
    after the first word, and its last word alone."""
    words = full.split()
    if len(words) < 2:
        return []
    stated = surname or _leading_capitals(full)
    names = [stated] if stated else [" ".join(words[1:]), words[-1]]
    return [name for name in dict.fromkeys(names) if _may_be_alone(name, particles)]


def _first_words(full: str, lower: bytes, particles: Collection[str], common: Collection[bytes]) -> list[str]:
    """The first word of a full name, unless it is the family name or a word of the language; `lower` is its folding."""
    first, _, rest = full.partition(" ")
    is_unusual = len(first) >= SHORTEST_FIRST and lower[: len(first)] not in common
    return [first] if rest and is_unusual and not _leading_capitals(full) and _may_be_alone(first, particles) else []


def _leading_capitals(full: str) -> str:
    """The family name in capitals that begins a full name; empty if there is none."""
    capitals = " ".join(takewhile(_is_capitals, full.split()))
    return capitals if LONG <= len(capitals) < len(full) else ""


def _is_capitals(word: str) -> bool:
    return word.isupper() and "." not in word


def _may_be_alone(name: str, particles: Collection[str]) -> bool:
    """Whether part of a name may occur alone: it is no particle, and its last word is capitalised (*Kerbrat*), if need
    be after a particle (*al-Joulani*)."""
    last = name.split()[-1]
    particle, _, rest = last.partition("-")
    is_capitalised = last[:1].isupper() or (rest[:1].isupper() and particle.lower() in particles)
    return len(name) >= SHORTEST and is_capitalised and "." not in name and name.lower() not in particles


def _is_covered(hit: Hit, mention: Candidate) -> bool:
    """Whether a rule of any priority already found the same name there, or a longer one around it."""
    is_inside = mention.start <= hit.start and hit.end <= mention.end
    is_shorter = mention.end - mention.start > hit.end - hit.start
    return is_inside and mention.source.kind == "rule" and (is_shorter or mention.label == hit.entry.key)


def _candidate(start: int, end: int, mention: Candidate) -> Candidate:
    source = Source("memory", mention.source.name, mention.source.path, mention.source.line)
    via = (mention.start, mention.end)
    return Candidate(start, end, mention.label, source, mention.priority, id=mention.id, via=via)
