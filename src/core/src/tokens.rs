//! Tokens and their shapes, as in `ruletag/tokens.py`.

pub const BREAK: u8 = 0x90;
const JOINTS: usize = 64;

const CAP: u32 = 1;
const UPPER: u32 = 1 << 1;
const LOWER: u32 = 1 << 2;
const RELATIONAL: u32 = 1 << 3;
const ACRONYM: u32 = 1 << 4;
const ROMAN: u32 = 1 << 5;
const ORDINAL: u32 = 1 << 6;
const NUMBER: u32 = 1 << 7;
const INITIAL: u32 = 1 << 8;
const WORD: u32 = 1 << 9;
const QUOTE: u32 = 1 << 10;

const LETTERS: u8 = 1; // classes of bytes, as bits
const DIGITS: u8 = 2;
const UNDERSCORES: u8 = 4;
const CAPITALS: u8 = 8;
const SMALLS: u8 = 16;
const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' | 0x8c | 0xc6 => LETTERS | CAPITALS,
            b'a'..=b'z' | 0x9c | 0xe6 => LETTERS | SMALLS,
            0x8d | 0xdf => LETTERS,
            b'0'..=b'9' => DIGITS,
            b'_' => UNDERSCORES,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

fn is(byte: u8, classes: u8) -> bool {
    CLASSES[byte as usize] & classes != 0
}

pub fn is_letter(byte: u8) -> bool {
    is(byte, LETTERS)
}

/// Whether a byte is part of a word.
pub fn is_word(byte: u8) -> bool {
    is(byte, LETTERS | DIGITS | UNDERSCORES)
}

fn is_capital(byte: u8) -> bool {
    is(byte, CAPITALS)
}

pub fn is_small(byte: u8) -> bool {
    is(byte, SMALLS)
}

/// The end of the token that starts at an offset; the offset itself if a space or a paragraph end is there.
#[inline(always)]
pub fn token_end(cased: &[u8], start: usize) -> usize {
    let first = match cased.get(start) {
        Some(&byte) if byte != b' ' && byte != BREAK => byte,
        _ => return start,
    };
    if !is_word(first) {
        let is_quote = first == b'\'' && cased.get(start + 1) == Some(&b'\'');
        return start + if is_quote { 2 } else { 1 };
    }
    let end = word_part(cased, start);
    if first.is_ascii_digit() || matches!(cased.get(end), Some(b'\'' | b'-' | b'.')) {
        return joined_end(cased, start, end);
    }
    end
}

/// Like `token_end`, for a token whose first part of a word ends at `end` and may be continued.
fn joined_end(cased: &[u8], start: usize, end: usize) -> usize {
    let number_end = || if cased[start].is_ascii_digit() { number(cased, start) } else { None };
    if let Some(end) = initials(cased, start).or_else(number_end) {
        return end;
    }
    match cased.get(end) {
        Some(b'\'') if is_nasal(cased, start, end) => word(cased, word_part(cased, end + 1)),
        Some(b'\'') if is_elided(&cased[start..end]) => end + 1,
        Some(b'\'' | b'-') => word(cased, end),
        _ => end,
    }
}

fn is_initial(cased: &[u8], at: usize) -> bool {
    matches!(cased.get(at), Some(byte) if byte.is_ascii_uppercase()) && cased.get(at + 1) == Some(&b'.')
}

/// The end of `O.N.U.`, else of `J.` or `J.-P.`
fn initials(cased: &[u8], start: usize) -> Option<usize> {
    if !is_initial(cased, start) {
        return None;
    }
    let mut end = start + 2;
    if is_initial(cased, end) {
        let mut count = 1;
        while count < JOINTS && is_initial(cased, end) {
            end += 2;
            count += 1;
        }
        return Some(end);
    }
    let mut joints = 0;
    while joints < JOINTS {
        let next = end + usize::from(cased.get(end) == Some(&b'-'));
        if !is_initial(cased, next) {
            break;
        }
        end = next + 2;
        joints += 1;
    }
    Some(end)
}

fn digits(cased: &[u8], mut at: usize) -> usize {
    while matches!(cased.get(at), Some(byte) if byte.is_ascii_digit()) {
        at += 1;
    }
    at
}

/// The end of the longest `2015-2016` or `3,5` that neither a word nor a hyphen continues.
fn number(cased: &[u8], start: usize) -> Option<usize> {
    let continues = |byte: u8| is_letter(byte) || byte.is_ascii_digit() || byte == b'-';
    let goes_on = |at: usize| matches!(cased.get(at), Some(&byte) if continues(byte));
    let mut end = digits(cased, start);
    let mut best = if goes_on(end) { None } else { Some(end) };
    for _ in 0..JOINTS {
        if !matches!(cased.get(end), Some(b'.' | b',' | b'-')) {
            break;
        }
        let next = digits(cased, end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
        if !goes_on(end) {
            best = Some(end);
        }
    }
    best
}

/// Whether French elides a word, so that its apostrophe ends a token.
fn is_elided(word: &[u8]) -> bool {
    const LONG: [&[u8]; 15] = [
        b"qu", b"Qu", b"QU", b"jusqu", b"Jusqu", b"JUSQU", b"lorsqu", b"Lorsqu", b"LORSQU", b"puisqu", b"Puisqu",
        b"PUISQU", b"quoiqu", b"Quoiqu", b"QUOIQU",
    ];
    let is_short = word.len() == 1 && b"cdjlmnst".contains(&word[0].to_ascii_lowercase());
    is_short || LONG.contains(&word)
}

/// Whether the apostrophe after a part of a word is a letter of a name: N'Golo, M'Baye.
fn is_nasal(cased: &[u8], start: usize, end: usize) -> bool {
    matches!(&cased[start..end], b"M" | b"N")
        && matches!(cased.get(end + 1), Some(byte) if byte.is_ascii_uppercase())
        && matches!(cased.get(end + 2), Some(byte) if byte.is_ascii_lowercase())
}

/// Whether a word goes on after a mark: a hyphen, or the apostrophe in Floc'h and Villeneuve-d'Ascq.
fn is_joint(cased: &[u8], at: usize) -> bool {
    let next = match (cased.get(at), cased.get(at + 1)) {
        (Some(b'-'), _) => return true,
        (Some(b'\''), Some(&next)) if is_letter(next) => next,
        _ => return false,
    };
    match cased[at - 1] {
        b'c' | b'C' => matches!(next, b'h' | b'H'),
        b'd' | b'D' | b'l' | b'L' => at > 1 && cased[at - 2] == b'-',
        _ => false,
    }
}

fn word_part(cased: &[u8], mut at: usize) -> usize {
    while matches!(cased.get(at), Some(&byte) if is_word(byte)) {
        at += 1;
    }
    at
}

/// The end of a word whose first part ends at `end`: with its inner hyphens, and the apostrophe of an elided one.
fn word(cased: &[u8], mut end: usize) -> usize {
    for _ in 0..JOINTS {
        if !is_joint(cased, end) {
            break;
        }
        let next = word_part(cased, end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    let elided = cased.get(end) == Some(&b'\'') && matches!(cased.get(end + 1), Some(&byte) if is_letter(byte));
    end + usize::from(elided)
}

/// The shapes of a token, as bits.
pub fn shapes(token: &[u8]) -> u32 {
    let mut shapes = 0;
    let first = token[0];
    let word_ends = token.len() - usize::from(token.len() > 1 && token[token.len() - 1] == b'\'');
    if is_cap(token) {
        shapes |= CAP;
    }
    let is_bounded_by_capitals = token.len() > 1 && is_capital(first) && is_capital(token[token.len() - 1]);
    if is_bounded_by_capitals && token.iter().all(|&b| is_capital(b) || is_inner(b)) {
        shapes |= UPPER;
    }
    let is_low = |b: u8| is_small(b) || b == 0xdf;
    if is_low(first) && token[1..word_ends.max(1)].iter().all(|&b| is_low(b) || is_inner(b)) {
        shapes |= LOWER;
    }
    if is_relational(token) {
        shapes |= RELATIONAL;
    }
    if is_acronym(token) {
        shapes |= ACRONYM;
    }
    if is_roman(token) {
        shapes |= ROMAN;
    }
    if is_ordinal(token) {
        shapes |= ORDINAL;
    }
    if is_number(token) {
        shapes |= NUMBER;
    }
    if initials_only(token, true) {
        shapes |= INITIAL;
    }
    if is_letter(first) && token[1..word_ends.max(1)].iter().all(|&b| is_word(b) || is_inner(b)) {
        shapes |= WORD;
    }
    if matches!(token, b"\xab" | b"\xbb" | b"\"" | b"''") {
        shapes |= QUOTE;
    }
    shapes
}

/// Whether a byte may stand between the letters of a word.
fn is_inner(byte: u8) -> bool {
    matches!(byte, b'-' | b'\'')
}

fn is_cap(token: &[u8]) -> bool {
    const ARTICLES: [&[u8]; 10] =
        [b"al-", b"an-", b"ar-", b"as-", b"at-", b"el-", b"es-", b"bin-", b"ben-", b"ould-"];
    let article = ARTICLES.iter().find(|article| token.starts_with(article));
    let rest = article.map_or(token, |article| &token[article.len()..]);
    match rest.first() {
        Some(&first) if is_capital(first) => {
            rest.iter().any(|&b| is_small(b))
                && rest[1..].iter().all(|&b| is_word(b) || is_inner(b))
                && rest[rest.len() - 1] != b'\''
        }
        _ => false,
    }
}

pub fn is_relational(token: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 27] = [
        b"ique", b"iques", b"al", b"als", b"ale", b"ales", b"aux", b"el", b"els", b"elle", b"elles", b"aire", b"aires",
        b"if", b"ifs", b"ive", b"ives", b"ien", b"iens", b"ienne", b"iennes", b"iste", b"istes", b"ier", b"iers",
        b"iere", b"ieres",
    ];
    if token[0] == b'-' || !token.iter().all(|&b| is_small(b) || b == b'-') {
        return false;
    }
    ENDINGS.iter().enumerate().any(|(number, ending)| {
        if !token.ends_with(ending) || token.len() < ending.len() + 3 {
            return false;
        }
        let stem = &token[..token.len() - ending.len()];
        number < 23 || !(stem.ends_with(b"prem") || stem.ends_with(b"dern"))
    })
}

fn is_acronym(token: &[u8]) -> bool {
    let capitals = token.iter().filter(|b| b.is_ascii_uppercase()).count();
    let digits = token.iter().filter(|b| b.is_ascii_digit()).count();
    if capitals < 2 || digits > 2 {
        return false;
    }
    if token.len() >= 4 && initials_only(token, false) {
        return true;
    }
    (2..=12).contains(&token.len())
        && token[0].is_ascii_uppercase()
        && token[token.len() - 1] != b'-'
        && token.iter().all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
        && !token.windows(2).any(|pair| pair == b"--")
        && !token.iter().all(|b| matches!(b, b'I' | b'V' | b'X'))
}

/// Whether a token is only capitals with full stops; with `hyphens`, these may stand between them.
fn initials_only(token: &[u8], hyphens: bool) -> bool {
    let mut at = 0;
    while at < token.len() {
        if hyphens && at > 0 && token[at] == b'-' {
            at += 1;
        }
        if !is_initial(token, at) {
            return false;
        }
        at += 2;
    }
    true
}

fn is_roman(token: &[u8]) -> bool {
    if !matches!(token.first(), Some(b'I' | b'V' | b'X' | b'L')) {
        return false;
    }
    let tens: [&[u8]; 10] = [b"XL", b"XC", b"LXXX", b"LXX", b"LX", b"L", b"XXX", b"XX", b"X", b""];
    let ones: [&[u8]; 10] = [b"IX", b"IV", b"VIII", b"VII", b"VI", b"V", b"III", b"II", b"I", b""];
    tens.iter().any(|ten| token.starts_with(ten) && ones.iter().any(|one| &token[ten.len()..] == *one))
}

fn is_ordinal(token: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 9] = [b"er", b"re", b"e", b"es", b"eme", b"emes", b"ere", b"nd", b"nde"];
    let broken = token[0] == b'L' && matches!(token.get(1), Some(b) if b.is_ascii_lowercase());
    ENDINGS.iter().any(|ending| {
        if !token.ends_with(ending) || token.len() == ending.len() {
            return false;
        }
        let stem = &token[..token.len() - ending.len()];
        stem.iter().all(|b| b.is_ascii_digit()) || (!broken && is_roman(stem))
    })
}

fn is_number(token: &[u8]) -> bool {
    token[0].is_ascii_digit()
        && token[token.len() - 1].is_ascii_digit()
        && token.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-'))
        && !token.windows(2).any(|pair| !pair[0].is_ascii_digit() && !pair[1].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        let bytes = text.as_bytes();
        let (mut tokens, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let end = token_end(bytes, at);
            if end > at {
                tokens.push(&text[at..end]);
            }
            at = end.max(at + 1);
        }
        tokens
    }

    #[test]
    fn words_keep_their_hyphens_and_elided_words_their_apostrophe() {
        assert_eq!(tokens("l'Iran d'Aujourd'hui, Jean-Luc"), ["l'", "Iran", "d'", "Aujourd'", "hui", ",", "Jean-Luc"]);
        assert_eq!(tokens("Floc'h N'Golo N'EST X-d'Ys va-t'en"), ["Floc'h", "N'Golo", "N'", "EST", "X-d'Ys", "va-t'", "en"]);
        assert_eq!(tokens("rock 'n' roll' -- x- QU'"), ["rock", "'", "n'", "roll", "'", "-", "-", "x", "-", "QU'"]);
    }

    #[test]
    fn initials_acronyms_and_numbers_keep_their_marks() {
        assert_eq!(tokens("J.-P. Sartre, l'O.N.U. et U.R.S.S"), ["J.-P.", "Sartre", ",", "l'", "O.N.U.", "et", "U.R.S.", "S"]);
        assert_eq!(tokens("3,5 1.000.000 2021. 14e 21-Juin 5-"), ["3,5", "1.000.000", "2021", ".", "14e", "21-Juin", "5", "-"]);
    }

    #[test]
    fn no_token_has_more_than_64_joints() {
        assert_eq!(tokens(&"A.".repeat(70)).iter().map(|token| token.len()).collect::<Vec<_>>(), [128, 12]);
        assert_eq!(tokens(&"a-".repeat(70)).iter().map(|token| token.len()).max(), Some(129));
    }

    #[test]
    fn shapes_of_tokens() {
        let shaped: [(&str, u32); 12] = [
            ("Macron", CAP | WORD),
            ("OCS", UPPER | ACRONYM | WORD),
            ("O.N.U.", ACRONYM | INITIAL),
            ("XIV", UPPER | ROMAN | WORD),
            ("XXe", CAP | ORDINAL | WORD),
            ("14e", ORDINAL),
            ("3,5", NUMBER),
            ("J.", INITIAL),
            ("nationale", LOWER | RELATIONAL | WORD),
            ("premier", LOWER | WORD),
            ("l'", LOWER | WORD),
            (",", 0),
        ];
        for (token, expected) in shaped {
            assert_eq!(shapes(token.as_bytes()), expected, "{token}");
        }
    }
}
