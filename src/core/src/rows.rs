//! What was decided, as columns of numbers; `ruletag/core/decided.py` reads them.

use crate::order::{Candidate, Loss, Part};
use crate::tables::NONE;

/// How many spaces were dropped from the text, and where; a table of the winners and one of the losers; by loser the number
/// of what beat it, and that of the veto.
pub fn rows(winners: &[Candidate], losses: &[Loss], parts: &[Part], joined: &[u32]) -> Vec<u32> {
    let mut rows = Vec::with_capacity(9 + 12 * winners.len() + 14 * losses.len() + 4 * parts.len() + joined.len());
    rows.push(joined.len() as u32);
    rows.extend_from_slice(joined);
    add_table(&mut rows, winners.len(), |number| &winners[number], parts);
    add_table(&mut rows, losses.len(), |number| &losses[number].loser, parts);
    for loss in losses {
        let beats = winners.partition_point(|winner| winner.start < loss.winner) as u32;
        rows.push(if loss.veto == NONE { beats } else { NONE });
    }
    rows.extend(losses.iter().map(|loss| loss.veto));
    rows
}

/// How many candidates, anchors, parts and licences there are. Then a column for each field of a candidate, of an anchor,
/// of a part and of a licence; the first of the latter three is the number of the candidate.
fn add_table<'a>(rows: &mut Vec<u32>, count: usize, of: impl Fn(usize) -> &'a Candidate, parts: &[Part]) {
    let parts_of = |number| {
        let each = of(number);
        &parts[each.parts.0 as usize..each.parts.1 as usize]
    };
    let anchored: Vec<usize> = (0..count).filter(|&number| of(number).anchor.2 != 0).collect();
    let licensed: Vec<usize> = (0..count).filter(|&number| of(number).is_memory).collect();
    let parted: Vec<(usize, &Part)> = (0..count).flat_map(|number| parts_of(number).iter().map(move |part| (number, part))).collect();
    rows.extend([count, anchored.len(), parted.len(), licensed.len()].map(|size| size as u32));
    let fields: [fn(&Candidate) -> u32; 7] = [
        |each| each.start,
        |each| each.end,
        |each| each.label,
        |each| each.source << 2 | u32::from(each.is_rule) << 1 | u32::from(each.is_memory),
        |each| each.known,
        |each| each.priority as u32,
        |each| u32::from(each.confirmed),
    ];
    for field in fields {
        rows.extend((0..count).map(|number| field(of(number))));
    }
    rows.extend(anchored.iter().map(|&number| number as u32));
    rows.extend(anchored.iter().map(|&number| of(number).anchor.2));
    rows.extend(anchored.iter().map(|&number| of(number).anchor.0));
    rows.extend(anchored.iter().map(|&number| of(number).anchor.1));
    rows.extend(parted.iter().map(|(number, _)| *number as u32));
    rows.extend(parted.iter().map(|(_, part)| part.name));
    rows.extend(parted.iter().map(|(_, part)| part.start));
    rows.extend(parted.iter().map(|(_, part)| part.end));
    rows.extend(licensed.iter().map(|&number| number as u32));
    rows.extend(licensed.iter().map(|&number| of(number).via.0));
    rows.extend(licensed.iter().map(|&number| of(number).via.1));
}
