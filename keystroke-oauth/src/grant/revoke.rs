//! Giving a grant back (RFC 7009, or the provider's own form).

use std::time::SystemTime;

use keystroke_core::SecretString;

use super::kept::{Grant, Renewal};
use crate::error::ErrorKind;
use crate::http::{Answer as HttpAnswer, Body, Reply};
use crate::provider::{RequestBody, RevocationForm, RevokedToken};
use crate::token::document::Document;
use crate::token::request::AuthorizationServer;
use crate::token::{Cause, ErrorCode};

/// Whether a provider revoked a grant.
#[derive(Debug)]
pub enum Revoked {
    /// It did, or the token was none that it knows (RFC 7009 §2.2).
    Done,
    /// It can't be asked to. The grant lives until it ends by itself, or a person removes it on the provider's page.
    NotOffered,
    /// It was asked and did not.
    NotDone(Cause),
    /// It was not asked: the client is not the grant's, or lacks what it needs.
    NotAsked(ErrorKind),
}

impl Grant {
    /// Asks the provider to revoke the grant. `access_token` is the one that was issued last.
    pub async fn revoke(
        &self,
        access_token: Option<&SecretString>,
        server: &AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Revoked {
        let (Some(revocation), Some(url)) = (server.provider.revocation(), &server.endpoints.revoke) else {
            return Revoked::NotOffered;
        };
        if let Err(kind) = self.check(server) {
            return Revoked::NotAsked(kind);
        }
        let refresh_token = match &self.renewal {
            Renewal::RefreshToken(token) => Some(token),
            Renewal::Machine(_) | Renewal::Never => None,
        };
        let (token, hint) = match (revocation.token, refresh_token, access_token) {
            (RevokedToken::Refresh, Some(token), _) => (token, "refresh_token"),
            (_, _, Some(token)) => (token, "access_token"),
            (RevokedToken::Access, _, None) | (RevokedToken::Refresh, None, None) => {
                return Revoked::NotOffered;
            }
        };
        let mut request = server.bare_request();
        let reply = match &revocation.form {
            RevocationForm::Bearer => server.send_bearer(revocation.method, url, token, None).await,
            RevocationForm::Rfc7009 => {
                request.put("token", token.expose_secret());
                request.put("token_type_hint", hint);
                if let Err(kind) = server.authenticate(&mut request, now) {
                    return Revoked::NotAsked(kind);
                }
                server.send_by(revocation.method, url, request, RequestBody::Form).await
            }
            RevocationForm::Json(field) => {
                request.put(field, token.expose_secret());
                if let Err(kind) = server.authenticate_basic(&mut request) {
                    return Revoked::NotAsked(kind);
                }
                server.send_by(revocation.method, url, request, RequestBody::Json).await
            }
        };
        match reply {
            Reply::NotSent(reason) => Revoked::NotDone(Cause::NotSent(reason)),
            Reply::NoAnswer(reason) => Revoked::NotDone(Cause::NoAnswer(reason)),
            Reply::Answered(answer) => judge(&answer, server),
        }
    }
}

fn judge(answer: &HttpAnswer, server: &AuthorizationServer<'_>) -> Revoked {
    let errors = server.provider.errors();
    let document = match &answer.body {
        Body::Whole(body) => Document::read(answer.header("content-type"), body),
        Body::Cut(_) | Body::TooLong => None,
    };
    let failed = document.as_ref().zip(errors.success.as_ref());
    let failed = failed.is_some_and(|(document, flag)| document.is_false(flag.as_str()));
    if (200..300).contains(&answer.status) && !failed {
        return Revoked::Done;
    }
    let code = document.and_then(|document| document.id(errors.code.as_str()));
    Revoked::NotDone(code.map_or(Cause::Status(answer.status), |code| Cause::Code(ErrorCode::new(&code))))
}
