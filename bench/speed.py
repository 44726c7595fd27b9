"""Speed side by side: stages, other engines, long and many texts, whole commands, growing gazetteers, hostile texts.

    python bench/speed.py [TEXT...] [--only PART] [--json] [--write]

TEXT is a file or folder that `ruletag tag` reads; without it the examples are read. Machines are noisy: rounds are
interleaved and medians given, and the ratios are what counts. The extra `bench` installs all that is compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click
import tables
from parts import PARTS, Sizes
from texts import press


def _numbers(kind: Callable[[str], float]) -> Callable[..., tuple[float, ...]]:
    return lambda _context, _parameter, value: tuple(kind(number) for number in value.split(","))


@click.command()
@click.argument("texts", nargs=-1)
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="A part to measure; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of tables.")
@click.option("--write", "to_files", is_flag=True, help="Put the tables into bench/results.")
@click.option("--rounds", default=5, show_default=True, help="Rounds of which the median is taken.")
@click.option("--sample", default=0.25, show_default=True, help="Megabytes of text for engines and gazetteers.")
@click.option("--first", default=1.2, show_default=True, help="Megabytes that a fresh process reads.")
@click.option("--long", default=20.0, show_default=True, help="Megabytes of the long text.")
@click.option("--short", default=100_000, show_default=True, help="Number of short texts.")
@click.option("--lines", default="100,1000", show_default=True, callback=_numbers(int), help="MB of JSON Lines.")
@click.option("--names", default="1000,10000,100000,1000000", show_default=True, callback=_numbers(int))
@click.option("--hostile", default="1,4,16", show_default=True, callback=_numbers(float), help="Megabytes.")
@click.option("--limit", default=120.0, show_default=True, help="Seconds that a hostile text may take.")
def main(texts: tuple[str, ...], only: tuple[str, ...], as_json: bool, to_files: bool, **sizes: Any) -> None:
    """Measure, and print the tables of each part."""
    documents = press(texts)
    by_part: dict[str, list[tables.Table]] = {}
    for part in only or PARTS:
        for table in PARTS[part](documents, Sizes(**sizes)):
            by_part.setdefault(part, []).append(table)
            if not as_json:
                print(tables.format_table(table), flush=True)
    machine = tables.machine()
    records = [asdict(table) for part_tables in by_part.values() for table in part_tables]
    print(json.dumps({"machine": machine, "tables": records}) if as_json else machine)
    if to_files:
        bodies = {
            part: "\n".join([*map(tables.format_table, part_tables), machine]) for part, part_tables in by_part.items()
        }
        tables.write(bodies, "python bench/speed.py --write")


if __name__ == "__main__":
    main()
