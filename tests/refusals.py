"""The messages about a file that no format can read; nothing is written then."""

from __future__ import annotations


def refusal(cli, folder, name, data, *options):
    """The message about a file of that name; it has no input but this one, and leaves nothing beside it."""
    (folder / name).write_bytes(data)
    before = sorted(folder.iterdir())
    code, out, err = cli("tag", name, "--to", "jsonl", "-o", "out.jsonl", *options)
    assert (code, out) == (2, "")
    assert sorted(folder.iterdir()) == before
    return err
