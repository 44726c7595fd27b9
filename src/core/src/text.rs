//! One text as rules see it: its tokens, the entries in it, and the entities of earlier stages, by where they stand.
//!
//! What a token is by itself is known by its kind; the entries at an offset are looked through when a rule asks for a class
//! that may be among them.

use crate::kinds::{has, Atoms, Kinds, Look, Outline, Sought};
use crate::openings::{key_bit, Opening, Openings};
use crate::lexicon::{words, Folded, Hit, Hits, Word};
use crate::order::Candidate;
use crate::tables::{Tables, LABELS, NONE};
use crate::tokens::token_end;

const AT_ONCE: usize = 256; // tokens that are sought together

#[derive(Clone, Copy)]
pub struct Token {
    pub start: u32,
    pub end: u32,
    pub look: Look,
    pub outline: Outline,
}

/// What stands at one side of an offset: the token and the entries that start there, or those that end there.
#[derive(Clone, Copy, Default)]
pub struct Edge {
    token: u32, // one more than its number; 0 where there is none
    hit: u32,   // so is this: the first of the hits, which are the longest first
    keys: u64,  // of the hits, as in `key_bit`
}

/// What stands beside an anchor, for telling which programs may begin there: the keys of entries, and the openings that a
/// token may begin.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    keys: u64,
    openings: &'a [u64],
}

impl Beside<'_> {
    pub fn may_begin(self, opening: Opening) -> bool {
        self.keys & opening.keys != 0 || has(self.openings, opening.number)
    }
}

/// Everything about one text that rules ask for; all of it is used again for the next one.
#[derive(Default)]
pub struct Text {
    pub tokens: Vec<Token>,
    pub words: Vec<Word>,
    pub hits: Vec<Hit>,
    pub seen: Vec<Candidate>, // the entities of earlier stages, in order
    pub kinds: Kinds,
    sought: Vec<Sought>,
    from: Edges,       // what starts at an offset
    to: Edges,         // and what ends there
    next_to: Vec<u32>, // by hit: the next that ends there
}

/// Edges by offset. Most offsets have none, so that an offset only says where in the row of edges its own is.
#[derive(Default)]
struct Edges {
    places: Vec<u32>, // by offset; 0 where there is none
    row: Vec<Edge>,   // the first is empty, those of tokens follow
}

impl Edges {
    fn at(&self, offset: u32) -> Edge {
        self.row[self.places[offset as usize] as usize]
    }

    /// Have rows for so many tokens, of which only the places were known.
    fn add_tokens(&mut self, count: usize) {
        self.row.extend((1..=count as u32).map(|token| Edge { token, hit: 0, keys: 0 }));
    }

    #[inline(always)]
    fn at_mut(&mut self, offset: u32) -> &mut Edge {
        let place = &mut self.places[offset as usize];
        if *place == 0 {
            *place = self.row.len() as u32;
            self.row.push(Edge::default());
        }
        &mut self.row[*place as usize]
    }

    /// Have none, and room for those of a text.
    fn forget(&mut self, length: usize) {
        self.places.clear();
        self.places.resize(length + 2, 0);
        self.row.clear();
        self.row.push(Edge::default());
    }
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
            self.add_token(Token { start: at as u32, end: end as u32, look: Look::default(), outline: Outline::default() });
            at = end;
        }
        self.add_rows();
        for tokens in self.tokens.chunks_mut(AT_ONCE) {
            self.sought.clear();
            self.sought.extend(tokens.iter().map(|token| self.kinds.seek(folded, token.start as usize, token.end as usize)));
            for (token, sought) in tokens.iter_mut().zip(&self.sought) {
                token.look = self.kinds.look(tables, atoms, folded, token.start as usize, token.end as usize, sought);
                token.outline = self.kinds.outline(token.look.sight);
            }
        }
        for (start, end) in words(folded.lower) {
            let token = self.token_from(start as u32).filter(|token| token.end as usize == end);
            let look = match token.map(|token| token.look) {
                Some(look) => look,
                None => self.look(tables, atoms, folded, start, end),
            };
            let hash = self.kinds.of(look.kind).word;
            self.words.push(Word { hash, start: start as u32, end: end as u32, kind: look.kind });
        }
    }

    fn look(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize) -> Look {
        let sought = self.kinds.seek(folded, start, end);
        self.kinds.look(tables, atoms, folded, start, end, &sought)
    }

    /// Take the hits in it over, in order. Those inside compounds are among them; they are tokens of their own.
    pub fn take_up(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, hits: &mut Hits) {
        if !hits.inside.is_empty() {
            self.cut_compounds(tables, atoms, folded, &hits.inside);
        }
        std::mem::swap(&mut self.hits, &mut hits.all);
        self.next_to.resize(self.hits.len(), 0);
        for (number, hit) in self.hits.iter().enumerate().rev() {
            let from = self.from.at_mut(hit.start);
            from.hit = number as u32 + 1;
            from.keys |= key_bit(hit.key);
            let to = self.to.at_mut(hit.end);
            self.next_to[number] = to.hit;
            to.hit = number as u32 + 1;
            to.keys |= key_bit(hit.key);
        }
    }

    /// Cut the tokens that hold names of a compound where these start and end.
    fn cut_compounds(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, inside: &[Hit]) {
        let mut cuts: Vec<u32> = inside.iter().flat_map(|hit| [hit.start, hit.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let whole = std::mem::take(&mut self.tokens);
        self.from.forget(folded.cased.len());
        self.to.forget(folded.cased.len());
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
        self.add_rows();
    }

    fn cut_part(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let stop = token_end(&folded.cased[..end], at).max(at + 1);
            let look = self.look(tables, atoms, folded, at, stop);
            self.add_token(Token { start: at as u32, end: stop as u32, look, outline: self.kinds.outline(look.sight) });
            at = stop;
        }
    }

    #[inline(always)]
    fn add_token(&mut self, token: Token) {
        self.tokens.push(token);
        self.from.places[token.start as usize] = self.tokens.len() as u32;
        self.to.places[token.end as usize] = self.tokens.len() as u32;
    }

    /// What stands beside the tokens, when all of them were added.
    fn add_rows(&mut self) {
        self.from.add_tokens(self.tokens.len());
        self.to.add_tokens(self.tokens.len());
    }

    fn forget(&mut self, length: usize) {
        self.tokens.clear();
        self.hits.clear();
        self.words.clear();
        self.next_to.clear();
        self.from.forget(length);
        self.to.forget(length);
    }

    /// What starts at an offset.
    pub fn from(&self, start: u32) -> Edge {
        self.from.at(start)
    }

    /// What ends at an offset.
    pub fn to(&self, end: u32) -> Edge {
        self.to.at(end)
    }

    /// The token at an edge.
    pub fn token(&self, edge: Edge) -> Option<&Token> {
        match edge.token {
            0 => None,
            number => Some(&self.tokens[number as usize - 1]),
        }
    }

    pub fn token_from(&self, start: u32) -> Option<&Token> {
        self.token(self.from(start))
    }

    pub fn token_to(&self, end: u32) -> Option<&Token> {
        self.token(self.to(end))
    }

    /// What a program that begins at an edge finds there.
    pub fn beside<'a>(&'a self, edge: Edge, openings: &'a Openings) -> Beside<'a> {
        let token = self.token(edge);
        let met = token.map_or(openings.met_by_nothing(), |token| self.kinds.openings(token.look.sight, openings.words()));
        Beside { keys: edge.keys, openings: met }
    }

    /// Whether the token at an edge is an atom that needs no entry.
    #[inline(always)]
    pub fn is(&self, edge: Edge, words: usize, number: u32) -> Option<&Token> {
        self.token(edge).filter(|token| has(self.kinds.atoms(token.look.sight, words), number))
    }

    /// Whether the token that starts there has a shape.
    pub fn has_shape(&self, start: u32, shape: u32) -> bool {
        shape == 0 || self.token_from(start).map_or(false, |token| token.outline.shapes & shape == shape)
    }

    /// The hits that start at an offset, the longest first.
    pub fn hits_from(&self, start: u32) -> impl Iterator<Item = &Hit> {
        let first = match self.from(start).hit as usize {
            0 => self.hits.len(),
            number => number - 1,
        };
        self.hits[first..].iter().take_while(move |hit| hit.start == start)
    }

    /// The hits of a class that start at an offset, the longest first.
    pub fn members_from(&self, start: u32, key: u32) -> impl Iterator<Item = &Hit> {
        let first = match self.from(start) {
            edge if edge.keys & key_bit(key) != 0 => edge.hit as usize - 1,
            _ => self.hits.len(),
        };
        self.hits[first..].iter().take_while(move |hit| hit.start == start).filter(move |hit| hit.key == key)
    }

    /// Whether a hit of a class starts at an offset, of which the edge is known.
    pub fn has_member(&self, edge: Edge, start: u32, key: u32) -> bool {
        edge.keys & key_bit(key) != 0
            && self.hits[edge.hit as usize - 1..].iter().take_while(|hit| hit.start == start).any(|hit| hit.key == key)
    }

    /// The hits of a class that end at an offset, the longest first.
    pub fn members_to(&self, end: u32, key: u32) -> impl Iterator<Item = &Hit> {
        let mut next = match self.to(end) {
            edge if edge.keys & key_bit(key) != 0 => edge.hit,
            _ => 0,
        };
        let all = std::iter::from_fn(move || {
            let number = (next as usize).checked_sub(1)?;
            next = self.next_to[number];
            Some(&self.hits[number])
        });
        all.filter(move |hit| hit.key == key)
    }

    /// The entry of a label at just this span.
    pub fn entry(&self, start: u32, end: u32, label: u32) -> u32 {
        self.members_from(start, label).find(|hit| hit.end == end).map_or(NONE, |hit| hit.entry)
    }

    /// Whether an unambiguous entry of a label other than this one stands at just this span.
    pub fn is_another(&self, start: u32, end: u32, label: u32) -> bool {
        self.hits_from(start).any(|hit| {
            let is_other = (hit.key as usize) < LABELS && hit.key != label;
            hit.end == end && is_other && !hit.is_ambiguous
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
