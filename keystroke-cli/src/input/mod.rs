//! What a person gives: names, `--set`, `.env` files, answers on a terminal, and the values in them. Nothing here knows the
//! vault or makes a report.

pub(crate) mod ask;
pub(crate) mod dotenv;
pub(crate) mod field_rules;
pub(crate) mod names;
pub(crate) mod prompt;
pub(crate) mod set;
pub(crate) mod value;
