//! A provider from the document in which it describes itself (OpenID Connect Discovery 1.0, RFC 8414).

use std::future::Future;

use url::Url;

/// Fetches a discovery document: the one thing that a provider needs the network for.
pub trait Fetch {
    /// The answer to a `GET` of `url`, with `Accept: application/json`. No redirect is followed, and a body of more than
    /// `most` bytes is an error, not cut off.
    ///
    /// # Errors
    ///
    /// There is no answer, or one that is too long: why, as the end of a sentence that begins with the URL.
    fn get(&self, url: &Url, most: usize) -> impl Future<Output = Result<Fetched, String>> + Send;
}

/// An answer of a server.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Its status: `200`.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}
