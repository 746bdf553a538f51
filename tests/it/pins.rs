//! Pins at every level (SEMANTICS P1–P4): which scope a credential is taken from, and what the trace says of it.

use keystroke::prelude::*;

#[credential(key = "plain")]
struct Plain {
    token: SecretString,
}

#[credential(key = "own", scope = user)]
struct Own {
    token: SecretString,
}

/// Has no pin.
#[action(slug = "free")]
async fn free(plain: &Plain) -> Result<usize, Failure> {
    Ok(plain.token.expose_secret().len())
}

/// Is pinned itself.
#[action(slug = "pinned", scope = organization, handle = Pinned_)]
async fn pinned(plain: &Plain) -> Result<usize, Failure> {
    Ok(plain.token.expose_secret().len())
}

/// Pins one parameter.
#[action(slug = "mixed")]
async fn mixed(plain: &Pinned<Plain, Project>, own: &Own) -> Result<usize, Failure> {
    Ok(plain.token.expose_secret().len() + own.token.expose_secret().len())
}

fn run() -> Run<Anonymous> {
    let of = |key: &str| Instance::new(key).field("token", "12345678");
    let store = MemoryStore::new()
        .with(of("plain").in_project("acme", "research").id("plain-p"))
        .with(of("plain").in_organization("acme").id("plain-o"))
        .with(of("plain").of_user("acme", "ada").id("plain-u"))
        .with(of("own").of_user("acme", "ada").id("own-u"))
        .with(of("own").in_project("acme", "research").id("own-p"));
    Runtime::new(store).organization("acme").project("research")
}

fn chosen(explained: &keystroke::Explanation) -> Vec<(&str, &str)> {
    let of = |resolution: &keystroke::explain::Resolution| {
        resolution.result().ok().flatten().map_or("none", |chosen| chosen.rule.as_str())
    };
    let id = |resolution: &'_ keystroke::explain::Resolution| {
        resolution.result().expect("it resolves").expect("it is required").instance.id.clone()
    };
    explained
        .resolutions()
        .iter()
        .map(|resolution| {
            let id: &'static str = match id(resolution).as_str() {
                "plain-p" => "plain-p",
                "plain-o" => "plain-o",
                "plain-u" => "plain-u",
                "own-u" => "own-u",
                _ => "another",
            };
            (id, of(resolution))
        })
        .collect()
}

#[tokio::test]
async fn every_level_pins_all_credentials_of_the_action() {
    let (run, ada) = (run(), run().as_user("ada"));
    assert_eq!(chosen(&Free.run(&run, ()).explain().await), [("plain-p", "R4")]);
    assert_eq!(chosen(&Free.run(&run, ()).scope(Organization).explain().await), [("plain-o", "R3")]);
    assert_eq!(chosen(&Free.scope(Organization).run(&run, ()).explain().await), [("plain-o", "R3")]);
    assert_eq!(chosen(&Pinned_.run(&run, ()).explain().await), [("plain-o", "R3")]);
    assert_eq!(chosen(&Free.scope(User).run(&ada, ()).explain().await), [("plain-u", "R3")]);
    assert_eq!(chosen(&Mixed.run(&ada, ()).explain().await), [("plain-p", "R3"), ("own-u", "R3")]);
}

#[tokio::test]
async fn equal_pins_agree_at_every_level() {
    let run = run();
    let call = Pinned_.scope(Organization).run(&run, ()).scope(Organization).scope(Organization);
    assert_eq!(chosen(&call.explain().await), [("plain-o", "R3")]);
    assert_eq!(call.await.expect("it runs"), 8);
}

#[test]
fn a_toolset_needs_a_user_if_any_entry_does() {
    fn needs<N: keystroke::scope::Need>(_: &Toolset<N>) -> bool {
        N::NEEDS_USER
    }
    let _: Toolset<NoUser> = toolset![Free, Pinned_].expect("a sound list");
    let _: Toolset<NeedsUser> = toolset![Free.scope(User), Pinned_].expect("a sound list");
    assert!(needs(&toolset![Pinned_, Mixed].expect("a sound list")));
    assert!(!needs(&toolset![].expect("an empty list is a list")));
    let built = Toolset::builder().add(Free).add(Mixed).build().expect("a sound list");
    assert!(needs(&built));
}

#[tokio::test]
async fn a_background_run_resolves_without_a_user() {
    let run = run().background(BackgroundOrigin::Gateway);
    assert_eq!(Free.run(&run, ()).await.expect("the project's"), 8);
    assert_eq!(run.facts().origin.as_str(), "gateway");
    assert_eq!(run.facts().user, None);
}
