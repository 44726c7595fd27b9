//! Hits and tokens to candidates, each naming its rule, as in `ruletag/plain/matcher.py`.
//!
//! Before a program is run, the atoms that stand beside the anchor are held against those with which it may begin.

use std::collections::HashMap;

use crate::engine::{is_off, Off};
use crate::kinds::{add, Atoms};
use crate::lexicon::Folded;
use crate::order::{Candidate, Loss, Part};
use crate::seen::Seen;
use crate::tables::{atom, entry, rule, step, trial, veto, Tables, NONE};
use crate::text::{ahead, behind, Text};

const REACH: u32 = 400;
const FEW: u32 = 48; // steps of a search

/// A place that was noted, and the note before it; note 0 is none.
#[derive(Clone, Copy, Default)]
struct Note {
    mark: u32,
    offset: u32,
    before: u32,
}

/// A way that has still to be gone.
#[derive(Clone, Copy)]
struct Way {
    at: u32,
    offset: u32,
    notes: u32,
}

/// With which atoms a program may begin; none are told, where it may begin with anything.
struct Opening(Option<Vec<u64>>);

/// The programs of a try, by where they start in `steps` and by the number of their opening.
struct Programs {
    right: (u32, u32),
    left: (u32, u32),
    before: (u32, u32),
    after: (u32, u32),
}

/// What starts rules: the tries of each stage by the class or the earlier label of their anchors.
pub struct Matcher {
    by_class: Vec<Vec<Vec<u32>>>,
    by_entity: Vec<Vec<Vec<u32>>>,
    programs: Vec<Programs>, // by try
    openings: Vec<Opening>,
}

/// What a search needs and leaves behind, used again for the next one.
#[derive(Default)]
pub struct Search {
    notes: Vec<Note>,
    pending: Vec<Way>,
    entered: Seen,
    pub parts: Vec<Part>,
}

/// One text while rules are tried on it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub tables: &'a Tables,
    pub atoms: &'a Atoms,
    pub off: &'a Off,
    pub folded: Folded<'a>,
    pub text: &'a Text,
}

impl Matcher {
    pub fn new(tables: &Tables, atoms: &Atoms) -> Matcher {
        let rows = vec![vec![Vec::new(); tables.prefixed.len()]; tables.looking.len()];
        let mut matcher =
            Matcher { by_class: rows.clone(), by_entity: rows, programs: Vec::new(), openings: Vec::new() };
        let mut known: HashMap<u32, u32> = HashMap::new();
        for number in 0..tables.tries.len() {
            let row = tables.tries.row(number);
            let anchor = tables.atoms.row(row[trial::ANCHOR] as usize);
            let stage = row[trial::STAGE] as usize;
            match anchor[atom::KIND] {
                atom::CLASS => matcher.by_class[stage][anchor[atom::VALUE] as usize].push(number as u32),
                atom::ENTITY => matcher.by_entity[stage][anchor[atom::VALUE] as usize].push(number as u32),
                _ => {} // these are known by kind of token
            }
            let mut program = |start: u32| {
                let openings = &mut matcher.openings;
                let opening = *known.entry(start).or_insert_with(|| {
                    openings.push(opening(tables, atoms, start));
                    openings.len() as u32 - 1
                });
                (start, opening)
            };
            let programs = Programs {
                right: program(row[trial::RIGHT]),
                left: program(row[trial::LEFT]),
                before: program(row[trial::BEFORE]),
                after: program(row[trial::AFTER]),
            };
            matcher.programs.push(programs);
        }
        matcher
    }

    /// The candidates of the rules of one stage.
    pub fn candidates(&self, view: View, stage: usize, search: &mut Search, found: &mut Vec<Candidate>) {
        let tables = view.tables;
        let stages = tables.looking.len();
        for hit in &view.text.hits {
            let key = tables.entries.row(hit.entry as usize)[entry::KEY] as usize;
            for &number in &self.by_class[stage][key] {
                self.start(view, number, hit.start, hit.end, search, found);
            }
        }
        for token in &view.text.tokens {
            for &number in view.text.kinds.tries(token.look.sight, stage, stages) {
                self.start(view, number, token.start, token.end, search, found);
            }
        }
        for entity in &view.text.seen {
            for &number in &self.by_entity[stage][entity.label as usize] {
                self.start(view, number, entity.start, entity.end, search, found);
            }
        }
    }

    fn start(&self, view: View, number: u32, start: u32, end: u32, search: &mut Search, found: &mut Vec<Candidate>) {
        let programs = &self.programs[number as usize];
        if !self.may_begin(view, programs.right, end, false) || !self.may_begin(view, programs.left, start, true) {
            return;
        }
        let row = view.tables.tries.row(number as usize);
        let anchor = view.tables.atoms.row(row[trial::ANCHOR] as usize);
        if anchor[atom::KIND] >= atom::CLASS && !view.text.has_shape(start, anchor[atom::SHAPE]) {
            return;
        }
        search.notes.clear();
        search.notes.push(Note::default());
        let (last, right) = match search.run(view, programs.right.0, end, false) {
            Some(found) => found,
            None => return,
        };
        let (first, left) = match search.run(view, programs.left.0, start, true) {
            Some(found) => found,
            None => return,
        };
        if self.is_refused(view, programs.before, first, true, search)
            || self.is_refused(view, programs.after, last, false, search)
        {
            return;
        }
        search.add_candidate(view, row, (start, end), (left, right), found);
    }

    /// Set those of some candidates aside that a veto meets. No entry is vetoed.
    pub fn veto(&self, view: View, search: &mut Search, from: usize, candidates: &mut Vec<Candidate>, vetoed: &mut Vec<Loss>) {
        let mut kept = from;
        for number in from..candidates.len() {
            let each = candidates[number];
            let veto = if each.confirmed { NONE } else { self.veto_of(view, search, &each) };
            if veto == NONE {
                candidates[kept] = each;
                kept += 1;
            } else {
                vetoed.push(Loss { loser: each, winner: each.start, veto });
            }
        }
        candidates.truncate(kept);
    }

    /// The veto of its surface that is for a candidate; NONE where there is none.
    fn veto_of(&self, view: View, search: &mut Search, each: &Candidate) -> u32 {
        let tables = view.tables;
        let entry = view.text.entry(tables, each.start, each.end, tables.vetoed);
        if entry == NONE {
            return NONE;
        }
        let mut holds = |start: u32, offset: u32, leftwards: bool| {
            start == NONE || search.run(view, start, offset, leftwards).is_some()
        };
        for number in 0..tables.vetoes.len() {
            let row = tables.vetoes.row(number);
            if row[veto::ENTRY] == entry
                && !is_off(&view.off.vetoes, number as u32)
                && (row[veto::LABEL] == NONE || row[veto::LABEL] == each.label)
                && holds(row[veto::BEFORE], each.start, true)
                && holds(row[veto::AFTER], each.end, false)
            {
                return number as u32;
            }
        }
        NONE
    }

    fn is_refused(&self, view: View, program: (u32, u32), offset: u32, leftwards: bool, search: &mut Search) -> bool {
        program.0 != NONE
            && self.may_begin(view, program, offset, leftwards)
            && search.run(view, program.0, offset, leftwards).is_some()
    }

    /// Whether what stands beside an offset is not already the end of a search there.
    fn may_begin(&self, view: View, program: (u32, u32), offset: u32, leftwards: bool) -> bool {
        let opening = match &self.openings[program.1 as usize] {
            Opening(Some(opening)) => opening,
            Opening(None) => return true,
        };
        let words = view.atoms.words;
        let place = if leftwards { behind(view.tables, view.folded, offset) } else { ahead(view.tables, view.folded, offset) };
        let place = match place {
            Some(place) => place,
            None => return false,
        };
        let standing = if leftwards { view.text.finishes(words, place) } else { view.text.begins(words, place) };
        match standing {
            Some(standing) => standing.meets(opening),
            None if leftwards => view.text.hits_to(place).next().is_some(),
            None => view.text.hits_from(place).next().is_some(),
        }
    }
}

fn opening(tables: &Tables, atoms: &Atoms, start: u32) -> Opening {
    if start == NONE {
        return Opening(None);
    }
    let mut set = vec![0; atoms.words];
    let mut met = Vec::new();
    let mut pending = vec![start];
    while let Some(at) = pending.pop() {
        if met.contains(&at) {
            continue;
        }
        met.push(at);
        let row = tables.steps.row(at as usize);
        match row[step::OP] {
            step::ATOM if tables.atoms.row(row[step::FIRST] as usize)[atom::KIND] == atom::ENTITY => return Opening(None),
            step::ATOM => add(&mut set, row[step::FIRST]),
            step::ABSENT | step::MARK => pending.push(at + 1),
            step::SPLIT => pending.extend([start_of(start, row[step::FIRST]), start_of(start, row[step::SECOND])]),
            step::JUMP => pending.push(start_of(start, row[step::FIRST])),
            _ => return Opening(None),
        }
    }
    Opening(Some(set))
}

/// A place in a program, counted from its start.
fn start_of(program: u32, place: u32) -> u32 {
    program + place
}

impl Search {
    /// Run a program from an offset: where the preferred way through it ends, and what was noted on it.
    fn run(&mut self, view: View, program: u32, origin: u32, leftwards: bool) -> Option<(u32, u32)> {
        self.pending.clear();
        self.pending.push(Way { at: program, offset: origin, notes: 0 });
        let mut steps = 0;
        while let Some(Way { at, offset, notes }) = self.pending.pop() {
            steps += 1;
            if steps == FEW {
                self.entered.clear();
            }
            if steps >= FEW && !self.entered.insert(at, offset) {
                continue; // no way comes twice to the same place; few steps are gone sooner than noted
            }
            let row = view.tables.steps.row(at as usize);
            let value = row[step::FIRST];
            match row[step::OP] {
                step::ATOM => {
                    if offset.abs_diff(origin) < REACH {
                        self.places(view, value, offset, leftwards, |place| Way { at: at + 1, offset: place, notes });
                    }
                }
                step::ABSENT => {
                    if !view.stands(value, offset) {
                        self.pending.push(Way { at: at + 1, offset, notes });
                    }
                }
                step::SPLIT => {
                    self.pending.push(Way { at: program + row[step::SECOND], offset, notes });
                    self.pending.push(Way { at: program + value, offset, notes });
                }
                step::MARK => {
                    self.notes.push(Note { mark: value, offset, before: notes });
                    self.pending.push(Way { at: at + 1, offset, notes: self.notes.len() as u32 - 1 });
                }
                step::JUMP => {
                    self.pending.push(Way { at: program + value, offset, notes });
                }
                _ => return Some((offset, notes)),
            }
        }
        None
    }

    /// Add a way for each place where an atom beside an offset ends, the longest on top.
    fn places(&mut self, view: View, number: u32, offset: u32, leftwards: bool, way: impl Fn(u32) -> Way) {
        let place = if leftwards { behind(view.tables, view.folded, offset) } else { ahead(view.tables, view.folded, offset) };
        let place = match place {
            Some(place) => place,
            None => return,
        };
        let row = view.tables.atoms.row(number as usize);
        let text = view.text;
        if row[atom::KIND] == atom::ENTITY {
            let seen = if leftwards { text.seen_to(place) } else { text.seen_from(place) };
            if let Some(entity) = seen.filter(|seen| seen.label == row[atom::VALUE] && text.has_shape(seen.start, row[atom::SHAPE])) {
                self.pending.push(way(if leftwards { entity.start } else { entity.end }));
            }
            return;
        }
        let words = view.atoms.words;
        let standing = if leftwards { text.finishes(words, place) } else { text.begins(words, place) };
        match standing {
            Some(standing) if !standing.has(number) => return,
            Some(_) if row[atom::KIND] != atom::CLASS => {
                let token = if leftwards { text.token_to(place) } else { text.token_from(place) };
                self.pending.extend(token.map(|token| way(if leftwards { token.start } else { token.end })));
                return;
            }
            None if row[atom::KIND] != atom::CLASS => return,
            _ => {}
        }
        let first = self.pending.len();
        let key_of = |entry: u32| view.tables.entries.row(entry as usize)[entry::KEY];
        if leftwards {
            let hits = text.hits_to(place).filter(|hit| key_of(hit.entry) == row[atom::VALUE]);
            self.pending.extend(hits.filter(|hit| text.has_shape(hit.start, row[atom::SHAPE])).map(|hit| way(hit.start)));
        } else if text.has_shape(place, row[atom::SHAPE]) {
            let hits = text.hits_from(place).filter(|hit| key_of(hit.entry) == row[atom::VALUE]);
            self.pending.extend(hits.map(|hit| way(hit.end)));
        }
        self.pending[first..].reverse();
    }

    /// Add the candidate of a match around an anchor, unless an entry says the same by itself.
    fn add_candidate(
        &mut self,
        view: View,
        row: &[u32; trial::WIDTH],
        anchor: (u32, u32),
        notes: (u32, u32),
        found: &mut Vec<Candidate>,
    ) {
        let tables = view.tables;
        let mut noted: Vec<Note> = Vec::with_capacity(8); // of a place that was noted twice, the newest note counts
        for newest in [notes.0, notes.1] {
            let mut at = newest;
            while at != 0 {
                let note = self.notes[at as usize];
                if !noted.iter().any(|known| known.mark == note.mark) {
                    noted.push(note);
                }
                at = note.before;
            }
        }
        let offset_of = |mark: u32| noted.iter().find(|note| note.mark == mark).map(|note| note.offset);
        let (start, end) = match (offset_of(0), offset_of(1)) {
            (Some(start), Some(end)) => trimmed(view.folded, start, end),
            _ => return,
        };
        let first = self.parts.len();
        for note in &noted {
            if note.mark < 2 || note.mark % 2 == 1 {
                continue;
            }
            if let Some(end) = offset_of(note.mark + 1) {
                let (start, end) = trimmed(view.folded, note.offset, end);
                if start < end {
                    self.parts.push(Part { name: note.mark / 2, start, end });
                }
            }
        }
        self.parts[first..].sort_unstable_by_key(|part| (part.start, part.end, part.name));
        let rule = tables.rules.row(row[trial::RULE] as usize);
        let known = view.text.entry(tables, start, end, row[trial::LABEL]);
        let mut confirmed = false;
        if known != NONE {
            let ambiguous = tables.entries.row(known as usize)[entry::FLAGS] & entry::AMBIGUOUS != 0;
            if !ambiguous && self.parts.len() == first && rule[rule::PRIORITY] as i32 <= 0 {
                return;
            }
            confirmed = !ambiguous;
        }
        found.push(Candidate {
            start,
            end,
            label: row[trial::LABEL],
            priority: rule[rule::PRIORITY] as i32,
            is_memory: false,
            is_rule: true,
            source: row[trial::RULE],
            known,
            confirmed,
            anchor: (anchor.0, anchor.1, row[trial::NAME]),
            parts: (first as u32, self.parts.len() as u32),
            via: (0, 0),
        });
    }
}

impl View<'_> {
    /// Whether an atom begins right behind an offset, on the same line.
    fn stands(&self, number: u32, offset: u32) -> bool {
        let place = match ahead(self.tables, self.folded, offset) {
            Some(place) => place,
            None => return false,
        };
        let row = self.tables.atoms.row(number as usize);
        if row[atom::KIND] == atom::ENTITY {
            let seen = self.text.seen_from(place);
            return seen.map_or(false, |seen| seen.label == row[atom::VALUE] && self.text.has_shape(place, row[atom::SHAPE]));
        }
        match self.text.begins(self.atoms.words, place) {
            Some(standing) => standing.has(number),
            None => {
                row[atom::KIND] == atom::CLASS
                    && row[atom::SHAPE] == 0
                    && self.text.hits_from(place).any(|hit| {
                        self.tables.entries.row(hit.entry as usize)[entry::KEY] == row[atom::VALUE]
                    })
            }
        }
    }
}

/// A span without a space at either end.
fn trimmed(folded: Folded, start: u32, end: u32) -> (u32, u32) {
    let leading = folded.cased.get(start as usize) == Some(&b' ');
    let trailing = end > 0 && folded.cased[end as usize - 1] == b' ';
    (start + u32::from(leading), end.saturating_sub(u32::from(trailing)))
}
