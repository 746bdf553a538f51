//! What an application asks for, as data: its actions, their credentials and pins.
//!
//! Come here to read a manifest or to check one against a store. An application writes its own with
//! [`manifest!`](crate::manifest!), and `keystroke check` reads it before a deployment.

pub use keystroke_core::{
    Application, ManifestAction, ManifestAnnotations, ManifestCredential, ManifestError, ManifestField,
    ManifestProblem, ManifestRequirement,
};

pub use crate::Manifest;
