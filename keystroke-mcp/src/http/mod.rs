//! Serving over streamable HTTP: any number of clients, each of which shows a token with each request.
//!
//! Nothing is kept between requests: there is no session to take over or to fill the memory, and a token that is revoked is
//! refused from the next request on. A request comes in by a connection (`connection`), is accompanied to the last byte of
//! its answer (`exchange`), and is checked (`layers`) before `rmcp` sees it. No rule about calls stands here.

mod builder;
mod cancel;
mod connection;
mod exchange;
mod layers;
mod listening;
mod shutdown;
mod transport;

pub use builder::{Http, Mounted};
pub use listening::Listening;
pub use shutdown::ShutdownHandle;
