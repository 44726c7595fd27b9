//! A cache, kept from one text to the next, of what is known of a token or word from its spelling alone.
//!
//! A kind is everything that depends only on a piece of text itself: its shapes, the atoms that it matches, the rules
//! that start from it, the entries of just this one word. Texts repeat their words, so most pieces are examined once.

use std::collections::HashMap;

use crate::lexicon::{agrees, is_ligated, is_marked, spelling, with_word, word_hash, EntryRef, Folded, PADDING};
use crate::openings::Openings;
use crate::steps::Steps;
use crate::tables::{atom, entry, trial, Tables, NONE};
use crate::tokens::shapes;

const MAX_KINDS: usize = 1 << 16; // beyond which all are forgotten
const FIRST_SIZE: usize = 1 << 12;
const SHORT: usize = 14; // characters that fit into a key
const LAST_STAGE: usize = 31; // the last stage with a bit of its own; later ones share it

/// The atoms of all rules, by what makes them match.
pub struct Atoms {
    pub words: usize, // of 64 bits in a set of atoms
    shaped: Vec<(u32, u32)>,              // the atom, and the shapes that it requires
    literals: HashMap<Vec<u8>, Vec<u32>>, // the atoms by their lower folding
    choices: Vec<Vec<u32>>,               // by atom: the choices that contain it
    anchors: Vec<Vec<(u32, u32)>>,        // by stage: the atom and the number of each try that starts from a token
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
            for &member in members {
                atoms.choices[member as usize].push(choice);
            }
        }
        atoms
    }

    /// Add an atom to a set, and the choices that contain it.
    fn add(&self, set: &mut [u64], number: u32) {
        add(set, number);
        for &choice in &self.choices[number as usize] {
            add(set, choice);
        }
    }
}

/// Whether a number is in a bit set.
pub fn has(set: &[u64], number: u32) -> bool {
    set[number as usize / 64] >> (number % 64) & 1 != 0
}

/// Add a number to a bit set.
pub fn add(set: &mut [u64], number: u32) {
    set[number as usize / 64] |= 1 << (number % 64);
}

/// One kind: the numbers of its key, its profile, and what it is as a word.
#[derive(Clone, Copy)]
struct KindRow {
    numbers: (u64, u64),
    profile: u32,
    kind: Kind,
}

/// One kind as a word.
#[derive(Clone, Copy)]
pub struct Kind {
    pub word: u64,       // its hash; 0 if it is not a word
    pub slot: u32,       // of the spellings that begin with this word; NONE if there are none
    pub goes_on: bool,   // some of these spellings go on with another word
    pub is_marked: bool, // some of just this word have marks beside it
    singles: u32,        // the first of the entries of just this word, and their count
    count: u32,
}

/// The numbers of the kind of a piece of text and of its profile. A profile is the shapes and atoms of a kind, stored
/// once for the many kinds that share them.
#[derive(Clone, Copy, Default)]
pub struct Ids {
    pub kind: u32,
    pub profile: u32,
}

/// The quick view of a token for rules: its shapes, and a bit for each stage in which some rule starts from it.
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

/// A slot of the hash table of kinds: small, so that the table stays in the cache.
#[derive(Clone, Copy, Default)]
struct Slot {
    tag: u32,  // of the key, which tells most other keys apart
    kind: u32, // one more than the number of the kind; 0 if the slot is free
}

/// All kinds seen so far.
#[derive(Default)]
pub struct Kinds {
    slots: Vec<Slot>,
    rows: Vec<KindRow>,
    spans: Vec<(u32, u32)>, // by kind: the range of a long one in `texts`
    texts: Vec<u32>,
    casings: Vec<u8>, // as long as `texts`
    singles: Vec<EntryRef>,
    profiles: HashMap<(u32, Vec<u64>), u32>, // by shapes and atoms
    outlines: Vec<Outline>,                  // by profile, as are the following
    atoms: Vec<u64>,
    openings: Vec<u64>, // that a token may begin
    tries: Vec<u32>,
    ranges: Vec<(u32, u32)>, // of `tries`, by profile and stage
}

impl Kinds {
    pub fn of(&self, number: u32) -> &Kind {
        &self.rows[number as usize].kind
    }

    pub fn singles(&self, kind: &Kind) -> &[EntryRef] {
        &self.singles[kind.singles as usize..][..kind.count as usize]
    }

    pub fn outline(&self, profile: u32) -> Outline {
        self.outlines[profile as usize]
    }

    pub fn atoms(&self, profile: u32, words: usize) -> &[u64] {
        &self.atoms[profile as usize * words..][..words]
    }

    /// The openings that a token may begin, whatever entries stand there.
    pub fn openings(&self, profile: u32, words: usize) -> &[u64] {
        &self.openings[profile as usize * words..][..words]
    }

    /// The tries of a stage that start from a token.
    pub fn tries(&self, profile: u32, stage: usize, stages: usize) -> &[u32] {
        let (start, end) = self.ranges[profile as usize * stages + stage];
        &self.tries[start as usize..end as usize]
    }

    /// Forget all kinds if there are too many. This invalidates all numbers of kinds and profiles.
    pub fn make_room(&mut self) {
        if self.rows.len() > MAX_KINDS {
            *self = Kinds::default();
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); FIRST_SIZE];
        }
    }

    /// Begin the lookup of a piece of text. Beginning many before finishing any overlaps their memory accesses.
    #[inline(always)]
    pub fn begin_lookup(&self, folded: Folded, start: usize, end: usize) -> Lookup {
        let key = Key::of(folded, start, end);
        let (place, tag) = key.place();
        Lookup { key, place, tag, slot: self.slots[place & (self.slots.len() - 1)] }
    }

    /// Finish a lookup: the numbers of the piece of text, which is added if it is new.
    #[inline(always)]
    pub fn ids(
        &mut self,
        tables: &Tables,
        atoms: &Atoms,
        folded: Folded,
        start: usize,
        end: usize,
        lookup: &Lookup,
    ) -> Ids {
        match self.ids_in(lookup.slot, folded, start, end, lookup) {
            Some(ids) => ids,
            None => self.probe(tables, atoms, folded, start, end, lookup),
        }
    }

    /// Like `ids`, for a piece that is not in its first slot.
    #[inline(never)]
    fn probe(
        &mut self,
        tables: &Tables,
        atoms: &Atoms,
        folded: Folded,
        start: usize,
        end: usize,
        lookup: &Lookup,
    ) -> Ids {
        let mask = self.slots.len() - 1;
        let mut at = lookup.place & mask;
        while self.slots[at].kind != 0 {
            if let Some(ids) = self.ids_in(self.slots[at], folded, start, end, lookup) {
                return ids;
            }
            at = (at + 1) & mask;
        }
        let ids = self.learn(tables, atoms, folded, start, end, lookup.key);
        self.slots[at] = Slot { tag: lookup.tag, kind: ids.kind + 1 };
        if self.rows.len() * 2 > self.slots.len() {
            self.grow();
        }
        ids
    }

    /// The numbers in a slot, if it holds the piece of the lookup.
    #[inline(always)]
    fn ids_in(&self, slot: Slot, folded: Folded, start: usize, end: usize, lookup: &Lookup) -> Option<Ids> {
        if slot.kind == 0 || slot.tag != lookup.tag {
            return None;
        }
        let kind = slot.kind - 1;
        let row = &self.rows[kind as usize];
        let key = lookup.key;
        let is_same = row.numbers == key.numbers && (key.is_whole || self.has_text(kind, folded, start, end));
        is_same.then_some(Ids { kind, profile: row.profile })
    }

    /// Whether the stored text of a long kind is that of a piece.
    fn has_text(&self, kind: u32, folded: Folded, start: usize, end: usize) -> bool {
        let (first, last) = self.spans[kind as usize];
        let range = first as usize..last as usize;
        self.texts[range.clone()] == folded.plain[start..end] && self.casings[range] == folded.cased[start..end]
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![Slot::default(); mask + 1];
        for (row, number) in self.rows.iter().zip(1..) {
            let (place, tag) = Key { numbers: row.numbers, is_whole: true }.place();
            let mut at = place & mask;
            while self.slots[at].kind != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = Slot { tag, kind: number };
        }
    }

    fn learn(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize, key: Key) -> Ids {
        let kind = self.rows.len() as u32;
        let plain = &folded.plain[start..end];
        let text_start = self.texts.len() as u32;
        if !key.is_whole {
            self.texts.extend_from_slice(plain);
            self.casings.extend_from_slice(&folded.cased[start..end]);
        }
        let shapes = shapes(&folded.cased[start..end]);
        let set = self.matching_atoms(tables, atoms, shapes, &folded.lower[start..end], plain);
        let profile = self.learn_profile(atoms, shapes, set);
        let word = word_hash(&folded.lower[start..end]).unwrap_or(0);
        let slot = if word == 0 { NONE } else { tables.spellings.find(with_word(0, word)) };
        let first = self.singles.len() as u32;
        let is_marked = slot != NONE && self.learn_singles(tables, slot, &folded.lower[start..end], plain);
        self.singles[first as usize..].sort_unstable_by_key(|single| single.entry);
        let count = self.singles.len() as u32 - first;
        let word = Kind { word, slot, goes_on: tables.spellings.goes_on(slot), is_marked, singles: first, count };
        self.rows.push(KindRow { numbers: key.numbers, profile, kind: word });
        self.spans.push((text_start, self.texts.len() as u32));
        Ids { kind, profile }
    }

    fn learn_profile(&mut self, atoms: &Atoms, shapes: u32, set: Vec<u64>) -> u32 {
        let key = (shapes, set);
        if let Some(&number) = self.profiles.get(&key) {
            return number;
        }
        let number = self.outlines.len() as u32;
        self.atoms.extend_from_slice(&key.1);
        self.openings.extend(atoms.openings.begun_by(&key.1));
        let stages = self.learn_tries(atoms, &key.1);
        self.outlines.push(Outline { shapes, stages });
        self.profiles.insert(key, number);
        number
    }

    /// The atoms that a token matches, as a set.
    fn matching_atoms(&self, tables: &Tables, atoms: &Atoms, shapes: u32, lower: &[u8], plain: &[u32]) -> Vec<u64> {
        let mut set = vec![0; atoms.words];
        for &(number, required) in &atoms.shaped {
            if shapes & required == required {
                atoms.add(&mut set, number);
            }
        }
        for &number in atoms.literals.get(lower).map_or(&[][..], |numbers| numbers) {
            let row = tables.atoms.row(number as usize);
            if shapes & row[atom::SHAPE] == row[atom::SHAPE] && spells(tables, row, plain) {
                atoms.add(&mut set, number);
            }
        }
        set
    }

    /// Learn the tries that start from a token; a bit for each stage that has some.
    fn learn_tries(&mut self, atoms: &Atoms, set: &[u64]) -> u32 {
        let mut stages = 0;
        for (stage, anchors) in atoms.anchors.iter().enumerate() {
            let first = self.tries.len() as u32;
            self.tries.extend(anchors.iter().filter(|(anchor, _)| has(set, *anchor)).map(|(_, number)| number));
            let end = self.tries.len() as u32;
            self.ranges.push((first, end));
            stages |= u32::from(first < end) << stage.min(LAST_STAGE);
        }
        stages
    }

    /// Learn the entries of just one word; whether there are others with marks beside it.
    fn learn_singles(&mut self, tables: &Tables, slot: u32, lower: &[u8], plain: &[u32]) -> bool {
        let mut has_marked = false;
        let &[start, count] = tables.spellings.slots.row(slot as usize);
        for at in start >> 1..(start >> 1) + count {
            let spelt = tables.spellings.spelt.row(at as usize);
            let &[number, place, len, _] = spelt;
            let row = tables.entries.row(number as usize);
            if is_marked(spelt, lower.len() as u32) {
                has_marked = true;
                continue;
            }
            let spelling = spelling(tables, place, len);
            let text = &tables.texts[row[entry::TEXT] as usize..][..row[entry::LEN] as usize];
            let flexible = row[entry::FLAGS] & entry::FLEXIBLE != 0;
            if spelling == lower && agrees(tables.chars, text, plain, flexible, is_ligated(spelling)) {
                self.singles.push(EntryRef::of(tables, number));
            }
        }
        has_marked
    }
}

/// The key of a piece of text: two numbers, and whether they hold all of it. A short piece is stored as its bytes and
/// its length, a longer one as a hash.
///
/// The key includes the folding of the first character: in an address a letter is not folded to a letter. There every
/// character is a piece of its own, so the first is enough.
#[derive(Clone, Copy)]
struct Key {
    numbers: (u64, u64),
    is_whole: bool,
}

impl Key {
    fn of(folded: Folded, start: usize, end: usize) -> Key {
        let len = end - start;
        if len <= SHORT {
            let bytes = folded.bytes[start..start + PADDING].try_into().expect("as many as the padding");
            let (all, beyond) = (u128::from_le_bytes(bytes), u128::MAX << (8 * len));
            if !has_zero(all | beyond) {
                let packed = all & !beyond;
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

    /// The place of its first slot before masking, and its tag.
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

/// A lookup that was begun: the key of the piece of text, and its first slot.
#[derive(Clone, Copy)]
pub struct Lookup {
    key: Key,
    place: usize,
    tag: u32,
    slot: Slot,
}

/// Whether a piece with the letters of a literal also has its accents, and its case if the atom is exact.
fn spells(tables: &Tables, row: &[u32; atom::WIDTH], piece: &[u32]) -> bool {
    let literal = &tables.literals[row[atom::TEXT] as usize..][..row[atom::LEN] as usize];
    let chars = tables.chars;
    let is_exact = row[atom::KIND] == atom::EXACT;
    literal.iter().zip(piece).all(|(&expected, &char)| {
        char == expected
            || !chars.is_alnum(expected)
            || (!is_exact && chars.lower(char) == expected)
            || (chars.is_upper(char) && char == chars.base(if is_exact { expected } else { chars.upper(expected) }))
    })
}
