//! Which credential a call would get, and why, without opening it.
//!
//! Come here to answer "why this one?" or "is everything in place?": [`Call::explain`](crate::Call::explain) answers for
//! one call, and [`Toolset::preflight`](crate::Toolset::preflight) for all tools before there is traffic. Both follow the
//! same rules as the call itself.
//!
//! Both give [`Resolution`]s: [`result()`](Resolution::result) is what was chosen, or the error, and
//! [`steps()`](Resolution::steps) the rules that were tried. The guide [reads one](crate::guide#before-there-is-traffic).

pub use keystroke_core::{
    Chosen, Observation, Preflight, PreflightFinding, PreflightFix, PreflightState, Readiness, Resolution,
    Rule, TriedRule,
};

pub use crate::Explanation;
