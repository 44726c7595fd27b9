//! The chain in the order the data flows: entries, rules stage by stage, memory, winners and losers.

use std::sync::{Arc, Mutex};

use crate::fold::Folding;
use crate::heads::Heads;
use crate::kinds::Atoms;
use crate::lexicon::{Filter, Folded, Hit, Hits, Spelt, BEYOND};
use crate::matcher::{Matcher, Search, View};
use crate::memory::{remember, Particles};
use crate::order::{add_vetoed, in_total_order, resolve, Candidate, Loss};
use crate::rows::rows;
use crate::steps::Steps;
use crate::tables::{Tables, LABELS, NONE};
use crate::text::Text;

pub const MEMORY: u32 = 1;
pub const COMPOUNDS: u32 = 2;
const LONG: usize = 1 << 20; // characters
pub const CANDIDATES: u32 = 4; // in place of winners and losers, all that was proposed

/// A way to go through a text, some flags set, that gives numbers.
pub type Numbers = fn(&Engine, &[u32], &[u8], u32) -> Option<Vec<u32>>;

/// Knowledge, ready to be applied to folded texts, by several threads if need be.
pub struct Engine {
    known: Arc<Known>,
    off: Off,
}

/// What engines share that differ in nothing but what does not count.
struct Known {
    tables: Tables,
    steps: Steps,
    filter: Filter,
    atoms: Atoms,
    matcher: Matcher,
    particles: Particles,
    heads: Heads,
    idle: Mutex<Vec<Box<Desk>>>,
}

/// What of the tables does not count, as if it stood in no file: sets of numbers, a bit each.
#[derive(Default)]
pub struct Off {
    pub entries: Vec<u64>,
    pub vetoes: Vec<u64>,
}

/// Whether a number is in a set, which may be shorter than that.
pub fn is_off(set: &[u64], number: u32) -> bool {
    set.get(number as usize / 64).map_or(false, |bits| bits >> (number % 64) & 1 != 0)
}

/// What one text needs, used again for the next one.
#[derive(Default)]
struct Desk {
    folding: Folding,
    lower: Vec<u8>,
    bytes: Vec<u8>,
    hits: Hits,
    text: Text,
    search: Search,
    candidates: Vec<Candidate>,
    order: Vec<u64>,
    winners: Vec<Candidate>,
    losses: Vec<Loss>,
    vetoed: Vec<Loss>,
}

impl Engine {
    pub fn new(tables: Tables) -> Engine {
        let steps = Steps::new(&tables);
        let atoms = Atoms::new(&tables, &steps);
        let matcher = Matcher::new(&tables, &atoms);
        let particles = Particles::new(&tables);
        let heads = Heads::new(&tables);
        let filter = Filter::new(&tables.spellings);
        let known = Known { tables, steps, filter, atoms, matcher, particles, heads, idle: Mutex::new(Vec::new()) };
        Engine { known: Arc::new(known), off: Off::default() }
    }

    /// The same knowledge without some of it; nothing is built anew.
    pub fn without(&self, off: Off) -> Engine {
        Engine { known: Arc::clone(&self.known), off }
    }

    /// What wins and what loses in a text, as rows.
    pub fn decide(&self, plain: &[u32], cased: &[u8], flags: u32) -> Option<Vec<u32>> {
        self.at_a_desk(|desk| Some(self.decide_at(desk, plain, cased, &[], flags)))
    }

    /// The same for a text as it came; none where it has to be folded first. The second view of it is not looked at.
    pub fn decide_text(&self, text: &[u32], _: &[u8], flags: u32) -> Option<Vec<u32>> {
        self.at_a_desk(|desk| {
            let mut folding = std::mem::take(&mut desk.folding);
            let is_even = folding.fold(self.known.tables.chars, text);
            let rows = is_even.then(|| self.decide_at(desk, folding.plain(text), &folding.cased, &folding.joined, flags));
            desk.folding = folding;
            rows
        })
    }

    /// How many spaces were dropped from a text as it came and where, and its cased view, four bytes a number; none where
    /// it has to be folded first.
    pub fn fold(&self, text: &[u32], _: &[u8], _flags: u32) -> Option<Vec<u32>> {
        let mut folding = Folding::default();
        folding.fold(self.known.tables.chars, text).then(|| {
            let mut numbers = vec![folding.joined.len() as u32];
            numbers.extend(&folding.joined);
            numbers.extend(folding.cased.chunks(4).map(|bytes| {
                let mut four = [0; 4];
                four[..bytes.len()].copy_from_slice(bytes);
                u32::from_ne_bytes(four)
            }));
            numbers
        })
    }

    /// The hits of a text: start, end and entry of each.
    pub fn hits(&self, plain: &[u32], cased: &[u8], flags: u32) -> Option<Vec<u32>> {
        self.at_a_desk(|desk| {
            self.find(desk, plain, cased, flags);
            Some(desk.hits.all.iter().flat_map(|hit| [hit.start, hit.end, hit.entry]).collect())
        })
    }

    /// The tokens of a text: start, end and shapes of each.
    pub fn tokens(&self, plain: &[u32], cased: &[u8], flags: u32) -> Option<Vec<u32>> {
        self.at_a_desk(|desk| {
            self.find(desk, plain, cased, flags);
            let Desk { lower, bytes, hits, text, .. } = desk;
            text.take_up(&self.known.tables, &self.known.atoms, Folded { plain, cased, lower, bytes }, hits);
            let numbers = text.tokens.iter().flat_map(|each| [each.start, each.end, each.outline.shapes]);
            Some(numbers.collect())
        })
    }

    /// Do some work at a desk of its own. One at which something went wrong is not used again; of one that a long text has
    /// made large, only what is known of words.
    fn at_a_desk(&self, work: impl FnOnce(&mut Desk) -> Option<Vec<u32>>) -> Option<Vec<u32>> {
        let idle = self.known.idle.lock().map(|mut idle| idle.pop()).unwrap_or_default();
        let mut desk = idle.unwrap_or_default();
        let done = work(&mut desk);
        if desk.lower.len() > LONG {
            let kinds = std::mem::take(&mut desk.text.kinds);
            desk = Box::default();
            desk.text.kinds = kinds;
        }
        if let Ok(mut idle) = self.known.idle.lock() {
            idle.push(desk);
        }
        done
    }

    /// Cut a text, and find the entries in it.
    fn find(&self, desk: &mut Desk, plain: &[u32], cased: &[u8], flags: u32) {
        let Desk { lower, bytes, hits, text, .. } = desk;
        lower.clear();
        lower.extend(cased.iter().map(|&byte| lower_of(byte)));
        bytes.clear();
        bytes.extend(plain.iter().map(|&char| if char < 0x100 { char as u8 } else { 0 }));
        bytes.resize(plain.len() + BEYOND, 0);
        let folded = Folded { plain, cased, lower, bytes };
        text.cut(&self.known.tables, &self.known.atoms, folded);
        let spelt = Spelt { tables: &self.known.tables, filter: &self.known.filter };
        hits.find(spelt, &self.off, &text.kinds, folded, &text.words, flags & COMPOUNDS != 0);
    }

    fn decide_at(&self, desk: &mut Desk, plain: &[u32], cased: &[u8], joined: &[u32], flags: u32) -> Vec<u32> {
        self.find(desk, plain, cased, flags);
        let Desk { lower, bytes, hits, text, search, candidates, order, winners, losses, vetoed, .. } = desk;
        vetoed.clear();
        let folded = Folded { plain, cased, lower, bytes };
        text.take_up(&self.known.tables, &self.known.atoms, folded, hits);
        search.parts.clear();
        candidates.clear();
        for hit in &text.hits {
            add_entry(hit, candidates);
        }
        for (stage, &looks) in self.known.tables.looking.iter().enumerate() {
            text.seen.clear();
            if looks != 0 {
                resolve(&self.known.tables, &search.parts, candidates, order, winners, losses);
                text.seen.extend_from_slice(winners);
            }
            let view = View { tables: &self.known.tables, steps: &self.known.steps, atoms: &self.known.atoms, off: &self.off, folded, text };
            let known = candidates.len();
            self.known.matcher.candidates(view, stage, search, candidates);
            if self.known.tables.vetoed != NONE {
                self.known.matcher.veto(view, search, known, candidates, vetoed);
            }
        }
        resolve(&self.known.tables, &search.parts, candidates, order, winners, losses);
        if flags & MEMORY != 0 {
            let known = candidates.len();
            remember(&self.known.tables, &self.known.particles, folded, text, &search.parts, winners, candidates);
            if self.known.tables.vetoed != NONE {
                let view = View { tables: &self.known.tables, steps: &self.known.steps, atoms: &self.known.atoms, off: &self.off, folded, text };
                self.known.matcher.veto(view, search, known, candidates, vetoed);
            }
            if candidates.len() > known {
                resolve(&self.known.tables, &search.parts, candidates, order, winners, losses);
            }
        }
        if !vetoed.is_empty() {
            add_vetoed(&self.known.tables, &search.parts, vetoed, losses);
        }
        in_total_order(&self.known.tables, &search.parts, losses);
        if flags & CANDIDATES != 0 {
            return rows(candidates, &[], &search.parts, joined, &[]);
        }
        rows(winners, losses, &search.parts, joined, &self.known.heads.near(folded, winners))
    }
}

/// What an entry says by itself.
fn add_entry(hit: &Hit, candidates: &mut Vec<Candidate>) {
    if hit.key as usize >= LABELS || hit.is_ambiguous {
        return;
    }
    candidates.push(Candidate {
        start: hit.start,
        end: hit.end,
        label: hit.key,
        priority: 0,
        is_memory: false,
        is_rule: false,
        source: hit.entry,
        known: hit.entry,
        confirmed: false,
        anchor: (0, 0, 0),
        parts: (0, 0),
        via: (0, 0),
    });
}

/// The lower view of a byte of the cased one.
pub fn lower_of(byte: u8) -> u8 {
    match byte {
        0x8c => 0x9c,
        0xc6 => 0xe6,
        _ => byte.to_ascii_lowercase(),
    }
}
