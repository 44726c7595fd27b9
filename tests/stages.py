"""Both engines side by side, stage by stage: the first stage in which they differ, named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ruletag import Tagger
from ruletag.core.engine import Core
from ruletag.fold import fold
from ruletag.guideline import Guideline
from ruletag.knowledge import Knowledge
from ruletag.model import Entry
from ruletag.plain.order import rank, resolve
from ruletag.rules import Rule, Veto
from ruletag.tokens import tokens_of


class Pair(NamedTuple):
    """A tagger for each engine, over the same knowledge."""

    plain: Tagger
    core: Tagger


def pair_of(
    entries: Iterable[Entry],
    rules: Iterable[Rule] = (),
    common: Iterable[bytes] = (),
    vetoes: Iterable[Veto] = (),
) -> Pair:
    """Both taggers of entries, rules, words of the language and vetoes at hand."""
    return pair_over(Knowledge.of(entries, rules, Guideline("canonical"), common, vetoes))


def pair_over(knowledge: Knowledge) -> Pair:
    """Both taggers of knowledge that was loaded."""
    return Pair(Tagger(knowledge, engine="plain"), Tagger(knowledge, engine="core"))


def difference(pair: Pair, text: str) -> str:
    """The first stage in which the engines differ for a text, with the value of each; empty if there is none.

    The stages come in the order of the chain, with compounds and without, with memory and without.
    """
    for stage, plain, core in _stages(pair, text):
        if plain != core:
            return f"{stage}: {_apart(plain, core)}"
    return ""


def _stages(pair: Pair, text: str) -> Iterator[tuple[str, Any, Any]]:
    plain, core = pair.plain.plain, pair.core._engine
    assert isinstance(core, Core)
    folded = fold(text)
    folding = core.folding(text)
    if folding is not None:
        read, cased = folding
        yield "folding", (folded.plain, folded.edits, folded.cased), (read.plain, read.edits, cased)
    all_hits = {compounds: plain.lexicon.hits(folded, compounds=compounds) for compounds in (True, False)}
    for compounds in (True, False):
        tokens = [token[:3] for token in tokens_of(folded, all_hits[compounds].cuts)]
        yield f"tokens, {compounds=}", tokens, core.tokens(folded, compounds=compounds)
        yield f"hits, {compounds=}", all_hits[compounds].all, core.hits(folded, compounds=compounds)
    for compounds in (True, False) if all_hits[True].cuts else (True,):  # without compounds all is the same
        _, proposed, vetoed = plain._propose(folded, True, compounds)
        core_candidates = core.candidates(folded, compounds=compounds)
        yield (
            f"candidates, {compounds=}",
            *(sorted(set(candidates), key=rank) for candidates in (proposed, core_candidates)),
        )
        for memory in (True, False):
            winners, losses = resolve(proposal for proposal in proposed if memory or proposal.source.kind != "memory")
            losses += [loss for loss in set(vetoed) if memory or loss.loser.source.kind != "memory"]
            decided = core.decide(text, memory=memory, compounds=compounds)
            yield f"winners, {compounds=}, {memory=}", winners, list(decided.winners)
            losses.sort(key=lambda loss: rank(loss.loser))
            yield f"losers, {compounds=}, {memory=}", [*map(_told, losses)], [*map(_told, decided.losses)]
    yield "document", repr(pair.plain.tag(text)), repr(pair.core.tag(text))


def _told(loss: Any) -> tuple[Any, ...]:
    return (*loss, loss.reason)


def _apart(plain: Any, core: Any) -> str:
    """The difference of two values; for sequences, the first pair of members that differ."""
    if isinstance(plain, (list, tuple)) and isinstance(core, (list, tuple)):
        for at in range(max(len(plain), len(core))):
            one, other = plain[at : at + 1], core[at : at + 1]
            if one != other:
                return f"at {at} plain {one}, core {other}"
    return f"plain {plain}, core {core}"
