"""`ruletag code`, which explains a code by the page of errors."""

from __future__ import annotations

import pytest

from ruletag.codes import Code, codes, explain
from ruletag.errors import Fault, RuletagError

RT305 = """\
RT305 (Findings of `check`; exit code 1)

  A rule, run by itself, does not find its example as it is marked; the help shows what it finds.

  What to do: Fix the pattern, or the example.
"""
RT118 = """\
RT118 (Files and documents; exit code 2)

  A list of names is not of the kind that it seems to be, has two columns of one name, or contains no name.

  What to do: Use `--from` or `--column`; see `import-list`.
"""


def test_every_row_of_the_page_is_a_code():
    """Each code has a kind, an exit code of findings or of wrong input, a meaning and a remedy; no link is left."""
    page = codes()
    lacking = [code for code in page.values() if not (code.kind and code.meaning and code.remedy and code.exit_code)]

    assert lacking == []
    assert [code for code in page.values() if "](" in code.meaning + code.remedy] == []
    assert {name: code.exit_code for name, code in page.items()} == {
        name: 2 if name < "RT305" else 1 for name in sorted(page)
    }


def test_names_are_explained_in_any_case():
    """The codes come in the order requested."""
    meaning, remedy = "Two spans overlap.", "Keep one of them; the tagger's spans never overlap."
    expected = Code("RT506", "Findings of `gold-check`", 1, meaning, remedy)

    assert explain(("rt506",)) == [expected]
    assert [code.name for code in explain(("RT506", "RT101"))] == ["RT506", "RT101"]


def test_what_is_no_code_is_refused():
    """All names that are no codes are faults, each with the closest code."""
    with pytest.raises(RuletagError) as error:
        explain(("RT1018", "RT101", "RT30"))

    assert error.value.faults == (
        Fault("RT1018", "RT110", "is not a code", help="did you mean 'RT118'?"),
        Fault("RT30", "RT110", "is not a code", help="did you mean 'RT307'?"),
    )


def test_code(cli):
    """`ruletag code` prints the kind and exit code of a fault, what is wrong, and what to do."""
    assert cli("code", "RT305") == (0, RT305, "")
    assert cli("code", "rt305", "RT118") == (0, f"{RT305}\n{RT118}", "")


def test_all_codes(cli):
    """Without a name all codes are listed, one a line."""
    listing = "".join(f"{name}  {code.meaning}\n" for name, code in codes().items())

    assert cli("code") == (0, listing, "")
