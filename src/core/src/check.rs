//! Consistency of the tables: every reference to a row of another table, or to a name that Python holds, must resolve.
//!
//! Jump targets of steps are not checked. One that leaves all programs makes joining the choices panic, or a text fail,
//! and Python learns of both.

use crate::lexicon::EXTRA;
use crate::tables::{atom, entry, rule, step, trial, veto, Tables, LABELS, NONE};

/// The numbers of entries, rules, anchors and vetoes that Python has names for.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Names {
    entries: usize,
    rules: usize,
    anchors: usize,
    vetoes: usize,
}

const PARTS: u32 = 8; // names of parts, as in `ruletag/core/decided.py`

/// Check all tables.
///
/// # Panics
/// Panics if a reference has no row, or the lengths of tables disagree.
pub fn check(tables: &Tables, names: Names) {
    assert!(tables.entries.0.len() == names.entries * entry::WIDTH, "an entry has no name");
    assert!(tables.rules.0.len() == names.rules * rule::WIDTH, "a rule has no name");
    assert!(tables.prefixed.len() >= LABELS, "a label has no number");
    assert!(tables.vetoes.0.len() == names.vetoes * veto::WIDTH, "a veto has no name");
    check_chars(tables);
    check_entries(tables);
    check_spellings(tables);
    check_rules(tables, names);
}

fn check_chars(tables: &Tables) {
    let chars = tables.chars;
    let sizes = [chars.cased.len(), chars.lower.len(), chars.upper.len(), chars.base.len()];
    assert!(sizes == [chars.flags.len(); 4], "the tables of characters differ in length");
}

fn is_inside(start: u32, len: u32, size: usize) -> bool {
    u64::from(start) + u64::from(len) <= size as u64
}

fn check_entries(tables: &Tables) {
    let size = tables.texts.len();
    assert!(tables.lowers.len() == size, "the texts of entries differ in length");
    for row in tables.entries.0.chunks_exact(entry::WIDTH) {
        let surname = row[entry::SURNAME];
        assert!(is_inside(row[entry::TEXT], row[entry::LEN], size), "an entry has no text");
        assert!((row[entry::KEY] as usize) < tables.prefixed.len(), "an entry has no key");
        assert!(surname == NONE || is_inside(surname, row[entry::SURNAME_LEN], size), "a family name has no text");
    }
}

fn check_spellings(tables: &Tables) {
    let spellings = &tables.spellings;
    // every search for a key ends at a free slot, so there must be one
    assert!(spellings.keys.len().is_power_of_two() && spellings.keys.contains(&0), "the spellings cannot be searched");
    assert!(spellings.slots.0.len() == spellings.keys.len() * 2, "a row of words has no slot");
    assert!(spellings.spelt.0.len() % 4 == 0, "half of a spelling");
    for slot in spellings.slots.0.chunks_exact(2) {
        assert!(is_inside(slot[0] >> 1, slot[1], spellings.spelt.len()), "a slot has no spelling");
    }
    for row in spellings.spelt.0.chunks_exact(4) {
        let pool = if row[1] & EXTRA != 0 { spellings.extra } else { tables.lowers };
        assert!((row[0] as usize) < tables.entries.len(), "a spelling has no entry");
        assert!(is_inside(row[1] & !EXTRA, row[2], pool.len()), "a spelling has no text");
    }
}

fn check_rules(tables: &Tables, names: Names) {
    let (atoms, steps) = (tables.atoms.len(), tables.steps.len());
    let sections = [(tables.atoms.0, atom::WIDTH), (tables.steps.0, step::WIDTH), (tables.tries.0, trial::WIDTH)];
    assert!(sections.iter().all(|(numbers, width)| numbers.len() % width == 0), "half of a row");
    assert!(tables.literals.len() == tables.literal_lowers.len(), "the texts of literals differ in length");
    for row in tables.atoms.0.chunks_exact(atom::WIDTH) {
        let values = if row[atom::KIND] == atom::ENTITY { LABELS } else { tables.prefixed.len() };
        assert!((row[atom::VALUE] as usize) < values, "an atom has no key");
        assert!(is_inside(row[atom::TEXT], row[atom::LEN], tables.literals.len()), "an atom has no text");
    }
    for row in tables.steps.0.chunks_exact(step::WIDTH) {
        match row[step::OP] {
            step::ATOM | step::ABSENT => assert!((row[step::FIRST] as usize) < atoms, "a step has no atom"),
            step::MARK => assert!(row[step::FIRST] < PARTS * 2, "a step has no mark"),
            _ => {}
        }
    }
    for row in tables.vetoes.0.chunks_exact(veto::WIDTH) {
        let programs = [row[veto::BEFORE], row[veto::AFTER]];
        assert!((row[veto::ENTRY] as usize) < tables.entries.len(), "a veto has no surface");
        assert!(programs.iter().all(|&start| start == NONE || (start as usize) < steps), "a veto has no program");
    }
    for row in tables.tries.0.chunks_exact(trial::WIDTH) {
        let programs = [trial::RIGHT, trial::LEFT, trial::BEFORE, trial::AFTER].map(|side| row[side]);
        assert!((row[trial::STAGE] as usize) < tables.looking.len(), "a try has no stage");
        assert!((row[trial::RULE] as usize) < tables.rules.len(), "a try has no rule");
        assert!((row[trial::LABEL] as usize) < LABELS, "a try has no label");
        assert!((row[trial::ANCHOR] as usize) < atoms, "a try has no anchor");
        assert!(row[trial::NAME] as usize <= names.anchors, "an anchor has no name");
        assert!(programs.iter().all(|&start| start == NONE || (start as usize) < steps), "a try has no program");
    }
}
