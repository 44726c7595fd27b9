//! The programs as they are run: alternatives of one token each are one step, and so is such a token that may be left out.
//!
//! Both are the rule in patterns. What is found, and in which order ways are tried, is as if nothing had been joined: of
//! alternatives that are the same token, the first is gone, and the others come to the same place.

use std::collections::HashMap;

use crate::tables::{atom, step, trial, veto, Tables, NONE};

/// Instructions beside those of `tables::step`.
pub const CHOICE: u32 = 6; // a token that is one of some atoms, and where to go behind it
pub const MAYBE: u32 = 7; // a branch whose first way begins with a token

/// All programs in a row, and the sets of atoms that their choices are: the first has the number behind the last atom.
pub struct Steps {
    rows: Vec<[u32; step::WIDTH]>,
    pub choices: Vec<Vec<u32>>,
    known: HashMap<Vec<u32>, u32>,
}

impl Steps {
    pub fn new(tables: &Tables) -> Steps {
        let rows = (0..tables.steps.len()).map(|number| *tables.steps.row(number)).collect();
        let mut steps = Steps { rows, choices: Vec::new(), known: HashMap::new() };
        let tries = (0..tables.tries.len()).map(|number| tables.tries.row(number));
        let vetoes = (0..tables.vetoes.len()).map(|number| tables.vetoes.row(number));
        let mut starts: Vec<u32> = tries.flat_map(|row| [trial::RIGHT, trial::LEFT, trial::BEFORE, trial::AFTER].map(|side| row[side])).collect();
        starts.extend(vetoes.flat_map(|row| [row[veto::BEFORE], row[veto::AFTER]]));
        starts.sort_unstable();
        starts.dedup();
        for start in starts.into_iter().filter(|&start| start != NONE) {
            steps.join(tables, start);
        }
        steps
    }

    pub fn row(&self, at: u32) -> [u32; step::WIDTH] {
        self.rows[at as usize]
    }

    /// Join what can be joined in one program.
    fn join(&mut self, tables: &Tables, start: u32) {
        let mut at = start;
        while self.row(at)[step::OP] <= step::JUMP {
            at = self.join_alternatives(tables, start, at);
        }
        for at in start..at {
            let [op, first, second] = self.row(at);
            if op == step::SPLIT && (self.row(start + first)[step::OP] == CHOICE || self.is_token(tables, start + first)) {
                self.rows[at as usize] = [MAYBE, first, second];
            }
        }
    }

    /// Join the alternatives of one token each that follow each other from a branch on; the step behind what was joined.
    fn join_alternatives(&mut self, tables: &Tables, start: u32, at: u32) -> u32 {
        let behind = match self.alternative(tables, start, at) {
            Some((_, behind)) => behind,
            None => return at + 1,
        };
        let mut members = Vec::new();
        let mut next = at;
        while let Some((member, _)) = self.alternative(tables, start, next).filter(|&(_, end)| end == behind) {
            members.push(member);
            next += 3;
        }
        let is_last = self.is_token(tables, next) && next + 1 == start + behind;
        if is_last {
            members.push(self.row(next)[step::FIRST]);
            next += 1;
        }
        if members.len() > 1 {
            let choice = [CHOICE, self.choice(tables, members), behind];
            if is_last {
                self.rows[at as usize] = choice;
            } else {
                self.rows[at as usize] = [step::SPLIT, at + 1 - start, next - start];
                self.rows[at as usize + 1] = choice;
            }
        }
        next
    }

    /// The atom of an alternative that is one token and not the last, and where the program goes on behind it.
    fn alternative(&self, tables: &Tables, start: u32, at: u32) -> Option<(u32, u32)> {
        match self.row(at) {
            [step::SPLIT, _, other] if start + other == at + 3 && self.is_token(tables, at + 1) => {}
            _ => return None,
        }
        match self.row(at + 2) {
            [step::JUMP, behind, _] if start + behind > at => Some((self.row(at + 1)[step::FIRST], behind)),
            _ => None, // it is repeated
        }
    }

    /// Whether a step is an atom that is told by the token alone.
    fn is_token(&self, tables: &Tables, at: u32) -> bool {
        match self.row(at) {
            [step::ATOM, number, _] => tables.atoms.row(number as usize)[atom::KIND] <= atom::EXACT,
            _ => false,
        }
    }

    fn choice(&mut self, tables: &Tables, mut members: Vec<u32>) -> u32 {
        members.sort_unstable();
        members.dedup();
        let number = (tables.atoms.len() + self.choices.len()) as u32;
        let known = *self.known.entry(members.clone()).or_insert(number);
        if known == number {
            self.choices.push(members);
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Rows;

    const DONE: u32 = 5;

    /// The programs of one try, whose right side is these steps; atoms 0 to 3 are tokens, 4 is an entry of a class.
    fn joined(right: &[[u32; 3]]) -> Steps {
        let atoms: Vec<u32> = [0, 1, 2, 0, 3].iter().flat_map(|&kind| [kind, 0, 0, 0, 0]).collect();
        let steps: Vec<u32> = [[DONE, 0, 0]].iter().chain(right).flatten().copied().collect();
        let row = [0, 0, 0, 0, 1, 1, 0, NONE, NONE];
        Steps::new(&Tables {
            atoms: Rows(Box::leak(atoms.into_boxed_slice())),
            steps: Rows(Box::leak(steps.into_boxed_slice())),
            tries: Rows(Box::leak(Box::new(row))),
            ..Tables::none()
        })
    }

    /// What the program does from its start, with places as it counts them.
    fn rows(steps: &Steps, count: u32) -> Vec<[u32; 3]> {
        (1..=count).map(|at| steps.row(at)).collect()
    }

    #[test]
    fn alternatives_of_one_token_each_are_a_choice() {
        let (split, atom, jump) = (step::SPLIT, step::ATOM, step::JUMP);
        let three = joined(&[[split, 1, 3], [atom, 0, 0], [jump, 7, 0], [split, 4, 6], [atom, 2, 0], [jump, 7, 0], [atom, 1, 0], [DONE, 0, 0]]);
        assert_eq!((rows(&three, 1), &three.choices), (vec![[CHOICE, 5, 7]], &vec![vec![0, 1, 2]]));
    }

    #[test]
    fn an_alternative_that_is_no_token_is_tried_in_its_turn() {
        let (split, atom, jump) = (step::SPLIT, step::ATOM, step::JUMP);
        let last = joined(&[[split, 1, 3], [atom, 0, 0], [jump, 7, 0], [split, 4, 6], [atom, 2, 0], [jump, 7, 0], [atom, 4, 0], [DONE, 0, 0]]);
        assert_eq!((rows(&last, 2), &last.choices), (vec![[MAYBE, 1, 6], [CHOICE, 5, 7]], &vec![vec![0, 2]]));
        let first = joined(&[[split, 1, 3], [atom, 4, 0], [jump, 7, 0], [split, 4, 6], [atom, 2, 0], [jump, 7, 0], [atom, 0, 0], [DONE, 0, 0]]);
        assert_eq!((rows(&first, 1), rows(&first, 4)[3]), (vec![[split, 1, 3]], [CHOICE, 5, 7]));
    }

    #[test]
    fn what_may_be_left_out_or_repeated_is_no_choice() {
        let (split, atom, jump) = (step::SPLIT, step::ATOM, step::JUMP);
        let optional = joined(&[[split, 1, 2], [atom, 0, 0], [atom, 1, 0], [DONE, 0, 0]]);
        assert_eq!(rows(&optional, 3), [[MAYBE, 1, 2], [atom, 0, 0], [atom, 1, 0]]);
        let repeated = joined(&[[split, 1, 3], [atom, 0, 0], [jump, 0, 0], [atom, 1, 0], [DONE, 0, 0]]);
        assert_eq!(rows(&repeated, 4), [[MAYBE, 1, 3], [atom, 0, 0], [jump, 0, 0], [atom, 1, 0]]);
        assert!(optional.choices.is_empty() && repeated.choices.is_empty());
    }
}
