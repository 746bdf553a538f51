//! No value of a variable leads a secret to another host, whoever says it.

use crate::provider::{Provider, Providers, Redirect};

use super::{SHORT, values};

#[test]
fn urls_have_the_values_in_their_places() {
    let get = |name| Providers::built_in().get(name).unwrap();
    let shopify = get("shopify").endpoints(&values([("shop", "acme-1")])).unwrap();
    assert_eq!(shopify.token.as_str(), "https://acme-1.myshopify.com/admin/oauth/access_token");
    // Without an endpoint of its own, a refresh goes where codes go.
    assert_eq!(shopify.refresh, shopify.token);
    let microsoft = get("microsoft").endpoints(&values([])).unwrap();
    assert_eq!(microsoft.token.as_str(), "https://login.microsoftonline.com/common/oauth2/v2.0/token");
    let sandbox = get("salesforce").endpoints(&values([("domain", "acme--dev.sandbox.my")])).unwrap();
    assert_eq!(sandbox.token.as_str(), "https://acme--dev.sandbox.my.salesforce.com/services/oauth2/token");
    let github = get("github").endpoints(&values([("client_id", "Iv1.abc")])).unwrap();
    assert_eq!(github.revoke.unwrap().as_str(), "https://api.github.com/applications/Iv1.abc/grant");
    assert_eq!(get("google").endpoints(&values([])).unwrap().issuer.unwrap(), "https://accounts.google.com");
}

#[test]
fn no_value_leads_out_of_its_place() {
    let hostile = [
        "",
        ".",
        "..",
        "a/b",
        "a/../b",
        "evil.example/",
        "evil.example#",
        "evil.example?",
        "evil.example:443",
        "a@evil.example",
        "a\\b",
        "a%2fb",
        "a b",
        "a\tb",
        "a\nb",
        "a\0b",
        "{shop}",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "ä",
        "a\u{202e}b",
        "a/",
        "//a",
        "evil.example%00",
        "127.0.0.1/",
        "[::1]",
    ];
    let long = "a".repeat(200);
    let longer_label = "a".repeat(64);
    for value in hostile.into_iter().chain([long.as_str(), longer_label.as_str()]) {
        let told = Providers::built_in().get("shopify").unwrap().endpoints(&values([("shop", value)]));
        let error = told.expect_err(value);
        assert_eq!(error.code(), "provider_value", "{value:?}");
        assert!(error.problem().starts_with("`shop` of the provider `shopify` is not"), "{error}");
    }
    // In a path, dots and capitals are letters like others; what ends the segment is not.
    for value in [".", "..", "a/b", "a?b", "a#b", "a%2fb", "", "a b", &"a".repeat(200)] {
        let told = Providers::built_in().get("microsoft").unwrap().endpoints(&values([("tenant", value)]));
        assert_eq!(told.expect_err(value).code(), "provider_value");
    }
    for value in ["acme.onmicrosoft.com", "9f4a5c1e-0000-4000-8000-000000000000", "Common"] {
        assert!(
            Providers::built_in().get("microsoft").unwrap().endpoints(&values([("tenant", value)])).is_ok()
        );
    }
}

/// Every host that any short value of hostile letters can make of a template ends in the literal domain.
#[test]
fn all_short_values_stay_in_the_suffix() {
    let letters = ["a", "A", "-", ".", "/", "@", ":", "#", "?", "%", "\\", "{", " ", "1"];
    let shopify = Providers::built_in().get("shopify").unwrap();
    let mut accepted = 0;
    for a in letters {
        for b in letters {
            for c in letters {
                let value = format!("{a}{b}{c}");
                if let Ok(endpoints) = shopify.endpoints(&values([("shop", &value)])) {
                    accepted += 1;
                    assert_eq!(endpoints.token.host_str().unwrap(), format!("{value}.myshopify.com"));
                    assert_eq!(endpoints.token.path(), "/admin/oauth/access_token");
                }
            }
        }
    }
    // `a-1`, `1.a`: letters and digits at both ends.
    assert!((8..100).contains(&accepted), "{accepted}");
}

#[test]
fn a_callback_chooses_among_the_listed_hosts_alone() {
    let zoho = Providers::built_in().get("zoho").unwrap();
    let told = |host: &str| {
        let host = host.to_owned();
        zoho.values_of_callback(&values([]), move |name| (name == "accounts-server").then(|| host.clone()))
    };
    for host in ["https://accounts.zoho.eu", "accounts.zoho.eu", "https://accounts.zoho.eu/"] {
        let endpoints = zoho.endpoints(&told(host).unwrap()).unwrap();
        assert_eq!(endpoints.token.as_str(), "https://accounts.zoho.eu/oauth/v2/token");
    }
    for host in [
        "https://evil.example",
        "https://accounts.zoho.eu.evil.example",
        "https://accounts.zoho.eu@evil.example",
        "https://accounts.zoho.eu/../evil",
        "http://accounts.zoho.eu",
        "HTTPS://accounts.zoho.eu",
        "",
    ] {
        let error = told(host).expect_err(host);
        assert_eq!(error.code(), "provider_value");
        assert!(error.problem().contains("is told by the callback"), "{error}");
        assert!(!error.to_string().contains("evil"), "what a stranger wrote is not repeated: {error}");
    }
    // A callback that tells nothing leaves the values as they are, and tells nothing of other variables.
    assert_eq!(zoho.values_of_callback(&values([]), |_| None).unwrap(), values([]));
    let shopify = Providers::built_in().get("shopify").unwrap();
    let given = values([("shop", "acme")]);
    assert_eq!(shopify.values_of_callback(&given, |_| Some("evil".to_owned())).unwrap(), given);
}

#[test]
fn values_are_asked_for_by_name() {
    let get = |name| Providers::built_in().get(name).unwrap();
    for (provider, given, problem, fix) in [
        (
            "shopify",
            values([]),
            "`shop` of the provider `shopify` has no value",
            "what stands before `.myshopify.com`",
        ),
        (
            "shopify",
            values([("shpo", "a"), ("shop", "a")]),
            "`shpo` of the provider `shopify` is none of its variables",
            "`shop`",
        ),
        (
            "slack",
            values([("team", "a")]),
            "`team` of the provider `slack` is none of its variables",
            "there is none",
        ),
        ("github", values([]), "`client_id` of the provider `github` needs", "say `client_id`"),
        (
            "github",
            values([("client_id", "a/../b")]),
            "`client_id` of the provider `github` is not one segment",
            "without a `/`",
        ),
        (
            "zoho",
            values([("accounts", "accounts.zoho.example")]),
            "that the provider's file lists",
            "`accounts.zoho.com`",
        ),
    ] {
        let error = get(provider).endpoints(&given).unwrap_err();
        assert!(error.problem().contains(problem) && error.fix().contains(fix), "{error}");
    }
    // An id that no URL has may be any text.
    assert!(get("google").endpoints(&values([("client_id", "1-a.apps.googleusercontent.com/x y")])).is_ok());
}

#[test]
fn a_redirect_is_registered_to_the_letter() {
    let server = url::Url::parse("https://keystroke.example.com/").unwrap();
    for (redirect, local, on_port) in [
        ("", "http://127.0.0.1/callback", Some("http://127.0.0.1:4711/callback")),
        ("[redirect]\nport = 8765", "http://127.0.0.1:8765/callback", Some("http://127.0.0.1:4711/callback")),
        (
            "[redirect]\nform = \"localhost\"\npath = \"/\"",
            "http://localhost/",
            Some("http://localhost:4711/"),
        ),
        ("[redirect]\nform = \"https\"", "https://localhost/callback", None),
    ] {
        let provider = Provider::parse("example", &format!("{SHORT}{redirect}\n")).unwrap();
        assert_eq!(provider.redirect().to_register(None), local);
        assert_eq!(provider.redirect().on_port(4711).as_deref(), on_port);
        let path = match provider.redirect() {
            Redirect::Loopback { path, .. } | Redirect::Https { path } => path,
        };
        assert_eq!(
            provider.redirect().to_register(Some(&server)),
            format!("https://keystroke.example.com{path}")
        );
    }
}
