//! Giving a grant back (RFC 7009, or the provider's own form).

use std::time::SystemTime;

use keystroke_core::SecretString;

use super::kept::{Grant, Renewal};
use super::lease::reconnect;
use crate::error::{ConnectError, ErrorKind};
use crate::http::{Answer as HttpAnswer, Body, Reply};
use crate::provider::{RequestBody, RevocationForm, RevokedToken};
use crate::token::Cause;
use crate::token::document::Document;
use crate::token::request::AuthorizationServer;
use crate::token::secrets::Secrets;

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
    NotAsked(ConnectError),
}

impl Revoked {
    /// A stable word for each.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Done => "revoked",
            Self::NotOffered => "revocation_not_offered",
            Self::NotDone(_) => "revocation_failed",
            Self::NotAsked(error) => error.code(),
        }
    }

    /// What is wrong. `None` if the grant is revoked.
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::NotOffered => Some("the provider revokes no grants for a program".to_owned()),
            Self::NotDone(cause) => Some(format!("the provider did not revoke the grant: {cause}")),
            Self::NotAsked(error) => Some(error.problem()),
        }
    }

    /// What to do about it. `None` if the grant is revoked.
    pub fn fix(&self) -> Option<String> {
        let by_hand = "remove the application from the account's connected apps on the provider's own page";
        match self {
            Self::Done => None,
            Self::NotOffered => Some(by_hand.to_owned()),
            Self::NotDone(_) => Some(format!("try again in a minute, or {by_hand}")),
            Self::NotAsked(error) => Some(error.fix()),
        }
    }
}

impl Grant {
    /// Asks the provider to revoke the grant. `instance` is the connection's id, which errors name; `access_token` is the one
    /// that was issued last.
    pub async fn revoke(
        &self,
        instance: &str,
        access_token: Option<&SecretString>,
        server: &AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Revoked {
        let revoked = self.ask_to_revoke(access_token, server, now).await;
        revoked.unwrap_or_else(|kind| Revoked::NotAsked(kind.with(&reconnect(instance))))
    }

    /// The same. An error is why it was not asked.
    async fn ask_to_revoke(
        &self,
        access_token: Option<&SecretString>,
        server: &AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Result<Revoked, ErrorKind> {
        let (Some(revocation), Some(url)) = (server.provider.revocation(), &server.endpoints.revoke) else {
            return Ok(Revoked::NotOffered);
        };
        self.check(server)?;
        let refresh_token = match &self.renewal {
            Renewal::RefreshToken { token, .. } => Some(token),
            Renewal::Machine { .. } | Renewal::Never => None,
        };
        let (token, hint) = match (revocation.token, refresh_token, access_token) {
            (RevokedToken::Refresh, Some(token), _) => (token, "refresh_token"),
            (_, _, Some(token)) => (token, "access_token"),
            (RevokedToken::Access, _, None) | (RevokedToken::Refresh, None, None) => {
                return Ok(Revoked::NotOffered);
            }
        };
        let mut request = server.bare_request();
        let body = match &revocation.form {
            RevocationForm::Bearer => {
                request.bearer = Some(token.expose_secret().to_owned().into());
                RequestBody::Form
            }
            RevocationForm::Rfc7009 => {
                request.put_secret("token", token);
                request.put("token_type_hint", hint);
                server.authenticate(&mut request, now)?;
                RequestBody::Form
            }
            RevocationForm::Json(field) => {
                request.put_secret(field, token);
                server.authenticate_basic(&mut request)?;
                RequestBody::Json
            }
        };
        let secrets = request.secrets();
        Ok(match server.send_by(revocation.method, url, request, body).await {
            Reply::NotSent(reason) => Revoked::NotDone(Cause::NotSent(reason)),
            Reply::NoAnswer(reason) => Revoked::NotDone(Cause::NoAnswer(reason)),
            Reply::Answered(answer) => judge(&answer, server, &secrets),
        })
    }
}

fn judge(answer: &HttpAnswer, server: &AuthorizationServer<'_>, secrets: &Secrets) -> Revoked {
    let errors = server.provider.errors();
    let document = match &answer.body {
        Body::Whole(body) => Document::read(answer.header("content-type"), body),
        Body::Cut(_) | Body::TooLong => None,
    };
    let failed = document.as_ref().zip(errors.success.as_ref());
    let failed = failed.is_some_and(|(document, flag)| document.is_false(flag.as_str()));
    // Some say no in a 200.
    let code = document.and_then(|document| document.id(errors.code.as_str()));
    match code {
        Some(code) => Revoked::NotDone(Cause::Code(secrets.code(&code))),
        None if (200..300).contains(&answer.status) && !failed => Revoked::Done,
        None => Revoked::NotDone(Cause::Status(answer.status)),
    }
}
