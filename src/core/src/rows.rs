//! The decisions on a text as rows of numbers, which `ruletag/core/decided.py` reads.

use crate::order::{Candidate, Loss, Part};
use crate::tables::NONE;

/// All numbers for one text, in this order:
///
/// - the count of spaces dropped from the text, and their offsets;
/// - the count of winners with a possible head noun, and their numbers;
/// - the table of the winners, and that of the losers;
/// - for each loser the number of its winner, then for each that of its veto.
pub fn rows(winners: &[Candidate], losses: &[Loss], parts: &[Part], joined: &[u32], headed: &[u32]) -> Vec<u32> {
    let size = 10 + 12 * winners.len() + 14 * losses.len() + 4 * parts.len() + joined.len() + headed.len();
    let mut rows = Vec::with_capacity(size);
    for numbers in [joined, headed] {
        rows.push(numbers.len() as u32);
        rows.extend_from_slice(numbers);
    }
    add_table(&mut rows, winners.len(), |number| &winners[number], parts);
    add_table(&mut rows, losses.len(), |number| &losses[number].loser, parts);
    for loss in losses {
        let number = winners.partition_point(|winner| winner.start < loss.winner) as u32;
        rows.push(if loss.veto == NONE { number } else { NONE });
    }
    rows.extend(losses.iter().map(|loss| loss.veto));
    rows
}

/// Add a table: the counts of candidates, anchors, parts and licences; a row for each candidate; then a row for each
/// anchor, part and licence, which begins with the number of its candidate.
fn add_table<'a>(rows: &mut Vec<u32>, count: usize, of: impl Fn(usize) -> &'a Candidate, parts: &[Part]) {
    let head = rows.len();
    rows.extend_from_slice(&[count as u32, 0, 0, 0]);
    for candidate in (0..count).map(&of) {
        rows.extend_from_slice(&[
            candidate.start,
            candidate.end,
            candidate.label,
            candidate.source << 2 | u32::from(candidate.is_rule) << 1 | u32::from(candidate.is_memory),
            candidate.entry,
            candidate.priority as u32,
            u32::from(candidate.confirmed),
        ]);
    }
    for number in (0..count).filter(|&number| of(number).anchor.2 != 0) {
        let (start, end, name) = of(number).anchor;
        rows.extend_from_slice(&[number as u32, name, start, end]);
        rows[head + 1] += 1;
    }
    for number in 0..count {
        let (first, end) = of(number).parts;
        for part in &parts[first as usize..end as usize] {
            rows.extend_from_slice(&[number as u32, part.name, part.start, part.end]);
            rows[head + 2] += 1;
        }
    }
    for number in (0..count).filter(|&number| of(number).is_memory) {
        let (start, end) = of(number).via;
        rows.extend_from_slice(&[number as u32, start, end]);
        rows[head + 3] += 1;
    }
}
