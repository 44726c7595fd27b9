"""The shared library of the engine: where it is, what it offers, and why it is missing if it is."""

from __future__ import annotations

import ctypes
import hashlib
import sys
from ctypes import POINTER, c_char_p, c_size_t, c_uint32, c_void_p
from functools import cache
from pathlib import Path

LAYOUT = 9  # of the tables and rows; the library has the same, or is from another version
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
STAMP = ".sources"  # suffix of the file beside it that says from which sources it was built, in a checkout
_CRATE = Path(__file__).parents[2] / "core"  # where it is in a checkout


class Section(ctypes.Structure):
    """A piece of memory: where it starts and how many bytes it has."""

    _fields_ = (("start", c_void_p), ("size", c_size_t))


class Counts(ctypes.Structure):
    """The numbers of entries, rules, anchors and vetoes that have names."""

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
        found = ctypes.CDLL(str(PATH))
        layout = found.ruletag_layout()
    except (OSError, AttributeError) as error:
        raise Missing(f"it cannot be loaded: {error}") from None
    if layout != LAYOUT:
        raise Missing("it is from another version")
    found.ruletag_build.argtypes = (Section, Section, POINTER(c_size_t))
    found.ruletag_build.restype = c_void_p
    found.ruletag_free_block.argtypes = (c_void_p, c_size_t)
    found.ruletag_hashes.argtypes = (Section, POINTER(c_size_t))
    found.ruletag_hashes.restype = c_void_p
    found.ruletag_open.argtypes = (POINTER(Section), c_size_t, Counts)
    found.ruletag_open.restype = c_void_p
    found.ruletag_without.argtypes = (c_void_p, Section, Section)
    found.ruletag_without.restype = c_void_p
    found.ruletag_close.argtypes = (c_void_p,)
    for function in (found.ruletag_decide_text, found.ruletag_fold):
        function.argtypes = (c_void_p, c_char_p, c_size_t, c_uint32, POINTER(c_size_t))
        function.restype = c_void_p
    for function in (found.ruletag_decide, found.ruletag_hits, found.ruletag_tokens):
        function.argtypes = (c_void_p, c_char_p, c_char_p, c_size_t, c_uint32, POINTER(c_size_t))
        function.restype = c_void_p
    found.ruletag_free_rows.argtypes = (c_void_p, c_size_t)
    for function in (found.ruletag_free_block, found.ruletag_close, found.ruletag_free_rows):
        function.restype = None
    return found


def _is_stale(path: Path) -> bool:
    """Whether a checkout has other sources than those of the library."""
    if not (_CRATE / "Cargo.toml").is_file():
        return False
    try:
        return path.with_suffix(STAMP).read_text(encoding="ascii") != sources_hash(_CRATE)
    except (OSError, ValueError):
        return True


def sources_hash(crate: Path) -> str:
    """A hash of all that the library is built from."""
    whole = hashlib.sha256()
    for path in (crate / "Cargo.toml", crate / "Cargo.lock", *sorted((crate / "src").glob("*.rs"))):
        data = path.read_bytes()
        whole.update(f"{path.name} {len(data)}\n".encode() + data)
    return whole.hexdigest()
