"""The tagger as a spaCy pipeline component: `nlp.add_pipe("ruletag")`.

spaCy finds `create` by the entry point `spacy_factories`. Names become `doc.ents` and the span group `spans_key`. Data
for which spaCy has no attribute is in `span._.ruletag`: source, kind, and the span as it was tagged, in code points of
the text. The rule or entry is the span's `id_`, the id of an entry its `kb_id_`.

A name whose borders do not match tokens is not dropped silently: `alignment` decides what happens to it, and
`doc.user_data["ruletag"]` counts these cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruletag.bundle import Bundle
from ruletag.errors import Fault, RuletagError, needing
from ruletag.model import LABELS, Entity
from ruletag.tagger import DEFAULT_GUIDELINE, Settings, Tagger

with needing(__name__, "spacy"):
    from spacy.language import Language
    from spacy.tokens import Span

NAME = "ruletag"
ALIGNMENTS = ("strict", "contract", "expand")
DEFAULTS: dict[str, Any] = {
    "rules": None,
    "gazetteers": None,
    "guideline": DEFAULT_GUIDELINE,
    "lists": [],
    "engine": "",
    "memory": True,
    "alignment": "expand",
    "spans_key": NAME,
    "overwrite": True,
}


class RuletagComponent:
    """Tags documents. Knowledge is loaded for the first document, so a pipeline can still be read from disk before."""

    def __init__(self, name: str, parts: Settings, *, alignment: str, spans_key: str, overwrite: bool) -> None:
        """With `overwrite`, our entities win over overlapping ones already in `doc.ents`; without it, they lose."""
        if alignment not in ALIGNMENTS:
            help = "known: " + ", ".join(ALIGNMENTS)
            raise RuletagError(Fault("alignment", "RT110", f"unknown alignment {alignment!r}", help=help))
        if not Span.has_extension(NAME):
            Span.set_extension(NAME, default=None)
        self.name = name
        self.alignment = alignment
        self.spans_key = spans_key
        self.overwrite = overwrite
        self._parts = parts
        self._bundle: Bundle | None = None
        self._tagger: Tagger | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The possible labels."""
        return LABELS

    @property
    def tagger(self) -> Tagger:
        """The tagger. Raises RuletagError with every fault of the knowledge."""
        if self._tagger is None:
            if self._bundle is None:
                self._tagger = self._parts.load()
            else:
                with TemporaryDirectory() as folder:
                    self._tagger = self._bundle.unpack(Path(folder)).load()
        return self._tagger

    def __call__(self, doc: Any) -> Any:
        """Add the names of a document to it, as entities and as a span group."""
        counts: Counter[str] = Counter()
        spans: dict[tuple[int, int], Any] = {}
        group = []
        for entity in self.tagger.tag(doc.text).entities:
            span = self._span(doc, entity, counts)
            if span is None:
                continue
            if (span.start, span.end) in spans:  # two names in one token
                counts["overlapping"] += 1
                continue
            span._.set(NAME, _extension_data(entity))
            spans[span.start, span.end] = span
            group.append(span)
        doc.spans[self.spans_key] = group
        doc.set_ents(self._entities(doc, group, counts))
        doc.user_data[NAME] = dict(sorted(counts.items()))
        return doc

    def _span(self, doc: Any, entity: Entity, counts: Counter[str]) -> Any:
        """The span of an entity, None if alignment fails; the outcome is counted."""
        attributes = {"label": entity.label, "kb_id": entity.id or "", "span_id": entity.source.name}
        span = doc.char_span(entity.start, entity.end, **attributes)
        if span is not None:
            counts["aligned"] += 1
            return span
        span = doc.char_span(entity.start, entity.end, **attributes, alignment_mode=self.alignment)
        counts["dropped" if span is None else f"{self.alignment}ed"] += 1
        return span

    def _entities(self, doc: Any, group: list[Any], counts: Counter[str]) -> list[Any]:
        """Our spans and the entities that the document already has, without overlaps."""
        others = list(doc.ents)
        spans: list[Any] = []
        taken: set[int] = set()
        for span in [*group, *others] if self.overwrite else [*others, *group]:
            tokens = set(range(span.start, span.end))
            if taken.isdisjoint(tokens):
                spans.append(span)
                taken |= tokens
            else:
                counts["overlapping"] += 1
        return spans

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The settings and all knowledge files of the user; shipped files are named, not copied."""
        return self._as_bundle().to_bytes()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> RuletagComponent:
        """Read settings and knowledge from `to_bytes`."""
        return self._restore(Bundle.from_bytes(data))

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """As `to_bytes`, into a folder."""
        self._as_bundle().to_disk(Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> RuletagComponent:
        """Read settings and knowledge from `to_disk`."""
        return self._restore(Bundle.from_disk(Path(path)))

    def __getstate__(self) -> dict[str, Any]:
        """The state for another process, which loads the knowledge itself."""
        return self.__dict__ | {"_tagger": None}

    def _as_bundle(self) -> Bundle:
        if self._bundle is None:
            self._bundle = Bundle.pack(self._parts)
        return self._bundle

    def _restore(self, bundle: Bundle) -> RuletagComponent:
        self._bundle, self._tagger = bundle, None
        return self


def _extension_data(entity: Entity) -> dict[str, Any]:
    """The contents of `span._.ruletag`, in values that spaCy can write to disk."""
    return {
        "source": str(entity.source),
        "kind": entity.source.kind,
        "name": entity.source.name,
        "start": entity.start,
        "end": entity.end,
        "text": entity.text,
        "via": entity.via,
    }


def create(
    nlp: Any,
    name: str,
    rules: list[str] | None,
    gazetteers: list[str] | None,
    guideline: str,
    lists: list[tuple[str, str]],
    engine: str,
    memory: bool,
    alignment: str,
    spans_key: str,
    overwrite: bool,
) -> RuletagComponent:
    """The component for a configuration; paths are relative to the working folder."""
    parts = Settings(
        tuple(rules) if rules is not None else None,
        tuple(gazetteers) if gazetteers is not None else None,
        guideline,
        tuple((label, path) for label, path in lists),
        engine,
        memory,
    )
    return RuletagComponent(name, parts, alignment=alignment, spans_key=spans_key, overwrite=overwrite)


Language.factory(NAME, assigns=["doc.ents", "doc.spans"], default_config=DEFAULTS, func=create)
