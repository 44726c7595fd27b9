"""The shared library of the engine: its path, its functions, and the reason if it cannot be used."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from ctypes import POINTER, c_char_p, c_size_t, c_uint32, c_void_p
from functools import cache
from pathlib import Path

LAYOUT = 9  # version of the tables and rows; a library with another one is from another version of ruletag
# The sections of the tables, in the order that the library expects; it makes those in BUILT from those before them.
BUILT = ("spelling-keys", "spelling-slots", "spellings", "spelling-extra")
SECTIONS = (
    *("cased", "lower", "upper", "base", "flags", "entries", "texts", "lowers", *BUILT),
    *("atoms", "literals", "literal-lowers", "steps", "tries", "rules", "prefixed", "looking", "prefixes", "vetoes"),
    *("common", "announcing", "heads", "heads-per", "heads-loc", "heads-org", "heads-misc", "pulled", "pulled-linked"),
    "settings",
)
_SUFFIX = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
PATH = Path(__file__).parent / f"ruletag_core{_SUFFIX}"
STAMP = ".sources"  # suffix of a file beside the library, in a checkout: a hash of the sources it was built from
_CRATE = Path(__file__).parents[2] / "core"  # in a checkout


class Section(ctypes.Structure):
    """A piece of memory: where it starts and how many bytes it has."""

    _fields_ = (("start", c_void_p), ("size", c_size_t))


class Counts(ctypes.Structure):
    """The lengths of the sequences in `ruletag.core.decided.Names`."""

    _fields_ = (("entries", c_size_t), ("rules", c_size_t), ("anchors", c_size_t), ("vetoes", c_size_t))


class Missing(Exception):
    """There is no usable library; the message says why."""


@cache
def library() -> ctypes.CDLL:
    """The library, with the types of its functions. Raises Missing if it was not built, or is from another version."""
    if not PATH.is_file():
        raise Missing("it was not built when ruletag was installed")
    if _is_stale(PATH):
        raise Missing("it was built from other sources; pip install -e . rebuilds it")
    try:
        lib = ctypes.CDLL(str(PATH))
        layout = lib.ruletag_layout()
    except (OSError, AttributeError) as error:
        raise Missing(f"it cannot be loaded: {error}") from None
    if layout != LAYOUT:
        raise Missing("it is from another version")
    lib.ruletag_build.argtypes = (Section, Section, POINTER(c_size_t))
    lib.ruletag_build.restype = c_void_p
    lib.ruletag_free_block.argtypes = (c_void_p, c_size_t)
    lib.ruletag_hashes.argtypes = (Section, POINTER(c_size_t))
    lib.ruletag_hashes.restype = c_void_p
    lib.ruletag_open.argtypes = (POINTER(Section), c_size_t, Counts)
    lib.ruletag_open.restype = c_void_p
    lib.ruletag_without.argtypes = (c_void_p, Section, Section)
    lib.ruletag_without.restype = c_void_p
    lib.ruletag_close.argtypes = (c_void_p,)
    for function in (lib.ruletag_decide_text, lib.ruletag_fold):
        function.argtypes = (c_void_p, c_char_p, c_size_t, c_uint32, POINTER(c_size_t))
        function.restype = c_void_p
    for function in (lib.ruletag_decide, lib.ruletag_hits, lib.ruletag_tokens):
        function.argtypes = (c_void_p, c_char_p, c_char_p, c_size_t, c_uint32, POINTER(c_size_t))
        function.restype = c_void_p
    lib.ruletag_free_rows.argtypes = (c_void_p, c_size_t)
    for function in (lib.ruletag_free_block, lib.ruletag_close, lib.ruletag_free_rows):
        function.restype = None
    return lib


def _is_stale(path: Path) -> bool:
    """Whether the library was built from other sources than those of the checkout; False outside a checkout."""
    if not (_CRATE / "Cargo.toml").is_file():
        return False
    try:
        return path.with_suffix(STAMP).read_text(encoding="ascii") != sources_hash(_CRATE)
    except (OSError, ValueError):
        return True


def sources_hash(crate: Path) -> str:
    """A hash of the files that the library is built from."""
    digest = hashlib.sha256()
    for path in (crate / "Cargo.toml", crate / "Cargo.lock", *sorted((crate / "src").glob("*.rs"))):
        data = path.read_bytes()
        digest.update(f"{path.name} {len(data)}\n".encode() + data)
    return digest.hexdigest()
