//! From hits and tokens to candidates, each naming its rule, as in `ruletag/plain/matcher.py`.
//!
//! Before a program is run, the atoms beside the anchor are compared with those with which it may begin.

use crate::engine::{is_disabled, Disabled};
use crate::kinds::Atoms;
use crate::lexicon::Folded;
use crate::openings::Opening;
use crate::order::{Candidate, Loss, Part};
use crate::seen::Seen;
use crate::steps::{Steps, CHOICE, MAYBE};
use crate::tables::{atom, entry, rule, step, trial, veto, Tables, NONE};
use crate::text::{next_start, previous_end, Edge, Neighbours, Text};

const REACH: u32 = 400;
const FEW: u32 = 48; // steps of a search before those entered are recorded

/// A mark noted at an offset, and the number of the note before it; 0 is no note.
#[derive(Clone, Copy, Default)]
struct Note {
    mark: u32,
    offset: u32,
    before: u32,
}

/// A point on a path through a program: the step, the offset, and the newest note.
#[derive(Clone, Copy)]
struct Path {
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
    guards_first: bool, // the left one begins with guards of the anchor, which are quick to check
}

/// The tries of all rules, by stage and by the class or entity label of their anchors.
pub struct Matcher {
    by_class: Vec<Vec<Vec<u32>>>,
    by_entity: Vec<Vec<Vec<u32>>>,
    programs: Vec<Programs>, // by try
}

/// The buffers of a search, reused for the next one, and the parts of all candidates.
#[derive(Default)]
pub struct Search {
    notes: Vec<Note>,
    noted: Vec<Note>,
    pending: Vec<Path>,
    entered: Seen,
    pub parts: Vec<Part>,
}

/// One text while rules are tried on it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub tables: &'a Tables,
    pub steps: &'a Steps,
    pub atoms: &'a Atoms,
    pub disabled: &'a Disabled,
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
                _ => {} // these tries are in `Kinds`
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

    /// Add the candidates of the rules of one stage.
    pub fn candidates(&self, view: View, stage: usize, search: &mut Search, candidates: &mut Vec<Candidate>) {
        let stages = view.tables.looking.len();
        let by_class = &self.by_class[stage];
        for hit in &view.text.hits {
            let tries = &by_class[hit.key as usize];
            if !tries.is_empty() {
                self.start(view, tries, (hit.start, hit.end), search, candidates);
            }
        }
        for token in view.text.tokens.iter().filter(|token| token.outline.starts_in(stage)) {
            let tries = view.text.kinds.tries(token.ids.profile, stage, stages);
            self.start(view, tries, (token.start, token.end), search, candidates);
        }
        for entity in &view.text.seen {
            let tries = &self.by_entity[stage][entity.label as usize];
            self.start(view, tries, (entity.start, entity.end), search, candidates);
        }
    }

    /// Start those tries from an anchor that its neighbours do not rule out.
    fn start(
        &self,
        view: View,
        tries: &[u32],
        (start, end): (u32, u32),
        search: &mut Search,
        candidates: &mut Vec<Candidate>,
    ) {
        let (before, after) = (view.neighbours(start, true), view.neighbours(end, false));
        for &number in tries {
            let programs = &self.programs[number as usize];
            if after.may_begin(programs.right.opening) && before.may_begin(programs.left.opening) {
                self.try_at(view, number, (start, end), search, candidates);
            }
        }
    }

    fn try_at(
        &self,
        view: View,
        number: u32,
        (start, end): (u32, u32),
        search: &mut Search,
        candidates: &mut Vec<Candidate>,
    ) {
        let programs = &self.programs[number as usize];
        let row = view.tables.tries.row(number as usize);
        let anchor = view.tables.atoms.row(row[trial::ANCHOR] as usize);
        if anchor[atom::KIND] >= atom::CLASS && !view.text.has_shape(start, anchor[atom::SHAPE]) {
            return;
        }
        search.notes.clear();
        search.notes.push(Note::default());
        let mut ends = [(end, 0), (start, 0)]; // the offset and the notes on the right and on the left
        for side in if programs.guards_first { [1, 0] } else { [0, 1] } {
            let program = if side == 0 { programs.right } else { programs.left };
            ends[side] = match search.run(view, program.start, ends[side].0, side == 1) {
                Some(end) => end,
                None => return,
            };
        }
        let [(last, right), (first, left)] = ends;
        if self.is_refused(view, programs.before, first, true, search)
            || self.is_refused(view, programs.after, last, false, search)
        {
            return;
        }
        search.add_candidate(view, row, (start, end), (left, right), candidates);
    }

    /// Move the candidates from `first` on that a veto stops to `vetoed`. No entry is vetoed.
    pub fn veto(
        &self,
        view: View,
        search: &mut Search,
        first: usize,
        candidates: &mut Vec<Candidate>,
        vetoed: &mut Vec<Loss>,
    ) {
        let mut allowed = first;
        for number in first..candidates.len() {
            let candidate = candidates[number];
            let veto = if candidate.confirmed { NONE } else { self.veto_of(view, search, &candidate) };
            if veto == NONE {
                candidates[allowed] = candidate;
                allowed += 1;
            } else {
                vetoed.push(Loss { loser: candidate, winner: candidate.start, veto });
            }
        }
        candidates.truncate(allowed);
    }

    /// The first veto that applies to a candidate: to its surface and label, and in its context; `NONE` if none does.
    fn veto_of(&self, view: View, search: &mut Search, candidate: &Candidate) -> u32 {
        let tables = view.tables;
        let entry = view.text.entry(candidate.start, candidate.end, tables.vetoed);
        if entry == NONE {
            return NONE;
        }
        let mut holds = |start: u32, offset: u32, leftwards: bool| {
            start == NONE || search.run(view, start, offset, leftwards).is_some()
        };
        for number in 0..tables.vetoes.len() {
            let row = tables.vetoes.row(number);
            if row[veto::ENTRY] == entry
                && !is_disabled(&view.disabled.vetoes, number as u32)
                && (row[veto::LABEL] == NONE || row[veto::LABEL] == candidate.label)
                && holds(row[veto::BEFORE], candidate.start, true)
                && holds(row[veto::AFTER], candidate.end, false)
            {
                return number as u32;
            }
        }
        NONE
    }

    /// Whether an `unless` program of the rule matches at an offset.
    fn is_refused(&self, view: View, program: Program, offset: u32, leftwards: bool, search: &mut Search) -> bool {
        program.start != NONE
            && view.neighbours(offset, leftwards).may_begin(program.opening)
            && search.run(view, program.start, offset, leftwards).is_some()
    }
}

impl Search {
    /// Run a program from an offset: where the preferred path through it ends, and its newest note.
    fn run(&mut self, view: View, program: u32, origin: u32, leftwards: bool) -> Option<(u32, u32)> {
        self.pending.clear();
        let mut path = Path { at: program, offset: origin, notes: 0 };
        let mut steps = 0;
        loop {
            steps += 1;
            if steps == FEW {
                self.entered.clear();
            }
            // no path continues from a (step, offset) that another has reached; for few steps, recording costs more
            let goes_on = (steps < FEW || self.entered.insert(path.at, path.offset)) && {
                let [op, first, second] = view.steps.row(path.at);
                let is_near = path.offset.abs_diff(origin) < REACH;
                match op {
                    step::ATOM => is_near && self.pass_atom(view, first, &mut path, leftwards),
                    CHOICE => {
                        let next = if is_near { view.token_end(first, path.offset, leftwards) } else { None };
                        path = Path { at: program + second, offset: next.unwrap_or(path.offset), ..path };
                        next.is_some()
                    }
                    MAYBE => {
                        let second_path = Path { at: program + second, ..path };
                        let next =
                            if is_near { view.after_token(program, first, path.offset, leftwards) } else { None };
                        path = match next {
                            Some((at, offset)) => {
                                self.pending.push(second_path);
                                Path { at, offset, ..path }
                            }
                            None => second_path,
                        };
                        true
                    }
                    step::ABSENT => match view.after_guards(path.at, path.offset) {
                        Some(at) => {
                            path.at = at;
                            true
                        }
                        None => false,
                    },
                    step::SPLIT => {
                        self.pending.push(Path { at: program + second, ..path });
                        path.at = program + first;
                        true
                    }
                    step::MARK => {
                        self.notes.push(Note { mark: first, offset: path.offset, before: path.notes });
                        path = Path { at: path.at + 1, notes: self.notes.len() as u32 - 1, ..path };
                        true
                    }
                    step::JUMP => {
                        path.at = program + first;
                        true
                    }
                    _ => return Some((path.offset, path.notes)),
                }
            };
            if !goes_on {
                path = self.pending.pop()?;
            }
        }
    }

    /// Continue a path past an atom, if it is beside the offset. If it is several entries, the longest comes first, and
    /// the others are pending.
    fn pass_atom(&mut self, view: View, number: u32, path: &mut Path, leftwards: bool) -> bool {
        let place = match view.place(path.offset, leftwards) {
            Some(place) => place,
            None => return false,
        };
        let row = view.tables.atoms.row(number as usize);
        let (text, value, shape) = (view.text, row[atom::VALUE], row[atom::SHAPE]);
        path.at += 1;
        let next = match row[atom::KIND] {
            atom::ENTITY => {
                let entity = if leftwards { text.seen_to(place) } else { text.seen_from(place) };
                let entity = entity.filter(|entity| entity.label == value && text.has_shape(entity.start, shape));
                entity.map(|entity| if leftwards { entity.start } else { entity.end })
            }
            atom::CLASS => {
                let first = self.pending.len();
                if leftwards {
                    let hits = text.members_to(place, value).filter(|hit| text.has_shape(hit.start, shape));
                    self.pending.extend(hits.map(|hit| Path { offset: hit.start, ..*path }));
                } else if text.has_shape(place, shape) {
                    self.pending.extend(text.members_from(place, value).map(|hit| Path { offset: hit.end, ..*path }));
                }
                self.pending[first..].reverse();
                if self.pending.len() > first {
                    self.pending.pop().map(|path| path.offset)
                } else {
                    None
                }
            }
            _ => view.token_end_at(number, place, leftwards),
        };
        path.offset = next.unwrap_or(path.offset);
        next.is_some()
    }

    /// Add the candidate of a match around an anchor, unless an entry has the same by itself.
    fn add_candidate(
        &mut self,
        view: View,
        row: &[u32; trial::WIDTH],
        anchor: (u32, u32),
        (left, right): (u32, u32),
        candidates: &mut Vec<Candidate>,
    ) {
        let tables = view.tables;
        let noted = &mut self.noted;
        noted.clear(); // if a mark was noted twice, its newest note counts
        for newest in [left, right] {
            let mut at = newest;
            while at != 0 {
                let note = self.notes[at as usize];
                if !noted.iter().any(|newer| newer.mark == note.mark) {
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
        let entry = view.text.entry(start, end, row[trial::LABEL]);
        let mut confirmed = false;
        if entry != NONE {
            let ambiguous = tables.entries.row(entry as usize)[entry::FLAGS] & entry::AMBIGUOUS != 0;
            if !ambiguous && self.parts.len() == first && rule[rule::PRIORITY] as i32 <= 0 {
                return;
            }
            confirmed = !ambiguous;
        }
        candidates.push(Candidate {
            start,
            end,
            label: row[trial::LABEL],
            priority: rule[rule::PRIORITY] as i32,
            is_memory: false,
            is_rule: true,
            source: row[trial::RULE],
            entry,
            confirmed,
            anchor: (anchor.0, anchor.1, row[trial::NAME]),
            parts: (first as u32, self.parts.len() as u32),
            via: (0, 0),
        });
    }
}

impl View<'_> {
    /// The offset at which the next token or entry on the same line starts (leftwards: ends); `None` at a line end.
    #[inline(always)]
    fn place(&self, offset: u32, leftwards: bool) -> Option<u32> {
        if leftwards {
            previous_end(self.tables, self.folded, offset)
        } else {
            next_start(self.tables, self.folded, offset)
        }
    }

    /// The neighbours of an offset on one side; none at the end of a line.
    #[inline(always)]
    fn neighbours(&self, offset: u32, leftwards: bool) -> Neighbours<'_> {
        let place = self.place(offset, leftwards);
        let edge_at = |place| if leftwards { self.text.to(place) } else { self.text.from(place) };
        let edge = place.map_or_else(Edge::default, edge_at);
        self.text.neighbours(edge, &self.atoms.openings)
    }

    /// The far end of the token beside an offset, if it matches an atom or a choice that needs no entry.
    #[inline(always)]
    fn token_end(&self, number: u32, offset: u32, leftwards: bool) -> Option<u32> {
        self.token_end_at(number, self.place(offset, leftwards)?, leftwards)
    }

    /// Like `token_end`, for an offset from `place`.
    #[inline(always)]
    fn token_end_at(&self, number: u32, place: u32, leftwards: bool) -> Option<u32> {
        let edge = if leftwards { self.text.to(place) } else { self.text.from(place) };
        let token = self.text.is(edge, self.atoms.words, number)?;
        Some(if leftwards { token.start } else { token.end })
    }

    /// The step after the token at step `first` of a program, and the far end of that token, if it is there.
    fn after_token(&self, program: u32, first: u32, offset: u32, leftwards: bool) -> Option<(u32, u32)> {
        let [op, number, next] = self.steps.row(program + first);
        let end = self.token_end(number, offset, leftwards)?;
        Some((program + if op == CHOICE { next } else { first + 1 }, end))
    }

    /// The step after consecutive guards, if nothing that they exclude begins right after an offset, on the same line.
    fn after_guards(&self, first: u32, offset: u32) -> Option<u32> {
        let place = self.place(offset, false);
        let edge = place.map_or_else(Edge::default, |place| self.text.from(place));
        let mut at = first;
        loop {
            let [op, number, _] = self.steps.row(at);
            if op != step::ABSENT {
                return Some(at);
            }
            if place.map_or(false, |place| self.begins(number, place, edge)) {
                return None;
            }
            at += 1;
        }
    }

    /// Whether an atom begins at a place with a given edge.
    fn begins(&self, number: u32, place: u32, edge: Edge) -> bool {
        let row = self.tables.atoms.row(number as usize);
        let (text, value, shape) = (self.text, row[atom::VALUE], row[atom::SHAPE]);
        match row[atom::KIND] {
            atom::ENTITY => {
                text.seen_from(place).map_or(false, |entity| entity.label == value && text.has_shape(place, shape))
            }
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
