//! A provider whose file passed every check: the one way to the sections that say where secrets go.

use std::collections::BTreeMap;
use std::path::Path;

use keystroke_files::without_secrets;

use super::check::{check, is_provider_name};
use super::error::{Fault, ProviderError};
use super::form::{read, write};
use super::model::{
    Account, Answer, Assertion, Authorize, EndpointTemplates, Errors, Evidence, Fact, GrantType, Lifetimes,
    ProviderFile, Redirect, Refresh, Registration, Revocation, Scopes, Token, Variable,
};

/// How long a provider file may be, in bytes.
pub(crate) const LONGEST_FILE: usize = 64 * 1024;

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
    pub(super) file: ProviderFile,
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

    /// Whether a text can be the name of a provider: up to 48 of `a` to `z`, `0` to `9` and `-`, a letter first and no `-`
    /// last.
    pub fn is_name(text: &str) -> bool {
        is_provider_name(text)
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
