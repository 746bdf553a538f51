//! Private files, locks and folders, for the crates of `keystroke` and nobody else: it has no stable interface.
//!
//! Whoever may write to a folder can put a link, a pipe or a file of theirs where one of ours belongs. Each rule against
//! that stands here once: how a file is opened, whose it may be, how it is locked, replaced and made lasting, what of a
//! name from outside may be shown again, and what a process that holds secrets forbids itself.

mod folder;
mod lock;
mod open;
mod process;
mod random;
mod shown;
mod time;
mod trust;
mod write;

pub use folder::{ExposedFolder, exposed_folder, folder_of, make_folder, sync_folder};
pub use lock::{FileLock, LockError};
pub use open::{NotOpened, open, private, read};
pub use process::{file_size_limit, forbid_core_dumps};
pub use random::{is_base32, random_base32, random_bytes};
pub use shown::{Shown, holds_secret, in_shell, is_secret_path, shown, without_secrets};
pub use time::is_rfc3339;
pub use trust::{exposed, stranger};
pub use write::{beside, create, replace, write_new};
