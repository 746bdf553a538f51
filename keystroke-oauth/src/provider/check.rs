//! What can be wrong with a provider file as a whole: fields that contradict each other, would have no effect, or would lead
//! a secret elsewhere. Each field by itself was checked when it was read.

use std::collections::BTreeMap;
use std::time::Duration;

use super::form::{Misfit, Reader, nearest};
use super::model::template::{check_value, exact_url, well_formed};
use super::model::{
    AccountSource, GrantType, ProviderFile, RefreshTokens, Registration, RevocationForm, Scopes, UrlTemplate,
    Variable,
};

/// Parameters that requests have anyway, and that no file may set.
const RESERVED_PARAMETERS: [&str; 21] = [
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "grant_type",
    "nonce",
    "password",
    "redirect_uri",
    "refresh_token",
    "resource",
    "response_mode",
    "response_type",
    "state",
    "token",
    "username",
];
/// Headers that requests have anyway, or that would change how they are read.
const RESERVED_HEADERS: [&str; 9] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "proxy-authorization",
    "transfer-encoding",
];
/// How long an assertion may be good for: what the providers that take one allow at most.
const LONGEST_ASSERTION: Duration = Duration::from_secs(60 * 60);
const MOST_STEPS: usize = 12;

type Findings = Vec<(String, Misfit)>;

/// Whether a text is the name of a provider: a word for commands, and for the names of files.
pub(crate) fn is_provider_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.len() <= 48
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(letter)
}

/// Everything that is wrong, by the path of the field at fault.
pub(crate) fn check(file: &ProviderFile, reader: &Reader<'_>) -> Findings {
    let mut found = Vec::new();
    grants(file, &mut found);
    urls(file, &mut found);
    requests(file, &mut found);
    scopes(&file.scopes, &mut found);
    answers(file, &mut found);
    registration(&file.registration, &mut found);
    evidence(file, reader, &mut found);
    found
}

fn put(found: &mut Findings, path: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) {
    found.push((path.into(), Misfit::new(problem, fix)));
}

/// Each grant has what it needs, and what is there has a grant that needs it.
fn grants(file: &ProviderFile, found: &mut Findings) {
    if file.grants.is_empty() {
        // What each grant needs is a matter of those that there are.
        return put(
            found,
            "grants",
            "names no grant",
            "write at least one, such as `[\"authorization_code\"]`",
        );
    }
    let pairs = [
        (
            GrantType::AuthorizationCode,
            "authorization_code",
            "endpoints.authorize",
            file.endpoints.authorize.is_some(),
        ),
        (GrantType::DeviceCode, "device_code", "endpoints.device", file.endpoints.device.is_some()),
        (GrantType::JwtBearer, "jwt_bearer", "assertion", file.assertion.is_some()),
    ];
    for (grant, word, path, is_there) in pairs {
        match (file.grants.contains(&grant), is_there) {
            (true, false) => {
                let fix = match path.rsplit_once('.') {
                    Some((table, key)) => {
                        format!("write `{key} = \"https://…\"` in `[{table}]`, or remove the grant")
                    }
                    None => format!("write `[{path}]`, or remove the grant"),
                };
                put(found, "grants", format!("has `{word}`, which needs `{path}`"), fix);
            }
            (false, true) => {
                put(found, path, "has no effect", format!("write `\"{word}\"` into `grants`, or remove it"));
            }
            _ => {}
        }
    }
    if file.refresh.tokens == RefreshTokens::None {
        if file.endpoints.refresh.is_some() {
            put(
                found,
                "endpoints.refresh",
                "has no effect without refresh tokens",
                "remove it, or say in `refresh.tokens` what becomes of one",
            );
        }
        if file.refresh.kills_access_token {
            put(found, "refresh.kills_access_token", "has no effect without refresh tokens", "remove it");
        }
    }
    if file.assertion.as_ref().is_some_and(|assertion| assertion.lifetime > LONGEST_ASSERTION) {
        put(found, "assertion.lifetime", "is longer than an hour", "write at most `\"1h\"`");
    }
}

/// Every URL stays where its file says that it leads.
fn urls(file: &ProviderFile, found: &mut Findings) {
    let variables = &file.variables;
    for (name, template) in file.endpoints.all() {
        let path = format!("endpoints.{name}");
        match template.check(variables) {
            Err(misfit) => found.push((path, misfit)),
            Ok(()) => filled(template, variables, &path, found),
        }
    }
    for (name, variable) in variables {
        let path = format!("variables.{name}");
        let mut uses =
            file.endpoints.all().filter(|(_, url)| url.variables().contains(&name.as_str())).peekable();
        if uses.peek().is_none() {
            put(found, &path, "is in no URL", format!("write `{{{name}}}` into one, or remove it"));
        }
        let in_host = uses.any(|(_, url)| url.is_in_host(name));
        if let Some(default) = &variable.default
            && let Err(misfit) = check_value(variable, default, in_host)
        {
            found.push((format!("{path}.default"), misfit));
        }
        if variable.callback.is_some() && (variable.values.is_empty() || variable.default.is_none()) {
            let fix = "list the `values` that the callback may tell, and write the `default` for the request before it";
            put(
                found,
                format!("{path}.callback"),
                "would let whoever writes the callback choose the host",
                fix,
            );
        }
    }
}

/// A template is a good URL with each listed value of its variables.
fn filled(template: &UrlTemplate, variables: &BTreeMap<String, Variable>, path: &str, found: &mut Findings) {
    let any = |name: &str| {
        let variable = variables.get(name);
        variable.and_then(|variable| variable.values.first().cloned()).unwrap_or_else(|| "x".to_owned())
    };
    let base: BTreeMap<String, String> =
        template.variables().into_iter().map(|name| (name.to_owned(), any(name))).collect();
    for name in template.variables() {
        for value in variables.get(name).into_iter().flat_map(|variable| &variable.values) {
            let in_host = template.is_in_host(name);
            let mut values = base.clone();
            values.insert(name.to_owned(), value.clone());
            if well_formed(value, in_host).is_err() || template.fill(&values).is_err() {
                let problem = format!("has a value that makes no good URL of `{path}`");
                let fix =
                    if in_host { "write hosts, or labels of one" } else { "write single segments of a path" };
                return put(found, format!("variables.{name}.values"), problem, fix);
            }
        }
    }
}

/// Requests say only what they are meant to say.
fn requests(file: &ProviderFile, found: &mut Findings) {
    if file.token.authentication.is_empty() {
        put(found, "token.authentication", "names no way", "write at least one, such as `[\"basic\"]`");
    }
    for (path, parameters) in
        [("authorize.parameters", &file.authorize.parameters), ("token.parameters", &file.token.parameters)]
    {
        for name in parameters.keys() {
            let is_reserved = RESERVED_PARAMETERS.contains(&name.to_ascii_lowercase().as_str());
            if is_reserved || *name == file.scopes.parameter {
                put(found, path, format!("sets `{name}`, which the request has anyway"), "remove it");
            }
        }
    }
    for (name, value) in &file.token.headers {
        let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if name.is_empty() || !name.chars().all(is_token) || !value.is_ascii() {
            put(
                found,
                "token.headers",
                "has a name or a value that no header has",
                "write names of letters, digits and `-`, and values in ASCII",
            );
        } else if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            put(found, "token.headers", format!("sets `{name}`, which the request has anyway"), "remove it");
        }
    }
    if file.authorize.iss && file.endpoints.issuer.is_none() {
        put(found, "authorize.iss", "has nothing to compare with", "write `issuer` in `[endpoints]`");
    }
    if RESERVED_PARAMETERS.contains(&file.scopes.parameter.as_str()) {
        put(
            found,
            "scopes.parameter",
            "is the name of another parameter",
            "write `\"scope\"`, or leave it out",
        );
    }
    let revokes = file.endpoints.revoke.is_some();
    if !revokes && file.revocation != Default::default() {
        put(found, "revocation", "has no effect", "write `revoke` in `[endpoints]`, or remove it");
    }
    if file.revocation.form == RevocationForm::Rfc7009 && file.revocation.method != super::model::Method::Post
    {
        put(found, "revocation.method", "is not what RFC 7009 has", "remove it, or say another `form`");
    }
}

/// Scopes have one spelling that counts, and none is two.
fn scopes(scopes: &Scopes, found: &mut Findings) {
    if !scopes.used {
        let others = Scopes { used: false, ..Scopes::default() };
        if *scopes != others {
            put(
                found,
                "scopes.used",
                "is `false`, so the other fields of `[scopes]` have no effect",
                "remove them, or `used`",
            );
        }
        return;
    }
    let implied =
        scopes.implies.values().flatten().chain(scopes.implies.keys()).map(|scope| ("scopes.implies", scope));
    let aliases = scopes
        .aliases
        .iter()
        .flat_map(|(alias, scope)| [alias, scope])
        .map(|scope| ("scopes.aliases", scope));
    let always = scopes.always.iter().map(|scope| ("scopes.always", scope));
    for (path, scope) in implied.chain(aliases).chain(always) {
        let separators = [' ', scopes.separator, scopes.answer_separator];
        if scope.contains(separators) || !scope.is_ascii() {
            put(found, path, format!("has `{scope}`, which is not one scope"), "write each scope by itself");
        }
    }
    for (alias, scope) in &scopes.aliases {
        if scopes.aliases.contains_key(scope) {
            let problem = format!("has `{alias}` for `{scope}`, which is an alias itself");
            put(found, "scopes.aliases", problem, "write the scope that counts on the right");
        }
    }
}

/// What is taken of answers is there, and may be believed.
fn answers(file: &ProviderFile, found: &mut Findings) {
    if let Some(account) = &file.account {
        if account.id.is_empty() {
            put(
                found,
                "account.id",
                "names no part of the answer",
                "write where the stable id stands, such as `[\"/id\"]`",
            );
        }
        if matches!(account.from, AccountSource::Userinfo { .. }) && file.endpoints.userinfo.is_none() {
            put(
                found,
                "account.from",
                "needs `endpoints.userinfo`",
                "write `userinfo = \"https://…\"` in `[endpoints]`",
            );
        }
    }
    for (name, fact) in &file.facts {
        let good = |host: &String| {
            host.split('.').count() >= 2
                && exact_url(&format!("https://{host}/"))
                    .is_ok_and(|url| url.host_str() == Some(host) && url.path() == "/")
        };
        if !fact.hosts.iter().all(good) {
            put(
                found,
                format!("facts.{name}.hosts"),
                "has what is not a host",
                "write hosts alone, such as `[\"example.com\"]`",
            );
        }
    }
    let errors = &file.errors;
    let lists = [("dead", &errors.dead), ("transient", &errors.transient), ("client", &errors.client)];
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (list, codes) in lists {
        for code in codes {
            if let Some(other) = seen.insert(code, list) {
                put(
                    found,
                    format!("errors.{list}"),
                    format!("has `{code}`, as `{other}` has"),
                    "write each code into one list",
                );
            }
        }
    }
}

fn registration(registration: &Registration, found: &mut Findings) {
    if let Err(misfit) = web_page(&registration.url) {
        found.push(("registration.url".to_owned(), misfit));
    }
    if registration.steps.len() > MOST_STEPS {
        put(
            found,
            "registration.steps",
            format!("has more than {MOST_STEPS} steps"),
            format!("write at most {MOST_STEPS}"),
        );
    }
    for step in &registration.steps {
        let rest = step.replace("{redirect}", "").replace("{scopes}", "");
        if rest.contains(['{', '}']) {
            put(
                found,
                "registration.steps",
                "has a placeholder that is not known here",
                "write `{redirect}` or `{scopes}`",
            );
        }
    }
}

/// Where the file has its facts from.
fn evidence(file: &ProviderFile, reader: &Reader<'_>, found: &mut Findings) {
    let evidence = &file.evidence;
    let own = evidence.source.iter().map(|source| ("source", source));
    for (path, source) in own.chain(evidence.oddities.iter().map(|oddity| ("oddities", &oddity.source))) {
        if let Err(misfit) = web_page(source) {
            found.push((path.to_owned(), misfit));
        }
    }
    let own = evidence.verified.iter().map(|month| ("verified", month));
    for (path, month) in own.chain(evidence.oddities.iter().map(|oddity| ("oddities", &oddity.verified))) {
        if !is_month(month) {
            put(found, path, "is not a month", "write the month in which the source was read: `\"2026-11\"`");
        }
    }
    for path in &evidence.unverified {
        if !reader.knows(path) {
            let fix = match nearest(path, reader.known()) {
                Some(near) => format!("write `\"{near}\"`"),
                None => "write a field of this file with its table, such as `\"lifetimes.idle\"`".to_owned(),
            };
            put(found, "unverified", format!("has `{path}`, which is no field"), fix);
        }
    }
}

/// A page for a person: it is shown and never sent anything.
fn web_page(text: &str) -> Result<(), Misfit> {
    let page = url::Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.host().is_some());
    match page.filter(|url| url.username().is_empty() && url.password().is_none()) {
        Some(_) => Ok(()),
        None => Err(Misfit::new("is not the URL of a web page", "write it with `https://`")),
    }
}

fn is_month(text: &str) -> bool {
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok())?;
    match text.split_once('-') {
        Some((year, month)) if year.len() == 4 && month.len() == 2 => {
            number(year).is_some_and(|year| year >= 2020)
                && number(month).is_some_and(|month| (1..=12).contains(&month))
        }
        _ => false,
    }
}
