//! What a machine asks with: client credentials (RFC 6749 §4.4), or a signed assertion (RFC 7523).

use std::time::SystemTime;

use crate::error::{ErrorKind, Lack, name};
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
