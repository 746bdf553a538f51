//! A provider from the document in which it describes itself (OpenID Connect Discovery 1.0, RFC 8414).
//!
//! The document is believed for what it says of its issuer, and for nothing else: its `issuer` must be the one that was
//! asked, to the letter, or one issuer could name the endpoints of another. What it does not say, such as whether refresh
//! tokens rotate, is guessed to the careful side and marked as unverified.

use std::future::Future;

use keystroke_files::without_secrets;
use serde_json::Value;
use url::Url;

use super::error::ProviderError;
use super::form::Misfit;
use super::model::template::exact_url;
use super::model::{
    Account, AccountSource, ClientAuthentication, GrantType, Pkce, Pointer, ProviderFile, UrlTemplate,
};
use super::validated::Provider;

/// How long a document may be, in bytes.
const LONGEST: usize = 256 * 1024;

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

impl Provider {
    /// The provider that an issuer describes, asked at the addresses of OpenID Connect and then of RFC 8414.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Discovery`] and [`ProviderError::IssuerMismatch`]; [`ProviderError::Invalid`] for a bad `name`.
    pub async fn discover(name: &str, issuer: &str, fetch: &impl Fetch) -> Result<Self, ProviderError> {
        let failed = |problem: String| {
            failure(
                issuer,
                problem,
                "give the issuer that the provider's documentation names, or write a provider file",
            )
        };
        let mut refused = String::new();
        for url in addresses(issuer)? {
            let answer = fetch
                .get(&url, LONGEST)
                .await
                .map_err(|why| failed(format!("can't be asked: {url} {why}")))?;
            match answer.status {
                200 => return Self::from_discovery(name, issuer, &answer.body),
                // Another address may have it.
                400..500 => {
                    refused =
                        format!("has no document about itself: {url} answers with status {}", answer.status)
                }
                status => return Err(failed(format!("can't be asked: {url} answers with status {status}"))),
            }
        }
        Err(failed(refused))
    }

    /// The provider that a discovery document describes.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover).
    pub fn from_discovery(name: &str, issuer: &str, document: &[u8]) -> Result<Self, ProviderError> {
        let source = addresses(issuer)?.into_iter().next();
        let unusable = |problem: String| {
            failure(issuer, problem, "write a provider file for it: its document can't be used")
        };
        if document.len() > LONGEST {
            return Err(unusable(format!("has a document of more than {LONGEST} bytes")));
        }
        let document: Value = serde_json::from_slice(document)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| unusable("has a document that is not a JSON object".to_owned()))?;
        match document.get("issuer").and_then(Value::as_str) {
            Some(told) if told == issuer => {}
            told => {
                let told = told.map_or_else(|| "none".to_owned(), shown);
                return Err(ProviderError::IssuerMismatch { issuer: issuer.to_owned(), told });
            }
        }
        let document = Document { document, issuer };
        let mut file = document.provider()?;
        file.evidence.source = source.map(String::from).filter(|source| source.starts_with("https://"));
        Self::checked(name, file)
    }
}

fn failure(issuer: &str, problem: String, fix: &str) -> ProviderError {
    ProviderError::Discovery { issuer: shown(issuer), problem, fix: fix.to_owned() }
}

/// A text of others, as it may be shown.
fn shown(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    without_secrets(&short).into_owned()
}

/// Where an issuer's document may be.
fn addresses(issuer: &str) -> Result<[Url; 2], ProviderError> {
    let bad = |Misfit { problem, .. }: Misfit| {
        failure(
            issuer,
            format!("{problem}, so it is not an issuer"),
            "give it as in `https://accounts.example.com`",
        )
    };
    let url = exact_url(issuer).map_err(bad)?;
    if url.query().is_some() {
        return Err(bad(Misfit::new("has a query", "")));
    }
    let path = url.path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = url.clone();
        url.set_path(&path);
        url
    };
    Ok([
        at(format!("{path}/.well-known/openid-configuration")),
        at(format!("/.well-known/oauth-authorization-server{path}")),
    ])
}

struct Document<'a> {
    document: Value,
    issuer: &'a str,
}

impl Document<'_> {
    fn text(&self, field: &str) -> Option<&str> {
        self.document.get(field).and_then(Value::as_str)
    }

    /// Whether a list has a word; none if there is no list.
    fn has(&self, field: &str, word: &str) -> Option<bool> {
        let list = self.document.get(field).and_then(Value::as_array)?;
        Some(list.iter().any(|value| value.as_str() == Some(word)))
    }

    fn url(&self, field: &str) -> Result<Option<UrlTemplate>, ProviderError> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let bad = |Misfit { problem, .. }| {
            failure(
                self.issuer,
                format!("names a `{field}` that {problem}"),
                "write a provider file for it: its document can't be used",
            )
        };
        // A URL of others is no template.
        if text.contains(['{', '}']) {
            return Err(bad(Misfit::new("has a brace", "")));
        }
        exact_url(text).and_then(|_| UrlTemplate::parse(text)).map(Some).map_err(bad)
    }

    fn provider(&self) -> Result<ProviderFile, ProviderError> {
        let host = exact_url(self.issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
        let mut file = ProviderFile { title: host.unwrap_or_default(), ..ProviderFile::default() };
        file.evidence.unverified = vec!["refresh.tokens".to_owned()];

        file.endpoints.issuer = UrlTemplate::parse(self.issuer).ok();
        file.endpoints.authorize = self.url("authorization_endpoint")?;
        file.endpoints.device = self.url("device_authorization_endpoint")?;
        file.endpoints.revoke = self.url("revocation_endpoint")?;
        file.endpoints.userinfo = self.url("userinfo_endpoint")?;
        file.endpoints.jwks = self.url("jwks_uri")?;
        let lacks = |what: &str| {
            failure(
                self.issuer,
                format!("names no {what} that is known here"),
                "write a provider file for it: its document can't be used",
            )
        };
        file.endpoints.token = self.url("token_endpoint")?.ok_or_else(|| lacks("token endpoint"))?;

        let gives = |grant: &str, or: bool| self.has("grant_types_supported", grant).unwrap_or(or);
        let code = file.endpoints.authorize.is_some() && gives("authorization_code", true);
        let device =
            file.endpoints.device.is_some() && gives("urn:ietf:params:oauth:grant-type:device_code", true);
        let all = [
            (code, GrantType::AuthorizationCode),
            (device, GrantType::DeviceCode),
            (gives("client_credentials", false), GrantType::ClientCredentials),
        ];
        file.grants = all.into_iter().filter(|(given, _)| *given).map(|(_, grant)| grant).collect();
        if file.grants.is_empty() {
            return Err(lacks("grant"));
        }
        // An endpoint without its grant would have no effect.
        file.endpoints.authorize = file.endpoints.authorize.filter(|_| code);
        file.endpoints.device = file.endpoints.device.filter(|_| device);

        let takes =
            |way: &str, or: bool| self.has("token_endpoint_auth_methods_supported", way).unwrap_or(or);
        let all = [
            (takes("client_secret_basic", true), ClientAuthentication::Basic),
            (takes("client_secret_post", false), ClientAuthentication::Post),
            (takes("private_key_jwt", false), ClientAuthentication::PrivateKeyJwt),
            (takes("none", false), ClientAuthentication::None),
        ];
        file.token.authentication = all.into_iter().filter(|(taken, _)| *taken).map(|(_, way)| way).collect();
        if file.token.authentication.is_empty() {
            return Err(lacks("way for a client to authenticate"));
        }

        // A server that says nothing of PKCE ignores it.
        let pkce = self.has("code_challenge_methods_supported", "S256").unwrap_or(true);
        file.authorize.pkce = if pkce { Pkce::S256 } else { Pkce::Refused };
        let iss = self.document.get("authorization_response_iss_parameter_supported");
        file.authorize.iss = iss.and_then(Value::as_bool).unwrap_or(false);

        let openid = self.has("scopes_supported", "openid").unwrap_or(false);
        let offline = self.has("scopes_supported", "offline_access").unwrap_or(false);
        let always = [(openid, "openid"), (offline, "offline_access")];
        file.scopes.always =
            always.into_iter().filter(|(known, _)| *known).map(|(_, scope)| scope.to_owned()).collect();
        if offline {
            // OpenID Connect Core 11: without it, the request for offline access may be ignored.
            file.authorize.parameters.insert("prompt".to_owned(), "consent".to_owned());
        }
        let from = match file.endpoints.userinfo {
            _ if openid => Some(AccountSource::IdToken),
            Some(_) => Some(AccountSource::Userinfo { method: super::model::Method::Get, body: None }),
            None => None,
        };
        file.account = from.map(|from| Account {
            from,
            id: vec![Pointer::new("/sub")],
            label: Some(Pointer::new("/email")),
        });

        let page = self.text("service_documentation").filter(|page| page.starts_with("https://"));
        // Only a test has an issuer without TLS, and only a page with TLS may be shown as one to go to.
        let page = page.or_else(|| Some(self.issuer).filter(|issuer| issuer.starts_with("https://")));
        file.registration.url =
            page.unwrap_or("https://openid.net/developers/discover-openid-and-oauth/").to_owned();
        file.registration.steps = vec![
            "Register a client with the provider.".to_owned(),
            "Give it the redirect {redirect} and the scopes {scopes}.".to_owned(),
        ];
        Ok(file)
    }
}
