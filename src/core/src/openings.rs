//! Openings: what programs may begin with. Most programs need not be run, since nothing of that is beside the anchor.

use std::collections::HashMap;

use crate::kinds::add;
use crate::tables::{atom, step, trial, Tables, NONE};

/// What a program may begin with, in the form that neighbours are compared with.
#[derive(Clone, Copy)]
pub struct Opening {
    pub number: u32, // in the sets of openings that a token may begin
    pub keys: u64,   // of the entries that may begin it, as in `key_bit`
}

/// The atoms and entries that a program may begin with, if it does not match at once.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Beginning {
    keys: u64,
    atoms: Vec<u64>,
}

/// The openings of all programs. The first is for programs that may begin with anything.
pub struct Openings {
    all: Vec<Beginning>,
    of_program: HashMap<u32, u32>,
    of_beginning: HashMap<Beginning, u32>,
    words: usize, // of 64 bits in a set of atoms
    begun_by_nothing: Vec<u64>,
}

/// A key as a bit, which it may share with another.
pub fn key_bit(key: u32) -> u64 {
    1 << (key & 63)
}

impl Openings {
    /// The openings of all tries; a set of atoms has `words` of 64 bits.
    pub fn new(tables: &Tables, words: usize) -> Openings {
        let mut openings = Openings {
            all: vec![Beginning { keys: 0, atoms: vec![0; words] }],
            of_program: HashMap::from([(NONE, 0)]),
            of_beginning: HashMap::new(),
            words,
            begun_by_nothing: Vec::new(),
        };
        for number in 0..tables.tries.len() {
            let row = tables.tries.row(number);
            for side in [trial::RIGHT, trial::LEFT, trial::BEFORE, trial::AFTER] {
                openings.add(tables, row[side]);
            }
        }
        openings.begun_by_nothing = openings.begun_by(&vec![0; words]);
        openings
    }

    /// The opening of a program.
    pub fn of(&self, program: u32) -> Opening {
        let number = self.of_program[&program];
        Opening { number, keys: self.all[number as usize].keys }
    }

    /// How many words of 64 bits a set of openings has.
    pub fn words(&self) -> usize {
        self.all.len() / 64 + 1
    }

    /// The openings that a token may begin which matches a set of atoms, as a set of their numbers.
    pub fn begun_by(&self, atoms: &[u64]) -> Vec<u64> {
        let mut begun = vec![0; self.words()];
        add(&mut begun, 0);
        for (number, beginning) in (0..).zip(&self.all) {
            if beginning.atoms.iter().zip(atoms).any(|(allowed, matched)| allowed & matched != 0) {
                add(&mut begun, number);
            }
        }
        begun
    }

    /// Like `begun_by`, for where there is no token.
    pub fn begun_by_nothing(&self) -> &[u64] {
        &self.begun_by_nothing
    }

    fn add(&mut self, tables: &Tables, program: u32) {
        if self.of_program.contains_key(&program) {
            return;
        }
        let number = match beginning(tables, program, self.words) {
            None => 0,
            Some(beginning) => *self.of_beginning.entry(beginning).or_insert_with_key(|beginning| {
                self.all.push(beginning.clone());
                self.all.len() as u32 - 1
            }),
        };
        self.of_program.insert(program, number);
    }
}

/// The beginning of a program; `None` if it may begin with anything.
fn beginning(tables: &Tables, program: u32, words: usize) -> Option<Beginning> {
    let mut beginning = Beginning { keys: 0, atoms: vec![0; words] };
    let mut entered = Vec::new();
    let mut pending = vec![program];
    while let Some(at) = pending.pop() {
        if entered.contains(&at) {
            continue;
        }
        entered.push(at);
        let row = tables.steps.row(at as usize);
        match row[step::OP] {
            step::ATOM => beginning.add(tables, row[step::FIRST])?,
            step::ABSENT | step::MARK => pending.push(at + 1),
            step::SPLIT => pending.extend([program + row[step::FIRST], program + row[step::SECOND]]),
            step::JUMP => pending.push(program + row[step::FIRST]),
            _ => return None, // it matches at once
        }
    }
    Some(beginning)
}

impl Beginning {
    /// Add an atom; `None` if it is an entity, which no prefilter knows.
    fn add(&mut self, tables: &Tables, number: u32) -> Option<()> {
        let row = tables.atoms.row(number as usize);
        match row[atom::KIND] {
            atom::ENTITY => return None,
            atom::CLASS => self.keys |= key_bit(row[atom::VALUE]),
            _ => add(&mut self.atoms, number),
        }
        Some(())
    }
}
