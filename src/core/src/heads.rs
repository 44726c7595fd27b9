//! Where a head noun of the guideline may stand, in a name or before it, so that `ruletag/heads.py` has to look.
//!
//! What is found here is more than is decided there, never less.

use crate::lexicon::Folded;
use crate::order::Candidate;
use crate::tables::{Tables, LABELS};
use crate::tokens::{is_letter, is_relational, is_small};

const MOST_WORDS: usize = 12; // that are looked at before a name
const OTHER: u8 = 0x8d; // a letter or digit of another script: only Python knows whether it belongs to a word

/// The words of head nouns: those that they begin with, and those that the nouns end in which are pulled in. A name that
/// begins with one is as it should be where all such heads give it the label that it has.
pub struct Heads {
    first: Words,
    labelled: [Words; LABELS],
    last: Words,
    linked: Words, // with a preposition behind them
}

/// Some words, in order.
struct Words(Vec<&'static [u8]>);

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
    pub fn near(&self, folded: Folded, winners: &[Candidate]) -> Vec<u32> {
        let may_have = |winner: &Candidate| self.is_near(folded, winner.start as usize, winner.label as usize);
        (0..).zip(winners).filter(|(_, winner)| may_have(winner)).map(|(number, _)| number).collect()
    }

    fn is_near(&self, folded: Folded, start: usize, label: usize) -> bool {
        (is_small(folded.cased[start]) && self.begins(folded, start, label)) || self.lead(folded, start)
    }

    /// Whether a name begins with a head that does not give it the label that it has.
    fn begins(&self, folded: Folded, start: usize, label: usize) -> bool {
        let end = (start..folded.cased.len()).find(|&at| !is_part(folded, at)).unwrap_or(folded.cased.len());
        let word = &folded.cased[start..end];
        word.contains(&OTHER) || self.first.have(word) || (0..LABELS).any(|at| at != label && self.labelled[at].have(word))
    }

    /// Whether a head that is pulled in stands before an offset, with nothing but adjectives and « de la » between.
    fn lead(&self, folded: Folded, mut end: usize) -> bool {
        if self.last.0.is_empty() && self.linked.0.is_empty() {
            return false;
        }
        let cased = folded.cased;
        let mut words = &self.last;
        for _ in 0..MOST_WORDS {
            let last = end - usize::from(end > 0 && cased[end - 1] == b' ');
            let bare = last - usize::from(last > 0 && cased[last - 1] == b'\'');
            if bare == end {
                return false;
            }
            let first = (0..bare).rev().find(|&at| !is_part(folded, at)).map_or(0, |at| at + 1);
            let word = &cased[first..bare];
            if word.contains(&OTHER) || words.have(word) {
                return true;
            }
            if matches!(word, b"de" | b"la" | b"l" | b"du" | b"des" | b"d") {
                words = &self.linked;
            } else if word.is_empty() || !is_relational(word) {
                return false;
            }
            end = first;
        }
        true
    }
}

impl Words {
    /// The words of a pool, with spaces between.
    fn new(pool: &'static [u8]) -> Words {
        let mut all: Vec<&[u8]> = pool.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).collect();
        all.sort_unstable();
        Words(all)
    }

    fn have(&self, word: &[u8]) -> bool {
        self.0.binary_search(&word).is_ok()
    }
}

/// Whether what stands at an offset is part of a word; of hyphens, only the plain one is.
fn is_part(folded: Folded, at: usize) -> bool {
    is_letter(folded.cased[at]) || folded.plain[at] == u32::from(b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something that is done with a text of ASCII and other hyphens.
    fn on<T>(text: &str, work: impl Fn(&Heads, Folded) -> T) -> T {
        let tables = Tables { heads: b"cour lac", pulled: b"lac rue", pulled_linked: b"lac appel", ..Tables::none() };
        let plain: Vec<u32> = text.chars().map(u32::from).collect();
        let fold = |char: char| if char == '\u{2011}' { b'-' } else if char.is_ascii() { char as u8 } else { OTHER };
        let cased: Vec<u8> = text.chars().map(fold).collect();
        work(&Heads::new(&tables), Folded { plain: &plain, cased: &cased, lower: &cased, bytes: &[] })
    }

    fn before(text: &str) -> bool {
        on(text, |heads, folded| heads.lead(folded, folded.cased.len()))
    }

    #[test]
    fn a_head_stands_before_a_name_with_what_joins_them() {
        for text in ["lac ", "le lac de la ", "l'appel d'", "au lac municipal du ", "le lac de l'", "x\u{2011}lac "] {
            assert!(before(text), "{text}");
        }
    }

    #[test]
    fn a_name_begins_with_a_whole_word() {
        let begins = |text: &str| on(text, |heads, folded| heads.begins(folded, 0, 0));
        for text in ["lac Tavert", "lac", "cour d'appel", "lac\u{2011}Tavert"] {
            assert!(begins(text), "{text}");
        }
        for text in ["lacs", "la", "cour-lac"] {
            assert!(!begins(text), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_digit_is_left_to_python() {
        assert!(before("\u{661}lac ") && before("lac\u{661} "));
        assert!(on("lac\u{661}", |heads, folded| heads.begins(folded, 0, 0)));
    }

    #[test]
    fn any_other_word_between_ends_the_search() {
        for text in ["", "lac", "lac, ", "le lac vers ", "un lac-", "x-lac ", "place de ", "Lac ", "la rue de ", "l'appel "] {
            assert!(!before(text), "{text}");
        }
    }
}
