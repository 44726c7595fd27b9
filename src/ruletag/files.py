"""The files that arguments stand for, and the documents of each.

A file is read block by block; one that holds many documents never has to be in memory as a whole.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, cast

from ruletag.compression import SUFFIXES, compression, decompress, uncompressed_name
from ruletag.decoding import decode, other_formats
from ruletag.errors import Attempts, Fault, RuletagError
from ruletag.folders import irregular
from ruletag.foreign import programs
from ruletag.formats import FORMATS, Format, Options, by_name, by_suffix, default, sharing, suffixes
from ruletag.model import Document
from ruletag.signatures import data_kind
from ruletag.streams import Decoded, Joined

STDIN = "-"
_BLOCK = 1 << 16
_PROSE = (".text", ".md", ".markdown", ".rst", ".adoc")  # read like a file without a suffix
_SUFFIX = re.compile(r"\.[a-z][a-z0-9_-]*")  # *rapport v1.2* has none


_MANIFEST = re.compile(r"_manifest(-\d+-of-\d+)?\.jsonl")


def is_manifest(name: str) -> bool:
    """Whether a file with this name is the record of a run (see `ruletag.manifest`) and not documents."""
    return _MANIFEST.fullmatch(name) is not None


class Input(NamedTuple):
    """One file to read (None: standard input), its name in reports, its path below the folder, and its format.

    `id` is for a document without an id of its own, if there are several inputs to tell apart. `options` are those of
    the format. The format is `assumed` if neither a suffix nor the user names it.
    """

    path: Path | None
    shown: str
    relative: str
    format: Format
    id: str | None = None
    options: Options = Options()
    assumed: bool = False


def find_inputs(
    arguments: Iterable[str],
    from_format: str | None = None,
    note: Callable[[str], object] = lambda _: None,
    options: Options = Options(),
) -> list[Input]:
    """The files that the arguments name; a folder stands for the documents below it, sorted by name.

    Raises RuletagError for a name that does not exist, a suffix without a format, and a folder without documents.
    `note` is called with a line for everything left out of a folder.
    """
    arguments = list(arguments)
    inputs: list[Input] = []
    faults: list[Fault] = []
    chosen = by_name(from_format) if from_format else None
    if arguments.count(STDIN) > 1:
        faults.append(Fault(STDIN, "RT110", "standard input can be read only once", help="name it once"))
    for argument in arguments:
        path = Path(argument)
        id = argument if len(arguments) > 1 else None
        if argument == STDIN:
            inputs.append(Input(None, STDIN, "stdin", chosen or default(), id, options, chosen is None))
        elif not argument or not path.exists():
            name = argument or "''"
            is_sentence = " " in argument and not path.suffix.strip(".") and len(path.parts) == 1
            help = "check the name; `ruletag explain` takes a sentence" if is_sentence else "check the name"
            faults.append(Fault(name, "RT101", "there is no such file or folder", help=help))
        elif path.is_dir():
            below = list(_inputs_below(path, chosen, note, options))
            inputs += below
            if not below:
                help = f"documents end in {', '.join(suffixes())}"
                faults.append(Fault(argument, "RT103", "the folder holds no documents", help=help))
        else:
            suffix_format = by_suffix(uncompressed_name(path.name))
            try:
                format = chosen or _format_of(path, argument, suffix_format)
                path, shown = _main_file(path, argument, format)
            except RuletagError as error:
                faults += error.faults
            else:
                assumed = not (chosen or suffix_format) and path.suffix.lower() not in _PROSE
                inputs.append(Input(path, shown, uncompressed_name(path.name), format, id, options, assumed))
    if faults:
        raise RuletagError(faults)
    return inputs


def all_paths(source: Input) -> list[Path]:
    """The files that an input is read from."""
    if source.path is None:
        return []
    companions = (companion for companion in source.format.companions if companion.read)
    return [source.path, *(_path_beside(source.path, companion.suffix) for companion in companions)]


def _path_beside(path: Path, suffix: str) -> Path:
    """The file of the same name with another suffix; if only a compressed one exists, that."""
    plain = os.path.splitext(uncompressed_name(os.fspath(path)))[0] + suffix
    return Path(next(filter(os.path.exists, _compressed_names(plain)), plain))


def _compressed_names(name: str) -> list[str]:
    """A name, and its names with each suffix of a compression."""
    return [name, *(name + suffix for suffix in SUFFIXES)]


def _format_of(path: Path, shown: str, suffix_format: Format | None) -> Format:
    """The format of a file. If several formats share its suffix, of which `suffix_format` is the first, the beginning
    of the file decides.

    Raises RuletagError if there is none.
    """
    name = uncompressed_name(path.name).lower()
    if suffix_format is None:
        suffix = Path(name).suffix
        if suffix in _PROSE or not _SUFFIX.fullmatch(suffix):
            return default()
        message = f"{suffix} is not the suffix of a format that can be read"
        raise RuletagError(Fault(shown, "RT112", message, help=other_formats(shown)))
    if suffix_format.recognises is None:
        return suffix_format
    sharers = [format for format in sharing(name) if format.read]
    beginning = _beginning(Input(path, shown, name, suffix_format))
    for format in sharers:
        if format.recognises is None or format.recognises(beginning):
            return format
    names = ", ".join(format.name for format in sharers)
    help = f"use --from with its format; the formats with this suffix are {names}"
    if name.endswith(".json"):
        help += "; make a list of texts JSON Lines, for example with jq -c '.[]'"
    raise RuletagError(
        Fault(shown, "RT112", f"is in none of the known formats with the suffix {Path(name).suffix}", help=help)
    )


def _beginning(source: Input) -> bytes:
    return next(blocks(source), b"")


def _main_file(path: Path, shown: str, format: Format) -> tuple[Path, str]:
    """The main file that a companion belongs to, `a.ann` for `a.txt`; else the file itself.

    Raises RuletagError for a companion without its main file.
    """
    companion_suffixes = {companion.suffix for companion in format.companions if companion.read}
    if Path(uncompressed_name(path.name)).suffix not in companion_suffixes:
        return path, shown
    main = _path_beside(path, format.suffixes[0])
    if not main.exists():
        help = f"the format {format.name} is read from pairs of files"
        raise RuletagError(Fault(shown, "RT101", f"there is no {main.name} beside it", help=help))
    return main, shown.removesuffix(path.name) + main.name


def _inputs_below(
    folder: Path, chosen: Format | None, note: Callable[[str], object], options: Options
) -> Iterator[Input]:
    """The documents below a folder."""
    unknown_suffixes: Counter[str] = Counter()
    files = dict(_files_below(folder))
    companions = [(format, companion) for format in FORMATS.values() for companion in format.companions]
    unread = tuple(companion.suffix for _, companion in companions if not companion.read)
    main_suffixes: dict[str, tuple[str, ...]] = defaultdict(tuple)  # by the suffix of a companion
    for format, companion in companions:
        main_suffixes[companion.suffix] += format.suffixes if companion.read else ()
    for relative, file in sorted(files.items()):
        inner, name = uncompressed_name(relative), relative.rpartition("/")[2]
        if "/." in f"/{relative}" or is_manifest(name) or name.endswith(unread):
            continue
        stem, suffix = os.path.splitext(inner)
        mains = (main for end in main_suffixes[suffix.lower()] for main in _compressed_names(stem + end))
        if any(main in files for main in mains):
            continue
        if (suffix_format := by_suffix(inner)) is None:
            unknown_suffixes[Path(inner).suffix.lower() or "no suffix"] += 1
        elif kind := irregular(file):
            note(f"{file}: note: is {kind}, left out")
        else:
            format = chosen or _format_of(file, str(file), suffix_format)
            if chosen:
                _main_file(file, str(file), chosen)  # refuses a companion that is alone
            yield Input(file, str(file), inner, format, relative, options)
    if unknown_suffixes:
        number = unknown_suffixes.total()
        what = "file is left out: its suffix belongs" if number == 1 else "files are left out: their suffixes belong"
        counts = ", ".join(f"{suffix} ({unknown_suffixes[suffix]})" for suffix in sorted(unknown_suffixes))
        tools = " and ".join(programs(unknown_suffixes))
        cure = f"; {tools} can turn such files into text" if tools else ""
        note(f"{folder}: note: {number} {what} to no format: {counts}{cure}")


def _files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder, by its relative path, with slashes."""
    for root, _, names in os.walk(folder, onerror=_unreadable):
        below = Path(root).relative_to(folder).as_posix() + "/" if root != os.fspath(folder) else ""
        yield from ((below + name, Path(root, name)) for name in names)


def total_size(sources: Iterable[Input]) -> int | None:
    """The bytes of all inputs, None if one is not a regular file, or is compressed."""
    paths = [source.path for source in sources]
    if not all(path and path.is_file() and not compression(path.name) for path in paths):
        return None
    return sum(path.stat().st_size for path in paths if path)


def _unreadable(error: OSError) -> None:
    raise RuletagError(_cannot_read(str(error.filename), error))


def _cannot_read(shown: str, error: OSError) -> Fault:
    return Fault(shown, "RT101", f"cannot be read: {error.strerror}", help="check the name and the permissions")


def read_documents(source: Input, encoding: str = "utf-8") -> list[Document]:
    """The documents of one input. Raises RuletagError with every fault of the file."""
    return list(iter_documents(source, encoding))


def iter_documents(source: Input, encoding: str = "utf-8") -> Iterator[Document]:
    """The documents of one input as they are read. Raises RuletagError with every fault, after the documents before
    it."""
    source = with_companions(source, encoding)
    return source.format.documents(open_input(source, encoding), source.shown, source.options)


def open_input(source: Input, encoding: str = "utf-8") -> Any:
    """The stream that an input's format reads: of bytes, or of text that is decoded while reading."""
    return Joined(blocks(source)) if source.format.binary else Decoded(decoded(source, encoding))


def with_companions(source: Input, encoding: str = "utf-8") -> Input:
    """The input with the texts of its companions. Raises RuletagError if one cannot be read."""
    suffixes_read = [companion.suffix for companion in source.format.companions if companion.read]
    if not suffixes_read:
        return source
    if source.path is None:
        message = f"the format {source.format.name} is read from pairs of files"
        raise RuletagError(Fault(source.shown, "RT110", message, help="name the file"))
    beside = {}
    for suffix in suffixes_read:
        path = _path_beside(source.path, suffix)
        beside[suffix] = read_text(source._replace(path=path, shown=str(path), format=FORMATS["text"]), encoding)
    return source._replace(options=source.options._replace(beside=beside))


def iter_all(sources: Iterable[Input], encoding: str = "utf-8") -> Iterator[tuple[Input, Document]]:
    """The documents of several inputs as they are read, each with its input.

    Raises RuletagError at the end, with every fault of all inputs.
    """
    attempts = Attempts()
    for source in sources:
        with attempts.each():
            for document in iter_documents(source, encoding):
                yield source, document
    attempts.close()


def read_all(sources: Iterable[Input], encoding: str = "utf-8") -> list[Document]:
    """The documents of several inputs in order. Raises RuletagError with every fault of all inputs."""
    return [document for _, document in iter_all(sources, encoding)]


def read_text(source: Input, encoding: str = "utf-8") -> str:
    """The text of one input, with its line ends unchanged. Raises RuletagError if it cannot be read or decoded."""
    return "".join(text for text, _ in decoded(source, encoding))


def decoded(source: Input, encoding: str) -> Iterator[tuple[str, int]]:
    """The text of one input in pieces, each with its number of bytes. Raises RuletagError if it cannot be read, or if
    its contents contradict the assumed format."""
    pieces = decode(blocks(source), source.shown, encoding, any_bytes=source.format.any_bytes)
    return _prose(pieces, source.shown) if source.assumed else pieces


def _prose(pieces: Iterator[tuple[str, int]], shown: str) -> Iterator[tuple[str, int]]:
    """The pieces of a text. Raises RuletagError if it begins like data of another kind."""
    first = next(pieces)  # `decode` gives one even for an empty file
    kind, kind_suffixes = data_kind(first[0])
    if kind:
        readable = dict.fromkeys(format.name for suffix in kind_suffixes for format in sharing(suffix) if format.read)
        help = f"name its format with --from ({', '.join(readable)}), or use --from text to read it as it is"
        raise RuletagError(Fault(shown, "RT112", f"looks like {kind}, not like a text", help=help))
    yield first
    yield from pieces


def blocks(source: Input) -> Iterator[bytes]:
    """The decompressed bytes of one input, in blocks. Raises RuletagError if they cannot be read."""
    suffix = compression(source.path.name) if source.path else ""
    return decompress(_raw_blocks(source), suffix, source.shown) if suffix else _raw_blocks(source)


def _raw_blocks(source: Input) -> Iterator[bytes]:
    try:
        with _opened(source) as file:
            beginning = file.read(4)  # enough for any byte order mark
            while block := beginning + file.read1(_BLOCK):
                yield block
                beginning = b""
    except OSError as error:
        raise RuletagError(_cannot_read(source.shown, error)) from None


def _opened(source: Input) -> AbstractContextManager[io.BufferedReader]:
    if source.path:
        return source.path.open("rb")
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return nullcontext(cast(io.BufferedReader, sys.stdin.buffer))
