//! Hits and tokens to candidates, each naming its rule, as in `ruletag/plain/matcher.py`.
//!
//! Before a program is run, the atoms that stand beside the anchor are held against those with which it may begin.

use crate::engine::{is_off, Off};
use crate::kinds::Atoms;
use crate::lexicon::Folded;
use crate::openings::Opening;
use crate::order::{Candidate, Loss, Part};
use crate::seen::Seen;
use crate::steps::{Steps, CHOICE, MAYBE};
use crate::tables::{atom, entry, rule, step, trial, veto, Tables, NONE};
use crate::text::{ahead, behind, Beside, Edge, Text};

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

/// A program: where it starts in `steps`, and its opening.
#[derive(Clone, Copy)]
struct Program {
    start: u32,
    opening: Opening,
}

/// The programs of a try.
struct Programs {
    right: Program,
    left: Program,
    before: Program,
    after: Program,
    guards_first: bool, // the left one begins with guards of the anchor, which are soon told
}

/// What starts rules: the tries of each stage by the class or the earlier label of their anchors.
pub struct Matcher {
    by_class: Vec<Vec<Vec<u32>>>,
    by_entity: Vec<Vec<Vec<u32>>>,
    programs: Vec<Programs>, // by try
}

/// What a search needs and leaves behind, used again for the next one.
#[derive(Default)]
pub struct Search {
    notes: Vec<Note>,
    noted: Vec<Note>,
    pending: Vec<Way>,
    entered: Seen,
    pub parts: Vec<Part>,
}

/// One text while rules are tried on it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub tables: &'a Tables,
    pub steps: &'a Steps,
    pub atoms: &'a Atoms,
    pub off: &'a Off,
    pub folded: Folded<'a>,
    pub text: &'a Text,
}

impl Matcher {
    pub fn new(tables: &Tables, atoms: &Atoms) -> Matcher {
        let rows = vec![vec![Vec::new(); tables.prefixed.len()]; tables.looking.len()];
        let mut matcher = Matcher { by_class: rows.clone(), by_entity: rows, programs: Vec::new() };
        for number in 0..tables.tries.len() {
            let row = tables.tries.row(number);
            let anchor = tables.atoms.row(row[trial::ANCHOR] as usize);
            let stage = row[trial::STAGE] as usize;
            match anchor[atom::KIND] {
                atom::CLASS => matcher.by_class[stage][anchor[atom::VALUE] as usize].push(number as u32),
                atom::ENTITY => matcher.by_entity[stage][anchor[atom::VALUE] as usize].push(number as u32),
                _ => {} // these are known by kind of token
            }
            let program = |side: usize| Program { start: row[side], opening: atoms.openings.of(row[side]) };
            matcher.programs.push(Programs {
                right: program(trial::RIGHT),
                left: program(trial::LEFT),
                before: program(trial::BEFORE),
                after: program(trial::AFTER),
                guards_first: tables.steps.row(row[trial::LEFT] as usize)[step::OP] == step::ABSENT,
            });
        }
        matcher
    }

    /// The candidates of the rules of one stage.
    pub fn candidates(&self, view: View, stage: usize, search: &mut Search, found: &mut Vec<Candidate>) {
        let stages = view.tables.looking.len();
        let by_class = &self.by_class[stage];
        for hit in &view.text.hits {
            let tries = &by_class[hit.key as usize];
            if !tries.is_empty() {
                self.start(view, tries, (hit.start, hit.end), search, found);
            }
        }
        for token in view.text.tokens.iter().filter(|token| token.outline.starts_in(stage)) {
            let tries = view.text.kinds.tries(token.look.sight, stage, stages);
            self.start(view, tries, (token.start, token.end), search, found);
        }
        for entity in &view.text.seen {
            let tries = &self.by_entity[stage][entity.label as usize];
            self.start(view, tries, (entity.start, entity.end), search, found);
        }
    }

    /// Start tries from an anchor, those that what stands beside it does not rule out.
    fn start(&self, view: View, tries: &[u32], anchor: (u32, u32), search: &mut Search, found: &mut Vec<Candidate>) {
        let (before, behind) = (view.beside(anchor.0, true), view.beside(anchor.1, false));
        for &number in tries {
            let programs = &self.programs[number as usize];
            if behind.may_begin(programs.right.opening) && before.may_begin(programs.left.opening) {
                self.try_at(view, number, anchor, search, found);
            }
        }
    }

    fn try_at(&self, view: View, number: u32, (start, end): (u32, u32), search: &mut Search, found: &mut Vec<Candidate>) {
        let programs = &self.programs[number as usize];
        let row = view.tables.tries.row(number as usize);
        let anchor = view.tables.atoms.row(row[trial::ANCHOR] as usize);
        if anchor[atom::KIND] >= atom::CLASS && !view.text.has_shape(start, anchor[atom::SHAPE]) {
            return;
        }
        search.notes.clear();
        search.notes.push(Note::default());
        let mut found_at = [(end, 0), (start, 0)];
        for side in if programs.guards_first { [1, 0] } else { [0, 1] } {
            let program = if side == 0 { programs.right } else { programs.left };
            found_at[side] = match search.run(view, program.start, found_at[side].0, side == 1) {
                Some(found) => found,
                None => return,
            };
        }
        let [(last, right), (first, left)] = found_at;
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
        let entry = view.text.entry(each.start, each.end, tables.vetoed);
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

    fn is_refused(&self, view: View, program: Program, offset: u32, leftwards: bool, search: &mut Search) -> bool {
        program.start != NONE
            && view.beside(offset, leftwards).may_begin(program.opening)
            && search.run(view, program.start, offset, leftwards).is_some()
    }
}

impl Search {
    /// Run a program from an offset: where the preferred way through it ends, and what was noted on it.
    fn run(&mut self, view: View, program: u32, origin: u32, leftwards: bool) -> Option<(u32, u32)> {
        self.pending.clear();
        let mut way = Way { at: program, offset: origin, notes: 0 };
        let mut steps = 0;
        loop {
            steps += 1;
            if steps == FEW {
                self.entered.clear();
            }
            // no way comes twice to the same place; few steps are gone sooner than noted
            let goes_on = (steps < FEW || self.entered.insert(way.at, way.offset)) && {
                let [op, first, second] = view.steps.row(way.at);
                let is_near = way.offset.abs_diff(origin) < REACH;
                match op {
                    step::ATOM => is_near && self.places(view, first, &mut way, leftwards),
                    CHOICE => {
                        let next = if is_near { view.token_end(first, way.offset, leftwards) } else { None };
                        way = Way { at: program + second, offset: next.unwrap_or(way.offset), ..way };
                        next.is_some()
                    }
                    MAYBE => {
                        let other = Way { at: program + second, ..way };
                        let next = if is_near { view.behind_token(program, first, way.offset, leftwards) } else { None };
                        way = match next {
                            Some((at, offset)) => {
                                self.pending.push(other);
                                Way { at, offset, ..way }
                            }
                            None => other,
                        };
                        true
                    }
                    step::ABSENT => match view.behind_guards(way.at, way.offset) {
                        Some(at) => {
                            way.at = at;
                            true
                        }
                        None => false,
                    },
                    step::SPLIT => {
                        self.pending.push(Way { at: program + second, ..way });
                        way.at = program + first;
                        true
                    }
                    step::MARK => {
                        self.notes.push(Note { mark: first, offset: way.offset, before: way.notes });
                        way = Way { at: way.at + 1, notes: self.notes.len() as u32 - 1, ..way };
                        true
                    }
                    step::JUMP => {
                        way.at = program + first;
                        true
                    }
                    _ => return Some((way.offset, way.notes)),
                }
            };
            if !goes_on {
                way = self.pending.pop()?;
            }
        }
    }

    /// Go on behind an atom that stands beside an offset, if it does. Where it is several entries, the longest is gone on
    /// with first, and the others are pending.
    fn places(&mut self, view: View, number: u32, way: &mut Way, leftwards: bool) -> bool {
        let place = match view.place(way.offset, leftwards) {
            Some(place) => place,
            None => return false,
        };
        let row = view.tables.atoms.row(number as usize);
        let (text, value, shape) = (view.text, row[atom::VALUE], row[atom::SHAPE]);
        way.at += 1;
        let found = match row[atom::KIND] {
            atom::ENTITY => {
                let seen = if leftwards { text.seen_to(place) } else { text.seen_from(place) };
                let seen = seen.filter(|seen| seen.label == value && text.has_shape(seen.start, shape));
                seen.map(|entity| if leftwards { entity.start } else { entity.end })
            }
            atom::CLASS => {
                let first = self.pending.len();
                if leftwards {
                    let hits = text.members_to(place, value).filter(|hit| text.has_shape(hit.start, shape));
                    self.pending.extend(hits.map(|hit| Way { offset: hit.start, ..*way }));
                } else if text.has_shape(place, shape) {
                    self.pending.extend(text.members_from(place, value).map(|hit| Way { offset: hit.end, ..*way }));
                }
                self.pending[first..].reverse();
                if self.pending.len() > first {
                    self.pending.pop().map(|way| way.offset)
                } else {
                    None
                }
            }
            _ => view.token_end_at(number, place, leftwards),
        };
        way.offset = found.unwrap_or(way.offset);
        found.is_some()
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
        let noted = &mut self.noted;
        noted.clear(); // of a place that was noted twice, the newest note counts
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
        for note in noted.iter() {
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
        let known = view.text.entry(start, end, row[trial::LABEL]);
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
    /// Where something stands that goes on from an offset on the same line.
    #[inline(always)]
    fn place(&self, offset: u32, leftwards: bool) -> Option<u32> {
        if leftwards {
            behind(self.tables, self.folded, offset)
        } else {
            ahead(self.tables, self.folded, offset)
        }
    }

    /// What stands there; nothing at the end of a line.
    #[inline(always)]
    fn beside(&self, offset: u32, leftwards: bool) -> Beside<'_> {
        let place = self.place(offset, leftwards);
        let edge = place.map_or_else(Edge::default, |place| if leftwards { self.text.to(place) } else { self.text.from(place) });
        self.text.beside(edge, &self.atoms.openings)
    }

    /// Where the token ends that stands beside an offset, if it is an atom or a choice that needs no entry.
    #[inline(always)]
    fn token_end(&self, number: u32, offset: u32, leftwards: bool) -> Option<u32> {
        self.token_end_at(number, self.place(offset, leftwards)?, leftwards)
    }

    /// The same for a place that is known.
    #[inline(always)]
    fn token_end_at(&self, number: u32, place: u32, leftwards: bool) -> Option<u32> {
        let edge = if leftwards { self.text.to(place) } else { self.text.from(place) };
        let token = self.text.is(edge, self.atoms.words, number)?;
        Some(if leftwards { token.start } else { token.end })
    }

    /// The step behind the token with which a way begins, and where the token ends, if it stands there.
    fn behind_token(&self, program: u32, first: u32, offset: u32, leftwards: bool) -> Option<(u32, u32)> {
        let [op, number, behind] = self.steps.row(program + first);
        let end = self.token_end(number, offset, leftwards)?;
        Some((program + if op == CHOICE { behind } else { first + 1 }, end))
    }

    /// The step behind some guards in a row, if nothing that they keep out begins right behind an offset, on the same line.
    fn behind_guards(&self, first: u32, offset: u32) -> Option<u32> {
        let place = self.place(offset, false);
        let edge = place.map_or_else(Edge::default, |place| self.text.from(place));
        let mut at = first;
        loop {
            let [op, number, _] = self.steps.row(at);
            if op != step::ABSENT {
                return Some(at);
            }
            if place.map_or(false, |place| self.stands(number, place, edge)) {
                return None;
            }
            at += 1;
        }
    }

    /// Whether an atom begins at a place, of which the edge is known.
    fn stands(&self, number: u32, place: u32, edge: Edge) -> bool {
        let row = self.tables.atoms.row(number as usize);
        let (text, value, shape) = (self.text, row[atom::VALUE], row[atom::SHAPE]);
        match row[atom::KIND] {
            atom::ENTITY => text.seen_from(place).map_or(false, |seen| seen.label == value && text.has_shape(place, shape)),
            atom::CLASS => text.has_member(edge, place, value) && text.has_shape(place, shape),
            _ => text.is(edge, self.atoms.words, number).is_some(),
        }
    }
}

/// A span without a space at either end.
fn trimmed(folded: Folded, start: u32, end: u32) -> (u32, u32) {
    let leading = folded.cased.get(start as usize) == Some(&b' ');
    let trailing = end > 0 && folded.cased[end as usize - 1] == b' ';
    (start + u32::from(leading), end.saturating_sub(u32::from(trailing)))
}
