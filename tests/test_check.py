"""Each finding of `check`, from a small folder of knowledge that has just that fault; whole messages."""

from __future__ import annotations

import pytest

from ruletag import Tagger
from ruletag.check import check, read_common_words
from ruletag.errors import RuletagError, format_fault

pytestmark = pytest.mark.usefixtures("here")

RULE = """\
rules:
  - id: loc.in
    label: LOC
    why: A test.
    match: "à [ <LOC> ]"
    examples: ["Il vit à [Paris](LOC).", "Il vit."]
"""
PLACES = "label: LOC\nentries: [Paris]\n"
DECIDE = "  help: add `ambiguous: true`; or `ambiguous: false`, if a capital always makes it the name"


def write(folder, **files):
    """Files of knowledge: `per="label: …"` is `gazetteers/per.yaml`, `rules="rules: …"` is `rules/rules.yaml`."""
    for name, text in files.items():
        path = folder / ("rules" if name.startswith("rules") else "gazetteers") / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder / "rules"), str(folder / "gazetteers")


def findings(folder, **files):
    """The findings in a folder that has sound rules and places besides those files."""
    rules, gazetteers = write(folder, **({"rules": RULE, "places": PLACES} | files))
    return [format_fault(finding) for finding in check(rules, gazetteers)]


@pytest.fixture(autouse=True)
def _little_knowledge(small):
    """Word classes and guidelines are those of the little knowledge."""


def test_sound_knowledge_has_no_findings(tmp_path):
    """Nothing to say about sound rules and entries, nor about the words that they borrow and do not use."""
    assert findings(tmp_path) == []


def test_what_ships_is_checked_when_nothing_is_named():
    """Without a folder the shipped knowledge is checked, under each of its guidelines."""
    assert check() == []


def test_an_example_that_fails(tmp_path):
    """RT305 shows the expected and the actual result in markup; only the rule itself is run."""
    rule = RULE.replace('"Il vit à [Paris](LOC).", "Il vit."', '"Il vit [à Paris](LOC).", "Il vit à Paris."')
    assert findings(tmp_path, rules=rule) == [
        "rules/rules.yaml:6: RT305 loc.in: expected Il vit [à Paris](LOC).\n  help: found    Il vit à [Paris](LOC).",
        "rules/rules.yaml:6: RT305 loc.in: expected Il vit à Paris.\n  help: found    Il vit à [Paris](LOC).",
    ]


def test_two_entries_that_say_the_same(tmp_path):
    """RT401 for entries of one label that differ in case, accents or spelling only, in one file or in two."""
    listing = findings(
        tmp_path,
        a="label: PER\nentries:\n  - Zoé Quint\n  - Zoe Quint\n",
        b="label: PER\nentries: [ZOÉ QUINT]\n",
    )
    assert listing == [
        "gazetteers/a.yaml:4: RT401 PER 'Zoe Quint' repeats gazetteers/a.yaml:3 ('Zoé Quint')\n"
        "  help: remove one of the two",
        "gazetteers/b.yaml:2: RT401 PER 'ZOÉ QUINT' repeats gazetteers/a.yaml:3 ('Zoé Quint')\n"
        "  help: remove one of the two",
    ]


def test_spellings_of_one_entry_are_no_duplicates(tmp_path):
    """An entry may list spellings that fold alike."""
    assert findings(tmp_path, a="label: PER\nentries: [{name: Zoé Quint, aliases: [Zoe Quint]}]\n") == []


def test_one_name_under_two_labels(tmp_path):
    """RT402 names the entry that wins; an ambiguous one is no rival."""
    assert findings(tmp_path, a="label: PER\nentries: [PARIS]\n", b="label: ORG\nentries: [Zoug]\n") == [
        "gazetteers/places.yaml:2: RT402 'Paris' is LOC here and PER at gazetteers/a.yaml:2, which wins\n"
        "  help: keep the label it has most often, and mark the other ambiguous"
    ]
    rule = RULE.replace("<LOC>", "(<LOC> | <PER>)")
    assert findings(tmp_path, a="label: PER\nentries: [{name: Paris, ambiguous: true}]\n", rules=rule) == []


def test_entries_that_can_never_fire(tmp_path):
    """RT403 for an ambiguous name that no rule asks for, RT409 for an unsettled one without a capital."""
    assert findings(
        tmp_path,
        a="label: ORG\nentries:\n  - {name: Free, ambiguous: true}\n  - le club\n"
        "  - {name: bitcoin, ambiguous: false}\n",
    ) == [
        "gazetteers/a.yaml:3: RT403 'Free' is ambiguous, and no rule asks for <ORG>\n"
        "  help: write a rule with <ORG>, or remove the entry",
        "gazetteers/a.yaml:4: RT409 'le club' has no capital, so it also matches in lower case\n"
        "  help: write it with its capital; or add `ambiguous: false`, if lower case is intended",
    ]


def test_a_name_without_a_capital_fires(tmp_path):
    """As RT409 and the reference say, such an entry matches in any case but a mixed one."""
    _, gazetteers = write(tmp_path, a="label: MISC\nentries: [bitcoin]\n")
    document = Tagger.load(gazetteers=gazetteers).tag("Le bitcoin, le Bitcoin, LE BITCOIN, le bitCoin.")
    assert [entity.text for entity in document.entities] == ["bitcoin", "Bitcoin", "BITCOIN"]


def test_a_priority_that_has_a_name(tmp_path):
    """RT412 for a number that has a level, at its place; the level itself, and other numbers, are fine."""
    rule = RULE.replace("label: LOC\n", "label: LOC\n    priority: {}\n")
    assert findings(tmp_path, rules=rule.format(-1)) == [
        "rules/rules.yaml:4:15: RT412 loc.in: priority -1 is the level 'likely'\n  help: write `priority: likely`"
    ]
    assert [findings(tmp_path, rules=rule.format(fine)) for fine in ("likely", "-5", "2")] == [[], [], []]


def test_a_rule_that_can_never_fire(tmp_path):
    """RT404 for a rule that wants an entity which nothing before its stage gives."""
    rule = RULE.replace("à [ <LOC> ]", "@PER à [ <LOC> ]").replace("Il vit à", "Il vit, à")
    listing = findings(tmp_path, rules=rule)
    assert listing[1:] == [
        "rules/rules.yaml:6: RT305 loc.in: expected Il vit, à [Paris](LOC).\n  help: found    Il vit, à Paris."
    ]
    assert listing[:1] == [
        "rules/rules.yaml:2: RT404 loc.in needs @PER, which no entry and no rule of an earlier stage provides\n"
        "  help: give the rule a later stage"
    ]


def test_a_rule_that_a_later_stage_would_save(tmp_path):
    """RT404 is for rules of one stage: in a later one, a rule sees what the first made, of that label only."""
    maker = RULE.replace("loc.in", "per.of").replace("LOC", "PER").replace("à [ <PER> ]", "de [ Cap ]")
    maker = maker.replace('"Il vit à [Paris](PER)."', '"Le fils de [Zoé](PER)."')
    asker = RULE.replace("à [ <LOC> ]", "@PER à [ <LOC> ]").replace("Il vit à", "Le fils de Zoé à")
    later = asker + "    stage: 2\n"
    expected = "rules/rules.yaml:2: RT404 loc.in needs @PER, which no entry and no rule of an earlier stage provides\n"
    assert findings(tmp_path, rules_made=maker, rules=later) == []
    assert findings(tmp_path, rules_made=maker, rules=asker)[0] == expected + "  help: give the rule a later stage"
    other = maker.replace("PER", "ORG")
    assert findings(tmp_path, rules_made=other, rules=later)[0] == expected + "  help: give the rule a later stage"


def test_two_rules_with_one_pattern(tmp_path):
    """RT405 for a pattern that another rule of the same label and stage has."""
    other = RULE.replace("loc.in", "loc.also")
    assert findings(tmp_path, rules_b=other) == [
        "rules/rules_b.yaml:2: RT405 loc.also has the same pattern as loc.in (rules/rules.yaml:2)\n"
        "  help: remove one of the two"
    ]


def test_a_class_that_only_unless_uses(tmp_path):
    """A class that is used only beside the match is not reported."""
    rule = RULE.replace("    examples:", '    unless: {before: "<fleuve>"}\n    examples:')
    assert findings(tmp_path, rules=rule, a="class: fleuve\nentries: [fleuve]\n") == []


def test_a_class_that_no_rule_uses(tmp_path):
    """RT406 once for a class of the user's own, at its first entry."""
    assert findings(tmp_path, a="class: fleuve\nentries: [fleuve, rivière]\n") == [
        "gazetteers/a.yaml:2: RT406 no rule asks for the class <fleuve>\n  help: use it in a rule, or remove it"
    ]
    assert (
        findings(tmp_path, a="class: fleuve\nentries: [fleuve]\n", rules=RULE.replace('"à [', '"(à | <fleuve>) ['))
        == []
    )


def test_a_common_word_among_the_names(tmp_path):
    """RT407 for one word that is a French word too; not for capitals, nor where `ambiguous` says yes or no."""
    rule = RULE.replace("<LOC>", "(<LOC> | <PER>)")
    assert findings(tmp_path, a="label: PER\nentries: [Pierre, ORANGE, {name: Pierre Quint}]\n", rules=rule) == [
        "gazetteers/a.yaml:2: RT407 PER 'Pierre' is a common French word\n" + DECIDE
    ]
    for stated in ("true", "false"):
        entry = f"label: PER\nentries: [{{name: Pierre, ambiguous: {stated}}}]\n"
        assert findings(tmp_path, a=entry, rules=rule) == []


def test_what_ships_is_not_reported_beside_the_users_own(tmp_path, small):
    """`shipped` lends its entries to the comparison, and its own faults are kept for a check of what ships."""
    rules, gazetteers = write(tmp_path, a="label: LOC\nentries: [Zoug, CHINE, le bac]\n", rules=RULE)
    (small / "gazetteers/zz.yaml").write_text("label: LOC\nentries: [la mer]\n", encoding="utf-8")
    try:
        faults = check([rules], ["shipped", gazetteers])
        only_rules = check(rules)
        shipped = check()
    finally:
        (small / "gazetteers/zz.yaml").unlink()
    lower = (
        "has no capital, so it also matches in lower case\n"
        "  help: write it with its capital; or add `ambiguous: false`, if lower case is intended"
    )
    assert [format_fault(finding) for finding in faults] == [
        "gazetteers/a.yaml:2: RT401 LOC 'CHINE' repeats gazetteers/places.yaml:4 ('Chine')\n"
        "  help: remove one of the two",
        f"gazetteers/a.yaml:2: RT409 'le bac' {lower}",
    ]
    assert only_rules == []
    assert [format_fault(finding) for finding in shipped] == [f"gazetteers/zz.yaml:2: RT409 'la mer' {lower}"]


def test_plain_lists_are_checked(tmp_path):
    """Findings of a plain list name its line."""
    path = tmp_path / "clubs.txt"
    path.write_text("Zoug\nPierre # le club\n", encoding="utf-8")
    assert [format_fault(finding) for finding in check(lists=[("ORG", path)])] == [
        "clubs.txt:2: RT407 ORG 'Pierre' is a common French word\n" + DECIDE
    ]


def test_the_users_own_guideline_is_checked(tmp_path):
    """The rules of a guideline in the user's folder run their examples under that guideline."""
    rules, gazetteers = write(tmp_path, rules=RULE, places=PLACES)
    path = tmp_path / "rules/guidelines/mine.yaml"
    path.parent.mkdir()
    path.write_text(
        "name: mine\n"
        + RULE.replace("loc.in", "mine.at").replace('"à [', '"chez [').replace("Il vit.", "Il est à Oslo."),
        encoding="utf-8",
    )
    assert [format_fault(finding) for finding in check(rules, gazetteers)] == [
        "rules/guidelines/mine.yaml:7: RT305 mine.at: expected Il vit à [Paris](LOC).\n  help: found    Il vit à Paris."
    ]


def test_a_guideline_that_names_a_rule_that_is_not_there(tmp_path):
    """RT408 for an id under `mute` or `labels` that no rule has."""
    rules, gazetteers = write(tmp_path, rules=RULE, places=PLACES)
    path = tmp_path / "rules/guidelines/mine.yaml"
    path.parent.mkdir()
    path.write_text("name: mine\nmute: [loc.in, loc.inn]\nlabels: {per.x: ORG}\n", encoding="utf-8")
    assert [format_fault(finding) for finding in check(rules, gazetteers)] == [
        "rules/guidelines/mine.yaml: RT408 the guideline names the rule 'loc.inn', which does not exist\n"
        "  help: did you mean 'loc.in'?",
        "rules/guidelines/mine.yaml: RT408 the guideline names the rule 'per.x', which does not exist\n"
        "  help: known: loc.in",
    ]


def test_knowledge_that_does_not_load_is_no_finding(tmp_path):
    """Faults of loading are raised, all of them."""
    with pytest.raises(RuletagError) as error:
        findings(tmp_path, a="label: LIEU\nentries: [A]\n", b="label: PER\n")
    assert str(error.value) == (
        "gazetteers/a.yaml:1:8: RT205 unknown label 'LIEU'\n    label: LIEU\n           ^\n"
        "  help: known: LOC, MISC, ORG, PER\n"
        "gazetteers/b.yaml:1:1: RT202 a gazetteer lacks `entries`\n    label: PER\n    ^\n"
        "  help: write `entries:` and a list of names"
    )


def test_common_words_are_read_without_comments():
    """The negative lexicon is a plain list with a comment on top."""
    assert read_common_words() == {"orange", "pierre"}
