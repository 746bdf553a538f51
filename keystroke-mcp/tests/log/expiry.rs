//! A token that a server has refused because its time was over stays refused, also by the next server, whose clock was set
//! back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use keystroke::mcp::{Denied, Tokens};
use serde_json::json;

use crate::common::log::{listen, warnings};
use crate::common::over_http::OverHttp;
use crate::common::{binding, server};

const MADE: u64 = 1_000_000;
const OVER: u64 = MADE + 60;

/// A server with a token that lasts for a minute: what its client shows, and the server's clock.
async fn served() -> (OverHttp, String, Arc<AtomicU64>) {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicU64::new(MADE));
    let told = Arc::clone(&now);
    let tokens = Tokens::with_clock(folder.path(), move || at(told.load(Ordering::Relaxed)));
    let brief = tokens.create(binding(), None, Some(Duration::from_secs(60))).unwrap();
    let served = OverHttp::with(server().0, tokens, folder).await;
    (served, brief.token.expose_secret().to_owned(), now)
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

async fn status(served: &OverHttp, token: &str) -> u16 {
    served.response(token, "tools/list", json!({})).await.status().as_u16()
}

#[tokio::test]
async fn a_token_that_was_refused_as_expired_stays_so_for_the_next_server_as_well() {
    listen();
    let (served, token, now) = served().await;
    assert_eq!(status(&served, &token).await, 200);
    now.store(OVER, Ordering::Relaxed);
    assert_eq!(status(&served, &token).await, 401);
    now.store(MADE, Ordering::Relaxed);
    assert_eq!(status(&served, &token).await, 401, "while it runs");
    let next = Tokens::with_clock(served.tokens.file().parent().unwrap(), || at(MADE));
    assert!(matches!(next.check(&token), Err(Denied::Expired)), "and for the next one");
    assert!(std::fs::read_to_string(next.file()).unwrap().contains("\"version\": 2"));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_lets_it_in_no_more_and_the_operator_is_told_once() {
    listen();
    let (served, token, now) = served().await;
    let lock = served.tokens.file().with_extension("lock");
    let _ = std::fs::remove_file(&lock);
    std::fs::create_dir(&lock).unwrap();
    now.store(OVER, Ordering::Relaxed);
    let lines = warnings(async {
        for _ in 0..3 {
            assert_eq!(status(&served, &token).await, 401);
        }
    })
    .await;
    let [line] = &*lines else { panic!("{lines:?}") };
    assert!(line.contains("could not be marked") && line.contains("fix="), "{line}");
}
