//! Names learned in a document apply throughout it, as in `ruletag/plain/memory.py`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::chars::Chars;
use crate::lexicon::{
    agrees, hash, in_order, is_bounded, is_hyphenated, is_ligated, other_spellings, sequences_of, with_word, Folded,
    Hit,
};
use crate::order::{Candidate, Part};
use crate::tables::{entry, Tables, NONE};
use crate::text::{previous_end, Text};

const PER: u32 = 0;
const FORM: u32 = 5; // the number of the part in `ruletag/core/decided.py`
const SHORTEST: usize = 2;
const SHORTEST_FIRST: usize = 3;
const LONG: usize = 4;
const APOSTROPHES: [u32; 2] = [0x27, 0x2019];
const SPACE: u32 = 0x20;
const HYPHEN: u32 = 0x2d;

/// A hasher for word sequences, which are hashes already.
#[derive(Default)]
pub struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed");
    }

    fn write_u64(&mut self, sequence: u64) {
        self.0 = sequence;
    }
}

/// A learned surface, and the number of the mention that licenses it.
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

/// Lower-case words of which no family name consists.
pub struct Particles(HashSet<Vec<u32>>);

impl Particles {
    pub fn new(tables: &Tables) -> Particles {
        let rows = (0..tables.entries.len()).map(|number| tables.entries.row(number));
        let particles = rows.filter(|row| row[entry::KEY] == tables.particle).map(|row| {
            let text = &tables.texts[row[entry::TEXT] as usize..][..row[entry::LEN] as usize];
            lowered(tables.chars, text)
        });
        Particles(particles.collect())
    }
}

fn lowered(chars: Chars, text: &[u32]) -> Vec<u32> {
    text.iter().map(|&char| chars.lower(char)).collect()
}

/// Add candidates for the other places where surfaces learned from `mentions` occur in the text.
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
    let mut spellings: Vec<Spelling> = Vec::new();
    let mut taught: BTreeSet<Vec<u32>> = BTreeSet::new();
    let is_guess = |mention: &Candidate| mention.priority <= tables.guess && !mention.confirmed && mention.label != PER;
    let mut counts: BTreeMap<Vec<u32>, usize> = BTreeMap::new(); // of the surfaces of mentions
    if mentions.iter().any(is_guess) {
        for mention in mentions {
            *counts.entry(surface(folded, mention)).or_default() += 1;
        }
    }
    for (number, mention) in mentions.iter().enumerate() {
        if is_guess(mention) && counts[&surface(folded, mention)] == 1 {
            continue;
        }
        for (lesson, lower) in taught_surfaces(tables, particles, folded, parts, mention) {
            if taught.insert(lesson.clone()) {
                add_spellings(&mut spellings, lessons.len(), lower);
                lessons.push(Lesson { text: lesson, mention: number });
            }
        }
    }
    if lessons.is_empty() {
        return;
    }
    let mut hits = find(tables, folded, text, &lessons, &spellings);
    hits.retain(|hit| {
        let label = mentions[lessons[hit.entry as usize].mention].label;
        let nearest = mentions.partition_point(|mention| mention.start <= hit.start).saturating_sub(1);
        !is_covered(hit, label, &mentions[nearest]) && !is_announced(tables, folded, text, hit, label)
    });
    let mut is_certain = vec![false; lessons.len()]; // by lesson: whether some hit of it is no common word
    for hit in &hits {
        is_certain[hit.entry as usize] |= !may_be_common(tables, folded, hit);
    }
    hits.retain(|hit| is_certain[hit.entry as usize]);
    in_order(&mut hits);
    for hit in hits {
        let licence = &mentions[lessons[hit.entry as usize].mention];
        recalled.push(Candidate {
            start: hit.start,
            end: hit.end,
            is_memory: true,
            confirmed: false,
            anchor: (0, 0, 0),
            parts: (0, 0),
            via: (licence.start, licence.end),
            ..*licence
        });
    }
}

/// Whether the text means an entry of another label that has the same name.
fn is_announced(tables: &Tables, folded: Folded, text: &Text, hit: &Hit, label: u32) -> bool {
    if !text.is_another(hit.start, hit.end, label) {
        return false;
    }
    let token = previous_end(tables, folded, hit.start).and_then(|end| text.token_to(end));
    token.map_or(false, |token| {
        let word = &folded.lower[token.start as usize..token.end as usize];
        tables.announcing.split(|&byte| byte == b' ').any(|announcing| announcing == word)
    })
}

/// Whether a hit may be a word of the language capitalised only at the start of a sentence.
fn may_be_common(tables: &Tables, folded: Folded, hit: &Hit) -> bool {
    let lower = &folded.lower[hit.start as usize..hit.end as usize];
    opens_sentence(tables.chars, folded.plain, hit.start as usize) && is_common(tables, lower)
}

/// Whether a word in lower folding belongs to the language.
fn is_common(tables: &Tables, lower: &[u8]) -> bool {
    tables.common.binary_search(&hash(lower)).is_ok()
}

/// Whether a sentence or a line begins at an offset, or before opening quotation marks and dashes that precede it.
fn opens_sentence(chars: Chars, plain: &[u32], mut offset: usize) -> bool {
    while offset > 0 && chars.is_opening(plain[offset - 1]) {
        offset -= 1;
    }
    offset == 0 || chars.ends_sentence(plain[offset - 1])
}

type Lowered = (Vec<u32>, Vec<u8>); // a surface and its lower folding

/// The surfaces that a mention teaches, each with its lower folding.
fn taught_surfaces(
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
        if may_be_alone(tables.chars, particles, text) && !lessons.iter().any(|(lesson, _)| *lesson == taught) {
            lessons.push((taught, lower.to_vec()));
        }
    };
    let surname = if mention.entry == NONE { NONE } else { tables.entries.row(mention.entry as usize)[entry::SURNAME] };
    if surname != NONE {
        let len = tables.entries.row(mention.entry as usize)[entry::SURNAME_LEN] as usize;
        add(&tables.texts[surname as usize..][..len], &tables.lowers[surname as usize..][..len]);
    } else if let Some(len) = leading_capitals(tables.chars, &text) {
        add(&text[..len], &lower[..len]);
    } else {
        let first = text.iter().position(|&char| char == SPACE).unwrap_or(0);
        let last = text.iter().rposition(|&char| char == SPACE).map_or(0, |at| at + 1);
        add(&text[first + 1..], &lower[first + 1..]);
        add(&text[last..], &lower[last..]);
        if mention.is_rule && first >= SHORTEST_FIRST && !is_common(tables, &lower[..first]) {
            add(&text[..first], &lower[..first]);
        }
    }
    lessons
}

/// The length of the words in capitals that begin a name and are followed by others: LE GOFF Anne.
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
    let is_any = |char: Option<&u32>, of: &[u32]| char.map_or(false, |char| of.contains(char));
    let inner_lower = |(at, &char): (usize, &u32)| {
        let (first, second) = (at.checked_sub(1).map(|at| &name[at]), at.checked_sub(2).map(|at| &name[at]));
        let is_breton =
            is_any(first, &APOSTROPHES) && is_any(second, &[0x43, 0x63]) && is_any(Some(&char), &[0x48, 0x68]);
        let lower = chars.lower(char);
        let is_inside = first.map_or(false, |&char| chars.is_alnum(char)) || is_breton;
        if is_inside && char::from_u32(lower).is_some() { lower } else { char }
    };
    name.iter().enumerate().map(inner_lower).collect()
}

/// A mention without the legal form that ends it; `None` if it has none.
fn without_form(parts: &[Part], mention: &Candidate) -> Option<Candidate> {
    let own_parts = parts.get(mention.parts.0 as usize..mention.parts.1 as usize)?;
    let form = own_parts.iter().find(|part| part.name == FORM)?;
    let is_last = mention.start < form.start && form.end == mention.end;
    is_last.then_some(Candidate { end: form.start, ..*mention })
}

/// The surface of a mention, with every space and line end as a plain space.
fn surface(folded: Folded, mention: &Candidate) -> Vec<u32> {
    let span = mention.start as usize..mention.end as usize;
    let pairs = folded.plain[span.clone()].iter().zip(&folded.cased[span]);
    pairs.map(|(&char, &byte)| if byte == b' ' { SPACE } else { char }).collect()
}

/// Whether part of a name may occur alone: it is no particle, and its last word is capitalised, if need be after a
/// particle and a hyphen.
fn may_be_alone(chars: Chars, particles: &Particles, name: &[u32]) -> bool {
    let last = name.iter().rposition(|&char| char == SPACE).map_or(0, |at| at + 1);
    let is_upper = |at: usize| name.get(at).map_or(false, |&char| chars.is_upper(char));
    let is_capitalised = match name[last..].iter().position(|&char| char == HYPHEN) {
        Some(len) if !is_upper(last) => {
            is_upper(last + len + 1) && particles.0.contains(&lowered(chars, &name[last..last + len]))
        }
        _ => is_upper(last),
    };
    name.len() >= SHORTEST
        && is_capitalised
        && !name.contains(&0x2e)
        && !particles.0.contains(&lowered(chars, name))
}

fn add_spellings(spellings: &mut Vec<Spelling>, lesson: usize, lower: Vec<u8>) {
    let others = if is_ligated(&lower) { other_spellings(&lower) } else { Vec::new() };
    for lower in std::iter::once(lower).chain(others) {
        spellings.push(Spelling { lesson, lower });
    }
}

/// The hits of lessons that no hyphen joins to another word; the entry of a hit is the number of its lesson.
fn find(tables: &Tables, folded: Folded, text: &Text, lessons: &[Lesson], spellings: &[Spelling]) -> Vec<Hit> {
    let mut slots: HashMap<u64, Slot, BuildHasherDefault<Identity>> = HashMap::default();
    let mut leads: Vec<u32> = Vec::with_capacity(spellings.len());
    let mut first_words: FirstWords = [0; 16];
    for (number, spelling) in spellings.iter().enumerate() {
        let (sequences, lead) = sequences_of(&spelling.lower);
        leads.push(lead);
        if let Some(&first) = sequences.first() {
            let (at, bit) = place(first);
            first_words[at] |= bit;
        }
        for (at, &sequence) in sequences.iter().enumerate() {
            let slot = slots.entry(sequence).or_default();
            if at + 1 < sequences.len() {
                slot.goes_on = true;
            } else {
                slot.spellings.push(number);
            }
        }
    }
    let mut hits = Vec::new();
    for (number, first) in text.words.iter().enumerate() {
        let mut sequence = with_word(0, first.hash);
        if !may_begin(&first_words, sequence) {
            continue;
        }
        let mut following = text.words[number + 1..].iter();
        while let Some(slot) = slots.get(&sequence) {
            for &number in &slot.spellings {
                let Spelling { lesson, lower } = &spellings[number];
                let (lead, len) = (leads[number], lower.len());
                if first.start < lead || (first.start - lead) as usize + len > folded.lower.len() {
                    continue;
                }
                let (start, end) = ((first.start - lead) as usize, (first.start - lead) as usize + len);
                let surface = &lessons[*lesson].text;
                if folded.lower[start..end] == lower[..]
                    && is_bounded(folded.lower, start, end)
                    && !is_hyphenated(folded.lower, start, end)
                    && agrees(tables.chars, surface, &folded.plain[start..end], false, is_ligated(lower))
                {
                    let (start, end, entry) = (start as u32, end as u32, *lesson as u32);
                    hits.push(Hit { start, end, entry, key: NONE, is_ambiguous: false });
                }
            }
            match following.next() {
                Some(word) if slot.goes_on => sequence = with_word(sequence, word.hash),
                _ => break,
            }
        }
    }
    hits
}

/// The first words of lessons, as a prefilter: one bit each, which other words may share.
type FirstWords = [u64; 16];

fn place(word: u64) -> (usize, u64) {
    ((word >> 26) as usize % 16, 1 << (word >> 20 & 63))
}

/// Whether a lesson may begin with a word: hardly any other has to be looked up.
fn may_begin(first_words: &FirstWords, word: u64) -> bool {
    let (at, bit) = place(word);
    first_words[at] & bit != 0
}

/// Whether a rule already found the same name there, or a longer one around it.
fn is_covered(hit: &Hit, label: u32, mention: &Candidate) -> bool {
    let inside = mention.start <= hit.start && hit.end <= mention.end;
    let longer = mention.end - mention.start > hit.end - hit.start;
    inside && mention.is_rule && (longer || mention.label == label)
}
