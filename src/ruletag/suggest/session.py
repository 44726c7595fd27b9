"""The whole sequence: corrected documents and a pile in, suggestions out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cached_property

from ruletag.model import Document
from ruletag.overlay import Overlay
from ruletag.suggest.abduce import abduce, trials
from ruletag.suggest.propose import Known, Pair, Proposal, propose
from ruletag.suggest.weigh import Scale, Suggestion, accept, ranked, weigh
from ruletag.tagger import Tagger


class Session:
    """What some corrected documents suggest for a tagger; `others` are the texts that nobody has corrected.

    All work is done in small steps while `steps` is iterated; `Session.of` takes them all at once. Proposals that are
    `passed_over` are not measured.
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
        self.proposed = self.weighed = 0
        self.suggestions: list[Suggestion] = []

    @classmethod
    def of(cls, tagger: Tagger, corrected: Sequence[Document], others: Sequence[Document] = ()) -> Session:
        """A session whose work is complete."""
        session = cls(tagger, corrected, others)
        for _ in session.steps():
            pass
        return session

    def steps(self) -> Iterator[Suggestion | None]:
        """Do the work; yields the suggestion of each measured proposal, None if it does not help.

        At the end `suggestions` are in order.
        """
        for document in self.corrected:
            self.pairs.append(Pair(document, self._tagger.tag(document.text)))
            yield None
        proposals = yield from self._proposals()
        self.proposed = len(proposals)
        self.scale = Scale(self.overlay, self.pairs, self.others)
        common = self._tagger.knowledge.read.common
        for proposal in proposals:
            found = weigh(self.scale, proposal, common)
            self.weighed += 1
            if found:
                self.suggestions.append(found)
            yield found
        self.suggestions = ranked(self.suggestions)

    def _proposals(self) -> Generator[None, None, list[Proposal]]:
        known = Known(self._tagger)
        yield
        own = propose(known, self.pairs)
        yield
        tried = trials(self._tagger, known, self.pairs)
        yield
        self.overlay = Overlay(self._tagger, [*(each.changes for each in own), *(trial.changes for trial in tried)])
        yield
        found = yield from abduce(self.overlay, tried)
        return [each for each in [*own, *found] if not self._passed_over(each)]

    @cached_property
    def ticked(self) -> tuple[list[Suggestion], list[Suggestion]]:
        """Those ticked beforehand that help together, and those that do not help beside the others."""
        return self.accept([one for one in self.suggestions if one.ticked])

    def accept(self, chosen: Sequence[Suggestion]) -> tuple[list[Suggestion], list[Suggestion]]:
        """Those of some suggestions that help together, and those that do not help beside the others."""
        return accept(Scale(self.overlay, self.pairs), chosen)
