//! With what programs may begin: most need not be run, since what stands beside them is none of that.

use std::collections::HashMap;

use crate::kinds::add;
use crate::tables::{atom, step, trial, Tables, NONE};

/// What a program may begin with, as what stands beside it is held against it.
#[derive(Clone, Copy)]
pub struct Opening {
    pub number: u32, // by which tokens are told that may begin it, whatever entries stand there
    pub keys: u64,   // of entries, as in `key_bit`
}

/// What a program may begin with, wherever it does not match at once.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Beginning {
    keys: u64,
    atoms: Vec<u64>,
}

/// The openings of all programs. Anything begins the first.
pub struct Openings {
    all: Vec<Beginning>,
    of_program: HashMap<u32, u32>,
    of_beginning: HashMap<Beginning, u32>,
    words: usize, // of a set of atoms
    met_by_nothing: Vec<u64>,
}

/// A key as a bit, which it may share with another.
pub fn key_bit(key: u32) -> u64 {
    1 << (key & 63)
}

impl Openings {
    /// The openings of all tries; sets of atoms have so many words.
    pub fn new(tables: &Tables, words: usize) -> Openings {
        let mut openings = Openings {
            all: vec![Beginning { keys: 0, atoms: vec![0; words] }],
            of_program: HashMap::from([(NONE, 0)]),
            of_beginning: HashMap::new(),
            words,
            met_by_nothing: Vec::new(),
        };
        for number in 0..tables.tries.len() {
            let row = tables.tries.row(number);
            for side in [trial::RIGHT, trial::LEFT, trial::BEFORE, trial::AFTER] {
                openings.add(tables, row[side]);
            }
        }
        openings.met_by_nothing = openings.met_by(&vec![0; words]);
        openings
    }

    /// The opening of a program.
    pub fn of(&self, program: u32) -> Opening {
        let number = self.of_program[&program];
        Opening { number, keys: self.all[number as usize].keys }
    }

    /// The words of a set of openings.
    pub fn words(&self) -> usize {
        self.all.len() / 64 + 1
    }

    /// The numbers of those that a token may begin which is some atoms, as a set.
    pub fn met_by(&self, atoms: &[u64]) -> Vec<u64> {
        let mut met = vec![0; self.words()];
        add(&mut met, 0);
        for (number, opening) in (0..).zip(&self.all) {
            if opening.atoms.iter().zip(atoms).any(|(begins, stands)| begins & stands != 0) {
                add(&mut met, number);
            }
        }
        met
    }

    /// The same where no token stands.
    pub fn met_by_nothing(&self) -> &[u64] {
        &self.met_by_nothing
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

/// What a program may begin with; none where that is anything.
fn beginning(tables: &Tables, program: u32, words: usize) -> Option<Beginning> {
    let mut begins = Beginning { keys: 0, atoms: vec![0; words] };
    let mut met = Vec::new();
    let mut pending = vec![program];
    while let Some(at) = pending.pop() {
        if met.contains(&at) {
            continue;
        }
        met.push(at);
        let row = tables.steps.row(at as usize);
        match row[step::OP] {
            step::ATOM => begins.add(tables, row[step::FIRST])?,
            step::ABSENT | step::MARK => pending.push(at + 1),
            step::SPLIT => pending.extend([program + row[step::FIRST], program + row[step::SECOND]]),
            step::JUMP => pending.push(program + row[step::FIRST]),
            _ => return None, // it matches
        }
    }
    Some(begins)
}

impl Beginning {
    /// Add an atom; none where it may be anything.
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
