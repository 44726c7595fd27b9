"""A folder that changes whole or not at all: refused, approved, interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ruletag.suggest.apply import edited, state_of, write
from ruletag.suggest.edit import Addition


def folder_at(place: Path) -> Path:
    folder = place / "knowledge"
    (folder / "gazetteers").mkdir(parents=True)
    for name in ("a", "b"):
        (folder / "gazetteers" / f"{name}.yaml").write_text("label: ORG\nentries:\n  - Zed\n", encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.*"))}


def test_all_files_change_and_nothing_is_left(tmp_path):
    """Files that were there and new ones; the mode of a file stays; beside the folder nothing is left."""
    folder = folder_at(tmp_path)
    (folder / "gazetteers/a.yaml").chmod(0o640)
    texts = edited(folder, [Addition(f"gazetteers/{name}.yaml", "label: ORG", "entries", "Abers") for name in "ac"])
    before = contents(folder)
    write(folder, texts)
    assert contents(folder) == before | {
        "gazetteers/a.yaml": "label: ORG\nentries:\n  - Abers\n  - Zed\n",
        "gazetteers/c.yaml": "label: ORG\nentries:\n  - Abers\n",
    }
    assert (folder / "gazetteers/a.yaml").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["knowledge"]


def test_a_refusal_leaves_everything(tmp_path):
    """If the copy is not approved, the folder stays as it was, and nothing is left beside it."""
    folder = folder_at(tmp_path)
    before = contents(folder)

    def refuse(copy: Path) -> None:
        assert (copy / "gazetteers/a.yaml").read_text("utf-8") == "new\n"
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write(folder, {"gazetteers/a.yaml": "new\n", "gazetteers/b.yaml": "new\n"}, refuse)
    assert contents(folder) == before
    assert os.listdir(tmp_path) == ["knowledge"]


def test_a_folder_that_is_not_there(tmp_path):
    """It is made, with those above it."""
    write(tmp_path / "deep" / "mine", {"rules/never.yaml": "not: []\n"})
    assert contents(tmp_path / "deep" / "mine") == {"rules/never.yaml": "not: []\n"}


def test_a_state_is_that_of_all_files(tmp_path):
    """Any change of a YAML file makes another state; other files do not count; without a folder there is one too."""
    folder = folder_at(tmp_path)
    states = [state_of(folder), state_of(tmp_path / "nothing")]
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    assert state_of(folder) == states[0]
    (folder / "gazetteers/a.yaml").write_text("label: LOC\n", encoding="utf-8")
    states.append(state_of(folder))
    (folder / "gazetteers/a.yaml").rename(folder / "gazetteers/c.yaml")
    states.append(state_of(folder))
    assert len(set(states)) == 4


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="folders are exchanged in one step on Linux alone")
def test_killed_at_any_time_all_is_old_or_all_is_new(tmp_path):
    """A writer that never stops, killed with SIGKILL twenty times: both files always agree."""
    folder = folder_at(tmp_path)
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from ruletag.suggest.apply import write
        print("ready", flush=True)
        for number in range(1_000_000):
            write(Path(sys.argv[1]), {f"gazetteers/{name}.yaml": f"{sys.argv[2]} {number}\\n" for name in "abc"})
    """)
    for turn in range(20):
        writer = subprocess.Popen([sys.executable, "-c", script, str(folder), str(turn)], stdout=subprocess.PIPE)
        assert writer.stdout
        assert writer.stdout.readline() == b"ready\n"
        while state_of(folder) == state_of(folder):  # until it has begun to write
            pass
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        changed = {text for name, text in contents(folder).items() if name != "gazetteers/c.yaml"}
        assert len(changed) == 1, changed
