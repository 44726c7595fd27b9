//! What Python calls. Pointers come in and go out here and nowhere else; no panic crosses the border.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null_mut;
use std::slice::from_raw_parts;

use crate::chars::Chars;
use crate::check::{check, Names};
use crate::engine::{Engine, Numbers, Off};
use crate::lexicon::{build, hash, Built};
use crate::tables::{Rows, Spellings, Tables};

/// Raised whenever what stands in the tables, in what order, or what comes back changes.
const LAYOUT: u32 = 9;
const FAILED: usize = usize::MAX; // the count where there are no rows since something went wrong

/// A piece of memory that Python keeps as long as the engine lives: where it starts and how many bytes it has.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Section {
    start: *const u8,
    size: usize,
}

impl Section {
    fn bytes(self) -> &'static [u8] {
        self.of(1)
    }

    fn numbers(self) -> &'static [u32] {
        self.of(4)
    }

    fn long_numbers(self) -> &'static [u64] {
        self.of(8)
    }

    /// As a slice of values of some size, at which it is aligned.
    fn of<T>(self, size: usize) -> &'static [T] {
        if self.size == 0 {
            return &[];
        }
        assert!(self.size % size == 0 && self.start as usize % size == 0, "a section of whole, aligned values");
        // SAFETY: the caller keeps the memory, unchanged, while the engine lives; any bits are a number.
        unsafe { from_raw_parts(self.start.cast(), self.size / size) }
    }
}

#[no_mangle]
pub extern "C" fn ruletag_layout() -> u32 {
    LAYOUT
}

/// The spellings of the entries: four sections in one block, each 8-byte aligned, whose sizes are written to `sizes`.
///
/// # Safety
/// `entries` and `lowers` are sections as `Tables` wants them; `sizes` has room for four numbers.
#[no_mangle]
pub unsafe extern "C" fn ruletag_build(entries: Section, lowers: Section, sizes: *mut usize) -> *mut u64 {
    keep_quiet();
    let built = catch_unwind(|| block(&build(Rows(entries.numbers()), lowers.bytes())));
    match built {
        Ok((block, found)) => {
            std::ptr::copy_nonoverlapping(found.as_ptr(), sizes, found.len());
            Box::into_raw(block.into_boxed_slice()).cast()
        }
        Err(_) => null_mut(),
    }
}

fn block(built: &Built) -> (Vec<u64>, [usize; 4]) {
    let pairs = |numbers: &[u32]| -> Vec<u64> {
        let pair = |two: &[u32]| u64::from(two[0]) | u64::from(*two.get(1).unwrap_or(&0)) << 32;
        numbers.chunks(2).map(pair).collect()
    };
    let mut extra = built.extra.clone();
    extra.resize((extra.len() + 7) / 8 * 8, 0);
    let sizes = [built.keys.len() * 8, built.slots.len() * 4, built.spelt.len() * 4, extra.len()];
    let mut block = built.keys.clone();
    block.extend(pairs(&built.slots));
    block.extend(pairs(&built.spelt));
    block.extend(extra.chunks(8).map(|eight| u64::from_le_bytes(eight.try_into().expect("eight bytes"))));
    (block, sizes)
}

/// The section `common` of some words in lower folding, one a line; its size in bytes is written to `count`.
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

/// Python is told of a panic by what comes back, and nobody else is.
fn keep_quiet() {
    std::panic::set_hook(Box::new(|_| {}));
}

/// Give back a block of `ruletag_build` or `ruletag_hashes`, with its size in bytes.
///
/// # Safety
/// The block came from one of these, and is given back once.
#[no_mangle]
pub unsafe extern "C" fn ruletag_free_block(block: *mut u64, size: usize) {
    drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(block, size / 8)));
}

/// An engine over tables; null where they are not what they should be, or number more than Python has names for.
///
/// # Safety
/// `sections` are `count`, in the order of `ruletag/core/library.py`, and outlive the engine.
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
        chars: Chars { cased: cased.bytes(), lower: lower.numbers(), upper: upper.numbers(), base: base.numbers(), flags: flags.bytes() },
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

/// The engine without some entries and vetoes, given as sets of a bit each; null where something went wrong.
///
/// # Safety
/// The engine is open; what its sections are of outlives the new one too, which is closed by itself.
#[no_mangle]
pub unsafe extern "C" fn ruletag_without(
    engine: *const Engine,
    entries: Section,
    vetoes: Section,
) -> *mut Engine {
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let [entries, vetoes] = [entries, vetoes].map(|set| set.long_numbers().to_vec());
        Box::new((*engine).without(Off { entries, vetoes }))
    }));
    opened.map_or(null_mut(), Box::into_raw)
}

/// # Safety
/// The engine came from `ruletag_open` or `ruletag_without` and is closed once.
#[no_mangle]
pub unsafe extern "C" fn ruletag_close(engine: *mut Engine) {
    drop(Box::from_raw(engine));
}

/// The rows of a text, and how many numbers they are; null where the engine could not do it.
///
/// # Safety
/// The engine is open; `plain` and `cased` have `length` code points and bytes; `count` has room for a number.
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

/// As `ruletag_decide`, for a text as it came: null, and no count, where it has to be folded first.
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

/// The cased view of a text as it came, four bytes a number; otherwise as `ruletag_decide_text`.
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

/// The hits of a text, three numbers each; otherwise as `ruletag_decide`.
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

/// The tokens of a text with their shapes, three numbers each; otherwise as `ruletag_decide`.
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

unsafe fn call(
    engine: *const Engine,
    work: Numbers,
    plain: *const u32,
    cased: *const u8,
    length: usize,
    flags: u32,
    count: *mut usize,
) -> *mut u32 {
    // the bytes of a Python string may stand anywhere, but numbers stand where they can be read at once
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

/// Give back what a call gave for a text.
///
/// # Safety
/// The numbers came from there, `count` numbers of them, and are given back once.
#[no_mangle]
pub unsafe extern "C" fn ruletag_free_rows(rows: *mut u32, count: usize) {
    drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(rows, count)));
}
