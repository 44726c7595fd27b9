//! What was decided, as rows of numbers; `ruletag/core/decided.py` reads them.

use crate::order::{Candidate, Loss, Part};

/// How many winners, losers and parts there are; the winners; the losers, each with the number of what beat it and that of the veto; the
/// parts.
pub fn rows(winners: &[Candidate], losses: &[Loss], parts: &[Part]) -> Vec<u32> {
    let mut rows = Vec::with_capacity(3 + 16 * winners.len() + 18 * losses.len() + 3 * parts.len());
    rows.extend([winners.len() as u32, losses.len() as u32, parts.len() as u32]);
    for winner in winners {
        rows.extend(row(winner));
    }
    for loss in losses {
        rows.extend(row(&loss.loser));
        rows.push(winners.partition_point(|winner| winner.start < loss.winner) as u32);
        rows.push(loss.veto);
    }
    for part in parts {
        rows.extend([part.name, part.start, part.end]);
    }
    rows
}

fn row(each: &Candidate) -> [u32; 16] {
    [
        each.start,
        each.end,
        each.label,
        u32::from(each.is_memory),
        u32::from(each.is_rule),
        each.source,
        each.known,
        u32::from(each.confirmed),
        each.priority as u32,
        each.anchor.0,
        each.anchor.1,
        each.anchor.2,
        each.parts.0,
        each.parts.1,
        each.via.0,
        each.via.1,
    ]
}
