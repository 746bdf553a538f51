//! What a provider file says, after every check. The types are plain data that can be read and not made, so a secret is
//! never sent to a URL that was not validated.

mod account;
mod answer;
mod client;
pub(super) mod endpoints;
mod errors;
mod evidence;
mod pointer;
mod redirect;
mod refresh;
mod requests;
mod revocation;
mod scopes;

use std::collections::BTreeMap;
use std::path::Path;

use keystroke_files::without_secrets;

pub use account::{Account, AccountSource, Fact, FactSource};
pub use answer::{Answer, ExpiresAt};
pub use client::{Assertion, AssertionAudience, AssertionDelivery, ClientAuthentication, Registration};
pub use endpoints::{EndpointTemplates, Endpoints, UrlTemplate, Variable};
pub use errors::{ErrorMeaning, Errors};
pub use evidence::{Evidence, Oddity};
pub use pointer::Pointer;
pub use redirect::{Loopback, Redirect};
pub use refresh::{Lifetimes, Refresh, RefreshTokens};
pub use requests::{Authorize, Method, Pkce, RequestBody, Token};
pub use revocation::{Revocation, RevocationForm, RevokedToken};
pub use scopes::Scopes;

use self::endpoints::{CLIENT_ID, check_value, well_formed};
use super::check::{check, is_provider_name};
use super::error::{Fault, ProviderError};
use super::form::{Form, Misfit, Section, nearest, plain_words, read, write};

/// How long a provider file may be, in bytes.
pub(crate) const LONGEST_FILE: usize = 64 * 1024;

/// A grant that a provider gives, by its name in RFC 6749 and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantType {
    /// `authorization_code`: a person in a browser.
    AuthorizationCode,
    /// `device_code`: a person in a browser elsewhere (RFC 8628).
    DeviceCode,
    /// `client_credentials`: the client itself.
    ClientCredentials,
    /// `jwt_bearer`: the client itself, by a signed assertion (RFC 7523).
    JwtBearer,
}

plain_words!(
    GrantType,
    "[\"authorization_code\"]",
    "authorization_code" => GrantType::AuthorizationCode,
    "device_code" => GrantType::DeviceCode,
    "client_credentials" => GrantType::ClientCredentials,
    "jwt_bearer" => GrantType::JwtBearer,
);

/// What is known of a provider, and valid: its file was read, and every check passed.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use keystroke_oauth::Provider;
///
/// let file = r#"
/// title = "Acme"
/// grants = ["authorization_code"]
///
/// [registration]
/// url = "https://acme.example/apps"
/// steps = ["Create an app with the redirect {redirect} and the scopes {scopes}."]
///
/// [variables.team]
/// about = "what stands before `.acme.example` in your team's address"
///
/// [endpoints]
/// authorize = "https://{team}.acme.example/oauth/authorize"
/// token = "https://{team}.acme.example/oauth/token"
///
/// [token]
/// authentication = ["post"]
///
/// [refresh]
/// tokens = "rotates"
/// "#;
/// let acme = Provider::parse("acme", file)?;
///
/// let values = BTreeMap::from([("team".to_owned(), "rockets".to_owned())]);
/// let token = acme.endpoints(&values)?.token;
/// assert_eq!(token.as_str(), "https://rockets.acme.example/oauth/token");
///
/// // Nobody has registered a client yet: this is what they read first.
/// let redirect = acme.redirect().to_register(None);
/// let missing = acme.client_missing(Some(&redirect), &["files:read".to_owned()]);
/// assert!(missing.fix().contains("the redirect http://127.0.0.1/callback and the scopes files:read"));
///
/// // A mistake is told with its line, and what to write instead.
/// let error = Provider::parse("acme", &file.replace("rotates", "rotate")).unwrap_err();
/// assert!(error.problem().starts_with("acme.toml:20: `tokens` is not a word that is known here"));
/// assert!(error.fix().starts_with("in line 20 write `rotates`"));
/// # Ok::<(), keystroke_oauth::ProviderError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    name: String,
    file: ProviderFile,
}

/// A provider file, section by section.
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

impl Provider {
    /// Reads and checks a provider file. `name` is the file's, without `.toml`; it is what the errors call the file.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Invalid`], with everything that is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Self, ProviderError> {
        Self::parse_file(name, Path::new(&format!("{name}.toml")), text)
    }

    /// The same, for a file at a path.
    pub(crate) fn parse_file(name: &str, path: &Path, text: &str) -> Result<Self, ProviderError> {
        let invalid = |faults| ProviderError::Invalid { file: path.to_owned(), faults };
        if !is_provider_name(name) {
            let problem = format!("its name `{}` is not the name of a provider", without_secrets(name));
            let fix = "rename it to up to 48 of `a` to `z`, `0` to `9` and `-`, a letter first, and `.toml`";
            return Err(invalid(vec![Fault { line: 1, problem, fix: fix.to_owned() }]));
        }
        if text.len() > LONGEST_FILE {
            let problem = format!("it is longer than {LONGEST_FILE} bytes");
            return Err(invalid(vec![Fault { line: 1, problem, fix: "write less".to_owned() }]));
        }
        let file = read(text, check).map_err(invalid)?;
        Ok(Self { name: name.to_owned(), file })
    }

    /// A provider that was not read from a file. What would be wrong with its file is wrong with it.
    pub(crate) fn checked(name: &str, file: ProviderFile) -> Result<Self, ProviderError> {
        Self::parse(name, &write(&file, &ProviderFile::default()).to_string())
    }

    /// The file that it would be read from: what differs from the standards, without comments.
    pub fn to_toml(&self) -> String {
        write(&self.file, &ProviderFile::default()).to_string()
    }

    /// The word that commands and connections know it by: `github-app`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it: `GitHub App (user)`.
    pub fn title(&self) -> &str {
        &self.file.title
    }

    /// Why its file is believed.
    pub const fn evidence(&self) -> &Evidence {
        &self.file.evidence
    }

    /// Where a client is registered.
    pub const fn registration(&self) -> &Registration {
        &self.file.registration
    }

    /// What its URLs depend on.
    pub const fn variables(&self) -> &BTreeMap<String, Variable> {
        &self.file.variables
    }

    /// Its URLs, as its file has them.
    pub const fn templates(&self) -> &EndpointTemplates {
        &self.file.endpoints
    }

    /// Its URLs for the given values of its variables; `client_id` may always be among them.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Value`]: a variable without a value, or with one that the file does not allow; a value for a variable
    /// that there is not.
    pub fn endpoints(&self, values: &BTreeMap<String, String>) -> Result<Endpoints, ProviderError> {
        let values = self.complete(values)?;
        let templates = &self.file.endpoints;
        let fill = |template: &UrlTemplate| {
            template
                .fill(&values)
                .map_err(|misfit| self.value_error(&template.variables().join("`, `"), misfit))
        };
        let optional = |template: &Option<UrlTemplate>| template.as_ref().map(fill).transpose();
        let token = fill(&templates.token)?;
        let issuer = templates.issuer.as_ref().map(|issuer| Ok((issuer, fill(issuer)?))).transpose()?;
        Ok(Endpoints {
            authorize: optional(&templates.authorize)?,
            refresh: optional(&templates.refresh)?.unwrap_or_else(|| token.clone()),
            device: optional(&templates.device)?,
            revoke: optional(&templates.revoke)?,
            userinfo: optional(&templates.userinfo)?,
            jwks: optional(&templates.jwks)?,
            // As a URL it may end in a `/` that the issuer does not have.
            issuer: issuer.map(|(template, url)| {
                let bare = !template.as_str().ends_with('/');
                let text = url.as_str();
                text.strip_suffix('/').filter(|_| bare).unwrap_or(text).to_owned()
            }),
            token,
        })
    }

    /// The values after a callback that tells some of them: only those that the file says it may tell, and of these only
    /// the values that the file lists.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Value`]: the callback tells a value that the file does not list.
    pub fn values_of_callback(
        &self,
        values: &BTreeMap<String, String>,
        parameter: impl Fn(&str) -> Option<String>,
    ) -> Result<BTreeMap<String, String>, ProviderError> {
        let mut values = values.clone();
        for (name, variable) in &self.file.variables {
            let Some(told) = variable.callback.as_deref().and_then(&parameter) else { continue };
            let told = told.strip_prefix("https://").unwrap_or(&told).trim_end_matches('/');
            check_value(variable, told, self.is_in_host(name)).map_err(|misfit| {
                let problem = "is told by the callback, and is not a value that the provider's file lists";
                self.value_error(name, Misfit { problem: problem.to_owned(), ..misfit })
            })?;
            values.insert(name.clone(), told.to_owned());
        }
        Ok(values)
    }

    /// The values with the defaults of those that are not among them.
    fn complete(&self, values: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ProviderError> {
        let variables = &self.file.variables;
        let mut complete = BTreeMap::new();
        for (name, value) in values {
            let fits = match variables.get(name) {
                Some(variable) => check_value(variable, value, self.is_in_host(name)),
                None if name == CLIENT_ID => {
                    // An id that no URL has may be any text.
                    let used = self.file.endpoints.all().any(|(_, url)| url.variables().contains(&CLIENT_ID));
                    if used { well_formed(value, false) } else { Ok(()) }
                }
                None => {
                    let known: Vec<&str> = variables.keys().map(String::as_str).collect();
                    let fix = match nearest(name, known.iter().copied()) {
                        Some(near) => format!("say `{near}`"),
                        None if known.is_empty() => "leave it out: there is none".to_owned(),
                        None => format!("say one of `{}`", known.join("`, `")),
                    };
                    Err(Misfit::new("is none of its variables", fix))
                }
            };
            fits.map_err(|misfit| self.value_error(name, misfit))?;
            complete.insert(name.clone(), value.clone());
        }
        for (name, variable) in variables {
            if complete.contains_key(name) {
                continue;
            }
            let Some(default) = &variable.default else {
                let misfit = Misfit::new("has no value", format!("say it: {}", variable.about));
                return Err(self.value_error(name, misfit));
            };
            complete.insert(name.clone(), default.clone());
        }
        Ok(complete)
    }

    fn is_in_host(&self, variable: &str) -> bool {
        self.file.endpoints.all().any(|(_, template)| template.is_in_host(variable))
    }

    fn value_error(&self, variable: &str, Misfit { problem, fix }: Misfit) -> ProviderError {
        let variable = without_secrets(variable).into_owned();
        ProviderError::Value { provider: self.name.clone(), variable, problem, fix }
    }

    /// The grants that it gives.
    pub fn grants(&self) -> &[GrantType] {
        &self.file.grants
    }

    /// The request that a person's browser makes.
    pub const fn authorize(&self) -> &Authorize {
        &self.file.authorize
    }

    /// The requests to the token endpoint.
    pub const fn token(&self) -> &Token {
        &self.file.token
    }

    /// The assertion of the grant `jwt_bearer`.
    pub const fn assertion(&self) -> Option<&Assertion> {
        self.file.assertion.as_ref()
    }

    /// Where the browser is sent back to.
    pub const fn redirect(&self) -> &Redirect {
        &self.file.redirect
    }

    /// How scopes are written and compared.
    pub const fn scopes(&self) -> &Scopes {
        &self.file.scopes
    }

    /// Where the parts of the first token answer stand.
    pub const fn answer(&self) -> &Answer {
        &self.file.answer
    }

    /// Where the parts of a refresh's answer stand: mostly as in [`answer`](Self::answer).
    pub const fn refresh_answer(&self) -> &Answer {
        &self.file.refresh_answer
    }

    /// How the account is learned; none if the provider never tells.
    pub const fn account(&self) -> Option<&Account> {
        self.file.account.as_ref()
    }

    /// What is kept of an answer or a callback for actions.
    pub const fn facts(&self) -> &BTreeMap<String, Fact> {
        &self.file.facts
    }

    /// How errors are spelled.
    pub const fn errors(&self) -> &Errors {
        &self.file.errors
    }

    /// What a refresh does.
    pub const fn refresh(&self) -> &Refresh {
        &self.file.refresh
    }

    /// How long tokens and grants live.
    pub const fn lifetimes(&self) -> &Lifetimes {
        &self.file.lifetimes
    }

    /// How tokens are revoked; none if they can't be.
    pub fn revocation(&self) -> Option<&Revocation> {
        self.file.endpoints.revoke.as_ref().map(|_| &self.file.revocation)
    }
}
