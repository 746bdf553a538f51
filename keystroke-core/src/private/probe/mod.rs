//! Probes: what an author's type is, told by an inherent constant where it is the thing, and by a trait's default
//! where it is anything else. They work on concrete types only, through aliases, and never fail.

mod by_reference;
mod by_value;
mod field;
mod json;

pub use by_reference::{
    LentProbe, LentRest, Needs, OptionProbe, OptionRest, PinSet, SameProbe, SameRest, ToNeed, ToPin, count,
    lend, optional, pin_of, pins, requirements, states,
};
pub use by_value::{LeakProbe, LeakRest, SendProbe, SendRest, ValueProbe, ValueRest};
pub use field::{FieldProbe, FieldRest, read_field, required};
pub use json::{
    ErrorProbe, ErrorRest, InputProbe, InputRest, NO_INPUT, NoError, OutputProbe, OutputRest, Returned,
    ReturnedRest, Settled, describe,
};

/// `T` if `B`, else `Else`.
pub struct Gate<const B: bool>;
/// See [`Gate`].
pub trait Or<T, Else> {
    /// The type.
    type T;
}
impl<T, Else> Or<T, Else> for Gate<true> {
    type T = T;
}
impl<T, Else> Or<T, Else> for Gate<false> {
    type T = Else;
}
