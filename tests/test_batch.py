"""Many texts through one tagger or several processes."""

from __future__ import annotations

import pytest

from ruletag import Tagger
from ruletag.batch import Settings, tagging
from ruletag.tagger import DEFAULT_GUIDELINE

TEXTS = ["Emmanuel Macron est à Paris.", "", "Le ministre chinois Wang.", "Orange, à Orange."] * 5


def own(folder, **options):
    """The settings for the knowledge of a folder, which another process can load too."""
    return Settings([str(folder / "rules")], [str(folder / "gazetteers")], **options)


def test_settings_load_what_they_say(small):
    """Every field reaches the tagger; without any, what ships under the default guideline."""
    (small / "clubs.txt").write_text("Stade Rennais\n", encoding="utf-8")
    settings = Settings(guideline="seed", lists=(("ORG", small / "clubs.txt"),), engine="flashtext", memory=False)
    tagger = settings.load()
    assert (tagger.guideline.name, tagger.engine, tagger.memory) == ("seed", "flashtext", False)
    assert [entry.surface for entry in tagger.entries if entry.source.path == "clubs.txt"] == ["Stade Rennais"]
    plain = Settings().load()
    assert (plain.guideline.name, plain.engine, plain.memory) == (DEFAULT_GUIDELINE, "ahocorasick", True)
    assert plain.entries == Tagger.load().entries


def test_one_process_streams(small):
    """In one process texts are taken one at a time, as the documents are asked for."""
    taken = []

    def texts():
        for text in TEXTS:
            taken.append(text)
            yield text

    with tagging(own(small)) as tag_all:
        documents = tag_all(texts())
        assert next(documents) == own(small).load().tag(TEXTS[0])
        assert taken == TEXTS[:1]


@pytest.mark.slow
def test_processes_give_what_one_gives(small):
    """Several processes give the same documents in the same order."""
    tagger = own(small).load()
    with tagging(own(small), jobs=2) as tag_all:
        assert list(tag_all(TEXTS)) == [tagger.tag(text) for text in TEXTS]
