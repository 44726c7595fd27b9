//! A prefilter for head nouns of the guideline: the names in or before which `ruletag/heads.py` may find one.
//!
//! It may report names where that module then finds nothing, but it never misses one.

use crate::lexicon::Folded;
use crate::order::Candidate;
use crate::tables::{Tables, LABELS};
use crate::tokens::{is_letter, is_relational, is_small};

const MOST_WORDS: usize = 12; // examined before a name
const OTHER: u8 = 0x8d; // a letter or digit of another script: only Python knows whether it belongs to a word

/// The first words of all head nouns, and the last words of those that are pulled into a name.
///
/// A name that begins with a head needs no look if all heads with this first word give the label that it already has.
pub struct Heads {
    first: Words,              // of heads that are cut off, or give different labels
    labelled: [Words; LABELS], // by label: of heads that all give it
    last: Words,
    linked: Words, // those that need a preposition after them
}

/// A sorted set of words.
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

    /// The numbers of the winners that may have a head noun in or before them.
    pub fn near(&self, folded: Folded, winners: &[Candidate]) -> Vec<u32> {
        let may_have_head = |winner: &Candidate| self.is_near(folded, winner.start as usize, winner.label as usize);
        (0..).zip(winners).filter(|(_, winner)| may_have_head(winner)).map(|(number, _)| number).collect()
    }

    fn is_near(&self, folded: Folded, start: usize, label: usize) -> bool {
        (is_small(folded.cased[start]) && self.begins(folded, start, label)) || self.lead(folded, start)
    }

    /// Whether a name begins with a head that may give it a label other than its own.
    fn begins(&self, folded: Folded, start: usize, label: usize) -> bool {
        let end = (start..folded.cased.len()).find(|&at| !is_part(folded, at)).unwrap_or(folded.cased.len());
        let word = &folded.cased[start..end];
        let is_of_another_label = |other: usize| other != label && self.labelled[other].contains(word);
        word.contains(&OTHER) || self.first.contains(word) || (0..LABELS).any(is_of_another_label)
    }

    /// Whether a head that is pulled in precedes an offset, with nothing but adjectives and « de la » in between.
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
            if word.contains(&OTHER) || words.contains(word) {
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
    /// The words of a pool, separated by spaces.
    fn new(pool: &'static [u8]) -> Words {
        let mut words: Vec<&[u8]> = pool.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        Words(words)
    }

    fn contains(&self, word: &[u8]) -> bool {
        self.0.binary_search(&word).is_ok()
    }
}

/// Whether the character at an offset is part of a word; of the hyphens, only the ASCII one is.
fn is_part(folded: Folded, at: usize) -> bool {
    is_letter(folded.cased[at]) || folded.plain[at] == u32::from(b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Run `work` on a text of ASCII, non-breaking hyphens and characters of other scripts.
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
