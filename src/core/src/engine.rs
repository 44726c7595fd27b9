//! The chain in the order the data flows: entries, rules stage by stage, memory, winners and losers.

use std::sync::{Arc, Mutex};

use crate::fold::Folding;
use crate::heads::Heads;
use crate::kinds::Atoms;
use crate::lexicon::{Filter, Folded, Hit, Hits, Lexicon, PADDING};
use crate::matcher::{Matcher, Search, View};
use crate::memory::{remember, Particles};
use crate::order::{add_vetoed, in_total_order, resolve, Candidate, Loss};
use crate::rows::rows;
use crate::steps::Steps;
use crate::tables::{Tables, LABELS, NONE};
use crate::text::Text;

pub const MEMORY: u32 = 1;
pub const COMPOUNDS: u32 = 2;
pub const CANDIDATES: u32 = 4; // return everything proposed in place of winners and losers
const LONG: usize = 1 << 20; // characters

/// A method of the engine that processes a text (plain, cased and flags) into numbers.
pub type Work = fn(&Engine, &[u32], &[u8], u32) -> Option<Vec<u32>>;

/// Knowledge, ready to be applied to folded texts. Several threads may use it at once.
pub struct Engine {
    knowledge: Arc<Knowledge>,
    disabled: Disabled,
}

/// The part that an engine shares with those derived from it by `without`.
struct Knowledge {
    tables: Tables,
    steps: Steps,
    filter: Filter,
    atoms: Atoms,
    matcher: Matcher,
    particles: Particles,
    heads: Heads,
    idle: Mutex<Vec<Box<Desk>>>,
}

/// Entries and vetoes that are treated as absent: bit sets of their numbers.
#[derive(Default)]
pub struct Disabled {
    pub entries: Vec<u64>,
    pub vetoes: Vec<u64>,
}

/// Whether a number is in a bit set, which may be too short to contain it.
pub fn is_disabled(set: &[u64], number: u32) -> bool {
    set.get(number as usize / 64).map_or(false, |bits| bits >> (number % 64) & 1 != 0)
}

/// The buffers for processing one text, reused for the next.
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
        let idle = Mutex::new(Vec::new());
        let knowledge = Knowledge { tables, steps, filter, atoms, matcher, particles, heads, idle };
        Engine { knowledge: Arc::new(knowledge), disabled: Disabled::default() }
    }

    /// The engine without some entries and vetoes; nothing is rebuilt.
    pub fn without(&self, disabled: Disabled) -> Engine {
        Engine { knowledge: Arc::clone(&self.knowledge), disabled }
    }

    /// The winners and losers of a text, as rows.
    pub fn decide(&self, plain: &[u32], cased: &[u8], flags: u32) -> Option<Vec<u32>> {
        self.at_a_desk(|desk| Some(self.decide_at(desk, plain, cased, &[], flags)))
    }

    /// Like `decide`, for an unfolded text; `None` if Python has to fold it first. The second view is ignored.
    pub fn decide_text(&self, text: &[u32], _: &[u8], flags: u32) -> Option<Vec<u32>> {
        self.at_a_desk(|desk| {
            let mut folding = std::mem::take(&mut desk.folding);
            let is_folded = folding.fold(self.knowledge.tables.chars, text);
            let rows =
                is_folded.then(|| self.decide_at(desk, folding.plain(text), &folding.cased, &folding.joined, flags));
            desk.folding = folding;
            rows
        })
    }

    /// The spaces dropped from an unfolded text, as their count and offsets, and its cased view, four bytes per number;
    /// `None` if Python has to fold it.
    pub fn fold(&self, text: &[u32], _: &[u8], _flags: u32) -> Option<Vec<u32>> {
        let mut folding = Folding::default();
        folding.fold(self.knowledge.tables.chars, text).then(|| {
            let mut numbers = vec![folding.joined.len() as u32];
            numbers.extend(&folding.joined);
            numbers.extend(folding.cased.chunks(4).map(|bytes| {
                let mut padded = [0; 4];
                padded[..bytes.len()].copy_from_slice(bytes);
                u32::from_ne_bytes(padded)
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
            text.take_up(&self.knowledge.tables, &self.knowledge.atoms, Folded { plain, cased, lower, bytes }, hits);
            let numbers = text.tokens.iter().flat_map(|token| [token.start, token.end, token.outline.shapes]);
            Some(numbers.collect())
        })
    }

    /// Do some work at a free desk. A desk at which the work panicked is not reused; of one that a long text has made
    /// large, only the kinds are kept.
    fn at_a_desk(&self, work: impl FnOnce(&mut Desk) -> Option<Vec<u32>>) -> Option<Vec<u32>> {
        let idle = self.knowledge.idle.lock().map(|mut idle| idle.pop()).unwrap_or_default();
        let mut desk = idle.unwrap_or_default();
        let numbers = work(&mut desk);
        if desk.lower.len() > LONG {
            let kinds = std::mem::take(&mut desk.text.kinds);
            desk = Box::default();
            desk.text.kinds = kinds;
        }
        if let Ok(mut idle) = self.knowledge.idle.lock() {
            idle.push(desk);
        }
        numbers
    }

    /// Cut a text into tokens, and find the entries in it.
    fn find(&self, desk: &mut Desk, plain: &[u32], cased: &[u8], flags: u32) {
        let Desk { lower, bytes, hits, text, .. } = desk;
        lower.clear();
        lower.extend(cased.iter().map(|&byte| lower_of(byte)));
        bytes.clear();
        bytes.extend(plain.iter().map(|&char| if char < 0x100 { char as u8 } else { 0 }));
        bytes.resize(plain.len() + PADDING, 0);
        let folded = Folded { plain, cased, lower, bytes };
        text.cut(&self.knowledge.tables, &self.knowledge.atoms, folded);
        let lexicon = Lexicon { tables: &self.knowledge.tables, filter: &self.knowledge.filter };
        hits.find(lexicon, &self.disabled, &text.kinds, folded, &text.words, flags & COMPOUNDS != 0);
    }

    /// A text as rules see it, with the knowledge that they need.
    fn view<'a>(&'a self, folded: Folded<'a>, text: &'a Text) -> View<'a> {
        let Knowledge { tables, steps, atoms, .. } = &*self.knowledge;
        View { tables, steps, atoms, disabled: &self.disabled, folded, text }
    }

    fn decide_at(&self, desk: &mut Desk, plain: &[u32], cased: &[u8], joined: &[u32], flags: u32) -> Vec<u32> {
        self.find(desk, plain, cased, flags);
        let Desk { lower, bytes, hits, text, search, candidates, order, winners, losses, vetoed, .. } = desk;
        vetoed.clear();
        let folded = Folded { plain, cased, lower, bytes };
        text.take_up(&self.knowledge.tables, &self.knowledge.atoms, folded, hits);
        search.parts.clear();
        candidates.clear();
        for hit in &text.hits {
            add_entry(hit, candidates);
        }
        for (stage, &asks_for_entities) in self.knowledge.tables.looking.iter().enumerate() {
            text.seen.clear();
            if asks_for_entities != 0 {
                resolve(&self.knowledge.tables, &search.parts, candidates, order, winners, losses);
                text.seen.extend_from_slice(winners);
            }
            let view = self.view(folded, text);
            let first = candidates.len();
            self.knowledge.matcher.candidates(view, stage, search, candidates);
            if self.knowledge.tables.vetoed != NONE {
                self.knowledge.matcher.veto(view, search, first, candidates, vetoed);
            }
        }
        resolve(&self.knowledge.tables, &search.parts, candidates, order, winners, losses);
        if flags & MEMORY != 0 {
            let first = candidates.len();
            let Knowledge { tables, particles, .. } = &*self.knowledge;
            remember(tables, particles, folded, text, &search.parts, winners, candidates);
            if self.knowledge.tables.vetoed != NONE {
                let view = self.view(folded, text);
                self.knowledge.matcher.veto(view, search, first, candidates, vetoed);
            }
            if candidates.len() > first {
                resolve(&self.knowledge.tables, &search.parts, candidates, order, winners, losses);
            }
        }
        if !vetoed.is_empty() {
            add_vetoed(&self.knowledge.tables, &search.parts, vetoed, losses);
        }
        in_total_order(&self.knowledge.tables, &search.parts, losses);
        if flags & CANDIDATES != 0 {
            return rows(candidates, &[], &search.parts, joined, &[]);
        }
        rows(winners, losses, &search.parts, joined, &self.knowledge.heads.near(folded, winners))
    }
}

/// Add the candidate of a hit, if its entry is a name by itself.
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
        entry: hit.entry,
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
