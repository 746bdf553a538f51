//! `keystroke tokens create`, `list` and `revoke`: the tokens that let MCP clients in over HTTP, and for whom they act.

use std::path::Path;

use keystroke_core::scope::Scope;
use keystroke_core::{LONGEST_SLUG, ManifestAction, is_slug};
use keystroke_tokens::{Binding, NewToken, TokenInfo, Tokens};
use serde::Serialize;

use super::known_names::KnownNames;
use super::open::{open, options};
use crate::args::{ContextArgs, CreateTokenArgs, TokensCommand};
use crate::context::Context;
use crate::error::{CliError, Refusal, Refusals};
use crate::manifest;
use crate::output::typed::{self, listed, nearest};
use crate::output::{self, Output, Report, text};

/// What programs are told of a token.
#[derive(Serialize)]
struct Json {
    id: String,
    #[serde(flatten)]
    binding: Binding,
    label: Option<String>,
    created_at: String,
    expires_at: Option<String>,
    expired: bool,
}

impl From<TokenInfo> for Json {
    fn from(info: TokenInfo) -> Self {
        let TokenInfo { id, binding, label, created_at, expires_at, expired, .. } = info;
        let (created_at, expires_at) = (text::time(created_at), expires_at.map(text::time));
        Self { id, binding, label, created_at, expires_at, expired }
    }
}

fn open_tokens() -> Result<Tokens, CliError> {
    Ok(Tokens::in_folder(options()?.data_folder()))
}

/// Does what the command line says.
pub(super) fn run(command: TokensCommand, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    match command {
        TokensCommand::Create(args) => create(args, flags, output),
        TokensCommand::List => list(flags, output),
        TokensCommand::Revoke { id } => revoke(&id, flags, output),
    }
}

/// Refuses what cannot be a tool's name, and tools that the application's manifest does not have.
fn check_tools(
    tools: &[String],
    manifest: Option<&Path>,
    user: Option<&str>,
    output: &Output,
) -> Result<(), CliError> {
    if tools.iter().any(|tool| tool.len() > LONGEST_SLUG || !is_slug(tool)) {
        return Err(CliError::refused(
            "invalid_text",
            "a tool's name is 1 to 64 of a–z, 0–9, `-` and `_`",
            "write it as the application's manifest has it, or an MCP client shows it: `read-page`, not `ReadPage`",
        ));
    }
    let Some(manifest) = manifest::find(manifest)? else {
        output.notice(
            "tools_not_checked",
            "it was not checked whether a server has these tools; `--manifest app.json`, with the application's manifest, checks it",
        );
        return Ok(());
    };
    let slugs = || manifest.actions.iter().map(|action| action.slug.as_str());
    let unknown = tools.iter().filter(|tool| slugs().all(|slug| slug != *tool)).map(|tool| {
        let application = &manifest.application.name;
        let fix = match nearest(tool, slugs()) {
            Some(meant) => format!("write `{meant}`"),
            None => format!("use {}", listed(slugs())),
        };
        Refusal::new("unknown_tool", format!("{application} has no tool `{}`", typed::tool(tool)), fix)
    });
    unknown.collect::<Refusals>().into_result()?;
    let acts_for_a_user = |action: &&ManifestAction| {
        tools.contains(&action.slug)
            && action.requires.iter().any(|requirement| requirement.pin == Some(Scope::User))
    };
    for action in manifest.actions.iter().filter(acts_for_a_user).filter(|_| user.is_none()) {
        output.warning(
            "tool_needs_user",
            &format!(
                "`{}` acts for a user, but the token has none, so its clients cannot use it; `--as-user` gives it one",
                action.slug
            ),
        );
    }
    Ok(())
}

fn create(args: CreateTokenArgs, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Made<'a> {
        token: &'a str,
        #[serde(flatten)]
        info: Json,
    }
    let CreateTokenArgs { label, expires_in, tools, manifest } = args;
    let context = Context::find(flags)?;
    // Tokens need no vault; if there is one, it may reveal a mistyped name.
    if let Ok(vault) = open() {
        let known = KnownNames::of(&vault, &context.organization).with_audit(&vault, &context);
        known.tell_context(&context, output);
    }
    let Context { organization, project, user } = context;
    let mut binding = Binding::new(organization, project);
    binding.user = user;
    if !tools.is_empty() {
        check_tools(&tools, manifest.as_deref(), binding.user.as_deref(), output)?;
        binding = binding.tools(tools);
    }
    let NewToken { token, info, .. } = open_tokens()?.create(binding, label, expires_in)?;
    // Standard output is the token alone, for `TOKEN=$(keystroke tokens create)`.
    if !output.is_json() {
        output.notice("token_created", &format!("created the token `{}` for {}", info.id, info.binding));
        output.notice(
            "token_created",
            "it is shown only once; clients send it as `Authorization: Bearer <token>`",
        );
    }
    let token = token.expose_secret();
    output.of(format!("{token}\n"), Made { token, info: info.into() })
}

fn list(flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct All {
        tokens: Vec<Json>,
    }
    let mut tokens = open_tokens()?.list()?;
    if let Some(organization) = &flags.organization {
        tokens.retain(|token| token.binding.organization == *organization);
    }
    let people = if tokens.is_empty() {
        "no tokens\n".to_owned()
    } else {
        let header = ["ID", "EXPIRES", "ORGANIZATION", "PROJECT", "USER", "TOOLS", "LABEL"];
        output::table(header, 3, tokens.iter().map(row))
    };
    output.of(people, All { tokens: tokens.into_iter().map(Json::from).collect() })
}

fn row(info: &TokenInfo) -> [String; 7] {
    let TokenInfo { id, binding, label, expires_at, expired, .. } = info;
    let Binding { organization, project, user, tools, .. } = binding;
    let expires = match expires_at {
        _ if *expired => "expired".to_owned(),
        None => "never".to_owned(),
        Some(at) => text::time(*at),
    };
    let tools = tools.as_ref().map_or_else(
        || "all".to_owned(),
        |tools| tools.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    );
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    [id.clone(), expires, organization.clone(), project.clone(), or_empty(user), tools, or_empty(label)]
}

fn revoke(id: &str, flags: &ContextArgs, output: &Output) -> Result<Report, CliError> {
    #[derive(Serialize)]
    struct Revoked {
        revoked: Json,
    }
    let tokens = open_tokens()?;
    if let Some(organization) = &flags.organization {
        // An id from another organization is a mistake.
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
