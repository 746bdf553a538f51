//! The program with a service and the user's own vault, as a real process: what it finds there, how it fails, and
//! that the key is in nothing that it prints.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::support::{StandIn, canary, documents, ended, everything_in, forms, found_in, program};
use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use keystroke::Instance;
use keystroke::vault::{Add, Vault, VaultOptions};
use serde_json::Value;
use tempfile::TempDir;

/// A vault in a folder of its own, with the instances.
fn vault_with(instances: Vec<Instance>) -> TempDir {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, _) = Vault::open_or_init(VaultOptions::at(home.path())).expect("a vault");
    vault.add(instances, Add::OnlyFirst).expect("stored");
    home
}

fn exa(key: &str) -> Instance {
    Instance::new("exa").in_organization("default").field("api_key", key)
}

/// The program, searching at a service with the vault of a home, in a folder without a `keystroke.toml`.
fn searching(base_url: &str, home: &Path, folder: &Path) -> Command {
    let mut program = program();
    program.arg("pinned scope").env("EXA_BASE_URL", base_url).env("KEYSTROKE_HOME", home).current_dir(folder);
    program
}

#[test]
fn the_forms_of_a_planted_secret_are_found() {
    let secret = canary();
    assert_eq!(found_in("nothing here", &secret), Vec::<String>::new());
    for (name, form) in forms(&secret) {
        assert!(form.len() >= secret.len() - 3, "{name}: {form}");
        assert!(found_in(&format!("a line with {form} in it"), &secret).contains(&name), "{name}");
    }
    // Not only what `forms` itself made.
    let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(found_in(&hex, &secret), ["hex"]);
    use base64::Engine as _;
    for before in ["", "x-api-key: ", "Bearer "] {
        let text = base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}\r\n"));
        assert!(found_in(&text, &secret).iter().any(|name| name.starts_with("base64 ")), "{before}");
    }
}

#[test]
fn a_good_key_is_sent_and_shown_nowhere() {
    let (documents, secret) = (documents(), canary());
    let stand_in = StandIn::over(documents.path(), Some(&secret));
    let home = vault_with(vec![exa(&secret)]);
    for json in [false, true] {
        let mut program = searching(&stand_in.base_url, home.path(), documents.path());
        program.env("RUST_LOG", "trace").args(json.then_some("--json"));
        let (code, shown, errors) = ended(program.output().expect("it runs"));
        assert_eq!(code, Some(0), "{errors}");
        assert!(shown.contains("corpus:guide.md#L3") && shown.contains("A pinned scope."), "{shown}");
        assert_eq!(found_in(&format!("{shown}\n{errors}"), &secret), Vec::<String>::new());
        if json {
            let document: Value = serde_json::from_str(&shown).expect("JSON alone");
            assert_eq!(document["trace"][0]["chosen"]["rule"], "R5");
        } else {
            assert!(shown.contains("trace: exa: R4 project: "), "{shown}");
        }
    }
}

#[test]
fn a_wrong_key_ends_as_the_actions_failure_and_is_shown_nowhere() {
    let (documents, secret) = (documents(), canary());
    let stand_in = StandIn::over(documents.path(), Some("another-key"));
    let home = vault_with(vec![exa(&secret)]);
    let mut program = searching(&stand_in.base_url, home.path(), documents.path());
    let (code, shown, errors) = ended(program.env("RUST_LOG", "trace").output().expect("it runs"));
    assert_eq!(code, Some(1), "{shown}\n{errors}");
    assert!(errors.contains("error: the action `search` failed: Exa refused the key (401"), "{errors}");
    assert!(errors.contains("To fix it, store one that it accepts"), "{errors}");
    assert!(errors.contains("TRACE") && errors.contains("hyper"), "the log was on: {errors}");
    assert_eq!(found_in(&format!("{shown}\n{errors}"), &secret), Vec::<String>::new());
}

#[test]
fn the_context_file_says_whose_credential_is_used() {
    let documents = documents();
    let stand_in = StandIn::over(documents.path(), Some("the-right-key"));
    let home = vault_with(vec![
        exa("a-wrong-key"),
        Instance::new("exa").in_project("acme", "research").field("api_key", "the-right-key"),
    ]);
    let below = documents.path().join("a/b");
    std::fs::create_dir_all(&below).expect("folders");
    for (context, code) in [
        ("", 1),
        ("organization = 'acme'\nproject = 'research'", 0),
        ("organization = 'acme'\nproject = 'research'\nuser = 'ada'", 0),
        ("organization = 'acme'\nproject = 'sales'", 1),
        ("organization = 3", 1),
    ] {
        std::fs::write(documents.path().join("keystroke.toml"), context).expect("a file");
        let mut program = searching(&stand_in.base_url, home.path(), &below);
        let (found, shown, errors) = ended(program.output().expect("it runs"));
        assert_eq!(found, Some(code), "{context}: {shown}\n{errors}");
    }
}

#[test]
fn a_vault_that_cannot_be_used_is_an_error_that_names_the_fix_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = tempfile::tempdir().expect("a folder");
    let without_key = vault_with(vec![exa("a-stored-key")]);
    std::fs::remove_file(without_key.path().join("config/vault.keys")).expect("the key file was there");
    let text = tempfile::tempdir().expect("a folder");
    std::fs::write(text.path().join("vault.db"), "not a vault\n").expect("a file");
    let without_credential = vault_with(vec![]);
    for (case, home, problem, fix) in [
        ("no vault", empty.path(), "there is no vault at", "keystroke vault init"),
        ("no key", without_key.path(), "its key", "put the key file back"),
        ("a text file", text.path(), "is not a keystroke file", "move"),
        (
            "no credential",
            without_credential.path(),
            "This action needs the `exa` credential",
            "run `keystroke credentials set exa --set api_key=@stdin",
        ),
    ] {
        // The audit record of a vault that opens may grow; all else stays.
        let listed = |home| {
            let mut all = everything_in(home);
            all.retain(|(path, _)| case != "no credential" || !path.to_string_lossy().contains("audit.db"));
            all
        };
        let before = listed(home);
        let mut program = searching("http://127.0.0.1:9", home, folder.path());
        let (code, shown, errors) = ended(program.output().expect("it runs"));
        assert_eq!(code, Some(1), "{case}: {shown}\n{errors}");
        assert!(errors.contains(problem) && errors.contains(fix), "{case}: {errors}");
        assert!(errors.contains("To fix it, "), "{case}: {errors}");
        assert_eq!(listed(home), before, "{case}");
    }
    let nowhere = folder.path().join("nowhere");
    let mut program = searching("http://127.0.0.1:9", &nowhere, folder.path());
    let (code, _, errors) = ended(program.output().expect("it runs"));
    assert_eq!(code, Some(1), "{errors}");
    assert!(!nowhere.exists(), "an application makes no vault");
}

#[test]
fn a_base_url_that_must_not_get_a_key_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = vault_with(vec![exa("a-stored-key")]);
    for base_url in [
        "",
        " ",
        "api.exa.ai",
        "ftp://api.exa.ai",
        "http://api.exa.ai",
        "https://user:password@api.exa.ai",
        "https://api.exa.ai/?a=b",
        "not a url",
    ] {
        let mut search = searching(base_url, home.path(), folder.path());
        let (code, _, errors) = ended(search.output().expect("it runs"));
        assert_eq!(code, Some(1), "{base_url}: {errors}");
        assert!(errors.contains("EXA_BASE_URL") && errors.contains("To fix it"), "{base_url}: {errors}");
        // Nor do the tools of an MCP client, whose base URL is the real service's where the variable is unset.
        let mut server = program();
        server.arg("mcp").env("EXA_BASE_URL", base_url).env("KEYSTROKE_HOME", home.path());
        let (code, shown, errors) = ended(server.current_dir(folder.path()).output().expect("it runs"));
        assert_eq!((code, shown.as_str()), (Some(1), ""), "{base_url}: {errors}");
        assert!(errors.contains("EXA_BASE_URL") && errors.contains("To fix it"), "{base_url}: {errors}");
    }
}

/// What a service may do wrong, by the path of its base URL.
async fn misbehave(uri: Uri, headers: HeaderMap) -> Response {
    let key = headers.get("x-api-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match uri.path() {
        "/busy/search" => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")], "{}").into_response(),
        "/busy-later/search" => {
            (StatusCode::TOO_MANY_REQUESTS, r#"{"error":"rate limit exceeded"}"#).into_response()
        }
        "/broke/search" => (StatusCode::PAYMENT_REQUIRED, r#"{"error":"no more credits"}"#).into_response(),
        "/down/search" => (StatusCode::BAD_GATEWAY, "<html>").into_response(),
        "/page/search" => "<html>".into_response(),
        "/other/search" => r#"{"results": 3}"#.into_response(),
        "/echo/search" => {
            (StatusCode::BAD_REQUEST, format!(r#"{{"error":"no such key: {key}"}}"#)).into_response()
        }
        "/echo-long/search" => {
            let error = format!(r#"{{"error":"{}{key}"}}"#, "x".repeat(280));
            (StatusCode::BAD_REQUEST, error).into_response()
        }
        "/endless/search" => "[".repeat(5_000_000).into_response(),
        "/echo-body/search" => format!(r#"{{"results": "{key}"}}"#).into_response(),
        "/moved/search" => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_service_answers_the_error_says_what_and_never_the_key() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let service = format!("http://{}", listener.local_addr().expect("an address"));
    let paths = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&paths);
    let routes = Router::new().fallback(move |uri: Uri, headers: HeaderMap| {
        seen.lock().expect("no panic").push(uri.path().to_owned());
        misbehave(uri, headers)
    });
    tokio::spawn(async { axum::serve(listener, routes).await });

    let (folder, secret) = (tempfile::tempdir().expect("a folder"), canary());
    let home = vault_with(vec![exa(&secret)]);
    for (case, message) in [
        ("busy", "Exa asks for fewer requests (429 Too Many Requests). To fix it, try again in 7 seconds"),
        ("busy-later", "To fix it, try again later"),
        ("broke", "Exa refused the request (402 Payment Required): no more credits"),
        ("down", "Exa refused the request (502 Bad Gateway): no reason given"),
        ("page", "Exa answered something that its API does not document"),
        ("other", "Exa answered something that its API does not document"),
        ("echo", "no such key: [redacted:exa.api_key]"),
        ("echo-long", "Exa refused the request (400 Bad Request): its reason is too long to be shown"),
        ("endless", "Exa answered with more than 4 MB (to fix it, check the service's base URL)"),
        ("echo-body", "[redacted:exa.api_key]"),
        ("moved", "Exa refused the request (307 Temporary Redirect)"),
    ] {
        let mut program = searching(&format!("{service}/{case}/"), home.path(), folder.path());
        let output = tokio::task::spawn_blocking(move || program.env("RUST_LOG", "trace").output());
        let (code, shown, errors) = ended(output.await.expect("no panic").expect("it runs"));
        assert_eq!(code, Some(1), "{case}: {shown}\n{errors}");
        assert!(errors.contains("error: the action `search` failed: "), "{case}: {errors}");
        assert!(errors.contains(message), "{case}: {errors}");
        assert_eq!(found_in(&format!("{shown}\n{errors}"), &secret), Vec::<String>::new(), "{case}");
        assert!(!errors.contains(&secret[..12]), "{case}: a part of the key is shown: {errors}");
    }
    assert!(
        !paths.lock().expect("no panic").contains(&"/elsewhere".to_owned()),
        "a redirect carried the key along"
    );
    let mut program = searching("http://127.0.0.1:9", home.path(), folder.path());
    let (code, _, errors) = ended(program.output().expect("it runs"));
    assert_eq!(code, Some(1));
    assert!(errors.contains("Exa did not answer (to fix it, check the network"), "{errors}");
}
