//! What an application shares with its actions, by type: [`State`], as an action takes it, and what an action declares that
//! it takes. What is said where it is missing is in [`missing`].

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use self::missing::{Asked, MissingState, short};

pub(crate) mod missing;

/// A value that the application shares with its actions, as one takes it: `http: &State<reqwest::Client>`. It derefs to the
/// value, and a clone is the same value.
///
/// [`Runtime::with_state`](crate::Runtime::with_state) shares the value itself. A unit test makes one:
///
/// ```
/// # use keystroke_core as keystroke;
/// use keystroke::{Failure, State};
///
/// struct Client {
///     base_url: String,
/// }
///
/// async fn search(http: &State<Client>) -> Result<String, Failure> {
///     Ok(format!("GET {}", http.base_url))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// let http = State::new(Client { base_url: "http://localhost".into() });
/// assert_eq!(search(&http).await?, "GET http://localhost");
/// # Ok(())
/// # }
/// ```
// Also of what has no size, although nothing makes one: `&State<dyn Mailer>` is then an error of ours, and one.
pub struct State<T: ?Sized>(Arc<T>);

impl<T> State<T> {
    /// Shares a value, for a unit test of an action's function.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: ?Sized> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The type alone: a client may hold a password, and asks nothing of its user.
impl<T: ?Sized> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State<{}>", short(type_name::<T>()))
    }
}

/// The state that one parameter of an action takes, without its type.
#[derive(Clone, Copy)]
pub struct StateRequirement {
    type_id: TypeId,
    type_name: fn() -> &'static str,
}

impl StateRequirement {
    /// The requirement of a parameter `&State<T>`.
    pub const fn of<T: Send + Sync + 'static>() -> Self {
        Self { type_id: TypeId::of::<State<T>>(), type_name: type_name::<T> }
    }

    /// The Rust type of the value.
    pub fn type_name(&self) -> &'static str {
        (self.type_name)()
    }
}

impl fmt::Debug for StateRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StateRequirement").field(&self.type_name()).finish()
    }
}

/// Values shared by type: by that of the [`State`] around each.
// A program shares a handful: comparing a few ids costs less than hashing one.
#[derive(Clone, Default)]
pub(crate) struct SharedState(Vec<Shared>);

#[derive(Clone)]
struct Shared {
    /// That of the `State<T>`.
    type_id: TypeId,
    /// A `State<T>`, so that it is lent as it is.
    state: Arc<dyn Any + Send + Sync>,
    type_name: &'static str,
}

impl SharedState {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        let type_id = TypeId::of::<State<T>>();
        self.0.retain(|shared| shared.type_id != type_id);
        self.0.push(Shared { type_id, state: Arc::new(State::new(value)), type_name: type_name::<T>() });
    }

    #[inline]
    fn of(&self, type_id: TypeId) -> Option<&Shared> {
        self.0.iter().find(|shared| shared.type_id == type_id)
    }

    /// The state of type `S`, a `State<T>`.
    pub(crate) fn find<S: 'static>(&self) -> Option<&S> {
        self.of(TypeId::of::<S>())?.state.downcast_ref()
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.find::<State<T>>().map(|state| &**state)
    }

    pub(crate) fn require<T: Send + Sync + 'static>(&self) -> Result<&T, MissingState> {
        self.get().ok_or_else(|| self.missing(type_name::<T>(), Asked::OfContext))
    }

    pub(crate) fn has_all(&self, requirements: &[StateRequirement]) -> bool {
        requirements.iter().all(|requirement| self.of(requirement.type_id).is_some())
    }

    /// An error for each requirement that is not met.
    #[cold]
    pub(crate) fn lacking(&self, requirements: &[StateRequirement]) -> Vec<MissingState> {
        let lacking = requirements.iter().filter(|requirement| self.of(requirement.type_id).is_none());
        lacking.map(|requirement| self.missing(requirement.type_name(), Asked::AsParameter)).collect()
    }

    #[cold]
    fn missing(&self, type_name: &'static str, asked: Asked) -> MissingState {
        MissingState::new(type_name, asked, self.0.iter().map(|shared| shared.type_name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Client;

    #[test]
    fn state_shows_its_type_and_not_its_value() {
        assert_eq!(format!("{:?}", State::new(Client)), "State<Client>");
        let secret = State::new("sk-canary".to_owned());
        assert_eq!(format!("{secret:?}"), "State<String>");
        assert_eq!(format!("{:?}", StateRequirement::of::<u8>()), r#"StateRequirement("u8")"#);
    }

    #[test]
    fn a_clone_and_what_is_lent_are_the_value_that_was_shared() {
        let mut shared = SharedState::default();
        shared.insert(7_u8);
        let lent: &State<u8> = shared.find().expect("it was shared");
        assert!(std::ptr::eq(&**lent, &*lent.clone()));
        assert!(shared.get::<u8>().is_some_and(|value| std::ptr::eq(value, &**lent)));
        // Under its own type alone.
        assert!(shared.find::<u8>().is_none() && shared.find::<State<u16>>().is_none());
    }

    #[test]
    fn everything_that_is_lacking_is_told_at_once_in_the_order_of_the_parameters() {
        let mut shared = SharedState::default();
        shared.insert(7_u8);
        let asked =
            [StateRequirement::of::<u16>(), StateRequirement::of::<u8>(), StateRequirement::of::<u32>()];
        let lacking = shared.lacking(&asked);
        let names: Vec<_> = lacking.iter().map(MissingState::type_name).collect();
        assert_eq!(names, ["u16", "u32"]);
        assert!(shared.lacking(&asked[1..2]).is_empty());
    }
}
