//! One text as rules see it: its tokens, the entries in it, and the entities of earlier stages, by where they stand.
//!
//! What stands at a token is kept as a set of atoms, one bit each: those that begin there, and those that end there.

use crate::kinds::{add, has, Atoms, Kinds, Look};
use crate::lexicon::{words, Folded, Hit, Word};
use crate::order::Candidate;
use crate::tables::{entry, Tables, LABELS, NONE};
use crate::tokens::token_end;

#[derive(Clone, Copy)]
pub struct Token {
    pub start: u32,
    pub end: u32,
    pub look: Look,
}

/// The atoms at one edge of a token: those that the token is, and those of entries.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    token: &'a [u64],
    entries: &'a [u64],
}

impl Standing<'_> {
    pub fn has(&self, number: u32) -> bool {
        has(self.token, number) || (!self.entries.is_empty() && has(self.entries, number))
    }

    /// Whether one of some atoms is among them.
    pub fn meets(&self, wanted: &[u64]) -> bool {
        let meets = |set: &[u64]| set.iter().zip(wanted).any(|(stands, wanted)| stands & wanted != 0);
        meets(self.token) || meets(self.entries)
    }
}

/// The set of atoms at a place, which is made where there is none.
fn set_at<'a>(sets: &'a mut Vec<u64>, place: &mut u32, words: usize) -> &'a mut [u64] {
    if *place == 0 {
        *place = sets.len() as u32;
        sets.resize(sets.len() + words, 0);
    }
    &mut sets[*place as usize..][..words]
}

/// Everything about one text that rules ask for; all of it is used again for the next one.
#[derive(Default)]
pub struct Text {
    pub tokens: Vec<Token>,
    pub words: Vec<Word>,
    pub hits: Vec<Hit>,
    pub seen: Vec<Candidate>, // the entities of earlier stages, in order
    pub kinds: Kinds,
    token_from: Vec<u32>, // by offset: one more than the number of the token that starts there
    token_to: Vec<u32>,
    hit_from: Vec<u32>, // the first of the hits that start there
    hit_to: Vec<u32>,   // the first of the hits that end there, the longest first
    next_to: Vec<u32>,  // by hit: the next that ends there
    begin: Vec<u32>,    // by token: where the atoms of entries that begin there start in `sets`; 0 where there are none
    finish: Vec<u32>,
    sets: Vec<u64>,
}

impl Text {
    /// Cut a text into tokens and words.
    pub fn cut(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded) {
        self.forget(folded.cased.len());
        self.kinds.make_room();
        let mut at = 0;
        while at < folded.cased.len() {
            let end = token_end(folded.cased, at);
            if end == at {
                at += 1;
                continue;
            }
            self.add_token(Token { start: at as u32, end: end as u32, look: Look::default() });
            at = end;
        }
        for token in &mut self.tokens { // all at once, so that one need not wait for what is known of another
            token.look = self.kinds.look(tables, atoms, folded, token.start as usize, token.end as usize);
        }
        for (start, end) in words(folded.lower) {
            let token = self.token_from(start as u32).filter(|token| token.end as usize == end);
            let look = match token.map(|token| token.look) {
                Some(look) => look,
                None => self.kinds.look(tables, atoms, folded, start, end),
            };
            self.words.push(Word { start: start as u32, end: end as u32, kind: look.kind });
        }
    }

    /// Take up the hits in it, in order. Those `inside` compounds are among them; they are tokens of their own.
    pub fn take_up(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, hits: &[Hit], inside: &[Hit]) {
        if !inside.is_empty() {
            self.cut_compounds(tables, atoms, folded, inside);
        }
        self.begin.resize(self.tokens.len(), 0);
        self.finish.resize(self.tokens.len(), 0);
        self.sets.resize(atoms.words, 0); // a set at place 0 would be none
        self.hits.extend_from_slice(hits);
        self.next_to.resize(self.hits.len(), 0);
        for number in (0..self.hits.len()).rev() {
            self.keep(tables, atoms, number);
        }
    }

    /// Cut the tokens that hold names of a compound where these start and end.
    fn cut_compounds(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, inside: &[Hit]) {
        let mut cuts: Vec<u32> = inside.iter().flat_map(|hit| [hit.start, hit.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let whole = std::mem::take(&mut self.tokens);
        for token in &whole {
            self.token_from[token.start as usize] = 0;
            self.token_to[token.end as usize] = 0;
        }
        for token in whole {
            let first = cuts.partition_point(|&cut| cut <= token.start);
            let last = cuts.partition_point(|&cut| cut < token.end);
            let mut start = token.start as usize;
            for &end in cuts[first..last].iter().chain([&token.end]) {
                if first == last {
                    self.add_token(token);
                } else {
                    self.cut_part(tables, atoms, folded, start, end as usize);
                }
                start = end as usize;
            }
        }
    }

    fn cut_part(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let stop = token_end(&folded.cased[..end], at).max(at + 1);
            let look = self.kinds.look(tables, atoms, folded, at, stop);
            self.add_token(Token { start: at as u32, end: stop as u32, look });
            at = stop;
        }
    }

    fn add_token(&mut self, token: Token) {
        self.tokens.push(token);
        self.token_from[token.start as usize] = self.tokens.len() as u32;
        self.token_to[token.end as usize] = self.tokens.len() as u32;
    }

    fn keep(&mut self, tables: &Tables, atoms: &Atoms, number: usize) {
        let hit = self.hits[number];
        let (start, end) = (hit.start as usize, hit.end as usize);
        self.hit_from[start] = number as u32 + 1;
        self.next_to[number] = self.hit_to[end];
        self.hit_to[end] = number as u32 + 1;
        let key = tables.entries.row(hit.entry as usize)[entry::KEY];
        for &(each, shape) in atoms.of_key(key) {
            if !self.has_shape(hit.start, shape) {
                continue;
            }
            if self.token_from[start] != 0 {
                let place = &mut self.begin[self.token_from[start] as usize - 1];
                add(set_at(&mut self.sets, place, atoms.words), each);
            }
            if self.token_to[end] != 0 {
                let place = &mut self.finish[self.token_to[end] as usize - 1];
                add(set_at(&mut self.sets, place, atoms.words), each);
            }
        }
    }

    /// Empty what is kept by offset, which costs what the last text had in it, not what the longest one had.
    fn forget(&mut self, length: usize) {
        for token in self.tokens.drain(..) {
            self.token_from[token.start as usize] = 0;
            self.token_to[token.end as usize] = 0;
        }
        for hit in self.hits.drain(..) {
            self.hit_from[hit.start as usize] = 0;
            self.hit_to[hit.end as usize] = 0;
        }
        self.words.clear();
        self.begin.clear();
        self.finish.clear();
        self.sets.clear();
        self.next_to.clear();
        for kept in [&mut self.token_from, &mut self.token_to, &mut self.hit_from, &mut self.hit_to] {
            if kept.len() < length + 2 {
                kept.resize(length + 2, 0);
            }
        }
    }

    pub fn token_from(&self, start: u32) -> Option<&Token> {
        match self.token_from[start as usize] {
            0 => None,
            number => Some(&self.tokens[number as usize - 1]),
        }
    }

    pub fn token_to(&self, end: u32) -> Option<&Token> {
        match self.token_to[end as usize] {
            0 => None,
            number => Some(&self.tokens[number as usize - 1]),
        }
    }

    /// What begins where a token starts; none where no token does.
    pub fn begins(&self, words: usize, start: u32) -> Option<Standing<'_>> {
        let number = (self.token_from[start as usize] as usize).checked_sub(1)?;
        Some(self.standing(number, self.begin[number] as usize, words))
    }

    /// What ends where a token ends; none where no token does.
    pub fn finishes(&self, words: usize, end: u32) -> Option<Standing<'_>> {
        let number = (self.token_to[end as usize] as usize).checked_sub(1)?;
        Some(self.standing(number, self.finish[number] as usize, words))
    }

    fn standing(&self, token: usize, place: usize, words: usize) -> Standing<'_> {
        let entries = if place == 0 { &[] } else { &self.sets[place..place + words] };
        Standing { token: self.kinds.atoms(self.tokens[token].look.sight, words), entries }
    }

    /// Whether the token that starts there has a shape.
    pub fn has_shape(&self, start: u32, shape: u32) -> bool {
        shape == 0 || self.token_from(start).map_or(false, |token| self.kinds.shapes(token.look.sight) & shape == shape)
    }

    /// The hits that start at an offset, the longest first.
    pub fn hits_from(&self, start: u32) -> impl Iterator<Item = &Hit> {
        let first = match self.hit_from[start as usize] as usize {
            0 => self.hits.len(),
            number => number - 1,
        };
        self.hits[first..].iter().take_while(move |hit| hit.start == start)
    }

    /// The hits that end at an offset, the longest first.
    pub fn hits_to(&self, end: u32) -> impl Iterator<Item = &Hit> {
        let mut next = self.hit_to[end as usize];
        std::iter::from_fn(move || {
            if next == 0 {
                return None;
            }
            let number = next as usize - 1;
            next = self.next_to[number];
            Some(&self.hits[number])
        })
    }

    /// The entry of a label at just this span.
    pub fn entry(&self, tables: &Tables, start: u32, end: u32, label: u32) -> u32 {
        self.hits_from(start)
            .find(|hit| hit.end == end && tables.entries.row(hit.entry as usize)[entry::KEY] == label)
            .map_or(NONE, |hit| hit.entry)
    }

    /// Whether an unambiguous entry of a label other than this one stands at just this span.
    pub fn is_another(&self, tables: &Tables, start: u32, end: u32, label: u32) -> bool {
        self.hits_from(start).any(|hit| {
            let row = tables.entries.row(hit.entry as usize);
            let is_other = (row[entry::KEY] as usize) < LABELS && row[entry::KEY] != label;
            hit.end == end && is_other && row[entry::FLAGS] & entry::AMBIGUOUS == 0
        })
    }

    /// The entity of an earlier stage that starts there.
    pub fn seen_from(&self, start: u32) -> Option<&Candidate> {
        let number = self.seen.partition_point(|each| each.start < start);
        self.seen.get(number).filter(|each| each.start == start)
    }

    /// The entity of an earlier stage that ends there.
    pub fn seen_to(&self, end: u32) -> Option<&Candidate> {
        let number = self.seen.partition_point(|each| each.end < end);
        self.seen.get(number).filter(|each| each.end == end)
    }
}

/// Where something stands that follows on the same line: behind a space, where there is one.
pub fn ahead(tables: &Tables, folded: Folded, offset: u32) -> Option<u32> {
    match folded.cased.get(offset as usize) {
        Some(b' ') if tables.chars.is_line_end(folded.plain[offset as usize]) => None,
        Some(b' ') => Some(offset + 1),
        _ => Some(offset),
    }
}

/// Where something ends that goes before on the same line.
pub fn behind(tables: &Tables, folded: Folded, offset: u32) -> Option<u32> {
    if offset == 0 || folded.cased[offset as usize - 1] != b' ' {
        return Some(offset);
    }
    if tables.chars.is_line_end(folded.plain[offset as usize - 1]) {
        None
    } else {
        Some(offset - 1)
    }
}
