// Its links lead to files in the repository, and to modules here: the first definition of a link counts.
#![doc = "[S4]: crate::rules#5-secrets"]
#![doc = "[withheld]: crate::rules#51-limits-guesses-and-panics"]
#![doc = "[how a call ends]: crate::rules#41-how-a-call-ends"]
#![doc = include_str!("../docs/observability.md")]
