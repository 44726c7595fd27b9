//! What is known of every token and word of one spelling, from one text to the next.
//!
//! A kind is what a piece of text is by itself: its shapes, the atoms that it is, the rules that start from it, the
//! entries of just this one word. Texts repeat their words, so most pieces are looked at once.

use std::collections::HashMap;

use crate::lexicon::{agrees, is_ligated, is_marked, spelling, with_word, word_hash, Folded, Met};
use crate::openings::Openings;
use crate::tables::{atom, entry, trial, Tables, NONE};
use crate::tokens::shapes;

const MOST: usize = 1 << 16; // kinds that are kept
const FIRST_SIZE: usize = 1 << 12;
const SHORT: usize = 14; // characters of a piece that is its own key

/// The atoms of all rules, by what makes them stand somewhere.
pub struct Atoms {
    pub words: usize, // of a set of atoms
    shaped: Vec<(u32, u32)>,
    literals: HashMap<Vec<u8>, Vec<u32>>,
    anchors: Vec<Vec<(u32, u32)>>, // by stage: the tries that start from a token, each with its atom
    pub openings: Openings,
}

impl Atoms {
    pub fn new(tables: &Tables) -> Atoms {
        let words = tables.atoms.len() / 64 + 1;
        let mut atoms = Atoms {
            words,
            shaped: Vec::new(),
            literals: HashMap::new(),
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
        atoms
    }
}

pub fn has(set: &[u64], number: u32) -> bool {
    set[number as usize / 64] >> (number % 64) & 1 != 0
}

pub fn add(set: &mut [u64], number: u32) {
    set[number as usize / 64] |= 1 << (number % 64);
}

/// What tells a kind from others, and how rules see it: apart from the rest, so that those of all kinds stay at hand.
#[derive(Clone, Copy)]
struct Face {
    key: (u64, u64), // its very spelling where that is short, else a hash of it
    sight: u32,
}

/// One kind as a word.
#[derive(Clone, Copy)]
pub struct Kind {
    pub word: u64,       // its hash; 0 where it is no word
    pub slot: u32,       // of the row of just this word among the spellings; NONE where none begins so
    pub goes_on: bool,   // some of these go on with another word
    pub is_marked: bool, // some that do not have marks beside the word
    singles: (u32, u32), // the entries of just this word
    text: (u32, u32),    // of a long one
}

/// The kind of a piece of text, and how rules see it: many kinds have the same shapes and atoms, which are kept once.
#[derive(Clone, Copy, Default)]
pub struct Look {
    pub kind: u32,
    pub sight: u32, // the number of its shapes and atoms
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
    faces: Vec<Face>,
    kinds: Vec<Kind>,
    texts: Vec<u32>,
    casings: Vec<u8>, // as long as `texts`
    singles: Vec<Met>,
    sights: HashMap<(u32, Vec<u64>), u32>, // by shapes and atoms; the rest is by their number
    shapes: Vec<u32>,
    atoms: Vec<u64>,
    openings: Vec<u64>, // that a token may begin, by sight
    tries: Vec<u32>,
    ranges: Vec<(u32, u32)>, // of `tries`, by sight and stage
}

impl Kinds {
    pub fn of(&self, number: u32) -> &Kind {
        &self.kinds[number as usize]
    }

    pub fn singles(&self, number: u32) -> &[Met] {
        let (start, end) = self.of(number).singles;
        &self.singles[start as usize..end as usize]
    }

    pub fn shapes(&self, sight: u32) -> u32 {
        self.shapes[sight as usize]
    }

    pub fn atoms(&self, sight: u32, words: usize) -> &[u64] {
        &self.atoms[sight as usize * words..][..words]
    }

    /// Whether a token may begin an opening, whatever entries stand there.
    pub fn opens(&self, sight: u32, words: usize, opening: u32) -> bool {
        has(&self.openings[sight as usize * words..], opening)
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

    /// The kind of a piece of text, and how rules see it.
    pub fn look(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize) -> Look {
        let (plain, cased) = (&folded.plain[start..end], &folded.cased[start..end]);
        let (key, is_whole) = key(plain, cased);
        let (place, tag) = place(key);
        let mask = self.slots.len() - 1;
        let mut at = place & mask;
        while self.slots[at].kind != 0 {
            if self.slots[at].tag == tag {
                let number = self.slots[at].kind - 1;
                let face = self.faces[number as usize];
                if face.key == key && (is_whole || self.is_spelt(number, plain, cased)) {
                    return Look { kind: number, sight: face.sight };
                }
            }
            at = (at + 1) & mask;
        }
        let look = self.learn(tables, atoms, folded, start, end, (key, is_whole));
        self.slots[at] = Slot { tag, kind: look.kind + 1 };
        if self.kinds.len() * 2 > self.slots.len() {
            self.grow();
        }
        look
    }

    fn is_spelt(&self, number: u32, plain: &[u32], cased: &[u8]) -> bool {
        let (start, end) = self.of(number).text;
        let place = start as usize..end as usize;
        self.texts[place.clone()] == *plain && self.casings[place] == *cased
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![Slot::default(); mask + 1];
        for (face, number) in self.faces.iter().zip(1..) {
            let (place, tag) = place(face.key);
            let mut at = place & mask;
            while self.slots[at].kind != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = Slot { tag, kind: number };
        }
    }

    fn learn(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize, key: ((u64, u64), bool)) -> Look {
        let kind = self.kinds.len() as u32;
        let plain = &folded.plain[start..end];
        let text = self.texts.len() as u32;
        let (key, is_whole) = key;
        if !is_whole {
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
        let singles = (first, self.singles.len() as u32);
        self.faces.push(Face { key, sight });
        self.kinds.push(Kind {
            word,
            slot,
            goes_on: tables.spellings.goes_on(slot),
            is_marked,
            singles,
            text: (text, self.texts.len() as u32),
        });
        Look { kind, sight }
    }

    fn learn_sight(&mut self, atoms: &Atoms, shapes: u32, set: Vec<u64>) -> u32 {
        let key = (shapes, set);
        if let Some(&known) = self.sights.get(&key) {
            return known;
        }
        let number = self.shapes.len() as u32;
        self.shapes.push(shapes);
        self.atoms.extend_from_slice(&key.1);
        self.openings.extend(atoms.openings.met_by(&key.1));
        self.learn_tries(atoms, &key.1);
        self.sights.insert(key, number);
        number
    }

    fn learn_atoms(&self, tables: &Tables, atoms: &Atoms, shapes: u32, lower: &[u8], plain: &[u32]) -> Vec<u64> {
        let mut set = vec![0; atoms.words];
        for &(each, demanded) in &atoms.shaped {
            if shapes & demanded == demanded {
                add(&mut set, each);
            }
        }
        for &each in atoms.literals.get(lower).map_or(&[][..], |found| found) {
            let row = tables.atoms.row(each as usize);
            if shapes & row[atom::SHAPE] == row[atom::SHAPE] && spells(tables, row, plain) {
                add(&mut set, each);
            }
        }
        set
    }

    fn learn_tries(&mut self, atoms: &Atoms, set: &[u64]) {
        for stage in &atoms.anchors {
            let first = self.tries.len() as u32;
            self.tries.extend(stage.iter().filter(|(anchor, _)| has(set, *anchor)).map(|(_, number)| number));
            self.ranges.push((first, self.tries.len() as u32));
        }
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
fn key(plain: &[u32], cased: &[u8]) -> ((u64, u64), bool) {
    let pack = |part: &[u32]| part.iter().rev().fold((0, 0), |(packed, all), &char| (packed << 8 | u64::from(char), all | char));
    if plain.len() <= SHORT {
        let (first, rest) = plain.split_at(plain.len().min(8));
        let ((low, all), (high, others)) = (pack(first), pack(rest));
        if (all | others) < 0x100 {
            return ((low, high | u64::from(cased[0]) << 48 | (plain.len() as u64) << 56), true);
        }
    }
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(cased[0]);
    for &char in plain {
        hash = (hash.rotate_left(5) ^ u64::from(char)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    ((hash, u64::MAX), false)
}

/// Where a key is looked for first, and its tag.
fn place(key: (u64, u64)) -> (usize, u32) {
    let mixed = (key.0 ^ key.1.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed >> 32) as usize, mixed as u32)
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
