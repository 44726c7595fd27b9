//! What is known of every token and word of one spelling, from one text to the next.
//!
//! A kind is what a piece of text is by itself: its shapes, the atoms that it is, the rules that start from it, the
//! entries of just this one word. Texts repeat their words, so most pieces are looked at once.

use std::collections::HashMap;

use crate::lexicon::{agrees, is_ligated, is_marked, spelling, with_word, word_hash, Folded, Met, BEYOND};
use crate::openings::Openings;
use crate::steps::Steps;
use crate::tables::{atom, entry, trial, Tables, NONE};
use crate::tokens::shapes;

const MOST: usize = 1 << 16; // kinds that are kept
const FIRST_SIZE: usize = 1 << 12;
const SHORT: usize = 14; // characters of a piece that is its own key
const LAST_STAGE: usize = 31; // that has a bit of its own; later ones share it

/// The atoms of all rules, by what makes them stand somewhere.
pub struct Atoms {
    pub words: usize, // of a set of atoms
    shaped: Vec<(u32, u32)>,
    literals: HashMap<Vec<u8>, Vec<u32>>,
    choices: Vec<Vec<u32>>, // by atom: the choices of which it is one
    anchors: Vec<Vec<(u32, u32)>>, // by stage: the tries that start from a token, each with its atom
    pub openings: Openings,
}

impl Atoms {
    pub fn new(tables: &Tables, steps: &Steps) -> Atoms {
        let words = (tables.atoms.len() + steps.choices.len()) / 64 + 1;
        let mut atoms = Atoms {
            words,
            shaped: Vec::new(),
            literals: HashMap::new(),
            choices: vec![Vec::new(); tables.atoms.len()],
            anchors: vec![Vec::new(); tables.looking.len()],
            openings: Openings::new(tables, words),
        };
        for number in 0..tables.atoms.len() as u32 {
            let row = tables.atoms.row(number as usize);
            match row[atom::KIND] {
                atom::SHAPED => atoms.shaped.push((number, row[atom::SHAPE])),
                atom::CLASS | atom::ENTITY => {}
                _ => {
                    let (start, len) = (row[atom::TEXT] as usize, row[atom::LEN] as usize);
                    let lower = tables.literal_lowers[start..start + len].to_vec();
                    atoms.literals.entry(lower).or_default().push(number);
                }
            }
        }
        for number in 0..tables.tries.len() {
            let row = tables.tries.row(number);
            if tables.atoms.row(row[trial::ANCHOR] as usize)[atom::KIND] <= atom::EXACT {
                atoms.anchors[row[trial::STAGE] as usize].push((row[trial::ANCHOR], number as u32));
            }
        }
        for (choice, members) in (tables.atoms.len() as u32..).zip(&steps.choices) {
            for &each in members {
                atoms.choices[each as usize].push(choice);
            }
        }
        atoms
    }

    /// Add an atom to a set, and the choices of which it is one.
    fn add(&self, set: &mut [u64], number: u32) {
        add(set, number);
        for &choice in &self.choices[number as usize] {
            add(set, choice);
        }
    }
}

pub fn has(set: &[u64], number: u32) -> bool {
    set[number as usize / 64] >> (number % 64) & 1 != 0
}

pub fn add(set: &mut [u64], number: u32) {
    set[number as usize / 64] |= 1 << (number % 64);
}

/// One kind: what tells it from others, how rules see it, and what it is as a word.
#[derive(Clone, Copy)]
struct Known {
    numbers: (u64, u64),
    sight: u32,
    kind: Kind,
}

/// One kind as a word.
#[derive(Clone, Copy)]
pub struct Kind {
    pub word: u64,       // its hash; 0 where it is no word
    pub slot: u32,       // of the row of just this word among the spellings; NONE where none begins so
    pub goes_on: bool,   // some of these go on with another word
    pub is_marked: bool, // some that do not have marks beside the word
    singles: u32,        // the entries of just this word: where they are, and how many
    count: u32,
}

/// The kind of a piece of text, and how rules see it: many kinds have the same shapes and atoms, which are kept once.
#[derive(Clone, Copy, Default)]
pub struct Look {
    pub kind: u32,
    pub sight: u32, // the number of its shapes and atoms
}

/// What rules see of a token at once: its shapes, and a bit for each stage in which some start from it.
#[derive(Clone, Copy, Default)]
pub struct Outline {
    pub shapes: u32,
    stages: u32,
}

impl Outline {
    pub fn starts_in(&self, stage: usize) -> bool {
        self.stages >> stage.min(LAST_STAGE) & 1 != 0
    }
}

/// Where a kind is kept: few bytes, so that those of all kinds stay at hand.
#[derive(Clone, Copy, Default)]
struct Slot {
    tag: u32,  // of its key, by which most others are told apart
    kind: u32, // one more than its number; 0 where nothing is kept
}

/// All kinds that were met.
#[derive(Default)]
pub struct Kinds {
    slots: Vec<Slot>,
    kinds: Vec<Known>,
    spans: Vec<(u32, u32)>, // by kind: the text of a long one
    texts: Vec<u32>,
    casings: Vec<u8>, // as long as `texts`
    singles: Vec<Met>,
    sights: HashMap<(u32, Vec<u64>), u32>, // by shapes and atoms; the rest is by their number
    outlines: Vec<Outline>,
    atoms: Vec<u64>,
    openings: Vec<u64>, // that a token may begin, by sight
    tries: Vec<u32>,
    ranges: Vec<(u32, u32)>, // of `tries`, by sight and stage
}

impl Kinds {
    pub fn of(&self, number: u32) -> &Kind {
        &self.kinds[number as usize].kind
    }

    pub fn singles(&self, kind: &Kind) -> &[Met] {
        &self.singles[kind.singles as usize..][..kind.count as usize]
    }

    pub fn outline(&self, sight: u32) -> Outline {
        self.outlines[sight as usize]
    }

    pub fn atoms(&self, sight: u32, words: usize) -> &[u64] {
        &self.atoms[sight as usize * words..][..words]
    }

    /// The openings that a token may begin, whatever entries stand there.
    pub fn openings(&self, sight: u32, words: usize) -> &[u64] {
        &self.openings[sight as usize * words..][..words]
    }

    /// The tries of a stage that start from a token.
    pub fn tries(&self, sight: u32, stage: usize, stages: usize) -> &[u32] {
        let (start, end) = self.ranges[sight as usize * stages + stage];
        &self.tries[start as usize..end as usize]
    }

    /// Forget all, where that has become too much; the numbers of before mean nothing then.
    pub fn make_room(&mut self) {
        if self.kinds.len() > MOST {
            *self = Kinds::default();
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); FIRST_SIZE];
        }
    }

    /// Begin to look for a piece of text. It is done for many pieces before any is looked at, so that none waits for another.
    #[inline(always)]
    pub fn seek(&self, folded: Folded, start: usize, end: usize) -> Sought {
        let key = Key::of(folded, start, end);
        let (place, tag) = key.place();
        Sought { key, place, tag, slot: self.slots[place & (self.slots.len() - 1)] }
    }

    /// The kind of a piece of text that was sought, and how rules see it.
    #[inline(always)]
    pub fn look(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize, sought: &Sought) -> Look {
        match self.known(sought.slot, folded, start, end, sought) {
            Some(look) => look,
            None => self.look_on(tables, atoms, folded, start, end, sought),
        }
    }

    /// The same for a piece that is not where it is looked for first.
    #[inline(never)]
    fn look_on(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize, sought: &Sought) -> Look {
        let mask = self.slots.len() - 1;
        let mut at = sought.place & mask;
        while self.slots[at].kind != 0 {
            if let Some(look) = self.known(self.slots[at], folded, start, end, sought) {
                return look;
            }
            at = (at + 1) & mask;
        }
        let look = self.learn(tables, atoms, folded, start, end, sought.key);
        self.slots[at] = Slot { tag: sought.tag, kind: look.kind + 1 };
        if self.kinds.len() * 2 > self.slots.len() {
            self.grow();
        }
        look
    }

    /// What is kept in a slot, if it is what was sought.
    #[inline(always)]
    fn known(&self, slot: Slot, folded: Folded, start: usize, end: usize, sought: &Sought) -> Option<Look> {
        if slot.kind == 0 || slot.tag != sought.tag {
            return None;
        }
        let kind = slot.kind - 1;
        let known = &self.kinds[kind as usize];
        let is_it = known.numbers == sought.key.numbers && (sought.key.is_whole || self.is_spelt(kind, folded, start, end));
        is_it.then_some(Look { kind, sight: known.sight })
    }

    fn is_spelt(&self, number: u32, folded: Folded, start: usize, end: usize) -> bool {
        let (first, behind) = self.spans[number as usize];
        let place = first as usize..behind as usize;
        self.texts[place.clone()] == folded.plain[start..end] && self.casings[place] == folded.cased[start..end]
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![Slot::default(); mask + 1];
        for (known, number) in self.kinds.iter().zip(1..) {
            let (place, tag) = Key { numbers: known.numbers, is_whole: true }.place();
            let mut at = place & mask;
            while self.slots[at].kind != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = Slot { tag, kind: number };
        }
    }

    fn learn(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize, key: Key) -> Look {
        let kind = self.kinds.len() as u32;
        let plain = &folded.plain[start..end];
        let text = self.texts.len() as u32;
        if !key.is_whole {
            self.texts.extend_from_slice(plain);
            self.casings.extend_from_slice(&folded.cased[start..end]);
        }
        let shapes = shapes(&folded.cased[start..end]);
        let set = self.learn_atoms(tables, atoms, shapes, &folded.lower[start..end], plain);
        let sight = self.learn_sight(atoms, shapes, set);
        let word = word_hash(&folded.lower[start..end]).unwrap_or(0);
        let slot = if word == 0 { NONE } else { tables.spellings.find(with_word(0, word)) };
        let first = self.singles.len() as u32;
        let is_marked = slot != NONE && self.learn_singles(tables, slot, &folded.lower[start..end], plain);
        self.singles[first as usize..].sort_unstable_by_key(|met| met.entry);
        let count = self.singles.len() as u32 - first;
        let known = Kind { word, slot, goes_on: tables.spellings.goes_on(slot), is_marked, singles: first, count };
        self.kinds.push(Known { numbers: key.numbers, sight, kind: known });
        self.spans.push((text, self.texts.len() as u32));
        Look { kind, sight }
    }

    fn learn_sight(&mut self, atoms: &Atoms, shapes: u32, set: Vec<u64>) -> u32 {
        let key = (shapes, set);
        if let Some(&known) = self.sights.get(&key) {
            return known;
        }
        let number = self.outlines.len() as u32;
        self.atoms.extend_from_slice(&key.1);
        self.openings.extend(atoms.openings.met_by(&key.1));
        let stages = self.learn_tries(atoms, &key.1);
        self.outlines.push(Outline { shapes, stages });
        self.sights.insert(key, number);
        number
    }

    fn learn_atoms(&self, tables: &Tables, atoms: &Atoms, shapes: u32, lower: &[u8], plain: &[u32]) -> Vec<u64> {
        let mut set = vec![0; atoms.words];
        for &(each, demanded) in &atoms.shaped {
            if shapes & demanded == demanded {
                atoms.add(&mut set, each);
            }
        }
        for &each in atoms.literals.get(lower).map_or(&[][..], |found| found) {
            let row = tables.atoms.row(each as usize);
            if shapes & row[atom::SHAPE] == row[atom::SHAPE] && spells(tables, row, plain) {
                atoms.add(&mut set, each);
            }
        }
        set
    }

    /// Learn what starts from a token; a bit for each stage in which something does.
    fn learn_tries(&mut self, atoms: &Atoms, set: &[u64]) -> u32 {
        let mut stages = 0;
        for (stage, anchors) in atoms.anchors.iter().enumerate() {
            let first = self.tries.len() as u32;
            self.tries.extend(anchors.iter().filter(|(anchor, _)| has(set, *anchor)).map(|(_, number)| number));
            let behind = self.tries.len() as u32;
            self.ranges.push((first, behind));
            stages |= u32::from(first < behind) << stage.min(LAST_STAGE);
        }
        stages
    }

    /// Learn the entries of just one word; whether there are such with marks beside it.
    fn learn_singles(&mut self, tables: &Tables, slot: u32, lower: &[u8], plain: &[u32]) -> bool {
        let mut marked = false;
        let &[start, count] = tables.spellings.slots.row(slot as usize);
        for at in start >> 1..(start >> 1) + count {
            let spelt = tables.spellings.spelt.row(at as usize);
            let &[number, place, len, _] = spelt;
            let row = tables.entries.row(number as usize);
            if is_marked(spelt, lower.len() as u32) {
                marked = true;
                continue;
            }
            let spelling = spelling(tables, place, len);
            let text = &tables.texts[row[entry::TEXT] as usize..][..row[entry::LEN] as usize];
            let flexible = row[entry::FLAGS] & entry::FLEXIBLE != 0;
            if spelling == lower && agrees(tables.chars, text, plain, flexible, is_ligated(spelling)) {
                self.singles.push(Met::of(tables, number));
            }
        }
        marked
    }
}

/// A piece of text as two numbers, and whether these are all of it. A short one is its bytes and its length.
///
/// How it is folded tells it apart too: in an address a letter is none. There all characters are pieces of their own, so
/// the folding of the first one tells it.
#[derive(Clone, Copy)]
struct Key {
    numbers: (u64, u64),
    is_whole: bool,
}

impl Key {
    fn of(folded: Folded, start: usize, end: usize) -> Key {
        let len = end - start;
        if len <= SHORT {
            let bytes = folded.bytes[start..start + BEYOND].try_into().expect("as many as were added to them");
            let (all, behind) = (u128::from_le_bytes(bytes), u128::MAX << (8 * len));
            if !has_zero(all | behind) {
                let packed = all & !behind;
                let high = (packed >> 64) as u64 | u64::from(folded.cased[start]) << 48 | (len as u64) << 56;
                return Key { numbers: (packed as u64, high), is_whole: true };
            }
        }
        let mut hash = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(folded.cased[start]);
        for &char in &folded.plain[start..end] {
            hash = (hash.rotate_left(5) ^ u64::from(char)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
        Key { numbers: (hash, u64::MAX), is_whole: false }
    }

    /// Where it is looked for first, and its tag.
    fn place(self) -> (usize, u32) {
        let mixed = (self.numbers.0 ^ self.numbers.1.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed >> 32) as usize, mixed as u32)
    }
}

/// Whether one of sixteen bytes is 0.
fn has_zero(bytes: u128) -> bool {
    const ONES: u128 = u128::MAX / 0xff;
    bytes.wrapping_sub(ONES) & !bytes & ONES << 7 != 0
}

/// A piece of text that is looked for: its key, and what stands where that is looked for first.
#[derive(Clone, Copy)]
pub struct Sought {
    key: Key,
    place: usize,
    tag: u32,
    slot: Slot,
}

/// Whether a piece whose letters are those of a literal has its accents, and where exact its case.
fn spells(tables: &Tables, row: &[u32; atom::WIDTH], piece: &[u32]) -> bool {
    let literal = &tables.literals[row[atom::TEXT] as usize..][..row[atom::LEN] as usize];
    let chars = tables.chars;
    let exact = row[atom::KIND] == atom::EXACT;
    literal.iter().zip(piece).all(|(&wanted, &met)| {
        met == wanted
            || !chars.is_alnum(wanted)
            || (!exact && chars.lower(met) == wanted)
            || (chars.is_upper(met) && met == chars.base(if exact { wanted } else { chars.upper(wanted) }))
    })
}
