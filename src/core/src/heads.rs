//! Where a head noun of the guideline may stand, in a name or before it, so that `ruletag/heads.py` has to look.
//!
//! What is found here is more than is decided there, never less.

use crate::order::Candidate;
use crate::tables::Tables;
use crate::tokens::{is_letter, is_relational};

const MOST_WORDS: usize = 12; // that are looked at before a name

/// The numbers of the winners at which a head noun may stand.
pub fn headed(tables: &Tables, cased: &[u8], winners: &[Candidate]) -> Vec<u32> {
    let begins = |start: usize| !tables.heads.is_empty() && is_begun(tables.heads, cased, start);
    let follows = |start: usize| !tables.pulled.is_empty() && is_led(tables.pulled, cased, start);
    let may_have = |winner: &Candidate| begins(winner.start as usize) || follows(winner.start as usize);
    (0..).zip(winners).filter(|(_, winner)| may_have(winner)).map(|(number, _)| number).collect()
}

/// Whether the word at an offset is one of some.
fn is_begun(words: &[u8], cased: &[u8], start: usize) -> bool {
    let rest = &cased[start..];
    let len = rest.iter().position(|&byte| !is_letter(byte) && byte != b'-').unwrap_or(rest.len());
    is_one(words, &rest[..len])
}

/// Whether one of some words stands before an offset, with nothing but adjectives and « de la » between.
fn is_led(words: &[u8], cased: &[u8], mut end: usize) -> bool {
    for _ in 0..MOST_WORDS {
        let last = end - usize::from(end > 0 && cased[end - 1] == b' ');
        let bare = last - usize::from(last > 0 && cased[last - 1] == b'\'');
        let first = cased[..bare].iter().rposition(|&byte| !is_letter(byte) && byte != b'-').map_or(0, |at| at + 1);
        let word = &cased[first..bare];
        if bare == end || word.is_empty() {
            return false;
        }
        if is_one(words, word) {
            return true;
        }
        if !matches!(word, b"de" | b"la" | b"l" | b"du" | b"des" | b"d") && !is_relational(word) {
            return false;
        }
        end = first;
    }
    true
}

fn is_one(words: &[u8], word: &[u8]) -> bool {
    words.split(|&byte| byte == b' ').any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(text: &str) -> bool {
        is_led(b"lac appel", text.as_bytes(), text.len())
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
