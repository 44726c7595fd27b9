//! Properties of characters, as tables that Python made: lower case, base letter, kind.

const ALNUM: u8 = 1;
const UPPER: u8 = 2;
const LOWER: u8 = 4;
const TITLE: u8 = 8;
const LINE_END: u8 = 16;
const OPENING: u8 = 32;
const SENTENCE_END: u8 = 64;

/// Tables by code point. Characters beyond them have neither case nor accent, and count as letters or digits.
#[derive(Clone, Copy)]
pub struct Chars {
    pub cased: &'static [u8], // the folding of each character on its own
    pub lower: &'static [u32],
    pub upper: &'static [u32],
    pub base: &'static [u32],
    pub flags: &'static [u8],
}

impl Chars {
    fn flag(&self, char: u32, flag: u8) -> bool {
        self.flags.get(char as usize).map_or(false, |flags| flags & flag != 0)
    }

    /// The lower-case character; a number that is no character if there are several.
    pub fn lower(&self, char: u32) -> u32 {
        self.lower.get(char as usize).copied().unwrap_or(char)
    }

    /// The upper-case character; a number that is no character if there are several.
    pub fn upper(&self, char: u32) -> u32 {
        self.upper.get(char as usize).copied().unwrap_or(char)
    }

    /// The letter without its accent.
    pub fn base(&self, char: u32) -> u32 {
        self.base.get(char as usize).copied().unwrap_or(char)
    }

    pub fn is_alnum(&self, char: u32) -> bool {
        self.flag(char, ALNUM) || char as usize >= self.flags.len()
    }

    pub fn is_upper(&self, char: u32) -> bool {
        self.flag(char, UPPER)
    }

    pub fn is_lower(&self, char: u32) -> bool {
        self.flag(char, LOWER)
    }

    /// Whether the character is a letter that has a case.
    pub fn is_cased(&self, char: u32) -> bool {
        self.flag(char, ALNUM) && self.flag(char, UPPER | LOWER)
    }

    pub fn is_line_end(&self, char: u32) -> bool {
        self.flag(char, LINE_END)
    }

    /// Whether the character may stand between the beginning of a sentence and its first word.
    pub fn is_opening(&self, char: u32) -> bool {
        self.flag(char, OPENING)
    }

    pub fn ends_sentence(&self, char: u32) -> bool {
        self.flag(char, SENTENCE_END)
    }

    /// Like `str.isupper` in Python.
    pub fn all_upper(&self, text: &[u32]) -> bool {
        let mut cased = false;
        for &char in text {
            if self.flag(char, LOWER | TITLE) {
                return false;
            }
            cased |= self.is_upper(char);
        }
        cased
    }
}
