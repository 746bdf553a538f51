//! Scopes are compared by what they mean, and asked for once.

use serde_json::json;

use crate::provider::Providers;

#[test]
fn what_was_granted_is_compared_by_alias_and_implication() {
    let email = "https://www.googleapis.com/auth/userinfo.email";
    let calendar = "https://www.googleapis.com/auth/calendar";
    let events = "https://www.googleapis.com/auth/calendar.events.readonly";
    for (provider, granted, wanted, missing) in [
        ("google", vec![email], vec!["email"], vec![]),
        ("google", vec!["email"], vec![email], vec![]),
        // Through two steps: the calendar has its events, and they can be read.
        ("google", vec![calendar], vec![events], vec![]),
        ("google", vec![events], vec![calendar], vec![calendar]),
        ("github", vec!["repo"], vec!["public_repo", "gist"], vec!["gist"]),
        ("github", vec!["admin:org"], vec!["read:org"], vec![]),
        ("github", vec!["REPO"], vec!["repo"], vec!["repo"]),
        (
            "microsoft",
            vec!["https://graph.microsoft.com/Mail.ReadWrite"],
            vec!["mail.read", "User.Read"],
            vec!["User.Read"],
        ),
        ("microsoft", vec!["mail.readwrite"], vec!["https://graph.microsoft.com/Mail.Read"], vec![]),
        ("shopify", vec!["write_products"], vec!["read_products"], vec![]),
        ("salesforce", vec!["refresh_token"], vec!["offline_access"], vec![]),
        ("slack", vec![], vec!["chat:write"], vec!["chat:write"]),
        // It has no scopes, so none can be missing.
        ("notion", vec![], vec!["read_content"], vec![]),
    ] {
        let granted: Vec<String> = granted.into_iter().map(str::to_owned).collect();
        let scopes = Providers::built_in().get(provider).unwrap().scopes().clone();
        assert_eq!(
            scopes.missing(&granted, wanted.clone()),
            missing,
            "{provider}: {granted:?} for {wanted:?}"
        );
    }
}

#[test]
fn implications_in_a_circle_end() {
    let circle =
        format!("{}\n[scopes.implies]\na = [\"b\"]\nb = [\"c\", \"a\"]\nc = [\"a\"]\n", super::SHORT);
    let provider = crate::provider::Provider::parse("circle", &circle).unwrap();
    let all = provider.scopes().contained(&["c".to_owned()]);
    assert_eq!(all.into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn each_scope_is_asked_for_once_and_in_order() {
    for (provider, asked, union, parameter) in [
        ("google", vec!["openid", "b", "a", "b"], vec!["openid", "b", "a", "email"], "openid b a email"),
        (
            "slack",
            vec!["chat:write", "users:read", "chat:write"],
            vec!["chat:write", "users:read"],
            "chat:write,users:read",
        ),
        (
            "microsoft",
            vec!["Mail.Read", "https://graph.microsoft.com/mail.read", "Offline_Access"],
            vec!["Mail.Read", "Offline_Access", "openid", "profile"],
            "Mail.Read Offline_Access openid profile",
        ),
        ("notion", vec!["read_content"], vec![], ""),
    ] {
        let scopes = Providers::built_in().get(provider).unwrap().scopes().clone();
        let got = scopes.union(asked);
        assert_eq!(
            (got.as_slice(), scopes.join(&got).as_str()),
            (union.map_owned().as_slice(), parameter),
            "{provider}"
        );
    }
}

trait Owned {
    fn map_owned(self) -> Vec<String>;
}

impl Owned for Vec<&str> {
    fn map_owned(self) -> Vec<String> {
        self.into_iter().map(str::to_owned).collect()
    }
}

#[test]
fn an_answer_names_scopes_in_a_text_or_in_a_list() {
    for (provider, answer, scopes) in [
        ("github", json!("repo,gist"), Some(vec!["repo", "gist"])),
        ("github", json!(" repo , gist,"), Some(vec!["repo", "gist"])),
        ("github", json!(""), Some(vec![])),
        ("google", json!("a b"), Some(vec!["a", "b"])),
        (
            "hubspot",
            json!(["oauth", "crm.objects.contacts.read"]),
            Some(vec!["oauth", "crm.objects.contacts.read"]),
        ),
        ("hubspot", json!(["oauth", 3]), None),
        ("google", json!({ "scope": "a" }), None),
        ("google", json!(7), None),
    ] {
        let read = Providers::built_in().get(provider).unwrap().scopes().read(&answer);
        assert_eq!(read, scopes.map(Owned::map_owned), "{provider}: {answer}");
    }
}
