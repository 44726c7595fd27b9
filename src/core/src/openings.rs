//! With what programs may begin: most need not be run, since what stands beside them is none of that.

use std::collections::HashMap;

use crate::kinds::add;
use crate::tables::{atom, step, trial, Tables, NONE};

/// What a program may begin with, wherever it does not match at once.
pub struct Opening {
    pub number: u32,  // by which tokens are told that may begin it, whatever entries stand there
    pub keys: u64,    // of entries, as in `key_bit`
    pub is_any: bool, // it may begin with anything
    atoms: Vec<u64>,
}

/// Programs with the same start have the same opening.
pub struct Openings {
    all: Vec<Opening>,
    of_program: HashMap<u32, u32>,
    words: usize, // of a set of atoms
}

/// A key as a bit, which it may share with another.
pub fn key_bit(key: u32) -> u64 {
    1 << (key & 63)
}

impl Openings {
    /// The openings of all tries; sets of atoms have so many words.
    pub fn new(tables: &Tables, words: usize) -> Openings {
        let mut openings = Openings { all: Vec::new(), of_program: HashMap::new(), words };
        for number in 0..tables.tries.len() {
            let row = tables.tries.row(number);
            for side in [trial::RIGHT, trial::LEFT, trial::BEFORE, trial::AFTER] {
                openings.add(tables, row[side]);
            }
        }
        openings
    }

    /// The number of the opening of a program.
    pub fn number(&self, program: u32) -> u32 {
        self.of_program[&program]
    }

    pub fn get(&self, number: u32) -> &Opening {
        &self.all[number as usize]
    }

    /// The words of a set of openings.
    pub fn words(&self) -> usize {
        self.all.len() / 64 + 1
    }

    /// The numbers of those that a token may begin which is some atoms, as a set.
    pub fn met_by(&self, atoms: &[u64]) -> Vec<u64> {
        let mut met = vec![0; self.words()];
        for opening in &self.all {
            if opening.atoms.iter().zip(atoms).any(|(begins, stands)| begins & stands != 0) {
                add(&mut met, opening.number);
            }
        }
        met
    }

    fn add(&mut self, tables: &Tables, program: u32) {
        if self.of_program.contains_key(&program) {
            return;
        }
        let number = self.all.len() as u32;
        let mut opening = Opening { number, keys: 0, is_any: program == NONE, atoms: vec![0; self.words] };
        if program != NONE {
            opening.look_at(tables, program);
        }
        self.of_program.insert(program, number);
        self.all.push(opening);
    }
}

impl Opening {
    fn look_at(&mut self, tables: &Tables, program: u32) {
        let mut met = Vec::new();
        let mut pending = vec![program];
        while let Some(at) = pending.pop() {
            if met.contains(&at) {
                continue;
            }
            met.push(at);
            let row = tables.steps.row(at as usize);
            match row[step::OP] {
                step::ATOM => self.add_atom(tables, row[step::FIRST]),
                step::ABSENT | step::MARK => pending.push(at + 1),
                step::SPLIT => pending.extend([program + row[step::FIRST], program + row[step::SECOND]]),
                step::JUMP => pending.push(program + row[step::FIRST]),
                _ => self.is_any = true, // it matches
            }
        }
    }

    fn add_atom(&mut self, tables: &Tables, number: u32) {
        let row = tables.atoms.row(number as usize);
        match row[atom::KIND] {
            atom::ENTITY => self.is_any = true,
            atom::CLASS => self.keys |= key_bit(row[atom::VALUE]),
            _ => add(&mut self.atoms, number),
        }
    }
}
