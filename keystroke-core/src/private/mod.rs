//! What generated code is made of. Nothing here is for use by hand, and it may change in any version.
//!
//! Generated code never names a bound that an author's type could miss: *probes* read what a type is, with a default
//! for every other type, so that nothing in an `impl Action` can fail. Each fact is then checked once, beside it,
//! where the message is ours: the compile errors about an author's types are in `compile_errors`, those about what an author
//! wrote in `keystroke-macros`.
#![allow(missing_docs, reason = "only generated code reads this, and each name says what it is")]

mod compile_errors;
mod kinds;
mod placeholder;
mod probe;
mod text;

pub use compile_errors::{
    ActionFailure, ActionFuture, ActionInput, absent, must_be_by_value, must_be_error, must_be_field,
    must_be_fixed, must_be_input, must_be_lent, must_be_one_input, must_be_optional, must_be_output,
    must_be_plain, must_be_read_back, must_be_result, must_be_secret, must_fit_pin, must_not_be_secret,
    must_not_leak, must_not_nest_content, must_share_no_key, must_share_no_slug, slug_of, validate,
    validated,
};
pub use kinds::{LentKind, StateOf, ValueKind, is_one};
pub use placeholder::Refused;
pub use probe::{
    ErrorProbe, ErrorRest, FieldProbe, FieldRest, Gate, InputProbe, InputRest, LeakProbe, LeakRest,
    LentProbe, LentRest, NO_INPUT, Needs, NoError, OptionProbe, OptionRest, Or, OutputProbe, OutputRest,
    PinSet, Returned, ReturnedRest, SameProbe, SameRest, SendProbe, SendRest, Settled, ToNeed, ToPin,
    ValueProbe, ValueRest, count, describe, lend, optional, pin_of, pins, read_field, required, requirements,
    states,
};

// Generated code names nothing but this module, so that a wrong `crate = …` is one error.
pub use crate::Toolset;
pub use crate::scope;
pub use crate::{Action, Annotations, Codec, Invocation};
pub use crate::{Credential, CredentialKind, FieldReader, FieldSpec, Requirement, StateRequirement};
