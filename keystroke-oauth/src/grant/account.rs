//! Whose a new grant is: learned from the ID token, the `userinfo` endpoint or the answer, as the provider's data says.

use std::collections::BTreeMap;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystroke_core::SecretString;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::error::ErrorKind;
use crate::http::{Answer as HttpAnswer, Body, Reply};
use crate::provider::{Account, AccountSource, Method};
use crate::sealed::object;
use crate::token::Cause;
use crate::token::answer::TokenAnswer;
use crate::token::document::Document;
use crate::token::request::AuthorizationServer;

/// How much later than its end an ID token still counts: no two clocks agree.
const CLOCK_SKEW: u64 = 120;
/// The longest id or label that is believed, in bytes.
const LONGEST: usize = 512;

/// Whose an account is at its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountId {
    /// The provider's stable id of the account, by which it is recognised.
    pub id: String,
    /// What a person knows it by, such as a mail address. It identifies nothing.
    pub label: Option<String>,
}

/// What the sign-in knows besides the answer.
#[derive(Clone, Copy, Default)]
pub(super) struct SignedIn<'s> {
    /// What the ID token has to repeat.
    pub(super) nonce: Option<&'s SecretString>,
    /// The parameters of the callback.
    pub(super) callback: Option<&'s BTreeMap<String, String>>,
}

/// Learns whose the answer's grant is. `None` if the provider's data does not say how.
pub(super) async fn learn(
    server: &AuthorizationServer<'_>,
    answer: &TokenAnswer,
    signed_in: SignedIn<'_>,
    now: SystemTime,
) -> Result<Option<AccountId>, ErrorKind> {
    let Some(account) = server.provider.account() else { return Ok(None) };
    match &account.from {
        AccountSource::Answer => read(account, &answer.document).map(Some),
        AccountSource::Callback => {
            let callback =
                signed_in.callback.ok_or_else(|| unknown("only a callback tells, and there was none"))?;
            read(account, &Document::from(object(callback))).map(Some)
        }
        AccountSource::IdToken => {
            let token = answer.id_token.as_ref().ok_or_else(|| unknown("the answer has no ID token"))?;
            let claims = claims(token).ok_or(ErrorKind::IdTokenInvalid { problem: "it is no JWT" })?;
            check(&claims, server, signed_in.nonce, now)?;
            read(account, &claims).map(Some)
        }
        AccountSource::Userinfo { method, body } => {
            let document = ask(server, answer, *method, body.as_deref()).await?;
            read(account, &document).map(Some)
        }
    }
}

fn unknown(problem: impl Into<String>) -> ErrorKind {
    ErrorKind::AccountUnknown { problem: problem.into() }
}

fn read(account: &Account, document: &Document) -> Result<AccountId, ErrorKind> {
    let mut id = String::new();
    for pointer in &account.id {
        let part = document.id(pointer.as_str());
        let part = part.ok_or_else(|| unknown(format!("`{pointer}` is missing")))?;
        if !id.is_empty() {
            id.push('/');
        }
        id.push_str(&part);
    }
    let is_plain = |text: &str| text.len() <= LONGEST && !text.chars().any(char::is_control);
    if id.is_empty() || !is_plain(&id) {
        return Err(unknown("its id is no text that can be kept"));
    }
    let label = account.label.as_ref().and_then(|pointer| document.id(pointer.as_str()));
    Ok(AccountId { id, label: label.filter(|label| is_plain(label)) })
}

/// The claims of an ID token. Its signature is not checked: it came from the token endpoint, over TLS, and from nowhere
/// else (OpenID Connect Core §3.1.3.7, 6).
fn claims(token: &SecretString) -> Option<Document> {
    let payload = token.expose_secret().split('.').nth(1)?;
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).ok()?);
    Document::read(None, &payload)
}

/// Checks that it is from this issuer, for this client, for now and for this sign-in.
fn check(
    claims: &Document,
    server: &AuthorizationServer<'_>,
    nonce: Option<&SecretString>,
    now: SystemTime,
) -> Result<(), ErrorKind> {
    let invalid = |problem| Err(ErrorKind::IdTokenInvalid { problem });
    if let Some(expected) = &server.endpoints.issuer
        && claims.text("/iss") != Some(expected)
    {
        return Err(ErrorKind::IssuerMismatch { expected: expected.clone() });
    }
    let client = server.client.id();
    let is_for_client = match claims.get("/aud") {
        Some(Value::String(audience)) => audience == client,
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience == client),
        _ => false,
    };
    if !is_for_client {
        return invalid("it is for another client");
    }
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    if claims.get("/exp").and_then(Value::as_u64).is_none_or(|end| end.saturating_add(CLOCK_SKEW) < now) {
        return invalid("it has expired");
    }
    if let Some(nonce) = nonce
        && claims.text("/nonce") != Some(nonce.expose_secret())
    {
        return invalid("its nonce is another one");
    }
    Ok(())
}

async fn ask(
    server: &AuthorizationServer<'_>,
    answer: &TokenAnswer,
    method: Method,
    body: Option<&str>,
) -> Result<Document, ErrorKind> {
    let url = server.endpoints.userinfo.as_ref().ok_or_else(|| unknown("it has no `userinfo` endpoint"))?;
    match server.send_bearer(method, url, &answer.access_token, body).await {
        Reply::NotSent(reason) => Err(ErrorKind::Unavailable(Cause::NotSent(reason))),
        Reply::NoAnswer(reason) => Err(ErrorKind::Unavailable(Cause::NoAnswer(reason))),
        Reply::Answered(HttpAnswer { status: 200, body: Body::Whole(body), .. }) => {
            Document::read(None, &body).ok_or(ErrorKind::Unavailable(Cause::Unreadable(200)))
        }
        Reply::Answered(HttpAnswer { status, .. }) => Err(ErrorKind::Unavailable(Cause::Status(status))),
    }
}
