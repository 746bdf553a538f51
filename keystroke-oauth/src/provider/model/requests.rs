//! What a request to a provider looks like.

use std::collections::BTreeMap;

use super::client::ClientAuthentication;
use crate::provider::form::{Form, Section, plain_words};

/// Whether the provider takes a proof key for the code exchange (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pkce {
    /// It does, or ignores what it does not know. `plain` is never used.
    S256,
    /// It refuses requests that have one.
    Refused,
}

plain_words!(Pkce, "\"S256\"", "S256" => Pkce::S256, "refused" => Pkce::Refused);

/// The request that a person's browser makes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authorize {
    /// Whether it has a PKCE challenge.
    pub pkce: Pkce,
    /// What it has besides: `access_type=offline`.
    pub parameters: BTreeMap<String, String>,
    /// The callback names the issuer (RFC 9207); one that does not is refused.
    pub iss: bool,
    /// It takes `resource` (RFC 8707), as the token request does.
    pub resource: bool,
}

impl Default for Authorize {
    fn default() -> Self {
        Self { pkce: Pkce::S256, parameters: BTreeMap::new(), iss: false, resource: false }
    }
}

impl Section for Authorize {
    fn fields(&mut self, form: &mut impl Form) {
        form.field("pkce", &mut self.pkce);
        form.field("parameters", &mut self.parameters);
        form.field("iss", &mut self.iss);
        form.field("resource", &mut self.resource);
    }
}

/// How the body of a token request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestBody {
    /// `application/x-www-form-urlencoded`, as RFC 6749 has it.
    Form,
    /// `application/json`.
    Json,
}

plain_words!(RequestBody, "\"json\"", "form" => RequestBody::Form, "json" => RequestBody::Json);

/// The requests to the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token {
    /// How a client may authenticate, the preferred way first.
    pub authentication: Vec<ClientAuthentication>,
    /// How the body is written.
    pub body: RequestBody,
    /// What each request has besides.
    pub parameters: BTreeMap<String, String>,
    /// Headers besides those of HTTP and OAuth: `Notion-Version`.
    pub headers: BTreeMap<String, String>,
    /// A refresh names the scopes again.
    pub refresh_with_scopes: bool,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            authentication: Vec::new(),
            body: RequestBody::Form,
            parameters: BTreeMap::new(),
            headers: BTreeMap::new(),
            refresh_with_scopes: false,
        }
    }
}

impl Section for Token {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("authentication", &mut self.authentication);
        form.field("body", &mut self.body);
        form.field("parameters", &mut self.parameters);
        form.field("headers", &mut self.headers);
        form.field("refresh_with_scopes", &mut self.refresh_with_scopes);
    }
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
}

plain_words!(Method, "\"POST\"", "GET" => Method::Get, "POST" => Method::Post, "DELETE" => Method::Delete);
