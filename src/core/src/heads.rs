//! Where a head noun of the guideline may stand, in a name or before it, so that `ruletag/heads.py` has to look.
//!
//! What is found here is more than is decided there, never less.

use crate::order::Candidate;
use crate::tables::Tables;
use crate::tokens::{is_letter, is_relational};

const MOST_WORDS: usize = 12; // that are looked at before a name

/// The words at the edges of the head nouns that the guideline decides about.
pub struct Heads {
    first: Words,
    pulled: Words, // the last words of those that it pulls in
}

impl Heads {
    pub fn new(tables: &Tables) -> Heads {
        Heads { first: Words::new(tables.heads), pulled: Words::new(tables.pulled) }
    }

    /// The numbers of the winners at which a head noun may stand.
    pub fn headed(&self, cased: &[u8], winners: &[Candidate]) -> Vec<u32> {
        let may_have = |winner: &Candidate| {
            let start = winner.start as usize;
            is_begun(&self.first, cased, start) || is_led(&self.pulled, cased, start)
        };
        (0..).zip(winners).filter(|(_, winner)| may_have(winner)).map(|(number, _)| number).collect()
    }
}

/// Words in lower case, in order.
struct Words(Vec<&'static [u8]>);

impl Words {
    fn new(words: &'static [u8]) -> Words {
        let mut each: Vec<_> = words.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).collect();
        each.sort_unstable();
        Words(each)
    }

    fn contains(&self, word: &[u8]) -> bool {
        self.0.binary_search(&word).is_ok()
    }
}

/// Whether the word at an offset is one of some.
fn is_begun(words: &Words, cased: &[u8], start: usize) -> bool {
    let rest = &cased[start..];
    if words.0.is_empty() || rest[0].is_ascii_uppercase() {
        return false;
    }
    let len = rest.iter().position(|&byte| !is_letter(byte) && byte != b'-').unwrap_or(rest.len());
    words.contains(&rest[..len])
}

/// Whether one of some words stands before an offset, with nothing but adjectives and « de la » between.
fn is_led(words: &Words, cased: &[u8], mut end: usize) -> bool {
    if words.0.is_empty() {
        return false;
    }
    for _ in 0..MOST_WORDS {
        let last = end - usize::from(end > 0 && cased[end - 1] == b' ');
        let bare = last - usize::from(last > 0 && cased[last - 1] == b'\'');
        let first = cased[..bare].iter().rposition(|&byte| !is_letter(byte) && byte != b'-').map_or(0, |at| at + 1);
        let word = &cased[first..bare];
        if bare == end || word.is_empty() {
            return false;
        }
        if words.contains(word) {
            return true;
        }
        if !matches!(word, b"de" | b"la" | b"l" | b"du" | b"des" | b"d") && !is_relational(word) {
            return false;
        }
        end = first;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(text: &str) -> bool {
        is_led(&Words::new(b"lac appel"), text.as_bytes(), text.len())
    }

    #[test]
    fn a_head_stands_before_a_name_with_what_joins_them() {
        for text in ["lac ", "le lac de la ", "l'appel d'", "au lac municipal du ", "le lac de l'"] {
            assert!(before(text), "{text}");
        }
    }

    #[test]
    fn any_other_word_between_ends_the_search() {
        for text in ["", "lac", "lac, ", "le lac vers ", "un lac-", "place de ", "Lac "] {
            assert!(!before(text), "{text}");
        }
    }
}
