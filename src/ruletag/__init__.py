"""ruletag: a deterministic named-entity tagger for French, driven by YAML gazetteers and rules.

Names are imported on first use, so that a command that tags nothing does not load the tagger.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ruletag.errors import Fault, RuletagError
    from ruletag.evaluation.score import Score
    from ruletag.model import Alternative, Document, Entity, Source
    from ruletag.scoring import pair, read_documents, score
    from ruletag.tagger import Explanation, Settings, Tagger

__all__ = [
    "Alternative",
    "Document",
    "Entity",
    "Explanation",
    "Fault",
    "RuletagError",
    "Score",
    "Settings",
    "Source",
    "Tagger",
    "pair",
    "read_documents",
    "score",
]
__version__ = "0.1.0"

_HOMES = {
    "errors": ("Fault", "RuletagError"),
    "evaluation.score": ("Score",),
    "model": ("Alternative", "Document", "Entity", "Source"),
    "scoring": ("pair", "read_documents", "score"),
    "tagger": ("Explanation", "Settings", "Tagger"),
}


def __dir__() -> list[str]:
    """The public names, for completion: most do not exist before their first use."""
    return sorted({*__all__, "__version__"})


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"ruletag.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
