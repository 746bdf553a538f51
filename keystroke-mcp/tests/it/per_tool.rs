//! Each client is listed the tools that it can call, and calls them: what one tool needs is asked of its own callers alone,
//! and a client that is limited to some tools knows of no others.

use keystroke::mcp::{ReadyToServe, Server};
use keystroke::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::common::over_http::OverHttp;
use crate::common::{self, Client, LEGACY, SECRET, STATELESS, binding, error_text};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Whose {
    key: Option<String>,
}

/// Whose key it is, if there is one of the user's: it needs none.
#[action(slug = "own-if-any")]
async fn own_if_any(exa: Option<&Pinned<common::Exa, User>>) -> Result<Whose, Failure> {
    Ok(Whose { key: exa.and_then(|exa| exa.region().map(str::to_owned)) })
}

/// The same, and it acts for a user.
#[action(slug = "own-of-user", scope = user)]
async fn own_of_user(exa: Option<&common::Exa>) -> Result<Whose, Failure> {
    Ok(Whose { key: exa.and_then(|exa| exa.region().map(str::to_owned)) })
}

/// Two tools that act for a user, of which one needs no credential, and two that need nobody.
fn tools() -> Toolset<NeedsUser> {
    toolset![common::Echo.scope(User), common::Count, common::Tree.scope(User), common::Nothing].unwrap()
}

fn runtime() -> Runtime {
    let exa = |region| Instance::new("exa").field("api_key", SECRET).field("region", region);
    let store = MemoryStore::new()
        .with(exa("ada's").of_user("acme", "ada"))
        .with(exa("the project's").in_project("acme", "research"));
    Runtime::new(store)
}

fn server() -> Server<ReadyToServe> {
    Server::new("researcher", tools(), runtime()).run(|request| request.run())
}

const ALL: [&str; 4] = ["echo", "count", "tree", "nothing"];
const WITHOUT_USER: [&str; 2] = ["count", "nothing"];

fn text() -> Value {
    json!({ "text": "a" })
}

fn arguments(tool: &str) -> Value {
    if tool == "echo" { text() } else { json!({}) }
}

/// A client that acts for nobody can do this, whatever it came by.
fn acts_for_nobody(list: &[String], answers: &[(&str, Value)]) {
    assert_eq!(list, WITHOUT_USER);
    for (tool, answer) in answers {
        if WITHOUT_USER.contains(tool) {
            assert_eq!(answer["result"]["isError"], false, "{answer}");
        } else {
            let text = error_text(answer);
            assert!(text.contains("signed-in user") && text.contains(&format!("`{tool}`")), "{text}");
        }
    }
}

#[tokio::test]
async fn a_token_without_a_user_lists_and_calls_what_needs_none() {
    let served = OverHttp::of(server()).await;
    let (nobodys, _) = served.token(binding());
    let mut answers = Vec::new();
    for tool in ALL {
        answers.push((tool, served.call(&nobodys, tool, arguments(tool)).await));
    }
    acts_for_nobody(&served.list(&nobodys).await, &answers);
    let (adas, _) = served.token(binding().user("ada"));
    assert_eq!(served.list(&adas).await, ALL);
    for tool in ALL {
        let answer = served.call(&adas, tool, arguments(tool)).await;
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        if tool == "echo" {
            assert_eq!(answer["result"]["structuredContent"]["region"], "ada's");
        }
    }
}

#[tokio::test]
async fn so_does_the_client_at_standard_input_and_output() {
    for version in [LEGACY, STATELESS] {
        let mut client = Client::ready(server(), version).await;
        let mut answers = Vec::new();
        for tool in ALL {
            answers.push((tool, client.call(tool, arguments(tool)).await));
        }
        acts_for_nobody(&client.list().await, &answers);
        let mut client = Client::bound(server(), version, binding().user("ada")).begun().await;
        assert_eq!(client.list().await, ALL);
        assert_eq!(client.call("tree", json!({})).await["result"]["isError"], false);
    }
}

/// SEMANTICS R11: an optional credential of a user's needs no user, and a tool that acts for one does.
#[tokio::test]
async fn an_optional_credential_of_a_user_hides_no_tool_and_a_pin_of_the_tool_does() {
    let server = || {
        let tools = toolset![OwnIfAny, OwnOfUser].unwrap();
        Server::new("researcher", tools, runtime()).run(|request| request.run())
    };
    for version in [LEGACY, STATELESS] {
        let mut client = Client::ready(server(), version).await;
        assert_eq!(client.list().await, ["own-if-any"]);
        let answer = client.call("own-if-any", json!({})).await;
        assert_eq!(answer["result"]["structuredContent"], json!({ "key": null }), "{answer}");
        let refused = client.call("own-of-user", json!({})).await;
        let text = error_text(&refused);
        assert!(text.contains("signed-in user") && text.contains("`own-of-user`"), "{text}");

        // Of two users, one has a key.
        for (user, key) in [("ada", json!("ada's")), ("bob", Value::Null)] {
            let mut client = Client::bound(server(), version, binding().user(user)).begun().await;
            assert_eq!(client.list().await, ["own-if-any", "own-of-user"]);
            for tool in ["own-if-any", "own-of-user"] {
                let answer = client.call(tool, json!({})).await;
                assert_eq!(answer["result"]["structuredContent"], json!({ "key": key }), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_users_token_uses_other_pins_as_they_are() {
    let tools = toolset![common::Echo.scope(Project), common::Tree.scope(User)].unwrap();
    let server = Server::new("researcher", tools, runtime()).run(|request| request.run());
    let mut client = Client::bound(server, LEGACY, binding().user("ada")).begun().await;
    let answer = client.call("echo", text()).await;
    assert_eq!(answer["result"]["structuredContent"]["region"], "the project's", "{answer}");
}

#[tokio::test]
async fn a_server_for_users_only_says_so_of_every_tool() {
    let server = || Server::new("researcher", tools(), runtime()).run(|request| request.run_as_user());
    let mut client = Client::ready(server(), LEGACY).await;
    assert_eq!(client.list().await, [""; 0]);
    for tool in ALL {
        let text = error_text(&client.call(tool, text()).await).to_owned();
        assert!(text.contains("works for signed-in users only"), "{text}");
        assert!(!text.contains("acts for"), "it is not the tool that does: {text}");
    }
    let mut client = Client::bound(server(), LEGACY, binding().user("ada")).begun().await;
    assert_eq!(client.list().await, ALL);
}

#[tokio::test]
async fn runs_of_the_programs_own_say_what_can_be_called() {
    // Whoever asks, this program's calls are all Ada's.
    let adas = Server::new("researcher", tools(), runtime())
        .run(|request| request.runtime().organization("acme").project("research").as_user("ada"));
    let mut client = Client::ready(adas, LEGACY).await;
    assert_eq!(client.list().await, ALL);
    assert_eq!(client.call("echo", text()).await["result"]["structuredContent"]["region"], "ada's");
    // Where all can call all, making runs is left to the calls.
    let none = Server::new("researcher", common::tools(), runtime()).run(|request| {
        assert_eq!(request.tool(), "count");
        request.run()
    });
    let mut client = Client::ready(none, LEGACY).await;
    assert_eq!(client.list().await.len(), 10);
    assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
    // A bug in what makes the runs hides the tool that it breaks, and no other.
    let broken = Server::new("researcher", tools(), runtime()).run(|request| {
        assert_ne!(request.tool(), "count", "a bug of the program's");
        request.run()
    });
    let mut client = Client::ready(broken, LEGACY).await;
    assert_eq!(client.list().await, ["nothing"]);
}

#[tokio::test]
async fn a_limited_token_knows_of_no_other_tools() {
    let served = OverHttp::of(server()).await;
    let (limited, _) = served.token(binding().user("ada").tools(["nothing", "echo", "gone"]));
    assert_eq!(served.list(&limited).await, ["echo", "nothing"], "in the order of the server's list");
    assert_eq!(served.call(&limited, "nothing", json!({})).await["result"]["isError"], false);
    let answer = async |tool: &str| served.call(&limited, tool, json!({})).await;
    let told = |answer: Value, tool: &str| answer.to_string().replace(tool, "…");
    let (not_allowed, not_there) = (answer("count").await, answer("nope").await);
    assert_eq!(not_allowed["error"]["code"], -32602);
    assert_eq!(told(not_allowed, "count"), told(not_there, "nope"));
    let (nobodys, _) = served.token(binding().tools(["nothing", "echo"]));
    assert_eq!(served.list(&nobodys).await, ["nothing"], "both limits hold");
    let (all, _) = served.token(binding().user("ada"));
    assert_eq!(served.list(&all).await, ALL);
}

#[tokio::test]
async fn a_revoked_token_lists_nothing_and_a_limited_binding_holds_over_standard_input() {
    let served = OverHttp::of(server()).await;
    let (token, id) = served.token(binding());
    served.tokens.revoke(&id).unwrap();
    assert_eq!(served.response(&token, "tools/list", json!({})).await.status(), 401);
    for version in [LEGACY, STATELESS] {
        let mut client = Client::bound(server(), version, binding().tools(["count"])).begun().await;
        assert_eq!(client.list().await, ["count"]);
        assert_eq!(client.call("nothing", json!({})).await["error"]["code"], -32602);
        assert_eq!(client.call("count", json!({})).await["result"]["isError"], false);
    }
}
