//! From candidates to winners, as in `ruletag/plain/order.py`: the only place that ranks.

use std::cmp::Ordering;

use crate::tables::{entry, rule, Tables, NONE};

/// Labels in the order of their names: LOC, MISC, ORG, PER.
const ALPHABETICAL: [u32; 4] = [3, 0, 2, 1];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Part {
    pub name: u32, // its number, in the order of names
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
    pub is_rule: bool, // whether its source, or that of the mention that licensed it, is a rule, not an entry
    pub source: u32,   // the number of the rule or entry
    pub entry: u32,    // the entry that gives it an id and a family name
    pub confirmed: bool,
    pub anchor: (u32, u32, u32), // start, end and the number of its name, which is 0 if there is no anchor
    pub parts: (u32, u32),       // their range in all parts
    pub via: (u32, u32),         // the span of the mention that licensed it
}

/// A candidate that lost: to a winner, or to a veto.
#[derive(Clone, Copy)]
pub struct Loss {
    pub loser: Candidate,
    pub winner: u32, // its start
    pub veto: u32,   // NONE if it lost to a winner
}

/// Move the vetoed candidates to the losses. Equal candidates of one source count once.
pub fn add_vetoed(tables: &Tables, parts: &[Part], vetoed: &mut Vec<Loss>, losses: &mut Vec<Loss>) {
    in_total_order(tables, parts, vetoed);
    vetoed.dedup_by(|left, right| rank(tables, parts, &left.loser, &right.loser) == Ordering::Equal);
    losses.append(vetoed);
}

/// Sort losses by the total order; the sort is stable.
pub fn in_total_order(tables: &Tables, parts: &[Part], losses: &mut [Loss]) {
    losses.sort_by(|left, right| rank(tables, parts, &left.loser, &right.loser));
}

fn standing(candidate: &Candidate) -> u32 {
    match (candidate.confirmed, candidate.is_memory, candidate.is_rule) {
        (true, _, _) => 0,
        (_, true, _) => 1,
        (_, _, false) => 2,
        _ => 3,
    }
}

/// The source of a candidate as numbers that sort by path, line and name.
fn source(tables: &Tables, candidate: &Candidate) -> [u32; 3] {
    if candidate.is_rule {
        let row = tables.rules.row(candidate.source as usize);
        return [row[rule::PATH], row[rule::LINE], row[rule::NAME]];
    }
    let row = tables.entries.row(candidate.source as usize);
    [row[entry::PATH], row[entry::LINE], row[entry::NAME]]
}

fn tail(tables: &Tables, candidate: &Candidate) -> u32 {
    if candidate.entry == NONE {
        0
    } else {
        tables.entries.row(candidate.entry as usize)[entry::TAIL]
    }
}

/// The total order; the smallest wins.
fn rank(tables: &Tables, parts: &[Part], left: &Candidate, right: &Candidate) -> Ordering {
    let first_keys = |candidate: &Candidate| {
        let &Candidate { start, end, priority, .. } = candidate;
        (-i64::from(priority), start as i64 - end as i64, start, standing(candidate))
    };
    let parts_of = |candidate: &Candidate| &parts[candidate.parts.0 as usize..candidate.parts.1 as usize];
    let anchor = |candidate: &Candidate| {
        let (start, end, _) = candidate.anchor;
        (start, -i64::from(end), -(parts_of(candidate).len() as i64))
    };
    first_keys(left)
        .cmp(&first_keys(right))
        .then_with(|| source(tables, left).cmp(&source(tables, right)))
        .then_with(|| ALPHABETICAL[left.label as usize].cmp(&ALPHABETICAL[right.label as usize]))
        .then_with(|| anchor(left).cmp(&anchor(right)))
        .then_with(|| parts_of(left).cmp(parts_of(right)))
        .then_with(|| left.anchor.2.cmp(&right.anchor.2))
        .then_with(|| left.via.cmp(&right.via))
        .then_with(|| tail(tables, left).cmp(&tail(tables, right)))
}

/// Fill `winners`, in reading order and without overlap, and `losses`, in no order, each with what beat it.
///
/// `order` is a buffer for sorting the numbers of candidates in place of the candidates themselves.
pub fn resolve(
    tables: &Tables,
    parts: &[Part],
    candidates: &[Candidate],
    order: &mut Vec<u64>,
    winners: &mut Vec<Candidate>,
    losses: &mut Vec<Loss>,
) {
    winners.clear();
    losses.clear();
    order.clear();
    order.extend((0..).zip(candidates).map(|(number, candidate)| u64::from(candidate.start) << 32 | number));
    order.sort_unstable();
    let of = |key: u64| &candidates[key as u32 as usize];
    let mut at = 0;
    while at < order.len() {
        let first = at;
        let mut end = of(order[at]).end;
        at += 1;
        while at < order.len() && of(order[at]).start < end {
            end = end.max(of(order[at]).end);
            at += 1;
        }
        if at - first == 1 {
            winners.push(*of(order[first]));
        } else {
            let group = &mut order[first..at];
            group.sort_unstable_by(|&left, &right| rank(tables, parts, of(left), of(right)));
            decide(tables, parts, group.iter().map(|&key| of(key)), winners, losses);
        }
    }
}

/// Decide a group of candidates connected by overlaps, given in the total order.
fn decide<'a>(
    tables: &Tables,
    parts: &[Part],
    group: impl Iterator<Item = &'a Candidate>,
    winners: &mut Vec<Candidate>,
    losses: &mut Vec<Loss>,
) {
    let mut won: Vec<(usize, &Candidate)> = Vec::new(); // in reading order, with their places in the total order
    let mut previous: Option<&Candidate> = None;
    for (place, candidate) in group.enumerate() {
        if previous.replace(candidate).map_or(false, |last| rank(tables, parts, last, candidate) == Ordering::Equal) {
            continue; // a repetition by the same source
        }
        let first = won.partition_point(|(_, winner)| winner.end <= candidate.start);
        let last = won.partition_point(|(_, winner)| winner.start < candidate.end);
        match won[first..last].iter().min_by_key(|(place, _)| *place) {
            Some((_, winner)) => losses.push(Loss { loser: *candidate, winner: winner.start, veto: NONE }),
            None => won.insert(first, (place, candidate)),
        }
    }
    winners.extend(won.iter().map(|(_, winner)| **winner));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Rows;

    /// Tables with two rules, and nothing else.
    fn tables() -> Tables {
        Tables { rules: Rows(&[0, 0, 1, 0, 0, 0, 2, 0]), ..Tables::none() }
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
            entry: NONE,
            confirmed: false,
            anchor: (start, end, 1),
            parts: (0, 0),
            via: (0, 0),
        }
    }

    type Span = (u32, u32);

    fn resolved(candidates: &[Candidate]) -> (Vec<Span>, Vec<(Span, u32)>) {
        let (mut winners, mut losses) = (Vec::new(), Vec::new());
        resolve(&tables(), &[], candidates, &mut Vec::new(), &mut winners, &mut losses);
        in_total_order(&tables(), &[], &mut losses);
        let span = |candidate: &Candidate| (candidate.start, candidate.end);
        (winners.iter().map(span).collect(), losses.iter().map(|loss| (span(&loss.loser), loss.winner)).collect())
    }

    #[test]
    fn priority_outranks_length_and_length_outranks_position() {
        assert_eq!(resolved(&[rule(0, 9, 0, 0), rule(3, 4, 1, 0)]), (vec![(3, 4)], vec![((0, 9), 3)]));
        assert_eq!(resolved(&[rule(0, 5, 0, 0), rule(2, 9, 0, 0)]), (vec![(2, 9)], vec![((0, 5), 2)]));
        assert_eq!(resolved(&[rule(3, 8, 0, 0), rule(0, 5, 0, 0)]), (vec![(0, 5)], vec![((3, 8), 0)]));
    }

    #[test]
    fn priorities_may_be_as_low_as_they_can() {
        assert_eq!(resolved(&[rule(0, 9, i32::MIN, 0), rule(3, 4, 0, 0)]), (vec![(3, 4)], vec![((0, 9), 3)]));
    }

    #[test]
    fn adjacent_spans_do_not_overlap_and_a_loser_beats_nothing() {
        assert_eq!(resolved(&[rule(4, 8, 0, 0), rule(0, 4, 0, 0)]), (vec![(0, 4), (4, 8)], vec![]));
        let chain = [rule(0, 6, 0, 0), rule(4, 9, 0, 0), rule(7, 9, 0, 0)];
        assert_eq!(resolved(&chain), (vec![(0, 6), (7, 9)], vec![((4, 9), 0)]));
    }

    #[test]
    fn equal_candidates_of_one_source_count_once() {
        assert_eq!(resolved(&[rule(0, 5, 0, 0), rule(0, 5, 0, 0)]), (vec![(0, 5)], vec![]));
        assert_eq!(resolved(&[rule(0, 5, 0, 1), rule(0, 5, 0, 0)]), (vec![(0, 5)], vec![((0, 5), 0)]));
    }
}
