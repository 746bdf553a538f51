//! Whose a grant is, and the facts that come with it.

use toml::de::DeValue;

use super::pointer::Pointer;
use super::requests::Method;
use crate::provider::form::{Field as _, Form, Misfit, Section, Words, field_of_words};

/// How the account of a grant is learned (O1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Where it is told.
    pub from: AccountSource,
    /// The parts of its stable id; all must be there. They are joined by `/`.
    pub id: Vec<Pointer>,
    /// What a person knows it by, such as a mail address. It identifies nothing.
    pub label: Option<Pointer>,
}

impl Default for Account {
    fn default() -> Self {
        Self { from: AccountSource::Answer, id: Vec::new(), label: None }
    }
}

impl Section for Account {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("from", &mut self.from);
        form.required("id", &mut self.id);
        form.field("label", &mut self.label);
    }
}

/// Where the account is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountSource {
    /// In the answer of the token endpoint.
    Answer,
    /// In the claims of the ID token.
    IdToken,
    /// In the parameters of the callback, as an object of texts.
    Callback,
    /// By the `userinfo` endpoint, asked with the access token.
    Userinfo {
        /// `GET`, or `POST` for GraphQL.
        method: Method,
        /// The JSON that a `POST` sends.
        body: Option<String>,
    },
}

impl Words for AccountSource {
    const PLAIN: &'static [&'static str] = &["answer", "id_token", "callback", "userinfo"];
    const VALUED: &'static [(&'static str, &'static str)] = &[("userinfo_post", "\"{}\"")];

    fn from_plain(word: &str) -> Option<Self> {
        match word {
            "answer" => Some(Self::Answer),
            "id_token" => Some(Self::IdToken),
            "callback" => Some(Self::Callback),
            "userinfo" => Some(Self::Userinfo { method: Method::Get, body: None }),
            _ => None,
        }
    }

    fn from_valued(word: &str, value: &DeValue<'_>) -> Option<Result<Self, Misfit>> {
        (word == "userinfo_post").then(|| {
            let body = String::read(value)?;
            if serde_json::from_str::<serde_json::Value>(&body).is_err() {
                return Err(Misfit::new(
                    "has a body that is not JSON",
                    "write the JSON that the endpoint takes, or `\"null\"`",
                ));
            }
            Ok(Self::Userinfo { method: Method::Post, body: Some(body) })
        })
    }

    fn word(&self) -> (&'static str, Option<toml::Value>) {
        match self {
            Self::Answer => ("answer", None),
            Self::IdToken => ("id_token", None),
            Self::Callback => ("callback", None),
            Self::Userinfo { body: None, .. } => ("userinfo", None),
            Self::Userinfo { body: Some(body), .. } => ("userinfo_post", body.write()),
        }
    }
}

field_of_words!(AccountSource, "\"userinfo\"");

/// A plain value that an action needs besides the token, such as the base URL of a tenant. It is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// Where it is told.
    pub from: FactSource,
    /// If there are any, the fact is an `https` URL on one of these hosts or a subdomain.
    pub hosts: Vec<String>,
}

impl Default for Fact {
    fn default() -> Self {
        Self { from: FactSource::Answer(Pointer::default()), hosts: Vec::new() }
    }
}

impl Section for Fact {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("from", &mut self.from);
        form.field("hosts", &mut self.hosts);
    }
}

/// Where a fact is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactSource {
    /// A parameter of the callback: QuickBooks' `realmId`.
    Callback(String),
    /// A part of the token answer: Salesforce's `/instance_url`.
    Answer(Pointer),
}

impl Words for FactSource {
    const PLAIN: &'static [&'static str] = &[];
    const VALUED: &'static [(&'static str, &'static str)] =
        &[("answer", "\"/instance_url\""), ("callback", "\"realmId\"")];

    fn from_plain(_: &str) -> Option<Self> {
        None
    }

    fn from_valued(word: &str, value: &DeValue<'_>) -> Option<Result<Self, Misfit>> {
        match word {
            "answer" => Some(Pointer::read(value).map(Self::Answer)),
            "callback" => Some(String::read(value).map(Self::Callback)),
            _ => None,
        }
    }

    fn word(&self) -> (&'static str, Option<toml::Value>) {
        match self {
            Self::Answer(pointer) => ("answer", pointer.write()),
            Self::Callback(parameter) => ("callback", parameter.write()),
        }
    }
}

field_of_words!(FactSource, "{ answer = \"/instance_url\" }");
