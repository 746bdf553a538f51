//! How an action's input and output cross into JSON: decoding, encoding, and the schemas that describe them.
//!
//! Nothing here knows of credentials; secrets are removed by [`redact`](crate::redact).

pub(crate) mod codec;
pub(crate) mod content;
pub(crate) mod input;
pub(crate) mod output;
pub(crate) mod schema;
