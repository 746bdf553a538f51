//! What is told to who has no client, for each way in which one authenticates.

use crate::provider::Providers;

#[test]
fn the_command_asks_for_what_the_client_shows() {
    for (provider, command) in [
        ("slack", "`keystroke clients set slack --client-id CLIENT_ID --set client_secret=@stdin`"),
        (
            "google-service-account",
            "`keystroke clients set google-service-account --client-id CLIENT_ID --set private_key=@stdin`",
        ),
        (
            "github-installation",
            "`keystroke clients set github-installation --client-id CLIENT_ID --set private_key=@stdin`",
        ),
    ] {
        let missing = Providers::built_in().get(provider).unwrap().client_missing(None, &[]);
        assert!(missing.fix().ends_with(command), "{missing}");
    }
}

#[test]
fn both_faces_are_told() {
    let scopes = ["chat:write".to_owned(), "users:read".to_owned()];
    let slack = Providers::built_in().get("slack").unwrap();
    let missing = slack.client_missing(Some("https://localhost/callback"), &scopes);
    assert_eq!(missing.code(), "client_missing");
    assert_eq!(missing.problem(), "no client is registered for Slack (bot) (`slack`)");
    let fix = missing.fix();
    assert!(fix.contains("add the redirect URL https://localhost/callback."), "{fix}");
    assert!(fix.contains("add the bot token scopes chat:write, users:read."), "{fix}");
    // A model can't register a client, and needs no address to try.
    let model = missing.for_model();
    assert!(model.contains("Ask the operator") && !model.contains("http"), "{model}");
}

#[test]
fn a_redirect_that_no_step_has_is_told_all_the_same() {
    let provider = crate::provider::Provider::parse("example", super::SHORT).unwrap();
    let fix = provider.client_missing(Some("http://127.0.0.1/callback"), &[]).fix();
    assert!(fix.contains("The redirect is http://127.0.0.1/callback"), "{fix}");
}
