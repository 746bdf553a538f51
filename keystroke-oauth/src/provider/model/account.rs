//! Whose a grant is, and the facts that come with it.

use super::pointer::Pointer;
use super::requests::Method;

/// How the account of a grant is learned (O1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Where it is told.
    pub from: AccountSource,
    /// The parts of its stable id; all must be there. They are joined by `/`.
    pub id: Vec<Pointer>,
    /// What a person knows it by, such as a mail address. It identifies nothing.
    pub label: Option<Pointer>,
}

/// Where the account is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountSource {
    /// In the answer of the token endpoint.
    Answer,
    /// In the claims of the ID token.
    IdToken,
    /// By the `userinfo` endpoint, asked with the access token.
    Userinfo {
        /// `GET`, or `POST` for GraphQL.
        method: Method,
        /// The JSON that a `POST` sends.
        body: Option<String>,
    },
}

/// A plain value that an action needs besides the token, such as the base URL of a tenant. It is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// Where it is told.
    pub from: FactSource,
    /// If there are any, the fact is an `https` URL on one of these hosts or a subdomain.
    pub hosts: Vec<String>,
}

/// Where a fact is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactSource {
    /// A parameter of the callback: QuickBooks' `realmId`.
    Callback(String),
    /// A part of the token answer: Salesforce's `/instance_url`.
    Answer(Pointer),
}
