"""Records as `eval --json` prints them, with their texts, made from gold and predicted documents to test reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from math import sqrt
from pathlib import Path

from ruletag.evaluation.borders import Borders
from ruletag.evaluation.measures import Counts
from ruletag.evaluation.pairing import pair
from ruletag.files import find_inputs, read_documents
from ruletag.fold import fold
from ruletag.model import LABELS

GOLD = Path(__file__).parents[1] / "examples" / "gold"
DETERMINERS = {"le", "la", "les", "l’", "l'", "un", "une"}
GROUPS = {**{label: (label,) for label in LABELS}, "PER+LOC+ORG": LABELS[:3], "micro": LABELS}


def of_examples(tagger, seed_tagger):
    """The record and the texts of the gold that ships as an example; each file under the guideline of its format."""
    pairs = []
    for name, chosen in (("communique.txt", seed_tagger), ("articles.jsonl", tagger)):
        documents = read_documents(find_inputs([str(GOLD / name)])[0])
        pairs += [(document, chosen.tag(document.text)) for document in documents]
    pairs = [(replace(gold, path=Path(gold.path).name), predicted) for gold, predicted in pairs]
    return make(pairs, "canonical, seed", Borders(tagger.hits))


def make(pairs, guideline, borders: Borders):
    """The record and the texts of pairs of a gold and a predicted document."""
    verdicts = [
        (document, gold, found, *_verdict(fold(document.text), gold, found, borders))
        for document, predicted in pairs
        for gold, found in _aligned(document, predicted)
    ]
    record = {
        "ruletag": "0.1.0",
        "guideline": guideline,
        "documents": len(pairs),
        "skipped": [],
        "measures": {
            "strict": _measure(verdicts, {"correct"}),
            "exact": _measure(verdicts, {"correct", "label"}),
            "forgiven": _measure(verdicts, {"correct"}, guideline=True),
        },
        "per_document": [_line(document, verdicts) for document, _ in pairs],
        "causes": _causes(verdicts),
        "confusion": _confusion(verdicts),
        "ledger": _ledger(verdicts),
        "silent": {"rules": ["per.never", "org.never"], "entries": 71234},
        "effort": _effort(pairs, verdicts),
        "errors": [_error(*verdict) for verdict in verdicts if verdict[3] != "correct"],
    }
    return record, [_text(document, verdicts) for document, _ in pairs]


def _aligned(document, predicted):
    """Gold and predicted entity of each place, in reading order; None where one side has nothing."""
    matched = pair([each.span for each in document.entities], [each.span for each in predicted.entities])
    golds, founds = {gold for gold, _ in matched}, {found for _, found in matched}
    places = [(document.entities[gold], predicted.entities[found]) for gold, found in matched]
    places += [(entity, None) for index, entity in enumerate(document.entities) if index not in golds]
    places += [(None, entity) for index, entity in enumerate(predicted.entities) if index not in founds]
    return sorted(places, key=lambda place: min(entity.span for entity in place if entity))


def _verdict(folded, gold, found, borders):
    """The cause, what the borders disagree on, and whether a guideline decides that."""
    if not found:
        return "missed", None, False
    if not gold:
        return "spurious", None, False
    same_borders, same_label = gold.span[:2] == found.span[:2], gold.label == found.label
    cause = {(1, 1): "correct", (1, 0): "label", (0, 1): "border", (0, 0): "both"}[same_borders, same_label]
    if cause != "border":
        return cause, None, False
    forgiven = borders.forgiven(folded, gold.span) == borders.forgiven(folded, found.span)
    longer, shorter = sorted((gold, found), key=lambda entity: entity.start)
    beside = longer.text[: shorter.start - longer.start].strip().lower()
    kind = "determiner" if beside in DETERMINERS else "title" if forgiven else "complement"
    return cause, kind, forgiven


def _measure(verdicts, causes, guideline=False):
    def counts(label):
        right = [gold for _, gold, _, cause, _, forgiven in verdicts if cause in causes or (guideline and forgiven)]
        support = sum(gold.label == label for _, gold, *_ in verdicts if gold)
        predicted = sum(found.label == label for _, _, found, *_ in verdicts if found)
        return Counts(support, predicted, sum(gold.label == label for gold in right))

    alone = {label: counts(label) for label in LABELS}
    return {name: _figures(sum((alone[label] for label in group), Counts())) for name, group in GROUPS.items()}


def _figures(counts):
    whole = {"support": counts.gold, "predicted": counts.predicted, "correct": counts.correct, "partial": 0}
    ratios = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return {**whole, **ratios, "interval": _interval(counts.f1, counts.gold + counts.predicted)}


def _interval(share, number):
    """Wilson's interval for a share; for F1 only as wide as a test of drawing needs."""
    if not number:
        return [0.0, 1.0]
    centre = (share + 1.92 / number) / (1 + 3.84 / number)
    half = 1.96 * sqrt(share * (1 - share) / number + 0.96 / number**2) / (1 + 3.84 / number)
    return [max(0.0, centre - half), min(1.0, centre + half)]


def _name(document):
    return document.id or document.path


def _line(document, verdicts):
    own = [verdict for verdict in verdicts if verdict[0] is document]
    golds, founds = sum(verdict[1] is not None for verdict in own), sum(verdict[2] is not None for verdict in own)
    counts = Counts(golds, founds, sum(verdict[3] == "correct" for verdict in own))
    figures = _figures(counts)
    return {"document": _name(document), **{key: figures[key] for key in figures if key not in ("partial", "interval")}}


def _causes(verdicts):
    counts = Counter(cause for _, _, _, cause, _, _ in verdicts)
    kinds = Counter(kind for *_, kind, _ in verdicts if kind)
    return {
        "errors": sum(counts.values()) - counts["correct"],
        "guideline": sum(forgiven for *_, forgiven in verdicts),
        "counts": {name: counts[name] for name in ("missed", "spurious", "label", "border", "both")},
        "borders": dict(sorted(kinds.items())),
        "f1": _measure(verdicts, {"correct"})["micro"]["f1"],
        "f1_forgiven": _measure(verdicts, {"correct"}, guideline=True)["micro"]["f1"],
    }


def _confusion(verdicts):
    cells = defaultdict(list)
    for document, gold, found, *_ in verdicts:
        cells[gold and gold.label, found and found.label].append((document, gold or found))
    order = [*LABELS, None]
    rows = []
    for gold, found in sorted(cells, key=lambda cell: (order.index(cell[0]), order.index(cell[1]))):
        places = cells[gold, found]
        first = {entity.text: (document, entity) for document, entity in reversed(places)}
        surfaces = [
            {"text": text, "count": count, "where": _where(*first[text]), "context": _context(*first[text])}
            for text, count in Counter(entity.text for _, entity in places).most_common(5)
        ]
        rows.append({"gold": gold, "predicted": found, "count": len(places), "surfaces": surfaces})
    return rows


def _where(document, entity):
    return f"{document.path}:{document.line(entity.start)}"


def _context(document, entity):
    return " ".join(document.text[max(0, entity.start - 40) : entity.end + 40].split())


def _ledger(verdicts):
    rows = {}
    for _, _, found, cause, *_ in verdicts:
        if found:
            rows.setdefault(found.source, Counter())[cause] += 1
    ledger = []
    for source, counts in rows.items():
        produced = sum(counts.values())
        causes = {name: counts[name] for name in ("correct", "border", "label", "both", "spurious")}
        ledger.append(
            {
                "source": source.name,
                "kind": source.kind,
                "path": source.path,
                "line": source.line,
                "produced": produced,
                **causes,
                "lost": 0,
                "lost_to": [],
                "precision": counts["correct"] / produced,
                "interval": _interval(counts["correct"] / produced, produced),
                "harm": float(2 * counts["spurious"] + counts["label"] + counts["border"] + 2 * counts["both"]),
            }
        )
    return sorted(ledger, key=lambda row: (-row["harm"], -row["produced"], row["source"], row["path"], row["line"]))


def _effort(pairs, verdicts):
    tokens = sum(len(document.text.split()) for document, _ in pairs)
    counts = Counter(cause for *_, cause, _, _ in verdicts)
    each = {name: 1000 / tokens * counts[name] for name in counts}
    given = {
        "accept": each.get("correct", 0.0),
        "rebound": each.get("border", 0.0) + each.get("both", 0.0),
        "relabel": each.get("label", 0.0) + each.get("both", 0.0),
        "add": each.get("missed", 0.0),
        "delete": each.get("spurious", 0.0),
    }
    spans = 1000 / tokens * sum(len(document.entities) for document, _ in pairs)
    seconds = {"accept": 1, "rebound": 4, "relabel": 3, "add": 6, "delete": 2}
    given["seconds"] = sum(seconds[name] * given[name] for name in seconds)
    bare = {**dict.fromkeys(seconds, 0.0), "add": spans, "seconds": 6 * spans}
    return {
        "tokens": tokens,
        "with": given,
        "without": bare,
        "saving": 1 - given["seconds"] / bare["seconds"],
        "sentence": f"{given['seconds']:.0f} seconds for 1,000 tokens instead of {bare['seconds']:.0f}.",
    }


def _error(document, gold, found, cause, kind, guideline):
    some = gold or found
    sides = [entity and dict(zip(("start", "end", "label"), entity.span, strict=True)) for entity in (gold, found)]
    return {
        "cause": cause,
        "border": kind,
        "guideline": guideline,
        "path": document.path,
        "id": document.id,
        "line": document.line(some.start),
        "context": _context(document, some),
        "gold": sides[0] and {**sides[0], "text": gold.text},
        "predicted": sides[1] and {**sides[1], "text": found.text, "source": str(found.source)},
    }


def _text(document, verdicts):
    marks = [
        {
            "cause": cause,
            "gold": list(gold.span) if gold else None,
            "predicted": [*found.span, str(found.source)] if found else None,
        }
        for own, gold, found, cause, *_ in verdicts
        if own is document
    ]
    return {"name": _name(document), "text": document.text, "marks": marks}
