//! What a document teaches, used in the whole document, as in `ruletag/plain/memory.py`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::chars::Chars;
use crate::lexicon::{
    agrees, in_order, is_bounded, is_hyphened, is_ligated, other_spellings, rows_of, hash, with_word, Folded, Hit,
};
use crate::order::{Candidate, Part};
use crate::tables::{entry, Tables, NONE};
use crate::text::{behind, Text};

const PER: u32 = 0;
const FORM: u32 = 5; // the place of the part in `ruletag/core/decided.py`
const SHORTEST: usize = 2;
const LONG: usize = 4;
const APOSTROPHES: [u32; 2] = [0x27, 0x2019];
const SPACE: u32 = 0x20;

/// A row of words is its own hash.
#[derive(Default)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed");
    }

    fn write_u64(&mut self, row: u64) {
        self.0 = row;
    }
}

/// Something that was taught: how it is spelt, and the mention that taught it.
struct Lesson {
    text: Vec<u32>,
    mention: usize,
}

/// One lower spelling of a lesson.
struct Spelling {
    lesson: usize,
    lower: Vec<u8>,
}

#[derive(Default)]
struct Slot {
    goes_on: bool,
    spellings: Vec<usize>,
}

/// Lower-case words that no family name consists of.
pub struct Particles(HashSet<Vec<u32>>);

impl Particles {
    pub fn new(tables: &Tables) -> Particles {
        let rows = (0..tables.entries.len()).map(|number| tables.entries.row(number));
        let found = rows.filter(|row| row[entry::KEY] == tables.particle).map(|row| {
            let text = &tables.texts[row[entry::TEXT] as usize..][..row[entry::LEN] as usize];
            lowered(tables.chars, text)
        });
        Particles(found.collect())
    }
}

fn lowered(chars: Chars, text: &[u32]) -> Vec<u32> {
    text.iter().map(|&char| chars.lower(char)).collect()
}

/// Candidates for the other places where what `mentions` taught stands in the text.
pub fn remember(
    tables: &Tables,
    particles: &Particles,
    folded: Folded,
    text: &Text,
    parts: &[Part],
    mentions: &[Candidate],
    recalled: &mut Vec<Candidate>,
) {
    let mut lessons: Vec<Lesson> = Vec::new();
    let mut spelt: Vec<Spelling> = Vec::new();
    let mut known: BTreeSet<Vec<u32>> = BTreeSet::new();
    let is_guess = |mention: &Candidate| mention.priority <= tables.guess && !mention.confirmed && mention.label != PER;
    let mut found: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
    if mentions.iter().any(is_guess) {
        for mention in mentions {
            *found.entry(surface(folded, mention)).or_default() += 1;
        }
    }
    for (number, mention) in mentions.iter().enumerate() {
        if is_guess(mention) && found[&surface(folded, mention)] == 1 {
            continue;
        }
        for (taught, lower) in lessons_of(tables, particles, folded, parts, mention) {
            if known.insert(taught.clone()) {
                add_spellings(&mut spelt, lessons.len(), lower);
                lessons.push(Lesson { text: taught, mention: number });
            }
        }
    }
    if lessons.is_empty() {
        return;
    }
    let mut hits = find(tables, folded, text, &lessons, &spelt);
    hits.retain(|hit| {
        let label = mentions[lessons[hit.entry as usize].mention].label;
        let before = mentions.partition_point(|mention| mention.start <= hit.start).saturating_sub(1);
        !is_told(hit, label, &mentions[before]) && !is_announced(tables, folded, text, hit, label)
    });
    let mut believed = vec![false; lessons.len()];
    for hit in &hits {
        believed[hit.entry as usize] |= !may_be_common(tables, folded, hit);
    }
    hits.retain(|hit| believed[hit.entry as usize]);
    in_order(&mut hits);
    for hit in hits {
        let teacher = &mentions[lessons[hit.entry as usize].mention];
        recalled.push(Candidate {
            start: hit.start,
            end: hit.end,
            is_memory: true,
            confirmed: false,
            anchor: (0, 0, 0),
            parts: (0, 0),
            via: (teacher.start, teacher.end),
            ..*teacher
        });
    }
}

/// Whether the text means an entry of another label that has the same name.
fn is_announced(tables: &Tables, folded: Folded, text: &Text, hit: &Hit, label: u32) -> bool {
    if !text.is_another(hit.start, hit.end, label) {
        return false;
    }
    let token = behind(tables, folded, hit.start).and_then(|end| text.token_to(end));
    token.map_or(false, |token| {
        let word = &folded.lower[token.start as usize..token.end as usize];
        tables.announcing.split(|&byte| byte == b' ').any(|known| known == word)
    })
}

/// Whether it may be a word of the language that the head of a sentence has capitalised.
fn may_be_common(tables: &Tables, folded: Folded, hit: &Hit) -> bool {
    let lower = &folded.lower[hit.start as usize..hit.end as usize];
    opens_sentence(tables.chars, folded.plain, hit.start as usize) && tables.common.binary_search(&hash(lower)).is_ok()
}

/// Whether a sentence, or a line, begins at an offset; opening quotation marks and dashes are stepped over.
fn opens_sentence(chars: Chars, plain: &[u32], mut offset: usize) -> bool {
    while offset > 0 && chars.is_opening(plain[offset - 1]) {
        offset -= 1;
    }
    offset == 0 || chars.ends_sentence(plain[offset - 1])
}

type Lowered = (Vec<u32>, Vec<u8>); // a spelling and its lower folding

fn lessons_of(
    tables: &Tables,
    particles: &Particles,
    folded: Folded,
    parts: &[Part],
    mention: &Candidate,
) -> Vec<Lowered> {
    let mut lessons: Vec<Lowered> = Vec::new();
    if !mention.is_rule && mention.label != PER {
        return lessons;
    }
    let lower = &folded.lower[mention.start as usize..mention.end as usize];
    let text = surface(folded, mention);
    if mention.is_rule && (mention.label != PER || text.len() >= SHORTEST) {
        lessons.push((as_in_text(tables.chars, mention, &text), lower.to_vec()));
    }
    if let Some(short) = without_form(parts, mention) {
        let text = surface(folded, &short);
        let len = text.iter().rposition(|&char| char != SPACE).map_or(0, |at| at + 1);
        lessons.push((text[..len].to_vec(), lower[..len].to_vec()));
    }
    if mention.label != PER || !text.contains(&SPACE) {
        return lessons;
    }
    let mut add = |text: &[u32], lower: &[u8]| {
        let taught = as_in_text(tables.chars, mention, text);
        if is_family_name(tables.chars, particles, text) && !lessons.iter().any(|(known, _)| *known == taught) {
            lessons.push((taught, lower.to_vec()));
        }
    };
    let surname = if mention.known == NONE { NONE } else { tables.entries.row(mention.known as usize)[entry::SURNAME] };
    if surname != NONE {
        let len = tables.entries.row(mention.known as usize)[entry::SURNAME_LEN] as usize;
        add(&tables.texts[surname as usize..][..len], &tables.lowers[surname as usize..][..len]);
    } else if let Some(len) = leading_capitals(tables.chars, &text) {
        add(&text[..len], &lower[..len]);
    } else {
        let first = text.iter().position(|&char| char == SPACE).map_or(0, |at| at + 1);
        let last = text.iter().rposition(|&char| char == SPACE).map_or(0, |at| at + 1);
        add(&text[first..], &lower[first..]);
        add(&text[last..], &lower[last..]);
    }
    lessons
}

/// How long the capitals are that begin a name with others behind them: LE GOFF Anne.
fn leading_capitals(chars: Chars, name: &[u32]) -> Option<usize> {
    let mut len = 0;
    while len < name.len() {
        let end = name[len..].iter().position(|&char| char == SPACE).map_or(name.len(), |at| len + at);
        if !chars.all_upper(&name[len..end]) || name[len..end].contains(&0x2e) {
            break;
        }
        len = end + 1;
    }
    let len = len.saturating_sub(1);
    (len >= LONG && len < name.len()).then_some(len)
}

/// A person's name in capitals as running text has it; such a name is also met in capitals.
fn as_in_text(chars: Chars, mention: &Candidate, name: &[u32]) -> Vec<u32> {
    if mention.label != PER || !chars.all_upper(name) {
        return name.to_vec();
    }
    let is = |char: Option<&u32>, known: &[u32]| char.map_or(false, |char| known.contains(char));
    let inner = |(at, &char): (usize, &u32)| {
        let (first, second) = (at.checked_sub(1).map(|at| &name[at]), at.checked_sub(2).map(|at| &name[at]));
        let is_letter = is(first, &APOSTROPHES) && is(second, &[0x43, 0x63]) && is(Some(&char), &[0x48, 0x68]);
        let lower = chars.lower(char);
        let inside = first.map_or(false, |&char| chars.is_alnum(char)) || is_letter;
        if inside && char::from_u32(lower).is_some() { lower } else { char }
    };
    name.iter().enumerate().map(inner).collect()
}

/// A mention without the legal form that ends it: where there is none, nothing.
fn without_form(parts: &[Part], mention: &Candidate) -> Option<Candidate> {
    let own = parts.get(mention.parts.0 as usize..mention.parts.1 as usize)?;
    let form = own.iter().find(|part| part.name == FORM)?;
    let ends = mention.start < form.start && form.end == mention.end;
    ends.then_some(Candidate { end: form.start, ..*mention })
}

/// What stands at a mention, with every space and line end as a plain space.
fn surface(folded: Folded, mention: &Candidate) -> Vec<u32> {
    let span = mention.start as usize..mention.end as usize;
    let pairs = folded.plain[span.clone()].iter().zip(&folded.cased[span]);
    pairs.map(|(&char, &byte)| if byte == b' ' { SPACE } else { char }).collect()
}

fn is_family_name(chars: Chars, particles: &Particles, name: &[u32]) -> bool {
    let last = name.iter().rposition(|&char| char == SPACE).map_or(0, |at| at + 1);
    name.len() >= SHORTEST
        && name.get(last).map_or(false, |&char| chars.is_upper(char))
        && !name.contains(&0x2e)
        && !particles.0.contains(&lowered(chars, name))
}

fn add_spellings(spelt: &mut Vec<Spelling>, lesson: usize, lower: Vec<u8>) {
    let others = if is_ligated(&lower) { other_spellings(&lower) } else { Vec::new() };
    for lower in std::iter::once(lower).chain(others) {
        spelt.push(Spelling { lesson, lower });
    }
}

/// The places where lessons stand alone; the entry of a hit is the number of its lesson.
fn find(tables: &Tables, folded: Folded, text: &Text, lessons: &[Lesson], spelt: &[Spelling]) -> Vec<Hit> {
    let mut slots: HashMap<u64, Slot, BuildHasherDefault<Identity>> = HashMap::default();
    let mut leads: Vec<u32> = Vec::with_capacity(spelt.len());
    let mut begun: Begun = [0; 16];
    for (number, each) in spelt.iter().enumerate() {
        let (rows, lead) = rows_of(&each.lower);
        leads.push(lead);
        if let Some(&row) = rows.first() {
            let (at, bit) = place(row);
            begun[at] |= bit;
        }
        for (at, &row) in rows.iter().enumerate() {
            let slot = slots.entry(row).or_default();
            if at + 1 < rows.len() {
                slot.goes_on = true;
            } else {
                slot.spellings.push(number);
            }
        }
    }
    let mut hits = Vec::new();
    for (number, first) in text.words.iter().enumerate() {
        let mut row = with_word(0, first.hash);
        if !may_begin(&begun, row) {
            continue;
        }
        let mut behind = text.words[number + 1..].iter();
        while let Some(slot) = slots.get(&row) {
            for &number in &slot.spellings {
                let each = &spelt[number];
                let (lead, len) = (leads[number], each.lower.len());
                if first.start < lead || (first.start - lead) as usize + len > folded.lower.len() {
                    continue;
                }
                let (start, end) = ((first.start - lead) as usize, (first.start - lead) as usize + len);
                if folded.lower[start..end] == each.lower[..]
                    && is_bounded(folded.lower, start, end)
                    && !is_hyphened(folded.lower, start, end)
                    && agrees(tables.chars, &lessons[each.lesson].text, &folded.plain[start..end], false, is_ligated(&each.lower))
                {
                    hits.push(Hit { start: start as u32, end: end as u32, entry: each.lesson as u32, key: NONE, is_ambiguous: false });
                }
            }
            match behind.next() {
                Some(word) if slot.goes_on => row = with_word(row, word.hash),
                _ => break,
            }
        }
    }
    hits
}

/// Rows of words with which lessons begin, a bit each, which others may share.
type Begun = [u64; 16];

fn place(row: u64) -> (usize, u64) {
    ((row >> 26) as usize % 16, 1 << (row >> 20 & 63))
}

/// Whether a lesson may begin with a row of words: hardly any other has to be looked up.
fn may_begin(begun: &Begun, row: u64) -> bool {
    let (at, bit) = place(row);
    begun[at] & bit != 0
}

/// Whether a rule found the same there, which knows its parts, or a longer name around it.
fn is_told(hit: &Hit, label: u32, mention: &Candidate) -> bool {
    let inside = mention.start <= hit.start && hit.end <= mention.end;
    let longer = mention.end - mention.start > hit.end - hit.start;
    inside && mention.is_rule && (longer || mention.label == label)
}
