//! The compiled engine: the chain of `ruletag.plain`, module by module, over integers.
//!
//! What a thing means is said there; here it is only done fast. Both give the same bytes for every text. Modules with other
//! names are about that: `kinds`, `steps`, `openings`, `seen` and `heads` keep work from being done twice or in vain.
//! `inline(always)` stands where the compiler was measured to be wrong.

#![deny(unsafe_code)]

#[allow(unsafe_code)] // the one place where pointers come in and go out
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
