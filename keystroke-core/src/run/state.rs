//! What an application shares with its actions, by type, and the error for what it does not share.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Values shared by type.
#[derive(Clone, Default)]
pub(crate) struct State(HashMap<TypeId, Shared>);

#[derive(Clone)]
struct Shared {
    value: Arc<dyn Any + Send + Sync>,
    type_name: &'static str,
}

impl State {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Shared { value: Arc::new(value), type_name: type_name::<T>() });
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.value.downcast_ref()
    }

    pub(crate) fn require<T: Send + Sync + 'static>(&self) -> Result<&T, MissingState> {
        self.get().ok_or_else(|| {
            let mut shared: Vec<&'static str> = self.0.values().map(|shared| shared.type_name).collect();
            shared.sort_unstable();
            MissingState { asked: type_name::<T>(), shared }
        })
    }
}

/// An action asked for state that its runtime does not share ([`ActionContext::require_state`]).
///
/// Where the value was shared in another wrapping (an `Arc<T>`, and `T` is asked for), the text says so.
///
/// [`ActionContext::require_state`]: crate::ActionContext::require_state
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingState {
    asked: &'static str,
    shared: Vec<&'static str>,
}

impl MissingState {
    /// `missing_state`.
    pub const fn code(&self) -> &'static str {
        "missing_state"
    }

    /// What is wrong.
    pub fn problem(&self) -> String {
        let asked = self.asked;
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
        let asked = short(self.asked);
        match self.other() {
            Some(other) if other == self.asked => {
                "depend on one version of it; `cargo tree --duplicates` lists both".to_owned()
            }
            Some(other) => {
                let other = short(other);
                format!(
                    "ask for `cx.require_state::<{other}>()`, or share the `{asked}` itself by `.with_state(…)`"
                )
            }
            None => {
                format!("share one where the runtime is made: `Runtime::new(…).with_state(…)`{}", self.list())
            }
        }
    }

    /// What the model is told.
    pub fn for_model(&self) -> String {
        "The tool is not set up completely. Trying again will not help.".to_owned()
    }

    /// What is shared in place of what was asked for: the same in another wrapping, or a namesake.
    fn other(&self) -> Option<&'static str> {
        let wraps = |outer: &str, inner: &str| outer.contains(&format!("<{inner}>"));
        let asked = self.asked;
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

/// A type's name without the paths in it, as its user writes it.
fn short(name: &str) -> String {
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
    use std::sync::Mutex;

    use super::*;

    struct Client;

    fn missing<T: Send + Sync + 'static>(state: &State) -> String {
        state.require::<T>().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_is_shared_in_another_wrapping_is_named_with_both_ways_out() {
        let mut state = State::default();
        state.insert(Arc::new(Client));
        let text = missing::<Client>(&state);
        assert!(text.contains("shares no `keystroke_core::run::state::tests::Client`"), "{text}");
        assert!(
            text.contains("but a `alloc::sync::Arc<keystroke_core::run::state::tests::Client>`"),
            "{text}"
        );
        assert!(text.contains("`cx.require_state::<Arc<Client>>()`, or share the `Client` itself"), "{text}");
        assert!(missing::<Arc<Client>>(&state).is_empty());

        let mut state = State::default();
        state.insert(Client);
        let text = missing::<Arc<Client>>(&state);
        assert!(text.contains("`cx.require_state::<Client>()`, or share the `Arc<Client>` itself"), "{text}");
        let text = missing::<Arc<Mutex<Client>>>(&state);
        assert!(text.contains("`cx.require_state::<Client>()`"), "{text}");
    }

    #[test]
    fn what_is_not_shared_at_all_is_told_with_what_is() {
        let mut state = State::default();
        let text = missing::<Client>(&state);
        assert!(text.contains("with_state(…)") && text.contains("shares nothing so far"), "{text}");
        state.insert(7_u8);
        let text = missing::<Client>(&state);
        assert!(text.contains("it shares `u8`"), "{text}");
        // A name that only begins alike is another one.
        state.insert(Vec::<String>::new());
        assert!(!missing::<Client>(&state).contains("but a"));
    }

    #[test]
    fn a_namesake_of_another_crates_version_is_told_as_such() {
        let error = MissingState { asked: "a::Client", shared: vec!["a::Client"] };
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
