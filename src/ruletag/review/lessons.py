"""Lessons from corrections during a review: measured a little at a time, and written if the reviewer agrees.

It uses the code of `ruletag suggest`: the documents that the reviewer has finished are the gold, and the rest of the
pile are the other texts.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ruletag.diff import Difference
from ruletag.model import Document, Entity
from ruletag.own import moved
from ruletag.review.search import CONTEXT
from ruletag.review.spans import DONE
from ruletag.review.store import Store
from ruletag.suggest.apply import add_to
from ruletag.suggest.edit import Addition
from ruletag.suggest.patch import additions_of, note_of
from ruletag.suggest.propose import KINDS, Proposal
from ruletag.suggest.session import Session
from ruletag.suggest.weigh import Suggestion
from ruletag.tagger import Settings, Tagger

NONE, MEASURING, MEASURED, WRITING, WRITTEN, FAILED = "none", "measuring", "measured", "writing", "written", "failed"
SHOWN = 500  # differences shown for one suggestion


class Ground(NamedTuple):
    """The basis of a reviewer's suggestions: finished documents, other texts, and refused suggestions."""

    corrected: Sequence[Document]
    others: Sequence[Document]
    passed_over: frozenset[str] = frozenset()


def ground(store: Store, who: str) -> Ground:
    """The pile as `Session` needs it, each document under its name in the pile.

    The texts do not include documents that came with spans, which are never tagged, nor controls not yet seen.
    """
    corrected, others = [], []
    given_run = store.given_run()
    for paper in store.papers():
        state, _ = store.state(paper.id, who)
        if state.status == DONE:
            spans = (Entity(span.start, span.end, span.label, paper.text[span.start : span.end]) for span in state.live)
            corrected.append(Document(paper.text, tuple(spans), paper.name, annotated=True))
        elif not paper.blind and (paper.run is None or paper.run != given_run):
            others.append(Document(paper.text, id=paper.name))
    texts = {document.text for document in corrected}
    others = [document for document in others if document.text not in texts]
    return Ground(corrected, others, frozenset(store.refused(who)))


def name_of(proposal: Proposal) -> str:
    """A stable name for a proposal: its kind, label or class, and name."""
    return f"{proposal.kind} {proposal.key} {proposal.name}"


class Lessons:
    """The suggestions of one review, and the user's own folder to which accepted ones are written.

    `state` is one of the constants above. Call `work` repeatedly to measure, from the thread that tags. `written` may
    be called from another thread; until it returns, call nothing but `record`.
    """

    def __init__(self, settings: Settings, folder: Path, title: str) -> None:
        self.settings, self.folder = settings, folder
        self._title = title  # written beside each line, as its provenance
        self.state = NONE
        self.error = ""
        self.files: list[Path] = []
        self.dropped: list[str] = []
        self._session: Session | None = None
        self._steps: Iterator[Suggestion | None] = iter(())
        self._suggestions: dict[str, Suggestion] = {}

    def begin(self, tagger: Tagger, on: Ground) -> None:
        """Start measuring the suggestions from some documents; earlier ones are forgotten."""
        self._session = Session(tagger, on.corrected, on.others, lambda proposal: name_of(proposal) in on.passed_over)
        self._steps = self._session.steps()
        self._suggestions = {}
        self.state, self.error = MEASURING, ""

    def work(self, seconds: float) -> bool:
        """Continue for about this long; returns whether there is more to do."""
        deadline = time.monotonic() + seconds
        for _ in self._steps:
            if time.monotonic() >= deadline:
                return True
        if self._session and self.state == MEASURING:
            self._suggestions = {name_of(suggestion.proposal): suggestion for suggestion in self._session.suggestions}
            self.state = MEASURED
        return False

    def give_up(self, error: str) -> None:
        """Record that something could not be done; `error` is the message that the page shows."""
        self.state, self.error = FAILED, error
        self._steps = iter(())

    def record(self) -> dict[str, Any]:
        """The data that the page shows: the progress and, once everything is measured, the suggestions that change
        something."""
        session = self._session
        ticked, suggestions = set[str](), dict[str, Suggestion]()
        if self.state == MEASURED:
            suggestions = self._suggestions
            ticked = {suggestion.id for suggestion in session.ticked[0]} if session else set()
        shown = {name: suggestion for name, suggestion in suggestions.items() if suggestion.reach.documents}
        return {
            "state": self.state,
            "error": self.error,
            "documents": len(session.corrected) if session else 0,
            "others": len(session.others) if session else 0,
            "weighed": session.weighed if session else 0,
            "proposed": session.proposed if session else 0,
            "found": len(session.suggestions) if session else 0,
            "folder": str(self.folder),
            "files": [str(path) for path in self.files],
            "dropped": self.dropped,
            "suggestions": [_record(name, suggestion, suggestion.id in ticked) for name, suggestion in shown.items()],
        }

    def known(self, name: str) -> Suggestion:
        """The suggestion with a name. Raises KeyError if there is none."""
        return self._suggestions[name]

    def changes(self, name: str) -> list[dict[str, Any]]:
        """Every span of the rest of the pile that a suggestion changes, up to a limit. Raises KeyError for an unknown
        name."""
        changes, records = self.known(name).proposal.changes, list[dict[str, Any]]()
        assert self._session is not None
        for document, difference in self._session.scale.differences(changes):
            records.append(_change(document, difference))
            if len(records) == SHOWN:
                break
        return records

    def accept(self, names: Collection[str]) -> list[Addition]:
        """The additions for those of some suggestions that help together; the others are `dropped`. Raises KeyError as
        above."""
        chosen = [self.known(name) for name in dict.fromkeys(names)]
        assert self._session is not None
        accepted, dropped = self._session.accept(chosen)
        self.state, self.dropped = WRITING, [name_of(suggestion.proposal) for suggestion in dropped]
        proposals = [suggestion.proposal for suggestion in accepted]
        return [
            addition
            for proposal in proposals
            for addition in additions_of(proposal, note_of(self._title, len(proposal.corrections)))
        ]

    def written(self, additions: Iterable[Addition]) -> Tagger:
        """Write additions into the folder; returns the tagger of the new knowledge.

        Raises RuletagError if `check` has new findings; nothing is written then.
        """
        self.settings = moved(self.settings, self.folder, self.folder)
        self.files = add_to(self.folder, additions, self.settings)
        self.settings = moved(self.settings, self.folder, self.folder)
        return self.settings.load()


def _record(name: str, suggestion: Suggestion, ticked: bool) -> dict[str, Any]:
    proposal, gain, reach = suggestion.proposal, suggestion.gain, suggestion.reach
    assert proposal.kind in KINDS
    others = sorted({label for label, _ in proposal.changes.ambiguous} - {proposal.key})
    low, high = gain.interval
    return {
        "id": name,
        "kind": proposal.kind,
        "key": proposal.key,
        "name": proposal.name,
        "others": others,
        "ticked": ticked,
        "risk": suggestion.risk,
        "corrections": len(proposal.corrections),
        "corrected": proposal.documents,
        "gain": {"right": gain.right, "lost": gain.lost, "wrong": gain.wrong, "fixed": gain.fixed}
        | {"f1": round(gain.f1, 6), "low": round(low, 6), "high": round(high, 6)},
        "reach": {"new": reach.new, "gone": reach.gone, "relabelled": reach.relabelled, "documents": reach.documents},
        "examples": [_change(document, difference) for document, difference in reach.examples],
    }


def _change(document: Document, difference: Difference) -> dict[str, Any]:
    """A difference with its context, with … where that is cut; `was` and `is` are surface and label, None for no
    name."""
    start, end = difference.place
    text = document.text
    first, last = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
    sides = {"was": difference.before, "is": difference.after}
    return {
        "document": document.id,
        "before": ("…" if first else "") + text[first:start],
        "after": text[end:last] + ("…" if last < len(text) else ""),
        **{key: None if side is None else [side.text, side.label] for key, side in sides.items()},
    }
