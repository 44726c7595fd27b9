//! The compiled engine: the chain of `ruletag.plain`, module by module, over integers.
//!
//! The plain modules define the behaviour; this crate only makes it fast. Both give the same bytes for every text.
//! Modules without a plain counterpart serve speed: `kinds`, `steps`, `openings`, `seen` and `heads` avoid repeated or
//! needless work. `inline(always)` is used only where measurements showed that the compiler decides wrongly.

#![deny(unsafe_code)]

#[allow(unsafe_code)] // the only module that handles raw pointers
mod abi;
mod chars;
mod check;
mod engine;
mod fold;
mod heads;
mod kinds;
mod lexicon;
mod matcher;
mod memory;
mod openings;
mod order;
mod rows;
mod seen;
mod steps;
mod tables;
mod text;
mod tokens;
