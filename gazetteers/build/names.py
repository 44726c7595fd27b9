"""What the scripts of names share: what is known already, which names are homographs, and how entries are written.

A generated name never repeats a hand-written one, nor makes one uncertain: it is left out where another file knows it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from given_names import plain_letters, scalar
from sources import Fetched

GAZETTEERS = Path(__file__).parents[1]
_ARTICLE = re.compile(r"(?:(?:La|Le|Les) |L')(?=\w)")


def key(name: str) -> str:
    """Return what two spellings of one name share: no accents, no capitals, straight apostrophes, plain spaces."""
    return " ".join(plain_letters(name.replace("’", "'")).lower().split())


def known(folder: Path = GAZETTEERS, leaving: Iterable[str] = ()) -> dict[str, set[str]]:
    """Map the key of every surface in the gazetteers of a folder to the labels and classes that it stands under.

    A family name stands under `surname`: the one that the entry of a person states, else all that follows the first
    word. Files whose class is in `leaving` are passed over.
    """
    found: dict[str, set[str]] = {}
    left = frozenset(leaving)
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("words/*.yaml")]):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # every scalar is a string
        label = content.get("label") or content["class"]
        if label not in left:
            for entry in content["entries"]:
                for surface, kind in _surfaces(entry, label):
                    found.setdefault(key(surface), set()).add(kind)
    return found


def _surfaces(entry: Any, label: str) -> Iterator[tuple[str, str]]:
    if isinstance(entry, str):
        entry = {"name": entry}
    yield entry["name"], label
    for field in ("aliases", "acronym"):
        others = entry.get(field, [])
        for other in others if isinstance(others, list) else [others]:
            yield (other if isinstance(other, str) else other["name"]), label
    surname = entry.get("surname") or entry["name"].partition(" ")[2]
    if label == "PER" and surname:
        yield surname, "surname"


def read_common(folder: Path = GAZETTEERS) -> frozenset[str]:
    """Return the negative lexicon: French common words in lower case."""
    lines = (folder / "words" / "common-words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def read_english(source: Fetched) -> frozenset[str]:
    """Return the English common words in lower case: titles and brand names in English are full of them."""
    words = source.path("words.txt").read_text(encoding="utf-8").split()
    return frozenset(word for word in words if word.islower())


def is_homograph(name: str, common: frozenset[str]) -> bool:
    """Tell whether a name is a common word, with or without an article: Gap, La Force, L'Union."""
    lower = name.lower()
    return lower in common or _ARTICLE.sub("", name, count=1).lower() in common


def unknown(names: Iterable[str], taken: Mapping[str, set[str]]) -> list[str]:
    """Return the names whose key is not taken, one for each key, the one with more accents, sorted by key."""
    chosen: dict[str, str] = {}
    for name in names:
        name = " ".join(name.replace("’", "'").split())
        if key(name) not in taken:
            chosen[key(name)] = max(name, chosen.get(key(name), ""), key=_preference)
    return sorted(chosen.values(), key=lambda name: (key(name), name))


def _preference(name: str) -> tuple[int, str]:
    """More accents first, since a text may lack accents and never adds them."""
    return sum(not letter.isascii() for letter in name), name


def gazetteer_text(header: str, kind: str, names: Iterable[str], *, ambiguous: bool = False) -> str:
    """Return a gazetteer file, an entry a line; `kind` is its line `class: …` or `label: …`."""
    written = map(scalar, names)
    lines = (f"  - {{name: {name}, ambiguous: true}}\n" if ambiguous else f"  - {name}\n" for name in written)
    return f"{header}{kind}\nentries:\n{''.join(lines)}"


def write(path: Path, text: str) -> None:
    """Write a generated file: UTF-8, line feeds, whatever the platform."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
