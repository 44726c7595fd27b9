//! Where a head noun of the guideline may stand, in a name or before it, so that `ruletag/heads.py` has to look.
//!
//! What is found here is more than is decided there, never less.

use crate::order::Candidate;
use crate::tables::{Tables, LABELS};
use crate::tokens::{is_letter, is_relational, is_small};

const MOST_WORDS: usize = 12; // that are looked at before a name

/// The words of head nouns: those that they begin with, and those that the nouns end in which are pulled in. A name that
/// begins with one is as it should be where all such heads give it the label that it has.
pub struct Heads {
    first: Words,
    labelled: [Words; LABELS],
    last: Words,
    linked: Words, // with a preposition behind them
}

/// Some words in order, and how long the longest is.
struct Words {
    all: Vec<&'static [u8]>,
    longest: usize,
}

impl Heads {
    pub fn new(tables: &Tables) -> Heads {
        Heads {
            first: Words::new(tables.heads),
            labelled: tables.labelled.map(Words::new),
            last: Words::new(tables.pulled),
            linked: Words::new(tables.pulled_linked),
        }
    }

    /// The numbers of the winners at which a head noun may stand.
    pub fn near(&self, cased: &[u8], winners: &[Candidate]) -> Vec<u32> {
        let may_have = |winner: &Candidate| self.is_near(cased, winner.start as usize, winner.label as usize);
        (0..).zip(winners).filter(|(_, winner)| may_have(winner)).map(|(number, _)| number).collect()
    }

    fn is_near(&self, cased: &[u8], start: usize, label: usize) -> bool {
        let begins = || {
            let other = |at: usize| at != label && self.labelled[at].begin(&cased[start..]);
            self.first.begin(&cased[start..]) || (0..LABELS).any(other)
        };
        (is_small(cased[start]) && begins()) || self.lead(cased, start)
    }

    /// Whether a head that is pulled in stands before an offset, with nothing but adjectives and « de la » between.
    fn lead(&self, cased: &[u8], mut end: usize) -> bool {
        if self.last.all.is_empty() && self.linked.all.is_empty() {
            return false;
        }
        let mut words = &self.last;
        for _ in 0..MOST_WORDS {
            let last = end - usize::from(end > 0 && cased[end - 1] == b' ');
            let bare = last - usize::from(last > 0 && cased[last - 1] == b'\'');
            if bare == end {
                return false;
            }
            let len = cased[..bare].iter().rev().take_while(|&&byte| is_part(byte)).count();
            let word = &cased[bare - len..bare];
            if words.have(word) {
                return true;
            }
            if matches!(word, b"de" | b"la" | b"l" | b"du" | b"des" | b"d") {
                words = &self.linked;
            } else if len == 0 || !is_relational(word) {
                return false;
            }
            end = bare - len;
        }
        true
    }
}

impl Words {
    /// The words of a pool, with spaces between.
    fn new(pool: &'static [u8]) -> Words {
        let mut all: Vec<&[u8]> = pool.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).collect();
        all.sort_unstable();
        let longest = all.iter().map(|word| word.len()).max().unwrap_or(0);
        Words { all, longest }
    }

    fn have(&self, word: &[u8]) -> bool {
        self.all.binary_search(&word).is_ok()
    }

    /// Whether a text begins with one of them.
    fn begin(&self, text: &[u8]) -> bool {
        let len = text.iter().take(self.longest + 1).take_while(|&&byte| is_part(byte)).count();
        self.have(&text[..len])
    }
}

/// A byte of a word, the hyphens in it among them.
fn is_part(byte: u8) -> bool {
    is_letter(byte) || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(text: &str) -> bool {
        let tables = Tables { pulled: b"lac rue", pulled_linked: b"lac appel", ..Tables::none() };
        Heads::new(&tables).lead(text.as_bytes(), text.len())
    }

    #[test]
    fn a_head_stands_before_a_name_with_what_joins_them() {
        for text in ["lac ", "le lac de la ", "l'appel d'", "au lac municipal du ", "le lac de l'"] {
            assert!(before(text), "{text}");
        }
    }

    #[test]
    fn a_name_begins_with_a_whole_word() {
        let words = Words::new(b"cour lac");
        let begun = |texts: &[&str]| texts.iter().filter(|text| words.begin(text.as_bytes())).count();
        assert_eq!((begun(&["lac Tavert", "lac", "cour d'appel"]), begun(&["lacs", "la", "", "cour-lac"])), (3, 0));
    }

    #[test]
    fn any_other_word_between_ends_the_search() {
        for text in ["", "lac", "lac, ", "le lac vers ", "un lac-", "place de ", "Lac ", "la rue de ", "l'appel "] {
            assert!(!before(text), "{text}");
        }
    }
}
