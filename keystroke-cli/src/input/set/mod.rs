//! `--set`: its grammar (`grammar.rs`), and the reading of what it names (`read.rs`). What a value must be, wherever it
//! comes from, is in `input/value.rs`.

mod grammar;
mod read;

pub(crate) use self::grammar::{FORMS, Settings};

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
