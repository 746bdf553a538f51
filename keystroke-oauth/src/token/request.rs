//! A request to a provider, as one client makes it: its parameters, how the client authenticates, and where it goes.

use std::collections::BTreeMap;
use std::time::SystemTime;

use keystroke_core::SecretString;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{RequestBuilder, Url};
use serde_json::Map;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::answer::TokenAnswer;
use super::assertion::{self, Claims};
use super::document::Document;
use super::verdict::{Cause, ErrorCode, Verdict, verdict};
use crate::client::Client;
use crate::error::{ErrorKind, Lack, name};
use crate::http::{Http, Reply};
use crate::provider::{
    Answer as Shape, ClientAuthentication, Endpoints, ErrorMeaning, GrantType, Method, Provider,
    ProviderError, RequestBody,
};

/// RFC 7523 §2.2.
const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A provider as one client of it talks to it. Every request is made from here.
pub struct AuthorizationServer<'a> {
    pub(crate) http: &'a Http,
    pub(crate) provider: &'a Provider,
    pub(crate) client: &'a Client,
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) endpoints: Endpoints,
}

impl<'a> AuthorizationServer<'a> {
    /// `values` are those of the variables in the provider's URLs.
    ///
    /// # Errors
    /// A variable lacks a value, or has one that the provider's data does not allow.
    pub fn new(
        http: &'a Http,
        provider: &'a Provider,
        client: &'a Client,
        values: BTreeMap<String, String>,
    ) -> Result<Self, ProviderError> {
        let mut all = values.clone();
        all.insert("client_id".to_owned(), client.id().to_owned());
        let endpoints = provider.endpoints(&all)?;
        Ok(Self { http, provider, client, values, endpoints })
    }

    /// Whom a grant is from: the issuer or, of a provider that names none, the host of its token endpoint.
    pub(crate) fn issuer(&self) -> String {
        let origin = || self.endpoints.token.origin().ascii_serialization();
        self.endpoints.issuer.clone().unwrap_or_else(origin)
    }

    /// Asks the token endpoint. `shape` tells where the parts of the answer stand.
    pub(crate) async fn ask(&self, url: &Url, request: Parameters, shape: &Shape) -> Verdict<TokenAnswer> {
        let body = self.provider.token().body;
        verdict(self.provider.errors(), shape, self.send(url, request, body).await)
    }

    /// What a person is told, or asked again, if the provider did not grant it.
    pub(crate) fn granted(&self, verdict: Verdict<TokenAnswer>) -> Result<TokenAnswer, ErrorKind> {
        match verdict {
            Verdict::Answer(answer) => Ok(answer),
            Verdict::Client { code } => Err(self.rejected(code)),
            Verdict::Dead { code, .. }
            | Verdict::Transient { cause: Cause::Code(code), .. }
            | Verdict::Unknown { cause: Cause::Code(code), .. } => Err(ErrorKind::Refused { code }),
            Verdict::Transient { cause, .. } | Verdict::Unknown { cause, .. } => {
                Err(ErrorKind::Unavailable(cause))
            }
        }
    }

    /// What is said of an error code outside of the token endpoint.
    pub(crate) fn refused(&self, code: &str) -> ErrorKind {
        let shown = ErrorCode::new(code);
        match self.provider.errors().meaning(code) {
            Some(ErrorMeaning::Client) => self.rejected(shown),
            _ => ErrorKind::Refused { code: shown },
        }
    }

    fn rejected(&self, code: ErrorCode) -> ErrorKind {
        let (provider, client) = (self.provider.name().to_owned(), self.client.id().to_owned());
        ErrorKind::ClientRejected { provider, client, code }
    }

    /// Refuses a grant that the provider does not offer.
    pub(crate) fn offers(&self, grant: GrantType) -> Result<(), ErrorKind> {
        if self.provider.grants().contains(&grant) { Ok(()) } else { Err(self.not_offered(name(grant))) }
    }

    pub(crate) fn not_offered(&self, what: &'static str) -> ErrorKind {
        ErrorKind::NotOffered { provider: self.provider.name().to_owned(), what }
    }

    /// Posts the parameters.
    pub(crate) async fn send(&self, url: &Url, request: Parameters, body: RequestBody) -> Reply {
        self.send_by(Method::Post, url, request, body).await
    }

    pub(crate) async fn send_by(
        &self,
        method: Method,
        url: &Url,
        request: Parameters,
        body: RequestBody,
    ) -> Reply {
        Http::send(request.written(self.to(method, url), body)).await
    }

    /// A request without parameters, with the headers that the provider wants.
    pub(crate) fn bare_request(&self) -> Parameters {
        Parameters { headers: self.provider.token().headers.clone(), ..Parameters::default() }
    }

    /// A request to the token endpoint, with the parameters that the provider wants in each.
    pub(crate) fn token_request(&self, grant_type: &str) -> Parameters {
        let mut request = self.bare_request();
        request.put("grant_type", grant_type);
        for (name, value) in &self.provider.token().parameters {
            request.put(name, value);
        }
        request
    }

    /// Authenticates the client, in the way that the provider prefers among those that the client can.
    pub(crate) fn authenticate(&self, request: &mut Parameters, now: SystemTime) -> Result<(), ErrorKind> {
        let id = self.client.id();
        let ways = &self.provider.token().authentication;
        for way in ways {
            match (way, self.client.secret(), self.client.key()) {
                (ClientAuthentication::Basic, Some(_), _) => self.authenticate_basic(request)?,
                (ClientAuthentication::Post, Some(secret), _) => {
                    request.put("client_id", id);
                    request.put("client_secret", secret.expose_secret());
                }
                (ClientAuthentication::PrivateKeyJwt, _, Some(key)) => {
                    let audience = self.endpoints.token.as_str();
                    let claims = Claims::of_client(id, audience, now)?;
                    request.put("client_id", id);
                    request.put("client_assertion_type", CLIENT_ASSERTION);
                    request.put("client_assertion", assertion::sign(&claims, key)?.as_str());
                }
                (ClientAuthentication::None, ..) => request.put("client_id", id),
                _ => continue,
            }
            return Ok(());
        }
        let wants_secret =
            ways.iter().any(|way| matches!(way, ClientAuthentication::Basic | ClientAuthentication::Post));
        Err(self.lacks(if wants_secret { Lack::Secret } else { Lack::Key }))
    }

    pub(crate) fn lacks(&self, lack: Lack) -> ErrorKind {
        ErrorKind::ClientIncomplete {
            provider: self.provider.name().to_owned(),
            client: self.client.id().to_owned(),
            lack,
        }
    }

    /// Authenticates by Basic, whatever the token endpoint takes.
    pub(crate) fn authenticate_basic(&self, request: &mut Parameters) -> Result<(), ErrorKind> {
        let secret = self.client.secret().ok_or_else(|| self.lacks(Lack::Secret))?;
        request.basic = Some((encoded(self.client.id()), encoded(secret.expose_secret())));
        Ok(())
    }

    /// A request that the access token authorizes: to `userinfo`, or to revoke.
    pub(crate) async fn send_bearer(
        &self,
        method: Method,
        url: &Url,
        token: &SecretString,
        json: Option<&str>,
    ) -> Reply {
        let mut request = self.bare_request();
        request.bearer = Some(Zeroizing::new(token.expose_secret().to_owned()));
        let mut request = request.written(self.to(method, url), RequestBody::Form);
        if let Some(json) = json {
            request = request.header(CONTENT_TYPE, "application/json").body(json.to_owned());
        }
        Http::send(request).await
    }

    fn to(&self, method: Method, url: &Url) -> RequestBuilder {
        let client = self.http.client(url);
        match method {
            Method::Get => client.get(url.clone()),
            Method::Post => client.post(url.clone()),
            Method::Delete => client.delete(url.clone()),
        }
    }
}

/// What a request says. It holds secrets, so it has no `Debug`.
#[derive(Default)]
pub(crate) struct Parameters {
    fields: Vec<(String, Zeroizing<String>)>,
    headers: BTreeMap<String, String>,
    /// The client in the `Authorization` header.
    basic: Option<(Zeroizing<String>, Zeroizing<String>)>,
    /// A token or an assertion in the same place.
    pub(crate) bearer: Option<Zeroizing<String>>,
}

impl Parameters {
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.fields.push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }

    pub(crate) fn put_optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn written(self, mut request: RequestBuilder, body: RequestBody) -> RequestBuilder {
        if !self.headers.keys().any(|name| name.eq_ignore_ascii_case(ACCEPT.as_str())) {
            request = request.header(ACCEPT, "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        // Both mark the header as one that no log of the HTTP client shows.
        if let Some((id, secret)) = &self.basic {
            request = request.basic_auth(id.as_str(), Some(secret.as_str()));
        } else if let Some(token) = &self.bearer {
            request = request.bearer_auth(token.as_str());
        }
        match body {
            _ if self.fields.is_empty() => request,
            RequestBody::Form => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in &self.fields {
                    form.append_pair(name, value);
                }
                request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.finish())
            }
            RequestBody::Json => {
                let fields: Map<_, _> =
                    self.fields.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
                request.header(CONTENT_TYPE, "application/json").body(Document::from(fields).to_json())
            }
        }
    }
}

/// Id and secret are each form-encoded before they stand in the header (RFC 6749 §2.3.1).
fn encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
}
