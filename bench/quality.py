"""Quality side by side: ruletag, a plain dictionary and spaCy, strict, for each label, on the same gold in one run.

    python bench/quality.py [--ablation] [--write] [GOLD...]

GOLD is a file or folder that `ruletag eval` reads; without any, the examples. The dictionary is flashtext with the
same gazetteers: what lists alone bring. spaCy and its two models are the extra `quality`; what is not installed is
skipped, by name. `--ablation` adds what each part of the knowledge brings and costs. `--write` puts the tables into
bench/results.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from ablation import Effect, ablate
from corpora import EXAMPLES, Corpus, count, micro, read_corpora, total
from engines import MODELS, recogniser
from flashtext import KeywordProcessor
from tables import versions, write
from tabulate import tabulate

from ruletag import RuletagError, Tagger, __version__
from ruletag.model import LABELS

PACKAGES = ("flashtext", "spacy", *MODELS)
JOBS = 2
HEADERS = ["system", *(f"{label} P / R / F1" for label in LABELS), "PER+LOC+ORG", "four labels", "seconds"]
DETAILS = ["part", "corpus", "label", "right", "wrong", "F1"]
Spans = Iterable[tuple[int, int, str]]
Find = Callable[[str], Spans]


def main(arguments: Sequence[str]) -> int:
    """Print the tables; with `--write`, also put them into bench/results."""
    options = _options(arguments)
    try:
        corpora = read_corpora(options.gold)
    except RuletagError as error:
        print(error, file=sys.stderr)
        return 2
    sections = {"quality": quality_section(corpora)}
    print(sections["quality"])
    if options.ablation:
        effects = list(ablate(corpora, JOBS))
        print(_table(detail_rows(effects), DETAILS))
        sections["ablation"] = ablation_section(effects, corpora)
    if options.write:
        write(sections, f"python bench/quality.py{' --ablation' if options.ablation else ''} --write")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ablation", action="store_true", help="leave out each rule, rule family, gazetteer and class")
    parser.add_argument("--write", action="store_true", help="put the tables into bench/results")
    default = [str(path) for path in sorted(EXAMPLES.iterdir())]
    parser.add_argument("gold", nargs="*", metavar="GOLD", default=default, help="files or folders with gold")
    return parser.parse_args(arguments)


def quality_section(corpora: Sequence[Corpus]) -> str:
    """The date and versions of the measurement, the corpora, and a table for each of them."""
    lines = [f"Measured on {date.today().isoformat()} with {_versions()}.", "", _table(_sizes(corpora), _SIZES), ""]
    for corpus in corpora:
        lines += [f"## {corpus.name}, guideline {corpus.guideline}", "", _table(quality_rows(corpus), HEADERS), ""]
    return "\n".join(lines)


def quality_rows(corpus: Corpus) -> Iterable[list[str]]:
    """One row for each system that is installed."""
    tagger = Tagger.load(guideline=corpus.guideline)
    systems: dict[str, Find | None] = {
        "ruletag": lambda text: [entity.span for entity in tagger.tag(text).entities],
        "flashtext, same lists": dictionary(tagger),
        **{name: spacy_model(name) for name in MODELS},
    }
    for name, find in systems.items():
        if find is None:
            print(f"skipped: {name} is not installed", file=sys.stderr)
            continue
        start = time.perf_counter()
        predicted = [list(find(document.text)) for document in corpus.documents]
        seconds = time.perf_counter() - start
        counts = total(count(gold, spans) for gold, spans in zip(corpus.documents, predicted, strict=True))
        ratios = [(counts[label].precision, counts[label].recall, counts[label].f1) for label in LABELS]
        yield [
            name,
            *(" / ".join(f"{ratio:.3f}" for ratio in label_ratios) for label_ratios in ratios),
            f"{micro(counts, LABELS[:3]).f1:.3f}",
            f"{micro(counts).f1:.3f}",
            f"{seconds:.1f}",
        ]


def dictionary(tagger: Tagger) -> Find:
    """flashtext over the unambiguous names of a tagger, case-sensitive, whole words only.

    For a name listed under two labels, the first counts.
    """
    processor = KeywordProcessor(case_sensitive=True)
    names = [entry for entry in tagger.entries if entry.is_label and not entry.ambiguous]
    letters = {char for entry in tagger.entries for char in entry.surface if char.isalnum()}
    processor.set_non_word_boundaries(processor.non_word_boundaries | letters)  # flashtext knows those of English
    for entry in reversed(names):
        processor.add_keyword(entry.surface, entry.key)

    def find(text: str) -> Spans:
        return [(start, end, label) for label, start, end in processor.extract_keywords(text, span_info=True)]

    return find


def spacy_model(name: str) -> Find | None:
    """A spaCy model with only its entity recogniser; None if it is not installed."""
    model = recogniser(name)
    if model is None:
        return None
    return lambda text: [(entity.start_char, entity.end_char, entity.label_) for entity in model(text)]


def detail_rows(effects: Iterable[Effect]) -> list[list[str]]:
    """The effect of each part, for each corpus and label that it changes."""
    return [
        [
            effect.part.name,
            effect.corpus,
            label,
            *_change(effect, label),
            _points(effect.f1(label)),
        ]
        for effect in effects
        for label in effect.changed
    ]


def ablation_section(effects: Sequence[Effect], corpora: Sequence[Corpus]) -> str:
    """A table for each kind of part: a row per part, a column per corpus; parts without effect are only named."""
    names = [corpus.name for corpus in corpora]
    grouped: dict[str, dict[str, dict[str, str]]] = {}
    for effect in effects:
        cells = grouped.setdefault(effect.part.kind, {}).setdefault(effect.part.name, dict.fromkeys(names, ""))
        cells[effect.corpus] = effect_cell(effect)
    lines = [f"Measured on {date.today().isoformat()}.", ""]
    for kind, parts in grouped.items():
        rows = [[name, *cells.values()] for name, cells in parts.items() if any(cells.values())]
        silent = [f"`{name}`" for name, cells in parts.items() if not any(cells.values())]
        lines += [_table(rows, [kind, *names]), ""] if rows else []
        lines += [f"No effect on these corpora ({kind}): {', '.join(silent)}.", ""] if silent else []
    return "\n".join(lines)


def effect_cell(effect: Effect) -> str:
    """The micro-F1 that a part brings, in points, and its right and wrong spans by label: `+0.12: PER +7 -1`."""
    changes = [" ".join([label, *_change(effect, label)]) for label in effect.changed]
    return f"{_points(effect.micro_f1())}: {', '.join(changes)}" if changes else ""


_SIZES = ["corpus", "documents", *LABELS]


def _sizes(corpora: Iterable[Corpus]) -> list[list[str]]:
    return [
        [corpus.name, str(len(corpus.documents)), *(str(corpus.spans[label]) for label in LABELS)] for corpus in corpora
    ]


def _versions() -> str:
    named = {"Python": platform.python_version(), "ruletag": __version__, **versions(PACKAGES)}
    return ", ".join(f"{name} {number}" for name, number in named.items())


def _change(effect: Effect, label: str) -> tuple[str, str]:
    """The right and the wrong spans of a label that a part brings, with signs."""
    return f"{effect.right(label):+}", f"{effect.wrong(label):+}"


def _points(ratio: float) -> str:
    """A difference of F1, in points."""
    return f"{100 * ratio:+.2f}"


def _table(rows: Iterable[Sequence[str]], headers: Sequence[str]) -> str:
    return tabulate([list(row) for row in rows], headers, tablefmt="github", disable_numparse=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
