//! Where an attribute stands and how it was written, which its tokens don't tell.

use syn::parse::Parser as _;
use syn::punctuated::Punctuated;

mod source;

pub(crate) use source::{Place, Source};

/// The brackets after the attribute's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `#[action]`, `#[action(…)]`, or not known.
    Sound,
    /// `#[action()]`
    Empty,
    /// `#[action{…}]`
    Braces,
    /// `#[action[…]]`
    Brackets,
    /// `#[action = …]`, which the compiler itself refuses.
    Equals,
}

/// The place of an attribute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    /// The attribute's source text, if the compiler knows it.
    pub(crate) text: Option<String>,
    /// The file around it, if the compiler knows where that is.
    pub(crate) source: Option<Source>,
}

impl Site {
    /// The names that a derive above the attribute derives.
    pub(crate) fn derives_above(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut text = self.source.as_ref().map_or("", |source| &source.before).trim_end();
        loop {
            let last_line = text.lines().last().unwrap_or_default();
            if last_line.trim_start().starts_with("//") {
                text = text.strip_suffix(last_line).unwrap_or_default().trim_end();
            } else if let Some(start) = attribute_start(text) {
                let (rest, attribute) = text.split_at(start);
                found.extend(derived(attribute));
                text = rest.trim_end();
            } else {
                return found;
            }
        }
    }

    /// The block around a function, if it is an `impl`, a trait or the like. Where that can't be known, a function with
    /// `self` is taken for a method, one without for a free function.
    pub(crate) fn associated(&self, has_self: bool) -> Option<&'static str> {
        let place = match &self.source {
            Some(source) if has_self || source.may_be_associated() => source.place(),
            Some(_) => Place::Free,
            None => Place::Unknown,
        };
        match place {
            Place::Associated(block) => Some(block),
            Place::Unknown if has_self => Some("`impl` block"),
            Place::Unknown | Place::Free => None,
        }
    }

    /// The keyword of an item beside the attribute's that already has the name.
    pub(crate) fn beside(&self, name: &str) -> Option<&'static str> {
        self.source.as_ref()?.beside(name)
    }

    /// How the attribute was written.
    pub(crate) fn form(&self) -> Form {
        let text: String =
            self.text.iter().flat_map(|text| text.chars()).filter(|c| !c.is_whitespace()).collect();
        let Some(inner) = text.strip_prefix("#[").and_then(|text| text.strip_suffix(']')) else {
            return Form::Sound;
        };
        let after_path = inner.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        match after_path.chars().next() {
            Some('(') if after_path == "()" => Form::Empty,
            Some('{') => Form::Braces,
            Some('[') => Form::Brackets,
            Some('=') => Form::Equals,
            _ => Form::Sound,
        }
    }
}

/// Where the attribute begins that `text` ends with.
fn attribute_start(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().rev() {
        match c {
            ']' => depth += 1,
            '[' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return text.get(..at)?.strip_suffix('#').map(str::len);
        }
    }
    None
}

/// The names in `#[derive(…)]`.
fn derived(attribute: &str) -> Vec<String> {
    let Ok(attributes) = syn::Attribute::parse_outer.parse_str(attribute) else { return Vec::new() };
    let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    let paths = derives.flat_map(|derive| {
        derive
            .parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated)
            .into_iter()
            .flatten()
    });
    paths.filter_map(|path| path.segments.last().map(|last| last.ident.to_string())).collect()
}
