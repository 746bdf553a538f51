//! The keys that every attribute on a function has. Nothing is judged against the function yet.

use proc_macro2::Ident;

use crate::diagnostics::Errors;
use crate::emit::Facade;
use crate::grammar::{self, Entry, Text};
use crate::syntax::{handle_name, slug_of, title};

/// The values of these keys that are sound in themselves.
#[derive(Default)]
pub(crate) struct CommonAttr {
    pub(crate) slug: Option<Text>,
    /// No `slug` was written, and nothing that may have been meant as one: that alone is a mistake of its own.
    pub(crate) lacks_slug: bool,
    pub(crate) name: Option<Text>,
    /// A description was written, sound or not.
    pub(crate) describes: bool,
    pub(crate) description: Option<Text>,
    pub(crate) handle: Option<Ident>,
    pub(crate) facade: Facade,
}

impl CommonAttr {
    /// Reads an entry with one of these keys. Any other comes back.
    pub(crate) fn read(&mut self, entry: Entry, function: &Ident, errors: &mut Errors) -> Option<Entry> {
        let key = &entry.key;
        match key.to_string().as_str() {
            "slug" => {
                self.lacks_slug = false;
                self.slug = grammar::text(&entry, &slug_of(function), errors)
                    .filter(|text| grammar::slug(key, text, errors));
            }
            "name" => self.name = grammar::text(&entry, &title(&slug_of(function)), errors),
            "description" => {
                self.describes = true;
                self.description = grammar::text(&entry, "…", errors);
            }
            "handle" => self.handle = handle(&entry, errors),
            "crate" => self.facade = grammar::facade(&entry, errors).unwrap_or_default(),
            _ => return Some(entry),
        }
        None
    }
}

/// The value's name. One in the wrong style is an error, and used all the same: the author's code uses it too.
fn handle(entry: &Entry, errors: &mut Errors) -> Option<Ident> {
    let path = match grammar::path(entry, "ExaSearch", errors) {
        Some(path) => path,
        None => syn::parse_str(&grammar::text(entry, "", &mut Errors::default())?.text).ok()?,
    };
    let Some(ident) = path.get_ident() else {
        errors.at(&path, "`handle` must be a name, such as `ExaSearch`");
        return None;
    };
    let name = ident.to_string();
    if !name.trim_start_matches("r#").starts_with(char::is_uppercase) {
        let upper = handle_name(ident);
        errors.at(ident, format!("`handle` names a type; write `{upper}`"));
    }
    Some(ident.clone())
}
