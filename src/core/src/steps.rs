//! The programs as they are run: alternatives of one token each become one step, and so does an optional token.
//!
//! Both are frequent in patterns. The matches, and the order in which paths are tried, are as if nothing had been
//! joined: of several alternatives that match the same token, only the first is followed, and the others lead to the
//! same step.

use std::collections::HashMap;

use crate::tables::{atom, step, trial, veto, Tables, NONE};

// Instructions in addition to those of `tables::step`.
pub const CHOICE: u32 = 6; // a token that matches one of several atoms, and the step after it
pub const MAYBE: u32 = 7; // a branch whose first path begins with a token

/// The steps of all programs, and the sets of atoms in their choices, which are numbered after the last atom.
pub struct Steps {
    rows: Vec<[u32; step::WIDTH]>,
    pub choices: Vec<Vec<u32>>,
    numbers: HashMap<Vec<u32>, u32>, // of choices, by their atoms
}

impl Steps {
    pub fn new(tables: &Tables) -> Steps {
        let rows = (0..tables.steps.len()).map(|number| *tables.steps.row(number)).collect();
        let mut steps = Steps { rows, choices: Vec::new(), numbers: HashMap::new() };
        let tries = (0..tables.tries.len()).map(|number| tables.tries.row(number));
        let vetoes = (0..tables.vetoes.len()).map(|number| tables.vetoes.row(number));
        let sides = [trial::RIGHT, trial::LEFT, trial::BEFORE, trial::AFTER];
        let mut starts: Vec<u32> = tries.flat_map(|row| sides.map(|side| row[side])).collect();
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

    /// Join the steps of one program where possible.
    fn join(&mut self, tables: &Tables, start: u32) {
        let mut at = start;
        while self.row(at)[step::OP] <= step::JUMP {
            at = self.join_alternatives(tables, start, at);
        }
        for at in start..at {
            let [op, first, second] = self.row(at);
            let target = start + first;
            if op == step::SPLIT && (self.row(target)[step::OP] == CHOICE || self.is_token(tables, target)) {
                self.rows[at as usize] = [MAYBE, first, second];
            }
        }
    }

    /// Join consecutive alternatives of one token each, from a branch on; the step after the joined ones.
    fn join_alternatives(&mut self, tables: &Tables, start: u32, at: u32) -> u32 {
        let end = match self.alternative(tables, start, at) {
            Some((_, end)) => end,
            None => return at + 1,
        };
        let mut members = Vec::new();
        let mut next = at;
        while let Some((member, _)) = self.alternative(tables, start, next).filter(|&(_, other)| other == end) {
            members.push(member);
            next += 3;
        }
        let is_last = self.is_token(tables, next) && next + 1 == start + end;
        if is_last {
            members.push(self.row(next)[step::FIRST]);
            next += 1;
        }
        if members.len() > 1 {
            let choice = [CHOICE, self.choice(tables, members), end];
            if is_last {
                self.rows[at as usize] = choice;
            } else {
                self.rows[at as usize] = [step::SPLIT, at + 1 - start, next - start];
                self.rows[at as usize + 1] = choice;
            }
        }
        next
    }

    /// The atom of an alternative of one token that is not the last, and the step after all alternatives.
    fn alternative(&self, tables: &Tables, start: u32, at: u32) -> Option<(u32, u32)> {
        match self.row(at) {
            [step::SPLIT, _, other] if start + other == at + 3 && self.is_token(tables, at + 1) => {}
            _ => return None,
        }
        match self.row(at + 2) {
            [step::JUMP, end, _] if start + end > at => Some((self.row(at + 1)[step::FIRST], end)),
            _ => None, // a repetition
        }
    }

    /// Whether a step is an atom that depends on the token alone.
    fn is_token(&self, tables: &Tables, at: u32) -> bool {
        match self.row(at) {
            [step::ATOM, number, _] => tables.atoms.row(number as usize)[atom::KIND] <= atom::EXACT,
            _ => false,
        }
    }

    /// The number of a choice, which is added if it is new.
    fn choice(&mut self, tables: &Tables, mut members: Vec<u32>) -> u32 {
        members.sort_unstable();
        members.dedup();
        let number = (tables.atoms.len() + self.choices.len()) as u32;
        let choice = *self.numbers.entry(members.clone()).or_insert(number);
        if choice == number {
            self.choices.push(members);
        }
        choice
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Rows;

    const DONE: u32 = 5;

    /// The programs of a try with these steps on its right; atoms 0 to 3 are tokens, 4 is an entry of a class.
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

    /// The first rows of the program; it starts at step 1, and its targets are relative to that.
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
    fn an_alternative_that_is_not_a_token_keeps_its_turn() {
        let (split, atom, jump) = (step::SPLIT, step::ATOM, step::JUMP);
        let last = joined(&[[split, 1, 3], [atom, 0, 0], [jump, 7, 0], [split, 4, 6], [atom, 2, 0], [jump, 7, 0], [atom, 4, 0], [DONE, 0, 0]]);
        assert_eq!((rows(&last, 2), &last.choices), (vec![[MAYBE, 1, 6], [CHOICE, 5, 7]], &vec![vec![0, 2]]));
        let first = joined(&[[split, 1, 3], [atom, 4, 0], [jump, 7, 0], [split, 4, 6], [atom, 2, 0], [jump, 7, 0], [atom, 0, 0], [DONE, 0, 0]]);
        assert_eq!((rows(&first, 1), rows(&first, 4)[3]), (vec![[split, 1, 3]], [CHOICE, 5, 7]));
    }

    #[test]
    fn optional_and_repeated_tokens_are_no_choices() {
        let (split, atom, jump) = (step::SPLIT, step::ATOM, step::JUMP);
        let optional = joined(&[[split, 1, 2], [atom, 0, 0], [atom, 1, 0], [DONE, 0, 0]]);
        assert_eq!(rows(&optional, 3), [[MAYBE, 1, 2], [atom, 0, 0], [atom, 1, 0]]);
        let repeated = joined(&[[split, 1, 3], [atom, 0, 0], [jump, 0, 0], [atom, 1, 0], [DONE, 0, 0]]);
        assert_eq!(rows(&repeated, 4), [[MAYBE, 1, 3], [atom, 0, 0], [jump, 0, 0], [atom, 1, 0]]);
        assert!(optional.choices.is_empty() && repeated.choices.is_empty());
    }
}
