//! The device grant (RFC 8628): a person enters a short code in a browser on any device, and this program asks until then.

use std::time::{Duration, SystemTime};

use keystroke_core::SecretString;
use reqwest::Url;

use super::account::SignedIn;
use super::issued::Issued;
use super::kept::{Grant, Renewal};
use super::party::Party;
use super::sign_in::SignIn;
use crate::error::{ConnectError, ErrorKind, name};
use crate::http::{Answer as HttpAnswer, Body, Reply, is_loopback};
use crate::provider::{GrantType, RequestBody};
use crate::token::document::Document;
use crate::token::request::AuthorizationServer;
use crate::token::secrets::Secrets;
use crate::token::{Cause, RetryAfter, Verdict};

/// RFC 8628 §3.4.
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The interval of RFC 8628 §3.2, where the provider names none, and what `slow_down` adds to it (§3.5).
const INTERVAL: Duration = Duration::from_secs(5);
/// The longest pause between two questions, however often the provider is silent.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
/// The longest time in which a code is asked for.
const LONGEST_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// The longest code or address that is shown.
const LONGEST_TEXT: usize = 512;

/// A sign-in on another device. It holds the device's code, so it has no `Debug`.
pub struct DeviceSignIn {
    party: Party,
    device_code: SecretString,
    user_code: String,
    verification_uri: String,
    complete_uri: Option<String>,
    expires: SystemTime,
    interval: Duration,
    again: String,
    scopes: Vec<String>,
    resource: Option<String>,
}

impl DeviceSignIn {
    /// Asks the provider for a code that a person can enter.
    ///
    /// # Errors
    /// The provider offers no such grant, refuses the request or does not answer.
    pub async fn begin(
        server: &AuthorizationServer<'_>,
        sign_in: &SignIn,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Self, ConnectError> {
        let again = sign_in.again(" --device");
        Self::ask(server, &again, scopes, resource, now).await.map_err(|kind| kind.with(&again))
    }

    async fn ask(
        server: &AuthorizationServer<'_>,
        again: &str,
        scopes: Vec<String>,
        resource: Option<String>,
        now: SystemTime,
    ) -> Result<Self, ErrorKind> {
        server.offers(GrantType::DeviceCode)?;
        let url = server.endpoints.device.as_ref();
        let url = url.ok_or_else(|| server.not_offered(name(GrantType::DeviceCode)))?;
        let scopes = server.provider.scopes().union(scopes.iter().map(String::as_str));
        let mut request = server.bare_request();
        if !scopes.is_empty() {
            request.put("scope", &server.provider.scopes().join(&scopes));
        }
        request.put_optional("resource", resource.as_deref());
        server.authenticate(&mut request, now)?;
        let secrets = request.secrets();
        let mut document = match server.send(url, request, RequestBody::Form).await {
            Reply::NotSent(reason) => return Err(ErrorKind::Unavailable(Cause::NotSent(reason))),
            Reply::NoAnswer(reason) => return Err(ErrorKind::Unavailable(Cause::NoAnswer(reason))),
            Reply::Answered(answer) => read(answer, server, &secrets)?,
        };
        let missing = || ErrorKind::Unavailable(Cause::NoToken(200));
        let device_code = document.take("/device_code").ok_or_else(missing)?;
        let user_code = document.text("/user_code").filter(|code| is_code(code)).ok_or_else(missing)?;
        // Google wrote it so before there was an RFC.
        let uri = document.text("/verification_uri").or_else(|| document.text("/verification_url"));
        let verification_uri = uri.and_then(page).ok_or_else(missing)?;
        let complete_uri = document.text("/verification_uri_complete").and_then(page);
        let lifetime = document.seconds("/expires_in").unwrap_or(LONGEST_LIFETIME).min(LONGEST_LIFETIME);
        let interval = document.seconds("/interval").unwrap_or(INTERVAL);
        Ok(Self {
            party: Party::of(server),
            device_code,
            user_code: user_code.to_owned(),
            verification_uri,
            complete_uri,
            expires: now.checked_add(lifetime).unwrap_or(now),
            interval: interval.clamp(Duration::from_secs(1), LONGEST_INTERVAL),
            again: again.to_owned(),
            scopes,
            resource,
        })
    }

    /// What the person enters.
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// Where the person enters it.
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// A page with the code in it, where the provider has one.
    pub fn complete_uri(&self) -> Option<&str> {
        self.complete_uri.as_deref()
    }

    /// Until when the code can be entered.
    pub const fn expires_at(&self) -> SystemTime {
        self.expires
    }

    /// How long to wait before the next [`poll`](Self::poll).
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// Asks whether the person has entered the code. `None`: not yet; ask again after [`interval`](Self::interval), which may
    /// have grown. A provider that does not answer is asked again too, until the code expires. `server` is the one that it was
    /// begun with.
    ///
    /// # Errors
    /// `client_changed`: the server is another one, and nothing was sent. `device_code_expired`, `sign_in_denied`,
    /// `sign_in_refused`, `client_rejected`; or the account can't be learned: what was issued is then not kept.
    pub async fn poll(
        &mut self,
        server: &AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Result<Option<Issued>, ConnectError> {
        self.ask_again(server, now).await.map_err(|kind| kind.with(&self.again))
    }

    async fn ask_again(
        &mut self,
        server: &AuthorizationServer<'_>,
        now: SystemTime,
    ) -> Result<Option<Issued>, ErrorKind> {
        self.party.check(server)?;
        if now >= self.expires {
            return Err(ErrorKind::DeviceExpired);
        }
        let shape = server.provider.answer();
        let mut request = server.token_request(DEVICE_CODE);
        request.put_secret("device_code", &self.device_code);
        request.put_optional("resource", self.resource.as_deref());
        server.authenticate(&mut request, now)?;
        let verdict = server.ask(&server.endpoints.token, request, shape).await;
        if let Verdict::Unknown { cause: Cause::Code(code), .. }
        | Verdict::Transient { cause: Cause::Code(code), .. } = &verdict
        {
            match code.as_str() {
                "authorization_pending" => return Ok(None),
                "slow_down" => {
                    self.slow_down(self.interval.saturating_add(INTERVAL));
                    return Ok(None);
                }
                "expired_token" => return Err(ErrorKind::DeviceExpired),
                "access_denied" => return Err(ErrorKind::Denied),
                _ => {}
            }
        }
        if let Verdict::Transient { retry_after, .. } = &verdict {
            // RFC 8628 §3.5: a client that gets no answer asks less often.
            let wanted = retry_after.map_or(Duration::ZERO, |after: RetryAfter| after.wait(now));
            self.slow_down(self.interval.saturating_mul(2).max(wanted));
            return Ok(None);
        }
        let answer = server.granted(verdict)?;
        let scopes = std::mem::take(&mut self.scopes);
        let grant = Grant::new(server, scopes, self.resource.take(), Renewal::Never);
        Issued::first(answer, grant, Some(SignedIn::default()), server, now).await.map(Some)
    }

    fn slow_down(&mut self, interval: Duration) {
        self.interval = interval.min(LONGEST_INTERVAL);
    }
}

/// The answer of the device endpoint, which is no token.
fn read(
    answer: HttpAnswer,
    server: &AuthorizationServer<'_>,
    secrets: &Secrets,
) -> Result<Document, ErrorKind> {
    let status = answer.status;
    let unavailable = |cause| Err(ErrorKind::Unavailable(cause));
    let document = match &answer.body {
        Body::Whole(body) => Document::read(answer.header("content-type"), body),
        Body::Cut(reason) => return unavailable(Cause::NoAnswer(reason.clone())),
        Body::TooLong => return unavailable(Cause::TooLong),
    };
    if (300..400).contains(&status) {
        return unavailable(Cause::redirect(&answer, secrets));
    }
    let Some(document) = document else { return unavailable(Cause::Unreadable(status)) };
    match document.id(server.provider.errors().code.as_str()) {
        _ if status == 200 && document.get("/device_code").is_some() => Ok(document),
        Some(code) if (200..500).contains(&status) => Err(server.refused(secrets.code(&code))),
        _ => unavailable(Cause::Status(status)),
    }
}

/// A code that can be shown and entered.
fn is_code(code: &str) -> bool {
    code.len() <= LONGEST_TEXT && code.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

/// A page that a person can be sent to.
fn page(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok().filter(|_| uri.len() <= LONGEST_TEXT)?;
    (url.scheme() == "https" || is_loopback(&url)).then(|| url.to_string())
}
