"""The files with which a folder of a user's own begins."""

CONFIGURATION = """\
# Read by every ruletag command that runs in this folder or below. All settings: docs/reference/cli.md, Configuration.

# What ships, and what is yours. Without "shipped", only yours.
gazetteers = ["shipped", "knowledge/gazetteers"]
rules = ["shipped", "knowledge/rules"]

# The guideline of your gold: canonical, seed, or a file that `ruletag guideline fit` wrote.
# guideline = "knowledge/house.yaml"

# The micro-F1 under which `ruletag eval` exits with 1.
# fail-under = 0.9
"""
_GAZETTEER = """\
# {what}, one item a line. `ruletag add "{name}" {label}` and `ruletag suggest` write here too.
# An item may be a mapping: {{name: …, aliases: [ … ], acronym: …, ambiguous: true}}.
label: {label}
entries:
  - {name}
"""
_RULES = """\
# Rules: a pattern that finds names by what stands around them. `ruletag check` runs the examples.
rules:
  - id: own.boat
    label: MISC
    why: A kind of boat followed by a proper name names that boat.
    match: "(chalutier | voilier) [ Cap{1,3} ]"
    examples:
      - "Le chalutier [Belle Étoile](MISC) rentre au port."
      - "Le chalutier rentre au port."
"""
_GOLD = """\
{"id": "example-1", "text": "Ines Vandamme recrute pour Kersolea, à Port-Kermaria.", "spans": [[0, 13, "PER"], \
[27, 35, "ORG"], [39, 52, "LOC"]]}
"""


def _gazetteer(label: str, what: str, name: str) -> str:
    return _GAZETTEER.format(label=label, what=what, name=name)


FILES = {
    "ruletag.toml": CONFIGURATION,
    "knowledge/gazetteers/people.yaml": _gazetteer("PER", "People", "Ines Vandamme"),
    "knowledge/gazetteers/places.yaml": _gazetteer("LOC", "Places", "Port-Kermaria"),
    "knowledge/gazetteers/organisations.yaml": _gazetteer("ORG", "Organisations", "Compagnie des abers"),
    "knowledge/gazetteers/others.yaml": _gazetteer("MISC", "Works, products, events", "Prix des abers"),
    "knowledge/rules/own.yaml": _RULES,
    "gold/example.jsonl": _GOLD,
}
