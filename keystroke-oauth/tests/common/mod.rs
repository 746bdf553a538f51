//! What the tests of this crate share.

#![allow(dead_code, unreachable_pub, reason = "no binary uses all of it")]

pub mod faulty;
pub mod setup;
