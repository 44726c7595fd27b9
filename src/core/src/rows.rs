//! What was decided, as rows of numbers; `ruletag/core/decided.py` reads them.

use crate::order::{Candidate, Loss, Part};
use crate::tables::NONE;

/// How many spaces were dropped from the text, and where; at how many winners a head noun may stand, and their numbers; a table of
/// the winners and one of the losers; by loser the number of what beat it, and that of the veto.
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
        let beats = winners.partition_point(|winner| winner.start < loss.winner) as u32;
        rows.push(if loss.veto == NONE { beats } else { NONE });
    }
    rows.extend(losses.iter().map(|loss| loss.veto));
    rows
}

/// How many candidates, anchors, parts and licences there are. Then a row for each candidate; one for each anchor, part and
/// licence, which begins with the number of its candidate.
fn add_table<'a>(rows: &mut Vec<u32>, count: usize, of: impl Fn(usize) -> &'a Candidate, parts: &[Part]) {
    let head = rows.len();
    rows.extend_from_slice(&[count as u32, 0, 0, 0]);
    for each in (0..count).map(&of) {
        rows.extend_from_slice(&[
            each.start,
            each.end,
            each.label,
            each.source << 2 | u32::from(each.is_rule) << 1 | u32::from(each.is_memory),
            each.known,
            each.priority as u32,
            u32::from(each.confirmed),
        ]);
    }
    for number in (0..count).filter(|&number| of(number).anchor.2 != 0) {
        let (start, end, name) = of(number).anchor;
        rows.extend_from_slice(&[number as u32, name, start, end]);
        rows[head + 1] += 1;
    }
    for number in 0..count {
        let own = of(number).parts;
        for part in &parts[own.0 as usize..own.1 as usize] {
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
