//! One call of an action, from its input to what leaves: E0 to E6 of SEMANTICS §2.
//!
//! [`pipeline`] has all steps in order. E2 and E3 are in [`acquire`], E4 is in [`enter`]; the secrets that
//! [`invocation`] lends are removed there again (E6), and reported by [`redactions`]; [`rejection`] is for one that a third party refused. What outlives a call, such as the
//! runtime and its cache, is in [`run`](crate::run).

pub(crate) mod acquire;
pub(crate) mod action_error;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod credentials;
pub(crate) mod execution;
pub(crate) mod invocation;
pub(crate) mod observe;
pub(crate) mod panic;
pub(crate) mod pipeline;
pub(crate) mod progress;
pub(crate) mod redactions;
pub(crate) mod rejection;
pub(crate) mod run_function;
