//! The error for state that a runtime does not share: [`MissingState`].

use std::error::Error;
use std::fmt;

/// An action takes state that its runtime does not share: as a parameter `&State<T>`, which ends the call before it begins,
/// or by [`ActionContext::require_state`].
///
/// Where the value was shared in another wrapping (an `Arc<T>`, and `T` is asked for), the text says so.
///
/// [`ActionContext::require_state`]: crate::ActionContext::require_state
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingState {
    type_name: &'static str,
    asked: Asked,
    shared: Vec<&'static str>,
}

/// How an action asks for state, which a fix may have to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// `&State<T>`
    AsParameter,
    /// `cx.require_state::<T>()`
    OfContext,
}

impl MissingState {
    pub(super) fn new(
        type_name: &'static str,
        asked: Asked,
        shared: impl Iterator<Item = &'static str>,
    ) -> Self {
        let mut shared: Vec<_> = shared.collect();
        shared.sort_unstable();
        Self { type_name, asked, shared }
    }

    /// The Rust type that was asked for.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// `missing_state`.
    pub const fn code(&self) -> &'static str {
        "missing_state"
    }

    /// What is wrong.
    pub fn problem(&self) -> String {
        let asked = self.type_name;
        match self.other() {
            Some(other) if other == asked => {
                format!("the runtime shares a `{asked}`, but of another version of that type's crate")
            }
            Some(other) => format!("the runtime shares no `{asked}` with its actions, but a `{other}`"),
            None => format!("the runtime shares no `{asked}` with its actions"),
        }
    }

    /// What to do about it.
    pub fn fix(&self) -> String {
        let asked = short(self.type_name);
        match self.other() {
            Some(other) if other == self.type_name => {
                "depend on one version of it; `cargo tree --duplicates` lists both".to_owned()
            }
            Some(other) => {
                let other = short(other);
                let ask = match self.asked {
                    Asked::AsParameter => format!("take `&State<{other}>`"),
                    Asked::OfContext => format!("ask for `cx.require_state::<{other}>()`"),
                };
                format!("{ask}, or share the `{asked}` itself by `.with_state(…)`")
            }
            None => {
                let list = self.list();
                format!("share a `{asked}` where the runtime is made: `Runtime::new(…).with_state(…)`{list}")
            }
        }
    }

    /// What the model is told.
    pub fn for_model(&self) -> String {
        FOR_MODEL.to_owned()
    }

    /// What is shared in place of what was asked for: the same in another wrapping, or a namesake.
    fn other(&self) -> Option<&'static str> {
        let wraps = |outer: &str, inner: &str| outer.contains(&format!("<{inner}>"));
        let asked = self.type_name;
        let is_other = |shared: &&str| *shared == asked || wraps(shared, asked) || wraps(asked, shared);
        self.shared.iter().copied().find(|shared| is_other(shared))
    }

    /// The types that are shared, if they are few enough to be read.
    fn list(&self) -> String {
        const MOST: usize = 8;
        match self.shared.len() {
            0 => "; it shares nothing so far".to_owned(),
            1..=MOST => {
                let each: Vec<String> = self.shared.iter().map(|name| format!("`{name}`")).collect();
                format!("; it shares {}", each.join(", "))
            }
            many => format!("; none of the {many} types that it shares is this one"),
        }
    }
}

impl fmt::Display for MissingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.fix())
    }
}

impl Error for MissingState {}

/// What a model is told, of however many types: which they are, only the program's author can use.
pub(crate) const FOR_MODEL: &str = "The tool is not set up completely. Trying again will not help.";

/// A type's name without the paths in it, as its user writes it.
pub(super) fn short(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
        } else if c == ':' {
            word.clear();
        } else {
            short.push_str(&std::mem::take(&mut word));
            short.push(c);
        }
    }
    short + &word
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::{SharedState, StateRequirement};
    use super::*;

    struct Client;

    fn missing<T: Send + Sync + 'static>(state: &SharedState) -> String {
        state.require::<T>().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_is_shared_in_another_wrapping_is_named_with_both_ways_out() {
        let mut state = SharedState::default();
        state.insert(Arc::new(Client));
        let text = missing::<Client>(&state);
        assert!(text.contains("shares no `keystroke_core::run::state::missing::tests::Client`"), "{text}");
        assert!(
            text.contains("but a `alloc::sync::Arc<keystroke_core::run::state::missing::tests::Client>`"),
            "{text}"
        );
        assert!(text.contains("`cx.require_state::<Arc<Client>>()`, or share the `Client` itself"), "{text}");
        assert!(missing::<Arc<Client>>(&state).is_empty());

        let mut state = SharedState::default();
        state.insert(Client);
        let text = missing::<Arc<Client>>(&state);
        assert!(text.contains("`cx.require_state::<Client>()`, or share the `Arc<Client>` itself"), "{text}");
        let text = missing::<Arc<Mutex<Client>>>(&state);
        assert!(text.contains("`cx.require_state::<Client>()`"), "{text}");
    }

    #[test]
    fn a_parameter_is_told_how_it_is_written() {
        let mut state = SharedState::default();
        state.insert(Arc::new(Client));
        let lacking = state.lacking(&[StateRequirement::of::<Client>()]);
        let [error] = &*lacking else { panic!("{lacking:?}") };
        assert_eq!(
            error.fix(),
            "take `&State<Arc<Client>>`, or share the `Client` itself by `.with_state(…)`"
        );
        assert!(error.type_name().ends_with("::Client"));
    }

    #[test]
    fn what_is_not_shared_at_all_is_told_with_what_is() {
        let mut state = SharedState::default();
        let text = missing::<Client>(&state);
        assert!(text.contains("share a `Client` where the runtime is made: `Runtime::new(…).with_state(…)`"));
        assert!(text.contains("shares nothing so far"), "{text}");
        state.insert(7_u8);
        let text = missing::<Client>(&state);
        assert!(text.contains("it shares `u8`"), "{text}");
        // A name that only begins alike is another one.
        state.insert(Vec::<String>::new());
        assert!(!missing::<Client>(&state).contains("but a"));
    }

    #[test]
    fn a_namesake_of_another_crates_version_is_told_as_such() {
        let error = MissingState::new("a::Client", Asked::AsParameter, ["a::Client"].into_iter());
        assert!(error.to_string().contains("cargo tree --duplicates"), "{error}");
        assert_eq!(error.code(), "missing_state");
        assert!(!error.for_model().contains("Client"));
    }

    #[test]
    fn names_are_shown_without_their_paths() {
        assert_eq!(short("alloc::sync::Arc<a::b::Client>"), "Arc<Client>");
        assert_eq!(short("(u8, &a::B<'_>)"), "(u8, &B<'_>)");
        assert_eq!(short("Client"), "Client");
    }
}
