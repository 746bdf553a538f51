//! What an application declares, in its manifest: where the file is found, what it has, and what a command checks by it.
//! Nothing here reads a value or opens the vault.

mod declared;
mod lookup;
mod read;
mod uses;

pub(crate) use self::declared::Declared;
pub(crate) use self::lookup::{action, requirement, tell_action_as_consumer, unknown_key, within_pin};
pub(crate) use self::read::{find, refuse_stdin};
