"""Files as no tool writes them: small sound ones, mutated, through every reader. Only success or RuletagError may come.

    python tests/mutations.py --files 50000            # so many for all kinds together
    python tests/mutations.py --kind rules --case 17    # one again, with its traceback and its bytes

A case is made by its kind and number alone, so that each can be had again. The suite reads the first of each kind.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

import ruletag.folders
from conftest import SMALL
from records import of_counts
from ruletag import Tagger, cache
from ruletag.config import find_config
from ruletag.decoding import decode
from ruletag.errors import RuletagError
from ruletag.formats import FORMATS, Options, brace
from ruletag.gazetteer import load_gazetteers
from ruletag.model import LABELS, Entity, Source
from ruletag.report.explanation import format_explanation
from ruletag.report.gate import compare, read_baseline
from ruletag.report.record import record_json
from ruletag.typed import plain

TEXT = "La ministre française Odile Varenne voit Emmanuel Macron à Orange.\r\nLa Chine-Paris, \U0001f30d « l’ONU » !\n"
RECORD = of_counts("seed", 2, **dict.fromkeys(LABELS, (3, 2, 1)))
REPORT = {"guideline": "seed", "documents": 2, "measures": {"strict": plain(RECORD.measures["strict"])}}
SEEDS: dict[str, list[str]] = {
    "jsonl": [
        '{"id": 7, "text": "À Paris.", "spans": [[2, 7, "LOC"]], "meta": {"src": ["a", null, 1.5]}}\n',
        '{"text": "Paris\\ud83d", "spans": [{"start": 0, "end": 5, "label": "LOC", "id": "Q90"}]}\n',
        '{"text": "Paris", "spans": [], "answer": "accept"}\n{"text": "Oslo", "answer": "reject"}\n',
    ],
    "brace": ["Paris et  Oslo.\n{\nParis_LOC\nOslo_LOC\n}\nJean\r\nBon\n{\nJean Bon_PER\n}\n", "Rien.\n{\n}\n"],
    "markup": ["[Marie Curie](PER) est née à [Varsovie](LOC) \\[\\\\\\].\n"],
    "text": [TEXT],
    "gazetteer": [text for name, text in SMALL.items() if name.startswith("gazetteers/") and name.endswith(".yaml")],
    "rules": [SMALL["rules/names.yaml"], 'macros: {M: "Cap{1,3}"}\nrules: []\n'],
    "guideline": [SMALL["rules/guidelines/seed.yaml"]],
    "config": [
        'rules = ["shipped", "r"]\nlists = {"a.txt" = "PER"}\nguideline = "seed"\nmemory = true\nfail-under = 0.9\n'
    ],
    "list": ["# noms\nEmmanuel Macron\nKaisa Lehtonen  # sportive\n"],
    "table": ["name\tambiguous\tid\nParis\tfalse\tQ90\nOrange\ttrue\t\n"],
    "baseline": [json.dumps(REPORT), record_json(RECORD)],
}
_OTHER_FILES = {
    "label-studio": [
        '[{"id": 7, "data": {"text": "À Paris."}, "annotations": [{"was_cancelled": false, "result": [{"type": '
        '"labels", "value": {"start": 2, "end": 7, "text": "Paris", "labels": ["LOC"]}, "origin": "manual"}]}]}]\n',
        '[\n{"id": 7, "text": "Paris", "label": [{"start": 0, "end": 5, "text": "Paris", "labels": ["LOC"]}]},\n'
        '{"data": {"text": "\U0001f30d"}, "predictions": []}\n]\n',
    ],
    "doccano": ['{"id": 1, "text": "\U0001f30d Paris", "label": [[3, 8, "LOC"]], "Comments": []}\n'],
    "brat": ["T1\tPER 22 35\tOdile Varenne\n#1\tAnnotatorNotes T1\trule=x\nR1\tin Arg1:T1 Arg2:T1\n"],
    "conll": [
        "-DOCSTART- -X- O\n\nOdile X B-PER\nVarenne X I-PER\n\nà X O\nParis X S-LOC\n",
        "Paris\tI-LOC\nOslo\tB-LOC\n",
    ],
    "prodigy": [
        '{"text": "À Paris", "tokens": [{"text": "Paris", "start": 2, "end": 7, "id": 0}], "spans": [{"start": 2, '
        '"end": 7, "label": "LOC"}], "meta": {"doc_id": 1}, "answer": "accept"}\n'
    ],
    "spacy-json": [
        '[{"text": "À Paris", "ents": [{"start": 2, "end": 7, "label": "LOC", "kb_id": "Q90"}], "spans": {"sc": [1]}, '
        '"ruletag": {"doc_id": "a"}}]'
    ],
    "tei": [
        '<?xml version="1.0"?><!DOCTYPE TEI [<!ENTITY oe "œ">]><TEI><text><p>M. <hi>Jean</hi> B&oe;n</p></text></TEI>',
        '<TEI><text><head>À <name type="place">Paris</name></head><p><![CDATA[ONU]]>&amp;<lb/>&#233;</p></text></TEI>',
    ],
    "webannotation": [
        '{"type": "AnnotationPage", "items": [\n{"type": "Annotation", "motivation": "tagging", "body": [{"value": '
        '"PER", "purpose": "tagging"}], "target": {"source": "a.txt", "selector": [{"type": "TextQuoteSelector", '
        '"exact": "Odile Varenne", "prefix": " "}, {"type": "TextPositionSelector", "start": 22, "end": 35}]}}\n]}\n',
        '[{"target": {"selector": {"type": "TextQuoteSelector", "exact": "Paris", "prefix": "-"}}, "body": "LOC"}]',
    ],
    "webanno": [
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.NamedEntity|value\n\n#Text=\U0001f30d Jean Bon\\\\\n#Sentence.id=s1\n"
        "1-1\t0-2\t\U0001f30d\t_\t\n1-2\t3-7\tJean\tPER[1]|LOC\t\n1-3\t8-11\tBon\tPER[1]\t\n\n"
        "#Text=A\n2-1\t14-15\tA\t*\t\n",
    ],
    "csv": ['id;text;source\n7;"À Paris; ""ici""\npuis";x\n8;Rien;\n'],
}
SEEDS |= _OTHER_FILES
OTHERS = tuple(_OTHER_FILES)
ENCODINGS = ("utf-8", "utf-8", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig", "utf-7", "shift_jis")
# What readers stumble over: signs of the notations, numbers at every limit, nesting, characters of every kind.
TOKENS = [
    *"{}[]()<>|?*+&!$@\"'\\_-:,.;#~%=^`/ \t\r\n\0\x07\x0b\x1c\x85\u2028\ufeff\ud83d\U0001f30d\u0301ßŒ",
    *("{\n", "\n}\n", "_PER", "](LOC)", "---\n", "&a ", "*a", "!!str ", "? ", "- ", ": ", "{1,3}", "{51}", "<title>"),
    *("@PER", "$M", "det:(", "[ Cap ]", "null", "true", "NaN", "-Infinity", "1e999", "-1", "0", "1.5", "\\u0000", "\\"),
    *(
        "\\ud800",
        '"\\0"',
        '"\\U00110000"',
        "9" * 4301,
        "9" * 50,
        "{" + "9" * 4301 + "}",
        "0x1F",
        "2024-01-31",
        "=",
        "''",
    ),
    *(
        "[" * 300,
        "[" * 2000 + "]" * 2000,
        "]" * 300,
        "(" * 300,
        "!" * 300,
        "*" * 300,
        '{"a":' * 300,
        "- " * 300,
        "{a: " * 300,
        "x " * 3000,
    ),
    *("text", "spans", "start", "label", "LIEU", "entries", "name", "match", "unless", "stage", "ambiguous", "f1"),
]


class Finding(NamedTuple):
    """A case that was not answered with RuletagError or success."""

    kind: str
    case: int
    error: str


def make_case(kind: str, case: int) -> bytes:
    """The file of a kind with that number: one of its seeds, or two together, after one to four mutations."""
    random = Random(f"{kind} {case}")
    text = random.choice(SEEDS[kind])
    for _ in range(random.choice((1, 1, 2, 3, 4))):
        text = _mutate(text, kind, random)
    encoding = random.choice(ENCODINGS) if kind == "text" else "utf-8"
    data = bytearray(text.encode(encoding, "surrogatepass" if encoding.startswith("utf-8") else "replace"))
    if random.random() < 0.2 and data:
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def _mutate(text: str, kind: str, random: Random) -> str:
    start, end = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
    end = min(end, start + random.choice((1, 3, 10, 1000)))
    action = random.randrange(8)
    if action == 0:
        return text[:start] + text[end:]
    if action == 1:
        return text[:end] + text[start:end] * random.choice((1, 2, 50)) + text[end:]
    if action == 2:
        return text[:start] + text[start:end][::-1] + text[end:]
    if action == 3:
        other = random.choice(SEEDS[kind])
        return text[:start] + other[random.randint(0, len(other)) :]
    if action == 4:
        return text[:start]
    if action == 5:  # a word for another
        return text.replace(random.choice(text.split() or [" "]), random.choice(TOKENS), 1)
    token = random.choice(TOKENS)
    return text[:start] + token + text[end if action == 6 else start :]


def _read_jsonl(data: bytes, folder: Path) -> None:
    for document in FORMATS["jsonl"].loads(_decoded(data), "a"):
        written = FORMATS["jsonl"].dumps([document])
        (again,) = FORMATS["jsonl"].loads(written, "a")
        assert (again.text, again.entities) == (document.text, _on_line_one(document.entities))
        assert again.meta == document.meta


def _on_line_one(entities):
    return tuple(
        type(entity)(*entity.span, entity.text, entity.source._replace(line=1), entity.id) for entity in entities
    )


def _read_brace(data: bytes, folder: Path) -> None:
    (document,) = FORMATS["brace"].loads(_decoded(data), "a")
    written = FORMATS["brace"].dumps([document])
    if not brace.displaced(document):
        (again,) = FORMATS["brace"].loads(written, "a")
        assert (again.text, [e.span for e in again.entities]) == (document.text, [e.span for e in document.entities])


def _read_markup(data: bytes, folder: Path) -> None:
    (document,) = FORMATS["markup"].loads(_decoded(data), "a")
    (again,) = FORMATS["markup"].loads(FORMATS["markup"].dumps([document]), "a")
    assert again == document


def _reader(name: str) -> Callable[[bytes, Path], None]:
    """A function that reads a file of a format and writes its documents; texts survive if the format keeps texts."""

    def read(data: bytes, folder: Path) -> None:
        format = FORMATS[name]
        beside = {companion.suffix: TEXT for companion in format.companions if companion.read}
        for document in format.loads(_decoded(data), "a", Options(beside=beside)):
            if format.write and not beside:
                (again,) = format.loads(format.dumps([document]), "a")
                assert name == "conll" or again.text == document.text

    return read


def _read_tei(data: bytes, folder: Path) -> None:
    """Two words at a time become names: the file keeps its text, and every byte that is none of a tag."""
    format = FORMATS["tei"]
    (document,) = format.loads(data, "a")
    matches = re.finditer(r"\S+\s+\S+", document.text)
    names = [Entity(match.start(), match.end(), "PER", match[0], Source("rule", "r")) for match in matches]
    written = format.dumps([dataclasses.replace(document, entities=(*document.entities, *names))])
    (again,) = format.loads(written, "a")
    assert again.text == document.text
    assert format.dumps([again]) == written


def _read_text(data: bytes, folder: Path) -> None:
    for encoding in dict.fromkeys(ENCODINGS):
        try:
            whole = "".join(text for text, _ in decode([data] if data else [], "a", encoding))
        except RuletagError:
            continue
        blocks = [data[:4], *(data[at : at + 3] for at in range(4, len(data), 3))]
        assert "".join(text for text, _ in decode(filter(None, blocks), "a", encoding)) == whole


def _decoded(data: bytes) -> str:
    return "".join(text for text, _ in decode([data] if data else [], "a"))


def _read_gazetteer(data: bytes, folder: Path) -> None:
    _try(Tagger.load(gazetteers=_file(folder, "a.yaml", data)))


def _read_rules(data: bytes, folder: Path) -> None:
    _try(Tagger.load(rules=_file(folder, "a.yaml", data)))


def _read_guideline(data: bytes, folder: Path) -> None:
    _try(Tagger.load(guideline=str(_file(folder, "a.yaml", data))))


def _read_list(data: bytes, folder: Path) -> None:
    load_gazetteers(lists=[("PER", _file(folder, "a.txt", data))])


def _read_table(data: bytes, folder: Path) -> None:
    load_gazetteers(lists=[("ORG", _file(folder, "a.tsv", data))])


def _read_config(data: bytes, folder: Path) -> None:
    _file(folder, "ruletag.toml", data)
    find_config(folder)


def _read_baseline(data: bytes, folder: Path) -> None:
    compare(RECORD, read_baseline(str(_file(folder, "a.json", data))))


READERS: dict[str, Callable[[bytes, Path], None]] = {
    "jsonl": _read_jsonl,
    "brace": _read_brace,
    "markup": _read_markup,
    "text": _read_text,
    "gazetteer": _read_gazetteer,
    "rules": _read_rules,
    "guideline": _read_guideline,
    "config": _read_config,
    "list": _read_list,
    "table": _read_table,
    "baseline": _read_baseline,
    **{name: _reader(name) for name in OTHERS},
    "tei": _read_tei,
}


def _try(tagger: Tagger) -> None:
    """Knowledge that loads must also run."""
    format_explanation(tagger.explain(TEXT))


def _file(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@contextmanager
def little_knowledge() -> Iterator[Path]:
    """A folder to write cases to, while the little knowledge replaces the shipped one and nothing is cached."""
    previous = ruletag.folders.home, os.environ.get(cache.VARIABLE)
    with tempfile.TemporaryDirectory() as root:
        for name, text in SMALL.items():
            (Path(root) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(root) / name).write_text(text, encoding="utf-8")
        ruletag.folders.home = Path(root)
        os.environ[cache.VARIABLE] = "off"
        try:
            folder = Path(root) / "cases"
            folder.mkdir()
            yield folder
        finally:
            ruletag.folders.home = previous[0]
            os.environ.pop(cache.VARIABLE)
            if previous[1] is not None:
                os.environ[cache.VARIABLE] = previous[1]


def find_faults(kind: str, cases: range, read: Callable[[bytes, Path], None] | None = None) -> list[Finding]:
    """Read the cases of a kind; those that end in anything but success or RuletagError."""
    findings = []
    with little_knowledge() as folder:
        for case in cases:
            try:
                (read or READERS[kind])(make_case(kind, case), folder)
            except RuletagError:
                pass
            except Exception as error:
                findings.append(Finding(kind, case, f"{type(error).__name__}: {error}"[:200]))
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=len(READERS) * 2000, help="cases, all kinds together")
    parser.add_argument("--kind", choices=READERS, help="one kind alone")
    parser.add_argument("--case", type=int, help="one case of a kind again")
    options = parser.parse_args()
    kinds = [options.kind] if options.kind else list(READERS)
    if options.case is not None:
        data = make_case(kinds[0], options.case)
        print(data[:2000])
        with little_knowledge() as folder:
            try:
                READERS[kinds[0]](data, folder)
            except Exception:
                traceback.print_exc()
        return 0
    findings = []
    for kind in kinds:
        began, number = time.monotonic(), -(-options.files // len(kinds))
        faults = find_faults(kind, range(number))
        print(f"{kind}: {number} files in {time.monotonic() - began:.0f} s, {len(faults)} findings", flush=True)
        findings += faults
    for finding in findings:
        print(f"--kind {finding.kind} --case {finding.case}: {finding.error}")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main())
