//! One text as rules see it: its tokens, its entries, and the entities of earlier stages, by position.
//!
//! The properties of a token itself come from its kind; the entries at an offset are searched only if a rule asks for a
//! class that may be among them.

use crate::kinds::{has, Atoms, Ids, Kinds, Lookup, Outline};
use crate::lexicon::{words, Folded, Hit, Hits, Word};
use crate::openings::{key_bit, Opening, Openings};
use crate::order::Candidate;
use crate::tables::{Tables, LABELS, NONE};
use crate::tokens::token_end;

const BATCH: usize = 256; // tokens that are looked up together

#[derive(Clone, Copy)]
pub struct Token {
    pub start: u32,
    pub end: u32,
    pub ids: Ids,
    pub outline: Outline,
}

/// One side of an offset: the token and the hits that start there, or those that end there.
#[derive(Clone, Copy, Default)]
pub struct Edge {
    token: u32, // one more than its number; 0 if there is none
    hit: u32,   // likewise, the first of the hits, which are in order, the longest first
    keys: u64,  // of the hits, as in `key_bit`
}

/// What is beside an anchor, for telling which programs may begin there: the keys of the entries, and the openings that
/// the token may begin.
#[derive(Clone, Copy)]
pub struct Neighbours<'a> {
    keys: u64,
    openings: &'a [u64],
}

impl Neighbours<'_> {
    pub fn may_begin(self, opening: Opening) -> bool {
        self.keys & opening.keys != 0 || has(self.openings, opening.number)
    }
}

/// Everything about one text that rules ask for. Its buffers are reused for the next text.
#[derive(Default)]
pub struct Text {
    pub tokens: Vec<Token>,
    pub words: Vec<Word>,
    pub hits: Vec<Hit>,
    pub seen: Vec<Candidate>, // the entities of earlier stages, in order
    pub kinds: Kinds,
    lookups: Vec<Lookup>,
    from: Edges,       // by the offset at which tokens and hits start
    to: Edges,         // by the offset at which they end
    next_to: Vec<u32>, // by hit: the next hit with the same end
}

/// Edges by offset. Most offsets have no edge, so edges are stored apart, and offsets only refer to them.
#[derive(Default)]
struct Edges {
    places: Vec<u32>, // by offset: the index in `edges`; 0 if there is none
    edges: Vec<Edge>, // the first is empty, those of tokens follow
}

impl Edges {
    fn at(&self, offset: u32) -> Edge {
        self.edges[self.places[offset as usize] as usize]
    }

    /// Add the edges of the first `count` tokens, whose places are already set.
    fn add_tokens(&mut self, count: usize) {
        self.edges.extend((1..=count as u32).map(|token| Edge { token, hit: 0, keys: 0 }));
    }

    #[inline(always)]
    fn at_mut(&mut self, offset: u32) -> &mut Edge {
        let place = &mut self.places[offset as usize];
        if *place == 0 {
            *place = self.edges.len() as u32;
            self.edges.push(Edge::default());
        }
        &mut self.edges[*place as usize]
    }

    /// Clear, and make room for a text of this length.
    fn reset(&mut self, length: usize) {
        self.places.clear();
        self.places.resize(length + 2, 0);
        self.edges.clear();
        self.edges.push(Edge::default());
    }
}

impl Text {
    /// Cut a text into tokens and words.
    pub fn cut(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded) {
        self.reset(folded.cased.len());
        self.kinds.make_room();
        let mut at = 0;
        while at < folded.cased.len() {
            let end = token_end(folded.cased, at);
            if end == at {
                at += 1;
                continue;
            }
            let (ids, outline) = (Ids::default(), Outline::default());
            self.add_token(Token { start: at as u32, end: end as u32, ids, outline });
            at = end;
        }
        self.add_token_edges();
        for tokens in self.tokens.chunks_mut(BATCH) {
            self.lookups.clear();
            let begin = |token: &Token| self.kinds.begin_lookup(folded, token.start as usize, token.end as usize);
            self.lookups.extend(tokens.iter().map(begin));
            for (token, lookup) in tokens.iter_mut().zip(&self.lookups) {
                token.ids = self.kinds.ids(tables, atoms, folded, token.start as usize, token.end as usize, lookup);
                token.outline = self.kinds.outline(token.ids.profile);
            }
        }
        for (start, end) in words(folded.lower) {
            let token = self.token_from(start as u32).filter(|token| token.end as usize == end);
            let ids = match token.map(|token| token.ids) {
                Some(ids) => ids,
                None => self.ids(tables, atoms, folded, start, end),
            };
            let hash = self.kinds.of(ids.kind).word;
            self.words.push(Word { hash, start: start as u32, end: end as u32, kind: ids.kind });
        }
    }

    fn ids(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize) -> Ids {
        let lookup = self.kinds.begin_lookup(folded, start, end);
        self.kinds.ids(tables, atoms, folded, start, end, &lookup)
    }

    /// Take over the hits of the text, in order. Names inside compounds become tokens of their own.
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

    /// Cut the tokens that contain names of a compound at the starts and ends of these.
    fn cut_compounds(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, inside: &[Hit]) {
        let mut cuts: Vec<u32> = inside.iter().flat_map(|hit| [hit.start, hit.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let tokens = std::mem::take(&mut self.tokens);
        self.from.reset(folded.cased.len());
        self.to.reset(folded.cased.len());
        for token in tokens {
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
        self.add_token_edges();
    }

    fn cut_part(&mut self, tables: &Tables, atoms: &Atoms, folded: Folded, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let stop = token_end(&folded.cased[..end], at).max(at + 1);
            let ids = self.ids(tables, atoms, folded, at, stop);
            self.add_token(Token { start: at as u32, end: stop as u32, ids, outline: self.kinds.outline(ids.profile) });
            at = stop;
        }
    }

    #[inline(always)]
    fn add_token(&mut self, token: Token) {
        self.tokens.push(token);
        self.from.places[token.start as usize] = self.tokens.len() as u32;
        self.to.places[token.end as usize] = self.tokens.len() as u32;
    }

    /// Add the edges of the tokens, after all of them were added.
    fn add_token_edges(&mut self) {
        self.from.add_tokens(self.tokens.len());
        self.to.add_tokens(self.tokens.len());
    }

    fn reset(&mut self, length: usize) {
        self.tokens.clear();
        self.hits.clear();
        self.words.clear();
        self.next_to.clear();
        self.from.reset(length);
        self.to.reset(length);
    }

    /// The edge of what starts at an offset.
    pub fn from(&self, start: u32) -> Edge {
        self.from.at(start)
    }

    /// The edge of what ends at an offset.
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

    /// The neighbours at an edge.
    pub fn neighbours<'a>(&'a self, edge: Edge, openings: &'a Openings) -> Neighbours<'a> {
        let begun = match self.token(edge) {
            Some(token) => self.kinds.openings(token.ids.profile, openings.words()),
            None => openings.begun_by_nothing(),
        };
        Neighbours { keys: edge.keys, openings: begun }
    }

    /// The token at an edge, if it matches an atom or choice that needs no entry.
    #[inline(always)]
    pub fn is(&self, edge: Edge, words: usize, number: u32) -> Option<&Token> {
        self.token(edge).filter(|token| has(self.kinds.atoms(token.ids.profile, words), number))
    }

    /// Whether the token that starts at an offset has a shape.
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

    /// Whether a hit of a class starts at an offset with a given edge.
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
        let hits = std::iter::from_fn(move || {
            let number = (next as usize).checked_sub(1)?;
            next = self.next_to[number];
            Some(&self.hits[number])
        });
        hits.filter(move |hit| hit.key == key)
    }

    /// The entry of a label with exactly this span; `NONE` if there is none.
    pub fn entry(&self, start: u32, end: u32, label: u32) -> u32 {
        self.members_from(start, label).find(|hit| hit.end == end).map_or(NONE, |hit| hit.entry)
    }

    /// Whether an unambiguous entry of another label has exactly this span.
    pub fn is_another(&self, start: u32, end: u32, label: u32) -> bool {
        self.hits_from(start).any(|hit| {
            let is_other = (hit.key as usize) < LABELS && hit.key != label;
            hit.end == end && is_other && !hit.is_ambiguous
        })
    }

    /// The entity of an earlier stage that starts at an offset.
    pub fn seen_from(&self, start: u32) -> Option<&Candidate> {
        let number = self.seen.partition_point(|entity| entity.start < start);
        self.seen.get(number).filter(|entity| entity.start == start)
    }

    /// The entity of an earlier stage that ends at an offset.
    pub fn seen_to(&self, end: u32) -> Option<&Candidate> {
        let number = self.seen.partition_point(|entity| entity.end < end);
        self.seen.get(number).filter(|entity| entity.end == end)
    }
}

/// The offset at which the next token or entry on the same line starts: after the space, if there is one.
pub fn next_start(tables: &Tables, folded: Folded, offset: u32) -> Option<u32> {
    match folded.cased.get(offset as usize) {
        Some(b' ') if tables.chars.is_line_end(folded.plain[offset as usize]) => None,
        Some(b' ') => Some(offset + 1),
        _ => Some(offset),
    }
}

/// The offset at which the previous token or entry on the same line ends.
pub fn previous_end(tables: &Tables, folded: Folded, offset: u32) -> Option<u32> {
    if offset == 0 || folded.cased[offset as usize - 1] != b' ' {
        return Some(offset);
    }
    if tables.chars.is_line_end(folded.plain[offset as usize - 1]) {
        None
    } else {
        Some(offset - 1)
    }
}
