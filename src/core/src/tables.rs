//! The knowledge as flat arrays, mapped or borrowed; `ruletag/tables.py` makes them.

use crate::chars::Chars;

pub const LABELS: usize = 4;
pub const NONE: u32 = u32::MAX;

/// A table: rows of `N` numbers.
#[derive(Clone, Copy)]
pub struct Rows<const N: usize>(pub &'static [u32]);

impl<const N: usize> Rows<N> {
    pub fn len(&self) -> usize {
        self.0.len() / N
    }

    pub fn row(&self, number: usize) -> &'static [u32; N] {
        self.0[number * N..][..N].try_into().expect("rows of N numbers")
    }
}

/// Entries: columns of the section `entries`.
pub mod entry {
    pub const TEXT: usize = 0; // the start of its folded spelling in `texts` and `lowers`
    pub const LEN: usize = 1;
    pub const KEY: usize = 2; // of its label or class; labels come first
    pub const FLAGS: usize = 3;
    pub const PATH: usize = 4; // these three order its source
    pub const LINE: usize = 5;
    pub const NAME: usize = 6;
    pub const TAIL: usize = 7; // orders entries of one source
    pub const SURNAME: usize = 8; // the start of its family name in `texts`; NONE if it has none
    pub const SURNAME_LEN: usize = 9;
    pub const WIDTH: usize = 10;

    pub const AMBIGUOUS: u32 = 1;
    pub const FLEXIBLE: u32 = 2;
}

/// What atoms match: columns of the section `atoms`.
pub mod atom {
    pub const KIND: usize = 0;
    pub const VALUE: usize = 1; // a class or label
    pub const SHAPE: usize = 2;
    pub const TEXT: usize = 3; // of a literal, in `literals` and `literal_lowers`
    pub const LEN: usize = 4;
    pub const WIDTH: usize = 5;

    pub const SHAPED: u32 = 0;
    pub const EXACT: u32 = 2; // 1 is a folded word
    pub const CLASS: u32 = 3;
    pub const ENTITY: u32 = 4;
}

/// Instructions of programs: columns of the section `steps`.
pub mod step {
    pub const OP: usize = 0;
    pub const FIRST: usize = 1; // an atom, a mark, or the step to go to
    pub const SECOND: usize = 2;
    pub const WIDTH: usize = 3;

    pub const ATOM: u32 = 0;
    pub const ABSENT: u32 = 1;
    pub const SPLIT: u32 = 2;
    pub const MARK: u32 = 3;
    pub const JUMP: u32 = 4;
}

/// Ways to start rules: columns of the section `tries`.
pub mod trial {
    pub const STAGE: usize = 0; // its number in order
    pub const RULE: usize = 1;
    pub const LABEL: usize = 2;
    pub const ANCHOR: usize = 3; // an atom
    pub const NAME: usize = 4; // orders anchors by their names
    pub const RIGHT: usize = 5; // these four are the starts of programs in `steps`
    pub const LEFT: usize = 6;
    pub const BEFORE: usize = 7; // NONE if there is none, as for AFTER
    pub const AFTER: usize = 8;
    pub const WIDTH: usize = 9;
}

/// Rules: columns of the section `rules`.
pub mod rule {
    pub const PRIORITY: usize = 0; // an i32
    pub const PATH: usize = 1;
    pub const LINE: usize = 2;
    pub const NAME: usize = 3;
    pub const WIDTH: usize = 4;
}

/// Vetoes: columns of the section `vetoes`, in the order of entries.
pub mod veto {
    pub const ENTRY: usize = 0; // the entry with the vetoed surface
    pub const LABEL: usize = 1; // NONE for all labels
    pub const BEFORE: usize = 2; // these two are the starts of programs in `steps`; NONE if there is none
    pub const AFTER: usize = 3;
    pub const WIDTH: usize = 4;
}

/// The spellings of entries by their words, as `lexicon::build` makes them.
#[derive(Clone, Copy)]
pub struct Spellings {
    pub keys: &'static [u64],
    pub slots: Rows<2>,
    pub spelt: Rows<4>,
    pub extra: &'static [u8],
}

#[derive(Clone, Copy)]
pub struct Tables {
    pub chars: Chars,
    pub entries: Rows<{ entry::WIDTH }>,
    pub texts: &'static [u32],
    pub lowers: &'static [u8],
    pub spellings: Spellings,
    pub atoms: Rows<{ atom::WIDTH }>,
    pub literals: &'static [u32],
    pub literal_lowers: &'static [u8],
    pub steps: Rows<{ step::WIDTH }>,
    pub tries: Rows<{ trial::WIDTH }>,
    pub rules: Rows<{ rule::WIDTH }>,
    pub prefixed: &'static [u32], // by key: the key of its prefixes
    pub looking: &'static [u32],  // by stage: whether a rule asks for entities
    pub vetoes: Rows<{ veto::WIDTH }>,
    pub vetoed: u32,               // the key of vetoed surfaces
    pub particle: u32,             // the key of particles
    pub common: &'static [u64],    // sorted hashes of the words of the language
    pub announcing: &'static [u8], // words before a name of something else, separated by spaces, as are all that follow
    pub heads: &'static [u8],      // the first words of head nouns that are cut off, or give different labels
    pub labelled: [&'static [u8]; LABELS], // by label: the first words of heads that all give it
    pub pulled: &'static [u8],     // the last words of heads that are pulled in without a preposition after them
    pub pulled_linked: &'static [u8], // the last words of heads that are pulled in with one
    pub guess: i32,                // the highest priority of a guess, which teaches nothing if found once
    pub prefixes: &'static [u8],   // words before a hyphen that leave a name a name, each followed by a space
}

#[cfg(test)]
impl Tables {
    /// Tables with nothing in them.
    pub fn none() -> Tables {
        Tables {
            chars: Chars { cased: &[], lower: &[], upper: &[], base: &[], flags: &[] },
            entries: Rows(&[]),
            texts: &[],
            lowers: &[],
            spellings: Spellings { keys: &[0], slots: Rows(&[0, 0]), spelt: Rows(&[]), extra: &[] },
            atoms: Rows(&[]),
            literals: &[],
            literal_lowers: &[],
            steps: Rows(&[]),
            tries: Rows(&[]),
            rules: Rows(&[]),
            prefixed: &[],
            looking: &[],
            particle: NONE,
            vetoed: NONE,
            vetoes: Rows(&[]),
            common: &[],
            announcing: &[],
            heads: &[],
            labelled: [&[]; LABELS],
            pulled: &[],
            pulled_linked: &[],
            guess: i32::MIN,
            prefixes: &[],
        }
    }
}
