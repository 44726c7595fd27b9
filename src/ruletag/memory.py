"""What a document teaches, used in the whole document.

A full name licenses its family name alone; a name or acronym that a rule found once is known everywhere. Each
candidate names the mention that licensed it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

from ruletag.finder import Finder, patterns_of
from ruletag.fold import Folded
from ruletag.model import Candidate, Entry, Hit, Source
from ruletag.spotters import SEARCH
from ruletag.surfaces import Surface

FEW = 32  # names that are sooner searched for one by one than compiled; a bound, so that a long text takes linear time
SHORTEST = 2  # a family name of one letter, or an initial, is never licensed


def remember(folded: Folded, mentions: Iterable[Candidate], particles: frozenset[str], engine: str) -> list[Candidate]:
    """Candidates for the other places where what `mentions` taught stands in the text.

    `mentions` do not overlap and come in reading order; the first to teach a surface licenses it. `particles` (lower
    case) are words that no family name consists of.
    """
    taught: dict[str, tuple[Entry, Candidate]] = {}
    mentions = list(mentions)
    for mention in mentions:
        for surface in _lessons(folded.plain, mention, particles):
            if surface not in taught:
                taught[surface] = Entry(surface, mention.label, mention.source, id=mention.id), mention
    if not taught:
        return []
    finder = _finder([entry for entry, _ in taught.values()], engine)
    starts = [mention.start for mention in mentions]
    return [
        _candidate(folded, hit.start, hit.end, taught[hit.entry.surface][1])
        for hit in finder.find(folded, compounds=False)
        if not _is_told(hit, mentions[max(0, bisect_right(starts, hit.start) - 1)])
    ]


def _finder(entries: Iterable[Entry], engine: str) -> Finder:
    """What finds the entries, each of another spelling."""
    surfaces = [Surface(entry) for entry in sorted(entries, key=attrgetter("key", "surface"))]
    spelt = [(number, spelling) for number, surface in enumerate(surfaces) for spelling in surface.spellings]
    patterns = patterns_of([number for number, _ in spelt], [spelling for _, spelling in spelt])
    return Finder(SEARCH if len(surfaces) <= FEW else engine, patterns, surfaces.__getitem__)


def _lessons(plain: str, mention: Candidate, particles: frozenset[str]) -> list[str]:
    if mention.source.kind != "rule" and mention.label != "PER":
        return []
    surface = " ".join(plain[mention.start : mention.end].split())
    lessons = [surface] if mention.source.kind == "rule" else []
    if mention.label == "PER":
        lessons += _family_names(surface, mention.surname, particles)
    return lessons


def _family_names(full: str, surname: str | None, particles: frozenset[str]) -> list[str]:
    """The family name that was stated; else all that follows the first word, and its last word alone."""
    words = full.split()
    if len(words) < 2:
        return []
    names = [surname] if surname else [" ".join(words[1:]), words[-1]]
    return [name for name in dict.fromkeys(names) if _is_family_name(name, particles)]


def _is_family_name(name: str, particles: frozenset[str]) -> bool:
    last = name.split()[-1]
    return len(name) >= SHORTEST and last[:1].isupper() and "." not in name and name.lower() not in particles


def _is_told(hit: Hit, mention: Candidate) -> bool:
    """Whether a rule, of whatever priority, found the same there, which knows its parts, or a longer name around it."""
    inside = mention.start <= hit.start and hit.end <= mention.end
    longer = mention.end - mention.start > hit.end - hit.start
    return inside and mention.source.kind == "rule" and (longer or mention.label == hit.entry.key)


def _candidate(folded: Folded, start: int, end: int, mention: Candidate) -> Candidate:
    source = Source("memory", mention.source.name, mention.source.path, mention.source.line)
    first, last = folded.original(mention.start, mention.end)
    via = f"{folded.plain[mention.start : mention.end]} ({first}:{last})"
    return Candidate(start, end, mention.label, source, mention.priority, id=mention.id, via=via)
