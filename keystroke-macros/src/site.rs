//! Where an attribute stands and how it was written: what its tokens alone don't tell.

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
    /// Whether it stands at the start of a line, where no method ever does.
    pub(crate) at_line_start: bool,
}

impl Site {
    /// How the attribute was written.
    pub(crate) fn form(&self) -> Form {
        let text: String = self.text.iter().flat_map(|text| text.chars()).filter(|c| !c.is_whitespace()).collect();
        let Some(inner) = text.strip_prefix("#[").and_then(|text| text.strip_suffix(']')) else { return Form::Sound };
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
