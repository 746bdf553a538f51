//! Bearer tokens: what a client shows with each request, whom it may act for, and the file that knows it.
//!
//! A token is 32 random bytes. The file holds its SHA-256 and nothing that the token could be recovered from, so whoever
//! reads the file can call nothing. The hash needs no salt and no slow function: 256 random bits can't be guessed.
//!
//! There is no server here, so a program that only manages tokens builds none: `keystroke-mcp` serves them, and the
//! `keystroke` program makes and revokes them.

mod bearer;
mod binding;
mod error;
mod file;
mod info;
mod tokens;

pub use binding::Binding;
pub use error::{Denied, TokenError};
pub use info::{NewToken, TokenInfo};
pub use tokens::Tokens;
