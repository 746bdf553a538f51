//! Policy as words: what a seal covers and a store's columns hold. Keystroke writes no other words than these
//! functions give.

use keystroke_core::{Owner, Status};

/// The name of the project or user; empty for the organization itself.
pub(crate) fn owner_name(owner: &Owner) -> &str {
    match owner {
        Owner::Organization => "",
        Owner::Project(name) | Owner::User(name) => name,
    }
}

/// The owner of this scope and [`owner_name`].
pub(crate) fn owner_of(scope: &str, name: &str) -> Option<Owner> {
    match scope {
        "organization" if name.is_empty() => Some(Owner::Organization),
        "project" => Some(Owner::Project(name.to_owned())),
        "user" => Some(Owner::User(name.to_owned())),
        _ => None,
    }
}

pub(crate) const fn status_text(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::NeedsReconnect => "needs_reconnect",
        Status::Revoked => "revoked",
    }
}

/// The status that [`status_text`] writes so.
pub(crate) fn status_of(text: &str) -> Option<Status> {
    [Status::Active, Status::NeedsReconnect, Status::Revoked]
        .into_iter()
        .find(|status| status_text(*status) == text)
}

/// A list as one text: its texts hold no control characters, so line ends keep them apart.
pub(crate) fn joined(texts: &[String]) -> String {
    texts.join("\n")
}

/// The list that [`joined`] wrote.
pub(crate) fn lines(text: &str) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { text.split('\n').map(str::to_owned).collect() }
}

/// A version or generation as a column holds it. The highest is not a number either: nothing could follow.
pub(crate) fn counted(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|_| number < i64::MAX)
}
