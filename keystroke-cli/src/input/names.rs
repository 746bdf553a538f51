//! The names on the command line for a credential: its key and its fields. Anything else in their place may be a secret, so
//! no error repeats it.

use std::path::Path;

use keystroke_core::fix::FIELD;
use keystroke_core::is_slug;

use crate::error::CliError;
use crate::output::typed;

/// What is wrong with a field's name, without the name.
pub(crate) fn check_field(field: &str) -> Result<(), &'static str> {
    if field.is_empty() {
        return Err("names no field");
    }
    if keystroke_files::is_secret_path(Path::new(field)) {
        return Err("has a key or a token in place of a field's name");
    }
    if field == FIELD {
        return Err("has `FIELD` for a field's name; put the real one in its place");
    }
    if field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return Ok(());
    }
    Err("has a field's name with other characters than a–z, A–Z, 0–9, `_` and `-`")
}

/// Refuses a key that no vault can hold, and suggests the one that was meant if it is plain.
pub(crate) fn check_key(key: &str) -> Result<(), CliError> {
    if is_slug(key) {
        return Ok(());
    }
    let meant = slug(key);
    let fix = if looks_like_a_type(key) && typed::key(&meant) == meant {
        format!("write `{meant}`, if that is the key that the credential declares")
    } else {
        "write the key as the credential declares it, such as `exa`".to_owned()
    };
    Err(CliError::refused("invalid_text", "the key may only hold a–z, 0–9, `-` and `_`", fix))
}

/// Whether it may be a type's name, such as `WeatherNow`, and is hardly a secret.
fn looks_like_a_type(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()).count();
    let capitals = text.split(|c: char| !c.is_ascii_uppercase()).map(str::len).max().unwrap_or(0);
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic());
    first
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && words <= 4
        && capitals <= 4
}

/// `WeatherNow` as `weather-now`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    let mut after_small = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && after_small) {
            let between = !slug.is_empty() && !slug.ends_with(['-', '_']);
            slug.extend(between.then_some(if c == '_' { '_' } else { '-' }));
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    slug.trim_end_matches(['-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{looks_like_a_type, slug};

    #[test]
    fn a_type_name_becomes_a_key() {
        for (text, key) in [
            ("WeatherNow", "weather-now"),
            ("Exa", "exa"),
            ("OpenAI", "open-ai"),
            ("Weather_Now", "weather_now"),
            ("N8n", "n8n"),
        ] {
            assert_eq!(slug(text), key);
        }
        for secret in ["JBSWYDPEHPKPXP", "aBcDeFgHiJkL", "api_key=secret", "correct horse", ""] {
            assert!(!looks_like_a_type(secret), "{secret}");
        }
    }
}
