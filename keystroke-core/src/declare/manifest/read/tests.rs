use serde_json::{Value, json};

use super::*;

pub(super) const CANARY: &str = "sk-canary-0123456789";

pub(super) fn sound() -> Value {
    json!({
        "format": 1,
        "application": { "name": "search", "version": "0.1.0" },
        "actions": [{
            "slug": "search",
            "name": "Search",
            "description": "Searches.",
            "annotations": { "read_only": true, "destructive": false, "idempotent": false },
            "requires": [{ "credential": "exa", "pin": null }],
        }],
        "credentials": [{
            "key": "exa",
            "name": "Exa",
            "description": "",
            "kind": "api_key",
            "pin": "project",
            "oauth_scopes": [],
            "fields": [
                { "name": "api_key", "secret": true, "required": true, "type": "text", "description": "" },
                { "name": "port", "secret": false, "required": false, "type": "u16", "description": "" },
            ],
        }],
    })
}

fn read(json: &Value) -> Result<Manifest, ManifestError> {
    Manifest::from_json(&serde_json::to_vec(json).unwrap())
}

fn with(pointer: &str, value: Value) -> Value {
    let mut json = sound();
    *json.pointer_mut(pointer).unwrap() = value;
    json
}

fn without(pointer: &str, name: &str) -> Value {
    let mut json = sound();
    json.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    json
}

#[test]
fn what_was_read_is_written_the_same() {
    let manifest = read(&sound()).unwrap();
    let text = manifest.to_string();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), sound());
    assert_eq!(Manifest::from_json(text.as_bytes()).unwrap(), manifest);
}

#[test]
fn each_error_names_its_place() {
    let field = || sound()["credentials"][0]["fields"][0].clone();
    let cases = [
        (with("/actions/0/slug", json!("Search")), "`actions[0].slug` of the manifest is not 1 to 64 of"),
        (with("/actions/0/slug", json!("")), "`actions[0].slug`"),
        (with("/credentials/0/key", json!("a b")), "`credentials[0].key` of the manifest is not 1 to 128 of"),
        (
            with("/actions/0/requires/0/credential", json!("slack")),
            "`actions[0].requires[0].credential` of the manifest is the key of none of the credentials",
        ),
        (
            with("/credentials/0/fields", json!([field(), field()])),
            "`credentials[0].fields[1].name` of the manifest is there twice",
        ),
        (with("/credentials/0/fields/1/name", json!("a\nb")), "`credentials[0].fields[1].name`"),
        (
            with("/credentials/0/fields/1/type", json!("int")),
            "`credentials[0].fields[1].type` of the manifest is not what it should be: one of `text`, `bool`",
        ),
        (
            with("/credentials/0/fields/0/secret", json!("yes")),
            "`credentials[0].fields[0].secret` of the manifest is not what it should be: a boolean",
        ),
        (
            with(
                "/credentials/0/fields/0",
                json!({ "name": "api_key", "secret": true, "required": true, "type": "text", "description": "", "default": "x" }),
            ),
            "`credentials[0].fields[0].default` of the manifest must not be there: a secret has no default",
        ),
        (with("/credentials/0/kind", json!("password")), "`credentials[0].kind`"),
        (with("/credentials/0/pin", json!("team")), "`credentials[0].pin`"),
        (with("/application/name", json!("")), "`application.name`"),
        (with("/actions", json!(3)), "`actions` of the manifest is not what it should be: a sequence"),
        (
            without("/credentials/0/fields/0", "required"),
            "`credentials[0].fields[0]` of the manifest has a missing field `required`",
        ),
        (without("/credentials/0", "pin"), "`credentials[0]` of the manifest has a missing field `pin`"),
        (without("", "credentials"), "`the root` of the manifest has a missing field `credentials`"),
    ];
    for (json, expected) in cases {
        let error = read(&json).unwrap_err();
        assert_eq!(error.code(), "manifest_invalid");
        assert!(error.to_string().contains(expected), "{error}\nexpected: {expected}");
    }
}

#[test]
fn problems_are_told_together_and_within_bounds() {
    let mut json = with("/actions/0/slug", json!("A B"));
    json["credentials"][0]["key"] = json!("C D");
    let ManifestError::Invalid { problems } = read(&json).unwrap_err() else { panic!() };
    let places: Vec<_> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places, ["actions[0].slug", "actions[0].requires[0].credential", "credentials[0].key"]);

    let many: Vec<Value> = (0..200).map(|_| sound()["actions"][0].clone()).collect();
    let ManifestError::Invalid { problems } = read(&with("/actions", json!(many))).unwrap_err() else {
        panic!()
    };
    assert_eq!(problems.len(), MOST_TOLD);
}

#[test]
fn another_format_is_told_as_such_whatever_else_it_has() {
    let newer = json!({ "format": 2, "all": "is different" });
    assert_eq!(read(&newer).unwrap_err(), ManifestError::UnknownFormat { format: 2 });
    for none in
        [json!({}), json!({ "format": null }), json!({ "format": "1" }), json!({ "format": -1 }), json!([1])]
    {
        assert_eq!(read(&none).unwrap_err(), ManifestError::NoFormat, "{none}");
    }
}

#[test]
fn what_a_later_version_added_is_passed_over() {
    let mut json = sound();
    json["credentials"][0]["fields"][0]["hint"] = json!({ "more": [1, 2] });
    json["homepage"] = json!("https://example.com");
    assert_eq!(read(&json).unwrap(), read(&sound()).unwrap());
}

#[test]
fn size_and_depth_are_bounded() {
    let mut long = serde_json::to_vec(&sound()).unwrap();
    long.resize(LONGEST, b' ');
    assert!(Manifest::from_json(&long).is_ok());
    long.push(b' ');
    assert_eq!(Manifest::from_json(&long).unwrap_err(), ManifestError::TooLong);
    let deep = format!("{{\"format\":{}1", "[".repeat(100_000));
    assert!(matches!(Manifest::from_json(deep.as_bytes()), Err(ManifestError::NotJson { line: 1, .. })));
}

/// The file may be another one than was meant, such as one with keys.
#[test]
fn no_error_repeats_what_stands_in_the_file() {
    let mut texts =
        vec![format!("EXA_API_KEY={CANARY}"), format!("{{\"format\": 1, \"{CANARY}\": {CANARY}}}")];
    for pointer in [
        "/format",
        "/application",
        "/application/name",
        "/actions",
        "/actions/0",
        "/actions/0/slug",
        "/actions/0/annotations",
        "/actions/0/annotations/read_only",
        "/actions/0/requires/0",
        "/actions/0/requires/0/credential",
        "/actions/0/requires/0/pin",
        "/credentials/0",
        "/credentials/0/key",
        "/credentials/0/kind",
        "/credentials/0/pin",
        "/credentials/0/fields/0",
        "/credentials/0/fields/0/type",
        "/credentials/0/fields/0/secret",
        "/credentials/0/fields/0/name",
    ] {
        let wrong =
            [json!(format!("{CANARY} expected {CANARY}\n")), json!({ CANARY: CANARY }), json!([CANARY])];
        texts.extend(wrong.map(|value| with(pointer, value).to_string()));
    }
    for text in texts {
        let error = Manifest::from_json(text.as_bytes()).unwrap_err();
        let told = format!("{error} {error:?} {}", error.fix());
        assert!(!told.contains(CANARY), "{text}\n{told}");
    }
    // The search finds it where it is.
    assert!(format!("{CANARY} expected").contains(CANARY));
}
