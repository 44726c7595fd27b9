//! The C ABI that Python calls: the only module that handles raw pointers. No panic crosses it.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null_mut;
use std::slice::from_raw_parts;

use crate::chars::Chars;
use crate::check::{check, Names};
use crate::engine::{Disabled, Engine, Work};
use crate::lexicon::{build, hash, Built};
use crate::tables::{Rows, Spellings, Tables};

/// Incremented whenever the contents or the order of the tables, or the returned rows, change.
const LAYOUT: u32 = 9;
const FAILED: usize = usize::MAX; // the count of rows after a failure

/// Memory that Python keeps alive as long as the engine: its start, and its size in bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Section {
    start: *const u8,
    size: usize,
}

impl Section {
    fn bytes(self) -> &'static [u8] {
        self.values(1)
    }

    fn numbers(self) -> &'static [u32] {
        self.values(4)
    }

    fn long_numbers(self) -> &'static [u64] {
        self.values(8)
    }

    /// The section as a slice of values of `size` bytes, to which it must be aligned.
    fn values<T>(self, size: usize) -> &'static [T] {
        if self.size == 0 {
            return &[];
        }
        assert!(self.size % size == 0 && self.start as usize % size == 0, "a section of whole, aligned values");
        // SAFETY: the caller keeps the memory alive and unchanged as long as the engine; any bit pattern is a number.
        unsafe { from_raw_parts(self.start.cast(), self.size / size) }
    }
}

/// Return the version of the layout of tables and rows.
#[no_mangle]
pub extern "C" fn ruletag_layout() -> u32 {
    LAYOUT
}

/// Build the spellings of the entries: four sections in one block, each aligned to 8 bytes; null on failure.
///
/// The sizes of the sections in bytes are written to `sizes`. Free the block with `ruletag_free_block`.
///
/// # Safety
/// `entries` and `lowers` are sections as `Tables` requires them; `sizes` has room for four numbers.
#[no_mangle]
pub unsafe extern "C" fn ruletag_build(entries: Section, lowers: Section, sizes: *mut usize) -> *mut u64 {
    keep_quiet();
    let built = catch_unwind(|| block(&build(Rows(entries.numbers()), lowers.bytes())));
    match built {
        Ok((block, section_sizes)) => {
            std::ptr::copy_nonoverlapping(section_sizes.as_ptr(), sizes, section_sizes.len());
            Box::into_raw(block.into_boxed_slice()).cast()
        }
        Err(_) => null_mut(),
    }
}

fn block(built: &Built) -> (Vec<u64>, [usize; 4]) {
    let pairs = |numbers: &[u32]| -> Vec<u64> {
        let pair = |halves: &[u32]| u64::from(halves[0]) | u64::from(*halves.get(1).unwrap_or(&0)) << 32;
        numbers.chunks(2).map(pair).collect()
    };
    let mut extra = built.extra.clone();
    extra.resize((extra.len() + 7) / 8 * 8, 0);
    let sizes = [built.keys.len() * 8, built.slots.len() * 4, built.spelt.len() * 4, extra.len()];
    let mut block = built.keys.clone();
    block.extend(pairs(&built.slots));
    block.extend(pairs(&built.spelt));
    block.extend(extra.chunks(8).map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes"))));
    (block, sizes)
}

/// Build the section `common` from words in lower folding, one per line; null on failure.
///
/// Its size in bytes is written to `count`. Free the block with `ruletag_free_block`.
///
/// # Safety
/// `words` is a section; `count` has room for a number.
#[no_mangle]
pub unsafe extern "C" fn ruletag_hashes(words: Section, count: *mut usize) -> *mut u64 {
    keep_quiet();
    let hashed = catch_unwind(|| {
        let mut hashes: Vec<u64> = words.bytes().split(|&byte| byte == b'\n').map(hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    });
    match hashed {
        Ok(hashes) => {
            *count = hashes.len() * 8;
            Box::into_raw(hashes.into_boxed_slice()).cast()
        }
        Err(_) => null_mut(),
    }
}

/// Silence the panic hook: a failure is reported to Python by the return value alone.
fn keep_quiet() {
    std::panic::set_hook(Box::new(|_| {}));
}

/// Free a block of `ruletag_build` or `ruletag_hashes`, given its size in bytes.
///
/// # Safety
/// The block came from one of these functions with this size, and is freed only once.
#[no_mangle]
pub unsafe extern "C" fn ruletag_free_block(block: *mut u64, size: usize) {
    drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(block, size / 8)));
}

/// Open an engine over tables; null if they are invalid, or their sizes differ from the counts in `names`.
///
/// # Safety
/// `sections` points to `count` sections, in the order of `ruletag/core/library.py`, which outlive the engine.
#[no_mangle]
pub unsafe extern "C" fn ruletag_open(sections: *const Section, count: usize, names: Names) -> *mut Engine {
    keep_quiet();
    let sections = from_raw_parts(sections, count);
    let opened = catch_unwind(|| {
        let tables = tables(sections);
        check(&tables, names);
        Box::new(Engine::new(tables))
    });
    opened.map_or(null_mut(), Box::into_raw)
}

fn tables(sections: &[Section]) -> Tables {
    let [cased, lower, upper, base, flags, entries, texts, lowers, keys, slots, spelt, extra, atoms, literals, literal_lowers, steps, tries, rules, prefixed, looking, prefixes, vetoes, common, announcing, heads, heads_per, heads_loc, heads_org, heads_misc, pulled, pulled_linked, settings] =
        *<&[Section; 32]>::try_from(sections).expect("all sections");
    Tables {
        chars: Chars {
            cased: cased.bytes(),
            lower: lower.numbers(),
            upper: upper.numbers(),
            base: base.numbers(),
            flags: flags.bytes(),
        },
        entries: Rows(entries.numbers()),
        texts: texts.numbers(),
        lowers: lowers.bytes(),
        spellings: Spellings {
            keys: keys.long_numbers(),
            slots: Rows(slots.numbers()),
            spelt: Rows(spelt.numbers()),
            extra: extra.bytes(),
        },
        atoms: Rows(atoms.numbers()),
        literals: literals.numbers(),
        literal_lowers: literal_lowers.bytes(),
        steps: Rows(steps.numbers()),
        tries: Rows(tries.numbers()),
        rules: Rows(rules.numbers()),
        prefixed: prefixed.numbers(),
        looking: looking.numbers(),
        common: common.long_numbers(),
        announcing: announcing.bytes(),
        heads: heads.bytes(),
        labelled: [heads_per.bytes(), heads_loc.bytes(), heads_org.bytes(), heads_misc.bytes()],
        pulled: pulled.bytes(),
        pulled_linked: pulled_linked.bytes(),
        particle: settings.numbers()[0],
        guess: settings.numbers()[1] as i32,
        vetoed: settings.numbers()[2],
        vetoes: Rows(vetoes.numbers()),
        prefixes: prefixes.bytes(),
    }
}

/// Open a copy of an engine without some entries and vetoes, given as bit sets; null on failure.
///
/// # Safety
/// The engine is open. The memory of its sections outlives the new engine too, which is closed separately.
#[no_mangle]
pub unsafe extern "C" fn ruletag_without(
    engine: *const Engine,
    entries: Section,
    vetoes: Section,
) -> *mut Engine {
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let [entries, vetoes] = [entries, vetoes].map(|set| set.long_numbers().to_vec());
        Box::new((*engine).without(Disabled { entries, vetoes }))
    }));
    opened.map_or(null_mut(), Box::into_raw)
}

/// Close an engine.
///
/// # Safety
/// The engine came from `ruletag_open` or `ruletag_without`, and is closed only once.
#[no_mangle]
pub unsafe extern "C" fn ruletag_close(engine: *mut Engine) {
    drop(Box::from_raw(engine));
}

/// Decide a folded text and return its rows; null if the engine failed.
///
/// How many numbers the rows have is written to `count`. Free them with `ruletag_free_rows`.
///
/// # Safety
/// The engine is open; `plain` has `length` code points, `cased` has `length` bytes; `count` has room for a number.
#[no_mangle]
pub unsafe extern "C" fn ruletag_decide(
    engine: *const Engine,
    plain: *const u32,
    cased: *const u8,
    length: usize,
    flags: u32,
    count: *mut usize,
) -> *mut u32 {
    call(engine, Engine::decide, plain, cased, length, flags, count)
}

/// Like `ruletag_decide`, for an unfolded text; null and a count of 0 if Python has to fold it first.
///
/// # Safety
/// As for `ruletag_decide`.
#[no_mangle]
pub unsafe extern "C" fn ruletag_decide_text(
    engine: *const Engine,
    plain: *const u32,
    length: usize,
    flags: u32,
    count: *mut usize,
) -> *mut u32 {
    call(engine, Engine::decide_text, plain, plain.cast(), length, flags, count)
}

/// Fold a text: the dropped spaces and the cased view, four bytes per number; otherwise like `ruletag_decide_text`.
///
/// # Safety
/// As for `ruletag_decide`.
#[no_mangle]
pub unsafe extern "C" fn ruletag_fold(
    engine: *const Engine,
    plain: *const u32,
    length: usize,
    flags: u32,
    count: *mut usize,
) -> *mut u32 {
    call(engine, Engine::fold, plain, plain.cast(), length, flags, count)
}

/// Return the hits of a text, three numbers each; otherwise like `ruletag_decide`.
///
/// # Safety
/// As for `ruletag_decide`.
#[no_mangle]
pub unsafe extern "C" fn ruletag_hits(
    engine: *const Engine,
    plain: *const u32,
    cased: *const u8,
    length: usize,
    flags: u32,
    count: *mut usize,
) -> *mut u32 {
    call(engine, Engine::hits, plain, cased, length, flags, count)
}

/// Return the tokens of a text with their shapes, three numbers each; otherwise like `ruletag_decide`.
///
/// # Safety
/// As for `ruletag_decide`.
#[no_mangle]
pub unsafe extern "C" fn ruletag_tokens(
    engine: *const Engine,
    plain: *const u32,
    cased: *const u8,
    length: usize,
    flags: u32,
    count: *mut usize,
) -> *mut u32 {
    call(engine, Engine::tokens, plain, cased, length, flags, count)
}

/// Run `work` on a text, and hand its numbers over to the caller.
///
/// # Safety
/// As for `ruletag_decide`.
unsafe fn call(
    engine: *const Engine,
    work: Work,
    plain: *const u32,
    cased: *const u8,
    length: usize,
    flags: u32,
    count: *mut usize,
) -> *mut u32 {
    // the bytes of a Python object need no alignment, but the code points read from them do
    *count = FAILED;
    if length > 0 && plain as usize % std::mem::align_of::<u32>() != 0 {
        return null_mut();
    }
    let (plain, cased) = match length {
        0 => (&[][..], &[][..]),
        _ => (from_raw_parts(plain, length), from_raw_parts(cased, length)),
    };
    match catch_unwind(AssertUnwindSafe(|| work(&*engine, plain, cased, flags))) {
        Ok(Some(rows)) => {
            *count = rows.len();
            Box::into_raw(rows.into_boxed_slice()).cast()
        }
        Ok(None) => {
            *count = 0;
            null_mut()
        }
        Err(_) => null_mut(),
    }
}

/// Free the rows that a function returned for a text.
///
/// # Safety
/// The rows came from such a function with this `count`, and are freed only once.
#[no_mangle]
pub unsafe extern "C" fn ruletag_free_rows(rows: *mut u32, count: usize) {
    drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(rows, count)));
}
