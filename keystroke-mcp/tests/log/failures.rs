//! What the operator is told when a call fails, and the model is not (SEMANTICS §4, S3).

use keystroke::testing::find_secret;
use serde_json::json;

use crate::common::log::{listen, logged};
use crate::common::{Client, LEGACY, SECRET, server};

#[tokio::test]
async fn the_operator_finds_in_the_log_what_the_model_is_not_told() {
    listen();
    let mut client = Client::ready(server().0, LEGACY).await;
    for (tool, level, told) in [
        ("missing", "WARN", "keystroke credentials set nowhere --set api_key=@stdin"),
        ("fail", "WARN", "account 17 refused [redacted:exa.api_key]"),
        ("panic", "WARN", "panicked at keystroke-mcp/tests/log/../common/mod.rs:"),
    ] {
        let arguments = if tool == "missing" { json!({ "text": "" }) } else { json!({}) };
        let mut answer = json!(null);
        let log = logged(async { answer = client.call(tool, arguments).await }).await;
        assert_eq!(find_secret(log.join("\n"), [SECRET]), None, "{tool}");
        let line = log.iter().find(|line| line.contains(told)).unwrap_or_else(|| panic!("{tool}: {log:?}"));
        assert!(line.starts_with(level) && line.contains(&format!("tool=\"{tool}\"")), "{line}");
        assert!(line.contains("agent=\"researcher\"") && !answer.to_string().contains(told), "{line}");
    }
}
