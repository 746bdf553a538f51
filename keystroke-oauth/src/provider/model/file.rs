//! A provider file, section by section.

use std::collections::BTreeMap;

use super::account::{Account, Fact};
use super::answer::Answer;
use super::client::{Assertion, Registration};
use super::endpoints::EndpointTemplates;
use super::errors::Errors;
use super::evidence::Evidence;
use super::grant_type::GrantType;
use super::redirect::Redirect;
use super::refresh::{Lifetimes, Refresh};
use super::requests::{Authorize, Token};
use super::revocation::Revocation;
use super::scopes::Scopes;
use super::template::Variable;
use crate::provider::form::{Form, Section};

/// What a provider file says. That it is valid is known of a [`Provider`](crate::Provider) alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProviderFile {
    pub(crate) title: String,
    pub(crate) evidence: Evidence,
    pub(crate) registration: Registration,
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) endpoints: EndpointTemplates,
    pub(crate) grants: Vec<GrantType>,
    pub(crate) authorize: Authorize,
    pub(crate) token: Token,
    pub(crate) assertion: Option<Assertion>,
    pub(crate) redirect: Redirect,
    pub(crate) scopes: Scopes,
    pub(crate) answer: Answer,
    pub(crate) refresh_answer: Answer,
    pub(crate) account: Option<Account>,
    pub(crate) facts: BTreeMap<String, Fact>,
    pub(crate) errors: Errors,
    pub(crate) refresh: Refresh,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) revocation: Revocation,
}

impl Section for ProviderFile {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("title", &mut self.title);
        self.evidence.fields(form);
        form.required("grants", &mut self.grants);
        form.section("registration", &mut self.registration, &Registration::default());
        form.named("variables", &mut self.variables);
        form.section("endpoints", &mut self.endpoints, &EndpointTemplates::default());
        form.section("authorize", &mut self.authorize, &Authorize::default());
        form.section("token", &mut self.token, &Token::default());
        form.optional("assertion", &mut self.assertion);
        form.section("redirect", &mut self.redirect, &Redirect::default());
        form.section("scopes", &mut self.scopes, &Scopes::default());
        form.section("answer", &mut self.answer, &Answer::default());
        form.section("refresh_answer", &mut self.refresh_answer, &self.answer);
        form.optional("account", &mut self.account);
        form.named("facts", &mut self.facts);
        form.section("errors", &mut self.errors, &Errors::default());
        form.section("refresh", &mut self.refresh, &Refresh::default());
        form.section("lifetimes", &mut self.lifetimes, &Lifetimes::default());
        form.section("revocation", &mut self.revocation, &Revocation::default());
    }
}
