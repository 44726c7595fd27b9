"""The files of a new knowledge folder.

Each names the schema beside it by a relative path: editors need no network, and no installation of ruletag, to complete
and check it.
"""

import json

from ruletag.schema import format_schema

_SCHEMAS = ("config", "gazetteer", "guideline", "rules")

_CONFIGURATION = """\
#:schema ./knowledge/schemas/config.json
# Read by every ruletag command that runs in this folder or below. `ruletag config` lists all settings.

# The shipped knowledge and yours. Without "shipped", only yours.
gazetteers = ["shipped", "knowledge/gazetteers"]
rules = ["shipped", "knowledge/rules"]

# The guideline of your gold: canonical, seed, or a file that `ruletag guideline fit` wrote.
{guideline}

# The micro-F1 under which `ruletag eval` exits with 1.
# fail-under = 0.9
"""
_GAZETTEER = """\
# yaml-language-server: $schema=../schemas/gazetteer.json
# {what}, one item per line. `ruletag add "{name}" {label}` and `ruletag suggest` write here too.
# An item may be a mapping: {{name: …, aliases: [ … ], acronym: …, ambiguous: true}}.
label: {label}
entries:
  - {name}
"""
_RULES = """\
# yaml-language-server: $schema=../schemas/rules.json
# Rules: patterns that find names by their context. `ruletag check` runs the examples.
rules:
  - id: own.boat
    label: MISC
    why: A kind of boat followed by a proper name names that boat.
    match: "(chalutier | voilier) [ Cap{1,3} ]"
    examples:
      - "Le chalutier [Belle Étoile](MISC) rentre au port."
      - "Le voilier [Grand Vent](MISC) rentre au port."
      - "Le chalutier rentre au port."
"""
# Recipes, which are left out if the folder already has files of these names.
RECIPES = {
    ".pre-commit-config.yaml": """\
# Runs before every commit, once `pre-commit install` was called. Uses the installed ruletag.
repos:
  - repo: local
    hooks:
      - id: ruletag-check
        name: ruletag check
        entry: ruletag check knowledge
        language: system
        files: ^knowledge/.*\\.ya?ml$
        pass_filenames: false
""",
    "ci.sh": """\
#!/bin/sh
# For CI: install ruletag, then run `sh ci.sh`. It fails if a command has a finding.
set -e
cd "$(dirname "$0")"
format=full
[ -z "$GITHUB_ACTIONS" ] || format=github   # findings appear beside the changed lines of a pull request
ruletag check knowledge --output-format $format
ruletag eval gold
""",
}
_GOLD = """\
{"id": "example-1", "text": "Ines Vandamme recrute pour Kersolea, à Port-Kermaria.", "spans": [[0, 13, "PER"], \
[27, 35, "ORG"], [39, 52, "LOC"]]}
"""


def _gazetteer(label: str, what: str, name: str) -> str:
    return _GAZETTEER.format(label=label, what=what, name=name)


def files(guideline: str = "") -> dict[str, str]:
    """The files by their paths below the folder. `guideline` is set in the configuration, unless it is empty."""
    chosen = f"guideline = {json.dumps(guideline)}" if guideline else '# guideline = "canonical"'
    return {
        "ruletag.toml": _CONFIGURATION.format(guideline=chosen),
        "knowledge/gazetteers/people.yaml": _gazetteer("PER", "People", "Ines Vandamme"),
        "knowledge/gazetteers/places.yaml": _gazetteer("LOC", "Places", "Port-Kermaria"),
        "knowledge/gazetteers/organisations.yaml": _gazetteer("ORG", "Organisations", "Compagnie des abers"),
        "knowledge/gazetteers/others.yaml": _gazetteer("MISC", "Works, products, events", "Prix des abers"),
        "knowledge/rules/own.yaml": _RULES,
        **{f"knowledge/schemas/{name}.json": format_schema(name) for name in _SCHEMAS},
        "gold/example.jsonl": _GOLD,
    }
