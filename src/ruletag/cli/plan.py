"""The plan of a `tag` run: its share of the outputs, those that are already complete, and the place of its record."""

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


class Output(NamedTuple):
    """A path (None: standard output), and the numbers of the inputs that are written to it."""

    path: Path | None
    numbers: list[int]


class Share(NamedTuple):
    """The `number`-th of `of` shares of the files, counted from 1."""

    number: int
    of: int


def share(argument: str | None) -> Share | None:
    """The value of `--shard`. Raises RuletagError if it is not I/N."""
    if argument is None:
        return None
    number, slash, of = argument.partition("/")
    if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
        return Share(int(number), int(of))
    raise RuletagError(Fault("--shard", "RT110", f"{argument!r} is not I/N", help="for example 1/8, up to 8/8"))


class Plan:
    """The outputs of a run. Raises RuletagError if they cannot be written as requested."""

    def __init__(
        self,
        inputs: Sequence[Input],
        target: Target,
        destination: Path | None,
        *,
        several: bool,
        share: Share | None = None,
    ) -> None:
        """`destination` is a file, a folder, or None for standard output; `several`: it is not the output of just
        one input."""
        self._inputs, self._target, self._destination, self._share = inputs, target, destination, share
        self._folder: Path | None = None  # the folder of the run's record
        all_outputs = self._all_outputs(several)
        if share and len(all_outputs) == 1 and len(all_outputs[0].numbers) > 1 and destination:
            message = "is one file, which all shares would write"
            raise RuletagError(Fault(str(destination), "RT106", message, help="name a folder"))
        self._other_outputs: list[Path] = []
        self.outputs = all_outputs
        if share:
            own_numbers = range(share.number - 1, len(inputs), share.of)
            share_outputs = [
                Output(path, [number for number in numbers if number in own_numbers]) for path, numbers in all_outputs
            ]
            self.outputs = [output for output in share_outputs if output.numbers]
            self._other_outputs = [path for path, numbers in all_outputs if path and numbers[0] not in own_numbers]

    def _all_outputs(self, several: bool) -> list[Output]:
        """The outputs of all shares."""
        numbers = range(len(self._inputs))
        output_format, destination = self._target.format, self._destination
        if destination is None or (several and is_one_file(destination, output_format)):
            return [Output(destination, list(numbers))]
        if several or destination.is_dir():
            self._folder = destination
        return [
            Output(output_path(self._inputs[number], destination, output_format, several=several), [number])
            for number in numbers
        ]

    @property
    def inputs(self) -> list[Input]:
        """The inputs of this share."""
        return [self._inputs[number] for _, numbers in self.outputs for number in numbers]

    def prepare(
        self,
        settings: Settings,
        encoding: str,
        input_paths: Iterable[Path],
        failures_path: Path | None,
        *,
        force: bool = False,
        resume: bool = False,
    ) -> Ledger:
        """Check all outputs, like `prepare_outputs`, and find what earlier runs have completed."""
        files = [(numbers[0], path) for path, numbers in self.outputs if path]
        if resume and (self._destination is None or any(len(numbers) > 1 for _, numbers in self.outputs)):
            shown = str(self._destination or STDIN)
            message = "can be continued only if each input has its own output"
            raise RuletagError(Fault(shown, "RT110", message, help="name a folder with -o"))
        folder = self._folder or (self._destination.parent if resume and self._destination else None)
        manifest = self._manifest(folder, settings, encoding) if folder else None
        ledger = Ledger(manifest, self._companions)
        temporary_paths = ledger.resume(self._inputs, files) if resume else set[Path]()
        paths = paths_of(self._target.format, [path for path, _ in self.outputs])
        replaceable_paths = ledger.unchanged(path for _, path in files) if resume else set[Path]()
        if resume and failures_path:
            replaceable_paths.add(failures_path)
        prepare_outputs(
            [*paths, *([failures_path] if failures_path else ())],
            input_paths,
            force=force,
            ours=replaceable_paths,
            others=[*self._other_outputs, *([manifest.path] if manifest else ())],
            kept=temporary_paths,
            resumable=self._folder is not None and not resume,
        )
        return ledger

    def _companions(self, path: Path) -> Collection[Path]:
        return [companion_path(path, companion) for companion in self._target.format.companions]

    def _manifest(self, folder: Path, settings: Settings, encoding: str) -> Manifest:
        target = self._target
        input_options = [source._replace(path=None, id=None).options for source in self._inputs[:1]]
        labels = [
            (options.labels.map, sorted(options.labels.ignored), options.given())
            for options in (target.options, *input_options)
        ]
        values = [
            tuple(getattr(options, name) for name in options.given()) for options in (target.options, *input_options)
        ]
        formats = [target.format.name, *sorted({source.format.name for source in self._inputs})]
        settings_hash = hashlib.sha256(
            repr((formats, labels, values, encoding)).encode("utf-8", "surrogatepass")
        ).hexdigest()
        identity = {"version": __version__, "knowledge": settings.fingerprint(), "settings": settings_hash}
        return Manifest(folder / manifest_name(self._share), identity)
