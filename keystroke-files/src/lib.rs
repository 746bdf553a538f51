//! Private files, locks and folders, for the crates of `keystroke` only: the interface is not stable.
//!
//! Anyone who can write to a folder can put a link, a pipe or a file of their own where one of ours belongs. Each rule
//! against that stands here once: how a file is opened (`open`), whose it may be (`trust`), how it is locked (`lock`),
//! created and replaced (`write`), and which folders are safe (`folder`). So do the rules that several crates share and
//! that depend on nothing: random ids (`random`), what of a path or name may be shown (`shown`), which times have a text
//! (`time`), and what a process that holds secrets forbids itself (`process`). Formats and errors stay with their crates.

mod folder;
mod lock;
mod open;
mod ownership;
mod process;
mod random;
mod shown;
mod time;
mod write;

pub use folder::{ExposedFolder, exposed_folder, folder_of, make_folder, sync_folder};
pub use lock::{FileLock, LockError};
pub use open::{NotOpened, open, private, read};
pub use ownership::{current_user, exposed, stranger};
pub use process::{file_size_limit, forbid_core_dumps};
pub use random::{is_base32, random_base32, random_bytes};
pub use shown::{Shown, holds_secret, in_shell, is_secret_path, shown, without_secrets};
pub use time::is_rfc3339;
pub use write::{beside, create, new_file, replace, sync_file, write_new};
