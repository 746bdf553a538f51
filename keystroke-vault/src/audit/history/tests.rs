use keystroke_core::Instance;

use crate::audit::AuditEvent;
use crate::{Add, AuditFilter, Vault, VaultOptions};

/// What a process leaves that is killed between the row of a restoring and the restoring itself, and what one leaves
/// whose disk was full.
#[test]
fn a_restoring_that_never_happened_takes_nothing_back() {
    for codes in [&[None][..], &[None, Some("not_committed")]] {
        let folder = tempfile::tempdir().unwrap();
        let (vault, _) = Vault::init(VaultOptions::at(folder.path())).unwrap();
        let add = |id: &str| {
            let own = Instance::new("exa").in_project("acme", id).id(id).field("api_key", "a-long-secret");
            vault.add([own], Add::OnlyFirst).unwrap();
        };
        add("first");
        for code in codes {
            let event = AuditEvent {
                event: "restore",
                version: Some(0),
                generation: Some(2),
                code: *code,
                ..AuditEvent::default()
            };
            vault.inner.audit.commit_blocking(vec![event.encode()]).unwrap();
        }
        let committed = || {
            let entries = vault.audit(&AuditFilter::default()).unwrap();
            entries.into_iter().map(|entry| (entry.event, entry.committed)).collect::<Vec<_>>()
        };
        assert_eq!(committed()[1], ("set".to_owned(), Some(true)), "{codes:?}");
        assert_eq!(committed()[2], ("restore".to_owned(), Some(false)), "{codes:?}");
        add("second");
        assert_eq!(committed()[1], ("set".to_owned(), Some(true)), "{codes:?}");
        assert_eq!(committed()[2], ("restore".to_owned(), Some(false)), "{codes:?}");
    }
}
