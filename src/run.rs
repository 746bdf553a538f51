//! A run: for which organization, project and user it is, what started it, and until when.
//!
//! Come here to start runs from a schedule or a request, to control the clock in a test, to cancel, to watch
//! progress, or to write code that is generic over runs.

pub use keystroke_core::{
    Actor, AnyRun, BackgroundOrigin, Cancellation, Clock, Consumer, Gives, InOrganization, MonotonicClock,
    Origin, PinIn, Progress, RunFacts, RunOrigin,
};

pub use crate::{ActionContext, Anonymous, AsUser, Background, Call, Run, RunFor, Runtime};
