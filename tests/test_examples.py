"""Every example of every shipped rule: the rule alone finds exactly what the example marks."""

import re

import pytest

from ruletag import markup
from ruletag.folders import guideline_names, shipped
from ruletag.guideline_file import load_guideline
from ruletag.rule_file import load_rules

# The names of the word classes, without reading their words: collecting tests must be quick.
_WORDS = [path.read_text(encoding="utf-8") for path in sorted((shipped("gazetteers") / "words").glob("*.yaml"))]
CLASSES = frozenset(name for text in _WORDS for name in re.findall(r"^class: (\S+)$", text, re.MULTILINE))
RULES = load_rules(classes=CLASSES)
OWN = {name: load_guideline(name, classes=CLASSES, macros=RULES.macros)[1] for name in guideline_names()}


def examples(rules):
    return [
        pytest.param(rule, example.document, id=f"{rule.id}:{example.line}")
        for rule in rules
        for example in rule.examples
    ]


@pytest.mark.parametrize(("rule", "document"), examples(RULES.rules))
def test_rule(tagger, rule, document):
    """A rule finds in its example exactly what is marked there, before any guideline."""
    assert markup.render(tagger.examine(document.text, rule)) == markup.render(document)


@pytest.mark.parametrize(("rule", "document"), examples(rule for name in sorted(OWN) for rule in OWN[name]))
def test_rule_of_a_guideline(seed_tagger, rule, document):
    """So does a rule that a guideline brings."""
    assert markup.render(seed_tagger.examine(document.text, rule)) == markup.render(document)


def test_guidelines_with_rules():
    """`seed` alone brings rules of its own; another one that does so needs a tagger of its own in this module."""
    assert sorted(name for name, rules in OWN.items() if rules) == ["seed"]
