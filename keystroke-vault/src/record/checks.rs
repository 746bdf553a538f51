//! What is refused on its way into a vault: names, sizes and values (SEMANTICS S3).

use std::path::Path;

use keystroke_core::{Assignment, Fields, LONGEST_SLUG, Label, Owner, SecretString, TooShort, is_slug};
use keystroke_files::is_secret_path;

use crate::error::{Result, VaultError};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 128;
/// The longest label, account or OAuth scope, in bytes.
const LONGEST_TEXT: usize = 256;
/// The longest value, in bytes: a key file or certificate chain fits.
const LONGEST_VALUE: usize = 64 * 1024;
/// How many fields, or OAuth scopes, an instance may have.
pub(crate) const MOST: usize = 64;

fn invalid(what: &str, problem: &'static str) -> VaultError {
    unfit(what, problem, "use another name")
}

pub(crate) fn unfit(what: &str, problem: &'static str, fix: &str) -> VaultError {
    VaultError::InvalidText { what: what.to_owned(), problem, fix: fix.to_owned() }
}

pub(crate) fn no_fields() -> VaultError {
    unfit("the instance", "has no fields", "give it at least one")
}

/// One value; `short`: it may be shorter than redaction looks for.
pub(crate) fn check_value(field: &str, value: &SecretString, short: bool) -> Result<()> {
    let refuse = |problem, fix: &str| {
        Err(VaultError::InvalidValue { field: field.to_owned(), problem, fix: fix.to_owned() })
    };
    if let Some(too_short) = TooShort::of(value, short) {
        return refuse(too_short.problem(), too_short.fix());
    }
    if value.expose_secret().len() > LONGEST_VALUE {
        return refuse("has more than 64 KiB", "store less in it");
    }
    // Text in UTF-16 that was read as UTF-8, say: no service takes it.
    if value.expose_secret().contains('\0') {
        return refuse("has a NUL character in it, as text in UTF-16 has", "store it as UTF-8");
    }
    Ok(())
}

pub(crate) fn check_count(fields: &Fields) -> Result<()> {
    if fields.names().count() > MOST {
        return Err(unfit("the instance", "has more than 64 fields", "give it fewer"));
    }
    Ok(())
}

/// A name as an error shows it: it may be anything.
pub(crate) fn printable(name: &str) -> String {
    name.chars().take(64).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn check_length(what: &str, text: &str, longest: usize) -> Result<()> {
    if text.is_empty() {
        return Err(invalid(what, "is empty"));
    }
    if text.len() > longest {
        return Err(invalid(what, "is too long"));
    }
    // Lists are stored with line ends between their entries, and names are shown in terminals.
    if text.chars().any(char::is_control) {
        return Err(invalid(what, "holds control characters"));
    }
    Ok(())
}

/// A label, an account, a granted scope.
pub(crate) fn check_text(what: &str, text: &str) -> Result<()> {
    check_length(what, text, LONGEST_TEXT)
}

pub(crate) fn check_name(what: &str, text: &str) -> Result<()> {
    check_length(what, text, LONGEST_NAME)
}

fn check_slug(what: &str, text: &str, longest: usize) -> Result<()> {
    check_length(what, text, longest)?;
    if is_slug(text) { Ok(()) } else { Err(invalid(what, "may only hold a–z, 0–9, `-` and `_`")) }
}

pub(crate) fn check_key(key: &str) -> Result<()> {
    check_slug("the key", key, LONGEST_NAME)
}

pub(crate) fn check_id(id: &str) -> Result<()> {
    check_slug("the id", id, 2 * LONGEST_NAME)
}

/// Exactly the slugs that the macros accept: an assignment to any other would never serve anything.
fn check_action(slug: &str) -> Result<()> {
    if (1..=LONGEST_SLUG).contains(&slug.len()) && is_slug(slug) {
        return Ok(());
    }
    Err(VaultError::InvalidText {
        what: "the action's slug".to_owned(),
        problem: "is not 1 to 64 of a–z, 0–9, `-` and `_`",
        // A slug made from a secret would still give it away.
        fix: if is_secret_path(Path::new(slug)) {
            "use the action's slug, such as `weather-now`".to_owned()
        } else {
            format!("use the action's slug, such as `{}`", slugged(slug))
        },
    })
}

/// The slug that was probably meant: `WeatherNow` becomes `weather-now`.
fn slugged(text: &str) -> String {
    let mut slug = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            slug.push('-');
        }
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        before = c;
        if slug.len() >= LONGEST_SLUG {
            break;
        }
    }
    // A step may add a hyphen and a letter, which may be one too many.
    slug.truncate(LONGEST_SLUG);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "web-search".to_owned() } else { slug.to_owned() }
}

pub(crate) fn check_owner(owner: &Owner) -> Result<()> {
    match owner {
        Owner::Organization => Ok(()),
        Owner::Project(name) => check_name("the project", name),
        Owner::User(name) => check_name("the user", name),
    }
}

pub(crate) fn check_label(label: Option<&Label>) -> Result<()> {
    label.map_or(Ok(()), |label| check_text("the label", label.as_str()))
}

pub(crate) fn check_assignment(assignment: &Assignment) -> Result<()> {
    check_name("the organization", &assignment.organization)?;
    check_name("the project", &assignment.project)?;
    check_action(&assignment.action)?;
    if assignment.consumer.kind() == "direct" {
        Ok(())
    } else {
        check_name("the consumer", assignment.consumer.slug())
    }
}
