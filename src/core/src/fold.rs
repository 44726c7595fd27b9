//! The folding of a text that needs nothing but its characters folded, one by one; others are folded in Python.
//!
//! What is looked out for here is more than `ruletag/uneven.py` and `ruletag/fold.py` change, never less.

use crate::chars::Chars;
use crate::tokens::BREAK;

const DROPPED: u8 = 0x81;

/// The cased view of a text; false where its length, or more than single characters, may have to change.
pub fn fold(chars: Chars, text: &[u32], cased: &mut Vec<u8>) -> bool {
    cased.clear();
    cased.reserve(text.len());
    for &char in text {
        match chars.cased.get(char as usize) {
            Some(&byte) => cased.push(byte),
            None => return false,
        }
    }
    if (0..cased.len()).any(|at| is_special(cased, at)) {
        return false;
    }
    break_lines(cased);
    true
}

/// Whether something begins at a byte that is not folded character by character.
fn is_special(cased: &[u8], at: usize) -> bool {
    let next = cased.get(at + 1).copied().unwrap_or(0);
    match cased[at] {
        b' ' => matches!(next, b' ' | b'\n' | b'.'),
        b'\n' => next == b' ',
        b'-' | 0xac => next == b'\n' || next == b' ' && cased.get(at + 2) == Some(&b'\n'),
        b'\'' => next == b' ',
        b'.' => next.is_ascii_lowercase(),
        b'w' => next == b'w' && cased[at..].starts_with(b"www."),
        b':' => next == b'/',
        DROPPED | b'&' | b'@' | b'<' | b'_' => true,
        _ => false,
    }
}

/// A line end is a space; two of them are the end of a paragraph.
fn break_lines(cased: &mut [u8]) {
    let mut at = 0;
    while at < cased.len() {
        if cased[at] == b'\n' {
            if cased.get(at + 1) == Some(&b'\n') {
                cased[at] = BREAK;
                cased[at + 1] = BREAK;
                at += 1;
            } else {
                cased[at] = b' ';
            }
        }
        at += 1;
    }
}
