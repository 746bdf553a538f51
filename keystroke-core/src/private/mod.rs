#![allow(missing_docs, reason = "only generated code reads this, and each name says what it is")]
//! What generated code is made of. Nothing here is for use by hand, and it may change in any version.
//!
//! Generated code never names a bound that an author's type could miss: *probes* read what a type is, with a default
//! for every other type, so that nothing in an `impl Action` can fail. Each fact is then checked once, beside it
//! (`checks`), where the message is ours.

mod checks;
mod probe;
mod text;

pub use checks::{
    ActionFailure, ActionInput, ActionOutput, an_action_must_be_send, must_be_by_value, must_be_error,
    must_be_field, must_be_input, must_be_lent, must_be_output, must_be_plain, must_be_read_back,
    must_be_result, must_be_secret, must_fit_pin, must_not_be_secret, must_share_no_key, must_share_no_slug,
    validate,
};
pub use probe::{
    ErrorProbe, ErrorRest, FieldProbe, FieldRest, Gate, InputProbe, InputRest, LentProbe, LentRest, NO_INPUT,
    Needs, NoError, Or, OutputProbe, OutputRest, PinSet, Returned, ReturnedRest, Settled, ToNeed, ToPin,
    ValueProbe, ValueRest, count, describe, lend, pin_of, pins, read_field, required, requirements,
};

pub use crate::action::{Codec, Lent};
pub use crate::credential::{FieldReader, FieldSpec};
pub use crate::requirement::Requirement;
