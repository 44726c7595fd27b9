"""Write docs/guide/labels.md and labels.fr.md from the label guide that the page of `ruletag review` shows.

python docs/labels.py            # write both
python docs/labels.py --check    # exit code 1 where one of them is another
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from textwrap import fill
from typing import Any

DOCS = Path(__file__).parent
GUIDE = DOCS.parent / "src" / "ruletag" / "review" / "page" / "labels.json"
TITLES = {"en": "What is PER, LOC, ORG, MISC?", "fr": "Que sont PER, LOC, ORG, MISC ?"}
HEADS = {
    "en": "The guide that [`ruletag review`](reviewing.md) shows with the key `h`. Also [in French](labels.fr.md). "
    "It describes the guideline `canonical`; under `seed`, the default of the brace format, titles and some "
    "determiners belong to the name ([guidelines](guidelines.md)). "
    "Which common nouns belong to a name: [heads](heads.md).",
    "fr": "Le guide que [`ruletag review`](reviewing.md) affiche avec la touche `h`. Aussi [en anglais](labels.md). "
    "Il décrit la convention `canonical` ; sous `seed`, celle du format à accolades, les titres et certains "
    "déterminants font partie du nom ([conventions](guidelines.md)). "
    "Quels noms communs font partie d’un nom : [têtes](heads.fr.md).",
}


def page(guide: dict[str, Any], language: str) -> str:
    """The guide in a language, as Markdown."""
    parts = [f"# {TITLES[language]}", _wrapped(HEADS[language]), _wrapped(guide["rule"][language])]
    for label in guide["labels"]:
        parts += [f"## {label['label']}", _wrapped(label[language])]
        parts.append("\n".join(_line(sentence, language) for sentence in label["sentences"]))
    return "\n\n".join(parts) + "\n"


def _line(sentence: dict[str, str], language: str) -> str:
    """A sentence with its names in bold, each with its label, and the note on it."""
    shown = re.sub(r"\[([^\]]+)\]\((\w+)\)", r"**\1** (\2)", sentence["text"])
    note = f" — {sentence[language]}" if language in sentence else ""
    return f"- {shown}{note}"


def _wrapped(text: str) -> str:
    return fill(text, width=100, break_on_hyphens=False)


def main() -> int:
    guide = json.loads(GUIDE.read_text(encoding="utf-8"))
    pages = {DOCS / "guide" / f"labels{'' if each == 'en' else '.' + each}.md": page(guide, each) for each in TITLES}
    if "--check" in sys.argv:
        return int(any(path.read_text(encoding="utf-8") != text for path, text in pages.items()))
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
