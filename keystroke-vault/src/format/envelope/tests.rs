use keystroke_core::{CredentialKind, Fields, Instance, Owner};

use super::*;
use crate::format::subkeys::Key;

pub(super) const VAULT: VaultId = [1; 16];

/// What a key is for a vault.
pub(super) fn keys_of(vault: VaultId) -> Subkeys {
    let mut key = Key::default();
    key.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
    Subkeys::derive("k1", &key, &vault).unwrap()
}

pub(super) fn fields() -> Fields {
    let mut fields = Fields::new();
    fields.set("api_key", "a-secret");
    fields.set("zone", "é");
    fields
}

pub(super) fn candidate() -> Candidate {
    Instance::new("exa").in_project("acme", "research").id("exa-1").into_parts().0
}

pub(super) fn open(
    sealed: &[u8],
    keys: &Subkeys,
    identity: &RecordIdentity<'_>,
) -> Result<Fields, &'static str> {
    let envelope = Envelope::parse(sealed)?;
    if envelope.key_id == keys.id { envelope.open(keys, identity) } else { Err("no such key") }
}

#[test]
fn what_is_sealed_opens() {
    let (keys, candidate) = (keys_of(VAULT), candidate());
    let identity = RecordIdentity::of(&VAULT, &candidate);
    for fields in [fields(), Fields::new()] {
        let sealed = seal(&keys, &identity, &fields).unwrap();
        let opened = open(&sealed, &keys, &identity).unwrap();
        let texts = |fields: &Fields| {
            fields.iter().map(|(name, value)| format!("{name}={}", value.expose_secret())).collect::<Vec<_>>()
        };
        assert_eq!(texts(&opened), texts(&fields));
    }
}

#[test]
fn nothing_is_sealed_that_no_read_would_take() {
    let (keys, candidate) = (keys_of(VAULT), candidate());
    let mut fields = Fields::new();
    fields.set("big", "x".repeat(LONGEST));
    let error = seal(&keys, &RecordIdentity::of(&VAULT, &candidate), &fields).unwrap_err();
    assert!(matches!(error, SealError::TooLong), "{error:?}");
    assert!(crate::VaultError::from(error).to_string().contains("more than 8 MiB"));
}

#[test]
fn no_byte_can_be_changed_cut_or_added() {
    let (keys, candidate) = (keys_of(VAULT), candidate());
    let identity = RecordIdentity::of(&VAULT, &candidate);
    let sealed = seal(&keys, &identity, &fields()).unwrap();
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert!(open(&changed, &keys, &identity).is_err(), "byte {at}, bit {bit}");
        }
        assert!(open(&sealed[..at], &keys, &identity).is_err(), "cut at {at}");
    }
    let mut longer = sealed;
    longer.push(0);
    assert!(open(&longer, &keys, &identity).is_err());
}

#[test]
fn a_secret_is_bound_to_every_part_of_its_identity() {
    let (keys, candidate) = (keys_of(VAULT), candidate());
    let sealed = seal(&keys, &RecordIdentity::of(&VAULT, &candidate), &fields()).unwrap();
    type Change = fn(&mut Candidate);
    let changes: [Change; 9] = [
        |c| c.id = "exa-2".into(),
        |c| c.key = "slack".into(),
        |c| c.organization = "globex".into(),
        |c| c.owner = Owner::Organization,
        |c| c.owner = Owner::Project("ops".into()),
        |c| c.owner = Owner::User("research".into()),
        |c| c.kind = CredentialKind::OauthManaged,
        |c| c.version += 1,
        |c| (c.organization, c.key) = ("acm".into(), "eexa".into()),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut other = candidate.clone();
        change(&mut other);
        assert!(open(&sealed, &keys, &RecordIdentity::of(&VAULT, &other)).is_err(), "change {number}");
    }
    // Another vault under the same ring has other keys, and another id in the associated data.
    let other = [2; 16];
    assert!(open(&sealed, &keys, &RecordIdentity::of(&other, &candidate)).is_err());
    let other_keys = keys_of(other);
    assert!(open(&sealed, &other_keys, &RecordIdentity::of(&VAULT, &candidate)).is_err());
}

/// Field sets are authenticated before they are decoded; the decoder is total all the same.
#[test]
fn any_bytes_decode_or_do_not() {
    let whole = encode(&fields()).to_vec();
    assert!(decode(&whole).is_some());
    for at in 0..whole.len() {
        assert!(decode(&whole[..at]).is_none());
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] = value;
            let _ = decode(&changed);
        }
    }
    assert!(decode(&[0xff; 64]).is_none());
    assert!(decode(&u64::MAX.to_le_bytes()).is_none());
    let mut longer = whole;
    longer.push(0);
    assert!(decode(&longer).is_none());
}

#[test]
fn random_bytes_are_no_envelope_and_no_event() {
    for length in 0..400 {
        let mut bytes = vec![0; length];
        keystroke_files::random_bytes(&mut bytes).unwrap();
        let _ = Envelope::parse(&bytes);
        let _ = crate::audit::AuditEvent::decode(&bytes);
        let _ = decode(&bytes);
        // With a head that fits, so that the rest is looked at too.
        let headed = [&[1, 1, 2][..], b"k1", &bytes].concat();
        if let Ok(envelope) = Envelope::parse(&headed) {
            let (keys, candidate) = (keys_of(VAULT), candidate());
            assert!(envelope.open(&keys, &RecordIdentity::of(&VAULT, &candidate)).is_err());
        }
    }
}
