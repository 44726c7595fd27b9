"""The whole sequence: corrected documents and a pile in, suggestions out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cached_property

from ruletag.model import Document
from ruletag.overlay import Overlay
from ruletag.suggest.abduce import abduce, trials
from ruletag.suggest.alternatives import is_idle, one_class_for_each_word
from ruletag.suggest.propose import NameIndex, Pair, Proposal, propose
from ruletag.suggest.weigh import Scale, Suggestion, accept, ranked, weigh
from ruletag.tagger import Tagger


class Session:
    """Suggestions for a tagger from corrected documents; `others` are texts that nobody has corrected.

    The work is done in small steps while `steps` is iterated; `Session.of` does it all at once. Proposals for which
    `passed_over` is true are not measured.
    """

    overlay: Overlay
    scale: Scale

    def __init__(
        self,
        tagger: Tagger,
        corrected: Sequence[Document],
        others: Sequence[Document] = (),
        passed_over: Callable[[Proposal], bool] = lambda _: False,
    ) -> None:
        self._tagger = tagger
        self.corrected, self.others = corrected, others
        self._passed_over = passed_over
        self.pairs: list[Pair] = []
        self.proposed = self.weighed = self.idle = 0
        self._sizes = Counter[str]()  # words of each class
        self.suggestions: list[Suggestion] = []

    @classmethod
    def of(cls, tagger: Tagger, corrected: Sequence[Document], others: Sequence[Document] = ()) -> Session:
        """A session whose work is complete."""
        session = cls(tagger, corrected, others)
        for _ in session.steps():
            pass
        return session

    def steps(self) -> Iterator[Suggestion | None]:
        """Do the work; after each step, yields the suggestion that it measured, None if there is none.

        When all is done, `suggestions` are in order: one class for each word, and without the `idle` ones, names for
        which an entry changes nothing.
        """
        for document in self.corrected:
            self.pairs.append(Pair(document, self._tagger.tag(document.text)))
            yield None
        proposals = yield from self._proposals()
        self.proposed = len(proposals)
        self.scale = Scale(self.overlay, self.pairs, self.others)
        common = self._tagger.knowledge.read.common
        for proposal in proposals:
            suggestion = weigh(self.scale, proposal, common)
            self.weighed += 1
            if suggestion:
                self.suggestions.append(suggestion)
            yield suggestion
        changing = [suggestion for suggestion in self.suggestions if not is_idle(suggestion)]
        self.idle = len(self.suggestions) - len(changing)
        self.suggestions = ranked((yield from one_class_for_each_word(self.scale, changing, self._sizes)))

    def _proposals(self) -> Generator[None, None, list[Proposal]]:
        index = NameIndex(self._tagger)
        self._sizes.update(key for key, _ in index.words)
        yield
        direct = propose(index, self.pairs)
        yield
        tried = trials(self._tagger, index, self.pairs)
        yield
        changes = [*(proposal.changes for proposal in direct), *(trial.changes for trial in tried)]
        self.overlay = Overlay(self._tagger, changes)
        yield
        abduced = yield from abduce(self.overlay, tried)
        return [proposal for proposal in [*direct, *abduced] if not self._passed_over(proposal)]

    @cached_property
    def ticked(self) -> tuple[list[Suggestion], list[Suggestion]]:
        """The suggestions ticked beforehand that help together, and those that do not help on top of the others."""
        return self.accept([suggestion for suggestion in self.suggestions if suggestion.ticked])

    def accept(self, chosen: Sequence[Suggestion]) -> tuple[list[Suggestion], list[Suggestion]]:
        """The chosen suggestions that help together, and those that do not help on top of the others."""
        return accept(Scale(self.overlay, self.pairs), chosen)
