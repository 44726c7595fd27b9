//! Candidates to winners, as in `ruletag/plain/order.py`: the only place that ranks.

use std::cmp::Ordering;

use crate::tables::{entry, rule, Tables, NONE};

/// Labels in the order of their names: LOC, MISC, ORG, PER.
const ALPHABETICAL: [u32; 4] = [3, 0, 2, 1];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Part {
    pub name: u32, // in the order of names
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub start: u32,
    pub end: u32,
    pub label: u32,
    pub priority: i32,
    pub is_memory: bool,
    pub is_rule: bool,  // its source, or that of the mention that licensed it, is a rule, not an entry
    pub source: u32,    // the number of the rule or entry
    pub known: u32,     // the entry that gives it an id and a family name
    pub confirmed: bool,
    pub anchor: (u32, u32, u32), // start, end and the order of its name, which is 0 where there is none
    pub parts: (u32, u32),       // where they start and end among all parts
    pub via: (u32, u32),         // the mention that licensed it
}

/// A candidate that lost: to a winner, or to a veto.
#[derive(Clone, Copy)]
pub struct Loss {
    pub loser: Candidate,
    pub winner: u32, // where that starts
    pub veto: u32, // NONE where it lost to a winner
}

/// Add what was vetoed to the losses, in the total order; what one source says twice is there once.
pub fn add_vetoed(tables: &Tables, parts: &[Part], vetoed: &[Loss], losses: &mut Vec<Loss>) {
    let mut vetoed = vetoed.to_vec();
    vetoed.sort_unstable_by(|one, other| rank(tables, parts, &one.loser, &other.loser));
    vetoed.dedup_by(|one, other| rank(tables, parts, &one.loser, &other.loser) == Ordering::Equal);
    losses.extend(vetoed);
    losses.sort_by(|one, other| rank(tables, parts, &one.loser, &other.loser));
}

fn kind(each: &Candidate) -> u32 {
    match (each.confirmed, each.is_memory, each.is_rule) {
        (true, _, _) => 0,
        (_, true, _) => 1,
        (_, _, false) => 2,
        _ => 3,
    }
}

fn source(tables: &Tables, each: &Candidate) -> [u32; 3] {
    if each.is_rule {
        let row = tables.rules.row(each.source as usize);
        return [row[rule::PATH], row[rule::LINE], row[rule::NAME]];
    }
    let row = tables.entries.row(each.source as usize);
    [row[entry::PATH], row[entry::LINE], row[entry::NAME]]
}

fn tail(tables: &Tables, each: &Candidate) -> u32 {
    if each.known == NONE {
        0
    } else {
        tables.entries.row(each.known as usize)[entry::TAIL]
    }
}

/// The total order; the smallest wins.
fn rank(tables: &Tables, parts: &[Part], one: &Candidate, other: &Candidate) -> Ordering {
    let brief = |each: &Candidate| (-i64::from(each.priority), each.start as i64 - each.end as i64, each.start, kind(each));
    let parts_of = |each: &Candidate| &parts[each.parts.0 as usize..each.parts.1 as usize];
    let anchor = |each: &Candidate| (each.anchor.0, -i64::from(each.anchor.1), -(parts_of(each).len() as i64));
    brief(one)
        .cmp(&brief(other))
        .then_with(|| source(tables, one).cmp(&source(tables, other)))
        .then_with(|| ALPHABETICAL[one.label as usize].cmp(&ALPHABETICAL[other.label as usize]))
        .then_with(|| anchor(one).cmp(&anchor(other)))
        .then_with(|| parts_of(one).cmp(parts_of(other)))
        .then_with(|| one.anchor.2.cmp(&other.anchor.2))
        .then_with(|| one.via.cmp(&other.via))
        .then_with(|| tail(tables, one).cmp(&tail(tables, other)))
}

/// The winners, in reading order and without overlap, and the losers with what beat them, in the total order.
pub fn resolve(
    tables: &Tables,
    parts: &[Part],
    candidates: &mut [Candidate],
    winners: &mut Vec<Candidate>,
    losses: &mut Vec<Loss>,
) {
    winners.clear();
    losses.clear();
    candidates.sort_unstable_by_key(|each| each.start);
    let mut at = 0;
    while at < candidates.len() {
        let first = at;
        let mut end = candidates[at].end;
        at += 1;
        while at < candidates.len() && candidates[at].start < end {
            end = end.max(candidates[at].end);
            at += 1;
        }
        if at - first == 1 {
            winners.push(candidates[first]);
        } else {
            let group = &mut candidates[first..at];
            group.sort_unstable_by(|one, other| rank(tables, parts, one, other));
            decide(tables, parts, group, winners, losses);
        }
    }
    losses.sort_unstable_by(|one, other| rank(tables, parts, &one.loser, &other.loser));
}

fn decide(tables: &Tables, parts: &[Part], group: &[Candidate], winners: &mut Vec<Candidate>, losses: &mut Vec<Loss>) {
    let mut won: Vec<(u32, Candidate)> = Vec::new(); // in reading order, with their places in the total order
    for (place, each) in group.iter().enumerate() {
        if place > 0 && rank(tables, parts, &group[place - 1], each) == Ordering::Equal {
            continue; // what one source says twice
        }
        let first = won.partition_point(|(_, winner)| winner.end <= each.start);
        let last = won.partition_point(|(_, winner)| winner.start < each.end);
        match won[first..last].iter().min_by_key(|(place, _)| *place) {
            Some((_, winner)) => losses.push(Loss { loser: *each, winner: winner.start, veto: NONE }),
            None => won.insert(first, (place as u32, *each)),
        }
    }
    winners.extend(won.iter().map(|(_, winner)| *winner));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chars::Chars;
    use crate::tables::{Rows, Spellings};

    /// Two rules, and nothing else.
    fn tables() -> Tables {
        let rules: &'static [u32] = &[0, 0, 1, 0, 0, 0, 2, 0];
        Tables {
            chars: Chars { cased: &[], lower: &[], upper: &[], base: &[], flags: &[] },
            entries: Rows(&[]),
            texts: &[],
            lowers: &[],
            spellings: Spellings { keys: &[0], slots: Rows(&[0, 0]), spelt: Rows(&[]), extra: &[] },
            atoms: Rows(&[]),
            literals: &[],
            literal_lowers: &[],
            steps: Rows(&[]),
            tries: Rows(&[]),
            rules: Rows(rules),
            prefixed: &[],
            looking: &[],
            particle: NONE,
            vetoed: NONE,
            vetoes: Rows(&[]),
            common: &[],
            announcing: &[],
            heads: &[],
            pulled: &[],
            guess: i32::MIN,
            prefixes: &[],
        }
    }

    fn rule(start: u32, end: u32, priority: i32, source: u32) -> Candidate {
        Candidate {
            start,
            end,
            label: 0,
            priority,
            is_memory: false,
            is_rule: true,
            source,
            known: NONE,
            confirmed: false,
            anchor: (start, end, 1),
            parts: (0, 0),
            via: (0, 0),
        }
    }

    type Span = (u32, u32);

    fn resolved(candidates: &[Candidate]) -> (Vec<Span>, Vec<(Span, u32)>) {
        let (mut winners, mut losses) = (Vec::new(), Vec::new());
        resolve(&tables(), &[], &mut candidates.to_vec(), &mut winners, &mut losses);
        let span = |each: &Candidate| (each.start, each.end);
        (winners.iter().map(span).collect(), losses.iter().map(|loss| (span(&loss.loser), loss.winner)).collect())
    }

    #[test]
    fn priority_goes_before_length_and_length_before_position() {
        assert_eq!(resolved(&[rule(0, 9, 0, 0), rule(3, 4, 1, 0)]), (vec![(3, 4)], vec![((0, 9), 3)]));
        assert_eq!(resolved(&[rule(0, 5, 0, 0), rule(2, 9, 0, 0)]), (vec![(2, 9)], vec![((0, 5), 2)]));
        assert_eq!(resolved(&[rule(3, 8, 0, 0), rule(0, 5, 0, 0)]), (vec![(0, 5)], vec![((3, 8), 0)]));
    }

    #[test]
    fn priorities_may_be_as_low_as_they_can() {
        assert_eq!(resolved(&[rule(0, 9, i32::MIN, 0), rule(3, 4, 0, 0)]), (vec![(3, 4)], vec![((0, 9), 3)]));
    }

    #[test]
    fn neighbours_do_not_overlap_and_a_loser_takes_no_place() {
        assert_eq!(resolved(&[rule(4, 8, 0, 0), rule(0, 4, 0, 0)]), (vec![(0, 4), (4, 8)], vec![]));
        let chain = [rule(0, 6, 0, 0), rule(4, 9, 0, 0), rule(7, 9, 0, 0)];
        assert_eq!(resolved(&chain), (vec![(0, 6), (7, 9)], vec![((4, 9), 0)]));
    }

    #[test]
    fn what_one_source_says_twice_counts_once() {
        assert_eq!(resolved(&[rule(0, 5, 0, 0), rule(0, 5, 0, 0)]), (vec![(0, 5)], vec![]));
        assert_eq!(resolved(&[rule(0, 5, 0, 1), rule(0, 5, 0, 0)]), (vec![(0, 5)], vec![((0, 5), 0)]));
    }
}
