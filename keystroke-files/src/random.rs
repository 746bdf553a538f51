//! Random bytes, and random ids.

/// Lower-case Crockford base32: no letter can be mistaken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Fills `bytes` from the operating system.
///
/// # Errors
/// The system gives none.
pub fn random_bytes(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

/// A random id, five bits a character.
///
/// # Errors
/// As [`random_bytes`].
pub fn random_base32(length: usize) -> Result<String, getrandom::Error> {
    let mut bytes = vec![0_u8; length];
    random_bytes(&mut bytes)?;
    // 256 is a multiple of 32, so the remainder is as evenly spread as the byte.
    let letter = |byte: u8| ALPHABET.get(usize::from(byte % 32)).map(|letter| char::from(*letter));
    Ok(bytes.into_iter().filter_map(letter).collect())
}

/// Whether [`random_base32`] could have returned this text.
pub fn is_base32(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_is_of_its_letters() {
        let text = random_base32(12).unwrap();
        assert!(is_base32(&text, 12) && !is_base32(&text, 11) && !is_base32("0123456789ab!", 13));
        assert_ne!(text, random_base32(12).unwrap());
    }
}
