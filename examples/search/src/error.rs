//! What ends the program early, and how it is told.

use std::error::Error;
use std::io;
use std::iter::successors;

/// Whatever ended the program early: each cause has a text that names its fix.
pub type Failure = Box<dyn Error + Send + Sync>;

/// An error with its causes, a line each.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = successors(error.source(), |&error| error.source());
    causes.fold(format!("error: {error}"), |text, cause| format!("{text}\n  caused by: {cause}"))
}

/// Whether nobody reads the output any more, as after `| head -1`.
pub fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
