"""A ledger as a table for a spreadsheet. Formats, never counts, never prints."""

from __future__ import annotations

import csv
import io
from typing import Any

from ruletag.evaluation.ledger import Account, Ledger
from ruletag.model import Source

COLUMNS = (
    "kind",
    "name",
    "place",
    "produced",
    "correct",
    "label",
    "border",
    "both",
    "spurious",
    "guideline",
    "precision",
    "low",
    "high",
    "harm",
    "seconded",
    "lost",
    "lost_right",
    "lost_to",
)
_DROPPED = "the guideline"


def ledger_tsv(ledger: Ledger) -> str:
    """The accounts, then the rules and entries that never fired, as lines of tab-separated values with a heading.

    A field that contains a tab, a line end or a quotation mark is quoted, as spreadsheets expect.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, dialect="excel-tab", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(account) for account in ledger.accounts)
    writer.writerows(_row(Account(source)) for source in (*ledger.silent_rules, *ledger.silent_entries))
    return stream.getvalue()


def _row(account: Account) -> list[Any]:
    _, low, high = account.interval
    ratios = [f"{ratio:.4f}" for ratio in (account.precision, low, high)] if account.produced else ["", "", ""]
    return [
        account.source.kind,
        account.source.name,
        account.source.place,
        account.produced,
        account.correct,
        account.label,
        account.border,
        account.both,
        account.spurious,
        account.guideline,
        *ratios,
        f"{account.harm:.3f}",
        account.seconded,
        account.lost,
        account.lost_right,
        "; ".join(f"{_winner_name(winner)}: {count}" for winner, count in account.lost_to),
    ]


def _winner_name(winner: Source | None) -> str:
    if winner is None:
        return _DROPPED
    return f"memory of {winner}" if winner.kind == "memory" else str(winner)
