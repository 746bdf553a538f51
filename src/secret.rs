//! Secrets, how long they must be, and texts that have been searched for them.
//!
//! Come here to judge a secret before you store it, or to scrub a text of your own. What leaves a call is scrubbed
//! already: [the rules](crate::rules#5-secrets) say what is found and what is not.

pub use keystroke_core::{GUESSABLE_BITS, Redactor, SHORTEST_SECRET, Scrubbed, TooShort, secret_bits};

pub use crate::SecretString;
