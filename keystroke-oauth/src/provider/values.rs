//! A provider's URLs for the values of its variables, whoever says them: a person, or a callback.

use std::collections::BTreeMap;

use keystroke_files::without_secrets;

use super::error::ProviderError;
use super::form::{Misfit, nearest};
use super::model::template::{CLIENT_ID, check_value, well_formed};
use super::model::{Endpoints, UrlTemplate};
use super::validated::Provider;

impl Provider {
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
        ProviderError::Value { provider: self.name().to_owned(), variable, problem, fix }
    }
}
