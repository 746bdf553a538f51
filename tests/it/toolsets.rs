//! Lists made of lists: merged, spread, conditional; what they need is in their type whatever the conditions say.

use keystroke::error::ToolsetError;
use keystroke::prelude::*;
use serde_json::json;

/// A library, which gives its tools away as one value.
mod library {
    use keystroke::prelude::*;

    /// Searches.
    #[action(slug = "search")]
    pub(super) async fn search() -> Result<String, Failure> {
        Ok("found".into())
    }

    /// Posts a message.
    #[action(slug = "post", scope = user)]
    pub(super) async fn post(cx: &ActionContext) -> Result<String, Failure> {
        Ok(cx.user().unwrap_or("nobody").to_owned())
    }

    pub(super) fn tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
        toolset![Search]
    }
}
use library::{Post, Search};

/// Reads.
#[action(slug = "read")]
async fn read() -> Result<u8, Failure> {
    Ok(1)
}

/// Searches elsewhere.
#[action(slug = "search")]
async fn search_again() -> Result<(), Failure> {
    Ok(())
}

/// No description, but one that is blank once it is read.
#[action(slug = "blank", description = ".")]
async fn blank() -> Result<(), Failure> {
    Ok(())
}

fn slugs<N: keystroke::scope::Need>(tools: &Toolset<N>) -> Vec<&'static str> {
    tools.descriptors().map(|tool| tool.name).collect()
}

fn run() -> Run<Anonymous> {
    Runtime::new(MemoryStore::new()).organization("acme").project("research")
}

#[tokio::test]
async fn two_toolsets_are_merged_in_order_and_need_what_either_needs() {
    let tools: Toolset<NeedsUser> =
        toolset![Read].expect("sound").merge(toolset![Post].expect("sound")).expect("sound");
    assert_eq!(slugs(&tools), ["read", "post"]);
    let output = tools.call("post", json!({}), &run().as_user("ada")).await.expect("it runs");
    assert_eq!(output.json(), "ada");
    let tools: Toolset<NoUser> = toolset![Read].expect("sound").merge(library::tools()).expect("sound");
    assert_eq!(slugs(&tools), ["read", "search"]);
    assert_eq!(tools.call("search", json!({}), &run()).await.expect("it runs").json(), "found");
}

#[test]
fn a_list_is_spread_into_another_as_a_toolset_or_as_the_result_of_one() {
    let spread: Toolset<NoUser> = toolset![..library::tools(), Read].expect("sound");
    assert_eq!(slugs(&spread), ["search", "read"]);
    let built = library::tools().expect("sound");
    let spread: Toolset<NeedsUser> = toolset![Read, Post, ..built.clone(),].expect("sound");
    assert_eq!(slugs(&spread), ["read", "post", "search"]);
    let both =
        toolset![..if spread.descriptors().next().is_some() { built } else { toolset![].expect("sound") }];
    assert_eq!(slugs(&both.expect("sound")), ["search"]);
}

#[test]
fn a_slug_in_both_lists_is_a_finding_and_so_is_what_was_wrong_with_either() {
    let twice = |errors: &keystroke::ToolsetErrors| {
        errors
            .errors()
            .iter()
            .filter(|error| matches!(error, ToolsetError::SameSlug { slug: "search" }))
            .count()
    };
    let errors = toolset![..library::tools(), SearchAgain].expect_err("one slug twice");
    assert_eq!((twice(&errors), errors.errors().len()), (1, 1), "{errors}");
    let errors = toolset![SearchAgain].expect("sound").merge(library::tools()).expect_err("one slug twice");
    assert_eq!(twice(&errors), 1, "{errors}");
    // All findings at once: those of the list that is spread, then those of this one.
    let broken = toolset![..library::tools(), SearchAgain];
    let errors = toolset![..broken, Read, ..toolset![Read]].expect_err("two findings");
    assert_eq!((twice(&errors), errors.errors().len()), (1, 2), "{errors}");
}

#[tokio::test]
async fn a_condition_changes_what_is_in_a_list_and_never_its_type() {
    let tools = |posts: bool| -> Toolset<NeedsUser> {
        let list = Toolset::builder().add(Read).add_if(posts, Post).add_if(posts, Search.scope(User));
        list.build().expect("sound")
    };
    assert_eq!(slugs(&tools(true)), ["read", "post", "search"]);
    assert_eq!(slugs(&tools(false)), ["read"]);
    let output = tools(false).call("read", json!({}), &run().as_user("ada")).await.expect("it runs");
    assert_eq!(output.json(), 1);

    let branches = |posts: bool| {
        if posts { toolset![Post] } else { toolset![Read].map(Toolset::needing_user) }.expect("sound")
    };
    assert_eq!((slugs(&branches(true)), slugs(&branches(false))), (vec!["post"], vec!["read"]));

    let mut list = Toolset::builder().needing_user();
    for posts in [false, true] {
        if posts {
            list = list.add(Post);
        }
    }
    assert_eq!(slugs(&list.build().expect("sound").into_builder().build().expect("sound")), ["post"]);
}

#[test]
fn an_entry_may_be_conditional_and_has_comments() {
    let tools: Toolset<NoUser> = toolset![
        /// Searches; a comment here, and no one's description.
        Search,
        #[cfg(any())]
        missing::Action.scope(User),
        #[cfg(all())]
        Read,
        #[cfg(any())]
        ..missing::tools(),
        #[cfg(not(any()))]
        #[cfg(all())]
        #[allow(deprecated, reason = "nothing is")]
        Blank.scope(Organization),
    ]
    .expect("sound");
    assert_eq!(slugs(&tools), ["search", "read", "blank"]);
    // Two that are never there together may have one slug.
    let tools = toolset![
        #[cfg(any())]
        Search,
        #[cfg(not(any()))]
        SearchAgain
    ];
    assert_eq!(slugs(&tools.expect("sound")), ["search"]);
}

#[test]
fn what_goes_into_a_list_can_be_named_as_its_author_likes() {
    let list = library::tools().expect("sound");
    assert_eq!(slugs(&toolset![..list, Read].expect("sound")), ["search", "read"]);
}
