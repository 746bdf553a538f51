//! A clock that is set back revives nothing that has expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::common::{Home, exa, store, used};
use keystroke_core::Runtime;
use keystroke_vault::{AuditFilter, Vault};

const START: u64 = 1_900_000_000;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(START + seconds)
}

/// A process whose clock stands at `seconds`: what it is lent.
async fn lent_at(home: &Home, seconds: u64, project: &str) -> Result<String, String> {
    let vault = Vault::open_with(home.options().clock(move || at(seconds))).unwrap();
    let runtime = Runtime::new(vault.clone()).with_clock(move || at(seconds));
    let lent = used(&runtime.organization("acme").project(project)).await;
    vault.flush().unwrap();
    lent
}

fn full() -> Home {
    let home = Home::new();
    let (vault, _) = Vault::init(home.options().clock(|| at(0))).unwrap();
    store(&vault, "brief", exa().in_project("acme", "brief").expires_at(at(100)));
    store(&vault, "lasting", exa().in_project("acme", "lasting"));
    home
}

#[tokio::test]
async fn what_expired_stays_so_in_other_processes() {
    let home = full();
    assert_eq!(lent_at(&home, 50, "brief").await.unwrap(), "brief-secret");
    assert!(lent_at(&home, 150, "brief").await.unwrap_err().contains("\nexpired: "));
    // That was refused, and is on record with its time. Now the clock is set back.
    let error = lent_at(&home, 50, "brief").await.unwrap_err();
    for text in [
        "store_unavailable: ",
        "the clock was set back: `brief` expired at",
        "set this machine's clock right",
    ] {
        assert!(error.contains(text), "{error}");
    }
    assert!(!error.contains("brief-secret"));
    // What does not expire is lent by any clock, and the record is sound and in order.
    assert_eq!(lent_at(&home, 10, "lasting").await.unwrap(), "lasting-secret");
    let vault = home.open();
    vault.verify().unwrap();
    let entries = vault.audit(&AuditFilter::default()).unwrap();
    let refused: Vec<_> = entries.iter().filter_map(|entry| entry.code.as_deref()).collect();
    assert!(refused.contains(&"expired") && refused.contains(&"not_released"), "{refused:?}");
}

#[tokio::test]
async fn what_expired_stays_so_in_a_process_that_holds_it() {
    let home = full();
    let seconds = Arc::new(AtomicU64::new(50));
    let (vaults, runtimes) = (Arc::clone(&seconds), Arc::clone(&seconds));
    let vault = Vault::open_with(home.options().clock(move || at(vaults.load(Ordering::Relaxed)))).unwrap();
    let runtime = Runtime::new(vault).with_clock(move || at(runtimes.load(Ordering::Relaxed)));
    let run = runtime.organization("acme").project("brief");
    assert_eq!(used(&run).await.unwrap(), "brief-secret");
    for set in [150, 50, 0] {
        seconds.store(set, Ordering::Relaxed);
        assert!(used(&run).await.unwrap_err().contains("\nexpired: "), "{set}");
    }
}
