//! What the tests of this crate share: providers, clients, whom a sign-in is for, the time.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use keystroke_core::{Owner, SecretString};
use keystroke_oauth::{
    Authorization, AuthorizationServer, Callback, Client, Grant, Http, Issued, Provider, SignIn, Timeouts,
};

/// Whom every sign-in of the tests is for.
pub fn sign_in() -> SignIn {
    SignIn {
        organization: "acme".to_owned(),
        key: "calendar".to_owned(),
        owner: Owner::User("ada".to_owned()),
        user: Some("ada".to_owned()),
    }
}

/// The time. Servers of others have the real one, so it is near.
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// A provider at `issuer`, with the endpoints of npm `oidc-provider`. `more` is added to its file; what it says of `[token]` or
/// `[account]` stands instead of what there would be.
pub fn provider(issuer: &str, more: &str) -> Provider {
    provider_with_token(issuer, &format!("{issuer}/token"), more)
}

/// The same with another token endpoint.
pub fn provider_with_token(issuer: &str, token: &str, more: &str) -> Provider {
    let mut file = format!(
        r#"title = "Test"
source = "https://example.com/docs"
verified = "2026-11"
grants = ["authorization_code", "device_code", "client_credentials"]
[registration]
url = "https://example.com/apps"
steps = ["Add the redirect {{redirect}} and the scopes {{scopes}}."]
[endpoints]
authorize = "{issuer}/auth"
token = "{token}"
device = "{issuer}/device/auth"
revoke = "{issuer}/token/revocation"
userinfo = "{issuer}/me"
issuer = "{issuer}"
[refresh]
tokens = "revokes_family"
[revocation]
[authorize]
iss = true
resource = true
"#
    );
    for (table, usual) in [
        ("[token]", "authentication = [\"basic\", \"none\"]"),
        ("[account]", "from = \"id_token\"\nid = [\"/sub\"]"),
    ] {
        if !more.contains(table) {
            file.push_str(&format!("{table}\n{usual}\n"));
        }
    }
    file.push_str(more);
    Provider::parse("test", &file).unwrap_or_else(|error| panic!("{error}\n{file}"))
}

pub fn http() -> Http {
    Http::new(Timeouts::default()).expect("a client")
}

/// A client that gives up soon. For servers that never answer, so that how slow this machine is changes nothing.
pub fn hasty() -> Http {
    Http::new(Timeouts { connect: Duration::from_secs(10), total: Duration::from_millis(300) })
        .expect("a client")
}

pub fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// `basic` of `oidc.mjs`. What is odd in its secret has to be encoded.
pub fn client() -> Client {
    Client::new("basic").with_secret(secret("basic:s3cr3t/+&%"))
}

pub fn server<'a>(http: &'a Http, provider: &'a Provider, client: &'a Client) -> AuthorizationServer<'a> {
    AuthorizationServer::new(http, provider, client, BTreeMap::new()).expect("a server")
}

/// A second holder's copy of a grant.
pub fn copy(grant: &Grant) -> Grant {
    grant.seal(Grant::from_sealed).expect("a grant")
}

pub fn scopes(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Where every browser of the tests comes back to.
pub const REDIRECT: &str = "http://127.0.0.1/callback";
/// The account stands in the answer.
pub const ACCOUNT: &str = "[account]\nfrom = \"answer\"\nid = [\"/account\"]\n";

/// What a server of [`ACCOUNT`]'s gives for the code `granted`.
pub async fn issued(server: &AuthorizationServer<'_>, issuer: &str) -> Issued {
    let begun = Authorization::begin(server, sign_in(), REDIRECT, scopes(&["api:read"]), None, now());
    let Authorization { url, pending } = begun.expect("a sign-in");
    let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    let callback = Callback::parse(&format!("code=granted&state={state}&iss={issuer}")).expect("a callback");
    let code = pending.finish(callback, server, &Owner::User("ada".to_owned()), Some("ada"), now());
    code.expect("a code").redeem(server, now()).await.expect("a grant")
}
