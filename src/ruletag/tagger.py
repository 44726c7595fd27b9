"""The tagger: text in, document out, on request with everything that was considered on the way.

fold → engine (entries, rules, memory, winners and losers) → guideline. Every intermediate value is in the offsets of
the folded text; the last step gives offsets in the original text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ruletag.cache import fingerprint
from ruletag.decided import Decided, alternative_of, entity_of, moved
from ruletag.engine import Engine, engine_name
from ruletag.folders import Folders, Naming, shown_name
from ruletag.guideline import Guideline, spliced
from ruletag.knowledge import Knowledge, Lists, knowledge_parts, load_knowledge
from ruletag.lazy import Lazy
from ruletag.model import Alternative, Candidate, Document, Entity, Entry, Hit, document_of

if TYPE_CHECKING:
    from ruletag.fold import Folded
    from ruletag.plain.engine import Plain
    from ruletag.plain.matcher import NearMiss
    from ruletag.plain.text import Text
    from ruletag.rules import Rule
    from ruletag.unreached import Unreached

DEFAULT_GUIDELINE = "canonical"


@dataclass(frozen=True, slots=True)
class Settings:
    """The arguments of `Tagger.load` as a value that can be compared, stored and passed to another process."""

    rules: tuple[str, ...] | None = None
    gazetteers: tuple[str, ...] | None = None
    guideline: str = DEFAULT_GUIDELINE
    lists: tuple[tuple[str, str | Path], ...] = ()
    engine: str = ""
    memory: bool = True

    def load(self) -> Tagger:
        """Load a tagger with these settings. Raises RuletagError with every fault of the knowledge."""
        return Tagger.load(**asdict(self))

    def fingerprint(self) -> str:
        """A hash of all knowledge files and settings: equal hashes mean equal spans.

        Raises RuletagError if a folder is missing, OSError if a file cannot be read.
        """
        files = knowledge_parts(self.guideline, self.rules, self.gazetteers, self.lists)
        return fingerprint([repr(self.memory).encode(), *files])


class Explanation(NamedTuple):
    """A tagged document and everything that was considered. Offsets are those of the original text."""

    document: Document
    unused: tuple[Entity, ...]  # ambiguous entries that no rule asked for
    near_misses: tuple[NearMiss, ...]
    guideline: str = ""
    unreached: tuple[Unreached, ...] = ()  # capitalised words that nothing recognised


class Tagger:
    """A deterministic tagger: the same text always gives the same document.

    It can be copied, and pickled for another process, which loads the knowledge again.
    """

    def __init__(self, knowledge: Knowledge, *, engine: str = "", memory: bool = True) -> None:
        """Make a tagger from loaded knowledge; `engine` is `core`, `plain`, or empty for the default."""
        self.knowledge = knowledge
        self.engine = engine_name(engine)
        self.memory = memory
        self._engine: Engine = self._core() if self.engine == "core" else self.plain
        self.guideline: Guideline = knowledge.guideline

    @classmethod
    def load(
        cls,
        rules: Folders = None,
        gazetteers: Folders = None,
        guideline: str = DEFAULT_GUIDELINE,
        *,
        lists: Lists = (),
        engine: str = "",
        memory: bool = True,
    ) -> Tagger:
        """Load a tagger from folders of rules and gazetteers.

        None means the shipped ones; a list may contain the word `shipped`. `guideline` is a name or a file, `lists` are
        pairs of a label and a plain list, `engine` is `core` or `plain`; with `memory`, names learned in a document
        apply throughout it. Compiled knowledge is cached between runs. Raises RuletagError with every fault.
        """
        (tagger,) = cls.load_each([guideline], rules, gazetteers, lists=lists, engine=engine, memory=memory)
        return tagger

    @classmethod
    def load_each(
        cls,
        guidelines: Iterable[str],
        rules: Folders = None,
        gazetteers: Folders = None,
        *,
        lists: Lists = (),
        engine: str = "",
        memory: bool = True,
        naming: Naming = shown_name,
    ) -> list[Tagger]:
        """Like `load`, but return a tagger for each guideline; the knowledge is read once. `naming` gives the names of
        files in sources."""
        loaded = load_knowledge(list(guidelines), rules, gazetteers, lists, naming)
        return [cls(knowledge, engine=engine, memory=memory) for knowledge in loaded]

    @property
    def entries(self) -> Sequence[Entry]:
        """All entries, ordered by label or class and spelling."""
        return self.knowledge.entries

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force under the guideline, including its own."""
        return self.knowledge.read.rules

    @cached_property
    def plain(self) -> Plain:
        """The engine in plain Python, which also explains."""
        from ruletag.plain.engine import Plain

        read = self.knowledge.read
        return Plain(read.entries, read.rules, read.guideline.labels, read.common, read.vetoes)

    def _core(self) -> Engine:
        from ruletag.core.engine import Core, CoreError

        try:
            return Core(self.knowledge.compiled)
        except CoreError:  # the cached tables are not valid, although their hash is right
            return Core(self.knowledge.compile_anew())

    def tag(self, text: str) -> Document:
        """Tag a text. `document.text` is the text, unchanged. Raises TypeError if it is not a string."""
        return self._document(text, self.decided(text))

    def pipe(self, texts: Iterable[str]) -> Iterator[Document]:
        """Tag texts one at a time, in order. Raises TypeError for a single string, which is probably a mistake."""
        if isinstance(texts, (str, bytes)):
            raise TypeError("pipe() takes several texts; for one text use tag()")
        return map(self.tag, texts)

    def hits(self, folded: Folded) -> Sequence[Hit]:
        """The entries of all labels and classes in a folded text, except those in compounds, as in `Engine.hits`."""
        return self._engine.hits(folded)

    def with_switches(self, switches: Mapping[str, str]) -> Tagger:
        """A tagger with the same knowledge and different values for some guideline switches; nothing is loaded
        again."""
        tagger = copy(self)
        tagger.guideline = replace(self.guideline, switches={**self.guideline.switches, **switches})
        return tagger

    def over(self, knowledge: Knowledge, engine: Engine | None = None) -> Tagger:
        """A tagger with the same settings and other knowledge, for which there may already be an engine."""
        tagger = copy(self)
        vars(tagger).pop("plain", None)
        tagger.knowledge = knowledge
        tagger._engine = engine or (tagger._core() if self.engine == "core" else tagger.plain)
        return tagger

    @property
    def engine_itself(self) -> Engine:
        """The engine that `engine` names."""
        return self._engine

    def explain(self, text: str) -> Explanation:
        """Tag a text and explain the result: unused ambiguous entries, and rules that nearly matched."""
        decided, hits, misses = self.plain.consider(_checked(text), memory=self.memory, compounds=self._compounds)
        folded = decided.plain
        taken = bytearray(len(folded.plain))
        for winner in decided.winners:
            taken[winner.start : winner.end] = b"\1" * (winner.end - winner.start)
        unused = [
            entity_of(text, folded, Candidate(start, end, entry.key, entry.source, id=entry.id))
            for start, end, entry in hits
            if entry.is_label and entry.ambiguous and taken.find(1, start, end) < 0
        ]
        near_misses = [
            replace(miss, anchor=moved(folded, miss.anchor), offset=folded.original(miss.offset, miss.offset + 1)[0])
            for miss in misses
        ]
        from ruletag.unreached import unreached

        document = self._document(text, decided)
        entry_spans = (folded.original(start, end) for start, end, _ in hits)
        missed = unreached(document, entry_spans, near_misses, self.knowledge.read.common)
        return Explanation(document, tuple(unused), tuple(near_misses), self.guideline.name, tuple(missed))

    def examine(self, text: str, rule: Rule) -> Document:
        """The proposals of a single rule, without overlaps and before the guideline: for the rule's own examples."""
        from ruletag.fold import fold

        folded = fold(text)
        candidates = self.plain.examine(folded, rule, compounds=self._compounds)
        return Document(text, tuple(entity_of(text, folded, candidate) for candidate in candidates))

    def at_stage(self, text: str, stage: int) -> Text:
        """A text as the rules of a stage see it, in the offsets of the folded text: for trying a single rule."""
        from ruletag.fold import fold

        return self.plain.at_stage(fold(text), stage, compounds=self._compounds)

    @property
    def _compounds(self) -> bool:
        return self.guideline.switches["compounds"] == "apart"

    def decided(self, text: str) -> Decided:
        """The winners and losers of a text, before the guideline shapes the winners. Raises TypeError like `tag`."""
        try:
            return self._engine.decide(_checked(text), memory=self.memory, compounds=self._compounds)
        except RuntimeError as error:  # `CoreError`: the text goes to the other engine, which gives the same result
            if self.engine == "plain":
                raise
            import logging

            logging.getLogger("ruletag").warning("a text was tagged in plain Python: %s", error)
            return self.plain.decide(text, memory=self.memory, compounds=self._compounds)

    def _document(self, text: str, decided: Decided) -> Document:
        entities, changed = decided.entities(), self.guideline.changes(decided)
        if changed:
            plain = decided.plain
            replacements = {
                number: [entity_of(text, plain, candidate) for candidate in candidates]
                for number, candidates in changed.items()
            }
            entities = spliced(entities, replacements)
        return document_of(text, tuple(entities), Lazy(partial(_alternatives, text, decided, changed)))

    def __copy__(self) -> Tagger:
        copied = object.__new__(type(self))
        vars(copied).update(vars(self))
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.knowledge, self.engine, self.memory, self.guideline)


def _rebuilt(knowledge: Knowledge, engine: str, memory: bool, guideline: Guideline) -> Tagger:
    tagger = Tagger(knowledge, engine=engine, memory=memory)
    tagger.guideline = guideline
    return tagger


def _checked(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a text is a str, not {type(text).__name__}; decode bytes first")
    return text


def _alternatives(text: str, decided: Decided, changed: Mapping[int, Iterable[Candidate]]) -> list[Alternative]:
    plain = decided.plain
    reinstated = frozenset(chain.from_iterable(changed.values()))  # losers that follow a head that is cut off
    return [alternative_of(text, plain, loss) for loss in decided.losses if loss.loser not in reinstated]
