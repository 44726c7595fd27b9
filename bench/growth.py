"""Whether the time of Tagger.tag grows with the text and no faster, on texts made to be slow.

    python bench/growth.py [MEGABYTES]

Each kind of text is tagged as one document of so many megabytes (0.125 where none is named), and of eight times as
many. The ratio of their times, by the byte, is 1 where time is linear. With 1, it takes half an hour.
"""

from __future__ import annotations

import sys
import time

from tabulate import tabulate

from ruletag import Tagger

TIMES = 8
# What stands in one text again and again. `{}` is a number written in letters, so that every name is a new one.
UNITS = {
    "capitalised words": "Abel Bruno Carla Denis ",
    "acronyms": "OTAN ABC XYZ ONU ",
    "one capital": "A",
    "initials": "J. K. ",
    "dotted capitals": "A.",
    "a name of the gazetteers": "Emmanuel Macron ",
    "a name, then its family name": "Emmanuel Macron. Macron dit. ",
    "a new name each time": "selon Paul Zo{}, dit-il. Zo{} part. ",
    "hyphenated words": "Jean-Paul-",
    "hyphenated places": "Paris-Lyon-",
    "half of a title": "président de la ",
    "half of a name": "Organisation de coopération de ",
    "half of an institution": "Conseil général de la ",
    "words after a comma": "le ministre, Paul, ",
    "digits": "1,",
    "spaces": "  ",
    "combining accents": "e\u0301",
    "line ends": "Le Mali\n",
}


def main(arguments: list[str]) -> int:
    """Print one table: seconds by the megabyte of each kind at both sizes, and their ratio."""
    megabytes = float(arguments[0]) if arguments else 0.125
    tagger = Tagger.load()
    tagger.tag("Le Mali.")
    sizes = (megabytes, TIMES * megabytes)
    rows = []
    for name, unit in UNITS.items():
        small, large = (seconds(tagger, hostile(unit, int(size * 1e6))) / size for size in sizes)
        rows.append([name, f"{small:.2f}", f"{large:.2f}", f"{large / small:.2f}"])
        print(name, file=sys.stderr)
    headers = ["text", *(f"s/MB at {size:g} MB" for size in sizes), "ratio"]
    print(tabulate(rows, headers, tablefmt="github", disable_numparse=True))
    return 0


def hostile(unit: str, size: int) -> str:
    """So many code points of a unit, over and over."""
    if "{}" not in unit:
        return (unit * (size // len(unit) + 1))[:size]
    letters = str.maketrans("0123456789", "abcdefghij")
    count = size // (len(unit) + 4)
    return "".join(unit.replace("{}", str(number).translate(letters)) for number in range(count))[:size]


def seconds(tagger: Tagger, text: str) -> float:
    """Processor time of one call."""
    start = time.process_time()
    tagger.tag(text)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
