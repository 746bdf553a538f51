//! Actions as values of generic code, and beside items with the names of what they implement.

#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    clippy::pedantic
)]
#![allow(unreachable_pub, reason = "what authors write in a library stands in a program here")]
#![allow(clippy::unused_async, reason = "the actions of a fixture do nothing")]

use keystroke::prelude::*;

/// Searches.
///
/// # Errors
/// Never.
#[action(slug = "search")]
pub async fn search() -> Result<String, Failure> {
    Ok("found".into())
}

/// Posts a message.
///
/// # Errors
/// Never.
#[action(slug = "post", scope = user)]
pub async fn post(cx: &ActionContext) -> Result<String, Failure> {
    Ok(cx.user().unwrap_or_default().to_owned())
}

/// Any action, on any run that gives what it needs.
///
/// # Errors
/// What the action gives.
pub async fn twice<A: Action + Copy, R: RunFor<A::Need>>(
    action: A,
    run: &R,
    input: [A::Input; 2],
) -> Result<[A::Output; 2], ActionError<A::Error>> {
    let [first, second] = input;
    Ok([action.run(run, first).await?, action.run(run, second).await?])
}

/// A task of its own, which needs nothing but the call.
///
/// # Errors
/// What the action gives.
pub fn spawned<A: Action, R: RunFor<A::Need>>(
    action: A,
    run: &R,
    input: A::Input,
) -> impl Future<Output = Result<A::Output, ActionError<A::Error>>> + Send + 'static {
    action.run(run, input).into_future()
}

/// Only without a user.
///
/// # Errors
/// What the action gives.
pub async fn anonymous<A: Action<Need = NoUser>>(
    action: A,
    run: &Run<Anonymous>,
    input: A::Input,
) -> Result<A::Output, ActionError<A::Error>> {
    action.run(run, input).await
}

fn plain_value<A: Action + Copy + Default + std::fmt::Debug>(action: A) -> String {
    let copy = action;
    format!("{action:?} {copy:?} {:?}", A::default())
}

/// What an action implements, as names of something else.
pub mod names {
    use keystroke::SecretString;

    /// A credential.
    #[keystroke::credential(key = "debug")]
    pub struct Debug {
        /// The key.
        pub api_key: SecretString,
    }

    /// A credential.
    #[keystroke::credential(key = "copy")]
    pub struct Copy {
        /// The key.
        pub api_key: SecretString,
    }

    /// Neither a trait nor a derive.
    #[allow(dead_code, non_camel_case_types, missing_debug_implementations, missing_copy_implementations)]
    #[allow(clippy::allow_attributes_without_reason)]
    pub enum Clone {
        /// Nor this.
        Default,
    }
    pub use Clone::Default;

    /// Reads.
    ///
    /// # Errors
    /// Never.
    #[keystroke::action(slug = "read")]
    pub async fn read(debug: &Debug, copy: &Copy) -> Result<(), keystroke::Failure> {
        let _ = (debug, copy);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run: Run<Anonymous> = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    let user: Run<AsUser> = run.clone().as_user("ada");
    assert_eq!(twice(Search, &run, [(), ()]).await?, ["found", "found"]);
    assert_eq!(twice(Search, &user, [(), ()]).await?, ["found", "found"]);
    assert_eq!(twice(Post, &user, [(), ()]).await?, ["ada", "ada"]);
    assert_eq!(twice(Search.scope(Organization), &run, [(), ()]).await?, ["found", "found"]);
    assert_eq!(tokio::spawn(spawned(Post, &user, ())).await??, "ada");
    assert_eq!(anonymous(Search, &run, ()).await?, "found");
    assert_eq!(plain_value(Search), "Search Search Search");
    assert_eq!(format!("{:?}", names::Read), "Read");
    Ok(())
}
