//! Every gazetteer entry and word class in a folded text, as in `ruletag/plain/lexicon.py`.

use std::collections::HashMap;

use crate::chars::Chars;
use crate::engine::{is_disabled, Disabled};
use crate::kinds::Kinds;
use crate::tables::{entry, Rows, Spellings, Tables, LABELS, NONE};
use crate::tokens::is_word;

const HYPHEN: u8 = b'-';
const FARTHEST_PREFIX: usize = 20;
pub const PADDING: usize = 16; // bytes added after a text, so that this many can be read at once from any offset in it
pub const MORE: u32 = 1; // some spelling goes on with another word
pub const EXTRA: u32 = 1 << 31; // the spelling is in the pool that `build` separated
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

/// The properties of an entry that its hits repeat.
#[derive(Clone, Copy)]
pub struct EntryRef {
    pub entry: u32,
    pub key: u32,
    pub is_ambiguous: bool,
}

impl EntryRef {
    pub fn of(tables: &Tables, entry: u32) -> EntryRef {
        let row = tables.entries.row(entry as usize);
        EntryRef { entry, key: row[entry::KEY], is_ambiguous: row[entry::FLAGS] & entry::AMBIGUOUS != 0 }
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

/// A hash of a piece of text, FNV-1a.
pub fn hash(lower: &[u8]) -> u64 {
    lower.iter().fold(SEED, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The hash of a word; `None` if the text is not a single word.
pub fn word_hash(lower: &[u8]) -> Option<u64> {
    if lower.iter().all(|&byte| is_word(byte)) {
        Some(hash(lower))
    } else {
        None
    }
}

/// The hashes of the word sequences with which a spelling begins, the shortest first, and how many bytes precede its
/// first word.
pub fn sequences_of(lower: &[u8]) -> (Vec<u64>, u32) {
    let mut sequences = Vec::new();
    let mut sequence = 0;
    let mut lead = 0;
    for (start, end) in words(lower) {
        if sequences.is_empty() {
            lead = start as u32;
        }
        sequence = with_word(sequence, word_hash(&lower[start..end]).unwrap_or(SEED));
        sequences.push(sequence);
    }
    (sequences, lead)
}

/// The hash of a word sequence, from that of the sequence without its last word and that of this word.
pub fn with_word(sequence: u64, word: u64) -> u64 {
    let mixed = (sequence.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29) | 1 // never 0, which is an empty slot
}

/// A hash table with a slot for each word sequence that begins a spelling, which leads to the spellings of just these
/// words.
pub struct Built {
    pub keys: Vec<u64>,
    pub slots: Vec<u32>,
    pub spelt: Vec<u32>,
    pub extra: Vec<u8>,
}

/// One spelling of an entry, and where it is in its pool.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spelling {
    sequence: u64, // of all its words
    entry: u32,
    place: u32,
    len: u32,
    lead: u32,
}

/// Build the hash table of the spellings of entries.
pub fn build(entries: Rows<{ entry::WIDTH }>, lowers: &[u8]) -> Built {
    let mut extra: Vec<u8> = Vec::new();
    let mut spellings: Vec<Spelling> = Vec::with_capacity(entries.len());
    let mut beginnings: Vec<u64> = Vec::new();
    for number in 0..entries.len() {
        let row = entries.row(number);
        let (start, len) = (row[entry::TEXT] as usize, row[entry::LEN] as usize);
        let lower = &lowers[start..start + len];
        let mut add = |spelling: &[u8], place: u32| {
            let (mut sequences, lead) = sequences_of(spelling);
            if let Some(sequence) = sequences.pop() {
                beginnings.append(&mut sequences);
                spellings.push(Spelling { sequence, entry: number as u32, place, len: spelling.len() as u32, lead });
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
    spellings.sort_unstable();
    beginnings.sort_unstable();
    beginnings.dedup();
    table(&spellings, &beginnings, extra)
}

fn table(spellings: &[Spelling], beginnings: &[u64], extra: Vec<u8>) -> Built {
    let size = ((spellings.len() + beginnings.len()) * 2).next_power_of_two().max(2);
    let mut built = Built { keys: vec![0; size], slots: vec![0; size * 2], spelt: Vec::new(), extra };
    for &beginning in beginnings {
        let slot = slot_of(&built.keys, beginning);
        built.keys[slot] = beginning;
        built.slots[slot * 2] = MORE;
    }
    let mut at = 0;
    while at < spellings.len() {
        let first = at;
        let sequence = spellings[first].sequence;
        while at < spellings.len() && spellings[at].sequence == sequence {
            let Spelling { entry, place, len, lead, .. } = spellings[at];
            built.spelt.extend_from_slice(&[entry, place, len, lead]);
            at += 1;
        }
        let slot = slot_of(&built.keys, sequence);
        built.keys[slot] = sequence;
        built.slots[slot * 2] |= (first as u32) << 1;
        built.slots[slot * 2 + 1] = (at - first) as u32;
    }
    built
}

/// The slot of a key, or the free one where it would go.
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

/// The other lower spellings: one with all ligatures apart, one with all but `ß` joined.
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
    let mut joined = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(letters) {
            joined.push(ligature);
            at += 2;
        } else {
            joined.push(text[at]);
            at += 1;
        }
    }
    joined
}

/// The views of a folded text.
#[derive(Clone, Copy)]
pub struct Folded<'a> {
    pub plain: &'a [u32],
    pub cased: &'a [u8],
    pub lower: &'a [u8],
    pub bytes: &'a [u8], // of the plain text: 0 for code points above 0xff, and `PADDING` zeros at the end
}

/// All hits, and those among them inside compounds; in the order of their start, the longest first.
#[derive(Default)]
pub struct Hits {
    pub all: Vec<Hit>,
    pub inside: Vec<Hit>,
    joined: Vec<Hit>,
}

impl Hits {
    pub fn find(
        &mut self,
        lexicon: Lexicon,
        disabled: &Disabled,
        kinds: &Kinds,
        folded: Folded,
        words: &[Word],
        compounds: bool,
    ) {
        let Lexicon { tables, filter } = lexicon;
        self.all.clear();
        self.inside.clear();
        self.joined.clear();
        let spellings = &tables.spellings;
        let mut is_in_order = true; // the hits of each word start after those of the words before it
        for (number, first) in words.iter().enumerate() {
            let (kind, first_hit) = (kinds.of(first.kind), self.all.len());
            for &entry in kinds.singles(kind) {
                self.add(disabled, folded.lower, entry.at(first.start, first.end));
            }
            let end_of_singles = self.all.len();
            if kind.is_marked {
                self.match_slot(tables, disabled, folded, first, kind.slot, true);
            }
            let (mut sequence, mut goes_on) = (with_word(0, first.hash), kind.goes_on);
            for word in &words[number + 1..] {
                if !goes_on {
                    break;
                }
                sequence = with_word(sequence, word.hash);
                let slot = if filter.may_contain(sequence) { spellings.find(sequence) } else { NONE };
                goes_on = spellings.goes_on(slot);
                if slot != NONE {
                    self.match_slot(tables, disabled, folded, first, slot, false);
                }
            }
            if self.all.len() > end_of_singles {
                in_order(&mut self.all[first_hit..]);
            }
            is_in_order &= first_hit == 0
                || first_hit == self.all.len()
                || self.all[first_hit - 1].start < self.all[first_hit].start;
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

    /// Add the entries of a slot that occur in the text from the word `first` on; if `marked`, only those with marks.
    fn match_slot(
        &mut self,
        tables: &Tables,
        disabled: &Disabled,
        folded: Folded,
        first: &Word,
        slot: u32,
        marked: bool,
    ) {
        let &[start, count] = tables.spellings.slots.row(slot as usize);
        for at in start >> 1..(start >> 1) + count {
            let spelt = tables.spellings.spelt.row(at as usize);
            if !marked || is_marked(spelt, first.end - first.start) {
                self.match_spelling(tables, disabled, folded, first.start, spelt);
            }
        }
    }

    fn match_spelling(
        &mut self,
        tables: &Tables,
        disabled: &Disabled,
        folded: Folded,
        word: u32,
        spelt: &[u32; 4],
    ) {
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
            self.add(disabled, folded.lower, EntryRef::of(tables, number).at(start as u32, end as u32));
        }
    }

    fn add(&mut self, disabled: &Disabled, lower: &[u8], hit: Hit) {
        if is_disabled(&disabled.entries, hit.entry) {
            return;
        }
        let is_joined = is_hyphenated(lower, hit.start as usize, hit.end as usize);
        (if is_joined { &mut self.joined } else { &mut self.all }).push(hit);
    }

    fn add_prefixed(&mut self, tables: &Tables, lower: &[u8]) {
        // the start of the longest prefix, by the offset that follows it and its key
        let mut starts: HashMap<(u32, u32), u32> = HashMap::new();
        in_order(&mut self.joined);
        for hit in &self.joined {
            starts.entry((hit.end + 1, hit.key)).or_insert(hit.start);
        }
        for hit in &self.joined {
            if let Some(&start) = starts.get(&(hit.start, tables.prefixed[hit.key as usize])) {
                if !is_hyphenated(lower, start as usize, hit.end as usize) {
                    self.all.push(Hit { start, ..*hit });
                }
            }
        }
    }

    fn add_compounds(&mut self, tables: &Tables, lower: &[u8]) {
        let is_name = |hit: &Hit| (hit.key as usize) < LABELS && !hit.is_ambiguous;
        let mut names: Vec<Hit> = self.joined.iter().copied().filter(is_name).collect();
        in_order(&mut names);
        let mut compound_end = 0;
        let mut at = 0;
        while at < names.len() {
            let start = names[at].start;
            if start >= compound_end && opens_compound(lower, start as usize, tables.prefixes) {
                let first = self.inside.len();
                match chain(lower, &names, at, &mut self.inside) {
                    Some(end) => compound_end = end,
                    None => self.inside.truncate(first),
                }
            }
            while at < names.len() && names[at].start == start {
                at += 1;
            }
        }
    }
}

/// Add the names of a compound from its `first` to `inside`; its end, or `None` if a part of it is not a name.
fn chain(lower: &[u8], names: &[Hit], first: usize, inside: &mut Vec<Hit>) -> Option<u32> {
    let mut at = first;
    let mut start = names[first].start;
    loop {
        if names.get(at)?.start != start {
            return None;
        }
        let end = names[at].end;
        inside.extend(names[at..].iter().take_while(|name| name.start == start && name.end == end));
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
    let word = &lower[first..start - 1];
    prefixes.split(|&byte| byte == b' ').any(|prefix| !prefix.is_empty() && prefix == word)
        && (first == 0 || lower[first - 1] != HYPHEN)
}

pub fn spelling<'a>(tables: &'a Tables, place: u32, len: u32) -> &'a [u8] {
    let pool = if place & EXTRA != 0 { tables.spellings.extra } else { tables.lowers };
    &pool[(place & !EXTRA) as usize..][..len as usize]
}

/// Whether a spelling of one word, which has `word_len` bytes, has marks before or after it.
pub fn is_marked(&[_, _, len, lead]: &[u32; 4], word_len: u32) -> bool {
    lead != 0 || len != word_len
}

impl Spellings {
    /// The slot of a word sequence; `NONE` if no spelling begins with it.
    pub fn find(&self, sequence: u64) -> u32 {
        let slot = slot_of(self.keys, sequence);
        if self.keys[slot] == 0 {
            NONE
        } else {
            slot as u32
        }
    }

    /// Whether some spelling goes on with another word after the sequence of a slot.
    pub fn goes_on(&self, slot: u32) -> bool {
        slot != NONE && self.slots.row(slot as usize)[0] & MORE != 0
    }
}

/// A prefilter for word sequences: it rejects most that begin no spelling, and is small enough to stay in the cache.
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

    fn may_contain(&self, sequence: u64) -> bool {
        let (place, bit) = self.place(sequence);
        self.0[place] & bit != 0
    }

    /// The place and the bit of a sequence, from bits of its hash that do not select its slot.
    fn place(&self, sequence: u64) -> (usize, u64) {
        ((sequence >> 44) as usize & (self.0.len() - 1), 1 << (sequence >> 8 & 63))
    }
}

/// The spellings, and the prefilter for them.
#[derive(Clone, Copy)]
pub struct Lexicon<'a> {
    pub tables: &'a Tables,
    pub filter: &'a Filter,
}

/// Sort hits by their start, the longest first. The sort is one that is fast on hits nearly in order.
pub fn in_order(hits: &mut [Hit]) {
    let key = |hit: &Hit| (u64::from(hit.start) << 32 | u64::from(u32::MAX - hit.end), hit.entry);
    hits.sort_by_key(key);
}

/// Whether no letter or digit touches the span.
pub fn is_bounded(lower: &[u8], start: usize, end: usize) -> bool {
    if start > 0 && is_word(lower[start - 1]) && is_word(lower[start]) {
        return false;
    }
    end == lower.len() || !(is_word(lower[end]) && is_word(lower[end - 1]))
}

/// Whether a hyphen joins the span to another word.
pub fn is_hyphenated(lower: &[u8], start: usize, end: usize) -> bool {
    is_joined_on(lower, end) || (start > 1 && lower[start - 1] == HYPHEN && is_word(lower[start - 2]))
}

fn is_joined_on(lower: &[u8], end: usize) -> bool {
    end + 1 < lower.len() && lower[end] == HYPHEN && is_word(lower[end + 1])
}

/// Whether case and accents of a piece of text agree with a surface; its letters are known to.
pub fn agrees(chars: Chars, surface: &[u32], piece: &[u32], flexible: bool, ligated: bool) -> bool {
    if surface == piece {
        return true;
    }
    if ligated {
        return same_letters(chars, &without_ligatures(chars, surface), &without_ligatures(chars, piece), flexible);
    }
    same_letters(chars, surface, piece, flexible)
}

fn same_letters(chars: Chars, surface: &[u32], piece: &[u32], flexible: bool) -> bool {
    let flexible = flexible || chars.all_upper(piece);
    let mut begins = true;
    for (&expected, &char) in surface.iter().zip(piece) {
        if expected != char && !same_letter(chars, expected, char, flexible || (begins && chars.is_lower(expected))) {
            return false;
        }
        begins = !chars.is_alnum(expected);
    }
    true
}

fn same_letter(chars: Chars, expected: u32, char: u32, any_case: bool) -> bool {
    if !(chars.is_alnum(expected) && chars.is_alnum(char)) {
        return chars.is_line_end(char) || chars.base(char) == chars.base(expected);
    }
    if any_case {
        let lower = chars.lower(char);
        return lower != NONE && (lower == chars.lower(expected) || lower == chars.lower(chars.base(expected)));
    }
    char == chars.base(expected)
}

/// The text without ligatures; a capital one that begins a word becomes `Oe`, and so does `OE`.
fn without_ligatures(chars: Chars, text: &[u32]) -> Vec<u32> {
    let mut separated: Vec<u32> = Vec::with_capacity(text.len() + 4);
    for &char in text {
        match char {
            0x153 => separated.extend([0x6f, 0x65]),
            0x152 => separated.extend([0x4f, 0x45]),
            0xe6 => separated.extend([0x61, 0x65]),
            0xc6 => separated.extend([0x41, 0x45]),
            0xdf => separated.extend([0x73, 0x73]),
            _ => separated.push(char),
        }
    }
    for at in 0..separated.len().saturating_sub(2) {
        let opens = at == 0 || !(chars.is_alnum(separated[at - 1]) || separated[at - 1] == 0x5f);
        let small = matches!(separated[at + 2], 0x61..=0x7a | 0xe0..=0xf6 | 0xf8..=0xff);
        if opens && small && matches!(separated[at], 0x4f | 0x41) && separated[at + 1] == 0x45 {
            separated[at + 1] = 0x65;
        }
    }
    separated
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
    fn word_sequences_ignore_the_marks_between() {
        let (sequences, lead) = sequences_of(b"saint-denis");
        assert_eq!((sequences.len(), lead), (2, 0));
        assert_eq!(sequences_of(b"saint denis").0, sequences);
        assert_ne!(sequences_of(b"denis saint").0, sequences);
        assert_eq!(sequences_of(b"'saint").1, 1);
        assert_eq!(sequences_of(b"...").0, []);
    }

    /// The entries whose spelling is just this word sequence; `None` if no spelling begins with it.
    fn spelt(built: &Built, sequence: u64) -> Option<Vec<u32>> {
        let slot = slot_of(&built.keys, sequence);
        if built.keys[slot] == 0 {
            return None;
        }
        let (start, count) = (built.slots[slot * 2] >> 1, built.slots[slot * 2 + 1]);
        Some((start..start + count).map(|at| built.spelt[at as usize * 4]).collect())
    }

    #[test]
    fn every_spelling_and_every_beginning_is_found() {
        let lowers = b"malile malinoeud";
        let row = |(start, len)| [start, len, 0, 0, 0, 0, 0, 0, NONE, 0];
        let numbers: Vec<u32> = [(0, 4), (4, 7), (11, 5)].into_iter().flat_map(row).collect();
        let built = build(Rows(Box::leak(numbers.into_boxed_slice())), lowers);
        let sequence = |text: &[u8]| *sequences_of(text).0.last().expect("a word");
        assert_eq!(spelt(&built, sequence(b"mali")), Some(vec![0]));
        assert_eq!(spelt(&built, sequence(b"le mali")), Some(vec![1]));
        assert_eq!(spelt(&built, sequence(b"le")), Some(vec![]));
        assert_eq!(spelt(&built, sequence(b"noeud")), Some(vec![2]));
        assert_eq!(spelt(&built, sequence(b"n\x9cud")), Some(vec![2]));
        assert_eq!(spelt(&built, sequence(b"niger")), None);
        assert_eq!(built.extra, b"n\x9cud");
    }

    #[test]
    fn spans_are_bounded_by_what_is_no_word() {
        assert!(is_bounded(b"le mali.", 3, 7));
        assert!(!is_bounded(b"le malien", 3, 7));
        assert!(!is_bounded(b"somali", 2, 6));
        assert!(is_hyphenated(b"jean-paul", 0, 4) && is_hyphenated(b"jean-paul", 5, 9));
        assert!(!is_hyphenated(b"jean- paul", 0, 4) && !is_hyphenated(b"- paul", 2, 6));
    }
}
