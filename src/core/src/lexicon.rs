//! Every gazetteer entry and word class that stands in a folded text, as in `ruletag/plain/lexicon.py`.

use std::collections::HashMap;

use crate::chars::Chars;
use crate::engine::{is_off, Off};
use crate::kinds::Kinds;
use crate::tables::{entry, Rows, Spellings, Tables, LABELS, NONE};
use crate::tokens::is_word;

const HYPHEN: u8 = b'-';
const FARTHEST_PREFIX: usize = 20;
pub const BEYOND: usize = 16; // bytes behind a text, so that many can be read at once wherever one stands
pub const MORE: u32 = 1; // some spelling goes on with another word
pub const EXTRA: u32 = 1 << 31; // the spelling is in the pool that `build` made
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// An entry at a span, with its key and whether it is ambiguous.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    pub start: u32,
    pub end: u32,
    pub entry: u32,
    pub key: u32,
    pub is_ambiguous: bool,
}

/// An entry by itself, as its hits have it.
#[derive(Clone, Copy)]
pub struct Met {
    pub entry: u32,
    pub key: u32,
    pub is_ambiguous: bool,
}

impl Met {
    pub fn of(tables: &Tables, entry: u32) -> Met {
        let row = tables.entries.row(entry as usize);
        Met { entry, key: row[entry::KEY], is_ambiguous: row[entry::FLAGS] & entry::AMBIGUOUS != 0 }
    }

    pub fn at(self, start: u32, end: u32) -> Hit {
        Hit { start, end, entry: self.entry, key: self.key, is_ambiguous: self.is_ambiguous }
    }
}

/// A word of a text: where it starts and ends, and its kind.
#[derive(Clone, Copy)]
pub struct Word {
    pub hash: u64,
    pub start: u32,
    pub end: u32,
    pub kind: u32,
}

/// The spans of the words of a lower view.
pub fn words(lower: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < lower.len() && !is_word(lower[at]) {
            at += 1;
        }
        let start = at;
        while at < lower.len() && is_word(lower[at]) {
            at += 1;
        }
        if start < at {
            Some((start, at))
        } else {
            None
        }
    })
}

/// A number that a piece of text shares with hardly any other.
pub fn hash(lower: &[u8]) -> u64 {
    lower.iter().fold(SEED, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The number of a word; none where a text is no word.
pub fn word_hash(lower: &[u8]) -> Option<u64> {
    if lower.iter().all(|&byte| is_word(byte)) {
        Some(hash(lower))
    } else {
        None
    }
}

/// The rows of words with which a spelling begins, from its first word on, and how many marks stand before that.
pub fn rows_of(lower: &[u8]) -> (Vec<u64>, u32) {
    let mut rows = Vec::new();
    let mut row = 0;
    let mut lead = 0;
    for (start, end) in words(lower) {
        if rows.is_empty() {
            lead = start as u32;
        }
        row = with_word(row, word_hash(&lower[start..end]).unwrap_or(SEED));
        rows.push(row);
    }
    (rows, lead)
}

/// The number of a row of words, from that of the row without its last word.
pub fn with_word(row: u64, word: u64) -> u64 {
    let mixed = (row.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29) | 1 // never 0, which is an empty slot
}

/// A slot for each row of words with which a spelling begins, and behind each row the spellings that it is.
pub struct Built {
    pub keys: Vec<u64>,
    pub slots: Vec<u32>,
    pub spelt: Vec<u32>,
    pub extra: Vec<u8>,
}

/// The spellings of entries, ready to be looked up.
pub fn build(entries: Rows<{ entry::WIDTH }>, lowers: &[u8]) -> Built {
    let mut extra: Vec<u8> = Vec::new();
    let mut rows: Vec<(u64, u32, u32, u32, u32)> = Vec::with_capacity(entries.len()); // row, entry, place, length, lead
    let mut beginnings: Vec<u64> = Vec::new();
    for number in 0..entries.len() {
        let row = entries.row(number);
        let (start, len) = (row[entry::TEXT] as usize, row[entry::LEN] as usize);
        let lower = &lowers[start..start + len];
        let mut add = |spelling: &[u8], place: u32| {
            let (mut begins, lead) = rows_of(spelling);
            if let Some(whole) = begins.pop() {
                beginnings.append(&mut begins);
                rows.push((whole, number as u32, place, spelling.len() as u32, lead));
            }
        };
        add(lower, start as u32);
        if is_ligated(lower) {
            for other in other_spellings(lower) {
                let place = EXTRA | extra.len() as u32;
                add(&other, place);
                extra.extend_from_slice(&other);
            }
        }
    }
    rows.sort_unstable();
    beginnings.sort_unstable();
    beginnings.dedup();
    table(&rows, &beginnings, extra)
}

fn table(rows: &[(u64, u32, u32, u32, u32)], beginnings: &[u64], extra: Vec<u8>) -> Built {
    let size = ((rows.len() + beginnings.len()) * 2).next_power_of_two().max(2);
    let mut built = Built { keys: vec![0; size], slots: vec![0; size * 2], spelt: Vec::new(), extra };
    for &beginning in beginnings {
        let slot = slot_of(&built.keys, beginning);
        built.keys[slot] = beginning;
        built.slots[slot * 2] = MORE;
    }
    let mut at = 0;
    while at < rows.len() {
        let first = at;
        while at < rows.len() && rows[at].0 == rows[first].0 {
            built.spelt.extend_from_slice(&[rows[at].1, rows[at].2, rows[at].3, rows[at].4]);
            at += 1;
        }
        let slot = slot_of(&built.keys, rows[first].0);
        built.keys[slot] = rows[first].0;
        built.slots[slot * 2] |= (first as u32) << 1;
        built.slots[slot * 2 + 1] = (at - first) as u32;
    }
    built
}

/// Where a key is, or where it would be.
fn slot_of(keys: &[u64], key: u64) -> usize {
    let mask = keys.len() - 1;
    let mut at = (key >> 20) as usize & mask;
    while keys[at] != 0 && keys[at] != key {
        at = (at + 1) & mask;
    }
    at
}

/// Whether a lower spelling has a ligature, or letters that may be written as one.
pub fn is_ligated(lower: &[u8]) -> bool {
    lower.iter().any(|b| matches!(b, 0x9c | 0xe6 | 0xdf))
        || lower.windows(2).any(|pair| pair == b"oe" || pair == b"ae" || pair == b"ss")
}

/// The other lower spellings of one: all ligatures apart, and all but `ß` joined.
pub fn other_spellings(lower: &[u8]) -> Vec<Vec<u8>> {
    let mut apart = Vec::new();
    for &byte in lower {
        match byte {
            0x9c => apart.extend_from_slice(b"oe"),
            0xe6 => apart.extend_from_slice(b"ae"),
            0xdf => apart.extend_from_slice(b"ss"),
            _ => apart.push(byte),
        }
    }
    let joined = joined(&joined(&apart, b"oe", 0x9c), b"ae", 0xe6);
    let mut others = vec![apart, joined];
    others.dedup();
    others.retain(|other| other != lower);
    others
}

fn joined(text: &[u8], letters: &[u8; 2], ligature: u8) -> Vec<u8> {
    let mut made = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(letters) {
            made.push(ligature);
            at += 2;
        } else {
            made.push(text[at]);
            at += 1;
        }
    }
    made
}

/// A folded text, for looking into.
#[derive(Clone, Copy)]
pub struct Folded<'a> {
    pub plain: &'a [u32],
    pub cased: &'a [u8],
    pub lower: &'a [u8],
    pub bytes: &'a [u8], // of the plain text: 0 for what is no byte, and `BEYOND` more of them at the end
}

/// All hits, and among them the names inside compounds; by their start, the longest first.
#[derive(Default)]
pub struct Hits {
    pub all: Vec<Hit>,
    pub inside: Vec<Hit>,
    joined: Vec<Hit>,
}

impl Hits {
    pub fn find(&mut self, known: Spelt, off: &Off, kinds: &Kinds, folded: Folded, words: &[Word], compounds: bool) {
        let Spelt { tables, filter } = known;
        self.all.clear();
        self.inside.clear();
        self.joined.clear();
        let spellings = &tables.spellings;
        let mut is_in_order = true; // by the words from which hits start
        for (number, first) in words.iter().enumerate() {
            let (kind, known) = (kinds.of(first.kind), self.all.len());
            for &met in kinds.singles(kind) {
                self.add(off, folded.lower, met.at(first.start, first.end));
            }
            let alone = self.all.len();
            if kind.is_marked {
                self.meet_all(tables, off, folded, first, kind.slot, true);
            }
            let (mut row, mut goes_on) = (with_word(0, first.hash), kind.goes_on);
            for word in &words[number + 1..] {
                if !goes_on {
                    break;
                }
                row = with_word(row, word.hash);
                let slot = if filter.may_have(row) { spellings.find(row) } else { NONE };
                goes_on = spellings.goes_on(slot);
                if slot != NONE {
                    self.meet_all(tables, off, folded, first, slot, false);
                }
            }
            if self.all.len() > alone {
                in_order(&mut self.all[known..]);
            }
            is_in_order &= known == 0 || known == self.all.len() || self.all[known - 1].start < self.all[known].start;
        }
        let alone = self.all.len();
        if !self.joined.is_empty() {
            self.add_prefixed(tables, folded.lower);
            if compounds {
                self.add_compounds(tables, folded.lower);
                self.all.extend_from_slice(&self.inside);
            }
        }
        if !is_in_order || self.all.len() > alone {
            in_order(&mut self.all);
        }
    }

    /// Add the entries behind a slot that stand in the text; of just one word, where `marked`, only those with marks.
    fn meet_all(&mut self, tables: &Tables, off: &Off, folded: Folded, first: &Word, slot: u32, marked: bool) {
        let &[start, count] = tables.spellings.slots.row(slot as usize);
        for at in start >> 1..(start >> 1) + count {
            let spelt = tables.spellings.spelt.row(at as usize);
            if !marked || is_marked(spelt, first.end - first.start) {
                self.meet(tables, off, folded, first.start, spelt);
            }
        }
    }

    fn meet(&mut self, tables: &Tables, off: &Off, folded: Folded, word: u32, spelt: &[u32; 4]) {
        let &[number, place, len, lead] = spelt;
        if word < lead || (word - lead + len) as usize > folded.lower.len() {
            return;
        }
        let (start, end) = ((word - lead) as usize, (word - lead + len) as usize);
        let spelling = spelling(tables, place, len);
        if folded.lower[start..end] != *spelling || !is_bounded(folded.lower, start, end) {
            return;
        }
        let row = tables.entries.row(number as usize);
        let text = &tables.texts[row[entry::TEXT] as usize..][..row[entry::LEN] as usize];
        let flexible = row[entry::FLAGS] & entry::FLEXIBLE != 0;
        if agrees(tables.chars, text, &folded.plain[start..end], flexible, is_ligated(spelling)) {
            self.add(off, folded.lower, Met::of(tables, number).at(start as u32, end as u32));
        }
    }

    fn add(&mut self, off: &Off, lower: &[u8], hit: Hit) {
        if is_off(&off.entries, hit.entry) {
            return;
        }
        let is_joined = is_hyphened(lower, hit.start as usize, hit.end as usize);
        (if is_joined { &mut self.joined } else { &mut self.all }).push(hit);
    }

    fn add_prefixed(&mut self, tables: &Tables, lower: &[u8]) {
        let mut starts: HashMap<(u32, u32), u32> = HashMap::new(); // of the longest prefix, by what follows it and its key
        in_order(&mut self.joined);
        for each in &self.joined {
            starts.entry((each.end + 1, each.key)).or_insert(each.start);
        }
        for each in &self.joined {
            if let Some(&start) = starts.get(&(each.start, tables.prefixed[each.key as usize])) {
                if !is_hyphened(lower, start as usize, each.end as usize) {
                    self.all.push(Hit { start, ..*each });
                }
            }
        }
    }

    fn add_compounds(&mut self, tables: &Tables, lower: &[u8]) {
        let speaks = |hit: &Hit| (hit.key as usize) < LABELS && !hit.is_ambiguous;
        let mut names: Vec<Hit> = self.joined.iter().copied().filter(speaks).collect();
        in_order(&mut names);
        let mut behind = 0;
        let mut at = 0;
        while at < names.len() {
            let start = names[at].start;
            if start >= behind && opens_compound(lower, start as usize, tables.prefixes) {
                let known = self.inside.len();
                match chain(lower, &names, at, &mut self.inside) {
                    Some(end) => behind = end,
                    None => self.inside.truncate(known),
                }
            }
            while at < names.len() && names[at].start == start {
                at += 1;
            }
        }
    }
}

/// The names from one to the end of its compound: where that ends, if no part of it is no name.
fn chain(lower: &[u8], names: &[Hit], first: usize, found: &mut Vec<Hit>) -> Option<u32> {
    let mut at = first;
    let mut start = names[first].start;
    loop {
        if names.get(at)?.start != start {
            return None;
        }
        let end = names[at].end;
        found.extend(names[at..].iter().take_while(|name| name.start == start && name.end == end));
        if !is_joined_on(lower, end as usize) {
            return Some(end);
        }
        start = end + 1;
        at += names[at..].partition_point(|name| name.start < start);
    }
}

fn opens_compound(lower: &[u8], start: usize, prefixes: &[u8]) -> bool {
    if start < 2 || lower[start - 1] != HYPHEN || !is_word(lower[start - 2]) {
        return true;
    }
    let floor = start.saturating_sub(FARTHEST_PREFIX);
    let mut first = start - 1;
    while first > floor && is_word(lower[first - 1]) {
        first -= 1;
    }
    let prefix = &lower[first..start - 1];
    prefixes.split(|&byte| byte == b' ').any(|known| !known.is_empty() && known == prefix)
        && (first == 0 || lower[first - 1] != HYPHEN)
}

pub fn spelling<'a>(tables: &'a Tables, place: u32, len: u32) -> &'a [u8] {
    let pool = if place & EXTRA != 0 { tables.spellings.extra } else { tables.lowers };
    &pool[(place & !EXTRA) as usize..][..len as usize]
}

/// Whether a spelling of one word, of some length, has marks before or behind it.
pub fn is_marked(spelt: &[u32; 4], word: u32) -> bool {
    spelt[3] != 0 || spelt[2] != word
}

impl Spellings {
    /// The slot of a row of words; NONE where no spelling begins so.
    pub fn find(&self, row: u64) -> u32 {
        let slot = slot_of(self.keys, row);
        if self.keys[slot] == 0 {
            NONE
        } else {
            slot as u32
        }
    }

    /// Whether some spelling goes on with another word behind a slot.
    pub fn goes_on(&self, slot: u32) -> bool {
        slot != NONE && self.slots.row(slot as usize)[0] & MORE != 0
    }
}

/// Which rows of words may be among the spellings: most that are not are told apart here, in a table that is small
/// enough to stay at hand.
pub struct Filter(Vec<u64>);

impl Filter {
    pub fn new(spellings: &Spellings) -> Filter {
        let mut filter = Filter(vec![0; (spellings.keys.len() / 16).max(1)]);
        for &key in spellings.keys.iter().filter(|&&key| key != 0) {
            let (place, bit) = filter.place(key);
            filter.0[place] |= bit;
        }
        filter
    }

    fn may_have(&self, row: u64) -> bool {
        let (place, bit) = self.place(row);
        self.0[place] & bit != 0
    }

    /// The bits of a row that no slot is told by, which has the others.
    fn place(&self, row: u64) -> (usize, u64) {
        ((row >> 44) as usize & (self.0.len() - 1), 1 << (row >> 8 & 63))
    }
}

/// Spellings, and what tells most others apart from them.
#[derive(Clone, Copy)]
pub struct Spelt<'a> {
    pub tables: &'a Tables,
    pub filter: &'a Filter,
}

/// In the order of their start, the longest first; they are nearly so already.
pub fn in_order(hits: &mut [Hit]) {
    let place = |hit: &Hit| (u64::from(hit.start) << 32 | u64::from(u32::MAX - hit.end), hit.entry);
    hits.sort_by_key(place);
}

/// No letter or digit touches the span.
pub fn is_bounded(lower: &[u8], start: usize, end: usize) -> bool {
    if start > 0 && is_word(lower[start - 1]) && is_word(lower[start]) {
        return false;
    }
    end == lower.len() || !(is_word(lower[end]) && is_word(lower[end - 1]))
}

/// A hyphen joins the span to another word.
pub fn is_hyphened(lower: &[u8], start: usize, end: usize) -> bool {
    is_joined_on(lower, end) || (start > 1 && lower[start - 1] == HYPHEN && is_word(lower[start - 2]))
}

fn is_joined_on(lower: &[u8], end: usize) -> bool {
    end + 1 < lower.len() && lower[end] == HYPHEN && is_word(lower[end + 1])
}

/// Whether case and accents of a piece of text are those of a surface; its letters are known to be.
pub fn agrees(chars: Chars, surface: &[u32], piece: &[u32], flexible: bool, ligated: bool) -> bool {
    if surface == piece {
        return true;
    }
    if ligated {
        return same_letters(chars, &apart(chars, surface), &apart(chars, piece), flexible);
    }
    same_letters(chars, surface, piece, flexible)
}

fn same_letters(chars: Chars, surface: &[u32], piece: &[u32], flexible: bool) -> bool {
    let flexible = flexible || chars.all_upper(piece);
    let mut begins = true;
    for (&wanted, &met) in surface.iter().zip(piece) {
        if wanted != met && !same_letter(chars, wanted, met, flexible || (begins && chars.is_lower(wanted))) {
            return false;
        }
        begins = !chars.is_alnum(wanted);
    }
    true
}

fn same_letter(chars: Chars, wanted: u32, met: u32, any_case: bool) -> bool {
    if !(chars.is_alnum(wanted) && chars.is_alnum(met)) {
        return chars.is_line_end(met) || chars.base(met) == chars.base(wanted);
    }
    if any_case {
        let lower = chars.lower(met);
        return lower != NONE && (lower == chars.lower(wanted) || lower == chars.lower(chars.base(wanted)));
    }
    met == chars.base(wanted)
}

fn apart(chars: Chars, text: &[u32]) -> Vec<u32> {
    let mut made: Vec<u32> = Vec::with_capacity(text.len() + 4);
    for &char in text {
        match char {
            0x153 => made.extend([0x6f, 0x65]),
            0x152 => made.extend([0x4f, 0x45]),
            0xe6 => made.extend([0x61, 0x65]),
            0xc6 => made.extend([0x41, 0x45]),
            0xdf => made.extend([0x73, 0x73]),
            _ => made.push(char),
        }
    }
    for at in 0..made.len().saturating_sub(2) {
        let opens = at == 0 || !(chars.is_alnum(made[at - 1]) || made[at - 1] == 0x5f);
        let small = matches!(made[at + 2], 0x61..=0x7a | 0xe0..=0xf6 | 0xf8..=0xff);
        if opens && small && matches!(made[at], 0x4f | 0x41) && made[at + 1] == 0x45 {
            made[at + 1] = 0x65;
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_have_ligatures_apart_and_joined() {
        assert_eq!(other_spellings(b"c\x9cur"), [b"coeur".to_vec()]);
        assert_eq!(other_spellings(b"coeur"), [b"c\x9cur".to_vec()]);
        assert_eq!(other_spellings(b"wei\xdf"), [b"weiss".to_vec()]);
        assert!(other_spellings(b"weiss").is_empty());
        assert!(other_spellings(b"mali").is_empty());
    }

    #[test]
    fn rows_of_words_do_not_see_the_marks_between() {
        let (rows, lead) = rows_of(b"saint-denis");
        assert_eq!((rows.len(), lead), (2, 0));
        assert_eq!(rows_of(b"saint denis").0, rows);
        assert_ne!(rows_of(b"denis saint").0, rows);
        assert_eq!(rows_of(b"'saint").1, 1);
        assert_eq!(rows_of(b"...").0, []);
    }

    /// The number and the length of each spelling that begins with a row of words, as it is looked up.
    fn spelt(built: &Built, row: u64) -> Option<Vec<u32>> {
        let slot = slot_of(&built.keys, row);
        if built.keys[slot] == 0 {
            return None;
        }
        let (start, count) = (built.slots[slot * 2] >> 1, built.slots[slot * 2 + 1]);
        Some((start..start + count).map(|at| built.spelt[at as usize * 4]).collect())
    }

    #[test]
    fn every_spelling_and_every_beginning_is_found() {
        let lowers = b"malile malinoeud";
        let numbers: Vec<u32> = [(0, 4), (4, 7), (11, 5)].iter().flat_map(|&(at, len)| [at, len, 0, 0, 0, 0, 0, 0, NONE, 0]).collect();
        let built = build(Rows(Box::leak(numbers.into_boxed_slice())), lowers);
        let row = |text: &[u8]| *rows_of(text).0.last().expect("a word");
        assert_eq!(spelt(&built, row(b"mali")), Some(vec![0]));
        assert_eq!(spelt(&built, row(b"le mali")), Some(vec![1]));
        assert_eq!(spelt(&built, row(b"le")), Some(vec![]));
        assert_eq!(spelt(&built, row(b"noeud")), Some(vec![2]));
        assert_eq!(spelt(&built, row(b"n\x9cud")), Some(vec![2]));
        assert_eq!(spelt(&built, row(b"niger")), None);
        assert_eq!(built.extra, b"n\x9cud");
    }

    #[test]
    fn spans_are_bounded_by_what_is_no_word() {
        assert!(is_bounded(b"le mali.", 3, 7));
        assert!(!is_bounded(b"le malien", 3, 7));
        assert!(!is_bounded(b"somali", 2, 6));
        assert!(is_hyphened(b"jean-paul", 0, 4) && is_hyphened(b"jean-paul", 5, 9));
        assert!(!is_hyphened(b"jean- paul", 0, 4) && !is_hyphened(b"- paul", 2, 6));
    }
}
