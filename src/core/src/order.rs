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

/// Add what was vetoed to the losses; what one source says twice is there once.
pub fn add_vetoed(tables: &Tables, parts: &[Part], vetoed: &mut Vec<Loss>, losses: &mut Vec<Loss>) {
    in_total_order(tables, parts, vetoed);
    vetoed.dedup_by(|one, other| rank(tables, parts, &one.loser, &other.loser) == Ordering::Equal);
    losses.append(vetoed);
}

/// Put losses in the total order; those before come first where they are equal.
pub fn in_total_order(tables: &Tables, parts: &[Part], losses: &mut [Loss]) {
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

/// The winners, in reading order and without overlap, and in no order the losers with what beat them. The numbers of
/// candidates are sorted in place of these, and kept for the next time.
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
    order.extend((0..).zip(candidates).map(|(number, each)| u64::from(each.start) << 32 | number));
    order.sort_unstable();
    let of = |place: u64| &candidates[place as u32 as usize];
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
            group.sort_unstable_by(|&one, &other| rank(tables, parts, of(one), of(other)));
            decide(tables, parts, group.iter().map(|&place| of(place)), winners, losses);
        }
    }
}

/// Decide a group of candidates, which come in the total order.
fn decide<'a>(
    tables: &Tables,
    parts: &[Part],
    group: impl Iterator<Item = &'a Candidate>,
    winners: &mut Vec<Candidate>,
    losses: &mut Vec<Loss>,
) {
    let mut won: Vec<(usize, &Candidate)> = Vec::new(); // in reading order, with their places in the total order
    let mut last: Option<&Candidate> = None;
    for (place, each) in group.enumerate() {
        if last.replace(each).map_or(false, |last| rank(tables, parts, last, each) == Ordering::Equal) {
            continue; // what one source says twice
        }
        let first = won.partition_point(|(_, winner)| winner.end <= each.start);
        let behind = won.partition_point(|(_, winner)| winner.start < each.end);
        match won[first..behind].iter().min_by_key(|(place, _)| *place) {
            Some((_, winner)) => losses.push(Loss { loser: *each, winner: winner.start, veto: NONE }),
            None => won.insert(first, (place, each)),
        }
    }
    winners.extend(won.iter().map(|(_, winner)| **winner));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Rows;

    /// Two rules, and nothing else.
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
        resolve(&tables(), &[], candidates, &mut Vec::new(), &mut winners, &mut losses);
        in_total_order(&tables(), &[], &mut losses);
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
