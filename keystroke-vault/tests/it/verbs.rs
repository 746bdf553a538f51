//! The verbs: what each does, and what each refuses with which fix.

use std::time::{Duration, SystemTime};

use crate::common::{Home, exa, id, lent, store};
use keystroke_core::scope::Scope;
use keystroke_core::{Assignment, CredentialKind, Fields, Instance, Label, Owner, Runtime, Status};
use keystroke_vault::{Add, Change, Filter, NewFields, NewInstance, Vault, VaultError};

fn fields(name: &str, value: &str) -> Fields {
    let mut fields = Fields::new();
    fields.set(name, value);
    fields
}

fn new(instance: Instance) -> NewInstance {
    NewInstance::new(instance.field("api_key", "a-long-secret"))
}

/// Asserts that something was refused, and that the refusal says each of these.
#[track_caller]
fn refused<T>(result: Result<T, VaultError>, says: &[&str]) -> VaultError {
    let Err(error) = result else { panic!("was not refused") };
    for part in says {
        assert!(error.to_string().contains(part), "`{error}` does not say `{part}`");
    }
    error
}

#[tokio::test]
async fn what_is_stored_is_lent() {
    let (home, vault) = Home::with_vault();
    let stored = vault.add(vec![new(exa().in_organization("acme").label("Shared"))], Add::OnlyFirst).unwrap();
    let record = stored.first().unwrap();
    let number = record.candidate.id.as_str().strip_prefix("exa-").unwrap();
    assert_eq!(number.len(), 12);
    assert!(number.chars().all(|c| "0123456789abcdefghjkmnpqrstvwxyz".contains(c)));
    assert_eq!(record.candidate.version, 1);
    assert_eq!(record.fields, ["api_key"]);
    assert_eq!(lent(&vault, "research").await.unwrap(), "a-long-secret");
    drop(vault);
    assert_eq!(lent(&home.open(), "research").await.unwrap(), "a-long-secret");
}

#[test]
fn everything_but_the_secret_comes_back() {
    let (home, vault) = Home::with_vault();
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_900_000_000_123);
    let instance = Instance::new("mail")
        .of_user("acme", "ada")
        .kind(CredentialKind::OauthManaged)
        .field("access_token", "token-token")
        .field("zone", "eu")
        .label("Åda’s mail")
        .account("ada@example.com")
        .granted(["read", "send mail"])
        .expires_at(at)
        .status(Status::NeedsReconnect)
        .default();
    vault.add(vec![NewInstance::new(instance).allow_short("zone")], Add::OnlyFirst).unwrap();
    let record = home.open().list(&Filter::default()).unwrap().remove(0);
    let candidate = &record.candidate;
    assert_eq!(candidate.scope(), Scope::User);
    assert_eq!(candidate.label, Some(Label::from("Åda’s mail")));
    assert_eq!(candidate.account.as_deref(), Some("ada@example.com"));
    assert_eq!(candidate.granted, ["read", "send mail"]);
    assert_eq!(candidate.expires_at, Some(at));
    assert_eq!(candidate.status, Status::NeedsReconnect);
    assert_eq!(candidate.kind, CredentialKind::OauthManaged);
    assert!(candidate.default);
    assert_eq!(record.fields, ["access_token", "zone"]);
    // The field that may be short still may when it is rotated; the new secret ends the need to reconnect.
    let rotated = vault.rotate(&candidate.id, fields("zone", "us")).unwrap();
    assert_eq!((rotated.candidate.status, rotated.candidate.expires_at), (Status::Active, None));
}

#[test]
fn adding_is_all_or_none() {
    let (_home, vault) = Home::with_vault();
    let bad = new(exa().in_project("acme", "ops").id("other")).allow_short("x");
    let worse =
        NewInstance::new(exa().in_project("acme", "research").id("taken").field("api_key", "long-enough"));
    store(&vault, "taken", exa().in_organization("globex"));
    refused(vault.add(vec![bad, worse], Add::OnlyFirst), &["`taken` is in use"]);
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 1);
    vault.verify().unwrap();
}

#[test]
fn a_second_one_needs_add() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "first", exa().in_organization("acme"));
    let error = refused(
        vault.add(vec![new(exa().in_organization("acme"))], Add::OnlyFirst),
        &["first", "keystroke credentials rotate first", "--add"],
    );
    assert!(matches!(error, VaultError::InstanceExists { .. }));
    vault.add(vec![new(exa().in_project("acme", "research"))], Add::OnlyFirst).unwrap();
    vault.add(vec![new(exa().in_organization("globex"))], Add::OnlyFirst).unwrap();
    vault.add(vec![new(exa().in_organization("acme"))], Add::Another).unwrap();
    // Twice the same owner in one call is as wrong as in two.
    let twice = || new(Instance::new("slack").in_organization("acme"));
    refused(vault.add(vec![twice(), twice()], Add::OnlyFirst), &["rotate"]);
    // A revoked one can't be rotated, and the fix does not send anybody there.
    vault.revoke(&id("first")).unwrap();
    let other = vault.list(&Filter { key: Some("exa".to_owned()), ..Filter::default() }).unwrap();
    let other = other.iter().find(|one| {
        one.candidate.id.as_str() != "first"
            && one.candidate.owner == Owner::Organization
            && one.candidate.organization == "acme"
    });
    let rotate = format!("credentials rotate {} --set", other.unwrap().candidate.id);
    refused(vault.add(vec![new(exa().in_organization("acme"))], Add::OnlyFirst), &[&rotate]);
    let listed = vault.list(&Filter { key: Some("exa".to_owned()), ..Filter::default() }).unwrap();
    assert_eq!(listed.len(), 4);
}

#[test]
fn names_and_values_are_checked() {
    let (_home, vault) = Home::with_vault();
    let long = "x".repeat(129);
    let add = |new: NewInstance| vault.add(vec![new], Add::OnlyFirst).map(|_| ());
    let value = |value: &str| NewInstance::new(exa().in_organization("acme").field("api_key", value));
    refused(add(value("")), &["`api_key` is empty"]);
    refused(add(value("").allow_short("api_key")), &["`api_key` is empty"]);
    refused(add(value("1234567")), &["`api_key` has fewer than 8 bytes", "allow"]);
    refused(add(value(&"x".repeat(65_537))), &["64 KiB"]);
    add(value("1234567").allow_short("api_key")).unwrap();
    refused(add(NewInstance::new(exa().in_organization("acme"))), &["no fields"]);
    refused(add(new(exa())), &["the organization is empty"]);
    refused(add(new(exa().in_organization(&long))), &["the organization is too long"]);
    refused(add(new(exa().in_organization("a\nb"))), &["the organization holds control"]);
    refused(add(new(exa().in_project("acme", ""))), &["the project is empty"]);
    refused(add(new(exa().of_user("acme", "a\0b"))), &["the user holds control"]);
    refused(add(new(Instance::new("Exa").in_organization("acme"))), &["the key may only hold"]);
    refused(add(new(Instance::new("").in_organization("acme"))), &["the key is empty"]);
    refused(add(new(exa().in_organization("acme").id("a b"))), &["the id may only hold"]);
    refused(add(new(exa().in_organization("acme").label("a\u{7}"))), &["the label holds control"]);
    refused(add(new(exa().in_organization("acme").account(""))), &["the account is empty"]);
    refused(
        add(new(exa().in_organization("acme").granted(["a", "b\nc"]))),
        &["a granted scope holds control"],
    );
    refused(
        add(new(exa().in_organization("acme").field("a\nb", "long-enough"))),
        &["a field's name holds control"],
    );
    assert_eq!(vault.list(&Filter::default()).unwrap().len(), 1);
}

#[tokio::test]
async fn rotating_replaces_what_is_given() {
    let (_home, vault) = Home::with_vault();
    let record =
        store(&vault, "shared", exa().in_organization("acme").label("Shared").field("extra", "extra-long"));
    let rotated = vault.rotate(&id("shared"), fields("api_key", "the-second-one")).unwrap();
    assert_eq!(rotated.candidate.version, record.candidate.version + 1);
    assert_eq!(rotated.candidate.label, record.candidate.label);
    assert_eq!(rotated.fields, ["api_key", "extra"]);
    assert_eq!(lent(&vault, "research").await.unwrap(), "the-second-one");
    refused(vault.rotate(&id("shared"), fields("api_key", "short")), &["fewer than 8"]);
    vault.rotate(&id("shared"), NewFields::new(fields("api_key", "short")).allow_short("api_key")).unwrap();
    refused(vault.rotate(&id("gone"), fields("api_key", "long-enough")), &["credentials list"]);
}

#[test]
fn rotating_takes_no_more_than_reads_accept() {
    let (home, vault) = Home::with_vault();
    let many = |prefix: &str| {
        let mut fields = Fields::new();
        for number in 0..64 {
            fields.set(format!("{prefix}{number}"), "long-enough");
        }
        fields
    };
    let instance =
        many("a").iter().fold(exa().in_organization("acme").id("big"), |instance, (name, value)| {
            instance.field(name, value.expose_secret())
        });
    vault.add([instance], Add::OnlyFirst).unwrap();
    refused(vault.rotate(&id("big"), many("b")), &["more than 64 fields", "fewer"]);
    refused(vault.rotate(&id("big"), fields("one-more", "long-enough")), &["more than 64 fields"]);
    // What is there may be exchanged, and what takes the place of another counts once.
    vault.rotate(&id("big"), many("a")).unwrap();
    let exchange = NewFields::new(fields("b0", "long-enough")).unset("a0");
    assert_eq!(vault.rotate(&id("big"), exchange).unwrap().fields.len(), 64);
    for vault in [&vault, &home.open()] {
        assert_eq!(vault.list(&Filter::default()).unwrap().len(), 1);
        vault.verify().unwrap();
    }
    vault.delete(&id("big")).unwrap();
}

#[tokio::test]
async fn a_field_that_was_set_by_mistake_can_be_taken_out() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let rotate = |new: NewFields| vault.rotate(&id("shared"), new);
    rotate(NewFields::new(fields("api-key", "short")).allow_short("api-key")).unwrap();
    let mended = rotate(NewFields::new(Fields::new()).unset("api-key")).unwrap();
    assert_eq!(mended.fields, ["api_key"]);
    assert_eq!(lent(&vault, "research").await.unwrap(), "shared-secret");
    // What was allowed for the field went with it.
    refused(rotate(fields("api-key", "short").into()), &["fewer than 8"]);
    refused(
        rotate(NewFields::new(Fields::new()).unset("other")),
        &["`other` is not a field", "use one of `api_key`"],
    );
    refused(rotate(NewFields::new(Fields::new()).unset("api_key")), &["has no fields"]);
    refused(rotate(NewFields::new(fields("api_key", "long-enough")).unset("api_key")), &["set and unset"]);
    let twice = NewFields::new(fields("b", "long-enough")).unset("api_key").unset("api_key");
    refused(rotate(twice), &["named twice"]);
    assert_eq!(vault.get(&id("shared")).unwrap().candidate.version, mended.candidate.version);
}

#[test]
fn an_assignment_takes_a_slug_that_an_action_can_have() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let assign = |slug: &str| {
        vault.assign(&Assignment::in_project("acme", "research").direct(slug), "exa", &id("shared"))
    };
    let long = "x".repeat(65);
    for (slug, better) in [
        ("WeatherNow", "`weather-now`"),
        ("weather now!", "`weather-now`"),
        ("Weather2Go", "`weather2-go`"),
        ("", "`web-search`"),
        ("é", "`web-search`"),
        // Not the slug that a secret would give.
        ("wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY", "`weather-now`"),
        (long.as_str(), &format!("`{}`", &long[1..])),
    ] {
        refused(assign(slug), &["the action's slug is not 1 to 64", better]);
    }
    for slug in [&long[1..], "a_b-9"] {
        assign(slug).unwrap();
    }
}

#[test]
fn one_default_per_owner() {
    let (home, vault) = Home::with_vault();
    for (name, instance) in [
        ("a", exa().in_organization("acme").default()),
        ("b", exa().in_organization("acme").default()),
        ("c", exa().in_project("acme", "research").default()),
        ("d", exa().in_organization("globex").default()),
    ] {
        store(&vault, name, instance);
    }
    let defaults = || {
        let marked = vault.list(&Filter::default()).unwrap();
        let marked = marked.iter().filter(|record| record.candidate.default);
        marked.map(|record| record.candidate.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(defaults(), ["b", "c", "d"]);
    vault.update(&id("a"), Change { default: Some(true), ..Change::default() }).unwrap();
    assert_eq!(defaults(), ["a", "c", "d"]);
    // Whoever has SQLite alone can't make a second one either.
    let connection = rusqlite::Connection::open(home.path().join("vault.db")).unwrap();
    let second = connection.execute("UPDATE instances SET is_default = 1 WHERE id = 'b'", []).unwrap_err();
    assert_eq!(second.sqlite_error_code(), Some(rusqlite::ErrorCode::ConstraintViolation));
}

/// The mark of a revoked instance is what is chosen, so there must be a way to take it away.
#[tokio::test]
async fn a_mark_and_a_label_can_be_taken_away() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "old", exa().in_organization("acme").default().label("Old"));
    vault.revoke(&id("old")).unwrap();
    vault.add(vec![new(exa().in_organization("acme").id("new"))], Add::Another).unwrap();
    assert!(lent(&vault, "research").await.unwrap_err().contains("credentials update new --default"));
    let change = Change { label: Some(None), default: Some(false) };
    let candidate = vault.update(&id("old"), change).unwrap().candidate;
    assert_eq!((candidate.default, &candidate.label, candidate.status), (false, &None, Status::Revoked));
    lent(&vault, "research").await.unwrap();
    vault.verify().unwrap();
}

#[tokio::test]
async fn revoked_stays_revoked() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme").default());
    assert_eq!(vault.revoke(&id("shared")).unwrap().candidate.status, Status::Revoked);
    vault.revoke(&id("shared")).unwrap();
    assert!(lent(&vault, "research").await.unwrap_err().contains("revoked"));
    refused(
        vault.rotate(&id("shared"), fields("api_key", "long-enough")),
        &["`shared` is revoked", "list exa"],
    );
    refused(vault.update(&id("shared"), Change { default: Some(true), label: None }), &["is revoked"]);
    vault.update(&id("shared"), Change { label: Some(Some("Old".into())), ..Change::default() }).unwrap();
    let revokes = vault.audit(&Default::default()).unwrap();
    assert_eq!(
        revokes.iter().filter(|entry| entry.event == "revoke").count(),
        1,
        "what changes nothing is no event"
    );
}

#[test]
fn deleting_takes_the_assignments_along() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    let to = Assignment::in_project("acme", "research").direct("reveal");
    vault.assign(&to, "exa", &id("shared")).unwrap();
    assert_eq!(vault.get(&id("shared")).unwrap().used_by, std::slice::from_ref(&to));
    assert_eq!(vault.delete(&id("shared")).unwrap().used_by, [to]);
    assert!(vault.assignments(&Filter::default()).unwrap().is_empty());
    refused(vault.get(&id("shared")), &["no instance `shared`", "credentials list"]);
    refused(vault.delete(&id("shared")), &["credentials list"]);
    let verified = vault.verify().unwrap();
    assert_eq!((verified.instances, verified.groups, verified.assignments), (0, 0, 0));
    // An id that is used again never repeats a version.
    assert!(store(&vault, "shared", exa().in_organization("acme")).candidate.version > 1);
}

#[tokio::test]
async fn an_assignment_chooses() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "own", exa().in_project("acme", "research"));
    store(&vault, "shared", exa().in_organization("acme"));
    store(&vault, "ops", exa().in_project("acme", "ops"));
    store(&vault, "foreign", exa().in_organization("globex"));
    let slack = Instance::new("slack").in_organization("acme");
    store(&vault, "slack", slack);
    let to = Assignment::in_project("acme", "research").tool("researcher", "reveal");
    refused(vault.assign(&to, "exa", &id("ops")), &["the project `ops`", "list exa"]);
    refused(vault.assign(&to, "exa", &id("foreign")), &["another organization"]);
    refused(vault.assign(&to, "exa", &id("slack")), &["a `slack` credential"]);
    refused(vault.assign(&to, "exa", &id("gone")), &["no instance"]);
    vault.assign(&to, "exa", &id("own")).unwrap();
    vault.assign(&to, "exa", &id("shared")).unwrap();
    let run = Runtime::new(vault.clone()).organization("acme").project("research");
    assert_eq!(crate::common::used(&run).await.unwrap(), "own-secret");
    let agent = run.clone().consumer(keystroke_core::Consumer::agent("researcher"));
    assert_eq!(crate::common::used(&agent).await.unwrap(), "shared-secret");
    assert!(vault.unassign(&to, "exa").unwrap());
    assert!(!vault.unassign(&to, "exa").unwrap());
    assert_eq!(crate::common::used(&agent).await.unwrap(), "own-secret");
}

#[tokio::test]
async fn a_selection_of_another_key_is_told_from_one_that_is_not_there() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "slack", Instance::new("slack").in_organization("acme"));
    store(&vault, "foreign", exa().in_organization("globex"));
    for (selected, code) in
        [("slack", "selection_mismatch"), ("foreign", "selection_not_found"), ("gone", "selection_not_found")]
    {
        let run = Runtime::new(vault.clone()).organization("acme").project("p").select("exa", selected);
        assert!(crate::common::used(&run).await.unwrap_err().contains(code), "{selected}");
    }
}

#[test]
fn lists_are_ordered_and_filtered() {
    let (_home, vault) = Home::with_vault();
    for (name, instance) in [
        ("z", exa().in_organization("acme")),
        ("y", exa().in_project("acme", "p")),
        ("x", exa().of_user("acme", "u")),
        ("w", exa().in_organization("acme")),
        ("v", exa().in_organization("aa")),
        ("u", Instance::new("aaa").in_organization("acme")),
    ] {
        store(&vault, name, instance);
    }
    let list = |filter: &Filter| {
        let found = vault.list(filter).unwrap();
        found.iter().map(|record| record.candidate.id.as_str().to_owned()).collect::<String>()
    };
    assert_eq!(list(&Filter::default()), "vuwzyx");
    assert_eq!(list(&Filter { organization: Some("acme".to_owned()), key: None }), "uwzyx");
    assert_eq!(list(&Filter { organization: None, key: Some("exa".to_owned()) }), "vwzyx");
    assert_eq!(list(&Filter { organization: Some("no".to_owned()), key: None }), "");
}

#[test]
fn the_metadata_is_all_that_there_is_but_secrets() {
    let (_home, vault) = Home::with_vault();
    let empty = vault.metadata(&Filter::default()).unwrap();
    assert_eq!((empty.generation, empty.keys.len(), empty.records.len()), (0, 1, 0));
    store(&vault, "shared", exa().in_organization("acme"));
    store(&vault, "foreign", exa().in_organization("globex"));
    vault.assign(&Assignment::in_project("acme", "p").direct("search"), "exa", &id("shared")).unwrap();
    let all = vault.metadata(&Filter::default()).unwrap();
    assert_eq!(format!("{:?}", all.records), format!("{:?}", vault.list(&Filter::default()).unwrap()));
    assert_eq!(all.assignments, vault.assignments(&Filter::default()).unwrap());
    assert_eq!((all.generation, all.keys.first().unwrap().id.is_empty()), (3, false));
    assert!(!format!("{all:?}").contains("-secret"));
    let acme = Filter { organization: Some("acme".to_owned()), ..Filter::default() };
    assert_eq!(vault.metadata(&acme).unwrap().records.len(), 1);
}

#[test]
fn what_a_handle_shows_of_itself_is_where_it_is() {
    fn shared<T: Clone + Send + Sync>(_: &T) {}
    let (home, vault) = Home::with_vault();
    shared(&vault);
    assert!(format!("{vault:?}").contains("vault.db"));
    assert_eq!(vault.options().data_folder(), home.path());
    assert!(matches!(Vault::init(home.options()), Err(VaultError::VaultExists { .. })));
}

#[tokio::test]
async fn a_move_is_seen_at_once_and_the_old_owner_has_none_left() {
    let (home, vault) = Home::with_vault();
    let before = store(&vault, "exa-1", exa().in_project("acme", "ops").label("Shared").default());
    // Another handle, as another process would have, with a run that holds the value.
    let other = home.open();
    let ops = Runtime::new(other.clone()).organization("acme").project("ops");
    let research = Runtime::new(other).organization("acme").project("research");
    assert_eq!(crate::common::used(&ops).await.unwrap(), "exa-1-secret");
    assert!(crate::common::used(&research).await.unwrap_err().contains("missing"));

    let moved =
        vault.move_to(&id("exa-1"), Owner::Project("research".to_owned()), Add::OnlyFirst).unwrap().candidate;
    let expected = (before.candidate.version + 1, Some(Label::from("Shared")), false);
    assert_eq!((moved.version, moved.label.clone(), moved.default), expected);
    assert_eq!(moved.owner, Owner::Project("research".to_owned()));
    assert!(crate::common::used(&ops).await.unwrap_err().contains("missing"));
    assert_eq!(crate::common::used(&research).await.unwrap(), "exa-1-secret");
    // To the organization, and to a user.
    vault.move_to(&id("exa-1"), Owner::Organization, Add::OnlyFirst).unwrap();
    assert_eq!(crate::common::used(&ops).await.unwrap(), "exa-1-secret");
    vault.move_to(&id("exa-1"), Owner::User("ada".to_owned()), Add::OnlyFirst).unwrap();
    assert!(crate::common::used(&research).await.unwrap_err().contains("missing"));
    drop(vault);
    let vault = home.open();
    vault.verify().unwrap();
    let moves = vault.audit(&Default::default()).unwrap().into_iter().filter(|entry| entry.event == "move");
    let told: Vec<_> = moves
        .map(|entry| (entry.version.unwrap(), entry.project, entry.user, entry.cause.unwrap()))
        .collect();
    let version = moved.version;
    assert_eq!(
        told,
        [
            (version, Some("research".to_owned()), None, "from project ops".to_owned()),
            (version + 1, None, None, "from project research".to_owned()),
            (version + 2, None, Some("ada".to_owned()), "from organization".to_owned()),
        ]
    );
}

#[test]
fn a_move_that_would_not_fit_is_refused_and_changes_nothing() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme"));
    store(&vault, "theirs", exa().in_project("acme", "ops").default());
    store(&vault, "gone", exa().of_user("acme", "ada"));
    vault.revoke(&id("gone")).unwrap();
    for place in [
        Assignment::in_project("acme", "ops").direct("search"),
        Assignment::in_project("acme", "research").tool("researcher", "search"),
    ] {
        vault.assign(&place, "exa", &id("shared")).unwrap();
    }
    let before = format!("{:?}", vault.list(&Filter::default()).unwrap());
    let rows = vault.audit(&Default::default()).unwrap().len();
    let project = |name: &str| Owner::Project(name.to_owned());
    let go = |name: &str, owner: Owner| {
        let asked = vault.check_move(&id(name), &owner, Add::OnlyFirst);
        let done = vault.move_to(&id(name), owner, Add::OnlyFirst);
        assert_eq!(
            asked.map_err(|error| error.to_string()).err(),
            done.as_ref().err().map(ToString::to_string)
        );
        done
    };
    refused(go("no-such", Owner::Organization), &["no instance `no-such`"]);
    refused(go("gone", Owner::Organization), &["`gone` is revoked"]);
    refused(go("shared", project("ops")), &["project `ops` has a credential", "`theirs`", "--add"]);
    refused(go("shared", Owner::User("ada".into())), &["the user `ada` has", "`gone`, which is revoked"]);
    refused(go("shared", project("")), &["the project is empty"]);
    refused(go("shared", Owner::User("a\nb".into())), &["the user holds control"]);
    // Each of its assignments is in a project of its own.
    let error = refused(
        vault.move_to(&id("shared"), project("ops"), Add::Another),
        &[
            "cannot go to the project `ops`",
            "`search` (agent researcher) in the project `research`",
            "unassign",
        ],
    );
    assert!(matches!(error, VaultError::StillAssigned { ref assignments, .. } if assignments.len() == 1));
    assert_eq!(error.code(), "still_assigned");
    // Asking is no move.
    vault.check_move(&id("shared"), &project("research"), Add::Another).unwrap_err();
    vault.check_move(&id("theirs"), &Owner::Organization, Add::Another).unwrap();
    // What is its owner's already stays as it is.
    let same = go("theirs", project("ops")).unwrap();
    assert!(same.candidate.default);
    assert_eq!(format!("{:?}", vault.list(&Filter::default()).unwrap()), before);
    assert_eq!(vault.audit(&Default::default()).unwrap().len(), rows);
}

#[tokio::test]
async fn a_move_takes_its_assignments_along_and_leaves_its_default_mark_behind() {
    let (_home, vault) = Home::with_vault();
    store(&vault, "shared", exa().in_organization("acme").default());
    store(&vault, "own", exa().in_project("acme", "research").default());
    let place = Assignment::in_project("acme", "research").direct("reveal");
    vault.assign(&place, "exa", &id("shared")).unwrap();
    let moved = vault.move_to(&id("shared"), Owner::Project("research".to_owned()), Add::Another).unwrap();
    assert_eq!((moved.candidate.default, moved.used_by.as_slice()), (false, std::slice::from_ref(&place)));
    assert!(vault.get(&id("own")).unwrap().candidate.default, "R10: the mark of the new owner stays");
    let run = Runtime::new(vault.clone()).organization("acme").project("research");
    assert_eq!(crate::common::used(&run).await.unwrap(), "shared-secret");
    assert!(vault.unassign(&place, "exa").unwrap());
    assert_eq!(crate::common::used(&run).await.unwrap(), "own-secret");
    vault.update(&id("shared"), Change { default: Some(true), label: None }).unwrap();
    assert_eq!(crate::common::used(&run).await.unwrap(), "shared-secret");
    vault.verify().unwrap();
}

/// The fix of `wrong_kind` is a rotation, so it must be one.
#[tokio::test]
async fn a_rotation_makes_an_instance_of_another_kind_an_api_key() {
    let (_home, vault) = Home::with_vault();
    let oauth = exa().in_organization("acme").kind(CredentialKind::OauthManaged).granted(["read"]);
    let stored = vault.add([oauth.field("access_token", "token-token")], Add::OnlyFirst).unwrap().remove(0);
    let error = lent(&vault, "research").await.unwrap_err();
    assert!(error.contains("wrong_kind") || error.contains("is of the kind"), "{error}");

    vault.rotate(&stored.candidate.id, fields("api_key", "a-long-secret")).unwrap();
    assert_eq!(lent(&vault, "research").await.unwrap(), "a-long-secret");
    let record = vault.get(&stored.candidate.id).unwrap();
    assert_eq!(record.candidate.kind, CredentialKind::ApiKey);
    assert_eq!(record.candidate.granted, Vec::<String>::new());
}
