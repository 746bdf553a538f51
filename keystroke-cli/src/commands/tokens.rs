//! `keystroke tokens create`, `list`, `revoke`: with which MCP clients are let in over HTTP, and for whom they act.

use std::time::{Duration, SystemTime};

use keystroke_mcp::{Binding, NewToken, TokenInfo, Tokens};
use serde::Serialize;

use super::options;
use crate::cli::ContextArgs;
use crate::context::Context;
use crate::error::CliError;
use crate::output::{self, Output, Report};
use crate::text;

/// What programs are told of a token.
#[derive(Serialize)]
struct Json {
    id: String,
    #[serde(flatten)]
    binding: Binding,
    label: Option<String>,
    created_at: String,
    expires_at: Option<String>,
}

impl From<TokenInfo> for Json {
    fn from(info: TokenInfo) -> Self {
        let TokenInfo { id, binding, label, created_at, expires_at, .. } = info;
        let (created_at, expires_at) = (text::time(created_at), expires_at.map(text::time));
        Self { id, binding, label, created_at, expires_at }
    }
}

fn tokens() -> Result<Tokens, CliError> {
    Ok(Tokens::in_folder(options()?.data_folder()))
}

pub(super) fn create(
    label: Option<String>,
    expires_in: Option<Duration>,
    flags: &ContextArgs,
    output: &Output,
) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Made<'a> {
        token: &'a str,
        #[serde(flatten)]
        info: Json,
    }
    let Context { organization, project, user } = Context::find(flags)?;
    let mut binding = Binding::new(organization, project);
    binding.user = user;
    let NewToken { token, info, .. } = tokens()?.create(binding, label, expires_in)?;
    // Standard output is the token alone, for `TOKEN=$(keystroke tokens create)`.
    if !output.is_json() {
        output.notice("token_created", &format!("made the token `{}` for {}", info.id, info.binding));
        output.notice(
            "token_created",
            "it is shown this once; clients send it as `Authorization: Bearer <token>`",
        );
    }
    let token = token.expose_secret();
    output.of(format!("{token}\n"), Made { token, info: info.into() })
}

pub(super) fn list(flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct All {
        tokens: Vec<Json>,
    }
    let mut tokens = tokens()?.list()?;
    if let Some(organization) = &flags.organization {
        tokens.retain(|token| token.binding.organization == *organization);
    }
    let people = if tokens.is_empty() {
        "no tokens\n".to_owned()
    } else {
        let header = ["ID", "ORGANIZATION", "PROJECT", "USER", "LABEL", "EXPIRES"];
        output::table(header, 1, tokens.iter().map(row))
    };
    output.of(people, All { tokens: tokens.into_iter().map(Json::from).collect() })
}

fn row(info: &TokenInfo) -> [String; 6] {
    let TokenInfo { id, binding: Binding { organization, project, user, .. }, label, expires_at, .. } = info;
    let expires = match expires_at {
        None => String::new(),
        Some(at) if *at <= SystemTime::now() => "expired".to_owned(),
        Some(at) => text::time(*at),
    };
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    [id.clone(), organization.clone(), project.clone(), or_empty(user), or_empty(label), expires]
}

pub(super) fn revoke(id: &str, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Revoked {
        revoked: Json,
    }
    let tokens = tokens()?;
    if let Some(organization) = &flags.organization {
        // An id copied from elsewhere is a slip.
        let ours = |token: &TokenInfo| token.id == id && token.binding.organization == *organization;
        if !tokens.list()?.iter().any(ours) {
            return Err(CliError::refused(
                "token_not_found",
                format!("organization {organization} has no such token"),
                "look at the ids with `keystroke tokens list`",
            ));
        }
    }
    let info = tokens.revoke(id)?;
    let people = format!("revoked the token `{}` of {}\n", info.id, info.binding);
    output.of(people, Revoked { revoked: info.into() })
}
