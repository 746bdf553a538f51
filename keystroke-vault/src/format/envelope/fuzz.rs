//! Whatever stands in a vault's file, taking an envelope apart and opening it ends with the fields that were sealed, or
//! with a reason. `docs/testing.md` says how to run it for longer.

use super::tests::{VAULT, candidate, fields, keys_of, open};
use super::*;
use crate::format::codec::Decoder;

/// Names and values, to compare.
fn texts(fields: &Fields) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| (name.to_owned(), value.expose_secret().to_owned())).collect()
}

#[test]
fn an_altered_envelope_opens_only_as_what_it_was() {
    let (keys, candidate) = (keys_of(VAULT), candidate());
    let identity = RecordIdentity::of(&VAULT, &candidate);
    let sealed = seal(&keys, &identity, &fields()).unwrap();
    bolero::check!().with_type::<(Vec<(u16, u8)>, Option<u16>, Vec<u8>)>().with_iterations(10_000).for_each(
        |(edits, cut, tail)| {
            let mut bytes = sealed.clone();
            for (at, byte) in edits.iter().take(4) {
                let at = usize::from(*at) % bytes.len();
                bytes[at] = *byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(usize::from(*cut) % (2 * sealed.len()));
            }
            bytes.extend(tail.iter().take(3));
            match open(&bytes, &keys, &identity) {
                Ok(opened) => {
                    assert_eq!(bytes, sealed, "a forged envelope opens");
                    assert_eq!(texts(&opened), texts(&fields()));
                }
                Err(reason) => assert!(bytes != sealed && !reason.is_empty()),
            }
        },
    );
}

#[test]
fn any_bytes_are_an_envelope_or_a_reason() {
    let (keys, candidate) = (keys_of(VAULT), candidate());
    let identity = RecordIdentity::of(&VAULT, &candidate);
    bolero::check!().with_type::<(u8, Vec<u8>)>().with_iterations(10_000).for_each(|(headed, bytes)| {
        // Of bytes alone hardly any begin as an envelope does, or nearly.
        let head: &[u8] = match headed % 4 {
            0 => &[],
            1 => &[FORMAT, XCHACHA20_POLY1305 + 1, 2],
            _ => &[FORMAT, XCHACHA20_POLY1305, 2],
        };
        let bytes = [head, bytes].concat();
        if let Ok(envelope) = Envelope::parse(&bytes) {
            // Its parts are all of it, in order.
            let parts = [envelope.head, &envelope.nonce, envelope.body, &envelope.tag].concat();
            assert_eq!(parts, bytes);
            assert!(parts.starts_with(&[FORMAT, XCHACHA20_POLY1305]));
            assert_eq!(envelope.head.get(3..), Some(envelope.key_id.as_bytes()));
            assert!(envelope.open(&keys, &identity).is_err(), "a made-up envelope opens");
        }
    });
}

#[test]
fn fields_are_decoded_as_they_were_encoded_and_from_nothing_else() {
    bolero::check!()
        .with_type::<(Vec<(String, String)>, Vec<(u16, u8)>, Vec<u8>)>()
        .with_iterations(5_000)
        .for_each(|(pairs, edits, bytes)| {
            let mut fields = Fields::new();
            pairs.iter().for_each(|(name, value)| fields.set(name, value.as_str()));
            let encoded = encode(&fields);
            let decoded = decode(&encoded).expect("what was encoded is decoded");
            assert_eq!(texts(&decoded), texts(&fields));
            let longer = [&encoded, bytes.as_slice()].concat();
            assert!(
                bytes.is_empty() || decode(&longer).is_none(),
                "bytes after the last field are read over"
            );
            let mut altered = encoded.to_vec();
            for (at, byte) in edits.iter().take(2) {
                let at = usize::from(*at) % altered.len();
                altered[at] = *byte;
            }
            // Lengths that the bytes do not have are no allocation and no panic.
            for bytes in [bytes.as_slice(), &altered] {
                if let Some(fields) = decode(bytes) {
                    let again = decode(&encode(&fields)).expect("what was decoded is encoded");
                    assert_eq!(texts(&again), texts(&fields));
                }
            }
        });
}

#[test]
fn a_decoder_gives_what_is_there_and_no_more() {
    bolero::check!().with_type::<(Vec<u8>, Vec<u8>)>().with_iterations(10_000).for_each(|(bytes, steps)| {
        let mut from = Decoder::new(bytes);
        let mut given = 0;
        for step in steps {
            let length = match step % 7 {
                0 => from.byte().map(|_| 1),
                1 => from.number().map(|_| 8),
                2 => from.signed().map(|_| 8),
                3 => from.bytes().map(|bytes| 8 + bytes.len()),
                4 => from.text().map(|text| 8 + text.len()),
                5 => from.optional_text().map(|text| 1 + text.map_or(0, |text| 8 + text.len())),
                _ => from.optional_signed().map(|number| 1 + number.map_or(0, |_| 8)),
            };
            // What was refused may have been begun.
            let Some(length) = length else { return };
            given += length;
        }
        assert_eq!(from.rest(), &bytes[given..]);
    });
}
