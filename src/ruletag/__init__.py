"""ruletag: a deterministic named-entity tagger for French, driven by YAML gazetteers and rules."""

from ruletag.errors import Fault, RuletagError
from ruletag.model import Alternative, Document, Entity, Source
from ruletag.tagger import Explanation, Tagger

__all__ = ["Alternative", "Document", "Entity", "Explanation", "Fault", "RuletagError", "Source", "Tagger"]
__version__ = "0.1.0"
