"""All of it in order: corrected documents and a pile in, suggestions out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ruletag.model import Document
from ruletag.overlay import Overlay
from ruletag.suggest.abduce import abduce, trials
from ruletag.suggest.propose import propose, tag_all
from ruletag.suggest.weigh import Scale, Suggestion, accept, weigh
from ruletag.tagger import Tagger


class Session:
    """What some corrected documents suggest for a tagger; `others` are the texts that nobody has looked at."""

    def __init__(self, tagger: Tagger, corrected: Sequence[Document], others: Sequence[Document] = ()) -> None:
        self.pairs = tag_all(tagger, corrected)
        self.others = others
        own = propose(tagger, self.pairs)
        tried = trials(tagger, self.pairs)
        self.overlay = Overlay(tagger, [*(each.changes for each in own), *(trial.changes for trial in tried)])
        proposals = [*own, *abduce(self.overlay, tried)]
        self.proposed = len(proposals)
        scale = Scale(self.overlay, self.pairs, others)
        self.counts = scale.counts
        self.suggestions = weigh(scale, proposals, tagger.knowledge.read.common)

    @cached_property
    def ticked(self) -> tuple[list[Suggestion], list[Suggestion]]:
        """Those ticked beforehand that help together, and those that do not beside the others."""
        return accept(Scale(self.overlay, self.pairs), [one for one in self.suggestions if one.ticked])
