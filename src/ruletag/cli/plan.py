"""The plan of a `tag` run: its outputs, its share of them, what is already complete, and where the run is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ruletag import __version__
from ruletag.cli.account import Ledger
from ruletag.errors import Fault, RuletagError
from ruletag.files import STDIN, Input
from ruletag.manifest import Manifest, manifest_name
from ruletag.output_checks import prepare_outputs
from ruletag.outputs import companion_path, is_one_file, output_path, paths_of

if TYPE_CHECKING:
    from ruletag.batch import Target
    from ruletag.tagger import Settings

Output = tuple[Path | None, list[int]]


class Share(NamedTuple):
    """The `number`-th of `of` shares of the files, from 1."""

    number: int
    of: int


def share(given: str | None) -> Share | None:
    """The value of `--shard`. Raises RuletagError if it is not I/N."""
    if given is None:
        return None
    number, slash, of = given.partition("/")
    if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return Share(int(number), int(of))
    raise RuletagError(Fault("--shard", "RT110", f"{given!r} is not I/N", help="for example 1/8, up to 8/8"))


class Plan:
    """The outputs of a run. Raises RuletagError if they cannot be as requested."""

    def __init__(
        self, inputs: Sequence[Input], target: Target, place: Path | None, *, several: bool, share: Share | None = None
    ) -> None:
        """`place` is a file, a folder, or None for standard output; `several` says that it cannot be a single
        output."""
        self._inputs, self._target, self._place, self._share = inputs, target, place, share
        self._folder: Path | None = None  # the folder of the run's record
        everything = self._all(several)
        if share and len(everything) == 1 and len(everything[0][1]) > 1 and place:
            message = "is one file, which all shares would write"
            raise RuletagError(Fault(str(place), "RT106", message, help="name a folder"))
        self._others: list[Path] = []
        self.outputs = everything
        if share:
            mine = range(share.number - 1, len(inputs), share.of)
            self.outputs = [(path, [number for number in numbers if number in mine]) for path, numbers in everything]
            self.outputs = [output for output in self.outputs if output[1]]
            self._others = [path for path, numbers in everything if path and numbers[0] not in mine]

    def _all(self, several: bool) -> list[Output]:
        """The outputs (None: standard output), each with the numbers of the inputs written to it."""
        numbers = range(len(self._inputs))
        to, place = self._target.format, self._place
        if place is None or (several and is_one_file(place, to)):
            return [(place, list(numbers))]
        if several or place.is_dir():
            self._folder = place
        return [(output_path(self._inputs[number], place, to, several=several), [number]) for number in numbers]

    @property
    def inputs(self) -> list[Input]:
        """The inputs of this share."""
        return [self._inputs[number] for _, numbers in self.outputs for number in numbers]

    def prepare(
        self,
        settings: Settings,
        encoding: str,
        read: Iterable[Path],
        failed: Path | None,
        *,
        force: bool = False,
        resume: bool = False,
    ) -> Ledger:
        """Check everything that is to be written, as `prepare_outputs` does, and what earlier runs have completed."""
        files = [(numbers[0], path) for path, numbers in self.outputs if path]
        if resume and (self._place is None or any(len(numbers) > 1 for _, numbers in self.outputs)):
            where = str(self._place or STDIN)
            message = "can be continued only if each input has its own output"
            raise RuletagError(Fault(where, "RT110", message, help="name a folder with -o"))
        folder = self._folder or (self._place.parent if resume and self._place else None)
        manifest = self._manifest(folder, settings, encoding) if folder else None
        ledger = Ledger(manifest, self._companions)
        kept = ledger.resume(self._inputs, files) if resume else set[Path]()
        wanted = paths_of(self._target.format, [path for path, _ in self.outputs])
        ours = ledger.ours(path for _, path in files) if resume else set[Path]()
        if resume and failed:
            ours.add(failed)
        prepare_outputs(
            [*wanted, *([failed] if failed else ())],
            read,
            force=force,
            ours=ours,
            others=[*self._others, *([manifest.path] if manifest else ())],
            kept=kept,
            resumable=self._folder is not None and not resume,
        )
        return ledger

    def _companions(self, path: Path) -> Collection[Path]:
        return [companion_path(path, each) for each in self._target.format.companions]

    def _manifest(self, folder: Path, settings: Settings, encoding: str) -> Manifest:
        to = self._target
        options = [each._replace(path=None, id=None).options for each in self._inputs[:1]]
        labels = [(each.labels.map, sorted(each.labels.ignored), each.given()) for each in (to.options, *options)]
        values = [tuple(getattr(each, name) for name in each.given()) for each in (to.options, *options)]
        formats = [to.format.name, *sorted({source.format.name for source in self._inputs})]
        said = hashlib.sha256(repr((formats, labels, values, encoding)).encode("utf-8", "surrogatepass")).hexdigest()
        made = {"version": __version__, "knowledge": settings.fingerprint(), "settings": said}
        return Manifest(folder / manifest_name(self._share), made)
