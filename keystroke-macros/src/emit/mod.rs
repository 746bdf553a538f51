//! What every expansion is made of: paths into the facade, checks, and the value that stands for a function.
//!
//! What only one attribute generates stands in that attribute's folder.

mod check;
mod paths;
mod value;

pub(crate) use check::{Check, call};
pub(crate) use paths::{Facade, private, private_at};
pub(crate) use value::{plain_value, unit_struct};
