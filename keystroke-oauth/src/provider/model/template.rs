//! A URL with variables, and what they may stand for.
//!
//! A variable stands for a tenant, a shop, a region. Its value may come from a callback, which an attacker can write, so no
//! value can lead to another host than the file's author meant: in a host it is whole labels before a literal domain, or
//! one of the values that the file lists. What comes of it is parsed once more, and must be what was written.

use std::collections::BTreeMap;

use toml::de::DeValue;
use url::{Host, Url};

use crate::provider::form::{Field, Form, Misfit, Section, is_name};

/// The variable that every file may use without declaring it: the client's id.
pub(crate) const CLIENT_ID: &str = "client_id";

/// How long the value of a variable may be, in bytes.
const LONGEST_VALUE: usize = 128;
/// How long a label of a host may be.
const LONGEST_LABEL: usize = 63;

/// What is asked before connecting, because a URL depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variable {
    /// What it is, for the person who is asked.
    pub about: String,
    /// Taken if nobody says another.
    pub default: Option<String>,
    /// The only values it may have; any well-formed one, if there are none.
    pub values: Vec<String>,
    /// The parameter of the callback that tells it, with or without `https://`. Until then it is the default.
    pub callback: Option<String>,
}

impl Section for Variable {
    fn fields(&mut self, form: &mut impl Form) {
        form.required("about", &mut self.about);
        form.field("default", &mut self.default);
        form.field("values", &mut self.values);
        form.field("callback", &mut self.callback);
    }
}

/// A URL with variables in braces: `https://{shop}.myshopify.com/admin/oauth/authorize`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlTemplate(String);

/// A part of a template.
enum Piece<'a> {
    Literal(&'a str),
    Variable(&'a str),
}

fn misfit(problem: &str) -> Misfit {
    Misfit::new(problem, format!("write a URL as in `{}`", UrlTemplate::EXAMPLE))
}

impl UrlTemplate {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Misfit> {
        if !text.chars().all(|c| c.is_ascii_graphic()) || text.contains('\\') {
            return Err(misfit("has a character that no URL has"));
        }
        let template = Self(text.to_owned());
        let query = text.find(['?', '#']).unwrap_or(text.len());
        if text.get(query..).is_some_and(|query| query.contains(['{', '}'])) {
            return Err(misfit("has a variable after its path"));
        }
        for label in template.host().split('.') {
            let is_part = label.contains(['{', '}'])
                && !(label.starts_with('{') && label.find('}') == Some(label.len() - 1));
            if is_part {
                return Err(misfit("has a variable in its host that is not whole between two dots"));
            }
        }
        let mut sample = String::new();
        for piece in template.pieces()? {
            sample.push_str(match piece {
                Piece::Literal(text) => text,
                Piece::Variable(_) => "x",
            });
        }
        exact_url(&sample)?;
        Ok(template)
    }

    /// Where the host and the port stand in the text.
    fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }

    fn host(&self) -> &str {
        let authority = self.authority();
        authority
            .rsplit_once(':')
            .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
            .map_or(authority, |(host, _)| host)
    }

    fn pieces(&self) -> Result<Vec<Piece<'_>>, Misfit> {
        let mut pieces = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| misfit("has a `{` without a `}`"))?;
            if !is_name(name) {
                return Err(misfit("has a variable whose name is not of `a` to `z`, `0` to `9` and `_`"));
            }
            pieces.extend([Piece::Literal(literal), Piece::Variable(name)]);
            rest = after;
        }
        pieces.push(Piece::Literal(rest));
        if pieces.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains('}'))) {
            return Err(misfit("has a `}` without a `{`"));
        }
        Ok(pieces)
    }

    /// The variables it has. It was parsed, so there is no error left.
    pub(crate) fn variables(&self) -> Vec<&str> {
        let name = |piece| match piece {
            Piece::Variable(name) => Some(name),
            Piece::Literal(_) => None,
        };
        self.pieces().unwrap_or_default().into_iter().filter_map(name).collect()
    }

    /// Whether a variable is a part of the host.
    pub(crate) fn is_in_host(&self, name: &str) -> bool {
        self.host().contains(&format!("{{{name}}}"))
    }

    /// What is wrong with how it uses `variables`.
    pub(crate) fn check(&self, variables: &BTreeMap<String, Variable>) -> Result<(), Misfit> {
        for name in self.variables() {
            match variables.get(name) {
                None if name == CLIENT_ID && !self.is_in_host(name) => {}
                None => {
                    return Err(Misfit::new(
                        format!("has a variable `{name}` that the file does not declare"),
                        format!("declare it with `[variables.{name}]` and `about = \"what it is\"`"),
                    ));
                }
                Some(variable)
                    if self.is_in_host(name) && variable.values.is_empty() && !self.has_suffix(name) =>
                {
                    return Err(Misfit::new(
                        format!(
                            "leads to any host: after `{{{name}}}` stands no literal domain of two labels"
                        ),
                        format!(
                            "write the domain, as in `https://{{{name}}}.example.com`, or list the hosts with `values` in `[variables.{name}]`"
                        ),
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Whether at least two literal labels follow a variable of the host, and nothing else.
    fn has_suffix(&self, name: &str) -> bool {
        let variable = format!("{{{name}}}");
        let after = self.host().rsplit_once(&variable).map_or("", |(_, after)| after);
        !after.contains('{') && after.split('.').filter(|label| !label.is_empty()).count() >= 2
    }

    /// The URL for these values, which were checked.
    pub(crate) fn fill(&self, values: &BTreeMap<String, String>) -> Result<Url, Misfit> {
        let mut text = String::new();
        for piece in self.pieces()? {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Variable(name) => match values.get(name) {
                    Some(value) => text.push_str(value),
                    None => return Err(Misfit::new(format!("needs `{name}`"), format!("say `{name}`"))),
                },
            }
        }
        exact_url(&text)
    }
}

impl Field for UrlTemplate {
    const EXAMPLE: &'static str = "\"https://example.com/oauth/token\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        Self::parse(&String::read(value)?)
    }

    fn write(&self) -> Option<toml::Value> {
        Some(toml::Value::String(self.0.clone()))
    }
}

/// A URL that secrets may be sent to, and that is what its text says: nothing in it is left out, decoded or put in order.
pub(crate) fn exact_url(text: &str) -> Result<Url, Misfit> {
    let url = Url::parse(text).map_err(|_| misfit("is not a URL"))?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
        return Err(misfit("is not `https`, nor `http` to this machine by number"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(misfit("has a user name or a password"));
    }
    if url.fragment().is_some() {
        return Err(misfit("has a fragment"));
    }
    let same = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
    if !same {
        return Err(Misfit::new(
            "is not what a browser would make of it",
            "write it in small letters, without `..`, `//` at its end or a port that is the usual one",
        ));
    }
    if url.host_str().is_none_or(|host| host.ends_with('.')) {
        return Err(misfit("has no host, or one that ends in a dot"));
    }
    Ok(url)
}

/// Whether `value` may stand where the templates have a variable.
pub(crate) fn check_value(variable: &Variable, value: &str, in_host: bool) -> Result<(), Misfit> {
    if !variable.values.is_empty() {
        if variable.values.iter().any(|known| known == value) {
            return Ok(());
        }
        return Err(Misfit::new(
            "is not a value that the provider's file lists",
            format!("say one of `{}`", variable.values.join("`, `")),
        ));
    }
    well_formed(value, in_host)
}

/// Whether a value has the form of labels of a host, or of one segment of a path.
pub(crate) fn well_formed(value: &str, in_host: bool) -> Result<(), Misfit> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.chars().all(letter)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_segment = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if in_host {
        if value.len() <= LONGEST_VALUE && value.split('.').all(is_label) {
            return Ok(());
        }
        let fix = "say only what stands in its place in the host: small letters, digits, `-`, and dots between them";
        return Err(Misfit::new("is not a part of a host", fix));
    }
    if (1..=LONGEST_VALUE).contains(&value.len())
        && value.chars().all(is_segment)
        && value != "."
        && value != ".."
    {
        return Ok(());
    }
    Err(Misfit::new(
        "is not one segment of a path",
        "say up to 128 letters, digits and `-._~`, without a `/`",
    ))
}
