//! What everybody meets first: a provider for which no client is registered yet.

use std::fmt;

use keystroke_core::fix::word;

use super::model::ClientAuthentication;
use super::validated::Provider;

/// Nobody has registered a client at a provider, or told keystroke of it. `Display` is the problem and its fix.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientMissing {
    /// The provider's name.
    pub provider: String,
    /// What people call it.
    pub title: String,
    /// Where a client is registered.
    pub url: String,
    /// What to do there, with the redirect and the scopes to enter.
    pub steps: Vec<String>,
    /// The redirect to enter, to the letter; none for a grant without a browser.
    pub redirect: Option<String>,
    /// The scopes to enter.
    pub scopes: Vec<String>,
    /// What the client shows that it is itself by: `client_secret` or `private_key`; none for a public client.
    secret: Option<&'static str>,
}

impl Provider {
    /// What to tell who has no client here: where to register one, with which redirect and scopes. `redirect` is that of
    /// [`Redirect::to_register`](crate::Redirect::to_register), for a grant that has one; `scopes` are those that will be asked
    /// for, as [`Scopes::union`](crate::Scopes::union) has them.
    pub fn client_missing(&self, redirect: Option<&str>, scopes: &[String]) -> ClientMissing {
        let registration = self.registration();
        let listed = if scopes.is_empty() { "that your actions need".to_owned() } else { scopes.join(", ") };
        let fill = |step: &String| {
            step.replace("{redirect}", redirect.unwrap_or("(none)")).replace("{scopes}", &listed)
        };
        let by_secret = |way: &ClientAuthentication| {
            matches!(way, ClientAuthentication::Basic | ClientAuthentication::Post)
        };
        let ways = &self.token().authentication;
        let secret = if self.assertion().is_some()
            || !ways.iter().any(by_secret) && !ways.contains(&ClientAuthentication::None)
        {
            Some("private_key")
        } else {
            ways.iter().any(by_secret).then_some("client_secret")
        };
        ClientMissing {
            provider: self.name().to_owned(),
            title: self.title().to_owned(),
            url: registration.url.clone(),
            steps: registration.steps.iter().map(fill).collect(),
            redirect: redirect.map(str::to_owned),
            scopes: scopes.to_owned(),
            secret,
        }
    }
}

impl ClientMissing {
    /// A stable word.
    pub const fn code(&self) -> &'static str {
        "client_missing"
    }

    /// What is wrong, without the fix.
    pub fn problem(&self) -> String {
        format!("no client is registered for {} (`{}`)", self.title, self.provider)
    }

    /// What to do about it: the page, the steps there, and the command that tells keystroke of the client.
    pub fn fix(&self) -> String {
        let mut text = format!("register one at {}:", self.url);
        for (index, step) in self.steps.iter().enumerate() {
            text.push_str(&format!("\n  {}. {step}", index + 1));
        }
        if let Some(redirect) = self.redirect.as_ref().filter(|redirect| !text.contains(*redirect)) {
            text.push_str(&format!("\n  The redirect is {redirect}"));
        }
        let secret = self.secret.map(|field| format!(" --set {field}=@stdin")).unwrap_or_default();
        text.push_str(&format!(
            "\nthen run `keystroke clients set {} --client-id CLIENT_ID{secret}`",
            word(&self.provider)
        ));
        text
    }

    /// What a model is told: it can't register a client.
    pub fn for_model(&self) -> String {
        format!(
            "{} is not set up. Ask the operator to register a client for it; this can't be done by a tool",
            self.title
        )
    }
}

impl fmt::Display for ClientMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. To fix it, {}", self.problem(), self.fix())
    }
}

impl fmt::Debug for ClientMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ClientMissing {}
