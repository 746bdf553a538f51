//! An author's types, docs and names, as far as their tokens tell. Nothing here knows an attribute.

mod docs;
mod item;
mod lifetimes;
mod names;
mod types;

pub(crate) use docs::{Description, description, is_documented};
pub(crate) use item::keyword;
pub(crate) use lifetimes::{lifetimes, owned_type};
pub(crate) use names::{handle_name, slug_of, slugged, snake, title};
pub(crate) use types::{Advice, Passing, mentioned, owned, peel, result_arguments, shown};
