//! The file of tokens: what it holds, who may use it, and what happens when it is broken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystroke_core::testing::find_secret;
use keystroke_tokens::{Binding, Denied, NewToken, TokenError, Tokens};

fn folder() -> (tempfile::TempDir, Tokens) {
    let folder = tempfile::tempdir().unwrap();
    let tokens = Tokens::in_folder(folder.path().join("data"));
    (folder, tokens)
}

fn binding() -> Binding {
    Binding::new("acme", "research")
}

#[test]
fn a_token_is_32_random_bytes_and_the_file_holds_none_of_them() {
    let (_folder, tokens) = folder();
    let made: Vec<_> =
        (0..50).map(|_| tokens.create(binding().user("ada"), Some("laptop".into()), None).unwrap()).collect();
    let file = fs::read_to_string(tokens.file()).unwrap();
    let mut seen = std::collections::HashSet::new();
    for new in &made {
        let token = new.token.expose_secret();
        let (id, secret) = token.strip_prefix("kst_").unwrap().split_once('_').unwrap();
        assert_eq!(id, new.info.id);
        let bytes = URL_SAFE_NO_PAD.decode(secret).unwrap();
        assert_eq!(bytes.len(), 32);
        assert!(seen.insert(bytes.clone()) && file.contains(id));
        assert_eq!(find_secret(&file, [token, secret]), None);
        assert!(!format!("{new:?}").contains(secret));
        assert_eq!(tokens.check(token).unwrap(), new.info);
        // The control: the search does find it.
        assert!(find_secret(format!("{file}{secret}"), [secret]).is_some());
    }
    assert_eq!(tokens.list().unwrap().len(), 50);
}

#[test]
#[cfg(unix)]
fn the_file_is_this_users_alone_and_one_that_others_can_use_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, tokens) = folder();
    let token = tokens.create(binding(), None, None).unwrap().token;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(tokens.file()), 0o600);
    assert_eq!(mode(tokens.file().parent().unwrap()), 0o700);
    for open in [0o640, 0o604, 0o620, 0o602] {
        fs::set_permissions(tokens.file(), fs::Permissions::from_mode(open)).unwrap();
        let fresh = Tokens::in_folder(tokens.file().parent().unwrap());
        for tokens in [&tokens, &fresh] {
            let denied = tokens.check(token.expose_secret());
            assert!(
                matches!(denied, Err(Denied::Store(TokenError::NotPrivate { .. }))),
                "{open:o}: {denied:?}"
            );
            assert_eq!(tokens.list().unwrap_err().code(), "tokens_not_private");
            assert_eq!(tokens.create(binding(), None, None).unwrap_err().code(), "tokens_not_private");
        }
    }
    fs::set_permissions(tokens.file(), fs::Permissions::from_mode(0o600)).unwrap();
    tokens.check(token.expose_secret()).unwrap();
}

#[test]
fn a_broken_file_is_named_and_never_written_over() {
    let (_folder, tokens) = folder();
    let made = tokens.create(binding(), None, None).unwrap();
    let sound = fs::read_to_string(tokens.file()).unwrap();
    let hash = sound.split("\"sha256\": \"").nth(1).unwrap().split('"').next().unwrap();
    // A slip puts the token where its id or a name belongs.
    let token = made.token.expose_secret();
    let secret = token.splitn(3, '_').nth(2).unwrap();
    let misplaced = sound.replacen(&made.info.id, token, 1);
    for broken in [
        misplaced.replace(hash, "short"),
        misplaced.replace("created_at\": \"", "created_at\": \"x"),
        sound.replacen('{', &format!("{{\"{token}\": 1,"), 1),
        sound.replace("\"organization\"", &format!("\"{token}\"")),
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        sound.replace("\"version\": 1", "\"version\": 0"),
        sound.replace("\"version\": 1", "\"version\": -1"),
        sound.replace("\"label\"", "\"tool\": [], \"label\""),
        sound.replace("\"label\"", "\"tools\": \"echo\", \"label\""),
        sound.replace(hash, "short"),
        sound.replace("created_at\": \"", "created_at\": \"x"),
        sound.replace("\"organization\"", "\"organisation\""),
        sound.replacen('{', "{\"more\": 1,", 1),
        "x".repeat(5 * 1024 * 1024),
    ] {
        fs::write(tokens.file(), &broken).unwrap();
        let error = tokens.list().unwrap_err();
        assert_eq!(error.code(), "tokens_malformed", "{broken:.80}");
        assert!(error.to_string().contains("mcp-tokens.json") && !error.fix().is_empty(), "{error}");
        assert!(!error.to_string().contains(secret), "{error}");
        assert!(matches!(tokens.check(made.token.expose_secret()), Err(Denied::Store(_))));
        // `create` need not read times and hashes to keep them; whatever it does not understand stays.
        if tokens.create(binding(), None, None).is_err() {
            assert_eq!(fs::read_to_string(tokens.file()).unwrap(), broken);
        }
    }
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let (_folder, tokens) = folder();
    fs::create_dir_all(tokens.file()).unwrap();
    assert!(tokens.list().is_err() && tokens.create(binding(), None, None).is_err());
    fs::remove_dir(tokens.file()).unwrap();
    assert!(tokens.list().unwrap().is_empty(), "absent is not broken");
    std::os::unix::fs::symlink("/dev/zero", tokens.file()).unwrap();
    assert!(tokens.list().is_err());
}

/// Whoever may write to the folder could have put a link in the lock's place, or a pipe, which would be waited for.
#[test]
#[cfg(unix)]
fn a_lock_that_is_a_link_or_a_pipe_is_refused_and_neither_followed_nor_waited_for() {
    let (_folder, tokens) = folder();
    let made = tokens.create(binding(), None, None).unwrap();
    let lock = tokens.file().with_extension("lock");
    let elsewhere = tokens.file().with_file_name("elsewhere");
    let refused = || {
        for error in [
            tokens.create(binding(), None, None).map(drop).unwrap_err(),
            tokens.revoke(&made.info.id).map(drop).unwrap_err(),
        ] {
            assert_eq!(error.code(), "tokens_io");
            assert!(
                error
                    .problem()
                    .ends_with("it is not a regular file but a link, a pipe, a folder or the like")
            );
            assert!(error.fix().contains(&format!("`mv {0} {0}.old`", lock.display())), "{error}");
        }
        // Who only reads needs no lock.
        tokens.check(made.token.expose_secret()).unwrap();
    };
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &lock).unwrap();
    refused();
    assert!(!elsewhere.exists());
    fs::write(&elsewhere, "somebody's").unwrap();
    refused();
    fs::remove_file(&lock).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&lock).status().unwrap().success());
    refused();
    let _reader = fs::File::options().read(true).write(true).open(&lock).unwrap();
    refused();
    fs::remove_file(&lock).unwrap();
    tokens.revoke(&made.info.id).unwrap();
    let left = fs::read_dir(lock.parent().unwrap()).unwrap().count();
    assert_eq!(left, 3, "tokens, lock and `elsewhere`: nothing is left of what was being written");
}

#[test]
fn a_folder_that_is_a_key_is_not_shown() {
    let ring = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let tokens = Tokens::in_folder(std::path::Path::new("/dev/null").join(ring));
    let error = tokens.create(binding(), None, None).unwrap_err();
    assert!(!format!("{error} {} {tokens:?}", error.fix()).contains("AAEC"), "{error}");
}

#[test]
fn a_token_ends_when_it_expires_or_is_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicU64::new(1_000_000));
    let clock = Arc::clone(&now);
    let tokens = Tokens::with_clock(folder.path(), move || {
        SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed))
    });
    let brief = tokens.create(binding(), None, Some(Duration::from_secs(60))).unwrap();
    let lasting = tokens.create(binding(), None, None).unwrap();
    now.fetch_add(59, Ordering::Relaxed);
    assert_eq!(tokens.check(brief.token.expose_secret()).unwrap(), brief.info);
    now.fetch_add(1, Ordering::Relaxed);
    assert!(matches!(tokens.check(brief.token.expose_secret()), Err(Denied::Expired)));
    assert_eq!(tokens.usable().unwrap(), 1);
    let wrong = format!("kst_{}_{}", brief.info.id, "A".repeat(43));
    assert!(
        matches!(tokens.check(&wrong), Err(Denied::Unknown)),
        "who does not have it learns nothing of it"
    );
    assert_eq!(tokens.revoke(&lasting.info.id).unwrap(), lasting.info);
    assert!(matches!(tokens.check(lasting.token.expose_secret()), Err(Denied::Unknown)));
    assert_eq!(tokens.revoke(&lasting.info.id).unwrap_err().code(), "token_not_found");
    let far = tokens.create(binding(), None, Some(Duration::from_secs(u64::MAX))).unwrap_err();
    assert_eq!(far.code(), "expiry_too_far");
}

/// A clock that a test sets, in seconds since 1970.
fn clock(seconds: u64) -> (Arc<AtomicU64>, impl Fn() -> SystemTime + Send + Sync + Clone + 'static) {
    let now = Arc::new(AtomicU64::new(seconds));
    let told = Arc::clone(&now);
    (now, move || SystemTime::UNIX_EPOCH + Duration::from_secs(told.load(Ordering::Relaxed)))
}

#[test]
fn what_expired_stays_so_where_the_clock_is_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let (now, tell) = clock(1_000_000);
    let tokens = Tokens::with_clock(folder.path(), tell.clone());
    let brief = tokens.create(binding(), None, Some(Duration::from_secs(60))).unwrap();
    let other = tokens.create(binding(), None, Some(Duration::from_secs(60))).unwrap();
    let long = tokens.create(binding(), None, Some(Duration::from_secs(600))).unwrap();
    let check = |tokens: &Tokens, new: &NewToken| tokens.check(new.token.expose_secret()).map(|info| info.id);
    let is_expired = |denied| matches!(denied, Err(Denied::Expired));
    // Another token's check, even of one that nobody knows, tells the time as well.
    now.store(1_000_060, Ordering::Relaxed);
    assert!(matches!(tokens.check("nonsense"), Err(Denied::Unknown)));
    for set_back in [1_000_059, 0, 1_000_000] {
        now.store(set_back, Ordering::Relaxed);
        assert!(is_expired(check(&tokens, &brief)), "{set_back}");
        assert_eq!(check(&tokens, &long).unwrap(), long.info.id);
        assert_eq!((tokens.usable().unwrap(), tokens.list().unwrap()[0].expired), (1, true));
    }
    // In the file it is marked once; the next process goes by that.
    let marked: Vec<_> = tokens.mark_expired().unwrap().into_iter().map(|info| info.id).collect();
    assert_eq!(marked, [brief.info.id.clone(), other.info.id.clone()]);
    let text = fs::read_to_string(tokens.file()).unwrap();
    assert_eq!(tokens.mark_expired().unwrap(), []);
    assert_eq!(fs::read_to_string(tokens.file()).unwrap(), text);
    let restarted = Tokens::with_clock(folder.path(), tell);
    assert!(is_expired(check(&restarted, &brief)) && is_expired(check(&restarted, &other)));
    assert_eq!(check(&restarted, &long).unwrap(), long.info.id);
    assert!(restarted.list().unwrap()[0].expired && !restarted.list().unwrap()[2].expired);
    assert_eq!(restarted.revoke(&brief.info.id).unwrap().id, brief.info.id);
}

#[test]
fn a_token_that_is_made_after_the_clock_was_set_back_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let (now, tell) = clock(1_000_000);
    let tokens = Tokens::with_clock(folder.path(), tell);
    tokens.create(binding(), None, None).unwrap();
    now.store(500_000, Ordering::Relaxed);
    let made = tokens.create(binding(), None, Some(Duration::from_secs(60))).unwrap();
    assert!(tokens.check(made.token.expose_secret()).is_ok());
}

/// The file as a program read it that knew no limits: it refuses what it has no word for.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "what matters is which fields there are")]
struct FirstVersion {
    version: u32,
    tokens: Vec<FirstRecord>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "what matters is which fields there are")]
struct FirstRecord {
    id: String,
    sha256: String,
    organization: String,
    project: String,
    user: Option<String>,
    label: Option<String>,
    created_at: String,
    expires_at: Option<String>,
}

#[test]
fn an_older_program_reads_a_file_without_limits_and_takes_no_limited_token_for_another() {
    let (_folder, tokens) = folder();
    let older = || serde_json::from_slice::<FirstVersion>(&fs::read(tokens.file()).unwrap());
    let old = tokens.create(binding().user("ada"), Some("old".into()), None).unwrap();
    assert_eq!(older().unwrap().version, 1);
    let limited = tokens.create(binding().tools(["echo", "count", "echo"]), None, None).unwrap();
    assert!(older().is_err());
    let known = tokens.check(limited.token.expose_secret()).unwrap();
    assert_eq!(known.binding.tools, Some(["count".to_owned(), "echo".to_owned()].into()));
    assert!(known.binding.allows("echo") && !known.binding.allows("leak"));
    assert!(tokens.check(old.token.expose_secret()).unwrap().binding.allows("leak"));
    // No tool is not the same as all of them, also in the file.
    let none = tokens.create(binding().tools([""; 0]), None, None).unwrap();
    let fresh = Tokens::in_folder(tokens.file().parent().unwrap());
    assert!(!fresh.check(none.token.expose_secret()).unwrap().binding.allows("echo"));
    tokens.revoke(&limited.info.id).unwrap();
    tokens.revoke(&none.info.id).unwrap();
    assert_eq!(older().unwrap().version, 1, "nothing in it is new any more");
}

#[test]
fn a_file_of_a_newer_version_lets_nobody_in_and_says_what_to_update() {
    let (_folder, tokens) = folder();
    let made = tokens.create(binding(), None, None).unwrap();
    let newer = r#"{ "version": 3, "tokens": { "by_id": {} } }"#;
    fs::write(tokens.file(), newer).unwrap();
    assert!(matches!(
        tokens.check(made.token.expose_secret()),
        Err(Denied::Store(TokenError::Newer { version: 3, .. }))
    ));
    let error = tokens.create(binding(), None, None).unwrap_err();
    assert!(error.code() == "tokens_newer" && error.to_string().contains("update"), "{error}");
    assert_eq!(
        fs::read_to_string(tokens.file()).unwrap(),
        newer,
        "what is not understood is not written over"
    );
}

#[test]
fn a_token_in_the_place_of_its_id_is_not_repeated() {
    let (_folder, tokens) = folder();
    let made = tokens.create(binding(), None, None).unwrap();
    let token = made.token.expose_secret();
    let error = tokens.revoke(token).unwrap_err().to_string();
    assert_eq!(find_secret(&error, [token]), None, "{error}");
}

#[test]
fn those_who_change_the_file_at_once_lose_nothing() {
    let (_folder, tokens) = folder();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            // As many processes would: nothing in memory is shared.
            let tokens = Tokens::in_folder(tokens.file().parent().unwrap());
            std::thread::spawn(move || {
                for _ in 0..10 {
                    let first = tokens.create(binding(), None, None).unwrap();
                    let second = tokens.create(binding(), None, None).unwrap();
                    tokens.revoke(&first.info.id).unwrap();
                    tokens.check(second.token.expose_secret()).unwrap();
                    assert!(tokens.check(first.token.expose_secret()).is_err());
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(tokens.list().unwrap().len(), 40);
    let names: Vec<_> = fs::read_dir(tokens.file().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "the file and its lock: {names:?}");
}
