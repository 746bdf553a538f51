//! Grants that no person gives: client credentials (RFC 6749 §4.4) and signed assertions (RFC 7523).

use std::time::SystemTime;

use super::issued::Issued;
use super::kept::{Grant, Renewal};
use super::sign_in::SignIn;
use crate::error::{ConnectError, ErrorKind, Lack, name};
use crate::provider::{AssertionAudience, AssertionDelivery, GrantType};
use crate::sealed::{Malformed, Record};
use crate::token::assertion::{Claims, sign};
use crate::token::request::{AuthorizationServer, Parameters};

/// RFC 7523 §2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How a machine asks for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MachineGrant {
    /// By the client's own credentials.
    ClientCredentials,
    /// By an assertion that the client's key signs: a Google service account, an installation of a GitHub App.
    JwtBearer {
        /// Whom it acts for, where the provider lets it act for people.
        subject: Option<String>,
    },
}

impl MachineGrant {
    /// Asks for a token. The grant that comes with it is renewed by asking again.
    ///
    /// # Errors
    /// The provider offers no such grant, refuses it or does not answer; the client lacks its secret or key.
    pub async fn issue(
        self,
        server: &AuthorizationServer<'_>,
        sign_in: &SignIn,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Issued, ConnectError> {
        let again = sign_in.again();
        self.ask(server, scopes, resource, now).await.map_err(|kind| kind.with(&again))
    }

    async fn ask(
        self,
        server: &AuthorizationServer<'_>,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Issued, ErrorKind> {
        // What is asked for always is for grants of people.
        let scopes = if server.provider.scopes().used { scopes } else { Vec::new() };
        let shape = server.provider.answer();
        let request = self.request(server, &scopes, resource.as_deref(), now)?;
        let answer = server.granted(server.ask(&server.endpoints.token, request, shape).await)?;
        let grant = Grant::new(server, scopes, resource, Renewal::Machine(self));
        Issued::first(answer, grant, None, server, now)
    }

    /// The request to the token endpoint.
    pub(super) fn request(
        &self,
        server: &AuthorizationServer<'_>,
        scopes: &[String],
        resource: Option<&str>,
        now: SystemTime,
    ) -> Result<Parameters, ErrorKind> {
        match self {
            Self::ClientCredentials => {
                server.offers(GrantType::ClientCredentials)?;
                let mut request = server.token_request("client_credentials");
                if !scopes.is_empty() {
                    request.put("scope", &server.provider.scopes().join(scopes));
                }
                request.put_optional("resource", resource);
                server.authenticate(&mut request, now)?;
                Ok(request)
            }
            Self::JwtBearer { subject } => {
                server.offers(GrantType::JwtBearer)?;
                let not_offered = || server.not_offered(name(GrantType::JwtBearer));
                let form = server.provider.assertion().ok_or_else(not_offered)?;
                let key = server.client.key().ok_or_else(|| server.lacks(Lack::Key))?;
                let mut claims = Claims::new(server.client.id(), form.lifetime, now);
                match &form.audience {
                    AssertionAudience::TokenEndpoint => claims.put("aud", server.endpoints.token.as_str()),
                    AssertionAudience::Text(audience) => claims.put("aud", audience),
                    AssertionAudience::None => {}
                }
                if let Some(subject) = subject {
                    claims.put("sub", subject);
                }
                if form.scope && !scopes.is_empty() {
                    claims.put("scope", &server.provider.scopes().join(scopes));
                }
                let assertion = sign(&claims, key)?;
                match form.delivery {
                    AssertionDelivery::Body => {
                        let mut request = server.token_request(JWT_BEARER);
                        request.put("assertion", &assertion);
                        Ok(request)
                    }
                    AssertionDelivery::Bearer => {
                        let mut request = server.bare_request();
                        request.bearer = Some(assertion);
                        Ok(request)
                    }
                }
            }
        }
    }

    pub(super) fn put_into(&self, record: &mut Record) {
        match self {
            Self::ClientCredentials => record.put("machine", "client_credentials"),
            Self::JwtBearer { subject } => {
                record.put("machine", "jwt_bearer");
                record.put_some("subject", subject.as_deref());
            }
        }
    }

    pub(super) fn take_from(record: &Record) -> Result<Option<Self>, Malformed> {
        match record.optional_text("machine").as_deref() {
            None => Ok(None),
            Some("client_credentials") => Ok(Some(Self::ClientCredentials)),
            Some("jwt_bearer") => Ok(Some(Self::JwtBearer { subject: record.optional_text("subject") })),
            Some(_) => Err(Malformed),
        }
    }
}
