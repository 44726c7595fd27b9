//! Folding of texts whose characters can be folded one by one; all others are folded in Python.
//!
//! The signs that send a text to Python cover everything that `ruletag/uneven.py` and `ruletag/fold.py` change, and
//! more. One exception is changed here, since the press has it often: the space after an elided word, as in `d' Alger`.

use crate::chars::Chars;
use crate::tokens::BREAK;

const DROPPED: u8 = 0x81;
const LONGEST_ENTITY: usize = 10; // bytes of an HTML entity, from `&` to `;`
const FILE_SUFFIXES: [&[u8]; 21] = [
    b"pdf", b"doc", b"xls", b"ppt", b"od", b"txt", b"csv", b"tsv", b"json", b"xml", b"htm", b"jp", b"png", b"gif",
    b"svg", b"tif", b"mp", b"avi", b"zip", b"gz", b"exe",
];

/// A folded text: its plain form, only filled if that differs from the text, and its cased view.
#[derive(Default)]
pub struct Folding {
    pub plain: Vec<u32>,
    pub cased: Vec<u8>,
    pub joined: Vec<u32>, // the offsets in the text of the apostrophes after which a space was dropped, in order
    breaks: Vec<u32>,     // the offsets of the line ends
}

/// How the character at an offset has to be folded.
enum Sign {
    Nothing, // by itself
    Elision, // without the space that follows
    Special, // by Python
}

impl Folding {
    /// Fold a text; false if anything but single characters and elisions may have to change.
    pub fn fold(&mut self, chars: Chars, text: &[u32]) -> bool {
        self.cased.clear();
        self.breaks.clear();
        self.joined.clear();
        if text.iter().copied().max().unwrap_or(0) as usize >= chars.cased.len() {
            return false;
        }
        self.cased.extend(text.iter().map(|&char| chars.cased[char as usize]));
        if has_two_spaces(&self.cased) {
            return false;
        }
        for (at, &byte) in self.cased.iter().enumerate() {
            if !MAY_BE_SIGNS[byte as usize] {
                continue;
            }
            if byte == b'\n' {
                self.breaks.push(at as u32);
            }
            match sign(chars, text, &self.cased, at) {
                Sign::Nothing => {}
                Sign::Elision => self.joined.push(at as u32),
                Sign::Special => return false,
            }
        }
        // Python treats line ends differently if there may be an HTML entity
        let ends_paragraphs = self.breaks.windows(2).any(|pair| pair[0] + 1 == pair[1]);
        if ends_paragraphs && self.cased.contains(&b'&') {
            return false;
        }
        self.break_lines();
        if !self.joined.is_empty() {
            self.join(text);
        }
        true
    }

    /// The plain form of the text that was folded.
    pub fn plain<'a>(&'a self, text: &'a [u32]) -> &'a [u32] {
        if self.joined.is_empty() {
            text
        } else {
            &self.plain
        }
    }

    /// Drop the spaces after elided words.
    fn join(&mut self, text: &[u32]) {
        self.plain.clear();
        let mut start = 0;
        for &at in &self.joined {
            self.plain.extend_from_slice(&text[start..at as usize]);
            self.plain.push(u32::from(b'\''));
            start = at as usize + 2;
        }
        self.plain.extend_from_slice(&text[start..]);
        let mut spaces = self.joined.iter().map(|&at| at as usize + 1).peekable();
        let mut at = 0;
        self.cased.retain(|_| {
            at += 1;
            spaces.next_if_eq(&(at - 1)).is_none()
        });
    }

    /// Replace line ends in the cased view by spaces, and pairs of them by paragraph ends.
    fn break_lines(&mut self) {
        let mut number = 0;
        while let Some(&at) = self.breaks.get(number) {
            let is_paragraph = self.breaks.get(number + 1) == Some(&(at + 1));
            let len = if is_paragraph { 2 } else { 1 };
            self.cased[at as usize..][..len].fill(if is_paragraph { BREAK } else { b' ' });
            number += len;
        }
    }
}

/// The bytes for which `sign` may return anything but `Nothing`.
const MAY_BE_SIGNS: [bool; 256] = {
    let mut signs = [false; 256];
    let bytes = b"\n-\xac'.w:&<\x81@_";
    let mut at = 0;
    while at < bytes.len() {
        signs[bytes[at] as usize] = true;
        at += 1;
    }
    signs
};

fn sign(chars: Chars, text: &[u32], cased: &[u8], at: usize) -> Sign {
    let next = cased.get(at + 1).copied().unwrap_or(0);
    let previous = if at > 0 { cased[at - 1] } else { 0 };
    let is_special = match cased[at] {
        b'\n' => next == b' ' || previous == b' ',
        b'-' | 0xac => next == b'\n' || next == b' ' && cased.get(at + 2) == Some(&b'\n'),
        b'\'' if next == b' ' => return elision(chars, text, at),
        b'.' if next == b' ' => previous == b' ' && may_be_initial(chars, text, at),
        b'.' => next.is_ascii_lowercase() && FILE_SUFFIXES.iter().any(|suffix| cased[at + 1..].starts_with(suffix)),
        b'w' => next == b'w' && cased[at..].starts_with(b"www."),
        b':' => next == b'/',
        b'&' => may_be_entity(cased, at),
        b'<' => next == b'/' || next.is_ascii_alphabetic(),
        DROPPED | b'@' | b'_' => true,
        _ => false,
    };
    if is_special {
        Sign::Special
    } else {
        Sign::Nothing
    }
}

/// Whether a full stop between spaces may belong to an initial, in a text whose tokens are separated by spaces.
fn may_be_initial(chars: Chars, text: &[u32], at: usize) -> bool {
    at > 1 && chars.is_upper(text[at - 2])
}

fn has_two_spaces(cased: &[u8]) -> bool {
    let rest = cased.get(1..).unwrap_or_default();
    let pairs = cased.iter().zip(rest).map(|(&first, &second)| first == b' ' && second == b' ');
    pairs.fold(false, |any, is_pair| any | is_pair) // without stopping early, so that it is vectorized
}

/// Whether an HTML entity may begin at a byte.
fn may_be_entity(cased: &[u8], at: usize) -> bool {
    cased[at..].iter().take(LONGEST_ENTITY).any(|&byte| byte == b';')
}

/// The sign at an apostrophe before a space; `Special` if deciding takes more than the character tables.
fn elision(chars: Chars, text: &[u32], at: usize) -> Sign {
    let char = |back: usize| at.checked_sub(back).map_or(0, |offset| text[offset]);
    let opens = |back: usize| at < back || !(chars.is_alnum(char(back)) || char(back) == u32::from(b'_'));
    let is_any = |back: usize, letters: &[u8]| letters.iter().any(|&letter| u32::from(letter) == char(back));
    if matches!(char(1), 0x0a | 0x20) {
        return Sign::Special;
    }
    let is_elided = is_any(1, b"cdjlmnstCDJLMNST") && opens(2) || is_any(1, b"u") && is_any(2, b"qQ") && opens(3);
    match text.get(at + 2) {
        Some(&next) if is_elided && matches!(text[at], 0x27 | 0x2019) && text[at + 1] == 0x20 => match () {
            _ if chars.is_cased(next) => Sign::Elision,
            _ if next < 0x80 || !chars.is_alnum(next) => Sign::Nothing,
            _ => Sign::Special, // a letter without case, or a digit, beyond ASCII
        },
        _ => Sign::Nothing,
    }
}
