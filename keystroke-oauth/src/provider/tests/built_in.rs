//! The providers that come with keystroke: each is valid, says where its facts are from, and is written as it is read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::provider::built_in::BUILT_IN;
use crate::provider::{GrantType, Loopback, Origin, Provider, Providers, Redirect, RefreshTokens};

use super::values;

fn each(check: impl Fn(&str, &Provider)) {
    let providers = Providers::built_in();
    for name in providers.names() {
        let provider = providers.get(name).unwrap();
        check(name, &provider);
    }
}

#[test]
fn the_list_is_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers");
    let files: BTreeSet<String> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let listed: BTreeSet<String> = BUILT_IN.iter().map(|(name, _)| format!("{name}.toml")).collect();
    assert_eq!(files, listed);
    assert!(
        BUILT_IN.is_sorted_by_key(|(name, _)| *name),
        "sorted, so that two changes meet as seldom as possible"
    );
}

#[test]
fn each_is_read_as_it_is_written() {
    each(|name, provider| {
        assert_eq!((provider.name(), Providers::built_in().origin(name)), (name, Some(&Origin::BuiltIn)));
        let again = Provider::parse(name, &provider.to_toml());
        assert_eq!(again.as_ref().ok(), Some(provider), "{again:?}");
    });
}

#[test]
fn each_says_who_says_so_and_when_or_what_is_not_confirmed() {
    each(|name, provider| {
        let evidence = provider.evidence();
        assert!(evidence.source.is_some(), "{name}");
        assert!(evidence.verified.is_some() || !evidence.unverified.is_empty(), "{name}");
    });
    let verified =
        |(name, text): &&(&str, &str)| Provider::parse(name, text).unwrap().evidence().verified.is_some();
    assert!(BUILT_IN.iter().filter(verified).count() >= 15);
}

#[test]
fn each_tells_who_has_no_client_where_to_get_one() {
    each(|name, provider| {
        let redirect = provider.redirect().to_register(None);
        let scopes = ["one:scope".to_owned()];
        let has_code = provider.grants().contains(&GrantType::AuthorizationCode);
        let missing = provider.client_missing(has_code.then_some(&*redirect), &scopes);
        let fix = missing.fix();
        assert!(fix.contains(&provider.registration().url), "{name}: {fix}");
        assert_eq!(fix.contains(&redirect), has_code, "{name}: {fix}");
        assert!(!missing.steps.is_empty() && !fix.contains(['{', '}']), "{name}: {fix}");
        assert!(
            fix.contains(&format!("`keystroke clients set {name} --client-id CLIENT_ID")),
            "{name}: {fix}"
        );
    });
}

#[test]
fn each_has_urls_for_the_values_that_it_asks_for() {
    each(|name, provider| {
        let mut given = values([("client_id", "Iv1.0123456789abcdef")]);
        for (variable, about) in provider.variables() {
            if about.default.is_none() {
                given.insert(variable.clone(), "acme".to_owned());
            }
        }
        let endpoints = provider.endpoints(&given).unwrap();
        assert_eq!(endpoints.token.scheme(), "https", "{name}");
        let has_code = provider.grants().contains(&GrantType::AuthorizationCode);
        assert_eq!(endpoints.authorize.is_some(), has_code, "{name}");
    });
}

/// What the rest relies on, by the names of the issue. Whoever changes one changes what happens to grants that people have.
#[test]
fn the_oddities_that_lose_grants_are_told() {
    let get = |name| Providers::built_in().get(name).unwrap();
    let refresh = |name| get(name).refresh().clone();
    for (name, tokens, kills) in [
        ("slack", RefreshTokens::Rotates, false),
        ("github", RefreshTokens::Rotates, true),
        ("github-app", RefreshTokens::Rotates, true),
        ("google", RefreshTokens::Stable, false),
        ("microsoft", RefreshTokens::Stable, false),
        ("salesforce", RefreshTokens::Rotates, false),
        ("atlassian", RefreshTokens::Grace(std::time::Duration::from_secs(600)), false),
        ("gitlab", RefreshTokens::Rotates, true),
        ("dropbox", RefreshTokens::Stable, false),
    ] {
        assert_eq!((refresh(name).tokens, refresh(name).kills_access_token), (tokens, kills), "{name}");
    }
    assert!(get("quickbooks").errors().lies_in_outages);
    assert_eq!(get("slack").errors().success.as_ref().map(|success| success.as_str()), Some("/ok"));
    assert_eq!(get("slack-user").answer().access_token.as_str(), "/authed_user/access_token");
    assert_eq!(get("slack-user").refresh_answer().access_token.as_str(), "/access_token");
    assert_eq!(
        get("figma").templates().refresh.as_ref().unwrap().as_str(),
        "https://api.figma.com/v1/oauth/refresh"
    );
    let host = |name| match get(name).redirect() {
        Redirect::Loopback { host, .. } => Some(*host),
        Redirect::Https { .. } => None,
    };
    assert_eq!(host("salesforce"), Some(Loopback::Name));
    assert_eq!(host("spotify"), Some(Loopback::Ip));
    assert_eq!(host("slack"), None);
}

#[test]
fn no_line_of_code_is_for_a_single_provider() {
    fn look(folder: &Path, code: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                look(&path, code);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
                *code += &lines.collect::<Vec<_>>().join("\n").to_lowercase();
            }
        }
    }
    let mut code = String::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    // The one list is that of the files.
    let list = include_str!("../built_in.rs").lines().map(str::trim_start);
    let list = list.filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join("\n").to_lowercase();
    let code = code.replace(&list, "");
    assert!(code.len() > 10_000 && !list.is_empty());
    // Words of the language are names of providers too.
    for (name, _) in BUILT_IN.iter().filter(|(name, _)| !["box", "linear", "notion", "zoom"].contains(name)) {
        assert!(!code.contains(name), "{name}");
    }
}
